//! Posts: who holds which, from when to when, and that nobody gives one to themselves.

use crate::support::records::new_holding;
use crate::support::{TestApp, captured_log, instant, on_both};
use ::records::people::post_holdings::in_post_on;
use db::schema::users;
use diesel::prelude::*;
use domain::Role;
use domain::authority::PostHolder;
use serde_json::{Value, json};

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

async fn somebody(app: &TestApp) -> String {
    app.as_role(Role::Manager).my_id().await
}

fn in_post(app: &TestApp, day: &str) -> Vec<PostHolder> {
    let day = day.parse().unwrap();
    app.store.read(|connection| in_post_on(connection, day)).unwrap()
}

#[test]
fn somebody_is_put_in_a_post_and_found_there() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let (head, deputy) = (somebody(app).await, somebody(app).await);
        let made = administrator.post("/v1/post-holdings", &new_holding("head_of_service", &head)).await.expect(201);
        insta::assert_json_snapshot!("a_post_holding", made.redacted());
        let history = administrator.get(made.header("location")).await.expect(200).body;
        assert_eq!(history, json!({ "versions": [made.body] }));
        administrator.agree_holding(made.body["holding_id"].as_str().unwrap()).await;
        let stands_in = with(with(new_holding("head_of_service", &deputy), "capacity", json!("deputy")), "valid_to", json!("2024-06-01"));
        let stands_in = administrator.put_in_post(&stands_in).await;
        let manages = administrator.put_in_post(&new_holding("team_manager", &deputy)).await;
        let practitioner = app.as_role(Role::Practitioner);
        for (question, found) in [
            (String::new(), vec![&made.body, &stands_in, &manages]),
            ("?post=head_of_service".to_owned(), vec![&made.body, &stands_in]),
            (format!("?user_id={deputy}"), vec![&stands_in, &manages]),
            ("?on=2024-03-31".to_owned(), vec![]),
            ("?on=2024-05-31".to_owned(), vec![&made.body, &stands_in, &manages]),
            ("?on=2024-06-01".to_owned(), vec![&made.body, &manages]),
            (format!("?on=2024-06-01&post=head_of_service&user_id={head}"), vec![&made.body]),
            ("?post=director".to_owned(), vec![]),
        ] {
            let page = practitioner.get(&format!("/v1/post-holdings{question}")).await.expect(200).body;
            let named = found.into_iter().map(|holding| {
                let holding = with(holding.clone(), "waits_for_agreement", json!(false));
                with(holding.clone(), "username", username(app, &holding["user_id"]).into())
            });
            assert_eq!(page["items"], json!(named.collect::<Vec<_>>()), "{question}");
        }
    });
}

/// What a user logs in with.
fn username(app: &TestApp, id: &Value) -> String {
    let find = |connection: &mut db::AnyConnection| {
        Ok::<_, db::Error>(users::table.find(id.as_str().unwrap()).select(users::username).first(connection)?)
    };
    app.store.read(find).unwrap()
}

#[test]
fn whom_a_record_may_name_is_listed_with_the_posts_of_today_and_nothing_else() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let people = [somebody(app).await, somebody(app).await, app.as_role(Role::Practitioner).my_id().await, somebody(app).await];
        administrator.holding("team_manager", &people[0]).await;
        administrator.put_in_post(&with(new_holding("director", &people[0]), "capacity", json!("deputy"))).await;
        // A post of a person whose role decides nothing; one that is over, one still to come, one recorded by mistake.
        administrator.holding("team_manager", &people[2]).await;
        let over = with(new_holding("team_manager", &people[1]), "valid_to", json!("2024-06-03"));
        administrator.put_in_post(&over).await;
        let to_come = with(new_holding("director", &people[1]), "valid_from", json!("2024-06-04"));
        administrator.put_in_post(&to_come).await;
        let mistake = administrator.holding("head_of_service", &people[1]).await;
        administrator.record(&format!("/v1/post-holdings/{mistake}/reversal"), &json!({ "reason": "Another person" })).await;
        administrator.post(&format!("/v1/users/{}/disabling", people[3]), &json!({})).await.expect(200);
        let auditor = app.as_role(Role::Auditor);
        let pages = auditor.all_pages("/v1/people", 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        let held = |post: &str, capacity: &str| json!({ "post": post, "capacity": capacity });
        let posts = [
            vec![],
            vec![held("director", "deputy"), held("team_manager", "holder")],
            vec![],
            vec![held("team_manager", "holder")],
            vec![],
        ];
        let ids = [&administrator.my_id().await, &people[0], &people[1], &people[2], &auditor.my_id().await].map(|id| json!(id));
        let expected = ids.iter().zip(posts).map(|(id, posts)| json!({ "id": id, "username": username(app, id), "posts": posts }));
        assert_eq!(pages.concat(), expected.collect::<Vec<_>>());
        for role in [Role::PanelSupport, Role::Practitioner, Role::Manager] {
            app.as_role(role).get("/v1/people?limit=1").await.expect(200);
        }
        app.as_client(&[domain::Permission::ReportsRead]).await.get("/v1/people").await.expect_problem(403, "not_allowed");
    });
}

#[test]
fn a_holding_with_nothing_to_stand_on_is_told_all_of_it() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let bad = json!({
            "post": "no_such_post", "user_id": db::new_id(), "capacity": "holder", "valid_from": "2024-04-01", "valid_to": "2024-04-01",
            "reason": "-"
        });
        let refused = administrator.post("/v1/post-holdings", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_holding_with_nothing_to_stand_on", refused.redacted());
        let left = somebody(app).await;
        administrator.post(&format!("/v1/users/{left}/disabling"), &json!({})).await.expect(200);
        let refused = administrator.post("/v1/post-holdings", &new_holding("director", &left)).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/user_id".to_owned()], &json!("disabled")));
        let there = somebody(app).await;
        for (field, value) in [
            ("post", json!("Head of service")),
            ("user_id", json!("jane.doe")),
            ("capacity", json!("acting")),
            ("valid_from", json!("1990-03-31")),
            ("valid_from", json!("2024-02-30")),
            ("valid_to", json!("2024-03-31")),
            ("valid_to", json!("2099-04-01")),
            ("reason", json!("")),
            ("reason", json!("x".repeat(501))),
        ] {
            let refused = administrator.post("/v1/post-holdings", &with(new_holding("director", &there), field, value.clone())).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), [format!("/{field}")], "{value}");
        }
        assert_eq!(app.count("post_holdings"), 0);
    });
}

#[test]
fn nobody_puts_themselves_in_a_post_or_takes_themselves_out() {
    on_both(async |app| {
        let (one, other) = (app.as_role(Role::Administrator), app.as_role(Role::Administrator));
        let me = one.my_id().await;
        let refused = one.post("/v1/post-holdings", &new_holding("director", &me)).await.expect_problem(403, "not_allowed");
        insta::assert_json_snapshot!("somebody_puts_themselves_in_a_post", refused.redacted());
        let holding = other.holding("director", &me).await;
        let end = (format!("/v1/post-holdings/{holding}/end"), json!({ "valid_to": "2024-07-01", "reason": "Leaving" }));
        let reversal = (format!("/v1/post-holdings/{holding}/reversal"), json!({ "reason": "Never took it up" }));
        for (path, body) in [&end, &reversal] {
            one.post(path, body).await.expect_problem(403, "not_allowed");
        }
        assert_eq!(app.count("post_holdings"), 1);
        for (path, body) in [&end, &reversal] {
            other.post(path, body).await.expect(201);
        }
        let manager = app.as_role(Role::AssistantDirector);
        manager.post("/v1/post-holdings", &new_holding("director", &me)).await.expect_problem(403, "not_allowed");
    });
}

#[test]
fn two_may_share_a_post_and_one_does_not_hold_it_twice() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let (one, other) = (somebody(app).await, somebody(app).await);
        let until_june = with(new_holding("head_of_service", &one), "valid_to", json!("2024-06-01"));
        let first = administrator.put_in_post(&until_june).await["holding_id"].as_str().unwrap().to_owned();
        administrator.holding("head_of_service", &other).await;
        administrator.holding("director", &one).await;
        for (from, to) in [
            ("2024-05-31", json!(null)),
            ("2024-03-01", json!("2024-04-02")),
            ("2024-03-01", json!(null)),
            ("2024-05-01", json!("2024-05-02")),
        ] {
            for capacity in ["holder", "deputy"] {
                let twice = json!({
                    "post": "head_of_service", "user_id": one, "capacity": capacity, "valid_from": from, "valid_to": to, "reason": "-"
                });
                let refused = administrator.post("/v1/post-holdings", &twice).await.expect_problem(409, "period_overlaps");
                assert!(refused.body["detail"].as_str().unwrap().contains(&first), "{}", refused.text);
            }
        }
        let before = with(with(new_holding("head_of_service", &one), "valid_from", json!("2024-03-01")), "valid_to", json!("2024-04-01"));
        administrator.post("/v1/post-holdings", &before).await.expect(201);
        let after = with(new_holding("head_of_service", &one), "valid_from", json!("2024-06-01"));
        let after = administrator.put_in_post(&after).await["holding_id"].as_str().unwrap().to_owned();
        // The first one's end may not be moved into the next, until that one never was.
        let end = (format!("/v1/post-holdings/{first}/end"), json!({ "valid_to": "2024-06-02", "reason": "Stayed on" }));
        let refused = administrator.post(&end.0, &end.1).await.expect_problem(409, "period_overlaps");
        insta::assert_json_snapshot!("a_holding_moved_into_the_next", refused.redacted());
        administrator.record(&format!("/v1/post-holdings/{after}/reversal"), &json!({ "reason": "Stayed on instead" })).await;
        administrator.post(&end.0, &end.1).await.expect(201);
    });
}

#[test]
fn a_holding_recorded_twice_at_once_is_recorded_once() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        for _ in 0..5 {
            let new = new_holding("team_manager", &somebody(app).await);
            let (one, two) = tokio::join!(administrator.post("/v1/post-holdings", &new), administrator.post("/v1/post-holdings", &new));
            let mut statuses = [one.status, two.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409], "{} {}", one.text, two.text);
        }
        assert_eq!(app.count("post_holdings"), 5);
    });
}

#[test]
fn a_holding_ends_and_is_reversed_and_what_was_known_when_remains() {
    on_both(async |app| {
        app.clock.set(instant("2024-04-02T09:00:00"));
        let administrator = app.as_role(Role::Administrator);
        let person = somebody(app).await;
        let holding = administrator.holding("head_of_service", &person).await;
        let (end, reversal) = (format!("/v1/post-holdings/{holding}/end"), format!("/v1/post-holdings/{holding}/reversal"));
        let on = |day: &str| json!({ "valid_to": day, "reason": "Left the service" });
        app.clock.set(instant("2024-05-20T16:30:00"));
        administrator.record(&end, &on("2024-06-01")).await;
        let again = administrator.post(&end, &on("2024-06-01")).await.expect_problem(409, "state_conflict");
        insta::assert_json_snapshot!("a_holding_ended_twice", again.redacted());
        for day in ["2024-04-01", "2024-03-31", "2099-04-01"] {
            assert_eq!(administrator.post(&end, &on(day)).await.expect_problem(422, "invalid_body").pointers(), ["/valid_to"], "{day}");
        }
        app.clock.set(instant("2024-06-03T09:00:00"));
        let mistake = json!({ "reason": "Never took it up" });
        administrator.record(&reversal, &mistake).await;
        administrator.post(&reversal, &mistake).await.expect_problem(409, "state_conflict");
        administrator.post(&end, &on("2024-07-01")).await.expect_problem(409, "state_conflict");
        let history = administrator.get(&format!("/v1/post-holdings/{holding}")).await.expect(200);
        insta::assert_json_snapshot!("a_holding_with_its_history", history.redacted());
        let known: Vec<_> = history.body["versions"].as_array().unwrap().iter().map(|version| version["recorded_at"].clone()).collect();
        assert_eq!(known, ["2024-04-02T09:00:00Z", "2024-05-20T16:30:00Z", "2024-06-03T09:00:00Z"]);
        assert_eq!(administrator.get("/v1/post-holdings").await.body["items"], json!([]));
        let unknown = db::new_id();
        administrator.get(&format!("/v1/post-holdings/{unknown}")).await.expect_problem(404, "not_found");
        administrator.post(&format!("/v1/post-holdings/{unknown}/end"), &on("2024-07-01")).await.expect_problem(404, "not_found");
        administrator.post(&format!("/v1/post-holdings/{unknown}/reversal"), &mistake).await.expect_problem(404, "not_found");
    });
}

#[test]
fn those_in_a_post_on_a_day_are_its_last_word_and_have_an_account() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let people = [somebody(app).await, somebody(app).await, somebody(app).await];
        let until_july = with(new_holding("team_manager", &people[0]), "valid_to", json!("2024-07-01"));
        administrator.put_in_post(&until_july).await;
        let deputy = with(new_holding("head_of_service", &people[1]), "capacity", json!("deputy"));
        administrator.put_in_post(&deputy).await;
        let left = administrator.holding("team_manager", &people[1]).await;
        administrator.record(&format!("/v1/post-holdings/{left}/end"), &json!({ "valid_to": "2024-05-01", "reason": "Moved" })).await;
        let mistake = administrator.holding("director", &people[0]).await;
        administrator.record(&format!("/v1/post-holdings/{mistake}/reversal"), &json!({ "reason": "Another person" })).await;
        let gone = administrator.holding("director", &people[2]).await;
        let found = |day: &str| -> Vec<(String, usize, &'static str)> {
            let place = |id: &str| people.iter().position(|person| person == id).unwrap();
            in_post(app, day).into_iter().map(|person| (person.post, place(&person.user_id), person.capacity.as_str())).collect()
        };
        let (head, director) = (("head_of_service".to_owned(), 1, "deputy"), ("director".to_owned(), 2, "holder"));
        let (first, second) = (("team_manager".to_owned(), 0, "holder"), ("team_manager".to_owned(), 1, "holder"));
        assert_eq!(found("2024-03-31"), []);
        assert_eq!(found("2024-04-30"), [director.clone(), head.clone(), first.clone(), second]);
        assert_eq!(found("2024-05-01"), [director.clone(), head.clone(), first.clone()]);
        assert_eq!(found("2024-07-01"), [director, head.clone()]);
        administrator.post(&format!("/v1/users/{}/disabling", people[2]), &json!({})).await.expect(200);
        assert_eq!(found("2024-06-30"), [head, first]);
        assert!(in_post(app, "2024-06-30").iter().all(|person| person.username.starts_with("user")));
        administrator.get(&format!("/v1/post-holdings/{gone}")).await.expect(200);
    });
}

#[test]
fn holdings_are_listed_page_by_page_each_once_in_its_last_version() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(administrator.holding("team_manager", &somebody(app).await).await);
        }
        let end = json!({ "valid_to": "2024-10-01", "reason": "Left the service" });
        administrator.record(&format!("/v1/post-holdings/{}/end", made[1]), &end).await;
        let pages = administrator.all_pages("/v1/post-holdings", 2).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        let listed: Vec<_> = pages.concat().iter().map(|holding| holding["holding_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(listed, [&made[0], &made[2], &made[3], &made[4], &made[1]].map(String::clone));
        for (bad, pointer) in [
            ("on=1990-03-31", "?on"),
            ("on=2099-04-01", "?on"),
            ("on=today", "?on"),
            ("on=%2B99999-01-01", "?on"),
            ("post=Director", "?post"),
            ("user_id=me", "?user_id"),
            ("limit=501", "?limit"),
        ] {
            let refused = administrator.get(&format!("/v1/post-holdings?{bad}")).await.expect_problem(422, "invalid_parameter");
            assert_eq!(refused.pointers(), [pointer], "{bad}");
        }
    });
}

#[test]
fn every_change_is_on_the_trail_and_no_reason_in_a_problem_or_the_log() {
    on_both(async |app| {
        let administrator = app.as_role(Role::Administrator);
        let secret = format!("Sick leave since Easter {}", crate::support::next_number());
        let new = with(new_holding("director", &somebody(app).await), "reason", json!(secret));
        let holding = administrator.put_in_post(&new).await["holding_id"].as_str().unwrap().to_owned();
        let twice = administrator.post("/v1/post-holdings", &new).await.expect(409);
        let wrong = administrator.post("/v1/post-holdings", &with(new, "reason", json!(format!(" {secret}")))).await.expect(422);
        let (path, body) = (format!("/v1/post-holdings/{holding}/end"), json!({ "valid_to": "2024-10-01", "reason": secret }));
        administrator.record(&path, &body).await;
        let again = administrator.post(&path, &body).await.expect(409);
        administrator.record(&format!("/v1/post-holdings/{holding}/reversal"), &json!({ "reason": secret })).await;
        for problem in [twice, wrong, again] {
            assert!(!problem.text.contains(&secret), "{}", problem.text);
        }
        for action in ["record", "end", "reverse"] {
            let events = app.events("post_holdings", action).await;
            assert_eq!(events.len(), 1, "{action}");
            assert!(events[0]["entity_id"] == holding && !events[0].to_string().contains(&secret), "{action}");
        }
        assert_eq!(captured_log::lines_with(&secret), Vec::<String>::new());
    });
}

#[test]
fn a_post_over_money_is_filled_by_two_administrators() {
    on_both(async |app| {
        let (one, other) = (app.as_role(Role::Administrator), app.as_role(Role::Administrator));
        let person = somebody(app).await;
        let new = with(new_holding("director", &person), "valid_to", json!("2024-07-01"));
        let holding = one.record("/v1/post-holdings", &new).await["holding_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/post-holdings/{holding}/agreement");
        let waiting = async |question: &str| {
            let page = other.get(&format!("/v1/post-holdings?waiting={question}")).await.expect(200).body;
            page["items"].as_array().unwrap().iter().map(|one| one["waits_for_agreement"] == true).collect::<Vec<_>>()
        };
        assert_eq!((in_post(app, "2024-06-03"), waiting("true").await, waiting("false").await), (vec![], vec![true], vec![]));
        assert_eq!(app.as_role(Role::Auditor).get("/v1/people").await.body["items"][2]["posts"], json!([]));
        one.post(&path, &json!({})).await.expect_problem(403, "not_allowed");
        app.as_client(&[domain::Permission::PostsWrite]).await.post(&path, &json!({})).await.expect_problem(403, "no_authority");
        app.as_role(Role::Manager).post(&path, &json!({})).await.expect_problem(403, "not_allowed");
        let agreed = other.record(&path, &json!({})).await;
        assert_eq!((&agreed["opened_by"], &agreed["recorded_by"]), (&json!(one.my_id().await), &json!(other.my_id().await)));
        assert_eq!((in_post(app, "2024-06-03").len(), waiting("true").await, waiting("false").await), (1, vec![], vec![false]));
        other.post(&path, &json!({})).await.expect_problem(409, "state_conflict");
        // Less time counts at once; more of it waits for somebody else.
        let end = async |by: &crate::support::Client, day: &str| {
            by.record(&format!("/v1/post-holdings/{holding}/end"), &json!({ "valid_to": day, "reason": "-" })).await;
        };
        end(&one, "2024-06-10").await;
        assert_eq!(in_post(app, "2024-06-03").len(), 1);
        end(&other, "2024-09-01").await;
        assert_eq!(in_post(app, "2024-06-03").len(), 0);
        other.post(&path, &json!({})).await.expect_problem(403, "not_allowed");
        one.post(&path, &json!({})).await.expect(201);
        assert_eq!(in_post(app, "2024-06-03").len(), 1);
        assert_eq!(app.events("post_holdings", "agree").await.len(), 2);
        // Nobody agrees their own, and what is reversed waits no longer.
        let own = one.record("/v1/post-holdings", &new_holding("director", &other.my_id().await)).await["holding_id"].clone();
        let own = own.as_str().unwrap();
        other.post(&format!("/v1/post-holdings/{own}/agreement"), &json!({})).await.expect_problem(403, "not_allowed");
        one.record(&format!("/v1/post-holdings/{own}/reversal"), &json!({ "reason": "-" })).await;
        assert_eq!(waiting("true").await, Vec::<bool>::new());
        one.post(&format!("/v1/post-holdings/{}/agreement", db::new_id()), &json!({})).await.expect_problem(404, "not_found");
    });
}
