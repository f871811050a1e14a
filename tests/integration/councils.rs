//! What is different elsewhere: small packages without a panel, support that demands an assessment, and councils that name no post.

use crate::support::people::{People, in_force, line, new_request, with, yearly};
use crate::support::{TestApp, on_both_with};
use domain::{Profile, Role};
use serde_json::{Value, json};

const KIRKLEES_POSTS: [&str; 3] = ["team_leader", "team_manager", "service_manager"];

fn council(code: &str) -> Profile {
    Profile::bundled(code).unwrap()
}

/// So many thousandths of an hour a week at £20.
fn weekly(service: &str, thousandths: i64) -> Value {
    with(with(line("weekly", thousandths, 200_000), "service", service), "budget_line", "home_care")
}

/// How a new request of a child for these lines may be agreed without a panel; null, it may not.
async fn without_panel(people: &People, child: &str, lines: &[Value]) -> Value {
    let request = people.submitted(child, lines).await;
    people.authority(&request).await.0["without_panel"].clone()
}

#[test]
fn social_support_and_personal_care_need_no_panel_up_to_their_hours_and_a_thousandth_more_does() {
    on_both_with(&council("kirklees"), async |app| {
        let people = People::in_posts(app, &KIRKLEES_POSTS).await;
        let (leader, manager) = (people.post("team_leader").id.clone(), people.post("team_manager").id.clone());
        let hours = |social: i64, personal: i64| {
            let lines = [("social_support", social), ("personal_care", personal)];
            lines.into_iter().filter(|(_, hours)| *hours > 0).map(|(service, hours)| weekly(service, hours)).collect::<Vec<_>>()
        };
        let (social, personal) = (
            "18.2 (social hours); the ceiling: a working choice, £40 an hour for 52 weeks",
            "18.2 (personal care); the ceiling: a working choice, £40 an hour for 52 weeks",
        );
        for (social_hours, personal_hours, clauses) in [
            (4_000, 0, vec![social]),
            (4_001, 0, vec![]),
            (0, 14_000, vec![personal]),
            (0, 14_001, vec![]),
            (4_000, 14_000, vec![social, personal]),
            (4_001, 14_000, vec![]),
            (4_000, 14_001, vec![]),
        ] {
            let rule = without_panel(&people, &people.child().await, &hours(social_hours, personal_hours)).await;
            if clauses.is_empty() {
                assert_eq!(rule, Value::Null, "{social_hours} and {personal_hours}");
            } else {
                assert_eq!((&rule["clauses"], &rule["posts"]), (&json!(clauses), &json!(["team_leader", "team_manager"])));
                assert_eq!(rule["people"], json!([leader, manager]));
            }
        }
    });
}

#[test]
fn hours_split_over_requests_and_packages_count_together_and_go_to_panel() {
    on_both_with(&council("kirklees"), async |app| {
        let people = People::in_posts(app, &KIRKLEES_POSTS).await;
        let (social, other) = (|hours| weekly("social_support", hours), |hours| weekly("domestic_help", hours));
        let earlier = |line: Value| with(line, "valid_from", "2023-04-01");
        // What the child asks for elsewhere, what it has, what it asks for now, and whether a panel is needed.
        for (asked, has, now, to_panel) in [
            (Some(social(3_000)), None, social(1_000), false),
            (Some(social(3_000)), None, social(1_001), true),
            (None, Some(earlier(social(2_500))), social(1_500), false),
            (None, Some(earlier(social(2_500))), social(1_501), true),
            (Some(social(2_000)), Some(earlier(social(1_999))), social(1), false),
            (Some(social(2_000)), Some(earlier(social(1_999))), social(2), true),
            (None, Some(with(earlier(social(4_000)), "valid_to", "2024-06-03")), social(4_000), false),
            (Some(weekly("personal_care", 14_000)), Some(earlier(other(40_000))), social(4_000), false),
            (None, None, other(1), true),
            (None, None, with(social(1_000), "unit", "session"), true),
            (None, None, with(social(1_000), "frequency", "one_off"), true),
        ] {
            let child = people.child().await;
            if let Some(line) = &asked {
                people.submitted(&child, std::slice::from_ref(line)).await;
            }
            if let Some(line) = &has {
                people.package_line(&people.package_of(&child).await, line.clone()).await;
            }
            let rule = without_panel(&people, &child, std::slice::from_ref(&now)).await;
            assert_eq!(rule.is_null(), to_panel, "{asked:?} {has:?} {now}");
        }
        let both = without_panel(&people, &people.child().await, &[social(1_000), other(1)]).await;
        assert_eq!(both, Value::Null, "a line of another service takes the request to panel");
        let split = without_panel(&people, &people.child().await, &[social(2_000), social(2_001)]).await;
        assert_eq!(split, Value::Null, "split over two lines");
    });
}

#[test]
fn whoever_agrees_without_a_panel_is_listed_once_and_is_not_ruled_out() {
    on_both_with(&council("kirklees"), async |app| {
        let people = People::in_posts(app, &KIRKLEES_POSTS).await;
        let (leader, manager) = (people.post("team_leader"), people.post("team_manager"));
        // In two posts, with somebody else between them in the list.
        people.put("team_manager", &leader.id, "deputy", "2024-04-01", None).await;
        let child = people.child().await;
        let paperwork = with(people.paperwork(&child, &[weekly("social_support", 1_000)]).await, "coster_id", manager.id.clone());
        let request = people.worker.client.record("/v1/requests", &new_request(&child, paperwork)).await["id"].as_str().unwrap().to_owned();
        people.submit(&request).await;
        assert_eq!(people.authority(&request).await.0["without_panel"]["people"], json!([leader.id]));
        leader.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "knows_family" })).await;
        assert_eq!(people.authority(&request).await.0["without_panel"]["people"], json!([]));
    });
}

#[test]
fn a_councils_panel_without_a_printed_limit_may_by_the_profiles_own_word() {
    on_both_with(&council("kirklees"), async |app| {
        let people = People::in_posts(app, &KIRKLEES_POSTS).await;
        let request = people.submitted(&people.child().await, &[with(yearly(90_000_000), "budget_line", "home_care")]).await;
        let authority = people.authority(&request).await;
        assert_eq!(authority.who_may(), ["service_manager", "team_manager"]);
        assert_eq!(authority.why_not("team_leader", &people.post("team_leader").id), ["limit_not_set"]);
    });
}

/// A line of overnight respite by its budget line, and one by its unit on a direct payment.
fn nights() -> [Value; 2] {
    let night = with(line("four_weekly", 2000, 3_000_000), "unit", "night");
    let respite = with(with(line("monthly", 1000, 3_000_000), "unit", "session"), "budget_line", "overnight_respite");
    [respite, with(night, "budget_line", "direct_payments")]
}

/// The clauses under which something of the assessment is missing.
fn missing(read: &Value) -> Vec<&str> {
    let missing = read["missing"].as_array().unwrap().iter().filter(|gap| gap["pointer"] == "/assessment_id");
    missing.map(|gap| gap["clause"].as_str().unwrap()).collect()
}

#[test]
fn overnight_respite_demands_a_single_assessment_and_the_panel() {
    on_both_with(&council("warwickshire"), async |app| {
        let mut people = People::in_posts(app, &[]).await;
        let day = with(line("weekly", 1000, 200_000), "budget_line", "community_short_breaks");
        for (assessment, night, day_gaps) in [("child_and_family", vec!["7.3.3", "7.3.3"], vec!["7.3.3"]), ("single", vec![], vec![])] {
            people.assessment = assessment;
            for (line, gaps) in nights().into_iter().map(|line| (line, &night)).chain([(day.clone(), &day_gaps)]) {
                let request = people.draft(&people.child().await, std::slice::from_ref(&line)).await;
                let read = people.read(&request).await;
                assert_eq!(&missing(&read), gaps, "{assessment}: {line}");
                let submission = people.worker.client.post(&format!("/v1/requests/{request}/submission"), &json!({})).await;
                match assessment {
                    "single" => drop(submission.expect(201)),
                    _ => assert_eq!(submission.expect_problem(409, "not_ready").pointers(), ["/assessment_id"]),
                }
                let authority = people.authority(&request).await;
                let demanded = if line == day { json!([]) } else { json!(["7.3.3"]) };
                assert_eq!((&authority.0["demanded_by"], &authority.0["without_panel"]), (&demanded, &Value::Null));
                assert_eq!((authority.tier(), authority.who_may()), (vec![], vec![]), "no post is named");
            }
        }
    });
}

#[test]
fn a_support_that_only_a_panel_may_agree_is_not_agreed_without_one() {
    let mut profile = council("kirklees");
    profile.delegation.demands = council("warwickshire").delegation.demands;
    profile.delegation.demands[0].assessments.push(domain::panel::AssessmentKind::ChildAndFamily);
    profile.delegation.without_panel[0].unit = domain::Unit::Night;
    on_both_with(&profile, async |app| {
        let people = People::in_posts(app, &KIRKLEES_POSTS).await;
        let night = with(weekly("social_support", 1_000), "unit", "night");
        let request = people.submitted(&people.child().await, &[night]).await;
        let authority = people.authority(&request).await;
        assert_eq!((&authority.0["without_panel"], &authority.0["demanded_by"]), (&Value::Null, &json!(["7.3.3"])));
    });
}

/// Somebody in a post that the profile does not list, as an earlier profile may have left it.
fn left_in_post(app: &TestApp, post: &str) -> String {
    let person = app.person(Role::AssistantDirector).id;
    app.sql(&format!(
        "INSERT INTO post_holdings (id, holding_id, version, post, user_id, capacity, valid_from, state, reason, recorded_by, recorded_at, \
         recorded_seq) VALUES ('{person}', '{person}', 1, '{post}', '{person}', 'holder', '2024-04-01', 'recorded', '-', 'test', \
         '2024-04-01 09:00:00', 1)"
    ))
    .unwrap();
    person
}

#[test]
fn where_a_council_prints_no_limit_nobody_authorises_anything() {
    for code in ["manchester", "knowsley", "warwickshire"] {
        on_both_with(&council(code), async |app| {
            let mut people = People::in_posts(app, &[]).await;
            people.assessment = "single";
            let left = left_in_post(app, "director");
            for pence in [0, 1_000_000] {
                let line = with(yearly(pence), "budget_line", "direct_payments");
                let request = people.submitted(&people.child().await, &[line]).await;
                let authority = people.authority(&request).await;
                assert_eq!((authority.tier(), authority.who_may(), authority.total()), (vec![], vec![], pence), "{code}");
                assert_eq!(authority.why_not("director", &left), ["limit_not_set"], "{code}");
                assert_eq!(authority.0["without_panel"], Value::Null, "{code}");
            }
            let new = json!({ "post": "director", "user_id": left, "capacity": "holder", "valid_from": "2024-04-01", "reason": "-" });
            let refused = people.administrator.client.post("/v1/post-holdings", &new).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/post"], "{code}");
        });
    }
}

#[test]
fn a_package_line_under_the_old_rules_still_counts_where_no_limit_is_printed() {
    on_both_with(&council("knowsley"), async |app| {
        let people = People::in_posts(app, &[]).await;
        let child = people.child().await;
        let direct_payment = |line: Value| with(line, "budget_line", "direct_payments");
        people.package_line(&people.package_of(&child).await, direct_payment(in_force(10))).await;
        let request = people.submitted(&child, &[direct_payment(yearly(1))]).await;
        assert_eq!(people.total(&request).await, 11);
    });
}
