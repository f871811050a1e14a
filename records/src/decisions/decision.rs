//! Decisions as they are on record, with the lines, votes and signposts of each.

use crate::decisions::reasoning::Reasoning;
use crate::error::Error;
use crate::instant::Instant;
use crate::requests::{CostedLine, RequestLine};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{decision_lines, decision_signposts, decision_votes, decisions, request_lines};
use diesel::prelude::*;
use domain::costing::Costing;
use domain::panel::{DecisionKind, DecisionRoute, DeclineReason, Vote};
use domain::{FinancialYear, Pence};
use serde::Serialize;
use utoipa::ToSchema;

/// A decision on a request.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = decisions)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "number": 1, "route": "panel",
    "panel_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a61", "kind": "approved", "decided_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "decided_as": "chair", "decided_on": "2024-05-02", "revision": 2, "rationale": "The need is shown and nothing open meets it",
    "deferred_until": null, "deferred_for": null, "decline_reason": null, "authority_hearing_on": null, "total_pence": 617760,
    "full_year_pence": 308880, "this_year_pence": 282657, "later_years_pence": null, "tier": "service_unit_manager",
    "explanation": {}, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-02T10:15:00Z", "recorded_seq": 702
}))]
pub struct Decision {
    /// The decision's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// 1, 2, 3 … of the request.
    pub number: i64,
    /// At a panel, or by a manager without one.
    pub route: DecisionRoute,
    /// The panel; null, without one.
    pub panel_id: Option<String>,
    /// What was decided.
    pub kind: DecisionKind,
    /// Who chaired the item, or agreed it without a panel: a user's id.
    pub decided_by: String,
    /// As what: `chair`, `deputy_chair`, or the post that agreed it without a panel.
    pub decided_as: String,
    /// The panel's day, or the day of the agreement.
    pub decided_on: NaiveDate,
    /// The revision of the request that holds the lines decided on.
    pub revision: i64,
    /// Why, in words.
    pub rationale: String,
    /// The first day on which it can be heard again.
    pub deferred_until: Option<NaiveDate>,
    /// What is needed before that.
    pub deferred_for: Option<String>,
    /// Why it was declined.
    pub decline_reason: Option<DeclineReason>,
    /// When the post that has the authority hears it.
    pub authority_hearing_on: Option<NaiveDate>,
    /// The child's total care package that was tested, gross, for a full year.
    pub total_pence: Pence,
    /// A full year of the lines decided on.
    pub full_year_pence: Pence,
    /// What of them falls in the financial year of the decision.
    pub this_year_pence: Pence,
    /// What falls later; null when a line has no end.
    #[schema(value_type = Option<i64>)]
    pub later_years_pence: Option<Pence>,
    /// The posts responsible for the total, separated by commas; null, no post has the authority.
    pub tier: Option<String>,
    /// The whole reasoning on the day, as `GET /v1/requests/{id}/authority` explains it.
    pub explanation: Reasoning,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// How a member voted.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = decision_votes)]
pub struct DecisionVote {
    /// The panel member.
    pub member_id: String,
    /// For or against the decision recorded.
    pub vote: Vote,
}

/// The decision with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Decision, Error> {
    let decision = decisions::table.find(id).select(Decision::as_select()).first(connection).optional()?;
    decision.ok_or_else(|| Error::not_found("decision"))
}

/// The lines decided on, each with what it cost when it was decided on.
pub fn decided_lines_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<CostedLine>, Error> {
    let decided_on: NaiveDate = decisions::table.find(decision_id).select(decisions::decided_on).first(connection)?;
    let year = FinancialYear::of(decided_on).map_err(Error::fault)?;
    let rows: Vec<(RequestLine, Pence, Pence, Option<Pence>)> = decision_lines::table
        .inner_join(request_lines::table)
        .filter(decision_lines::decision_id.eq(decision_id))
        .select((
            RequestLine::as_select(),
            decision_lines::full_year_pence,
            decision_lines::this_year_pence,
            decision_lines::later_years_pence,
        ))
        .order(request_lines::number)
        .load(connection)?;
    let costed = rows.into_iter().map(|(line, full_year_pence, this_year_pence, later_years_pence)| CostedLine {
        line,
        costing: Costing { year, full_year_pence, this_year_pence, later_years_pence },
    });
    Ok(costed.collect())
}

/// How members voted on a decision.
pub fn votes_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<DecisionVote>, Error> {
    Ok(decision_votes::table
        .filter(decision_votes::decision_id.eq(decision_id))
        .select(DecisionVote::as_select())
        .order(decision_votes::member_id)
        .load(connection)?)
}

/// The services a family was signposted to.
pub fn signposts_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<String>, Error> {
    Ok(decision_signposts::table
        .filter(decision_signposts::decision_id.eq(decision_id))
        .select(decision_signposts::service)
        .order(decision_signposts::number)
        .load(connection)?)
}
