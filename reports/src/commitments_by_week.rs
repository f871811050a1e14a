//! `commitments-by-week`: what is planned, paid, released and open by week, budget line and provider.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use crate::years::require_budget_lines;
use chrono::{Datelike, Days, NaiveDate};
use domain::FinancialYear;
use etl::{Snapshot, Which};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// Which commitments are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeksQuery {
    /// The financial year.
    pub year: FinancialYear,
    /// Only these budget lines, by code; none named, all.
    pub budget_lines: Vec<String>,
    /// Only weeks from the one that this day is in.
    pub from: Option<NaiveDate>,
    /// Only weeks up to the one that this day is in.
    pub to: Option<NaiveDate>,
}

/// Commitments of a year by week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommitmentsByWeek {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// By week, budget line and provider; where nothing is planned there is no row.
    pub rows: Vec<CommitmentWeek>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// A week of a budget line and provider, in pence: planned = paid + released + open. Expenditure is positive, income negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommitmentWeek {
    /// The week's Monday; the year's first and last week may have days in another year, which are not counted here.
    pub week_starts_on: NaiveDate,
    /// The budget line's code.
    #[schema(example = "home_care")]
    pub budget_line: String,
    /// The provider's code; null where nobody is named.
    #[schema(example = "willow_house")]
    pub provider: Option<String>,
    /// The provider's name.
    pub provider_name: Option<String>,
    /// Package lines, each with what carries it on, and grants.
    pub arrangements: i64,
    /// What is planned for the week.
    pub planned_pence: i64,
    /// Of which carried forward from a closed year; in the year's first week only.
    pub carried_forward_pence: i64,
    /// What payments have settled.
    pub paid_pence: i64,
    /// What is committed no longer.
    pub released_pence: i64,
    /// What is still to be paid.
    pub open_pence: i64,
    /// Of that, what rests on package lines that nobody with the authority has confirmed.
    pub unconfirmed_pence: i64,
}

/// The commitments of a year.
pub fn commitments_by_week(warehouse: &Path, which: &Which, query: &WeeksQuery) -> Result<CommitmentsByWeek, Error> {
    Snapshot::reading(warehouse, which, |snapshot| weeks_of(snapshot, query), Error::is_gone)
}

fn weeks_of(snapshot: &Snapshot, query: &WeeksQuery) -> Result<CommitmentsByWeek, Error> {
    let mart = MartRows::of(snapshot, "commitments_by_week", query.year, "week_starts_on")?;
    require_budget_lines(snapshot, &query.budget_lines)?;
    let (weeks, lines) = (mart.days("week_starts_on")?, mart.words::<String>("budget_line")?);
    let (codes, names) = (mart.optional::<String>("provider_code")?, mart.optional::<String>("provider_name")?);
    let columns = ["arrangements", "planned_pence", "carried_forward_pence", "paid_pence", "released_pence", "open_pence"];
    let numbers: Vec<Vec<i64>> = columns.iter().map(|column| mart.numbers(column)).collect::<Result<_, _>>()?;
    // A snapshot from before told nothing apart.
    let unconfirmed = if mart.has("unconfirmed_pence") { mart.numbers("unconfirmed_pence")? } else { vec![0; mart.len()] };
    let (from, to) = (query.from.map(monday), query.to.map(monday));
    let mut rows = Vec::new();
    for index in 0..mart.len() {
        let Some(week_starts_on) = weeks[index] else { continue };
        let is_between = from.is_none_or(|from| from <= week_starts_on) && to.is_none_or(|to| week_starts_on <= to);
        if is_between && (query.budget_lines.is_empty() || query.budget_lines.contains(&lines[index])) {
            rows.push(CommitmentWeek {
                week_starts_on,
                budget_line: lines[index].clone(),
                provider: codes[index].clone(),
                provider_name: names[index].clone(),
                arrangements: numbers[0][index],
                planned_pence: numbers[1][index],
                carried_forward_pence: numbers[2][index],
                paid_pence: numbers[3][index],
                released_pence: numbers[4][index],
                open_pence: numbers[5][index],
                unconfirmed_pence: unconfirmed[index],
            });
        }
    }
    rows.sort_by(|a, b| (a.week_starts_on, &a.budget_line, &a.provider).cmp(&(b.week_starts_on, &b.budget_line, &b.provider)));
    Ok(CommitmentsByWeek { snapshot_id: snapshot.id().to_owned(), year: query.year, rows, origin: Origin::of(snapshot) })
}

/// The Monday of a day's week; of the first days there are, the day itself.
fn monday(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day)
}

impl CommitmentsByWeek {
    /// One line a week, budget line and provider.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let mut columns = vec![
            Column::date("week_starts_on").labelled("Week starting"),
            Column::text("budget_line"),
            Column::text("provider").labelled("Provider code"),
            Column::text("provider_name").labelled("Provider"),
            // Not added up: an arrangement counts in each of its weeks.
            Column::integer("arrangements"),
        ];
        let amounts = ["planned_pounds", "carried_forward_pounds", "paid_pounds", "released_pounds", "open_pounds", "unconfirmed_pounds"];
        columns.extend(amounts.map(|header| Column::pounds(header).summed()));
        let rows = self.rows.iter().map(|row| {
            let words = [
                Cell::Date(row.week_starts_on),
                Cell::text(&row.budget_line),
                Cell::from(row.provider.clone()),
                Cell::from(row.provider_name.clone()),
                Cell::Integer(row.arrangements),
            ];
            let CommitmentWeek { planned_pence, carried_forward_pence, paid_pence, released_pence, open_pence, unconfirmed_pence, .. } =
                row;
            let amounts =
                [planned_pence, carried_forward_pence, paid_pence, released_pence, open_pence, unconfirmed_pence].map(|pence| *pence);
            words.into_iter().chain(amounts.map(Cell::Pence)).collect()
        });
        Sheet::new(format!("Commitments by week {}", self.year.as_str()), columns)
            .tab("Commitments by week")
            .heading("Planned is paid, released and open together; what was carried forward is part of what is planned")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }
}
