//! What a request asks of the child's assessments beyond its own: a new one, a current one, one that is brought up to date.

use crate::paperwork::missing;
use crate::support::people::{People, id_of, new_request, with, yearly};
use crate::support::{instant, on_both, on_both_with};
use domain::profile::WhenLate;
use domain::{Profile, Role};
use serde_json::{Value, json};

#[test]
fn an_assessment_carries_one_request_heard_again_or_not() {
    on_both(async |app| {
        let (people, child) = (People::of(app).await, app.person(Role::Practitioner).client.child().await);
        let panel = people.chaired_panel().await;
        let first = people.submitted(&child, &[yearly(1000)]).await;
        let assessment = people.read(&first).await["paperwork"]["assessment_id"].clone();
        let again = with(people.paperwork(&people.child().await, &[yearly(2000)]).await, "assessment_id", assessment.clone());
        let second = id_of(&people.worker.client.record("/v1/requests", &new_request(&child, again.clone())).await);
        let refused = people.try_to_submit(&second).await.expect_problem(409, "not_ready");
        assert_eq!(refused.pointers(), ["/assessment_id"]);
        assert!(
            refused.text.contains("another request rests on a new one") && refused.text.contains("Panel standard 9"),
            "{}",
            refused.text
        );
        // Taken back before anybody decided it, the first leaves the assessment free.
        people.withdraw(&first).await.expect(201);
        people.submit(&second).await;
        people.coster.client.own_parts(&second, 1).await.expect(201);
        let deferred = json!({ "kind": "deferred", "deferred_until": "2024-06-04", "deferred_for": "A report from the school" });
        people.decided(&panel, &second, &deferred).await;
        let third = id_of(&people.worker.client.record("/v1/requests", &new_request(&child, again.clone())).await);
        people.try_to_submit(&third).await.expect_problem(409, "not_ready");
        // Heard again, a request keeps its own.
        people.revise(&second, &again).await.expect(201);
        people.try_to_submit(&second).await.expect(201);
    });
}

#[test]
fn overnight_support_waits_while_the_yearly_update_is_late_or_is_marked_as_the_profile_says() {
    let kirklees = Profile::bundled("kirklees").unwrap();
    let mut marking = kirklees.clone();
    marking.delegation.updates[0].when_late = WhenLate::Mark;
    for (profile, waits) in [(kirklees, true), (marking, false)] {
        on_both_with(&profile, async |app| {
            let people = People::in_posts(app, &["team_manager"]).await;
            let child = people.child().await;
            let overnight = with(with(yearly(1000), "unit", "night"), "budget_line", "overnight_respite");
            let overnight = with(with(overnight, "service", "overnight_stay"), "valid_from", "2025-06-17");
            let request = people.draft(&child, &[overnight]).await;
            let lacking = async || missing(&people.read(&request).await).into_iter().map(str::to_owned).collect::<Vec<_>>();
            app.clock.set(instant("2025-05-28T09:00:00"));
            assert_eq!(lacking().await, Vec::<String>::new(), "the day on which it is due");
            app.clock.set(instant("2025-05-29T09:00:00"));
            if waits {
                assert_eq!(lacking().await, ["/assessment_id"]);
                let refused = people.try_to_submit(&request).await.expect_problem(409, "not_ready");
                assert!(
                    refused.text.contains("to be brought up to date by 2025-05-28") && refused.text.contains("7.1.1"),
                    "{}",
                    refused.text
                );
            } else {
                people.submit(&request).await;
                let marked = people.authority(&request).await.0["late_updates"].clone();
                assert_eq!(marked[0]["detail"], "the assessment of 2024-05-28 was to be brought up to date by 2025-05-28");
            }
        });
    }
}

#[test]
fn the_last_current_day_of_an_assessment_is_current() {
    for (council, last, after) in [("manchester", "2024-11-28", "2024-11-29"), ("knowsley", "2025-05-28", "2025-05-29")] {
        on_both_with(&Profile::bundled(council).unwrap(), async |app| {
            let people = People::in_posts(app, &[]).await;
            let child = people.child().await;
            let line = with(yearly(1000), "budget_line", "direct_payments");
            let request = people.draft(&child, &[line]).await;
            app.clock.set(instant(&format!("{after}T09:00:00")));
            assert_eq!(missing(&people.read(&request).await), ["/assessment_id"], "{council}");
            app.clock.set(instant(&format!("{last}T09:00:00")));
            assert_eq!(missing(&people.read(&request).await), Vec::<&str>::new(), "{council}");
            people.submit(&request).await;
        });
    }
}

#[test]
fn a_larger_increase_needs_an_assessment_that_is_brought_up_to_date() {
    on_both_with(&Profile::bundled("warwickshire").unwrap(), async |app| {
        let mut people = People::in_posts(app, &[]).await;
        people.assessment = "single";
        let panel = people.support.client.panel("2024-06-10").await;
        for (pence, begun_on, is_refused) in [(1_000, "2024-05-30", false), (1_001, "2024-05-30", true), (9_000, "2024-05-27", false)] {
            let child = people.child().await;
            let of = |line: Value| with(line, "budget_line", "community_short_breaks");
            people.package_line(&people.package_of(&child).await, with(of(yearly(10_000)), "valid_from", begun_on)).await;
            let request = people.submitted(&child, &[of(yearly(pence))]).await;
            let path = format!("/v1/panels/{panel}/bookings");
            let answer = people.support.client.post(&path, &json!({ "request_id": request })).await;
            if is_refused {
                let refused = answer.expect_problem(409, "not_ready");
                assert_eq!(refused.pointers(), ["/assessment_id"]);
                assert!(refused.text.contains("more than 10 % above what the child has since 2024-05-30"), "{}", refused.text);
            } else {
                answer.expect(201);
            }
        }
    });
}
