//! Drift and delay: every approved package with a step missing, and for how many working days.

use chrono::{NaiveDate, NaiveDateTime};
use domain::commissioning::CommissioningStep;
use domain::commissioning::approval::Approval;
pub use domain::commissioning::drift::WorkerDrift;
use domain::profile::Needed;
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use utoipa::ToSchema;

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
    }], "unconfirmed": []
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
    /// Every package line that nobody with the authority has confirmed, in the order recorded; of one worker those that the worker recorded.
    pub unconfirmed: Vec<UnconfirmedDrift>,
}

/// A package line that waits to be confirmed: nothing is ordered, placed, booked, invoiced or paid on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnconfirmedDrift {
    /// The line.
    pub line_id: String,
    /// The authority's own number for its package.
    pub package_reference: String,
    /// The child's case reference.
    pub case_reference: String,
    /// What is provided.
    pub service: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Since when it waits.
    pub waits_since: NaiveDate,
    /// Who recorded it: a user's or client's id.
    pub worker_id: String,
    /// The user's name; null of a tool.
    pub worker: Option<String>,
    /// Working days since it was recorded; null, the bank holidays of those days are not known.
    pub working_days: Option<i64>,
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

impl MissingStep {
    /// A missing step of an approval.
    pub(crate) fn of(needed: &Needed<'_>, approval: &Approval) -> Self {
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
    /// One row a package, and one a line that waits to be confirmed.
    pub fn sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
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
        let about = format!("Approved packages with a step missing, and lines that nobody has confirmed, to {}", self.on);
        let made = made_at.format("%Y-%m-%d %H:%M UTC");
        let mut sheet = Sheet::new("Drift and delay", columns).heading(format!("{about}, as it stood on {made}"));
        for note in &self.notes {
            sheet = sheet.heading(note);
        }
        sheet.with_rows(self.items.iter().map(DriftItem::cells).chain(self.unconfirmed.iter().map(UnconfirmedDrift::cells)))
    }
}

impl UnconfirmedDrift {
    fn cells(&self) -> Vec<Cell> {
        vec![
            self.working_days.map_or(Cell::Blank, Cell::Integer),
            Cell::text(""),
            Cell::text(self.worker.as_deref().unwrap_or_default()),
            Cell::text(&self.package_reference),
            Cell::text(&self.case_reference),
            Cell::Blank,
            Cell::Date(self.starts_on),
            Cell::Integer(1),
            Cell::text(format!("Confirmation ({})", self.service)),
            Cell::text(""),
        ]
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
