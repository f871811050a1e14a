//! Ages: support ends on the last birthday of its budget line, and starts no earlier than the first, unless somebody says why.

use crate::support::families::{Family, go_to, weekly};
use crate::support::people::{People, id_of, in_force, with, yearly};
use crate::support::varying::{rate, variation};
use crate::support::{Client, next_number, on_both, on_both_with};
use domain::{Profile, Role};
use serde_json::{Value, json};

const REASON: &str = "The adult team pays from October; agreed between both heads of service";

/// A child born on a day; answers with its id.
pub async fn born(caller: &Client, on: &str) -> String {
    let child = json!({ "case_reference": format!("CWD-{:05}", next_number()), "date_of_birth": on });
    id_of(&caller.record("/v1/children", &child).await)
}

/// A package of a child born on a day; answers with the child and the package.
pub async fn package_of(caller: &Client, on: &str) -> (String, String) {
    let child = born(caller, on).await;
    let package = json!({ "reference": format!("PK-{:05}", next_number()), "child_id": child });
    let package = id_of(&caller.record("/v1/packages", &package).await);
    (child, package)
}

/// Home care for ten pounds a day.
fn care(package: &str, from: &str, to: Option<&str>) -> Value {
    json!({
        "package_id": package, "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 1000,
        "frequency": "weekly", "unit_rate_ten_thousandths": 700_000, "valid_from": from, "valid_to": to, "reason": "Panel of 14 March 2023"
    })
}

fn nursery(package: &str, from: &str, to: Option<&str>) -> Value {
    with(with(care(package, from, to), "service", "nursery_extra_hours"), "budget_line", "nursery")
}

#[test]
fn a_line_ends_on_the_last_birthday_and_starts_no_later_unless_somebody_says_why() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        for (on, line, budget_line, says) in [
            // Nursery for a nine-year-old, and for one who is not two; home care for a man of 23.
            ("2015-05-01", nursery("", "2024-06-03", None), "nursery", "too_old"),
            ("2022-06-04", nursery("", "2024-06-03", None), "nursery", "too_young"),
            ("2001-01-01", care("", "2024-06-03", None), "home_care", "too_old"),
            ("2006-06-03", care("", "2024-06-03", Some("2024-07-01")), "home_care", "too_old"),
        ] {
            let (_, package) = package_of(&caller, on).await;
            let line = with(line, "package_id", package);
            let refused = caller.post("/v1/package-lines", &line).await.expect_problem(422, "invalid_body");
            assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/valid_from".to_owned()], &json!(says)), "{on}");
            assert!(!refused.text.contains(on), "a message tells no day of birth: {}", refused.text);
            // Why a child is too young says nothing of how old it may become.
            let ends = if says == "too_young" { json!("2026-06-04") } else { json!(null) };
            let made = caller.record("/v1/package-lines", &with(line, "beyond_age_reason", REASON)).await;
            assert_eq!(
                (&made["beyond_age_reason"], &made["budget_line"], &made["ends_by_age_on"]),
                (&json!(REASON), &json!(budget_line), &ends)
            );
            assert!(made["valid_to"] == ends || made["valid_to"] == "2024-07-01");
        }
        for (on, to, ends, by_age) in [
            ("2006-09-15", None, "2024-09-15", true),
            ("2006-09-15", Some("2025-04-01"), "2024-09-15", true),
            ("2006-09-15", Some("2024-09-15"), "2024-09-15", true),
            ("2006-09-15", Some("2024-09-01"), "2024-09-01", false),
            // Whoever was born on 29 February reaches an age on 1 March.
            ("2008-02-29", None, "2026-03-01", true),
        ] {
            let (_, package) = package_of(&caller, on).await;
            let made = caller.record("/v1/package-lines", &care(&package, "2024-06-03", to)).await;
            assert_eq!((&made["valid_to"], made["ends_by_age_on"] == ends), (&json!(ends), by_age), "{on} {to:?}");
        }
        let events = format!("{:?}", app.events("package_lines", "record").await);
        assert!(!events.contains(REASON) && events.contains("has_beyond_age_reason"), "{events}");
    });
}

#[test]
fn what_is_committed_ends_with_the_line() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        caller.opened("2024-25").await;
        let (_, package) = package_of(&caller, "2006-09-15").await;
        caller.record("/v1/package-lines", &care(&package, "2024-06-03", None)).await;
        // 104 days to the birthday.
        assert_eq!(caller.commitments(&package, "2024-25").await, [104_000, 0, 0, 104_000]);
        let (_, goes_on) = package_of(&caller, "2006-09-15").await;
        caller.record("/v1/package-lines", &with(care(&goes_on, "2024-06-03", Some("2024-10-01")), "beyond_age_reason", REASON)).await;
        assert_eq!(caller.commitments(&goes_on, "2024-25").await, [120_000, 0, 0, 120_000]);
    });
}

#[test]
fn nothing_is_paid_to_a_family_for_days_after_the_birthday() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let (child, package) = package_of(&caller, "2006-08-07").await;
        let line = id_of(&caller.record("/v1/package-lines", &weekly(&package, 100, "2024-06-03", None)).await);
        let family = Family::paid_for(app, caller, (child, package, line)).await;
        family.confirm(&family.line, 1).await;
        family.all_steps().await;
        let page = family.page().await;
        let due: Vec<(&str, &str, i64)> = page["schedule"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["period_from"].as_str().unwrap(), row["period_to"].as_str().unwrap(), row["amount_pence"].as_i64().unwrap()))
            .collect();
        // Two whole periods, and nine days of the third by sevenths of a week.
        let expected = [("2024-06-03", "2024-07-01", 40_000), ("2024-07-01", "2024-07-29", 40_000), ("2024-07-29", "2024-08-26", 12_857)];
        assert_eq!(due.iter().map(|row| (row.0, row.2)).collect::<Vec<_>>(), expected.iter().map(|row| (row.0, row.2)).collect::<Vec<_>>());
        for day in ["2024-06-03", "2024-07-01", "2024-07-29"] {
            go_to(app, day);
            assert_eq!(family.export(day).await["accounts"], 1);
        }
        go_to(app, "2024-08-26");
        family.payer.post("/v1/direct-payment-exports", &json!({ "pay_on": "2024-08-27" })).await.expect_problem(409, "state_conflict");
        assert_eq!(family.page().await["balance"]["paid_pence"], 92_857);
    });
}

#[test]
fn a_request_is_held_to_the_same_ages_and_its_package_line_follows() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let worker = &people.worker.client;
        let man = born(worker, "2001-01-01").await;
        let paperwork = json!({ "lines": [yearly(1), with(yearly(2), "budget_line", "nursery")] });
        let request = json!({ "reference": "RQ-1", "child_id": man, "paperwork": paperwork });
        let refused = worker.post("/v1/requests", &request).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/paperwork/lines/0/valid_from", "/paperwork/lines/1/valid_from"]);
        let child = born(worker, "2006-09-15").await;
        let request = people.submitted(&child, &[yearly(365_000)]).await;
        let line = people.read(&request).await["lines"][0].clone();
        assert_eq!((&line["valid_to"], &line["ends_by_age_on"]), (&json!("2024-09-15"), &json!("2024-09-15")));
        // 90 days of 365: the authority is tested on a full year all the same.
        assert_eq!((&line["costing"]["this_year_pence"], &line["costing"]["later_years_pence"]), (&json!(90_000), &json!(0)));
        assert_eq!(people.total(&request).await, 365_000);
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["decided_lines"][0]["id"].clone();
        let package = people.package_of(&child).await;
        // Nobody agreed a reason: whoever records the line gives none.
        let own = with(with(yearly(365_000), "request_line_id", agreed.clone()), "beyond_age_reason", REASON);
        let own = with(with(own, "package_id", package.clone()), "reason", "Panel of 3 June 2024");
        let refused = people.support.client.post("/v1/package-lines", &own).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/beyond_age_reason"]);
        let carried = people.package_line(&package, with(yearly(365_000), "request_line_id", agreed)).await;
        let read = people.support.client.get(&format!("/v1/package-lines/{carried}")).await.expect(200).body;
        assert_eq!(read["versions"][0]["valid_to"], "2024-09-15");
        // What a request line says of age, its package line says too.
        let other = born(worker, "2006-09-15").await;
        let request = people.submitted(&other, &[with(yearly(1), "beyond_age_reason", REASON)]).await;
        people.decided(&panel, &request, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&request).await["decided_lines"][0]["id"].clone();
        let package = people.package_of(&other).await;
        let line = people.package_line(&package, with(yearly(1), "request_line_id", agreed)).await;
        let read = people.support.client.get(&format!("/v1/package-lines/{line}")).await.expect(200).body;
        assert_eq!((&read["versions"][0]["valid_to"], &read["versions"][0]["beyond_age_reason"]), (&json!(null), &json!(REASON)));
    });
}

#[test]
fn an_extension_ends_on_the_birthday_too() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = born(&people.worker.client, "2006-09-15").await;
        let package = people.package_of(&child).await;
        let line = people.package_line(&package, with(in_force(1000), "valid_to", "2024-07-01")).await;
        for (to, ends) in [(json!("2024-08-01"), "2024-08-01"), (json!(null), "2024-09-15"), (json!("2025-04-01"), "2024-09-15")] {
            let asked = variation(&line, "extension", "2024-07-01", json!({ "valid_to": to }));
            let preview = people.support.client.post("/v1/package-variation-previews", &asked).await.expect(200).body;
            assert_eq!(preview["after"][0]["valid_to"], ends, "{preview}");
        }
        people.varied("service_unit_manager", &variation(&line, "extension", "2024-07-01", json!({}))).await;
        let read = people.support.client.get(&format!("/v1/package-lines/{line}")).await.expect(200).body;
        assert_eq!(read["versions"][1]["valid_to"], "2024-09-15");
        let longer = variation(&line, "extension", "2024-09-15", json!({}));
        let refused = people.try_to_vary(&longer).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/valid_from".to_owned()], &json!("too_old")));
        let why = with(with(longer, "valid_to", "2024-10-01"), "beyond_age_reason", REASON);
        people.varied("service_unit_manager", &why).await;
        let read = people.support.client.get(&format!("/v1/package-lines/{line}")).await.expect(200).body;
        assert_eq!((&read["versions"][2]["valid_to"], &read["versions"][2]["beyond_age_reason"]), (&json!("2024-10-01"), &json!(REASON)));
        // Other terms stay within the line's days.
        people.varied("service_unit_manager", &variation(&line, "rate", "2024-08-01", rate(1100))).await;
    });
}

#[test]
fn a_reason_for_being_too_young_goes_with_the_age_it_was_for() {
    on_both(async |app| {
        let people = People::of(app).await;
        let child = born(&people.worker.client, "2022-06-04").await;
        let package = people.package_of(&child).await;
        let line = people.package_line(&package, with(nursery(&package, "2024-06-03", None), "beyond_age_reason", REASON)).await;
        app.confirmed(&line);
        people.varied("service_unit_manager", &variation(&line, "rate", "2024-07-01", rate(6_000))).await;
        let lines = people.support.client.get(&format!("/v1/package-lines?package_id={package}")).await.expect(200).body;
        let said: Vec<_> = lines["items"].as_array().unwrap().iter().map(|one| (&one["valid_to"], &one["beyond_age_reason"])).collect();
        assert_eq!(said, [(&json!("2024-07-01"), &json!(REASON)), (&json!("2026-06-04"), &json!(null))], "{lines:#}");
    });
}

#[test]
fn a_stay_is_booked_for_no_night_from_the_birthday_on() {
    on_both(async |app| {
        let caller = app.as_anyone().await;
        let provider = caller.provider("private").await;
        let (child, package) = package_of(&caller, "2006-06-15").await;
        let stay = |last: &str| {
            json!({
                "child_id": child, "provider_id": provider, "first_night": "2024-06-13", "last_night": last, "reason": "June"
            })
        };
        let refused = caller.post("/v1/stays", &stay("2024-06-15")).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), &refused.body["errors"][0]["code"]), (vec!["/last_night".to_owned()], &json!("too_old")));
        let respite = with(with(care(&package, "2024-06-03", None), "service", "overnight_stay"), "budget_line", "overnight_respite");
        let respite = with(with(respite, "statement_category", "residential_respite"), "beyond_age_reason", REASON);
        let line = id_of(&caller.record("/v1/package-lines", &respite).await);
        app.confirmed(&line);
        caller.record("/v1/stays", &with(stay("2024-06-15"), "line_id", line)).await;
    });
}

#[test]
fn a_council_that_says_nothing_of_ages_ends_nothing_and_refuses_nobody() {
    let silent = Profile { ages: domain::profile::AgePolicy::default(), ..Profile::bundled("warwickshire").unwrap() };
    on_both_with(&silent, async |app| {
        let caller = app.as_anyone().await;
        for on in ["2006-09-15", "2001-01-01"] {
            let (child, package) = package_of(&caller, on).await;
            let made = caller.record("/v1/package-lines", &weekly(&package, 100, "2024-06-03", None)).await;
            assert_eq!((&made["valid_to"], &made["ends_by_age_on"]), (&json!(null), &json!(null)), "{on}");
            let leaving = json!({ "reason": "came_of_age", "left_on": "2024-06-10" });
            caller.record(&format!("/v1/children/{child}/leaving"), &leaving).await;
        }
        assert!(!app.as_role(Role::Auditor).get("/v1/profile").await.expect(200).text.contains("until_birthday"));
    });
}

#[test]
fn an_age_and_its_reason_are_held_to_what_was_asked_and_who_may_agree_it() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let worker = &people.worker.client;
        // What a panel approves in part ends on the birthday too; the chair adds no reason of their own.
        let child = born(worker, "2006-09-15").await;
        let request = people.submitted(&child, &[yearly(365_000)]).await;
        people.support.client.booking(&panel, &request).await;
        let chair = &people.post("service_unit_manager").client;
        let decisions = format!("/v1/requests/{request}/decisions");
        let in_part = |line: Value| json!({ "kind": "approved_in_part", "lines": [line], "rationale": "Less is enough" });
        let own_reason = with(yearly(100_000), "beyond_age_reason", REASON);
        let refused = chair.post(&decisions, &in_part(own_reason)).await.expect_problem(422, "invalid_body");
        assert!(refused.pointers().iter().all(|pointer| pointer.starts_with("/lines/0")), "{}", refused.text);
        chair.record(&decisions, &in_part(yearly(100_000))).await;
        let agreed = people.read(&request).await["decided_lines"][0].clone();
        assert_eq!((&agreed["valid_to"], &agreed["ends_by_age_on"]), (&json!("2024-09-15"), &json!("2024-09-15")));
        // A package line says no more than its request line did.
        let package = people.package_of(&child).await;
        let line = with(with(yearly(100_000), "request_line_id", agreed["id"].clone()), "package_id", package.clone());
        let line = with(with(line, "reason", "Agreed"), "beyond_age_reason", REASON);
        let refused = people.support.client.post("/v1/package-lines", &line).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/beyond_age_reason"]);
        // Brought over with a reason it is shown with it, and waits for a post as any line does.
        let waiting = with(with(care(&package, "2024-06-03", Some("2024-12-02")), "beyond_age_reason", REASON), "package_id", package);
        let waiting = id_of(&people.support.client.record("/v1/package-lines", &waiting).await);
        let list = people.support.client.get("/v1/unconfirmed-package-lines").await.expect(200).body;
        let own = list["items"].as_array().unwrap().iter().find(|one| one["line_id"] == waiting.as_str()).unwrap();
        assert_eq!((&own["beyond_age_reason"], &own["valid_to"]), (&json!(REASON), &json!("2024-12-02")));
    });
}
