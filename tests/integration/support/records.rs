//! Records to start a test from, made over the API by a caller who may do everything.

use super::{Answer, Client, TestApp, next_number};
use db::schema::{ledger_entries, ledger_files};
use db::{Actor, Event, new_id};
use diesel::prelude::*;
use domain::{Role, TimeZone};
use serde_json::{Value, json};

fn id_of(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

impl Client {
    /// A provider of a sector; answers with its id.
    pub async fn provider(&self, sector: &str) -> String {
        let code = format!("provider_{}", next_number());
        id_of(
            &self
                .record("/v1/providers", &json!({ "code": code, "name": "Meadow House", "sector": sector, "location": "in_borough" }))
                .await,
        )
    }

    /// A child; answers with its id.
    pub async fn child(&self) -> String {
        let reference = format!("CWD-{:05}", next_number());
        id_of(&self.record("/v1/children", &json!({ "case_reference": reference, "date_of_birth": "2014-06-30" })).await)
    }

    /// A package for a child of its own; answers with its id.
    pub async fn package(&self) -> String {
        let child_id = self.child().await;
        let reference = format!("PK-{:05}", next_number());
        id_of(&self.record("/v1/packages", &json!({ "reference": reference, "child_id": child_id })).await)
    }

    /// An open-ended line from 1 April 2023 of a package; answers with the line's id.
    pub async fn line(&self, package_id: &str) -> String {
        id_of(&self.record("/v1/package-lines", &new_line(package_id)).await)
    }

    /// The year 2023-24, opened.
    pub async fn open_year(&self) {
        self.record("/v1/financial-years", &json!({ "year": "2023-24" })).await;
    }

    /// A line's original budget for 2023-24; answers with the movement's id.
    pub async fn budget(&self, budget_line: &str, amount_pence: i64) -> String {
        id_of(&self.record("/v1/budget-movements", &new_movement("original", budget_line, amount_pence)).await)
    }

    /// A grant for 2023-24 to a group of its own; answers with its id.
    pub async fn grant(&self) -> String {
        let provider = self.provider("voluntary").await;
        id_of(&self.record("/v1/grants", &new_grant(&provider)).await)
    }

    /// The caller's own id.
    pub async fn my_id(&self) -> String {
        id_of(&self.get("/v1/me").await.expect(200).body)
    }

    /// Puts somebody in a post from 1 April 2024; answers with the holding's id.
    pub async fn holding(&self, post: &str, user_id: &str) -> String {
        id_of(&self.put_in_post(&new_holding(post, user_id)).await)
    }

    /// A child and family assessment of a child, begun on 29 April 2024; answers with its id.
    pub async fn assessment(&self, child_id: &str, assessor_id: &str) -> String {
        id_of(&self.record("/v1/assessments", &new_assessment(child_id, assessor_id)).await)
    }

    /// Records a step of an assessment.
    pub async fn step(&self, assessment_id: &str, step: &str, taken_on: &str) -> Value {
        self.record(&format!("/v1/assessments/{assessment_id}/steps"), &json!({ "step": step, "taken_on": taken_on })).await
    }

    /// Authorises an assessment.
    pub async fn authorise(&self, assessment_id: &str, authorised_on: &str) -> Value {
        self.record(&format!("/v1/assessments/{assessment_id}/authorisation"), &json!({ "authorised_on": authorised_on })).await
    }

    /// A panel at 09:30 with three slots of 20 minutes; answers with its id.
    pub async fn panel(&self, held_on: &str) -> String {
        id_of(&self.record("/v1/panels", &new_panel(held_on)).await)
    }

    /// A member of the panel; answers with its id.
    pub async fn member(&self, role: &str, user_id: Option<&str>) -> String {
        id_of(&self.record("/v1/panel-members", &json!({ "role": role, "title": "A title", "user_id": user_id })).await)
    }

    /// Both signatures that a member's seat needs.
    pub async fn sign(&self, member_id: &str, signed_on: &str) {
        for document in ["terms_of_reference", "confidentiality"] {
            let signature = json!({ "document": document, "signed_on": signed_on });
            self.record(&format!("/v1/panel-members/{member_id}/signatures"), &signature).await;
        }
    }

    /// Records a member's attendance.
    pub async fn attend(&self, panel_id: &str, member_id: &str, attendance: &str) -> Value {
        self.record(&format!("/v1/panels/{panel_id}/attendances"), &json!({ "member_id": member_id, "attendance": attendance })).await
    }

    /// Two members without an account take their seats, so that whoever chairs is not alone.
    pub async fn two_members(&self, panel_id: &str) {
        for _ in 0..2 {
            let member = self.member("health_representative", None).await;
            for document in ["terms_of_reference", "confidentiality"] {
                // Not every profile asks for it.
                let signature = json!({ "document": document, "signed_on": "2024-05-01" });
                self.post(&format!("/v1/panel-members/{member}/signatures"), &signature).await;
            }
            self.attend(panel_id, &member, "member").await;
        }
    }

    /// Confirms that what a revision of a request's paperwork names the caller for is theirs, or tries to.
    pub async fn own_parts(&self, request_id: &str, revision: i64) -> Answer {
        self.post(&format!("/v1/requests/{request_id}/own-parts"), &json!({ "revision": revision })).await
    }

    /// Books a request into the first free slot of a panel; answers with the booking's id.
    pub async fn booking(&self, panel_id: &str, request_id: &str) -> String {
        id_of(&self.record(&format!("/v1/panels/{panel_id}/bookings"), &json!({ "request_id": request_id })).await)
    }
}

impl TestApp {
    /// As if a post had confirmed a line's first version before the day of the tests.
    pub fn confirmed(&self, line: &str) {
        self.sql(&format!(
            "INSERT INTO package_line_confirmations (id, line_id, version, confirmed_on, post, capacity, clause, total_pence, explanation, \
             recorded_by, recorded_at, recorded_seq) VALUES ('{}', '{line}', 1, '2024-04-01', 'director', 'holder', '-', 1, '{{}}', 'test', \
             '2024-04-01 09:00:00', 1)",
            new_id()
        ))
        .unwrap();
        let mut connection = self.store.connection().unwrap();
        db::write_unconfirmed_anew(&mut connection, &[line.to_owned()], TimeZone::default()).unwrap();
    }
}

/// Those who bring a request to a panel.
pub struct Workers {
    /// Assesses, writes and costs.
    pub practitioner: Client,
    /// Authorises the assessment.
    pub manager: Client,
    /// Business support to the panel.
    pub support: Client,
    /// Who costs, where that is not whoever writes.
    pub coster: Option<Client>,
}

impl Workers {
    /// Logs them in.
    pub async fn of(app: &TestApp) -> Self {
        Workers {
            practitioner: app.as_role(Role::Practitioner),
            manager: app.as_role(Role::Manager),
            support: app.as_role(Role::PanelSupport),
            coster: None,
        }
    }

    /// Complete paperwork for a child, resting on an authorised assessment of 28 May 2024.
    pub async fn paperwork(&self, child_id: &str) -> Value {
        let worker = self.practitioner.my_id().await;
        let assessment = self.practitioner.assessment(child_id, &worker).await;
        self.practitioner.step(&assessment, "consent_given", "2024-05-28").await;
        self.practitioner.step(&assessment, "completed", "2024-05-28").await;
        self.manager.authorise(&assessment, "2024-05-30").await;
        json!({
            "assessment_id": assessment, "presenter_id": worker, "coster_id": worker, "strengths": "Two adults who share the care",
            "worries": "Broken nights", "unmet_need": "A break at weekends", "outcomes": "The family rests one day a week",
            "outcome_measures": "Asked at each review", "in_place": "None", "impact": "None", "local_offer_used": "Saturday club",
            "lines": [{
                "service": "targeted_outreach", "budget_line": "targeted_outreach", "unit": "hour", "quantity_thousandths": 3000,
                "frequency": "weekly", "unit_rate_ten_thousandths": 198_000, "valid_from": "2024-06-17",
                "second_support_reason": "At other times"
            }]
        })
    }

    /// A submitted request for a child of its own; answers with its id.
    pub async fn submitted_request(&self) -> String {
        let child = self.practitioner.child().await;
        let paperwork = self.paperwork(&child).await;
        self.submitted(&child, paperwork).await
    }

    /// A request for a child with that paperwork, submitted; answers with its id.
    pub async fn submitted(&self, child_id: &str, paperwork: Value) -> String {
        let new = json!({ "reference": format!("RQ-{:05}", next_number()), "child_id": child_id, "paperwork": paperwork });
        let request = id_of(&self.practitioner.record("/v1/requests", &new).await);
        if let Some(coster) = &self.coster {
            // Paperwork may name somebody else.
            coster.own_parts(&request, 1).await;
        }
        self.practitioner.record(&format!("/v1/requests/{request}/submission"), &json!({})).await;
        request
    }
}

/// A panel to record.
pub fn new_panel(held_on: &str) -> Value {
    json!({ "held_on": held_on, "starts_at": "09:30", "slots": 3, "slot_minutes": 20 })
}

/// A line to record.
pub fn new_line(package_id: &str) -> Value {
    json!({
        "package_id": package_id, "service": "home_care", "budget_line": "home_care", "unit": "hour", "quantity_thousandths": 3500,
        "frequency": "weekly", "unit_rate_ten_thousandths": 214_500, "valid_from": "2023-04-01", "reason": "Panel of 14 March 2023",
        "second_support_reason": "At other times"
    })
}

/// A movement of 2023-24 to record.
pub fn new_movement(kind: &str, budget_line: &str, amount_pence: i64) -> Value {
    json!({
        "year": "2023-24", "budget_line": budget_line, "kind": kind, "amount_pence": amount_pence, "effective_on": "2023-04-01",
        "reason": "Budget Council, February 2023"
    })
}

/// A grant to record.
pub fn new_grant(provider_id: &str) -> Value {
    json!({
        "reference": format!("G-{:05}", next_number()), "provider_id": provider_id, "budget_line": "voluntary_sector_grants",
        "title": "Saturday club", "purpose": "Weekly club for disabled children and siblings", "awarded_on": "2023-03-20",
        "period_from": "2023-04-01", "period_to": "2024-04-01", "amount_pence": 2_400_000, "reason": "Award letter"
    })
}

/// An open-ended holding from 1 April 2024 to record.
pub fn new_holding(post: &str, user_id: &str) -> Value {
    json!({ "post": post, "user_id": user_id, "capacity": "holder", "valid_from": "2024-04-01", "reason": "Appointed from April" })
}

/// An assessment to record.
pub fn new_assessment(child_id: &str, assessor_id: &str) -> Value {
    json!({ "child_id": child_id, "kind": "child_and_family", "started_on": "2024-04-29", "assessor_id": assessor_id })
}

/// Some ledger entries as if a file had brought them, £1 more each; answers with the file's id and theirs.
pub fn ledger_entries(app: &TestApp, count: i64) -> (String, Vec<String>) {
    let (file_id, ids) = (new_id(), (0..count).map(|_| new_id()).collect::<Vec<_>>());
    let done: Result<(), db::Error> = app.store.write(&Actor::system("test"), |write| {
        let text = |text: &str| text.to_owned();
        let seq = write.seq();
        diesel::insert_into(ledger_files::table)
            .values((
                (ledger_files::id.eq(&file_id), ledger_files::source.eq("test"), ledger_files::file_name.eq("may.csv")),
                (ledger_files::sha256.eq(&file_id), ledger_files::mapping_sha256.eq(&file_id)),
                (ledger_files::lines_read.eq(count), ledger_files::blank.eq(0_i64), ledger_files::matched.eq(count)),
                (ledger_files::kept_out.eq(0_i64), ledger_files::already_present.eq(0_i64), ledger_files::rounded.eq(0_i64)),
                (ledger_files::recorded_by.eq("test"), ledger_files::recorded_at.eq(write.at), ledger_files::recorded_seq.eq(seq)),
            ))
            .execute(write.connection)?;
        for (number, id) in (1..).zip(&ids) {
            let day: chrono::NaiveDate = "2023-05-12".parse().expect("a date");
            diesel::insert_into(ledger_entries::table)
                .values((
                    (ledger_entries::id.eq(id), ledger_entries::source.eq("test"), ledger_entries::file_id.eq(&file_id)),
                    (ledger_entries::line_number.eq(number), ledger_entries::line_hash.eq(id), ledger_entries::occurrence.eq(1_i64)),
                    (ledger_entries::posted_on.eq(day), ledger_entries::year.eq("2023-24"), ledger_entries::budget_line.eq("home_care")),
                    (ledger_entries::amount_pence.eq(number * 100), ledger_entries::reason.eq(text("imported"))),
                    (ledger_entries::recorded_by.eq("test"), ledger_entries::recorded_at.eq(write.at)),
                    ledger_entries::recorded_seq.eq(seq),
                ))
                .execute(write.connection)?;
        }
        write.record(Event::new("import", "ledger_files", &file_id))
    });
    done.unwrap();
    (file_id, ids)
}
