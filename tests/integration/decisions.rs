//! Deciding at the panel: what each kind needs, who decides, votes, quorum, and what a decision keeps.

use crate::support::panel_day::{PanelDay, approved, assert_whole, decision_of, line, long_panel, with};
use crate::support::records::new_assessment;
use crate::support::{instant, on_both};
use domain::{Permission, Role};
use serde_json::{Value, json};
use strum::VariantArray;

pub const KINDS: [&str; 5] = ["approved", "approved_in_part", "deferred", "declined", "signposted"];

pub fn votes(cast: &[(&str, &str)]) -> Value {
    cast.iter().map(|(member, vote)| json!({ "member_id": member, "vote": vote })).collect()
}

pub fn error_codes(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap()).collect()
}

#[test]
fn the_chair_decides_each_kind() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        for kind in KINDS {
            let request = day.booked(36_500).await;
            let made = day.sum.decide(&request, &decision_of(kind, 36_500)).await.expect(201);
            let decision = made.body["id"].as_str().unwrap();
            assert_eq!(made.header("location"), format!("/v1/decisions/{decision}"));
            assert_eq!((day.state(&request).await.as_str(), &made.body["kind"]), (kind, &json!(kind)));
            let full = day.decision(decision).await;
            let supports = full["authorisations"].as_array().unwrap();
            assert_eq!(supports.len(), usize::from(kind.starts_with("approved")), "{kind}: {supports:?}");
            assert!(supports.iter().all(|one| one["kind"] == "authority" && one["post"] == "service_unit_manager"));
            assert_eq!((&made.body["decided_by"], &made.body["decided_as"]), (&json!(day.sum.id), &json!("chair")));
            let half = if kind == "approved_in_part" { 2 } else { 1 };
            // 288 of 365 days are left of the year from 17 June.
            let costs = (&made.body["total_pence"], &made.body["full_year_pence"], &made.body["this_year_pence"]);
            assert_eq!(costs, (&json!(36_500 / half), &json!(36_500 / half), &json!(28_800 / half)), "{kind}");
            assert!(made.body["later_years_pence"].is_null(), "the line has no end");
            if kind == "approved" {
                let mut shown = full.clone();
                shown["explanation"] = json!("(told elsewhere)");
                shown["authorisations"][0]["explanation"] = json!("(told elsewhere)");
                let shown = crate::support::Answer { body: shown, ..made };
                insta::assert_json_snapshot!("a_decision_in_full", shown.redacted());
            }
        }
        assert_whole(app);
    });
}

#[test]
fn what_a_kind_needs_and_what_it_has_no_room_for_is_told_all_at_once() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        let nobody = db::new_id();
        for kind in KINDS {
            let own = match kind {
                "approved_in_part" => vec!["lines"],
                "deferred" => vec!["deferred_until", "deferred_for"],
                "declined" => vec!["decline_reason"],
                "signposted" => vec!["signposted_to"],
                _ => vec![],
            };
            let mut body = json!({
                "kind": kind, "rationale": "-", "lines": [line(1)], "deferred_until": "2024-06-10", "deferred_for": "-",
                "decline_reason": "other", "signposted_to": ["-"], "authority_hearing_on": "2024-06-07",
                "actions": [{ "action": "-", "owner_id": nobody, "due_on": "2024-06-02" }], "votes": votes(&[(&nobody, "for")])
            });
            own.iter().for_each(|field| drop(body.as_object_mut().unwrap().remove(*field)));
            let refused = day.sum.decide(&request, &body).await.expect_problem(422, "invalid_body");
            let mut expected = vec!["/actions/0/due_on", "/actions/0/owner_id"];
            if !kind.starts_with("approved") {
                expected.push("/authority_hearing_on");
            }
            expected.extend(["/decline_reason", "/deferred_for", "/deferred_until", "/lines", "/signposted_to", "/votes/0/member_id"]);
            assert_eq!(refused.pointers(), expected, "{kind}");
            let missing = error_codes(&refused.body).into_iter().filter(|code| *code == "missing").count();
            assert_eq!(missing, own.len(), "{kind}");
            if kind == "deferred" {
                insta::assert_json_snapshot!("a_deferral_with_nothing_to_stand_on", refused.redacted());
            }
        }
        assert_eq!((app.count("decisions"), app.count("decision_votes"), app.count("decision_actions")), (0, 0, 0));
        assert_eq!(day.state(&request).await, "booked");
    });
}

#[test]
fn a_decision_has_limits() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        let action = json!({ "action": "-", "owner_id": day.tm.id, "due_on": "2024-06-03" });
        for (kind, field, value) in [
            ("deferred", "deferred_until", json!("2024-06-03")),
            ("deferred", "deferred_until", json!("2099-04-01")),
            ("deferred", "deferred_for", json!("x".repeat(501))),
            ("approved", "authority_hearing_on", json!("2024-06-02")),
            ("approved", "authority_hearing_on", json!("2099-04-01")),
            ("approved", "rationale", json!("")),
            ("approved", "rationale", json!("x".repeat(4001))),
            ("approved", "actions", json!(vec![action.clone(); 21])),
            ("approved", "votes", json!(vec![json!({ "member_id": day.members.tm, "vote": "for" }); 101])),
            ("approved", "kind", json!("agreed")),
            ("declined", "decline_reason", json!("because")),
            ("signposted", "signposted_to", json!(vec!["-"; 21])),
            ("approved_in_part", "lines", json!([])),
            ("approved_in_part", "lines", json!(vec![line(1); 51])),
        ] {
            let refused = day.sum.decide(&request, &with(decision_of(kind, 100_000), field, value.clone())).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), [format!("/{field}")], "{kind} {value}");
        }
        let outside = "the day is outside the supported years";
        for (kind, field, given, why) in [
            ("deferred", "deferred_until", "2024-06-03", "a day after the panel's, 2024-06-03"),
            ("deferred", "deferred_until", "2099-12-31", outside),
            ("approved", "authority_hearing_on", "2024-06-02", "not before the panel's day, 2024-06-03"),
            ("approved", "authority_hearing_on", "2099-12-31", outside),
        ] {
            let refused = day.sum.decide(&request, &with(decision_of(kind, 100_000), field, json!(given))).await;
            assert_eq!(refused.expect_problem(422, "invalid_body").body["errors"][0]["detail"], why, "{field} {given}");
        }
        let unknown = day.sum.decide(&db::new_id(), &approved()).await;
        unknown.expect_problem(404, "not_found");
        assert_eq!(app.count("decisions"), 0);
        // An action may be due on the panel's own day.
        day.decided(&day.sum, &request, &with(approved(), "actions", json!([action]))).await;
    });
}

#[test]
fn a_deferred_request_is_heard_again_and_not_before_its_day() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let (early, late) = (long_panel(&day.support, "2024-06-10").await, long_panel(&day.support, "2024-06-24").await);
        let request = day.booked(100_000).await;
        day.decided(&day.sum, &request, &with(decision_of("deferred", 0), "deferred_until", json!("2024-06-24"))).await;
        let book = async |panel: &str| day.support.post(&format!("/v1/panels/{panel}/bookings"), &json!({ "request_id": request })).await;
        book(&early).await.expect_problem(409, "state_conflict");
        book(&late).await.expect(201);
        let soon = day.sum.decide(&request, &approved()).await.expect_problem(409, "state_conflict");
        assert_eq!(soon.body["detail"], "The panel is on 2024-06-24: it cannot decide before.");
        app.clock.set(instant("2024-06-24T11:00:00"));
        day.attend(&late).await;
        day.decided(&day.sum, &request, &approved()).await;
        let both = day.support.get(&format!("/v1/decisions?request_id={request}")).await.expect(200).body;
        let told: Vec<_> = both["items"].as_array().unwrap().iter().map(|one| (one["number"].clone(), one["kind"].clone())).collect();
        assert_eq!(told, [(json!(1), json!("deferred")), (json!(2), json!("approved"))]);
        assert_whole(app);
    });
}

#[test]
fn where_there_is_disagreement_the_majority_decides() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let (pm, tm, health, sum) = (&*day.members.pm, &*day.members.tm, &*day.members.health, &*day.members.sum);
        let away = day.support.member("commissioner", None).await;
        let absent = day.support.member("commissioner", None).await;
        day.support.attend(&day.panel, &absent, "absent").await;
        day.support.two_members(&day.panel).await;
        let request = day.booked(100_000).await;
        let refused = async |cast: &[(&str, &str)], pointer: &str, code: &str| {
            let answer = day.sum.decide(&request, &with(approved(), "votes", votes(cast))).await.expect_problem(422, "invalid_body");
            assert_eq!((answer.pointers(), error_codes(&answer.body)), (vec![pointer.to_owned()], vec![code]), "{cast:?}");
        };
        refused(&[(sum, "for"), (tm, "against")], "/votes", "no_majority").await;
        refused(&[(sum, "for"), (tm, "against"), (pm, "against"), (health, "abstained")], "/votes", "no_majority").await;
        refused(&[(tm, "abstained")], "/votes", "no_majority").await;
        refused(&[(sum, "for"), (sum, "for")], "/votes/1/member_id", "repeated").await;
        refused(&[(sum, "for"), (&away, "for")], "/votes/1/member_id", "not_present").await;
        refused(&[(sum, "for"), (&absent, "for")], "/votes/1/member_id", "not_present").await;
        // One stands down as a member without an account, the other by the account.
        let interest = json!({ "member_id": health, "nature": "knows_family" });
        day.support.record(&format!("/v1/requests/{request}/interests"), &interest).await;
        day.tm.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "provider" })).await;
        refused(&[(sum, "for"), (health, "for")], "/votes/1/member_id", "stands_down").await;
        refused(&[(sum, "for"), (tm, "for")], "/votes/1/member_id", "stands_down").await;
        assert_eq!(app.count("decision_votes"), 0);
        let decision = day.decided(&day.sum, &request, &with(approved(), "votes", votes(&[(sum, "for"), (pm, "abstained")]))).await;
        assert_eq!(day.decision(&decision).await["votes"].as_array().unwrap().len(), 2);
        let other = day.booked(100_000).await;
        let cast = votes(&[(sum, "for"), (pm, "for"), (tm, "against"), (health, "abstained")]);
        let decision = day.decided(&day.sum, &other, &with(decision_of("declined", 0), "votes", cast)).await;
        assert_eq!(day.decision(&decision).await["votes"].as_array().unwrap().len(), 4);
    });
}

#[test]
fn only_whoever_chairs_the_item_decides() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        for (who, reason) in [(&day.tm, "Only whoever chairs"), (&day.hos, "Only whoever chairs"), (&day.pm, "The chair is at this panel")]
        {
            let refused = who.decide(&request, &approved()).await.expect_problem(403, "no_authority");
            assert!(refused.body["detail"].as_str().unwrap().starts_with(reason), "{}", refused.text);
        }
        for tool in [app.as_client(&[Permission::DecisionsWrite]).await, app.as_client(Permission::VARIANTS).await] {
            let refused = tool.post(&format!("/v1/requests/{request}/decisions"), &approved()).await.expect_problem(403, "no_authority");
            assert!(refused.body["detail"].as_str().unwrap().starts_with("A person decides"), "{}", refused.text);
        }
        for role in [Role::Practitioner, Role::PanelSupport, Role::FinanceOfficer, Role::Auditor, Role::Administrator] {
            let caller = app.as_role(role);
            caller.post(&format!("/v1/requests/{request}/decisions"), &approved()).await.expect_problem(403, "not_allowed");
        }
        assert_eq!(app.count("decisions"), 0);
    });
}

#[test]
fn a_chair_who_stands_down_leaves_the_item_to_the_deputy() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        for (field, reason) in [("coster_id", "you costed it"), ("presenter_id", "you present it"), ("", "you declared an interest")] {
            let child = day.presenter.client.child().await;
            let mut paperwork = day.paperwork(&child, 100_000).await;
            let mut named = vec![];
            if !field.is_empty() {
                paperwork[field] = json!(day.sum.id);
                named.push(&day.sum);
            }
            let request = day.booked_naming(&child, paperwork, &named).await;
            if field.is_empty() {
                let interest = json!({ "member_id": day.members.sum, "nature": "knows_family" });
                day.support.record(&format!("/v1/requests/{request}/interests"), &interest).await;
            }
            for kind in KINDS {
                let refused = day.sum.decide(&request, &decision_of(kind, 100_000)).await.expect_problem(403, "no_authority");
                let detail = refused.body["detail"].as_str().unwrap();
                assert_eq!(detail, format!("You stand down for this item: {reason}. Whoever deputises decides it."));
            }
            let decision = day.decided(&day.pm, &request, &approved()).await;
            assert_eq!(day.state(&request).await, "awaiting_ratification");
            assert_eq!(day.decision(&decision).await["decided_as"], "deputy_chair");
        }
        // Where both stand down, nobody decides.
        let request = day.booked_for_deputy(100_000).await;
        day.pm.client.record(&format!("/v1/requests/{request}/own-interest"), &json!({ "nature": "other" })).await;
        day.pm.decide(&request, &approved()).await.expect_problem(403, "no_authority");
        assert_whole(app);
    });
}

#[test]
fn a_decision_is_made_once_and_the_second_hears_who_made_it() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let request = day.booked(100_000).await;
        let path = format!("/v1/requests/{request}/decisions");
        let first = day.sum.client.post_once("decide-1", &path, &approved()).await.expect(201);
        let again = day.sum.client.post_once("decide-1", &path, &approved()).await.expect(201);
        assert_eq!(first.body, again.body);
        let refused = day.sum.decide(&request, &decision_of("declined", 0)).await.expect_problem(409, "state_conflict");
        assert_eq!(
            refused.body["detail"],
            format!(
                "The request is `approved` since {} did `decide` at 2024-06-03T09:00:00Z; `decide` is not possible. What can be done \
                 now: `withdraw`.",
                day.sum.name
            )
        );
        assert_eq!(app.count("decisions"), 1);
    });
}

#[test]
fn a_decision_keeps_its_reasoning_whatever_becomes_of_people() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let child = day.presenter.client.child().await;
        let request = day.booked_for(&child, 1_300_000).await;
        let authority = format!("/v1/requests/{request}/authority");
        let before = day.support.get(&authority).await.expect(200).body;
        let decision = day.decided(&day.sum, &request, &approved()).await;
        let told = day.decision(&decision).await;
        assert_eq!((&told["explanation"], &told["authorisations"][0]["explanation"]), (&before, &before));
        assert_eq!(told["tier"], "service_unit_manager");
        let holdings = day.administrator.get(&format!("/v1/post-holdings?user_id={}", day.sum.id)).await.expect(200).body;
        let holding = holdings["items"][0]["holding_id"].as_str().unwrap();
        let end = json!({ "reason": "Recorded by mistake" });
        day.administrator.record(&format!("/v1/post-holdings/{holding}/reversal"), &end).await;
        day.submitted_for(&child, 900_000).await;
        let after = day.support.get(&authority).await.expect(200).body;
        assert_eq!((&after["total_pence"], &before["total_pence"]), (&json!(2_200_000), &json!(1_300_000)));
        assert_eq!(day.decision(&decision).await, told);
    });
}

#[test]
fn what_is_approved_rests_on_consent_and_on_an_assessment_current_at_the_panel() {
    on_both(async |app| {
        let day = PanelDay::of(app).await;
        let child = day.presenter.client.child().await;
        let paperwork = day.paperwork(&child, 100_000).await;
        let assessment = paperwork["assessment_id"].as_str().unwrap().to_owned();
        let request = day.booked_with(&child, paperwork).await;
        day.presenter.client.step(&assessment, "consent_withdrawn", "2024-06-03").await;
        for kind in ["approved", "approved_in_part"] {
            let refused = day.sum.decide(&request, &decision_of(kind, 100_000)).await.expect_problem(409, "not_ready");
            assert_eq!(refused.pointers(), ["/assessment_id"]);
        }
        assert_eq!((app.count("decisions"), app.count("request_revisions")), (0, 1));
        // What spends nothing can be decided.
        day.decided(&day.sum, &request, &decision_of("declined", 0)).await;
        // From the day after the one that is a year after its completion an assessment is no longer current; the panel's day counts, not the day of writing it down.
        let child = day.presenter.client.child().await;
        let old = with(new_assessment(&child, &day.presenter.id), "started_on", json!("2023-05-01"));
        let old = day.presenter.client.record("/v1/assessments", &old).await["id"].as_str().unwrap().to_owned();
        day.presenter.client.step(&old, "consent_given", "2023-06-10").await;
        day.presenter.client.step(&old, "completed", "2023-06-10").await;
        day.tm.client.authorise(&old, "2023-06-12").await;
        let (last, late) = (long_panel(&day.support, "2024-06-10").await, long_panel(&day.support, "2024-06-11").await);
        let another = day.presenter.client.child().await;
        let paperwork = with(day.paperwork(&another, 1_500_000).await, "assessment_id", json!(old));
        let new = json!({ "reference": "RQ-OLD", "child_id": child, "paperwork": paperwork });
        let request = day.presenter.client.record("/v1/requests", &new).await["id"].as_str().unwrap().to_owned();
        day.coster.client.own_parts(&request, 1).await.expect(201);
        day.presenter.client.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        let book = async |panel: &str| day.support.post(&format!("/v1/panels/{panel}/bookings"), &json!({ "request_id": request })).await;
        book(&late).await.expect_problem(409, "not_ready");
        book(&last).await.expect(201);
        app.clock.set(instant("2024-06-12T09:00:00"));
        day.attend(&last).await;
        let hearing = with(approved(), "authority_hearing_on", json!("2024-06-12"));
        let decision = day.decided(&day.sum, &request, &hearing).await;
        day.hos.authorise(&decision, "given").await.expect(201);
        assert_eq!(day.decision(&decision).await["decided_on"], "2024-06-10");
        assert_whole(app);
    });
}
