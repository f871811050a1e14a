//! What replaces a package line counts in its place, and hides nothing that goes on.

use crate::support::people::{People, in_force, with, yearly};
use crate::support::varying::variation;
use crate::support::{instant, on_both};
use domain::Role;
use serde_json::{Value, json};

#[test]
fn a_line_counts_in_place_of_the_package_line_that_it_replaces() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let panel = people.chaired_panel().await;
        let package = people.package_of(&child).await;
        let old = people.package_line(&package, in_force(1_000_000)).await;
        people.package_line(&package, in_force(200_000)).await;
        let more = people.submitted(&child, &[with(yearly(1_200_000), "replaces_line_id", old.clone())]).await;
        let authority = people.authority(&more).await;
        assert_eq!((authority.total(), authority.who_may()), (1_400_000, vec!["service_unit_manager"]));
        // An undecided request takes nothing away: the old line may yet stay.
        let this = people.submitted(&child, &[yearly(1)]).await;
        assert_eq!(people.total(&this).await, 1_000_000 + 200_000 + 1_200_000 + 1);
        people.worker.client.record(&format!("/v1/requests/{this}/withdrawal"), &json!({ "reason": "Asked again later" })).await;
        people.decided(&panel, &more, &json!({ "kind": "approved" })).await;
        let this = people.submitted(&child, &[yearly(1)]).await;
        assert_eq!(people.total(&this).await, 1_200_000 + 200_000 + 1);
        let agreed = people.read(&more).await["lines"][0]["id"].clone();
        let end = async |on: &str| {
            let body = json!({ "valid_to": on, "reason": "Replaced" });
            people.support.client.record(&format!("/v1/package-lines/{old}/end"), &body).await
        };
        end("2024-06-17").await;
        assert_eq!(people.total(&this).await, 1_200_000 + 200_000 + 1);
        people.package_line(&package, with(yearly(1_200_000), "request_line_id", agreed)).await;
        assert_eq!(people.total(&this).await, 1_200_000 + 200_000 + 1, "the one ends when the other starts");
        let a_day_longer = variation(&old, "extension", "2024-06-17", json!({ "valid_to": "2024-06-18" }));
        people.varied("assistant_director", &a_day_longer).await;
        assert_eq!(people.total(&this).await, 1_000_000 + 1_200_000 + 200_000 + 1, "both run");
    });
}

#[test]
fn an_approval_in_part_replaces_only_what_the_paperwork_asks_to_replace() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let panel = people.chaired_panel().await;
        let package = people.package_of(&child).await;
        let dear = people.package_line(&package, in_force(1_300_000)).await;
        let cheap = people.package_line(&package, in_force(100)).await;
        let replacing = |pence: i64, old: &str| with(yearly(pence), "replaces_line_id", old);
        let request = people.submitted(&child, &[replacing(700_000, &cheap)]).await;
        people.support.client.booking(&panel, &request).await;
        let chair = &people.post("service_unit_manager").client;
        let decide = async |lines: Value| {
            let decision = json!({
                "kind": "approved_in_part", "rationale": "As the minutes say", "lines": lines, "authority_hearing_on": "2024-06-10"
            });
            chair.post(&format!("/v1/requests/{request}/decisions"), &decision).await
        };
        let refused = decide(json!([yearly(1), replacing(500_000, &dear)])).await.expect_problem(422, "invalid_body");
        assert_eq!(refused.pointers(), ["/lines/1/replaces_line_id"]);
        assert_eq!(refused.body["errors"][0]["code"], "not_asked_for");
        let decided = decide(json!([yearly(1), replacing(500_000, &cheap)])).await.expect(201).body;
        assert_eq!(decided["total_pence"], 1_300_000 + 500_000 + 1);
    });
}

#[test]
fn a_replacement_does_not_hide_what_still_runs() {
    on_both(async |app| {
        let people = People::of(app).await;
        let panel = people.chaired_panel().await;
        let child = people.child().await;
        let old = people.package_line(&people.package_of(&child).await, in_force(1_300_000)).await;
        // A cheap line that is to replace it, years ahead: the dear one runs all of the next year.
        let replacing = |pence: i64, from: &str| with(with(yearly(pence), "replaces_line_id", old.clone()), "valid_from", from);
        let far = people.submitted(&child, &[replacing(100, "2025-06-03")]).await;
        assert_eq!(people.total(&far).await, 1_300_100);
        people.decided(&panel, &far, &json!({ "kind": "approved" })).await;
        // Agreed, and not commissioned: the two never run together, and the dearer counts.
        let this = people.submitted(&child, &[yearly(200_000)]).await;
        assert_eq!(people.total(&this).await, 1_500_000);
        assert_eq!(people.authority(&this).await.who_may(), ["head_of_service"]);
        // Within the year it takes the old line's place.
        let near = people.submitted(&child, &[replacing(100, "2025-06-02")]).await;
        assert_eq!(people.total(&near).await, 200_000 + 100 + 100);
    });
}

#[test]
fn an_agreed_replacement_that_lapsed_takes_nothing_away() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let panel = people.chaired_panel().await;
        let old = people.package_line(&people.package_of(&child).await, in_force(1_000_000)).await;
        let summer = with(with(yearly(1_100_000), "replaces_line_id", old), "valid_to", "2024-08-01");
        let lapsing = people.submitted(&child, &[summer]).await;
        people.decided(&panel, &lapsing, &json!({ "kind": "approved" })).await;
        let this = people.submitted(&child, &[yearly(1)]).await;
        assert_eq!(people.total(&this).await, 1_100_001);
        app.clock.set(instant("2025-06-02T09:00:00"));
        assert_eq!(people.total(&this).await, 1_100_001, "its dates are over, and it may yet be commissioned");
        app.clock.set(instant("2025-06-03T09:00:00"));
        assert_eq!(people.total(&this).await, 1_000_001, "never commissioned and over: the old line is what the child has");
    });
}

#[test]
fn what_is_replaced_that_carries_out_an_agreed_line_takes_that_with_it() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let panel = people.chaired_panel().await;
        let other = people.submitted(&child, &[yearly(700_000)]).await;
        people.decided(&panel, &other, &json!({ "kind": "approved" })).await;
        let agreed = people.read(&other).await["lines"][0]["id"].clone();
        let cheap = people.package_line(&people.package_of(&child).await, with(yearly(100), "request_line_id", agreed)).await;
        let replacing = |from: &str| with(with(yearly(50), "valid_from", from), "replaces_line_id", cheap.clone());
        let near = people.submitted(&child, &[replacing("2024-06-18")]).await;
        assert_eq!(people.total(&near).await, 50);
        people.withdraw(&near).await.expect(201);
        let far = people.submitted(&child, &[replacing("2025-06-18")]).await;
        assert_eq!(people.total(&far).await, 700_050);
    });
}
