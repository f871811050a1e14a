//! `panel-decisions`: every decision of a year, and what became of it.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::{CountedAs, DecisionStanding, MartRows};
use chrono::NaiveDate;
use domain::FinancialYear;
use domain::panel::{AppealOutcome, AssessmentKind, AuthorisationKind, DecisionKind, DecisionRoute, DeclineReason};
use etl::{Snapshot, Which};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// Every decision of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PanelDecisions {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year in which they were made.
    pub year: FinancialYear,
    /// One a decision, by the day it was made on.
    pub rows: Vec<PanelDecisionRow>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// A decision. Nobody is named, and no child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PanelDecisionRow {
    /// The decision's pseudonym, the same in every snapshot.
    #[schema(example = "5f0c1d2b3a49587766aabbccddeeff00")]
    pub decision_key: String,
    /// 1 for the request's first decision, 2 for its next.
    pub number: i64,
    /// Whether it is the request's last.
    pub is_last: bool,
    /// The day it was decided on.
    pub decided_on: NaiveDate,
    /// The day of the panel; null without one.
    pub panel_on: Option<NaiveDate>,
    /// At a panel or without one.
    pub route: DecisionRoute,
    /// `chair` or `deputy_chair` at a panel; without one, the post that agreed it.
    #[schema(example = "chair")]
    pub decided_as: String,
    /// What was decided.
    pub kind: DecisionKind,
    /// What it counts as.
    pub decision: CountedAs,
    /// Whether it has authority.
    pub outcome: DecisionStanding,
    /// What it waits for; null when it does not wait.
    pub waits_for: Option<AuthorisationKind>,
    /// The day from which it has authority; null while it waits, and when it was refused.
    pub effective_on: Option<NaiveDate>,
    /// Why the panel declined it; null for any other decision.
    pub decline_reason: Option<DeclineReason>,
    /// Until when the panel deferred it; null for any other decision.
    pub deferred_until: Option<NaiveDate>,
    /// Whether a deputy chaired, so that another post had to ratify it.
    pub needs_ratification: bool,
    /// Whether it came to wait for a post with more authority.
    pub needs_authority: bool,
    /// The posts responsible for the total.
    #[schema(example = json!(["assistant_director", "director"]))]
    pub tier: Vec<String>,
    /// Whether the total is above a reporting threshold of the profile.
    pub is_above_reporting_threshold: bool,
    /// The child's total care package, gross, for a full year, in pence.
    pub total_pence: i64,
    /// What a full year of the lines decided on costs, in pence.
    pub full_year_pence: i64,
    /// What those lines cost in the year of the decision, in pence.
    pub this_year_pence: i64,
    /// How many lines there were.
    pub lines: i64,
    /// The kind of assessment it rests on.
    pub assessment_kind: Option<AssessmentKind>,
    /// Days from the authorisation of the assessment to the panel.
    pub days_assessment_to_panel: Option<i64>,
    /// Days from the panel to the authority for what it approved.
    pub days_panel_to_authority: Option<i64>,
    /// Days from the panel to the first day of the support that it approved; null while none is on record.
    pub days_panel_to_start: Option<i64>,
    /// Whether an appeal against it was received.
    pub is_appealed: bool,
    /// What became of the appeal; null where there was none, and while it is open.
    pub appeal_outcome: Option<AppealOutcome>,
}

/// The decisions of a year.
pub fn panel_decisions(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<PanelDecisions, Error> {
    Snapshot::reading(warehouse, which, |snapshot| decisions_of(snapshot, year), Error::is_gone)
}

pub(crate) fn decisions_of(snapshot: &Snapshot, year: FinancialYear) -> Result<PanelDecisions, Error> {
    let mart = MartRows::of(snapshot, "panel_decisions", year, "decision_key")?;
    let mut rows = rows_of(&mart)?;
    rows.sort_by(|a, b| (a.decided_on, &a.decision_key).cmp(&(b.decided_on, &b.decision_key)));
    Ok(PanelDecisions { snapshot_id: snapshot.id().to_owned(), year, rows, origin: Origin::of(snapshot) })
}

fn rows_of(mart: &MartRows) -> Result<Vec<PanelDecisionRow>, Error> {
    let (keys, numbers, last) = (mart.words::<String>("decision_key")?, mart.numbers("number")?, mart.truths("is_last")?);
    let (decided_on, panel_on) = (mart.days("decided_on")?, mart.days("panel_on")?);
    let (routes, decided_as) = (mart.words::<DecisionRoute>("route")?, mart.words::<String>("decided_as")?);
    let (kinds, counted) = (mart.words::<DecisionKind>("kind")?, mart.words::<CountedAs>("decision")?);
    let (outcomes, waits_for) = (mart.words::<DecisionStanding>("outcome")?, mart.optional::<AuthorisationKind>("waits_for")?);
    let (effective_on, deferred_until) = (mart.days("effective_on")?, mart.days("deferred_until")?);
    let decline_reasons = mart.optional::<DeclineReason>("decline_reason")?;
    let (ratification, authority) = (mart.truths("needs_ratification")?, mart.truths("needs_authority")?);
    let (tiers, above) = (mart.optional::<String>("tier")?, mart.truths("is_above_reporting_threshold")?);
    let (totals, full_year) = (mart.numbers("total_pence")?, mart.numbers("full_year_pence")?);
    let (this_year, lines) = (mart.numbers("this_year_pence")?, mart.numbers("lines")?);
    let assessments = mart.optional::<AssessmentKind>("assessment_kind")?;
    let to_panel = mart.optional_numbers("days_assessment_to_panel")?;
    let to_authority = mart.optional_numbers("days_panel_to_authority")?;
    // A snapshot from before did not say.
    let to_start = if mart.has("days_panel_to_start") { mart.optional_numbers("days_panel_to_start")? } else { vec![None; mart.len()] };
    let appeals = mart.optional::<String>("appeal")?;
    let appeal_outcomes = appeals.iter().map(|appeal| appeal_outcome(appeal.as_deref())).collect::<Result<Vec<_>, _>>()?;
    let undated = || Error::Warehouse(etl::Error::Definition("a decision of the warehouse has no day".to_owned()));
    let row = |index: usize| -> Result<PanelDecisionRow, Error> {
        let tier = tiers[index].as_deref().unwrap_or_default().split(',').filter(|post| !post.is_empty());
        Ok(PanelDecisionRow {
            decision_key: keys[index].clone(),
            number: numbers[index],
            is_last: last[index],
            decided_on: decided_on[index].ok_or_else(undated)?,
            panel_on: panel_on[index],
            route: routes[index],
            decided_as: decided_as[index].clone(),
            kind: kinds[index],
            decision: counted[index],
            outcome: outcomes[index],
            waits_for: waits_for[index],
            effective_on: effective_on[index],
            decline_reason: decline_reasons[index],
            deferred_until: deferred_until[index],
            needs_ratification: ratification[index],
            needs_authority: authority[index],
            tier: tier.map(str::to_owned).collect(),
            is_above_reporting_threshold: above[index],
            total_pence: totals[index],
            full_year_pence: full_year[index],
            this_year_pence: this_year[index],
            lines: lines[index],
            assessment_kind: assessments[index],
            days_assessment_to_panel: to_panel[index],
            days_panel_to_authority: to_authority[index],
            days_panel_to_start: to_start[index],
            is_appealed: appeals[index].is_some(),
            appeal_outcome: appeal_outcomes[index],
        })
    };
    (0..mart.len()).map(row).collect()
}

/// An appeal that is open has no outcome yet.
fn appeal_outcome(appeal: Option<&str>) -> Result<Option<AppealOutcome>, Error> {
    let unreadable = |_| Error::Warehouse(etl::Error::Definition("an appeal's outcome in the warehouse is not known".to_owned()));
    appeal.filter(|word| *word != "open").map(|word| word.parse().map_err(unreadable)).transpose()
}

impl PanelDecisions {
    /// One line a decision.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("decision_key").labelled("Decision"),
            Column::integer("number"),
            Column::text("is_last").labelled("Last"),
            Column::date("decided_on"),
            Column::date("panel_on"),
            Column::text("route"),
            Column::text("decided_as"),
            Column::text("kind").labelled("Decided"),
            Column::text("decision").labelled("Counts as"),
            Column::text("outcome").labelled("Authority"),
            Column::text("waits_for"),
            Column::date("effective_on"),
            Column::text("decline_reason"),
            Column::date("deferred_until"),
            Column::text("needs_ratification"),
            Column::text("needs_authority"),
            Column::text("tier"),
            Column::text("is_above_reporting_threshold").labelled("Above reporting threshold"),
            // No total: a child decided on twice would count twice.
            Column::pounds("total_pounds").labelled("Total care package (£)"),
            Column::pounds("full_year_pounds"),
            Column::pounds("this_year_pounds"),
            Column::pounds("agreed_full_year_pounds").summed(),
            Column::pounds("agreed_this_year_pounds").summed(),
            Column::integer("lines"),
            Column::text("assessment_kind").labelled("Assessment"),
            Column::integer("days_assessment_to_panel"),
            Column::integer("days_panel_to_authority"),
            Column::text("is_appealed").labelled("Appealed"),
            Column::text("appeal_outcome"),
            Column::integer("days_panel_to_start"),
        ];
        Sheet::new(format!("Panel decisions {}", self.year.as_str()), columns)
            .tab("Panel decisions")
            .heading("Costs are of the lines decided on, whatever was decided")
            .heading("Totals are of what is agreed; filter by Last, to count a request once that was agreed again after an appeal")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(self.rows.iter().map(PanelDecisionRow::cells))
    }

    /// One line a decision, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}

impl PanelDecisionRow {
    fn cells(&self) -> Vec<Cell> {
        let number = |value: Option<i64>| value.map_or(Cell::Blank, Cell::Integer);
        let yes_or_no = |value: bool| Cell::text(if value { "yes" } else { "no" });
        vec![
            Cell::text(&self.decision_key),
            Cell::Integer(self.number),
            yes_or_no(self.is_last),
            Cell::Date(self.decided_on),
            self.panel_on.into(),
            Cell::text(self.route.as_str()),
            Cell::text(&self.decided_as),
            Cell::text(self.kind.as_str()),
            Cell::text(<&str>::from(self.decision)),
            Cell::text(<&str>::from(self.outcome)),
            self.waits_for.map(|kind| kind.as_str()).into(),
            self.effective_on.into(),
            self.decline_reason.map(|reason| reason.as_str()).into(),
            self.deferred_until.into(),
            yes_or_no(self.needs_ratification),
            yes_or_no(self.needs_authority),
            Cell::text(self.tier.join(", ")),
            yes_or_no(self.is_above_reporting_threshold),
            Cell::Pence(self.total_pence),
            Cell::Pence(self.full_year_pence),
            Cell::Pence(self.this_year_pence),
            Cell::Pence(self.decision.agreed(self.full_year_pence)),
            Cell::Pence(self.decision.agreed(self.this_year_pence)),
            Cell::Integer(self.lines),
            self.assessment_kind.map(|kind| kind.as_str()).into(),
            number(self.days_assessment_to_panel),
            number(self.days_panel_to_authority),
            yes_or_no(self.is_appealed),
            self.appeal_outcome.map(|outcome| outcome.as_str()).into(),
            number(self.days_panel_to_start),
        ]
    }
}
