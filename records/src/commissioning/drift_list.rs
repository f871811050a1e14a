//! The list of drift and delay: every approved package with a step missing, whether or not anybody has recorded anything of it.

use crate::commissioning::approval::approvals_of;
use crate::commissioning::arrangements::CHUNK;
use crate::commissioning::drift::{Drift, DriftItem, MissingStep, UnconfirmedDrift};
use crate::commitments::unrecorded_orders;
use crate::error::Error;
use crate::packages as packages_of;
use crate::packages::commissioning_list::take_off_list;
use crate::packages::lines::last_of;
use crate::packages::unconfirmed::{WaitingLine, Wanted, waiting_lines};
use crate::requests;
use crate::requests::Request;
use crate::text::Id;
use chrono::NaiveDate;
use db::schema::{child_leavings, children, outstanding_commissionings, requests as requests_table, users};
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::commissioning::approval::Approval;
use domain::commissioning::drift::{Waiting, WorkingDaysTo, by_worker, is_drift};
use domain::profile::CommissioningPolicy;
use domain::{BankHolidays, FinancialYear, Profile, Refusal};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The most packages on one list, and the most lines. Whoever needs more packages asks for one worker's list at a time.
const MOST: usize = 2_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = outstanding_commissionings)]
struct Outstanding {
    request_id: String,
    decision_id: String,
    worker_id: Option<String>,
    approved_on: NaiveDate,
}

/// What the reader of a list may read beside requests.
#[derive(Debug, Clone, Copy)]
pub struct Sees {
    /// Packages: the lines that wait to be confirmed.
    pub packages: bool,
    /// The ledger: payments whose orders do not stand.
    pub ledger: bool,
}

/// Lists the approved packages with a step missing: all, or those that one person sees to. Working days are counted to a day; without
/// one, to today.
pub fn list(write: &mut Write<'_>, profile: &Profile, (on, worker): (Option<NaiveDate>, Option<Id>), sees: Sees) -> Result<Drift, Error> {
    let on = on.unwrap_or_else(|| write.today());
    if let Err(error) = FinancialYear::of(on) {
        return Err(Refusal::bad_parameter("?on", "out_of_range", error.to_string()).into());
    }
    // Of one person's list it says nothing: an order that nobody recorded is nobody's.
    let unrecorded = if worker.is_none() && sees.ledger { unrecorded_orders::note(write.connection, write.zone, on)? } else { None };
    let mut drift = Drift { on, notes: Vec::new(), workers: Vec::new(), items: Vec::new(), unconfirmed: Vec::new() };
    let mut days = WorkingDaysTo::new(BankHolidays::bundled().map_err(Error::fault)?, on);
    if sees.packages {
        drift.unconfirmed = unconfirmed(write, worker.as_ref(), &mut days, &mut drift.notes)?;
    }
    if profile.commissioning.steps.is_empty() {
        drift.notes.push("The authority's profile asks for no step of commissioning: nothing can be missing.".to_owned());
    } else {
        let outstanding = outstanding(write.connection, on, worker)?;
        drift.items = items_of(write, &profile.commissioning, outstanding, &mut days)?;
        drift.workers = by_worker(drift.items.iter().map(waiting));
    }
    drift.notes.extend(unrecorded);
    drift.notes.extend(days.into_note());
    if drift.items.is_empty() && drift.unconfirmed.is_empty() {
        write.record(Event::new("list", "commissionings", ""))?;
    }
    Ok(drift)
}

/// The package lines that nobody with the authority has confirmed by a day, the first of them. Each package counts as read.
fn unconfirmed(
    write: &mut Write<'_>,
    worker: Option<&Id>,
    days: &mut WorkingDaysTo<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<UnconfirmedDrift>, Error> {
    let wanted = Wanted { recorded_by: worker.map(|id| id.0.as_str()), by: Some(days.to()), ..Wanted::default() };
    let mut waiting = waiting_lines(write.connection, wanted, i64::try_from(MOST).map_err(Error::fault)? + 1)?;
    if waiting.len() > MOST {
        notes
            .push(format!("More than {MOST} package lines wait to be confirmed. The list of unconfirmed package lines shows all of them."));
        waiting.truncate(MOST);
    }
    let names = names_of(write.connection, waiting.iter().map(|row| &row.recorded_by).collect())?;
    let (mut lines, mut packages) = (HashMap::new(), BTreeMap::new());
    for chunk in waiting.chunks(CHUNK) {
        let ids: Vec<String> = chunk.iter().map(|row| row.line_id.clone()).collect();
        lines.extend(last_of(write.connection, &ids)?.into_iter().map(|line| (line.line_id.clone(), line)));
        let ids: BTreeSet<String> = chunk.iter().map(|row| row.package_id.clone()).collect();
        for package in packages_of::find_all(write.connection, &ids.into_iter().collect::<Vec<_>>())? {
            packages.insert(package.id.clone(), package);
        }
    }
    let cases = case_references(write.connection, packages.values().map(|package| package.child_id.as_str()).collect())?;
    packages.values().try_for_each(|package| packages_of::record_read(write, package))?;
    let item = |row: WaitingLine| {
        let (line, package) = (lines.remove(&row.line_id)?, packages.get(&row.package_id)?);
        let waits_since = row.waits_since?;
        Some(UnconfirmedDrift {
            package_reference: package.reference.clone(),
            case_reference: cases.get(&package.child_id).cloned().unwrap_or_default(),
            service: line.service,
            budget_line: line.budget_line,
            starts_on: line.valid_from,
            waits_since,
            worker: names.get(&row.recorded_by).cloned(),
            worker_id: row.recorded_by,
            working_days: days.since(waits_since),
            line_id: row.line_id,
        })
    };
    Ok(waiting.into_iter().filter_map(item).collect())
}

/// Children's case references, by the child.
fn case_references(connection: &mut AnyConnection, mut ids: Vec<&str>) -> Result<HashMap<String, String>, Error> {
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<(String, String)> =
            children::table.filter(children::id.eq_any(chunk)).select((children::id, children::case_reference)).load(connection)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The packages that do lack a step. Each request counts as read.
fn items_of(
    write: &mut Write<'_>,
    policy: &CommissioningPolicy,
    outstanding: Vec<Outstanding>,
    days: &mut WorkingDaysTo<'_>,
) -> Result<Vec<DriftItem>, Error> {
    let decisions: Vec<String> = outstanding.iter().map(|row| row.decision_id.clone()).collect();
    let approvals = approvals_of(write.connection, &decisions, write.zone)?;
    let requests = requests_of(write.connection, &outstanding)?;
    let names = names_of(write.connection, outstanding.iter().filter_map(|row| row.worker_id.as_ref()).collect())?;
    let mut items = Vec::new();
    for row in outstanding {
        let (Some(approval), Some((request, case_reference))) = (approvals.get(&row.decision_id), requests.get(&row.request_id)) else {
            return Err(Error::fault("an outstanding commissioning without its request or decision"));
        };
        let missing = approval.missing(policy);
        // The last step came with something that does not look after this list, such as a variation.
        if missing.is_empty() {
            take_off_list(write, &row.request_id)?;
            continue;
        }
        requests::record_read(write, request)?;
        let working_days = days.since(row.approved_on);
        items.push(DriftItem {
            reference: request.reference.clone(),
            case_reference: case_reference.clone(),
            starts_on: approval.starts_on(None),
            worker: row.worker_id.as_ref().and_then(|id| names.get(id)).cloned(),
            is_drift: is_drift(policy.drift_after_working_days.as_ref(), working_days),
            working_days,
            missing: missing.iter().map(|needed| MissingStep::of(needed, approval)).collect(),
            late: late(approval, policy),
            request_id: row.request_id,
            decision_id: row.decision_id,
            approved_on: row.approved_on,
            worker_id: row.worker_id,
        });
    }
    Ok(items)
}

fn waiting(item: &DriftItem) -> Waiting<'_> {
    let DriftItem { missing, working_days, .. } = item;
    Waiting {
        worker_id: item.worker_id.as_deref(),
        worker: item.worker.as_deref(),
        steps_missing: missing.len(),
        working_days: *working_days,
    }
}

fn outstanding(connection: &mut AnyConnection, on: NaiveDate, worker: Option<Id>) -> Result<Vec<Outstanding>, Error> {
    // Nothing is commissioned any more for a child who left.
    let reversal = diesel::alias!(child_leavings as reversal);
    let reversed = reversal.field(child_leavings::reverses_id);
    let taken_back = reversal.filter(reversed.is_not_null()).select(reversed.assume_not_null());
    let children_left = child_leavings::table
        .filter(child_leavings::reverses_id.is_null().and(child_leavings::left_on.le(on)))
        .filter(child_leavings::id.ne_all(taken_back))
        .select(child_leavings::child_id);
    let left = requests_table::table.filter(requests_table::child_id.eq_any(children_left)).select(requests_table::id);
    let most = i64::try_from(MOST).map_err(Error::fault)?;
    let query = outstanding_commissionings::table
        .select(Outstanding::as_select())
        .filter(outstanding_commissionings::approved_on.le(on))
        .filter(outstanding_commissionings::request_id.ne_all(left))
        .order((outstanding_commissionings::approved_on, outstanding_commissionings::request_id))
        .limit(most + 1);
    let rows: Vec<Outstanding> = match worker {
        Some(worker) => query.filter(outstanding_commissionings::worker_id.eq(worker.0)).load(connection)?,
        None => query.load(connection)?,
    };
    if rows.len() > MOST {
        let detail = format!("more than {MOST} packages have a step missing: ask for one worker's list");
        return Err(Refusal::bad_parameter("?worker_id", "too_many", detail).into());
    }
    Ok(rows)
}

/// The requests with their children's case references, by the request's id.
fn requests_of(connection: &mut AnyConnection, rows: &[Outstanding]) -> Result<HashMap<String, (Request, String)>, Error> {
    let mut found = HashMap::new();
    for chunk in rows.chunks(CHUNK) {
        let ids: Vec<&String> = chunk.iter().map(|row| &row.request_id).collect();
        let requests: Vec<(Request, String)> = requests_table::table
            .inner_join(children::table)
            .filter(requests_table::id.eq_any(ids))
            .select((Request::as_select(), children::case_reference))
            .load(connection)?;
        found.extend(requests.into_iter().map(|(request, reference)| (request.id.clone(), (request, reference))));
    }
    Ok(found)
}

fn names_of(connection: &mut AnyConnection, mut ids: Vec<&String>) -> Result<HashMap<String, String>, Error> {
    ids.sort();
    ids.dedup();
    let mut names = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<(String, String)> =
            users::table.filter(users::id.eq_any(chunk.to_vec())).select((users::id, users::username)).load(connection)?;
        names.extend(found);
    }
    Ok(names)
}

fn late(approval: &Approval, policy: &CommissioningPolicy) -> Vec<String> {
    approval.needed(policy).iter().filter(|needed| approval.is_late(needed)).map(|needed| needed.demand.name.clone()).collect()
}
