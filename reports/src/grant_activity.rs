//! `grant-activity`: what grants were to be paid in a year, what was paid, and what they brought.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use chrono::NaiveDate;
use domain::FinancialYear;
use etl::{Snapshot, Which};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// The grants of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrantActivity {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// One for each grant with a day, an instalment, a payment or a return due in the year.
    pub rows: Vec<GrantActivityRow>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// A grant in the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrantActivityRow {
    /// The budget line's code.
    #[schema(example = "voluntary_sector_grants")]
    pub budget_line: String,
    /// The group's short name.
    #[schema(example = "saturday_stars")]
    pub provider: String,
    /// The group's name.
    pub provider_name: String,
    /// The grant's id.
    pub grant_id: String,
    /// The first day it is for.
    pub period_from: Option<NaiveDate>,
    /// The first day after.
    pub period_to: Option<NaiveDate>,
    /// The whole grant, in pence: the same in each of its years.
    pub award_pence: i64,
    /// What is to be paid of it in the year, in pence.
    pub planned_pence: i64,
    /// What was paid of its instalments in the year, in pence; 0 of a grant without any.
    pub paid_pence: i64,
    /// Returns of activity due in the year.
    pub returns_due: i64,
    /// Of those, received.
    pub returns_received: i64,
    /// Of those, overdue.
    pub returns_overdue: i64,
    /// Sessions held in the year, as returned; null where nothing was returned, which is not known and not nought.
    pub sessions: Option<i64>,
    /// Children and families reached in the year, as returned; null where nothing was returned.
    pub children_and_families_reached: Option<i64>,
    /// What of the grant, spread evenly over its days, falls on the days that the year's returns tell of, in pence.
    pub returned_for_pence: i64,
    /// That, for one session; null where none was returned.
    pub cost_per_session_pence: Option<i64>,
    /// That, for one child or family reached; null where none was returned.
    pub cost_per_child_or_family_pence: Option<i64>,
}

/// The grants of a year.
pub fn grant_activity(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<GrantActivity, Error> {
    Snapshot::reading(warehouse, which, |snapshot| activity_of(snapshot, year), Error::is_gone)
}

pub(crate) fn activity_of(snapshot: &Snapshot, year: FinancialYear) -> Result<GrantActivity, Error> {
    let mart = MartRows::of(snapshot, "grant_activity", year, "provider_code")?;
    let (budget_lines, providers) = (mart.words::<String>("budget_line")?, mart.words::<String>("provider_code")?);
    let (names, grants) = (mart.words::<String>("provider_name")?, mart.words::<String>("grant_key")?);
    let (from, to) = (mart.days("period_from")?, mart.days("period_to")?);
    let (award, planned, paid) = (mart.numbers("award_pence")?, mart.numbers("planned_pence")?, mart.numbers("paid_pence")?);
    let (due, received, overdue) = (mart.numbers("returns_due")?, mart.numbers("returns_received")?, mart.numbers("returns_overdue")?);
    let (sessions, reached) = (mart.optional_numbers("sessions")?, mart.optional_numbers("children_and_families_reached")?);
    let returned_for = mart.numbers("returned_for_pence")?;
    let per_session = mart.optional_numbers("cost_per_session_pence")?;
    let per_child = mart.optional_numbers("cost_per_child_or_family_pence")?;
    let row = |index: usize| GrantActivityRow {
        budget_line: budget_lines[index].clone(),
        provider: providers[index].clone(),
        provider_name: names[index].clone(),
        grant_id: grants[index].clone(),
        period_from: from[index],
        period_to: to[index],
        award_pence: award[index],
        planned_pence: planned[index],
        paid_pence: paid[index],
        returns_due: due[index],
        returns_received: received[index],
        returns_overdue: overdue[index],
        sessions: sessions[index],
        children_and_families_reached: reached[index],
        returned_for_pence: returned_for[index],
        cost_per_session_pence: per_session[index],
        cost_per_child_or_family_pence: per_child[index],
    };
    let mut rows: Vec<_> = (0..mart.len()).map(row).collect();
    rows.sort_by(|a, b| {
        (&a.budget_line, &a.provider, a.period_from, &a.grant_id).cmp(&(&b.budget_line, &b.provider, b.period_from, &b.grant_id))
    });
    Ok(GrantActivity { snapshot_id: snapshot.id().to_owned(), year, rows, origin: Origin::of(snapshot) })
}

impl GrantActivity {
    /// One line a grant.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("budget_line"),
            Column::text("provider"),
            Column::text("provider_name"),
            Column::text("grant_id"),
            Column::date("period_from"),
            Column::date("period_to"),
            Column::pounds("award_pounds").summed(),
            Column::pounds("planned_pounds").summed(),
            Column::pounds("paid_pounds").summed(),
            Column::integer("returns_due").summed(),
            Column::integer("returns_received").summed(),
            Column::integer("returns_overdue").summed(),
            Column::integer("sessions").summed(),
            Column::integer("children_and_families_reached").summed(),
            Column::pounds("returned_for_pounds").summed(),
            Column::pounds("cost_per_session_pounds"),
            Column::pounds("cost_per_child_or_family_pounds"),
        ];
        let day = |day: Option<NaiveDate>| day.map_or(Cell::Blank, Cell::Date);
        let number = |number: Option<i64>| number.map_or(Cell::Blank, Cell::Integer);
        let pence = |pence: Option<i64>| pence.map_or(Cell::Blank, Cell::Pence);
        let rows = self.rows.iter().map(|row| {
            vec![
                Cell::text(&row.budget_line),
                Cell::text(&row.provider),
                Cell::text(&row.provider_name),
                Cell::text(&row.grant_id),
                day(row.period_from),
                day(row.period_to),
                Cell::Pence(row.award_pence),
                Cell::Pence(row.planned_pence),
                Cell::Pence(row.paid_pence),
                Cell::Integer(row.returns_due),
                Cell::Integer(row.returns_received),
                Cell::Integer(row.returns_overdue),
                number(row.sessions),
                number(row.children_and_families_reached),
                Cell::Pence(row.returned_for_pence),
                pence(row.cost_per_session_pence),
                pence(row.cost_per_child_or_family_pence),
            ]
        });
        Sheet::new(format!("Grants and activity {}", self.year.as_str()), columns)
            .tab("Grants and activity")
            .heading("What one session, or one child or family, cost is the grant's share of the days returned for, divided by what was returned")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// One line a grant, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}
