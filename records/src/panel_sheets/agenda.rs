//! The agenda: what is to be heard, in the order of the slots.

use crate::assessments;
use crate::authority::explain;
use crate::error::Error;
use crate::panel::Panel;
use crate::panel_sheets::items::{Item, items_of};
use crate::panel_sheets::words::{heading, named};
use crate::requests::{missing_for_agenda, revision_of};
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::users;
use diesel::prelude::*;
use domain::panel::AssessmentKind;
use domain::panel_sheets::{ItemOutcome, waited_for_panel};
use domain::{FinancialYear, Pence, Profile};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use utoipa::ToSchema;

/// A panel's agenda.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "panel": {
        "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "held_on": "2024-06-10", "starts_at": "09:30", "slots": 8, "slot_minutes": 20,
        "papers_due_on": "2024-06-03", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-01T09:00:00Z",
        "recorded_seq": 640
    },
    "items": [{
        "slot": 1, "starts_at": "09:30", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "reference": "RQ-0107",
        "case_reference": "CWD-0042", "age_years": 9, "presenter": "worker.one", "hearing": 1, "assessment": "child_and_family",
        "assessment_completed_on": "2024-05-28", "weeks_since_assessment": 2, "is_late": false, "services": "home_care",
        "lines": "home_care 1.5 hours weekly at £20.00 from 2024-07-01", "full_year_pence": 156000, "this_year_pence": 117429,
        "total_pence": 156000, "responsible": ["service_unit_manager"], "missing": [], "standing": "undecided"
    }]
}))]
pub struct Agenda {
    /// The panel.
    pub panel: Panel,
    /// Its items by slot.
    pub items: Vec<AgendaItem>,
}

/// An item to be heard.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgendaItem {
    /// Its slot.
    pub slot: i64,
    /// When it starts, HH:MM.
    pub starts_at: String,
    /// The request.
    pub request_id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// The child's case reference.
    pub case_reference: String,
    /// The child's age in years on the panel's day.
    pub age_years: Option<u32>,
    /// Who presents it: a user's name.
    pub presenter: Option<String>,
    /// 1 the first time it is heard.
    pub hearing: i64,
    /// What it rests on.
    pub assessment: Option<AssessmentKind>,
    /// When that was completed.
    pub assessment_completed_on: Option<NaiveDate>,
    /// Weeks begun since then.
    pub weeks_since_assessment: Option<i64>,
    /// Whether that is more than the profile gives.
    pub is_late: bool,
    /// What is asked for.
    pub services: String,
    /// Its lines in words: service, quantity, frequency, price and days.
    pub lines: String,
    /// A full year of it.
    #[schema(value_type = i64)]
    pub full_year_pence: Pence,
    /// What of it falls in the panel's financial year.
    #[schema(value_type = i64)]
    pub this_year_pence: Pence,
    /// The child's total care package with it, gross, for a full year.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// The posts that may authorise that total.
    pub responsible: Vec<String>,
    /// What its paperwork still lacks.
    pub missing: Vec<String>,
    /// What it has come to.
    pub standing: ItemOutcome,
}

impl Agenda {
    /// The agenda as it stands.
    pub fn of(connection: &mut AnyConnection, profile: &Profile, panel: Panel) -> Result<Self, Error> {
        let items = items_of(connection, &panel)?;
        let items = items.iter().map(|item| agenda_item(connection, profile, &panel, item)).collect::<Result<_, _>>()?;
        Ok(Agenda { panel, items })
    }

    /// One row an item. A second hearing is said beside the standing, a late assessment beside its weeks.
    pub fn sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::integer("slot"),
            Column::text("starts_at"),
            Column::text("reference"),
            Column::text("case_reference"),
            Column::integer("age_years"),
            Column::text("presenter"),
            Column::text("assessment"),
            Column::text("weeks_since_assessment"),
            Column::text("lines"),
            Column::pounds("full_year_pounds").summed(),
            Column::pounds("this_year_pounds").summed(),
            Column::pounds("total_care_package_pounds"),
            Column::text("responsible"),
            Column::text("missing"),
            Column::text("standing"),
        ];
        let rows = self.items.iter().map(|item| {
            let late = if item.is_late { ", late" } else { "" };
            let again = if item.hearing > 1 { ", heard again" } else { "" };
            vec![
                Cell::Integer(item.slot),
                Cell::text(&item.starts_at),
                Cell::text(&item.reference),
                Cell::text(&item.case_reference),
                item.age_years.map_or(Cell::Blank, |age| Cell::Integer(i64::from(age))),
                item.presenter.as_ref().map_or(Cell::Blank, Cell::text),
                item.assessment.map_or(Cell::Blank, |kind| Cell::text(kind.as_str())),
                item.weeks_since_assessment.map_or(Cell::Blank, |weeks| Cell::text(format!("{weeks}{late}"))),
                Cell::text(&item.lines),
                Cell::from(item.full_year_pence),
                Cell::from(item.this_year_pence),
                Cell::from(item.total_pence),
                Cell::text(item.responsible.join(", ")),
                Cell::text(item.missing.join("; ")),
                Cell::text(format!("{}{again}", item.standing.as_str())),
            ]
        });
        let about = format!("{}, {} slots from {}", named(&self.panel), self.panel.slots, self.panel.starts_at);
        Sheet::new("Agenda", columns).heading(heading(&about, made_at)).with_rows(rows)
    }
}

fn agenda_item(connection: &mut AnyConnection, profile: &Profile, panel: &Panel, item: &Item) -> Result<AgendaItem, Error> {
    let (request, year) = (&item.request, FinancialYear::of(panel.held_on).map_err(Error::fault)?);
    let paperwork = revision_of(connection, &request.id, request.revision)?;
    let missing = missing_for_agenda(connection, profile, &paperwork, &item.lines, panel.held_on)?;
    let explanation = explain(connection, profile, request, &item.lines, panel.held_on)?;
    let assessment = match &paperwork.assessment_id {
        Some(id) => assessments::progress(connection, id)?,
        None => None,
    };
    let completed_on = assessment.as_ref().and_then(|found| found.progress.completed_on);
    let within_weeks = profile.panel.assessment_to_panel_weeks.as_ref();
    let waited = completed_on.map(|day| waited_for_panel(within_weeks, day, panel.held_on));
    let presenter: Option<String> = match &paperwork.presenter_id {
        Some(id) => users::table.find(id).select(users::username).first(connection).optional()?,
        None => None,
    };
    let costs = item.lines.iter().map(|line| profile.costing.cost_in(&line.costed(), year));
    let costs: Vec<Pence> = costs.collect::<Result<_, _>>().map_err(Error::fault)?;
    Ok(AgendaItem {
        slot: item.booking.slot,
        starts_at: panel.slot_starts_at(item.booking.slot)?,
        request_id: request.id.clone(),
        reference: request.reference.clone(),
        case_reference: item.case_reference.clone(),
        age_years: panel.held_on.years_since(item.date_of_birth),
        presenter,
        hearing: item.booking.hearing,
        assessment: assessment.as_ref().map(|found| found.assessment.kind),
        assessment_completed_on: completed_on,
        weeks_since_assessment: waited.map(|waited| waited.weeks),
        is_late: waited.is_some_and(|waited| waited.is_late),
        services: item.services(),
        lines: item.lines_in_words(),
        full_year_pence: explanation.request_pence,
        this_year_pence: Pence::checked_sum(costs).map_err(Error::fault)?,
        total_pence: explanation.total_pence,
        responsible: explanation.authority.tier.into_iter().map(|limit| limit.post).collect(),
        missing: missing.into_iter().map(|gap| gap.detail).collect(),
        standing: item.outcome,
    })
}
