//! `nights`: nights away from home in a year, by month and setting, and how many children stand at a warning or above the limit.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use domain::FinancialYear;
use etl::{Snapshot, Which};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// Nights away in a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NightsReport {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year of the nights.
    pub year: FinancialYear,
    /// By month and setting; a month without any at a setting has no row.
    pub rows: Vec<NightsRow>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// A month of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NightsRow {
    /// The calendar month of the nights.
    #[schema(example = "2024-06")]
    pub month: String,
    /// The setting's code.
    #[schema(example = "meadow_house")]
    pub provider_code: String,
    /// The setting's name.
    pub provider_name: String,
    /// In or out of the authority's area.
    #[schema(example = "in_borough")]
    pub location: String,
    /// Nights that are booked, and past ones that nobody has confirmed.
    pub booked_nights: i64,
    /// Nights that were stayed.
    pub stayed_nights: i64,
    /// Nights that did not come about.
    pub cancelled_nights: i64,
    /// Children with a booked or stayed night there.
    pub children: i64,
    /// Children at a threshold of the profile or above it at the month's end, with a night there in their rolling count. They do not add
    /// up over settings or months.
    pub children_at_warning: i64,
    /// Children above the limit at the month's end, read likewise.
    pub children_above_limit: i64,
}

/// The nights of a year.
pub fn nights(warehouse: &Path, which: &Which, year: FinancialYear) -> Result<NightsReport, Error> {
    Snapshot::reading(warehouse, which, |snapshot| nights_of(snapshot, year), Error::is_gone)
}

pub(crate) fn nights_of(snapshot: &Snapshot, year: FinancialYear) -> Result<NightsReport, Error> {
    let mart = MartRows::of(snapshot, "nights", year, "period")?;
    let (months, codes) = (mart.words::<String>("calendar_month")?, mart.words::<String>("provider_code")?);
    let (names, locations) = (mart.words::<String>("provider_name")?, mart.words::<String>("location")?);
    let (booked, stayed) = (mart.numbers("booked_nights")?, mart.numbers("stayed_nights")?);
    let (cancelled, children) = (mart.numbers("cancelled_nights")?, mart.numbers("children")?);
    let (at_warning, above_limit) = (mart.numbers("children_at_warning")?, mart.numbers("children_above_limit")?);
    let row = |index: usize| NightsRow {
        month: months[index].clone(),
        provider_code: codes[index].clone(),
        provider_name: names[index].clone(),
        location: locations[index].clone(),
        booked_nights: booked[index],
        stayed_nights: stayed[index],
        cancelled_nights: cancelled[index],
        children: children[index],
        children_at_warning: at_warning[index],
        children_above_limit: above_limit[index],
    };
    let mut rows: Vec<_> = (0..mart.len()).map(row).collect();
    rows.sort_by(|a, b| (&a.month, &a.provider_code).cmp(&(&b.month, &b.provider_code)));
    Ok(NightsReport { snapshot_id: snapshot.id().to_owned(), year, rows, origin: Origin::of(snapshot) })
}

impl NightsReport {
    /// One line a month and setting.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("month"),
            Column::text("provider_code"),
            Column::text("provider_name"),
            Column::text("location"),
            Column::integer("booked_nights").summed(),
            Column::integer("stayed_nights").summed(),
            Column::integer("cancelled_nights").summed(),
            // Not added up: a child may be at several settings, and in every month.
            Column::integer("children"),
            Column::integer("children_at_warning"),
            Column::integer("children_above_limit"),
        ];
        let rows = self.rows.iter().map(|row| {
            vec![
                Cell::text(&row.month),
                Cell::text(&row.provider_code),
                Cell::text(&row.provider_name),
                Cell::text(&row.location),
                Cell::Integer(row.booked_nights),
                Cell::Integer(row.stayed_nights),
                Cell::Integer(row.cancelled_nights),
                Cell::Integer(row.children),
                Cell::Integer(row.children_at_warning),
                Cell::Integer(row.children_above_limit),
            ]
        });
        Sheet::new(format!("Nights {}", self.year.as_str()), columns)
            .tab("Nights")
            .heading("Children are counted at each setting; a warning or the limit is of all their nights, wherever they were")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// One line a month and setting.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}
