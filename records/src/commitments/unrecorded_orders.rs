//! Orders that payments name and nobody recorded, or that were cancelled since.

use crate::commissioning::purchase_order::recorded_numbers;
use crate::commitments::control::lines_asked;
use crate::error::Error;
use crate::page::{Cursor, Limit, page_of};
use crate::text::CodeText;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::ledger_entries;
use diesel::prelude::*;
use domain::commitments::{Entry, Unrecorded, UnrecordedOrder, unrecorded_orders};
use domain::{FinancialYear, Pence, TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// The payments of a budget line and year with one order's number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnrecordedOrder, example = json!({
    "budget_line": "home_care", "purchase_order": "PO-4410013", "state": "not_recorded", "payments": 4, "amount_pence": 192960,
    "first_posted_on": "2023-05-12", "last_posted_on": "2023-08-11"
}))]
pub struct UnrecordedOrderRow {
    /// The budget line.
    pub budget_line: String,
    /// The number, as the finance system writes it.
    pub purchase_order: String,
    /// Whether no order with it was ever recorded, or the one that was is cancelled.
    pub state: Unrecorded,
    /// How many payments carry it.
    pub payments: i64,
    /// What they add up to; credits are negative.
    #[schema(value_type = i64)]
    pub amount_pence: Pence,
    /// The first day on which one was posted.
    pub first_posted_on: NaiveDate,
    /// The last.
    pub last_posted_on: NaiveDate,
}

/// A page of them, and what all of them add up to.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnrecordedOrders {
    /// By budget line and number.
    pub items: Vec<UnrecordedOrderRow>,
    /// Give it as `cursor` to read on; null on the last page.
    pub next_cursor: Option<String>,
    /// How many there are on all pages.
    pub orders: i64,
    /// How many payments carry their numbers.
    pub payments: i64,
    /// What those add up to.
    #[schema(value_type = i64)]
    pub amount_pence: Pence,
}

/// Which year and budget line.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnrecordedOrderParams {
    /// The financial year.
    #[param(example = "2023-24")]
    year: FinancialYear,
    /// Only this budget line; without it, all.
    budget_line: Option<CodeText>,
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// List orders that payments name and that do not stand.
pub fn list(connection: &mut AnyConnection, zone: TimeZone, wanted: UnrecordedOrderParams) -> Result<UnrecordedOrders, Error> {
    let UnrecordedOrderParams { year, budget_line, limit, cursor } = wanted;
    let after = cursor.after();
    let codes: Vec<String> = lines_asked(connection, budget_line.as_ref())?.into_iter().map(|line| line.code).collect();
    let rows = rows_of(connection, zone, year, &codes)?;
    let (orders, payments, amount_pence) = totals(&rows)?;
    let page = page_of(limit, rows, &after, |row| format!("{} {}", row.budget_line, row.purchase_order));
    Ok(UnrecordedOrders { items: page.items, next_cursor: page.next_cursor, orders, payments, amount_pence })
}

/// A sentence for the weekly list; none where every order that a payment of the day's financial year names stands.
pub fn note(connection: &mut AnyConnection, zone: TimeZone, on: NaiveDate) -> Result<Option<String>, Error> {
    let year = FinancialYear::of(on).map_err(Error::fault)?;
    let codes: Vec<String> = lines_asked(connection, None)?.into_iter().map(|line| line.code).collect();
    let rows = rows_of(connection, zone, year, &codes)?;
    let (orders, payments, amount_pence) = totals(&rows)?;
    Ok((orders > 0).then(|| {
        format!("Payments of {year} name orders that do not stand: {payments} of {amount_pence} in all name {orders}. The list of unrecorded orders shows them.")
    }))
}

fn rows_of(
    connection: &mut AnyConnection,
    zone: TimeZone,
    year: FinancialYear,
    codes: &[String],
) -> Result<Vec<UnrecordedOrderRow>, Error> {
    let entries = ordered_entries(connection, zone, year, codes)?;
    let numbers: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.order.as_deref()).collect();
    let recorded = recorded_numbers(connection, &numbers.into_iter().collect::<Vec<_>>())?;
    Ok(unrecorded_orders(&entries, &recorded).map_err(Error::fault)?.iter().map(row).collect())
}

/// How many orders and payments, and what those add up to.
fn totals(rows: &[UnrecordedOrderRow]) -> Result<(i64, i64, Pence), Error> {
    let amount = Pence::checked_sum(rows.iter().map(|row| row.amount_pence)).map_err(Error::fault)?;
    Ok((i64::try_from(rows.len()).map_err(Error::fault)?, rows.iter().map(|row| row.payments).sum(), amount))
}

/// The ledger's entries of a year that name an order.
fn ordered_entries(connection: &mut AnyConnection, zone: TimeZone, year: FinancialYear, codes: &[String]) -> Result<Vec<Entry>, Error> {
    type Row = (String, NaiveDate, String, Option<String>, Option<String>, Pence, NaiveDateTime);
    let rows: Vec<Row> = ledger_entries::table
        .filter(ledger_entries::year.eq(year).and(ledger_entries::budget_line.eq_any(codes)))
        .filter(ledger_entries::purchase_order.is_not_null())
        .select((
            ledger_entries::id,
            ledger_entries::posted_on,
            ledger_entries::budget_line,
            ledger_entries::purchase_order,
            ledger_entries::reverses_id,
            ledger_entries::amount_pence,
            ledger_entries::recorded_at,
        ))
        .load(connection)?;
    let entry = |(id, posted_on, budget_line, order, reverses, amount, recorded_at): Row| {
        let recorded_on = zone.day_of(recorded_at);
        Entry { id, posted_on, budget_line, provider: None, order, reverses, amount, recorded_on }
    };
    Ok(rows.into_iter().map(entry).collect())
}

fn row(order: &UnrecordedOrder<'_>) -> UnrecordedOrderRow {
    UnrecordedOrderRow {
        budget_line: order.budget_line.to_owned(),
        purchase_order: order.number.to_owned(),
        state: order.state,
        payments: order.count,
        amount_pence: order.amount,
        first_posted_on: order.posted.0,
        last_posted_on: order.posted.1,
    }
}
