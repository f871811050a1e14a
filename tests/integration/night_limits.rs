//! Limits of nights: counted, passed, acknowledged, warned of.

use crate::nights::Nights;
use crate::support::people::{People, Person, line};
use crate::support::{Answer, TestApp, instant, on_both, on_both_with};
use domain::{Permission, Profile, Role};
use serde_json::{Value, json};

/// Somebody in a post since 1 April 2024.
async fn in_post(app: &TestApp, role: Role, post: &str) -> Person {
    let person = app.person(role);
    app.person(Role::Administrator).client.holding(post, &person.id).await;
    person
}

/// 75 nights up to 30 May 2024, the days of the tests' twelve months being from 4 June 2023: 25 at the first setting and 50 at the second,
/// on both sides of the year's end, with a leap day among them.
async fn seventy_five(nights: &Nights) {
    for (setting, first, last) in [
        (0, "2023-06-04", "2023-06-13"),
        (0, "2023-12-17", "2023-12-31"),
        (1, "2024-02-15", "2024-03-02"),
        (1, "2024-03-25", "2024-04-10"),
        (1, "2024-05-15", "2024-05-30"),
    ] {
        nights.book(setting, first, last).await;
    }
}

fn acknowledging(mut stay: Value, kinds: &[&str]) -> Value {
    stay["acknowledges"] = json!(kinds);
    stay["acknowledgement_reason"] = json!("The looked-after review is booked");
    stay
}

fn kinds(answer: &Answer) -> Vec<String> {
    answer.body["errors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn seventy_five_nights_count_across_the_years_end_two_settings_and_a_leap_day() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        seventy_five(&nights).await;
        let page = nights.page("2024-06-03").await;
        let rolling = &page["rolling"][0];
        assert_eq!((&rolling["counted"], &rolling["remaining"], &rolling["passes_on"]), (&json!(75), &json!(0), &Value::Null));
        assert_eq!((&rolling["window_from"], &rolling["provider_id"]), (&json!("2023-06-04"), &Value::Null));
        let mut counted: Vec<_> = page["by_setting"].as_array().unwrap().iter().map(|row| row["counted"].as_i64().unwrap()).collect();
        counted.sort_unstable();
        assert_eq!(counted, [25, 50]);
        // The first night leaves the count on the next day.
        assert_eq!(nights.page("2024-06-04").await["rolling"][0]["counted"], 74);
        let warned = &page["warnings"][0];
        assert_eq!((&warned["at"], &warned["is_reached"], &warned["reached_on"]), (&json!(60), &json!(true), &json!("2024-05-15")));
        // Tonight is the 76th night; on the 5th the count would be 75 again.
        nights.book(0, "2024-06-05", "2024-06-05").await;
        let refused = nights.try_to_book(1, "2024-06-03", "2024-06-03").await.expect_problem(409, "not_ready");
        assert_eq!(kinds(&refused), ["rolling"]);
        let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("comes to 76 nights, above 75 from 2024-06-03 on (SI 2010/959 reg 48"), "{detail}");
        let who = refused.body["detail"].as_str().unwrap();
        assert!(who.contains("head_of_service or assistant_director or director") && who.contains("; today: person"), "{who}");
        assert!(!refused.text.contains(&nights.child), "nobody is named in a refusal");
        // By somebody in the post, with a reason, it is booked, and the projection says when.
        let stay = acknowledging(nights.stay(1, "2024-06-03", "2024-06-03"), &["rolling"]);
        let made = head.client.post("/v1/stays", &stay).await.expect(201).body;
        let passing = &made["passings"][0];
        assert_eq!((&passing["counted"], &passing["most"], &passing["passed_on"]), (&json!(76), &json!(75), &json!("2024-06-03")));
        assert_eq!(passing["acknowledgement"]["post"], "head_of_service");
        assert_eq!(passing["acknowledgement"]["user_id"], json!(head.id));
        let page = nights.page("2024-06-03").await;
        assert_eq!((&page["rolling"][0]["passes_on"], &page["unacknowledged"]), (&json!("2024-06-03"), &json!([])));
        assert_eq!(nights.page("2024-06-02").await["rolling"][0]["passes_on"], "2024-06-03");
    });
}

#[test]
fn what_was_cancelled_or_taken_back_does_not_count() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        seventy_five(&nights).await;
        nights.try_to_book(0, "2024-06-03", "2024-06-03").await.expect_problem(409, "not_ready");
        let stays = nights.support.client.get(&format!("/v1/stays?child_id={}", nights.child)).await.expect(200).body;
        for (place, step, left) in [(1, "cancellation", 60), (2, "reversal", 43)] {
            let stay = stays["items"][place]["stay_id"].as_str().unwrap().to_owned();
            nights.step(&stay, step, &json!({ "reason": "-" })).await.expect(201);
            assert_eq!(nights.page("2024-06-03").await["rolling"][0]["counted"], left);
        }
        nights.book(0, "2024-06-03", "2024-06-03").await;
    });
}

#[test]
fn a_stay_is_as_long_as_what_touches_it_at_one_setting() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        nights.book(0, "2024-06-10", "2024-06-19").await;
        let refused = nights.try_to_book(0, "2024-06-20", "2024-06-27").await.expect_problem(409, "not_ready");
        assert_eq!(kinds(&refused), ["single_stay"]);
        let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("the stay at the setting comes to 18 nights, above 17 from 2024-06-27 on"), "{detail}");
        nights.book(1, "2024-06-20", "2024-06-27").await;
        nights.book(0, "2024-06-29", "2024-07-10").await;
        let page = nights.page("2024-06-03").await;
        let longest: Vec<_> = page["single_stay"].as_array().unwrap().iter().map(|row| row["longest"].as_i64().unwrap()).collect();
        assert_eq!(longest.iter().max(), Some(&12));
        // A night between two stays joins them.
        let joined = nights.try_to_book(0, "2024-06-28", "2024-06-28").await.expect(201);
        assert_eq!(joined.body["passings"], json!([]), "13 nights: the other ten are not next to it");
        nights.try_to_book(0, "2024-07-11", "2024-07-15").await.expect_problem(409, "not_ready");
    });
}

#[test]
fn the_limit_is_that_of_the_night_it_is_tested_on() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        nights.try_to_book(0, "2020-03-01", "2020-03-18").await.expect_problem(409, "not_ready");
        // From 24 April to 24 September 2020 a single stay had no limit.
        nights.book(0, "2020-06-01", "2020-06-30").await;
        nights.try_to_book(0, "2020-09-01", "2020-09-25").await.expect_problem(409, "not_ready");
        nights.book(0, "2020-09-01", "2020-09-24").await;
        let refused = nights.try_to_book(0, "2020-11-01", "2020-11-25").await.expect_problem(409, "not_ready");
        assert_eq!(kinds(&refused), ["rolling", "single_stay"], "both at once");
    });
}

#[test]
fn only_the_post_that_the_profile_names_acknowledges() {
    on_both(async |app| {
        let (nights, people) = (Nights::of(app).await, People::of(app).await);
        let long = nights.stay(0, "2024-07-01", "2024-07-18");
        let said = acknowledging(long.clone(), &["single_stay"]);
        let refused = async |person: &Person| {
            let answer = person.client.post("/v1/stays", &said).await.expect_problem(403, "no_authority");
            answer.body["detail"].as_str().unwrap().to_owned()
        };
        let posts = "The post of head_of_service or assistant_director or director acknowledges it";
        for person in [&nights.support, people.post("service_unit_manager"), people.post("team_manager"), &app.person(Role::HeadOfService)]
        {
            assert!(refused(person).await.starts_with(posts));
        }
        // Past and future holders, and whoever no longer decides anything.
        let (past, future) = (app.person(Role::HeadOfService), app.person(Role::HeadOfService));
        people.put("head_of_service", &past.id, "holder", "2023-04-01", Some("2024-06-03")).await;
        people.put("head_of_service", &future.id, "holder", "2024-06-04", None).await;
        let clerk = app.person(Role::PanelSupport);
        people.put("head_of_service", &clerk.id, "holder", "2024-04-01", None).await;
        for person in [&past, &future, &clerk] {
            assert!(refused(person).await.starts_with(posts));
        }
        let tool = app.as_client(&[Permission::NightsWrite]).await;
        let answer = tool.post("/v1/stays", &said).await.expect_problem(403, "no_authority");
        assert!(answer.text.contains("a tool does not"), "{}", answer.text);
        // Whoever declared an interest in the child's requests stands down.
        let request = people.submitted(&nights.child, &[line("weekly", 1000, 200_000)]).await;
        let (head, director) = (people.post("head_of_service"), people.post("director"));
        let interest = head.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "knows_family" })).await;
        assert_eq!(refused(head).await, "You may not acknowledge it: you declared an interest.");
        let another = json!({ "child_id": nights.anyone.child().await, "provider_id": nights.settings[0], "first_night": "2024-07-01",
            "last_night": "2024-07-18", "reason": "-", "acknowledges": ["single_stay"], "acknowledgement_reason": "-" });
        head.client.post("/v1/stays", &another).await.expect(201);
        let path = format!("/v1/interests/{}/reversal", interest["id"].as_str().unwrap());
        people.support.client.record(&path, &json!({ "reason": "Another family" })).await;
        // What is not passed cannot be acknowledged, and an acknowledgement of one limit is none of the other.
        let both = acknowledging(long.clone(), &["single_stay", "rolling"]);
        assert_eq!(head.client.post("/v1/stays", &both).await.expect_problem(422, "invalid_body").pointers(), ["/acknowledges"]);
        let year = acknowledging(nights.stay(0, "2024-07-01", "2024-12-31"), &["single_stay"]);
        assert_eq!(kinds(&head.client.post("/v1/stays", &year).await.expect_problem(409, "not_ready")), ["rolling"]);
        assert_eq!(app.count(&format!("night_bookings WHERE child_id = '{}'", nights.child)), 0);
        let deputy = app.person(Role::Manager);
        people.put("director", &deputy.id, "deputy", "2024-06-01", None).await;
        let made = deputy.client.post("/v1/stays", &said).await.expect(201).body;
        let given = &made["passings"][0]["acknowledgement"];
        assert_eq!((&given["post"], &given["capacity"]), (&json!("director"), &json!("deputy")));
        let next = acknowledging(nights.stay(0, "2024-07-19", "2024-07-19"), &["single_stay"]);
        director.client.post("/v1/stays", &next).await.expect(201);
    });
}

#[test]
fn what_was_stayed_is_recorded_and_waits_for_the_acknowledgement() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        let actual = |last: &str| json!({ "first_night": "2024-05-10", "last_night": last, "reason": "Could not go home" });
        let stay = nights.book(0, "2024-05-10", "2024-05-20").await;
        let stayed = nights.step(&stay, "actual", &actual("2024-05-27")).await.expect(201).body;
        let passing = &stayed["passings"][0];
        assert_eq!(
            (&passing["limit_kind"], &passing["counted"], &passing["acknowledgement"]),
            (&json!("single_stay"), &json!(18), &Value::Null)
        );
        assert_eq!(nights.page("2024-06-03").await["unacknowledged"][0]["stay_id"], json!(stay));
        let warnings = async || nights.support.client.get("/v1/night-warnings").await.expect(200).body;
        assert_eq!((&warnings().await["total"], &warnings().await["items"][0]["unacknowledged"]), (&json!(1), &json!(1)));
        let late = json!({ "reason": "An emergency at home" });
        nights.step(&stay, "acknowledgement", &late).await.expect_problem(403, "no_authority");
        let path = format!("/v1/stays/{stay}/acknowledgement");
        let given = head.client.post(&path, &late).await.expect(201).body;
        assert_eq!(given["passings"][0]["acknowledgement"]["reason"], late["reason"]);
        head.client.post(&path, &late).await.expect_problem(409, "state_conflict");
        assert_eq!(warnings().await["total"], 0);
        // The same count was acknowledged; a larger one was not; a shorter stay passes nothing.
        assert_eq!(nights.step(&stay, "actual", &actual("2024-05-27")).await.expect(201).body["passings"], json!([]));
        nights.step(&stay, "actual", &actual("2024-05-28")).await.expect(201);
        assert_eq!(warnings().await["total"], 1);
        assert_eq!(nights.step(&stay, "actual", &actual("2024-05-25")).await.expect(201).body["passings"], json!([]));
        assert_eq!(warnings().await["total"], 0);
        let history = nights.support.client.get(&format!("/v1/stays/{stay}")).await.expect(200).body;
        assert_eq!((history["versions"].as_array().unwrap().len(), history["passings"].as_array().unwrap().len()), (5, 2));
        // A stay that nobody booked is a fact as well.
        let mut unbooked = nights.stay(1, "2024-04-01", "2024-04-20");
        unbooked["state"] = json!("stayed");
        let made = nights.support.client.post("/v1/stays", &unbooked).await.expect(201).body;
        assert_eq!((&made["state"], &made["passings"][0]["counted"]), (&json!("stayed"), &json!(20)));
    });
}

#[test]
fn of_bookings_at_once_that_together_pass_the_limit_some_are_refused() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        seventy_five(&nights).await;
        // From 14 June on the first ten nights are out of the count: ten may be booked, in stays of three.
        let days = ["2024-06-14", "2024-06-20", "2024-06-26", "2024-07-02", "2024-07-08", "2024-07-14", "2024-07-20", "2024-07-26"];
        let calls = days.iter().enumerate().map(|(place, first)| {
            let last = first.parse::<chrono::NaiveDate>().unwrap() + chrono::Days::new(2);
            let (client, stay) = (nights.support.client.clone(), nights.stay(place % 2, first, &last.to_string()));
            tokio::spawn(async move { client.post("/v1/stays", &stay).await })
        });
        let calls: Vec<_> = calls.collect();
        let mut booked = 0;
        for call in calls {
            let answer = call.await.unwrap();
            match answer.status {
                201 => booked += 1,
                _ => assert_eq!(kinds(&answer.expect_problem(409, "not_ready")), ["rolling"]),
            }
        }
        assert_eq!(booked, 3);
        assert_eq!(app.count(&format!("night_bookings WHERE child_id = '{}'", nights.child)), 8);
        assert_eq!(app.count("night_passings"), 0);
        assert_eq!(nights.page("2024-07-28").await["rolling"][0]["highest"], 74);
    });
}

#[test]
fn the_worst_is_warned_of_first() {
    on_both(async |app| {
        let head = in_post(app, Role::HeadOfService, "head_of_service").await;
        let of = async || Nights::of(app).await;
        let (above, coming, near, none, past) = (of().await, of().await, of().await, of().await, of().await);
        for one in [&above, &coming] {
            seventy_five(one).await;
        }
        let stay = acknowledging(above.stay(0, "2024-06-01", "2024-06-02"), &["rolling"]);
        head.client.post("/v1/stays", &stay).await.expect(201);
        // 10 of the 75 nights are out of the count by then.
        let stay = acknowledging(coming.stay(0, "2024-07-01", "2024-07-12"), &["rolling"]);
        head.client.post("/v1/stays", &stay).await.expect(201);
        for (one, last) in [(&near, 30), (&none, 29)] {
            one.book(0, "2024-02-01", "2024-02-15").await;
            one.book(0, "2024-03-01", "2024-03-15").await;
            one.book(1, "2024-04-01", "2024-04-15").await;
            one.book(1, "2024-05-16", &format!("2024-05-{last}")).await;
        }
        // So many nights, more than a year ago.
        for month in 1..=5 {
            past.book(0, &format!("2023-0{month}-01"), &format!("2023-0{month}-15")).await;
        }
        let warned = near.support.client.get("/v1/night-warnings").await.expect(200).body;
        let listed: Vec<_> = warned["items"].as_array().unwrap().iter().map(|item| item["child_id"].as_str().unwrap()).collect();
        assert_eq!(listed, [&above.child, &coming.child, &near.child]);
        let item = |place: usize, field: &str| warned["items"][place]["rolling"][field].clone();
        assert_eq!((item(0, "counted"), item(0, "passes_on")), (json!(77), json!("2024-06-01")));
        assert_eq!((item(1, "counted"), item(1, "passes_on")), (json!(75), json!("2024-07-11")));
        assert_eq!((item(2, "counted"), &warned["items"][2]["reached"]), (json!(60), &json!([60])));
        assert!(warned["items"][0]["case_reference"].as_str().unwrap().starts_with("CWD-"));
        let one = near.support.client.get("/v1/night-warnings?limit=1").await.expect(200).body;
        assert_eq!((one["items"].as_array().unwrap().len(), &one["total"]), (1, &json!(3)));
        // A year later nobody has any left.
        assert_eq!(near.support.client.get("/v1/night-warnings?on=2026-01-01").await.expect(200).body["total"], 0);
        assert!(!app.events("children", "read").await.is_empty());
    });
}

#[test]
fn where_the_profile_names_nobody_or_nothing_no_limit_is_passed() {
    on_both_with(&Profile::bundled("kirklees").unwrap(), async |app| {
        let nights = Nights::of(app).await;
        let manager = in_post(app, Role::Manager, "service_manager").await;
        seventy_five_but_one(&nights).await;
        // There it is the 75th night that makes the child looked after.
        let refused = nights.try_to_book(0, "2024-06-02", "2024-06-02").await.expect_problem(409, "not_ready");
        assert!(refused.text.contains("The profile names no post that may acknowledge it"), "{}", refused.text);
        assert!(refused.text.contains("above 74 from 2024-06-02 on"), "{}", refused.text);
        let stay = acknowledging(nights.stay(0, "2024-06-02", "2024-06-02"), &["rolling"]);
        manager.client.post("/v1/stays", &stay).await.expect_problem(403, "no_authority");
    });
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.nights = domain::profile::NightsPolicy::default();
    on_both_with(&profile, async |app| {
        let nights = Nights::of(app).await;
        nights.try_to_book(0, "2024-06-02", "2024-06-02").await.expect_problem(409, "not_ready");
        let page = nights.page("2024-06-03").await;
        assert_eq!((&page["counts"], &page["rolling"], &page["single_stay"]), (&Value::Null, &json!([]), &json!([])));
        assert_eq!(nights.support.client.get("/v1/night-warnings").await.expect(200).body["total"], 0);
    });
}

async fn seventy_five_but_one(nights: &Nights) {
    for (setting, first, last) in [
        (0, "2023-06-05", "2023-06-13"),
        (0, "2023-12-17", "2023-12-31"),
        (1, "2024-02-15", "2024-03-02"),
        (1, "2024-03-25", "2024-04-10"),
        (1, "2024-05-15", "2024-05-30"),
    ] {
        nights.book(setting, first, last).await;
    }
}

#[test]
fn the_report_of_nights_is_what_was_recorded() {
    on_both(async |app| {
        let nights = Nights::of(app).await;
        let auditor = app.person(Role::Auditor);
        auditor.client.get("/v1/reports/nights?year=2024-25").await.expect_problem(404, "nothing_published");
        seventy_five(&nights).await;
        let stay = nights.book(0, "2024-06-05", "2024-06-06").await;
        nights.step(&stay, "cancellation", &json!({ "reason": "-" })).await.expect(201);
        app.clock.set(instant("2024-06-03T10:00:00"));
        let profile = Profile::bundled("tameside").unwrap();
        let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
        etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
        let report = auditor.client.get("/v1/reports/nights?year=2024-25").await.expect(200);
        let row = |month: &str, field: &str| {
            let rows = report.body["rows"].as_array().unwrap().iter().filter(|row| row["month"] == month);
            rows.map(|row| row[field].as_i64().unwrap()).sum::<i64>()
        };
        assert_eq!((row("2024-04", "booked_nights"), row("2024-05", "booked_nights"), row("2024-06", "cancelled_nights")), (10, 16, 2));
        // At the end of May the child is at 75, at both settings; at the end of June ten nights fewer.
        assert_eq!((row("2024-05", "children_at_warning"), row("2024-05", "children_above_limit")), (2, 0));
        assert_eq!((row("2024-05", "children"), row("2024-06", "children_at_warning")), (1, 2));
        assert!(!report.text.contains(&nights.child));
        let csv = auditor.client.get("/v1/reports/nights?year=2024-25&format=csv").await.expect(200);
        assert!(csv.text.starts_with("month,provider_code,provider_name,location,booked_nights,"), "{}", csv.text);
        let book = auditor.client.get("/v1/reports/nights?year=2024-25&format=xlsx").await.expect(200);
        assert_eq!(book.header("content-disposition"), "attachment; filename=\"nights-2024-25.xlsx\"");
    });
}
