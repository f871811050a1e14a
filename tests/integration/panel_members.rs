//! Members of the panel: what they sign, where they sit, and who may chair.

use crate::support::kirklees::{Kirklees, kirklees, weekly};
use crate::support::panel_day::{Person, assert_whole, decision_of, long_panel};
use crate::support::records::Workers;
use crate::support::{Client, TestApp, instant, on_both, on_both_with};
use domain::profile::Number;
use domain::{Profile, Role};
use serde_json::{Value, json};

fn tameside() -> Profile {
    Profile::bundled("tameside").unwrap()
}

async fn support_of(app: &TestApp) -> Client {
    app.as_role(Role::PanelSupport)
}

/// A panel on the day of the tests, and somebody in a post who is a member with current signatures.
struct Sitting {
    support: Client,
    administrator: Client,
    panel: String,
}

impl Sitting {
    async fn of(app: &TestApp) -> Self {
        let support = support_of(app).await;
        let panel = support.panel("2024-06-03").await;
        Sitting { support, administrator: app.as_role(Role::Administrator), panel }
    }

    /// A member with an account and signatures, in a post or in none.
    async fn member(&self, app: &TestApp, post: Option<(&str, &str)>) -> String {
        let user = app.as_role(Role::Manager).my_id().await;
        if let Some((post, capacity)) = post {
            let holding = json!({ "post": post, "user_id": user, "capacity": capacity, "valid_from": "2024-04-01", "reason": "-" });
            self.administrator.put_in_post(&holding).await;
        }
        let member = self.support.member("team_manager", Some(&user)).await;
        self.support.sign(&member, "2024-04-08").await;
        member
    }

    async fn refused(&self, member: &str, attendance: &str, code: &str) -> Value {
        let path = format!("/v1/panels/{}/attendances", self.panel);
        self.support.post(&path, &json!({ "member_id": member, "attendance": attendance })).await.expect_problem(409, code).body
    }
}

#[test]
fn a_panel_that_decided_something_took_place_and_its_chair_stays() {
    on_both(async |app| {
        let (sitting, workers) = (Sitting::of(app).await, Workers::of(app).await);
        let chair = sitting.member(app, Some(("service_unit_manager", "holder"))).await;
        let other = sitting.member(app, None).await;
        sitting.support.attend(&sitting.panel, &chair, "chair").await;
        sitting.support.attend(&sitting.panel, &other, "member").await;
        let request = workers.submitted_request().await;
        sitting.support.booking(&sitting.panel, &request).await;
        decided_and_voted(app, &request, &chair, &other);
        let path = format!("/v1/panels/{}/cancellation", sitting.panel);
        let refused = sitting.support.post(&path, &json!({ "reason": "-" })).await.expect_problem(409, "state_conflict");
        assert_eq!(refused.body["detail"], "The panel of 2024-06-03 has decided a request: it took place.");
        for part in ["deputy_chair", "member", "absent"] {
            let refused = sitting.refused(&chair, part, "state_conflict").await;
            assert_eq!(refused["detail"], "The member decided an item of this panel as `chair`.");
        }
        sitting.support.attend(&sitting.panel, &chair, "chair").await;
        assert_eq!(sitting.refused(&other, "absent", "state_conflict").await["detail"], "The member voted on an item of this panel.");
    });
}

/// What a panel would have decided, behind the server's back: by the chair, with a vote of the other's.
fn decided_and_voted(app: &TestApp, request: &str, chair: &str, voter: &str) {
    app.sql(&format!(
        "INSERT INTO decisions (id, request_id, number, route, panel_id, kind, decided_by, decided_as, decided_on, revision, rationale, \
         total_pence, full_year_pence, this_year_pence, explanation, recorded_by, recorded_at, recorded_seq) \
         SELECT 'd', b.request_id, 1, 'panel', b.panel_id, 'approved', m.user_id, 'service_unit_manager', '2024-06-03', 1, '-', \
         0, 0, 0, '{{}}', 'test', '2024-06-03 10:00:00', 1 FROM panel_bookings b, panel_members m \
         WHERE b.request_id = '{request}' AND m.id = '{chair}'"
    ))
    .unwrap();
    app.sql(&format!(
        "INSERT INTO decision_votes (decision_id, member_id, vote, recorded_seq) VALUES ('d', '{voter}', 'for', \
        1)"
    ))
    .unwrap();
}

#[test]
fn a_member_has_a_role_of_the_profile() {
    on_both(async |app| {
        let support = support_of(app).await;
        let bad = json!({ "role": "jester", "title": "Fool", "user_id": db::new_id() });
        let refused = support.post("/v1/panel-members", &bad).await.expect_problem(422, "invalid_body");
        insta::assert_json_snapshot!("a_member_with_nothing_to_stand_on", refused.redacted());
        let new = json!({ "role": "health_representative", "title": "Community children's nurse" });
        let made = support.post("/v1/panel-members", &new).await.expect(201);
        support.sign(made.body["id"].as_str().unwrap(), "2024-04-08").await;
        let read = support.get(made.header("location")).await.expect(200);
        insta::assert_json_snapshot!("a_member", read.redacted());
        support.member("commissioner", None).await;
        let pages = support.all_pages("/v1/panel-members", 1).await;
        assert_eq!(pages.concat()[0], read.body);
        let second = &pages[1][0];
        assert_eq!((&second["may_sit_until"], &second["lacks"]), (&json!(null), &json!(["terms_of_reference", "confidentiality"])));
        support.get(&format!("/v1/panel-members/{}", db::new_id())).await.expect_problem(404, "not_found");
    });
}

#[test]
fn a_signature_counts_for_the_months_of_the_profile() {
    on_both(async |app| {
        let support = support_of(app).await;
        let member = support.member("commissioner", None).await;
        let path = format!("/v1/panel-members/{member}/signatures");
        let leap = json!({ "document": "confidentiality", "signed_on": "2024-02-29" });
        assert_eq!(support.record(&path, &leap).await["expires_on"], "2025-02-28");
        support.post(&path, &leap).await.expect_problem(409, "already_exists");
        let read = support.get(&format!("/v1/panel-members/{member}")).await.expect(200).body;
        assert_eq!((&read["may_sit_until"], &read["lacks"]), (&json!(null), &json!(["terms_of_reference"])));
        for day in ["2024-06-04", "1066-10-14"] {
            let signature = json!({ "document": "terms_of_reference", "signed_on": day });
            assert_eq!(support.post(&path, &signature).await.expect_problem(422, "invalid_body").pointers(), ["/signed_on"]);
        }
        let today = json!({ "document": "terms_of_reference", "signed_on": "2024-06-03" });
        support.record(&path, &today).await;
        let read = support.get(&format!("/v1/panel-members/{member}")).await.expect(200).body;
        assert_eq!((&read["may_sit_until"], &read["lacks"]), (&json!("2025-02-28"), &json!([])));
        app.clock.set(instant("2025-02-28T09:00:00"));
        let read = support.get(&format!("/v1/panel-members/{member}")).await.expect(200).body;
        assert_eq!((&read["may_sit_until"], &read["lacks"]), (&json!("2025-02-28"), &json!(["confidentiality"])));
        let unknown = format!("/v1/panel-members/{}/signatures", db::new_id());
        support.post(&unknown, &today).await.expect_problem(404, "not_found");
    });
}

#[test]
fn no_signature_no_seat() {
    on_both(async |app| {
        let sitting = Sitting::of(app).await;
        let member = sitting.support.member("commissioner", None).await;
        let refused = sitting.refused(&member, "member", "not_ready").await;
        let details: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["detail"].clone()).collect();
        assert_eq!(
            details,
            ["no signature under `terms_of_reference` by 2024-06-03", "no signature under `confidentiality` by 2024-06-03"]
        );
        let path = format!("/v1/panel-members/{member}/signatures");
        // A signature that ends on the panel's day does not count on it; one given on that day does.
        sitting.support.record(&path, &json!({ "document": "terms_of_reference", "signed_on": "2023-06-03" })).await;
        sitting.support.record(&path, &json!({ "document": "confidentiality", "signed_on": "2023-06-04" })).await;
        let refused = sitting.refused(&member, "member", "not_ready").await;
        assert_eq!(refused["errors"].as_array().unwrap().len(), 1, "{refused}");
        assert_eq!(refused["errors"][0]["detail"], "the signature under `terms_of_reference` expired on 2024-06-03");
        sitting.support.record(&path, &json!({ "document": "terms_of_reference", "signed_on": "2024-06-03" })).await;
        sitting.support.attend(&sitting.panel, &member, "member").await;
        // One given later does not count for a panel before it.
        let late = sitting.support.member("commissioner", None).await;
        app.clock.set(instant("2024-06-05T09:00:00"));
        sitting.support.sign(&late, "2024-06-04").await;
        sitting.refused(&late, "member", "not_ready").await;
        sitting.support.attend(&sitting.panel, &late, "absent").await;
    });
}

#[test]
fn where_no_signature_is_asked_for_none_is_needed_or_taken() {
    let mut profile = tameside();
    profile.panel.signatures_last_months = None;
    profile.panel.quorum_members = Some(Number { value: 2, clause: "Standing orders".to_owned() });
    on_both_with(&profile, async |app| {
        let sitting = Sitting::of(app).await;
        let member = sitting.support.member("commissioner", None).await;
        sitting.support.attend(&sitting.panel, &member, "member").await;
        let signature = json!({ "document": "confidentiality", "signed_on": "2024-06-03" });
        let refused = sitting.support.post(&format!("/v1/panel-members/{member}/signatures"), &signature).await;
        assert_eq!(refused.expect_problem(422, "invalid_body").pointers(), ["/document"]);
        let absent = sitting.support.member("commissioner", None).await;
        sitting.support.attend(&sitting.panel, &absent, "absent").await;
        let read = sitting.support.get(&format!("/v1/panels/{}", sitting.panel)).await.expect(200).body;
        assert_eq!(read["quorum"], json!({ "needed": 2, "present": 1, "clause": "Standing orders" }));
    });
}

#[test]
fn whoever_chairs_is_in_the_post_that_does() {
    on_both(async |app| {
        let sitting = Sitting::of(app).await;
        let nobody = sitting.member(app, None).await;
        let stand_in = sitting.member(app, Some(("service_unit_manager", "deputy"))).await;
        let partnership = sitting.member(app, Some(("partnership_manager", "deputy"))).await;
        let chair = sitting.member(app, Some(("service_unit_manager", "holder"))).await;
        for member in [&nobody, &stand_in, &partnership] {
            sitting.refused(member, "chair", "state_conflict").await;
        }
        let refused = sitting.refused(&stand_in, "chair", "state_conflict").await;
        let expected = "The chair must hold the post service_unit_manager (Terms of reference, Chair) on 2024-06-03: the member does \
            not.";
        assert_eq!(refused["detail"], expected);
        for member in [&nobody, &chair] {
            sitting.refused(member, "deputy_chair", "state_conflict").await;
        }
        let without_account = sitting.support.member("commissioner", None).await;
        sitting.support.sign(&without_account, "2024-04-08").await;
        let refused = sitting.refused(&without_account, "chair", "state_conflict").await;
        assert!(refused["detail"].as_str().unwrap().ends_with("the member has no log-in."), "{refused}");
        sitting.support.attend(&sitting.panel, &chair, "chair").await;
        for member in [&stand_in, &partnership] {
            sitting.support.attend(&sitting.panel, member, "deputy_chair").await;
            sitting.support.attend(&sitting.panel, member, "absent").await;
        }
    });
}

#[test]
fn where_nobody_ratifies_whoever_stands_in_for_the_chair_is_the_chair_and_decides() {
    on_both_with(&kirklees(), async |app| {
        let day = Kirklees::of(app).await;
        let request = day.submitted(&day.presenter.client.child().await, &[weekly("outreach", 1_000)]).await;
        let panel = long_panel(&day.support, "2024-06-10").await;
        day.support.booking(&panel, &request).await;
        app.clock.set(instant("2024-06-10T10:00:00"));
        let stand_in = Person::of(app, Role::Manager);
        let holding = json!({
            "post": "team_manager", "user_id": stand_in.id, "capacity": "deputy", "valid_from": "2024-04-01", "reason": "Acting up"
        });
        day.administrator.put_in_post(&holding).await;
        let (stands_in, holds) = (
            day.support.member("local_offer_representative", Some(&stand_in.id)).await,
            day.support.member("local_offer_representative", Some(&day.manager.id)).await,
        );
        let path = format!("/v1/panels/{panel}/attendances");
        for member in [&stands_in, &holds] {
            let deputy = json!({ "member_id": member, "attendance": "deputy_chair" });
            let refused = day.support.post(&path, &deputy).await.expect_problem(409, "state_conflict");
            let expected = "The profile names no post that ratifies what a deputy chair decides, so no panel has a deputy chair. Record \
                whoever stands in for the chair as `chair`.";
            assert_eq!(refused.body["detail"], expected);
        }
        let leader = day.support.member("local_offer_representative", Some(&day.leader.id)).await;
        let chair = json!({ "member_id": leader, "attendance": "chair" });
        let refused = day.support.post(&path, &chair).await.expect_problem(409, "state_conflict").body["detail"].clone();
        let expected = "The chair must hold, or stand in for, the post team_manager or service_manager (15.3 (\"chaired by a \
            manager\")) on 2024-06-10: the member does not.";
        assert_eq!(refused, expected);
        day.support.attend(&panel, &holds, "chair").await;
        day.support.attend(&panel, &holds, "member").await;
        day.support.attend(&panel, &stands_in, "chair").await;
        day.support.two_members(&panel).await;
        stand_in.decide(&request, &decision_of("approved", 0)).await.expect(201);
        assert_eq!(day.support.get(&format!("/v1/requests/{request}")).await.expect(200).body["state"], "approved");
        assert_whole(app);
    });
}

#[test]
fn there_is_one_chair_one_deputy_chair_and_one_seat_for_a_person() {
    on_both(async |app| {
        let sitting = Sitting::of(app).await;
        let (support, panel) = (&sitting.support, &sitting.panel);
        let one = sitting.member(app, Some(("service_unit_manager", "holder"))).await;
        let two = sitting.member(app, Some(("service_unit_manager", "holder"))).await;
        let three = sitting.member(app, Some(("team_manager", "holder"))).await;
        let four = sitting.member(app, Some(("team_manager", "holder"))).await;
        support.attend(panel, &one, "chair").await;
        support.attend(panel, &three, "deputy_chair").await;
        sitting.refused(&two, "chair", "state_conflict").await;
        sitting.refused(&four, "deputy_chair", "state_conflict").await;
        support.attend(panel, &one, "member").await;
        support.attend(panel, &two, "chair").await;
        let user = support.get(&format!("/v1/panel-members/{one}")).await.expect(200).body["user_id"].clone();
        let twin = support.member("commissioner", user.as_str()).await;
        support.sign(&twin, "2024-04-08").await;
        let refused = sitting.refused(&twin, "member", "state_conflict").await;
        assert!(refused["detail"].as_str().unwrap().starts_with("The same person is there"), "{refused}");
        support.attend(panel, &one, "absent").await;
        support.attend(panel, &twin, "member").await;
        let read = support.get(&format!("/v1/panels/{panel}")).await.expect(200).body;
        let attendance: Vec<_> =
            read["attendance"].as_array().unwrap().iter().map(|one| (one["member_id"].clone(), one["version"].clone())).collect();
        let expected = [(&two, 1), (&three, 1), (&twin, 1), (&one, 3)].map(|(member, version)| (json!(member), json!(version)));
        assert_eq!(attendance, expected);
        assert_eq!((&read["chair_member_id"], &read["deputy_chair_member_id"]), (&json!(two), &json!(three)));
        let auditor = app.as_role(Role::Auditor);
        let pages = auditor.all_pages(&format!("/v1/panels/{panel}/attendances"), 4).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
        let every: Vec<_> =
            pages.concat().iter().map(|one| [&one["member_id"], &one["version"], &one["attendance"]].map(Value::clone)).collect();
        let recorded = [
            (&one, 1, "chair"),
            (&three, 1, "deputy_chair"),
            (&one, 2, "member"),
            (&two, 1, "chair"),
            (&one, 3, "absent"),
            (&twin, 1, "member"),
        ];
        assert_eq!(every, recorded.map(|(member, version, part)| [json!(member), json!(version), json!(part)]));
        auditor.get(&format!("/v1/panels/{}/attendances", db::new_id())).await.expect_problem(404, "not_found");
        assert_eq!((&read["quorum"]["needed"], &read["quorum"]["present"]), (&json!(2), &json!(2)));
    });
}

#[test]
fn a_profile_that_names_no_chair_has_none() {
    let mut profile = tameside();
    (profile.panel.chair, profile.panel.deputy_chair, profile.panel.ratified_by) = (None, None, None);
    on_both_with(&profile, async |app| {
        let sitting = Sitting::of(app).await;
        let member = sitting.member(app, Some(("service_unit_manager", "holder"))).await;
        for part in ["chair", "deputy_chair"] {
            let refused = sitting.refused(&member, part, "state_conflict").await;
            assert!(refused["detail"].as_str().unwrap().starts_with("The profile names no post that chairs the panel"), "{refused}");
        }
        sitting.support.attend(&sitting.panel, &member, "member").await;
    });
}

#[test]
fn attendance_is_recorded_from_the_panels_day_on() {
    on_both(async |app| {
        let support = support_of(app).await;
        let (panel, member) = (support.panel("2024-06-10").await, support.member("commissioner", None).await);
        let path = format!("/v1/panels/{panel}/attendances");
        let refused = support.post(&path, &json!({ "member_id": member, "attendance": "absent" })).await;
        let detail = refused.expect_problem(409, "state_conflict").body["detail"].clone();
        assert_eq!(detail, "Attendance is recorded from the panel's day on, which is 2024-06-10.");
        app.clock.set(instant("2024-06-10T00:00:00"));
        support.attend(&panel, &member, "absent").await;
        let unknown = json!({ "member_id": db::new_id(), "attendance": "absent" });
        assert_eq!(support.post(&path, &unknown).await.expect_problem(422, "invalid_body").pointers(), ["/member_id"]);
        let nowhere = format!("/v1/panels/{}/attendances", db::new_id());
        support.post(&nowhere, &unknown).await.expect_problem(404, "not_found");
    });
}
