//! Drift and delay: every approved package with a step missing, and for how many working days.

use super::Approval;
use super::approval::CHUNK;
use super::outstanding::remove;
use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::extract::Params;
use crate::format::{Format, Workbook};
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::requests::{self, Request};
use crate::text::Id;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::{NaiveDate, NaiveDateTime};
use db::schema::{children, outstanding_commissionings, requests as requests_table, users};
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::commissioning::CommissioningStep;
use domain::profile::{CommissioningPolicy, Needed};
use domain::{BankHolidays, FinancialYear, Profile};
use reports::{Cell, Column, Sheet};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// The most packages on one list: more are asked for by worker.
const MOST: usize = 2_000;

/// Counted to which day, of whom, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DriftParams {
    /// Working days are counted to this day; without it, to today. What is approved later is left out; what is missing is what is
    /// missing now.
    #[serde(default, deserialize_with = "day_parameter")]
    on: Option<NaiveDate>,
    /// Only what this person sees to.
    worker_id: Option<Id>,
    /// The form; without it, by the `Accept` header.
    format: Option<Format>,
}

/// Approved packages with a step missing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommissioningDrift, example = json!({
    "on": "2024-06-14", "notes": [], "workers": [{
        "worker_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "worker": "sam.lee", "packages": 1, "steps_missing": 1, "longest_working_days": 4
    }],
    "items": [{
        "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "reference": "RQ-0107", "case_reference": "CWD-0042",
        "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "approved_on": "2024-06-10", "starts_on": "2024-06-17",
        "worker_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "worker": "sam.lee", "working_days": 4, "is_drift": null,
        "missing": [{ "step": "family_told", "name": "Family told of the outcome", "clause": "Panel standard 7", "request_line_id": null,
            "service": null }], "late": []
    }]
}))]
pub struct Drift {
    /// The day that working days are counted to.
    pub on: NaiveDate,
    /// What a reader must know: that no step is asked for, or that working days are not known.
    pub notes: Vec<String>,
    /// By worker, whoever has waited longest coming first.
    pub workers: Vec<WorkerDrift>,
    /// Every package, the one approved longest ago coming first.
    pub items: Vec<DriftItem>,
}

/// What one worker sees to.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkerDrift {
    /// A user's id; null, nobody is named.
    pub worker_id: Option<String>,
    /// The user's name.
    pub worker: Option<String>,
    /// Packages with a step missing.
    pub packages: usize,
    /// Steps missing in all of them.
    pub steps_missing: usize,
    /// Working days of the one that waits longest; null, not known.
    pub longest_working_days: Option<i64>,
}

/// An approved package with a step missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct DriftItem {
    /// The request.
    pub request_id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// The child's case reference.
    pub case_reference: String,
    /// The decision.
    pub decision_id: String,
    /// Since when it has had its authority.
    pub approved_on: NaiveDate,
    /// When its support starts.
    pub starts_on: Option<NaiveDate>,
    /// Who sees to it: a user's id; null, nobody is named.
    pub worker_id: Option<String>,
    /// The user's name.
    pub worker: Option<String>,
    /// Working days since the approval; null, the bank holidays of those days are not known.
    pub working_days: Option<i64>,
    /// Whether that is more than the authority's profile allows; null, it names no number, or the days are not known.
    pub is_drift: Option<bool>,
    /// The steps that are missing, in the profile's order.
    pub missing: Vec<MissingStep>,
    /// The names of steps that should have come before the start and came after.
    pub late: Vec<String>,
}

/// A step that is missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingStep {
    /// The step.
    pub step: CommissioningStep,
    /// As the profile calls it.
    pub name: String,
    /// Where the authority asks for it.
    pub clause: String,
    /// The agreed line it is for; null, the whole.
    pub request_line_id: Option<String>,
    /// What that line provides.
    pub service: Option<String>,
}

/// Read the list of drift and delay
///
/// Every approved package with a step missing, whether or not anybody has recorded anything of it, the longest wait coming first. At most
/// 2,000 packages: more are asked for by worker.
#[utoipa::path(tag = "commissioning", params(DriftParams), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The list", content((Drift = "application/json"), (String = "text/csv"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/commissionings/drift")]
pub async fn list_drift(app: Data<App>, caller: Caller<RequestsRead>, params: Params<DriftParams>, request: HttpRequest) -> Answer {
    let DriftParams { on, worker_id, format } = params.0;
    let format = Format::of(&request, format)?;
    let made_at = app.store.clock().now();
    let on = on.unwrap_or_else(|| made_at.date());
    if let Err(error) = FinancialYear::of(on) {
        return Err(Problem::with_errors(Code::InvalidParameter, vec![FieldError::new("?on", "out_of_range", error.to_string())]));
    }
    let profile = app.profile.clone();
    let drift = app.write(caller.actor(), move |write| drift(write, &profile, on, worker_id)).await?;
    // A long sheet takes a while: nobody who writes waits for it.
    let bytes = app.read(move |_| format.write(&drift, made_at, || drift.sheet(made_at)));
    Ok(format.respond(bytes.await?, &format!("drift-{on}")))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outstanding_commissionings)]
struct Outstanding {
    request_id: String,
    decision_id: String,
    worker_id: Option<String>,
    approved_on: NaiveDate,
}

fn drift(write: &mut Write<'_>, profile: &Profile, on: NaiveDate, worker: Option<Id>) -> Result<Drift, Problem> {
    let mut drift = Drift { on, notes: Vec::new(), workers: Vec::new(), items: Vec::new() };
    let policy = &profile.commissioning;
    if policy.steps.is_empty() {
        drift.notes.push("The authority's profile asks for no step of commissioning: nothing can be missing.".to_owned());
        write.record(Event::new("list", "commissionings", ""))?;
        return Ok(drift);
    }
    let outstanding = outstanding(write.connection, on, worker)?;
    let decisions: Vec<String> = outstanding.iter().map(|row| row.decision_id.clone()).collect();
    let approvals = Approval::all(write.connection, &decisions)?;
    let requests = requests_of(write.connection, &outstanding)?;
    let names = names_of(write.connection, &outstanding)?;
    let mut days = WorkingDays::to(on)?;
    for row in outstanding {
        let (Some(approval), Some((request, case_reference))) = (approvals.get(&row.decision_id), requests.get(&row.request_id)) else {
            return Err(Problem::internal("an outstanding commissioning without its request or decision"));
        };
        let missing = approval.missing(policy);
        // The last step came with something that does not look after this list, such as a variation.
        if missing.is_empty() {
            remove(write, &row.request_id)?;
            continue;
        }
        let working_days = days.since(row.approved_on);
        let limit = policy.drift_after_working_days.as_ref().map(|limit| i64::from(limit.value));
        requests::record_read(write, request)?;
        drift.items.push(DriftItem {
            reference: request.reference.clone(),
            case_reference: case_reference.clone(),
            starts_on: approval.starts_on(None),
            worker: row.worker_id.as_ref().and_then(|id| names.get(id)).cloned(),
            is_drift: limit.zip(working_days).map(|(limit, days)| days > limit),
            working_days,
            missing: missing.iter().map(|needed| MissingStep::of(needed, approval)).collect(),
            late: late(approval, policy),
            request_id: row.request_id,
            decision_id: row.decision_id,
            approved_on: row.approved_on,
            worker_id: row.worker_id,
        });
    }
    if drift.items.is_empty() {
        write.record(Event::new("list", "commissionings", ""))?;
    }
    drift.notes.extend(days.unknown);
    drift.workers = by_worker(&drift.items);
    Ok(drift)
}

fn outstanding(connection: &mut AnyConnection, on: NaiveDate, worker: Option<Id>) -> Result<Vec<Outstanding>, Problem> {
    let mut query = outstanding_commissionings::table
        .select(Outstanding::as_select())
        .filter(outstanding_commissionings::approved_on.le(on))
        .into_boxed();
    if let Some(worker) = worker {
        query = query.filter(outstanding_commissionings::worker_id.eq(worker.0));
    }
    let in_order = (outstanding_commissionings::approved_on, outstanding_commissionings::request_id);
    let most = i64::try_from(MOST).map_err(Problem::internal)?;
    let rows: Vec<Outstanding> = query.order(in_order).limit(most + 1).load(connection)?;
    if rows.len() > MOST {
        let detail = format!("there are more than {MOST} packages: ask for one worker's");
        return Err(Problem::with_errors(Code::InvalidParameter, vec![FieldError::new("?worker_id", "too_many", detail)]));
    }
    Ok(rows)
}

/// The requests with their children's case references, by the request's id.
fn requests_of(connection: &mut AnyConnection, rows: &[Outstanding]) -> Result<HashMap<String, (Request, String)>, Problem> {
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

fn names_of(connection: &mut AnyConnection, rows: &[Outstanding]) -> Result<HashMap<String, String>, Problem> {
    let mut ids: Vec<&String> = rows.iter().filter_map(|row| row.worker_id.as_ref()).collect();
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

/// Working days to one day, each start counted once.
struct WorkingDays {
    to: NaiveDate,
    known: &'static BankHolidays,
    counted: HashMap<NaiveDate, Option<i64>>,
    /// Why some are not known.
    unknown: Option<String>,
}

impl WorkingDays {
    fn to(to: NaiveDate) -> Result<Self, Problem> {
        let known = BankHolidays::bundled().map_err(Problem::internal)?;
        Ok(WorkingDays { to, known, counted: HashMap::new(), unknown: None })
    }

    /// Beyond the list of bank holidays nothing is guessed.
    fn since(&mut self, from: NaiveDate) -> Option<i64> {
        *self.counted.entry(from).or_insert_with(|| match self.known.working_days_between(from, self.to) {
            Ok(days) => Some(days),
            Err(unknown) => {
                self.unknown = Some(format!("Working days are not known: {unknown}."));
                None
            }
        })
    }
}

fn late(approval: &Approval, policy: &CommissioningPolicy) -> Vec<String> {
    approval.needed(policy).iter().filter(|needed| approval.is_late(needed)).map(|needed| needed.demand.name.clone()).collect()
}

/// The items by worker, in the order in which each first comes.
fn by_worker(items: &[DriftItem]) -> Vec<WorkerDrift> {
    let mut workers: Vec<WorkerDrift> = Vec::new();
    for item in items {
        let place = workers.iter().position(|worker| worker.worker_id == item.worker_id).unwrap_or_else(|| {
            workers.push(WorkerDrift {
                worker_id: item.worker_id.clone(),
                worker: item.worker.clone(),
                packages: 0,
                steps_missing: 0,
                // The first comes first because it waits longest.
                longest_working_days: item.working_days,
            });
            workers.len() - 1
        });
        workers[place].packages += 1;
        workers[place].steps_missing += item.missing.len();
    }
    workers
}

impl MissingStep {
    fn of(needed: &Needed<'_>, approval: &Approval) -> Self {
        MissingStep {
            step: needed.demand.step,
            name: needed.demand.name.clone(),
            clause: needed.demand.clause.clone(),
            request_line_id: needed.line.map(str::to_owned),
            service: needed.line.and_then(|id| approval.line(id)).map(|line| line.service.clone()),
        }
    }

    fn in_words(&self) -> String {
        match &self.service {
            Some(service) => format!("{} ({service})", self.name),
            None => self.name.clone(),
        }
    }
}

impl Drift {
    /// One row a package.
    fn sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, reports::Error> {
        let columns = [
            Column::integer("working_days"),
            Column::text("is_drift").labelled("Drift"),
            Column::text("worker"),
            Column::text("reference"),
            Column::text("case_reference"),
            Column::date("approved_on"),
            Column::date("starts_on"),
            Column::integer("steps_missing").summed(),
            Column::text("missing"),
            Column::text("late"),
        ];
        let about = format!("Approved packages with a step missing, to {}", self.on);
        let made = made_at.format("%Y-%m-%d %H:%M UTC");
        let mut sheet = Sheet::new("Drift and delay", columns).heading(format!("{about}, as it stood on {made}"));
        for note in &self.notes {
            sheet = sheet.heading(note);
        }
        sheet.with_rows(self.items.iter().map(DriftItem::cells))
    }
}

impl DriftItem {
    fn cells(&self) -> Vec<Cell> {
        let missing: Vec<_> = self.missing.iter().map(MissingStep::in_words).collect();
        let is_drift = self.is_drift.map_or("", |is| if is { "yes" } else { "no" });
        vec![
            self.working_days.map_or(Cell::Blank, Cell::Integer),
            Cell::text(is_drift),
            Cell::text(self.worker.as_deref().unwrap_or_default()),
            Cell::text(&self.reference),
            Cell::text(&self.case_reference),
            Cell::Date(self.approved_on),
            self.starts_on.map_or(Cell::Blank, Cell::Date),
            Cell::Integer(i64::try_from(missing.len()).unwrap_or(i64::MAX)),
            Cell::text(missing.join("; ")),
            Cell::text(self.late.join("; ")),
        ]
    }
}
