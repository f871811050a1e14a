//! Reading decisions, one with everything that hangs on it or many; that their records were read is recorded.

use crate::decisions::actions::{DecisionAction, actions_of};
use crate::decisions::authorisations::{Authorisation, authorisations_of};
use crate::decisions::case_management::{CaseManagementDecision, case_management_decision_of};
use crate::decisions::decision::{Decision, DecisionVote, decided_lines_of, find, signposts_of, votes_of};
use crate::error::Error;
use crate::page::{After, Cursor, Limit, Page};
use crate::requests;
use crate::requests::CostedLine;
use crate::text::Id;
use db::schema::{case_management_decisions, decisions};
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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

fn recorded_after(connection: &mut AnyConnection, wanted: &ListDecisions, after: After) -> Result<Vec<Decision>, Error> {
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

/// Those that are outstanding. Their own list leads to them, so it is short however long the history.
fn outstanding_after(connection: &mut AnyConnection, wanted: &ListDecisions, after: After) -> Result<Vec<Decision>, Error> {
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

/// List decisions.
pub fn list(write: &mut Write<'_>, wanted: ListDecisions) -> Result<Page<Decision>, Error> {
    let (limit, after) = (wanted.limit, wanted.cursor.clone().after_record()?);
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
    Ok(page)
}

/// Read a decision with everything that hangs on it.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<DecisionInFull, Error> {
    let decision = find(write.connection, id)?;
    let request = requests::find(write.connection, &decision.request_id)?;
    requests::record_read(write, &request)?;
    Ok(DecisionInFull {
        lines: decided_lines_of(write.connection, &decision.id)?,
        votes: votes_of(write.connection, &decision.id)?,
        actions: actions_of(write.connection, &decision.id)?,
        signposted_to: signposts_of(write.connection, &decision.id)?,
        authorisations: authorisations_of(write.connection, &decision.id)?,
        case_management_decision: case_management_decision_of(write.connection, &decision.id)?,
        decision,
    })
}
