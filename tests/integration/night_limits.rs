//! Limits of nights: counted, passed, warned of.

use crate::nights::Nights;
use crate::support::people::Person;
use crate::support::{Answer, TestApp, instant, on_both, on_both_with};
use domain::{Profile, Role};
use serde_json::{Value, json};

/// Somebody in a post since 1 April 2024.
pub async fn in_post(app: &TestApp, role: Role, post: &str) -> Person {
    let person = app.person(role);
    app.person(Role::Administrator).client.holding(post, &person.id).await;
    person
}

/// 75 nights up to 30 May 2024, the days of the tests' twelve months being from 4 June 2023: 25 at the first setting and 50 at the second,
/// on both sides of the year's end, with a leap day among them.
pub async fn seventy_five(nights: &Nights) {
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

/// A stay that waits for the acknowledgement of these limits.
pub fn waiting(mut stay: Value, kinds: &[&str]) -> Value {
    stay["waits_for"] = json!(kinds);
    stay
}

/// Why a version of a stay passes a limit.
pub fn known(version: &Value) -> Value {
    json!({ "booking_id": version["id"], "reason": "The looked-after review is booked" })
}

/// Acknowledges what a stay passes in its last version.
pub async fn acknowledge(nights: &Nights, person: &Person, stay: &str) -> Answer {
    person.client.post(&format!("/v1/stays/{stay}/acknowledgement"), &known(&nights.last(stay).await)).await
}

/// Books what passes a limit, and has it acknowledged.
pub async fn book_above(nights: &Nights, head: &Person, stay: Value, kinds: &[&str]) -> Answer {
    let made = nights.support.client.post("/v1/stays", &waiting(stay, kinds)).await.expect(201);
    acknowledge(nights, head, made.body["stay_id"].as_str().unwrap()).await.expect(201)
}

pub fn kinds(answer: &Answer) -> Vec<String> {
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
        // It waits, and counts; with the word of somebody in the post it waits no longer, and the projection says when.
        let stay = waiting(nights.stay(1, "2024-06-03", "2024-06-03"), &["rolling"]);
        let made = nights.support.client.post("/v1/stays", &stay).await.expect(201).body;
        assert_eq!(
            (&made["state"], &made["is_waiting"], &made["passings"][0]["acknowledgement"]),
            (&json!("booked"), &json!(true), &Value::Null)
        );
        let page = nights.page("2024-06-03").await;
        assert_eq!((&page["rolling"][0]["counted"], &page["rolling"][0]["passes_on"]), (&json!(76), &json!("2024-06-03")));
        assert_eq!(
            (&page["unacknowledged"][0]["stay_id"], page["months"].as_array().unwrap().last().unwrap()),
            (&made["stay_id"], &json!({ "month": "2024-06", "stayed": 0, "booked": 2 }))
        );
        let made = acknowledge(&nights, &head, made["stay_id"].as_str().unwrap()).await.expect(201).body;
        let passing = &made["passings"][0];
        assert_eq!((&passing["counted"], &passing["most"], &passing["passed_on"]), (&json!(76), &json!(75), &json!("2024-06-03")));
        assert_eq!((&made["is_waiting"], &passing["acknowledgement"]["post"]), (&json!(false), &json!("head_of_service")));
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
        book_above(&above, &head, above.stay(0, "2024-06-01", "2024-06-02"), &["rolling"]).await;
        // 10 of the 75 nights are out of the count by then.
        book_above(&coming, &head, coming.stay(0, "2024-07-01", "2024-07-12"), &["rolling"]).await;
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
        let stay = waiting(nights.stay(0, "2024-06-02", "2024-06-02"), &["rolling"]);
        manager.client.post("/v1/stays", &stay).await.expect_problem(409, "not_ready");
        // What was stayed is recorded there too; nobody acknowledges it.
        let mut stay = nights.stay(0, "2024-06-02", "2024-06-02");
        stay["state"] = json!("stayed");
        let refused = nights.support.client.post("/v1/stays", &stay).await.expect_problem(409, "not_ready");
        assert!(refused.text.contains("The profile names no post that may acknowledge it"), "{}", refused.text);
        stay["unacknowledged_reason"] = json!("Nobody may acknowledge it");
        let made = nights.support.client.record("/v1/stays", &stay).await;
        assert_eq!(made["is_waiting"], true);
        acknowledge(&nights, &manager, made["stay_id"].as_str().unwrap()).await.expect_problem(403, "no_authority");
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
        // What waits is booked.
        nights.support.client.record("/v1/stays", &waiting(nights.stay(0, "2024-06-03", "2024-06-03"), &["rolling"])).await;
        app.clock.set(instant("2024-06-03T10:00:00"));
        let profile = Profile::bundled("tameside").unwrap();
        let (warehouse, keys) = (app.folder.path().join("warehouse"), app.folder.path().join("keys"));
        etl::run(&app.store, &profile, &warehouse, &keys, &etl::Options::default()).unwrap();
        let report = auditor.client.get("/v1/reports/nights?year=2024-25").await.expect(200);
        let row = |month: &str, field: &str| {
            let rows = report.body["rows"].as_array().unwrap().iter().filter(|row| row["month"] == month);
            rows.map(|row| row[field].as_i64().unwrap()).sum::<i64>()
        };
        assert_eq!((row("2024-04", "booked_nights"), row("2024-05", "booked_nights"), row("2024-06", "booked_nights")), (10, 16, 1));
        assert_eq!(row("2024-06", "cancelled_nights"), 2);
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
