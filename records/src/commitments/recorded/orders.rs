//! Purchase orders, and the arrangements on them.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{ledger_entries, purchase_order_cancellations, purchase_order_lines, purchase_orders};
use diesel::prelude::*;
use domain::commitments::{OrderedArrangement, RecordedOrder};
use std::collections::HashMap;

diesel::alias!(
    purchase_order_lines as paid_lines: PaidLines,
    purchase_order_lines as shared_lines: SharedLines,
    purchase_orders as paid_orders: PaidOrders,
);

/// The orders of the arrangements that a book's entries pay by an order's number: theirs, and the others that share an arrangement's days
/// with them.
macro_rules! orders_in {
    ($year:expr, $budget_line:expr) => {{
        let numbers = ledger_entries::table
            .filter(ledger_entries::year.eq($year).and(ledger_entries::budget_line.eq($budget_line.to_owned())))
            .filter(ledger_entries::purchase_order.is_not_null())
            .select(ledger_entries::purchase_order.assume_not_null());
        let arrangements = paid_lines
            .inner_join(
                paid_orders.on(paid_orders.field(purchase_orders::id).eq(paid_lines.field(purchase_order_lines::purchase_order_id))),
            )
            .filter(paid_orders.field(purchase_orders::number).eq_any(numbers))
            .select(paid_lines.field(purchase_order_lines::line_id));
        shared_lines
            .filter(shared_lines.field(purchase_order_lines::line_id).eq_any(arrangements))
            .select(shared_lines.field(purchase_order_lines::purchase_order_id))
    }};
}

/// Purchase orders, and the days on which they were cancelled.
pub(super) fn orders(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<RecordedOrder>, Error> {
    type Row = (String, String, String, NaiveDateTime);
    let columns = (purchase_orders::id, purchase_orders::number, purchase_orders::provider_id, purchase_orders::recorded_at);
    let mut query = purchase_orders::table.select(columns).into_boxed();
    if let Some((year, budget_line)) = asked.book {
        query = query.filter(purchase_orders::id.eq_any(orders_in!(year, budget_line)));
    }
    let query = recorded_before!(query, purchase_orders, asked);
    let rows: Vec<Row> = query.order(purchase_orders::id).load(connection)?;
    let cancelled = cancellations(connection, asked)?;
    let order = |(id, number, provider, recorded_at): Row| RecordedOrder {
        cancelled_on: cancelled.get(&id).copied(),
        id,
        number,
        provider: Some(provider),
        recorded_on: asked.zone.day_of(recorded_at),
    };
    Ok(rows.into_iter().map(order).collect())
}

/// The day on which each order was cancelled, by the order's id.
fn cancellations(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<HashMap<String, NaiveDate>, Error> {
    use purchase_order_cancellations as cancellations;
    let mut query = cancellations::table
        .inner_join(purchase_orders::table.on(purchase_orders::id.eq(cancellations::purchase_order_id)))
        .select((cancellations::purchase_order_id, cancellations::recorded_at))
        .into_boxed();
    if let Some((year, budget_line)) = asked.book {
        query = query.filter(purchase_orders::id.eq_any(orders_in!(year, budget_line)));
    }
    let rows: Vec<(String, NaiveDateTime)> = recorded_before!(query, cancellations, asked).load(connection)?;
    Ok(rows.into_iter().map(|(order, recorded_at)| (order, asked.zone.day_of(recorded_at))).collect())
}

/// The arrangements on them.
pub(super) fn order_lines(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<OrderedArrangement>, Error> {
    let mut query = purchase_order_lines::table
        .inner_join(purchase_orders::table.on(purchase_orders::id.eq(purchase_order_lines::purchase_order_id)))
        .select((purchase_order_lines::line_id, purchase_orders::id, purchase_order_lines::recorded_at))
        .into_boxed();
    if let Some((year, budget_line)) = asked.book {
        query = query.filter(purchase_orders::id.eq_any(orders_in!(year, budget_line)));
    }
    let query = recorded_before!(query, purchase_order_lines, asked);
    let rows: Vec<(String, String, NaiveDateTime)> =
        query.order((purchase_order_lines::line_id, purchase_order_lines::id)).load(connection)?;
    let row = |(arrangement, order, recorded_at): (String, String, NaiveDateTime)| {
        let recorded_on = asked.zone.day_of(recorded_at);
        OrderedArrangement { arrangement, order, recorded_on }
    };
    Ok(rows.into_iter().map(row).collect())
}
