//! The case management decision: the manager's note in the child's own record, made after the panel. Until then the item is outstanding.

use super::deciding::refuse_tools;
use super::find;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::DecisionsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::commissioning;
use crate::routes::post_holdings::in_post_on;
use crate::routes::requests;
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{case_management_decisions, outstanding_case_management_decisions};
use db::{AnyConnection, Event};
use diesel::prelude::*;
use domain::RequestState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A case management decision.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = case_management_decisions)]
#[schema(example = json!({
    "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "made_on": "2024-05-03", "reference": "CN-88123",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-03T10:15:00Z", "recorded_seq": 711
}))]
pub struct CaseManagementDecision {
    /// The decision that it puts on the child's record.
    pub decision_id: String,
    /// The day.
    pub made_on: NaiveDate,
    /// The case management system's number for the note.
    pub reference: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for CaseManagementDecision {
    fn location(&self) -> String {
        format!("/v1/decisions/{}", self.decision_id)
    }
}

/// A case management decision to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "made_on": "2024-05-03", "reference": "CN-88123" }))]
pub struct NewCaseManagementDecision {
    /// The day, from the decision's on, not in the future.
    pub made_on: NaiveDate,
    /// The case management system's number for the note.
    pub reference: Text<60>,
}

/// Record that the case management decision was made
///
/// By a person in a post that the profile names for it, once, for any kind of decision, when it no longer waits for another post.
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The decision's id")), request_body = NewCaseManagementDecision,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The record of it", body = CaseManagementDecision)))]
#[post("/decisions/{id}/case-management-decision")]
pub async fn record_case_management_decision(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewCaseManagementDecision>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    let kind = caller.claims.kind;
    app.create(caller.actor(), once, move |write| {
        refuse_tools(kind)?;
        let decision = find(write.connection, &id.0)?;
        let request = requests::find(write.connection, &decision.request_id)?;
        let waits = matches!(request.state, RequestState::AwaitingRatification | RequestState::AwaitingAuthority);
        if waits && request.decision_id.as_ref() == Some(&decision.id) {
            let detail = format!("The decision is `{}`: it is put on the child's record when that is done.", request.state);
            return Err(Problem::new(Code::StateConflict, detail));
        }
        let today = write.at.date();
        if let Some(named) = &profile.panel.case_management_decision {
            let in_post = in_post_on(write.connection, today)?;
            let may = in_post.iter().any(|person| person.user_id == write.actor.id && named.posts.contains(&person.post));
            if !may {
                let detail = format!("It is recorded by somebody in the post of {} ({}).", named.posts.join(" or "), named.clause);
                return Err(Problem::new(Code::NoAuthority, detail));
            }
        }
        if body.value.made_on < decision.decided_on || body.value.made_on > today {
            let detail = format!("a day from {}, the decision's, to today", decision.decided_on);
            return Err(Problem::invalid(vec![FieldError::new("/made_on", "out_of_range", detail)]));
        }
        if let Some(before) = case_management_decision_of(write.connection, &decision.id)? {
            return Err(Problem::new(Code::StateConflict, format!("It was made on {}.", before.made_on)));
        }
        let row = CaseManagementDecision {
            decision_id: decision.id,
            made_on: body.value.made_on,
            reference: body.value.reference.0,
            recorded_by: write.actor.id.clone(),
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
        };
        diesel::insert_into(case_management_decisions::table).values(&row).execute(write.connection)?;
        diesel::delete(outstanding_case_management_decisions::table.find(&row.decision_id)).execute(write.connection)?;
        write.record(Event::new("record", "case_management_decisions", &row.decision_id))?;
        commissioning::settle(write, &profile, &request.id)?;
        Ok(row)
    })
    .await
}

/// The case management decision that follows a decision; none, it is outstanding.
pub fn case_management_decision_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Option<CaseManagementDecision>, Problem> {
    let found = case_management_decisions::table.find(decision_id).select(CaseManagementDecision::as_select());
    Ok(found.first(connection).optional()?)
}
