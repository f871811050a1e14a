//! What is on record of the commissioning of approvals: their lines, the steps taken, and when the support starts. Read for many
//! approvals at once, so that a list costs a few queries however long it is.

use crate::commissioning::arrangements::{Arrangement, CHUNK, arrangements_of};
use crate::commissioning::purchase_order::standing_orders;
use crate::error::Error;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{
    authorisations, case_management_decisions, commissioning_step_reversals, commissioning_steps, decision_lines, decisions,
    purchase_orders, request_lines,
};
use diesel::prelude::*;
use domain::TimeZone;
use domain::commissioning::CommissioningStep;
use domain::commissioning::approval as rules;
pub use domain::commissioning::approval::{Approval, ApprovedLine, Taken};
use domain::commissioning::purchase_orders::StandingOrder;
use domain::panel::{AuthorisationKind, AuthorisationOutcome};
use std::collections::HashMap;

/// That of one decision.
pub fn approval_of(connection: &mut AnyConnection, decision_id: &str, zone: TimeZone) -> Result<Approval, Error> {
    let found = approvals_of(connection, &[decision_id.to_owned()], zone)?.remove(decision_id);
    found.ok_or_else(|| Error::not_found("decision"))
}

/// Those of many decisions, by the decision's id.
pub fn approvals_of(connection: &mut AnyConnection, decision_ids: &[String], zone: TimeZone) -> Result<HashMap<String, Approval>, Error> {
    let mut all = HashMap::new();
    for ids in decision_ids.chunks(CHUNK) {
        all.extend(chunk(connection, ids, zone)?);
    }
    Ok(all)
}

/// The day on which an approval had its authority.
pub fn approved_on(connection: &mut AnyConnection, decision_id: &str) -> Result<NaiveDate, Error> {
    let said: Vec<(AuthorisationKind, AuthorisationOutcome, NaiveDate)> = authorisations::table
        .filter(authorisations::decision_id.eq(decision_id))
        .select((authorisations::kind, authorisations::outcome, authorisations::authorised_on))
        .load(connection)?;
    let decided_on = decisions::table.find(decision_id).select(decisions::decided_on).first(connection).optional()?;
    Ok(rules::approved_on(said.into_iter(), decided_on.ok_or_else(|| Error::not_found("decision"))?))
}

fn chunk(connection: &mut AnyConnection, ids: &[String], zone: TimeZone) -> Result<HashMap<String, Approval>, Error> {
    let found: Vec<(String, NaiveDate)> =
        decisions::table.filter(decisions::id.eq_any(ids)).select((decisions::id, decisions::decided_on)).load(connection)?;
    let new = |(id, decided_on): (String, NaiveDate)| (id.clone(), Approval::new(id, decided_on));
    let mut approvals: HashMap<String, Approval> = found.into_iter().map(new).collect();
    let lines: Vec<(String, (String, String, String, NaiveDate))> = decision_lines::table
        .inner_join(request_lines::table)
        .filter(decision_lines::decision_id.eq_any(ids))
        .order((decision_lines::decision_id, request_lines::number))
        .select((
            decision_lines::decision_id,
            (request_lines::id, request_lines::service, request_lines::budget_line, request_lines::valid_from),
        ))
        .load(connection)?;
    for (decision, (id, service, budget_line, valid_from)) in lines {
        if let Some(approval) = approvals.get_mut(&decision) {
            approval.lines.push(ApprovedLine { id, service, budget_line, valid_from });
        }
    }
    add_recorded_steps(connection, ids, &mut approvals)?;
    add_case_notes(connection, ids, &mut approvals)?;
    add_packages(connection, &mut approvals, zone)?;
    Ok(approvals)
}

/// The steps that have a record of their own, without those that were reversed.
fn add_recorded_steps(connection: &mut AnyConnection, ids: &[String], approvals: &mut HashMap<String, Approval>) -> Result<(), Error> {
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
            approval.take(step, line, Taken { record_id: Some(id), on, by, provider_id });
        }
    }
    Ok(())
}

fn add_case_notes(connection: &mut AnyConnection, ids: &[String], approvals: &mut HashMap<String, Approval>) -> Result<(), Error> {
    use case_management_decisions as notes;
    let rows: Vec<(String, NaiveDate, String)> = notes::table
        .filter(notes::decision_id.eq_any(ids))
        .select((notes::decision_id, notes::made_on, notes::recorded_by))
        .load(connection)?;
    for (decision, on, by) in rows {
        if let Some(approval) = approvals.get_mut(&decision) {
            let taken = Taken { record_id: None, on, by, provider_id: None };
            approval.take(CommissioningStep::CaseManagementDecision, None, taken);
        }
    }
    Ok(())
}

/// The package lines that carry agreed lines out, and the orders for them.
fn add_packages(connection: &mut AnyConnection, approvals: &mut HashMap<String, Approval>, zone: TimeZone) -> Result<(), Error> {
    let lines: Vec<String> = approvals.values().flat_map(|approval| approval.lines.iter().map(|line| line.id.clone())).collect();
    let carrying = arrangements_of(connection, &lines)?;
    let first_lines: Vec<String> = carrying.values().flatten().map(|arrangement| arrangement.id.clone()).collect();
    let orders = orders_for(connection, &first_lines)?;
    for approval in approvals.values_mut() {
        let agreed: Vec<String> = approval.lines.iter().map(|line| line.id.clone()).collect();
        for line in agreed {
            let Some(arrangements) = carrying.get(&line) else { continue };
            if let Some(start) = arrangements.iter().filter_map(|arrangement| arrangement.starts_on(&line)).min() {
                approval.start(line.clone(), start);
            }
            if let Some(taken) = arrangements.iter().find_map(|arrangement| recorded(arrangement, &line, zone)) {
                approval.take(CommissioningStep::PackageRecorded, Some(line.clone()), taken);
            }
            if let Some(order) = arrangements.iter().find_map(|arrangement| orders.get(&arrangement.id)) {
                approval.take(CommissioningStep::PurchaseOrder, Some(line), order.clone());
            }
        }
    }
    Ok(())
}

fn recorded(arrangement: &Arrangement, request_line: &str, zone: TimeZone) -> Option<Taken> {
    let line = arrangement.carrying(request_line)?;
    let on = zone.day_of(line.recorded_at);
    Some(Taken { record_id: None, on, by: line.recorded_by.clone(), provider_id: line.provider_id.clone() })
}

/// The orders that stand for arrangements, by the arrangement's first line: of several the first.
fn orders_for(connection: &mut AnyConnection, first_lines: &[String]) -> Result<HashMap<String, Taken>, Error> {
    let standing = standing_orders(connection, first_lines)?;
    let ids: Vec<&String> = standing.values().flatten().map(|(id, _)| id).collect();
    let mut raised: HashMap<String, Taken> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(String, NaiveDate, String, String)> = purchase_orders::table
            .filter(purchase_orders::id.eq_any(ids.to_vec()))
            .select((purchase_orders::id, purchase_orders::raised_on, purchase_orders::recorded_by, purchase_orders::provider_id))
            .load(connection)?;
        let taken = |(id, on, by, provider)| (id, Taken { record_id: None, on, by, provider_id: Some(provider) });
        raised.extend(rows.into_iter().map(taken));
    }
    let first = |orders: Vec<(String, StandingOrder)>| orders.into_iter().find_map(|(id, _)| raised.get(&id).cloned());
    Ok(standing.into_iter().filter_map(|(line, orders)| Some((line, first(orders)?))).collect())
}
