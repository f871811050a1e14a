//! The authority of a post behind a decision, as it is on record: given, or refused.

use crate::decisions::reasoning::Reasoning;
use crate::error::Error;
use crate::instant::Instant;
use crate::requests::Request;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{authorisations, decisions};
use diesel::prelude::*;
use domain::Pence;
use domain::authority::Candidate;
use domain::panel::{AuthorisationKind, AuthorisationOutcome, Capacity, DeclineReason};
use serde::Serialize;
use utoipa::ToSchema;

/// The authority of a post behind a decision, or its refusal.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = authorisations)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a71", "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "kind": "authority",
    "outcome": "given", "user_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a15", "post": "head_of_service", "capacity": "holder",
    "authorised_on": "2024-05-07", "total_pence": 1617760, "clause": "Panel standard 9", "decline_reason": null, "reason": "Heard with the worker",
    "explanation": {}, "authority_hearing_on": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a15",
    "recorded_at": "2024-05-07T10:15:00Z", "recorded_seq": 722
}))]
pub struct Authorisation {
    /// The authorisation's id.
    pub id: String,
    /// The decision.
    pub decision_id: String,
    /// Of the spending, or of what a deputy chair decided.
    pub kind: AuthorisationKind,
    /// Given, or declined.
    pub outcome: AuthorisationOutcome,
    /// Who: a user's id.
    pub user_id: String,
    /// In which post.
    pub post: String,
    /// As its holder, or standing in.
    pub capacity: Capacity,
    /// On which day.
    pub authorised_on: NaiveDate,
    /// The child's total care package that was tested that day.
    pub total_pence: Pence,
    /// Where the authority is written.
    pub clause: String,
    /// Of an approval that is declined: why.
    pub decline_reason: Option<DeclineReason>,
    /// Why, in words.
    pub reason: String,
    /// The whole reasoning on that day.
    pub explanation: Reasoning,
    /// Of a ratification that goes on to the post that has the authority: when that post hears it.
    pub authority_hearing_on: Option<NaiveDate>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Who puts what behind a decision.
pub(crate) struct AuthorisationInPost {
    pub kind: AuthorisationKind,
    pub outcome: AuthorisationOutcome,
    pub post: String,
    pub capacity: Capacity,
    pub clause: String,
    pub decline_reason: Option<DeclineReason>,
    pub reason: String,
    /// When the next post hears it, where it goes on to one.
    pub hearing_on: Option<NaiveDate>,
}

impl AuthorisationInPost {
    /// What a candidate with a limit gives.
    pub fn of(person: &Candidate, kind: AuthorisationKind, reason: &str) -> Self {
        AuthorisationInPost {
            kind,
            outcome: AuthorisationOutcome::Given,
            post: person.post.clone(),
            capacity: person.capacity,
            clause: person.limit.as_ref().map(|limit| limit.clause.clone()).unwrap_or_default(),
            decline_reason: None,
            reason: reason.to_owned(),
            hearing_on: None,
        }
    }
}

/// The authorisations of a decision, in the order given.
pub fn authorisations_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<Authorisation>, Error> {
    Ok(authorisations::table
        .filter(authorisations::decision_id.eq(decision_id))
        .select(Authorisation::as_select())
        .order((authorisations::recorded_seq, authorisations::id))
        .load(connection)?)
}

/// The day until which the last decision deferred a request, if it did and the ratifying post did not refuse that.
pub fn standing_deferral(connection: &mut AnyConnection, request: &Request) -> Result<Option<NaiveDate>, Error> {
    let Some(decision) = &request.decision_id else { return Ok(None) };
    let declined = authorisations::decision_id.eq(decision).and(authorisations::outcome.eq(AuthorisationOutcome::Declined));
    if diesel::select(diesel::dsl::exists(authorisations::table.filter(declined))).get_result(connection)? {
        return Ok(None);
    }
    Ok(decisions::table.find(decision).select(decisions::deferred_until).first(connection)?)
}
