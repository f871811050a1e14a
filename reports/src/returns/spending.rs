//! `spending-over-500`: each item of expenditure above the limit of the Local Government Transparency Code. Individuals are redacted.

use super::layouts::{Layout, NOT_HELD, layouts, of_year, text_or_not_held};
use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use chrono::NaiveDate;
use domain::{FinancialYear, Period, Profile};
use etl::{Snapshot, Which};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Sheet};
use std::path::Path;
use utoipa::ToSchema;

/// What stands in place of a person's name.
const REDACTED: &str = "REDACTED PERSONAL DATA";
const NAME: &str = "spending-over-500";

/// The items of expenditure of a year above the limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpendingOver500 {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// The layout of the year's file.
    #[schema(example = "transparency-code-2015")]
    pub layout: String,
    /// An item is listed when it is strictly over this, in pence; a credit by its magnitude.
    #[schema(example = 50_000)]
    pub over_pence: i64,
    /// What the Code asks for and no record holds.
    #[schema(example = json!(["irrecoverable_vat", "merchant_category"]))]
    pub not_held: Vec<&'static str>,
    /// By day. An item on several budget lines has a row for each.
    pub items: Vec<SpendingItem>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// An item of expenditure, or its part on one budget line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpendingItem {
    /// The authority's name.
    pub authority: String,
    /// The quarter of the financial year, from 1 to 4.
    pub quarter: u8,
    /// The day on which it was posted.
    pub paid_on: NaiveDate,
    /// The department that spent it; null, the profile names none.
    pub department: Option<String>,
    /// Who was paid: the provider's name, `REDACTED PERSONAL DATA` for a family, or null where the ledger names nobody that is known.
    pub beneficiary: Option<String>,
    /// What for: the budget line, in words.
    pub purpose: String,
    /// What was paid, in pence; a credit is negative.
    pub amount_pence: i64,
}

/// A column of the file.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    Authority,
    Quarter,
    PaidOn,
    Department,
    Beneficiary,
    Purpose,
    Amount,
    IrrecoverableVat,
    MerchantCategory,
}

impl super::layouts::Field<SpendingItem> for Field {
    fn column(self, header: &str) -> Column {
        match self {
            Field::Quarter => Column::integer(header),
            Field::PaidOn => Column::date(header),
            Field::Amount => Column::pounds(header).summed(),
            _ => Column::text(header),
        }
    }

    fn cell(self, item: &SpendingItem) -> Cell {
        match self {
            Field::Authority => Cell::text(&item.authority),
            Field::Quarter => Cell::Integer(i64::from(item.quarter)),
            Field::PaidOn => Cell::Date(item.paid_on),
            Field::Department => text_or_not_held(item.department.as_deref()),
            Field::Beneficiary => text_or_not_held(item.beneficiary.as_deref()),
            Field::Purpose => Cell::text(&item.purpose),
            Field::Amount => Cell::Pence(item.amount_pence),
            Field::IrrecoverableVat | Field::MerchantCategory => Cell::text(NOT_HELD),
        }
    }
}

/// The items of a year above the limit of its layout. What the profile pays as direct payments goes to families, and names none of them.
pub fn spending_over_500(warehouse: &Path, which: &Which, profile: &Profile, year: FinancialYear) -> Result<SpendingOver500, Error> {
    Snapshot::reading(warehouse, which, |snapshot| of_snapshot(snapshot, profile, year), Error::is_gone)
}

fn layout(year: FinancialYear) -> Result<&'static Layout<Field>, Error> {
    of_year(&layouts()?.spending_over_500, NAME, year)
}

fn of_snapshot(snapshot: &Snapshot, profile: &Profile, year: FinancialYear) -> Result<SpendingOver500, Error> {
    let layout = layout(year)?;
    let mart = MartRows::of(snapshot, "spending_items", year, "posted_on")?;
    let (days, lines) = (mart.days("posted_on")?, mart.words::<String>("budget_line")?);
    let (purposes, names) = (mart.words::<String>("budget_line_name")?, mart.optional::<String>("provider_name")?);
    let (amounts, items) = (mart.numbers("amount_pence")?, mart.numbers("item_pence")?);
    let to_families = profile.direct_payments.budget_line.as_ref().map(|line| line.code.as_str());
    let department = profile.returns.publisher.as_ref().map(|publisher| publisher.department.clone());
    let item = |index: usize| {
        let is_to_a_family = to_families == Some(lines[index].as_str());
        // The mart has no item without a day.
        days[index].filter(|_| items[index].unsigned_abs() > layout.over_pence.unsigned_abs()).map(|paid_on| SpendingItem {
            authority: profile.authority.clone(),
            quarter: (Period::of(paid_on).number() - 1) / 3 + 1,
            paid_on,
            department: department.clone(),
            beneficiary: if is_to_a_family { Some(REDACTED.to_owned()) } else { names[index].clone() },
            purpose: purposes[index].clone(),
            amount_pence: amounts[index],
        })
    };
    let mut items: Vec<_> = (0..mart.len()).filter_map(item).collect();
    items.sort_by(|one, other| {
        let key = |item: &SpendingItem| (item.paid_on, item.purpose.clone(), item.beneficiary.clone(), item.amount_pence);
        key(one).cmp(&key(other))
    });
    Ok(SpendingOver500 {
        snapshot_id: snapshot.id().to_owned(),
        year,
        layout: layout.version.clone(),
        over_pence: layout.over_pence,
        not_held: vec!["irrecoverable_vat", "merchant_category"],
        items,
        origin: Origin::of(snapshot),
    })
}

impl SpendingOver500 {
    /// The items in the year's layout; `[x]` where nothing is held.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let title = format!("Spending over £500 {}", self.year.as_str());
        let layout = layout(self.year).map_err(|error| sheets::Error::Sheet(error.to_string()))?;
        let sheet = layout.sheet(title, &self.items)?.tab("Spending over £500");
        let sheet =
            sheet.heading("Local Government Transparency Code 2015; [x] is not held").heading(self.origin.heading(&self.snapshot_id));
        Ok(sheet)
    }

    /// The items in the year's layout, in pounds.
    pub fn to_csv(&self) -> Result<String, Error> {
        Ok(self.to_sheet()?.to_csv()?)
    }
}
