//! How many must be at a panel, and who is there without being a member.

use crate::decisions::{KINDS, error_codes, votes};
use crate::support::panel_day::{PanelDay, approved, decision_of, with};
use crate::support::{on_both, on_both_with};
use api::auth::CallerKind;
use domain::profile::Number;
use domain::{Permission, Profile};
use serde_json::json;

#[test]
fn without_a_quorum_nothing_is_decided() {
    let mut profile = Profile::bundled("tameside").unwrap();
    profile.panel.quorum_members = Some(Number { value: 2, clause: "A clause".to_owned() });
    on_both_with(&profile, async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        let stand_down = async |member: &str| {
            let interest = json!({ "member_id": member, "nature": "knows_family" });
            day.support.record(&format!("/v1/requests/{request}/interests"), &interest).await;
        };
        stand_down(&day.members.tm).await;
        stand_down(&day.members.health).await;
        let refused = day.sum.decide(&request, &approved()).await.expect_problem(409, "state_conflict");
        let said = "1 members take part in this item besides whoever chairs it; the quorum is 2 (A clause).";
        assert_eq!(refused.body["detail"], said);
        let commissioner = day.support.member("commissioner", None).await;
        day.support.sign(&commissioner, "2024-04-08").await;
        day.support.attend(&day.panel, &commissioner, "member").await;
        day.decided(&day.sum, &request, &approved()).await;
        // Who stands down for one item counts for the next.
        let other = day.booked(100_000).await;
        day.support.attend(&day.panel, &commissioner, "absent").await;
        day.decided(&day.sum, &other, &approved()).await;
    });
}

#[test]
fn the_chair_alone_is_no_panel() {
    for profile in ["tameside", "kirklees"].map(|council| Profile::bundled(council).unwrap()) {
        assert_eq!(profile.panel.quorum_members.map(|quorum| quorum.value), Some(2), "besides whoever chairs");
    }
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(1_300_000).await;
        for member in [&day.members.pm, &day.members.tm, &day.members.health] {
            day.support.attend(&day.panel, member, "absent").await;
        }
        // The head of service is there for the post, and makes no panel of it.
        let head = day.support.member("head_of_service", Some(&day.hos.id)).await;
        day.support.attend(&day.panel, &head, "attending").await;
        for kind in KINDS {
            let refused = day.sum.decide(&request, &decision_of(kind, 1_300_000)).await.expect_problem(409, "state_conflict");
            assert!(refused.text.contains("0 members take part in this item besides whoever chairs it"), "{}", refused.text);
        }
        day.support.attend(&day.panel, &day.members.tm, "member").await;
        day.sum.decide(&request, &approved()).await.expect_problem(409, "state_conflict");
        day.support.attend(&day.panel, &day.members.health, "member").await;
        let panel = day.support.get(&format!("/v1/panels/{}", day.panel)).await.expect(200).body;
        assert_eq!((&panel["quorum"]["present"], &panel["quorum"]["needed"]), (&json!(2), &json!(2)));
        let vote = with(approved(), "votes", votes(&[(&day.members.sum, "for"), (&head, "for")]));
        let refused = day.sum.decide(&request, &vote).await.expect_problem(422, "invalid_body");
        assert_eq!((refused.pointers(), error_codes(&refused.body)), (vec!["/votes/1/member_id".to_owned()], vec!["not_a_member"]));
        day.decided(&day.sum, &request, &approved()).await;
    });
}

#[test]
fn senior_managers_attend_and_absent_members_stand_in_the_minutes() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let attend = async |member: &str, part: &str| {
            let body = json!({ "member_id": member, "attendance": part });
            day.support.post(&format!("/v1/panels/{}/attendances", day.panel), &body).await
        };
        // No signature is asked of whoever attends only.
        for (post, person) in [("head_of_service", &day.hos), ("assistant_director", &day.ad)] {
            let member = day.support.member(post, Some(&person.id)).await;
            for part in ["member", "chair", "deputy_chair"] {
                let refused = attend(&member, part).await.expect_problem(422, "invalid_body");
                assert_eq!((refused.pointers(), error_codes(&refused.body)), (vec!["/attendance".to_owned()], vec!["not_of_this_role"]));
            }
            attend(&member, "attending").await.expect(201);
        }
        attend(&day.members.tm, "attending").await.expect_problem(422, "invalid_body");
        attend(&day.members.health, "absent").await.expect(201);
        let minutes = day.support.get(&format!("/v1/panels/{}/minutes", day.panel)).await.expect(200).body;
        let there: Vec<_> = minutes["attendance"]
            .as_array()
            .unwrap()
            .iter()
            .map(|seat| format!("{} {}", seat["role"].as_str().unwrap(), seat["attendance"].as_str().unwrap()))
            .collect();
        let expected = [
            "Service unit manager chair",
            "Partnership manager deputy_chair",
            "Team manager member",
            "Head of service attending",
            "Assistant director attending",
            "Health representative absent",
        ];
        assert_eq!(there, expected);
    });
}

#[test]
fn one_person_fills_no_panel_by_hand_or_by_a_tool() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        for member in [&day.members.pm, &day.members.tm, &day.members.health] {
            day.support.attend(&day.panel, member, "absent").await;
        }
        // Nobody says by a tool who sits there, who signed, who was there or what is heard.
        let scope = vec![Permission::PanelsWrite];
        let tool = app.tool_of(&day.sum.id, scope.clone());
        let member = json!({ "role": "commissioner", "title": "Commissioner" });
        tool.post("/v1/panel-members", &member).await.expect_problem(403, "not_allowed");
        let here = json!({ "member_id": day.members.health, "attendance": "member" });
        tool.post(&format!("/v1/panels/{}/attendances", day.panel), &here).await.expect_problem(403, "not_allowed");
        // Nor does it count that whoever decides says so themselves: the member, what was signed, or that the member was there.
        let chair = app.with_token(app.keys.sign(&day.sum.id, CallerKind::User, scope).unwrap());
        let (own, signed, there) =
            (chair.member("commissioner", None).await, day.support.member("commissioner", None).await, &day.members.health);
        for (member, signer, attends) in [(&own, &day.support, &day.support), (&signed, &chair, &day.support)] {
            signer.sign(member, "2024-04-08").await;
            attends.attend(&day.panel, member, "member").await;
        }
        chair.attend(&day.panel, there, "member").await;
        let refused = day.sum.decide(&request, &approved()).await.expect_problem(409, "state_conflict");
        assert!(refused.text.contains("0 members take part in this item besides whoever chairs it"), "{}", refused.text);
        assert!(refused.text.contains("whom you recorded"), "{}", refused.text);
        // What business support records counts.
        for member in [&day.members.tm, there] {
            day.support.attend(&day.panel, member, "member").await;
        }
        day.decided(&day.sum, &request, &approved()).await;
    });
}
