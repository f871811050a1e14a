//! What counts in a child's total care package: whatever it has, was agreed or asks for, once, to the penny.

use crate::support::people::{People, in_force, line, with, yearly};
use crate::support::{instant, on_both};
use domain::Role;
use serde_json::{Value, json};

#[test]
fn one_need_split_over_two_requests_meets_the_limit_of_the_whole() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let one = people.submitted(&child, &[yearly(700_000)]).await;
        assert_eq!(people.authority(&one).await.who_may(), ["service_unit_manager"]);
        let two = people.submitted(&child, &[yearly(700_001)]).await;
        for request in [&one, &two] {
            let authority = people.authority(request).await;
            assert_eq!((authority.total(), authority.who_may()), (1_400_001, vec!["head_of_service"]));
            assert_eq!(authority.origins(), ["other_request", "this_request"]);
        }
        let three = people.submitted(&child, &[yearly(600_000)]).await;
        assert_eq!(people.authority(&three).await.tier(), ["assistant_director", "director"]);
        // Split over the lines of one request it is the same.
        let lines = people.submitted(&people.child().await, &[yearly(700_000), yearly(700_000), yearly(1)]).await;
        assert_eq!(people.authority(&lines).await.who_may(), ["head_of_service"]);
    });
}

/// What becomes of another request before the one under test is looked at.
async fn take_to(people: &People, panel: &str, state: &str, request: &str) {
    let approved = json!({ "kind": "approved" });
    match state {
        "draft" => {
            let read = people.read(request).await;
            let mut paperwork = read["paperwork"].clone();
            let fields = paperwork.as_object_mut().unwrap();
            for field in ["request_id", "revision", "decision_id", "recorded_by", "recorded_at", "recorded_seq"] {
                fields.remove(field);
            }
            paperwork["lines"] = json!([yearly(700_001)]);
            people.worker.client.record(&format!("/v1/requests/{request}/revisions"), &paperwork).await;
        }
        "submitted" => {}
        "booked" => drop(people.support.client.booking(panel, request).await),
        "deferred" => {
            let deferred = json!({ "kind": "deferred", "deferred_until": "2024-07-01", "deferred_for": "The costing" });
            people.decided(panel, request, &deferred).await;
        }
        "approved" => drop(people.decided(panel, request, &approved).await),
        "approved_in_part" | "under_appeal" => {
            let lines = json!([yearly(500_000)]);
            people.decided(panel, request, &json!({ "kind": "approved_in_part", "lines": lines })).await;
            if state == "under_appeal" {
                let appeal = json!({ "received_on": "2024-06-03" });
                people.worker.client.record(&format!("/v1/requests/{request}/appeals"), &appeal).await;
            }
        }
        "awaiting_authority" => {
            // In a post with a larger limit sits somebody else, since the chair may not approve this much.
            drop(people.decided(panel, request, &with(approved, "authority_hearing_on", "2024-06-10")).await);
        }
        "awaiting_ratification" => {
            let declared = json!({ "nature": "knows_family" });
            people.post("service_unit_manager").client.record(&format!("/v1/requests/{request}/own-interest"), &declared).await;
            people.support.client.booking(panel, request).await;
            let decision = json!({ "kind": "approved", "rationale": "Nothing open meets it" });
            people.post("partnership_manager").client.record(&format!("/v1/requests/{request}/decisions"), &decision).await;
        }
        "declined" => drop(people.decided(panel, request, &json!({ "kind": "declined", "decline_reason": "not_eligible" })).await),
        "signposted" => drop(people.decided(panel, request, &json!({ "kind": "signposted", "signposted_to": ["Saturday club"] })).await),
        "withdrawn" => {
            people.worker.client.record(&format!("/v1/requests/{request}/withdrawal"), &json!({ "reason": "Moved away" })).await;
        }
        other => panic!("{other}"),
    }
}

#[test]
fn another_request_counts_unless_it_is_a_draft_or_refused_or_taken_back() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let deputy = people.support.client.member("partnership_manager", Some(&people.post("partnership_manager").id)).await;
        people.support.client.sign(&deputy, "2024-05-01").await;
        people.support.client.attend(&panel, &deputy, "deputy_chair").await;
        for (state, asked, counted, origin) in [
            ("draft", 700_001, 0, None),
            ("submitted", 700_001, 700_001, Some("other_request")),
            ("booked", 700_001, 700_001, Some("other_request")),
            ("deferred", 700_001, 700_001, Some("other_request")),
            ("awaiting_ratification", 700_001, 700_001, Some("other_request")),
            ("awaiting_authority", 1_400_001, 1_400_001, Some("other_request")),
            ("approved", 700_001, 700_001, Some("approved_request")),
            ("approved_in_part", 700_001, 500_000, Some("approved_request")),
            ("under_appeal", 700_001, 500_000, Some("approved_request")),
            ("declined", 700_001, 0, None),
            ("signposted", 700_001, 0, None),
            ("withdrawn", 700_001, 0, None),
        ] {
            let child = people.child().await;
            let other = people.submitted(&child, &[yearly(asked)]).await;
            take_to(&people, &panel, state, &other).await;
            assert_eq!(people.read(&other).await["state"], state);
            let this = people.submitted(&child, &[yearly(700_000)]).await;
            let authority = people.authority(&this).await;
            assert_eq!(authority.total(), 700_000 + counted, "{state}: {}", authority.0);
            let origins: Vec<_> = origin.into_iter().chain(["this_request"]).collect();
            assert_eq!((authority.origins(), &authority.0["request_pence"]), (origins, &json!(700_000)), "{state}");
        }
    });
}

#[test]
fn an_approved_line_that_was_commissioned_counts_once() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let panel = people.chaired_panel().await;
        let other = people.submitted(&child, &[yearly(700_000), yearly(1)]).await;
        let not_yet = people.read(&other).await["lines"][0]["id"].clone();
        let package = people.package_of(&child).await;
        let early = with(with(with(yearly(1), "package_id", package.clone()), "reason", "-"), "request_line_id", not_yet);
        let refused = people.support.client.post("/v1/package-lines", &early).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/request_line_id"], "only what was approved is carried out");
        people.decided(&panel, &other, &json!({ "kind": "approved" })).await;
        let this = people.submitted(&child, &[yearly(700_000)]).await;
        let origins = async || people.authority(&this).await.origins().into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            (people.total(&this).await, origins().await),
            (1_400_001, vec!["approved_request".to_owned(), "approved_request".to_owned(), "this_request".to_owned()])
        );
        let approved = people.read(&other).await["lines"][0]["id"].clone();
        let line = people.package_line(&package, with(yearly(700_000), "request_line_id", approved.clone())).await;
        assert_eq!(
            (people.total(&this).await, origins().await),
            (1_400_001, vec!["approved_request".to_owned(), "package".to_owned(), "this_request".to_owned()])
        );
        // Its own explanation counts it once as well: what it asks for is what was commissioned.
        assert_eq!(people.total(&other).await, 1_400_001);
        // Reversed, it was never commissioned; then commissioned for less than was agreed, and ended.
        people.support.client.record(&format!("/v1/package-lines/{line}/reversal"), &json!({ "reason": "Another provider" })).await;
        assert_eq!(people.total(&this).await, 1_400_001);
        let cheaper = people.package_line(&package, with(yearly(100), "request_line_id", approved)).await;
        assert_eq!(
            (people.total(&this).await, origins().await),
            (1_400_001, vec!["approved_request".to_owned(), "approved_request".to_owned(), "this_request".to_owned()])
        );
        let end = json!({ "valid_to": "2024-06-18", "reason": "Not needed any more" });
        people.support.client.record(&format!("/v1/package-lines/{cheaper}/end"), &end).await;
        app.clock.set(instant("2024-06-17T09:00:00"));
        assert_eq!(people.total(&this).await, 1_400_001);
        app.clock.set(instant("2024-06-18T09:00:00"));
        assert_eq!(people.total(&this).await, 700_001);
    });
}

#[test]
fn a_need_is_not_divided_by_dating_a_request_back() {
    on_both(async |app| {
        let people = People::of(app).await;
        let over = with(in_force(1_399_900), "valid_to", "2024-05-01");
        let once = with(in_force(1_399_900), "frequency", "one_off");
        for line in [over, once] {
            let child = people.child().await;
            let (one, two) = (people.submitted(&child, std::slice::from_ref(&line)).await, people.submitted(&child, &[line]).await);
            for request in [&one, &two] {
                let authority = people.authority(request).await;
                assert_eq!((authority.total(), authority.tier()), (2_799_800, vec!["assistant_director", "director"]));
            }
        }
    });
}

#[test]
fn an_agreed_line_counts_for_twelve_months_whatever_its_dates_and_then_while_it_runs() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let once = |from: &str| with(with(yearly(700_000), "frequency", "one_off"), "valid_from", from);
        let until = |to: &str| with(yearly(700_000), "valid_to", to);
        let mut asked = Vec::new();
        for (line, later) in [
            (with(in_force(700_000), "valid_to", "2024-05-01"), false),
            (once("2024-03-31"), false),
            (until("2025-06-03"), false),
            (until("2025-06-04"), true),
            (once("2024-06-17"), false),
            (once("2025-04-01"), true),
            (yearly(700_000), true),
        ] {
            let child = people.child().await;
            let agreed = people.submitted(&child, std::slice::from_ref(&line)).await;
            people.decided(&panel, &agreed, &json!({ "kind": "approved" })).await;
            asked.push((people.submitted(&child, &[yearly(1)]).await, later, line));
        }
        for (now, aged) in [("2024-06-03T09:00:00", false), ("2025-06-02T09:00:00", false), ("2025-06-03T09:00:00", true)] {
            app.clock.set(instant(now));
            for (request, later, line) in &asked {
                assert_eq!(people.total(request).await, if aged && !later { 1 } else { 700_001 }, "{now}: {line}");
            }
        }
    });
}

#[test]
fn a_package_line_carries_out_a_line_of_its_own_childs_approved_request_only() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let (child, sibling) = (people.child().await, people.child().await);
        let request = people.submitted(&child, &[yearly(700_000)]).await;
        let asked = people.read(&request).await["lines"][0]["id"].clone();
        people.decided(&panel, &request, &json!({ "kind": "approved_in_part", "lines": [yearly(500_000)] })).await;
        let decided: Value = people.authority(&request).await.lines()[0]["id"].clone();
        assert_ne!(asked, decided);
        let declined = people.submitted(&child, &[yearly(1)]).await;
        people.decided(&panel, &declined, &json!({ "kind": "declined", "decline_reason": "other" })).await;
        let refused_line = people.read(&declined).await["lines"][0]["id"].clone();
        let (of_child, of_sibling) = (people.package_of(&child).await, people.package_of(&sibling).await);
        for (package, line) in [(&of_child, &asked), (&of_sibling, &decided), (&of_child, &refused_line), (&of_child, &json!(db::new_id()))]
        {
            let new = with(with(with(yearly(500_000), "package_id", package.clone()), "reason", "-"), "request_line_id", line.clone());
            let refused = people.support.client.post("/v1/package-lines", &new).await.expect_problem(422, "invalid_body");
            assert_eq!(refused.pointers(), ["/request_line_id"]);
        }
        people.package_line(&of_child, with(yearly(500_000), "request_line_id", decided)).await;
        let this = people.submitted(&child, &[yearly(1)]).await;
        assert_eq!(people.total(&this).await, 500_001);
    });
}

#[test]
fn a_childs_packages_count_together_and_another_childs_do_not() {
    on_both(async |app| {
        let people = People::of(app).await;
        let (child, sibling) = (people.child().await, people.child().await);
        for (owner, pence) in [(&child, 700_000), (&child, 300_000), (&sibling, 5_000_000)] {
            people.package_line(&people.package_of(owner).await, in_force(pence)).await;
        }
        people.submitted(&sibling, &[yearly(900_000)]).await;
        let request = people.submitted(&child, &[yearly(400_000)]).await;
        let authority = people.authority(&request).await;
        assert_eq!((authority.total(), authority.who_may()), (1_400_000, vec!["service_unit_manager"]));
        assert_eq!(authority.origins(), ["package", "package", "this_request"]);
    });
}

#[test]
fn a_line_counts_until_it_ends_and_what_is_bought_once_in_the_year_it_is_bought() {
    on_both(async |app| {
        let people = People::of(app).await;
        let once = |from: &str| with(with(yearly(700_001), "frequency", "one_off"), "valid_from", from);
        for (name, line, counts) in [
            ("open-ended", in_force(700_001), true),
            ("ends today: no longer in force", with(in_force(700_001), "valid_to", "2024-06-03"), false),
            ("ends tomorrow", with(in_force(700_001), "valid_to", "2024-06-04"), true),
            ("starts today", with(yearly(700_001), "valid_from", "2024-06-03"), true),
            ("starts later", with(yearly(700_001), "valid_from", "2027-04-01"), true),
            ("bought once, last day of last year", once("2024-03-31"), false),
            ("bought once, first day of this year", once("2024-04-01"), true),
            ("bought once, next year", once("2025-04-01"), true),
            ("bought once this year, delivered and over", with(once("2024-04-02"), "valid_to", "2024-04-03"), true),
        ] {
            let child = people.child().await;
            people.package_line(&people.package_of(&child).await, line.clone()).await;
            let request = people.submitted(&child, &[yearly(700_000)]).await;
            assert_eq!(people.total(&request).await, if counts { 1_400_001 } else { 700_000 }, "{name}");
            // The same asked for by another request, which is not decided: it counts whatever its dates.
            let child = people.child().await;
            people.submitted(&child, &[line]).await;
            let request = people.submitted(&child, &[yearly(700_000)]).await;
            assert_eq!(people.total(&request).await, 1_400_001, "asked for: {name}");
        }
    });
}

#[test]
fn a_reversed_line_counts_nowhere_and_an_end_moves_what_counts() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let package = people.package_of(&child).await;
        let (one, two) = (people.package_line(&package, in_force(100)).await, people.package_line(&package, in_force(10)).await);
        let request = people.submitted(&child, &[yearly(1)]).await;
        assert_eq!(people.total(&request).await, 111);
        people.support.client.record(&format!("/v1/package-lines/{one}/reversal"), &json!({ "reason": "The wrong child" })).await;
        assert_eq!(people.total(&request).await, 11);
        let end = async |on: &str| {
            let body = json!({ "valid_to": on, "reason": "Moved" });
            people.support.client.record(&format!("/v1/package-lines/{two}/end"), &body).await
        };
        end("2024-07-01").await;
        assert_eq!(people.total(&request).await, 11);
        end("2024-06-03").await;
        assert_eq!(people.total(&request).await, 1);
    });
}

#[test]
fn today_is_not_frozen_when_the_server_starts() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let package = people.package_of(&child).await;
        people.package_line(&package, with(in_force(100), "valid_to", "2024-06-05")).await;
        people.package_line(&package, with(with(yearly(10), "frequency", "one_off"), "valid_from", "2024-05-01")).await;
        let request = people.submitted(&child, &[yearly(1)]).await;
        for (now, on, total) in [
            ("2024-06-04T22:59:59.999999", "2024-06-04", 111),
            ("2024-06-04T23:00:00", "2024-06-05", 11),
            ("2025-03-31T22:59:59", "2025-03-31", 11),
            ("2025-03-31T23:00:00", "2025-04-01", 1),
            ("2024-06-03T09:00:00", "2024-06-03", 111),
        ] {
            app.clock.set(instant(now));
            let authority = people.authority(&request).await;
            assert_eq!((authority.total(), &authority.0["on"]), (total, &json!(on)), "{now}");
        }
    });
}

#[test]
fn a_full_year_is_tested_whatever_the_end_and_term_time_is_not_fifty_two_weeks() {
    on_both(async |app| {
        let people = People::of(app).await;
        // An hour at £10: in a full year, in this one, and later.
        let hour = |frequency: &str, to: Value| with(line(frequency, 1000, 100_000), "valid_to", to);
        for (frequency, to, full_year, this_year, later) in [
            ("weekly", json!(null), 52_000, 41_143, json!(null)),
            ("weekly", json!("2024-08-12"), 52_000, 8_000, json!(0)),
            ("weekly", json!("2025-06-16"), 52_000, 41_143, json!(10_857)),
            ("term_time_weeks", json!(null), 38_000, 29_984, json!(null)),
            ("holiday_weeks", json!(null), 14_000, 11_047, json!(null)),
            ("monthly", json!(null), 12_000, 9_467, json!(null)),
            ("one_off", json!(null), 1_000, 1_000, json!(0)),
        ] {
            let request = people.submitted(&people.child().await, &[hour(frequency, to.clone())]).await;
            let read = people.read(&request).await;
            let costing =
                json!({ "year": "2024-25", "full_year_pence": full_year, "this_year_pence": this_year, "later_years_pence": later });
            assert_eq!(read["lines"][0]["costing"], costing, "{frequency} to {to}");
            assert_eq!((people.total(&request).await, &read["full_year_pence"]), (full_year, &json!(full_year)), "{frequency} to {to}");
        }
    });
}
