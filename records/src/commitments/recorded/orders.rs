//! Purchase orders, and the arrangements on them.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::NaiveDateTime;
use db::AnyConnection;
use db::schema::{ledger_entries, purchase_order_lines, purchase_orders};
use diesel::prelude::*;
use domain::commitments::{OrderedArrangement, RecordedOrder};

/// The numbers of purchase orders that a book's entries carry.
macro_rules! numbers_in {
    ($year:expr, $budget_line:expr) => {
        ledger_entries::table
            .filter(ledger_entries::year.eq($year).and(ledger_entries::budget_line.eq($budget_line.to_owned())))
            .filter(ledger_entries::purchase_order.is_not_null())
            .select(ledger_entries::purchase_order.assume_not_null())
    };
}

/// Purchase orders by their numbers.
pub(super) fn orders(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<RecordedOrder>, Error> {
    let mut query =
        purchase_orders::table.select((purchase_orders::id, purchase_orders::number, purchase_orders::recorded_at)).into_boxed();
    if let Some((year, budget_line)) = asked.book {
        query = query.filter(purchase_orders::number.eq_any(numbers_in!(year, budget_line)));
    }
    let query = recorded_before!(query, purchase_orders, asked);
    let rows: Vec<(String, String, NaiveDateTime)> = query.order(purchase_orders::id).load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, number, recorded_at)| RecordedOrder { id, number, recorded_on: asked.zone.day_of(recorded_at) })
        .collect())
}

/// The arrangements on them.
pub(super) fn order_lines(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<OrderedArrangement>, Error> {
    let mut query = purchase_order_lines::table
        .inner_join(purchase_orders::table.on(purchase_orders::id.eq(purchase_order_lines::purchase_order_id)))
        .select((purchase_order_lines::line_id, purchase_orders::number, purchase_order_lines::recorded_at))
        .into_boxed();
    if let Some((year, budget_line)) = asked.book {
        query = query.filter(purchase_orders::number.eq_any(numbers_in!(year, budget_line)));
    }
    let query = recorded_before!(query, purchase_order_lines, asked);
    let rows: Vec<(String, String, NaiveDateTime)> = query.order(purchase_order_lines::line_id).load(connection)?;
    let row = |(arrangement, order, recorded_at): (String, String, NaiveDateTime)| {
        let recorded_on = asked.zone.day_of(recorded_at);
        OrderedArrangement { arrangement, order, recorded_on }
    };
    Ok(rows.into_iter().map(row).collect())
}
