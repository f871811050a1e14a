//! What is on record of the commissioning of approvals: their lines, the steps taken, and when the support starts. Read for many
//! approvals at once, so that a list costs a few queries however long it is.

use super::arrangements::{Arrangement, arrangements_of};
use crate::problem::Problem;
use crate::routes::requests::RequestLine;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{
    case_management_decisions, commissioning_step_reversals, commissioning_steps, decision_lines, decisions, purchase_order_lines,
    purchase_orders, request_lines,
};
use diesel::prelude::*;
use domain::commissioning::CommissioningStep;
use domain::profile::{AgreedLine, CommissioningPolicy, Needed};
use std::collections::HashMap;

/// Ids in one query: few enough for every database.
pub(super) const CHUNK: usize = 500;

/// A step that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The record of it; none where another record shows it.
    pub record_id: Option<String>,
    /// On which day.
    pub on: NaiveDate,
    /// By whom: a user's id, or of what another record shows the id of whoever recorded that.
    pub by: String,
    /// The provider it names.
    pub provider_id: Option<String>,
}

/// An approval, as far as its commissioning goes.
#[derive(Debug)]
pub struct Approval {
    /// The decision.
    pub decision_id: String,
    /// The panel's day, or that of the agreement.
    pub decided_on: NaiveDate,
    /// What was agreed.
    pub lines: Vec<RequestLine>,
    taken: HashMap<(CommissioningStep, Option<String>), Taken>,
    /// When a package line that carries an agreed line out starts.
    started: HashMap<String, NaiveDate>,
}

impl Approval {
    /// That of one decision.
    pub fn of(connection: &mut AnyConnection, decision_id: &str) -> Result<Self, Problem> {
        let found = Self::all(connection, &[decision_id.to_owned()])?.remove(decision_id);
        found.ok_or_else(|| Problem::not_found("decision"))
    }

    /// Those of many decisions, by the decision's id.
    pub fn all(connection: &mut AnyConnection, decision_ids: &[String]) -> Result<HashMap<String, Self>, Problem> {
        let mut all = HashMap::new();
        for ids in decision_ids.chunks(CHUNK) {
            all.extend(chunk(connection, ids)?);
        }
        Ok(all)
    }

    /// The steps that the profile asks for.
    pub fn needed<'a>(&'a self, policy: &'a CommissioningPolicy) -> Vec<Needed<'a>> {
        let lines: Vec<_> = self.lines.iter().map(|line| AgreedLine { id: &line.id, budget_line: &line.budget_line }).collect();
        policy.needed(&lines, self.decided_on)
    }

    /// Those of them that are not taken.
    pub fn missing<'a>(&'a self, policy: &'a CommissioningPolicy) -> Vec<Needed<'a>> {
        self.needed(policy).into_iter().filter(|needed| self.taken(needed.demand.step, needed.line).is_none()).collect()
    }

    /// The steps asked for before a step of a line, or of the whole, that are not taken.
    pub fn missing_before<'a>(&'a self, policy: &'a CommissioningPolicy, step: CommissioningStep, line: Option<&str>) -> Vec<Needed<'a>> {
        let Some(demand) = policy.steps.iter().find(|demand| demand.step == step) else { return Vec::new() };
        let is_earlier = |needed: &Needed<'_>| {
            let concerns = line.is_none() || needed.line.is_none() || needed.line == line;
            concerns && demand.after.contains(&needed.demand.step)
        };
        self.missing(policy).into_iter().filter(is_earlier).collect()
    }

    /// A step of a line, or of the whole, if it was taken.
    pub fn taken(&self, step: CommissioningStep, line: Option<&str>) -> Option<&Taken> {
        self.taken.get(&(step, line.map(str::to_owned)))
    }

    /// The agreed line with that id.
    pub fn line(&self, id: &str) -> Option<&RequestLine> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// The day on which the support of a line starts, or the first of all: as the package says, else as it was agreed.
    pub fn starts_on(&self, line: Option<&str>) -> Option<NaiveDate> {
        let concerned = self.lines.iter().filter(|agreed| line.is_none_or(|id| id == agreed.id));
        concerned.map(|agreed| self.started.get(&agreed.id).copied().unwrap_or(agreed.valid_from)).min()
    }

    /// Whether a step that comes before the start was taken after it.
    pub fn is_late(&self, needed: &Needed<'_>) -> bool {
        let taken = self.taken(needed.demand.step, needed.line).filter(|_| needed.demand.before_start);
        matches!((taken, self.starts_on(needed.line)), (Some(taken), Some(start)) if taken.on > start)
    }
}

fn chunk(connection: &mut AnyConnection, ids: &[String]) -> Result<HashMap<String, Approval>, Problem> {
    let found: Vec<(String, NaiveDate)> =
        decisions::table.filter(decisions::id.eq_any(ids)).select((decisions::id, decisions::decided_on)).load(connection)?;
    let new = |(id, decided_on): (String, NaiveDate)| {
        let approval = Approval { decision_id: id.clone(), decided_on, lines: Vec::new(), taken: HashMap::new(), started: HashMap::new() };
        (id, approval)
    };
    let mut approvals: HashMap<String, Approval> = found.into_iter().map(new).collect();
    let lines: Vec<(String, RequestLine)> = decision_lines::table
        .inner_join(request_lines::table)
        .filter(decision_lines::decision_id.eq_any(ids))
        .order((decision_lines::decision_id, request_lines::number))
        .select((decision_lines::decision_id, RequestLine::as_select()))
        .load(connection)?;
    for (decision, line) in lines {
        if let Some(approval) = approvals.get_mut(&decision) {
            approval.lines.push(line);
        }
    }
    add_recorded_steps(connection, ids, &mut approvals)?;
    add_case_notes(connection, ids, &mut approvals)?;
    add_packages(connection, &mut approvals)?;
    Ok(approvals)
}

/// The steps that have a record of their own, without those that were reversed.
fn add_recorded_steps(connection: &mut AnyConnection, ids: &[String], approvals: &mut HashMap<String, Approval>) -> Result<(), Problem> {
    type Row = (String, String, CommissioningStep, Option<String>, NaiveDate, String, Option<String>);
    let rows: Vec<Row> = commissioning_steps::table
        .left_join(commissioning_step_reversals::table)
        .filter(commissioning_steps::decision_id.eq_any(ids))
        .filter(commissioning_step_reversals::step_id.nullable().is_null())
        .select((
            commissioning_steps::id,
            commissioning_steps::decision_id,
            commissioning_steps::step,
            commissioning_steps::request_line_id,
            commissioning_steps::taken_on,
            commissioning_steps::taken_by,
            commissioning_steps::provider_id,
        ))
        .load(connection)?;
    for (id, decision, step, line, on, by, provider_id) in rows {
        if let Some(approval) = approvals.get_mut(&decision) {
            approval.taken.insert((step, line), Taken { record_id: Some(id), on, by, provider_id });
        }
    }
    Ok(())
}

fn add_case_notes(connection: &mut AnyConnection, ids: &[String], approvals: &mut HashMap<String, Approval>) -> Result<(), Problem> {
    use case_management_decisions as notes;
    let rows: Vec<(String, NaiveDate, String)> = notes::table
        .filter(notes::decision_id.eq_any(ids))
        .select((notes::decision_id, notes::made_on, notes::recorded_by))
        .load(connection)?;
    for (decision, on, by) in rows {
        if let Some(approval) = approvals.get_mut(&decision) {
            let taken = Taken { record_id: None, on, by, provider_id: None };
            approval.taken.insert((CommissioningStep::CaseManagementDecision, None), taken);
        }
    }
    Ok(())
}

/// The package lines that carry agreed lines out, and the orders for them.
fn add_packages(connection: &mut AnyConnection, approvals: &mut HashMap<String, Approval>) -> Result<(), Problem> {
    let lines: Vec<String> = approvals.values().flat_map(|approval| approval.lines.iter().map(|line| line.id.clone())).collect();
    let carrying = arrangements_of(connection, &lines)?;
    let first_lines: Vec<String> = carrying.values().flatten().map(|arrangement| arrangement.id.clone()).collect();
    let orders = orders_for(connection, &first_lines)?;
    for approval in approvals.values_mut() {
        for line in &approval.lines {
            let Some(arrangements) = carrying.get(&line.id) else { continue };
            let starts = arrangements.iter().filter_map(|arrangement| arrangement.starts_on(&line.id)).min();
            if let Some(start) = starts {
                approval.started.insert(line.id.clone(), start);
            }
            let key = |step| (step, Some(line.id.clone()));
            if let Some(taken) = arrangements.iter().find_map(|arrangement| recorded(arrangement, &line.id)) {
                approval.taken.insert(key(CommissioningStep::PackageRecorded), taken);
            }
            if let Some(order) = arrangements.iter().find_map(|arrangement| orders.get(&arrangement.id)) {
                approval.taken.insert(key(CommissioningStep::PurchaseOrder), order.clone());
            }
        }
    }
    Ok(())
}

fn recorded(arrangement: &Arrangement, request_line: &str) -> Option<Taken> {
    let line = arrangement.carrying(request_line)?;
    let on = line.recorded_at.date();
    Some(Taken { record_id: None, on, by: line.recorded_by.clone(), provider_id: line.provider_id.clone() })
}

/// The orders for arrangements, by the arrangement's first line.
fn orders_for(connection: &mut AnyConnection, first_lines: &[String]) -> Result<HashMap<String, Taken>, Problem> {
    let mut orders = HashMap::new();
    for ids in first_lines.chunks(CHUNK) {
        let ordered: Vec<(String, String)> = purchase_order_lines::table
            .filter(purchase_order_lines::line_id.eq_any(ids))
            .select((purchase_order_lines::line_id, purchase_order_lines::purchase_order_id))
            .load(connection)?;
        let of_orders: Vec<&String> = ordered.iter().map(|(_, order)| order).collect();
        let raised: Vec<(String, NaiveDate, String, String)> = purchase_orders::table
            .filter(purchase_orders::id.eq_any(of_orders))
            .select((purchase_orders::id, purchase_orders::raised_on, purchase_orders::recorded_by, purchase_orders::provider_id))
            .load(connection)?;
        let raised: HashMap<String, Taken> =
            raised.into_iter().map(|(id, on, by, provider)| (id, Taken { record_id: None, on, by, provider_id: Some(provider) })).collect();
        orders.extend(ordered.into_iter().filter_map(|(line, order)| Some((line, raised.get(&order)?.clone()))));
    }
    Ok(orders)
}
