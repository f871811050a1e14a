//! Decisions on requests: what the panel decided, with whose authority, and what is to be done.

mod actions;
mod authorisations;
mod case_management;
mod deciding;
mod reasoning;
mod rules;
mod without_panel;

pub use actions::{DecisionAction, actions_of, complete_decision_action, list_decision_actions};
pub use authorisations::{Authorisation, authorisations_of, authorise_decision, ratify_decision, standing_deferral};
pub use case_management::{CaseManagementDecision, case_management_decision_of, record_case_management_decision};
pub use deciding::{decide_request, refuse_tools};
pub use reasoning::Reasoning;
pub use rules::why_not;
pub use without_panel::agree_request_without_panel;

use crate::app::{App, Located};
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::extract::Params;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::Problem;
use crate::routes::commitments::BudgetCheck;
use crate::routes::requests::{self, CostedLine, RequestLine};
use crate::text::Id;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use chrono::NaiveDate;
use db::schema::{case_management_decisions, decision_lines, decision_signposts, decision_votes, decisions, request_lines};
use db::{AnyConnection, Event};
use diesel::prelude::*;
use domain::Pence;
use domain::costing::Costing;
use domain::panel::{DecisionKind, DecisionRoute, DeclineReason, Vote};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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

impl Located for Decision {
    fn location(&self) -> String {
        format!("/v1/decisions/{}", self.id)
    }
}

/// A decision as it is made: with what it does to its budgets.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionMade {
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
    /// Of a decision that is an approval with authority: each budget line it is paid from, and whether it costs more than was available.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub budget: Vec<BudgetCheck>,
}

impl Located for DecisionMade {
    fn location(&self) -> String {
        self.decision.location()
    }
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

/// A decision with everything that hangs on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionInFull {
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
    /// The lines decided on, with their costs in the year of the decision.
    pub lines: Vec<CostedLine>,
    /// Where there was disagreement, how members voted.
    pub votes: Vec<DecisionVote>,
    /// What is to be done, by whom, by when.
    pub actions: Vec<DecisionAction>,
    /// The local-offer services the family was signposted to.
    pub signposted_to: Vec<String>,
    /// Who put a post's authority behind it, or refused to.
    pub authorisations: Vec<Authorisation>,
    /// The case management decision; null while it is outstanding.
    pub case_management_decision: Option<CaseManagementDecision>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDecisions {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this request's.
    request_id: Option<Id>,
    /// Only this panel's.
    panel_id: Option<Id>,
    /// `true`: only those whose case management decision is outstanding; `false`: only those that have one.
    case_management_outstanding: Option<bool>,
}

/// List decisions
#[utoipa::path(tag = "decisions", params(ListDecisions), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of decisions, in the order recorded", body = Page<Decision>)))]
#[get("/decisions")]
pub async fn list_decisions(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    params: Params<ListDecisions>,
) -> Result<Json<Page<Decision>>, Problem> {
    let wanted = params.0;
    let (limit, after) = (wanted.limit, wanted.cursor.clone().after_record()?);
    app.write(caller.actor(), move |write| {
        let rows = match wanted.case_management_outstanding {
            Some(true) => outstanding_after(write.connection, &wanted, after)?,
            _ => recorded_after(write.connection, &wanted, after)?,
        };
        let page = limit.page(rows, |row: &Decision| After::key(row.recorded_seq, &row.id));
        for decision in &page.items {
            let request = requests::find(write.connection, &decision.request_id)?;
            requests::record_read(write, &request)?;
        }
        if page.items.is_empty() {
            write.record(Event::new("list", "decisions", ""))?;
        }
        Ok(Json(page))
    })
    .await
}

fn recorded_after(connection: &mut AnyConnection, wanted: &ListDecisions, after: After) -> Result<Vec<Decision>, Problem> {
    let mut query = decisions::table
        .select(Decision::as_select())
        .filter(decisions::recorded_seq.ge(after.seq))
        .filter(decisions::recorded_seq.gt(after.seq).or(decisions::id.gt(after.id)))
        .into_boxed();
    if let Some(request) = &wanted.request_id {
        query = query.filter(decisions::request_id.eq(&request.0));
    }
    if let Some(panel) = &wanted.panel_id {
        query = query.filter(decisions::panel_id.eq(&panel.0));
    }
    if wanted.case_management_outstanding == Some(false) {
        let made = case_management_decisions::table.filter(case_management_decisions::decision_id.eq(decisions::id));
        query = query.filter(diesel::dsl::exists(made));
    }
    Ok(query.order((decisions::recorded_seq, decisions::id)).limit(wanted.limit.and_one()).load(connection)?)
}

/// The same of those that are outstanding, led by the list of them: it is short however long the history.
fn outstanding_after(connection: &mut AnyConnection, wanted: &ListDecisions, after: After) -> Result<Vec<Decision>, Problem> {
    use db::schema::outstanding_case_management_decisions as outstanding;
    let mut query = outstanding::table
        .inner_join(decisions::table)
        .select(Decision::as_select())
        .filter(outstanding::recorded_seq.ge(after.seq))
        .filter(outstanding::recorded_seq.gt(after.seq).or(outstanding::decision_id.gt(after.id)))
        .into_boxed();
    if let Some(request) = &wanted.request_id {
        query = query.filter(decisions::request_id.eq(&request.0));
    }
    if let Some(panel) = &wanted.panel_id {
        query = query.filter(decisions::panel_id.eq(&panel.0));
    }
    let in_order = (outstanding::recorded_seq, outstanding::decision_id);
    Ok(query.order(in_order).limit(wanted.limit.and_one()).load(connection)?)
}

/// Read a decision with everything that hangs on it
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The decision's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The decision in full", body = DecisionInFull)))]
#[get("/decisions/{id}")]
pub async fn get_decision(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<DecisionInFull>, Problem> {
    app.write(caller.actor(), move |write| {
        let decision = find(write.connection, &id.0)?;
        let request = requests::find(write.connection, &decision.request_id)?;
        requests::record_read(write, &request)?;
        Ok(Json(DecisionInFull {
            lines: decided_lines_of(write.connection, &decision.id)?,
            votes: votes_of(write.connection, &decision.id)?,
            actions: actions_of(write.connection, &decision.id)?,
            signposted_to: signposts_of(write.connection, &decision.id)?,
            authorisations: authorisations_of(write.connection, &decision.id)?,
            case_management_decision: case_management_decision_of(write.connection, &decision.id)?,
            decision,
        }))
    })
    .await
}

/// The decision with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Decision, Problem> {
    let decision = decisions::table.find(id).select(Decision::as_select()).first(connection).optional()?;
    decision.ok_or_else(|| Problem::not_found("decision"))
}

/// The lines decided on, each with what it cost when it was decided on.
pub fn decided_lines_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<CostedLine>, Problem> {
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
        costing: Costing { full_year_pence, this_year_pence, later_years_pence },
    });
    Ok(costed.collect())
}

/// How members voted on a decision.
pub fn votes_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<DecisionVote>, Problem> {
    Ok(decision_votes::table
        .filter(decision_votes::decision_id.eq(decision_id))
        .select(DecisionVote::as_select())
        .order(decision_votes::member_id)
        .load(connection)?)
}

/// The services a family was signposted to.
pub fn signposts_of(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<String>, Problem> {
    Ok(decision_signposts::table
        .filter(decision_signposts::decision_id.eq(decision_id))
        .select(decision_signposts::service)
        .order(decision_signposts::number)
        .load(connection)?)
}
