//! Purchase orders, as they were recorded.

use crate::commissioning::arrangements::CHUNK;
use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{ledger_entries, purchase_order_cancellations, purchase_order_lines, purchase_orders};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::commissioning::purchase_orders::StandingOrder;
use domain::{Pence, TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// How an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PurchaseOrderState)]
pub enum OrderState {
    /// It stands: payments with its number are for its lines.
    Open,
    /// It was cancelled, maybe because another stands in its place: it has neither its number nor its lines any more.
    Cancelled,
}

/// A purchase order, without its lines.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = purchase_orders)]
#[schema(as = PurchaseOrderHead)]
pub struct OrderHead {
    /// The order's id.
    pub id: String,
    /// Its number in the finance system.
    pub number: String,
    /// The package.
    pub package_id: String,
    /// The provider.
    pub provider_id: String,
    /// The cost centre it is charged to.
    pub cost_centre: String,
    /// The expense code it is charged to.
    pub expense_code: String,
    /// When it was raised.
    pub raised_on: NaiveDate,
    /// The cancelled order that it stands in the place of.
    pub corrects_id: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// That an order was cancelled.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = purchase_order_cancellations)]
#[schema(as = PurchaseOrderCancellation)]
pub struct OrderCancellation {
    /// Its id.
    pub id: String,
    /// The order.
    pub purchase_order_id: String,
    /// In words.
    pub reason: String,
    /// Who cancelled it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A line of an order, and from when on it is for it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PurchaseOrderLine)]
pub struct OrderedLine {
    /// The first package line of the arrangement.
    pub line_id: String,
    /// The first day on which the order's provider provides it; null, from the first on.
    pub covers_from: Option<NaiveDate>,
}

/// A purchase order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a96", "number": "PO-4410031", "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "cost_centre": "CS410", "expense_code": "4310", "raised_on": "2024-06-12",
    "corrects_id": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-12T09:00:00Z", "recorded_seq": 744,
    "state": "open", "cancellation": null, "corrected_by_id": null, "line_ids": ["0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21"],
    "lines": [{ "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "covers_from": "2024-07-01" }]
}))]
pub struct PurchaseOrder {
    /// The order.
    #[serde(flatten)]
    pub order: OrderHead,
    /// Whether it stands.
    pub state: OrderState,
    /// Who cancelled it, when and why; null, it stands.
    pub cancellation: Option<OrderCancellation>,
    /// The order that stands in its place; null, none does.
    pub corrected_by_id: Option<String>,
    /// What is ordered: the first package line of each arrangement.
    pub line_ids: Vec<String>,
    /// The same, each with the day from which on the order is for it.
    pub lines: Vec<OrderedLine>,
}

/// What payments carry an order's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PurchaseOrderPayments)]
pub struct OrderPayments {
    /// How many entries of the ledger.
    pub count: i64,
    /// What they add up to.
    #[schema(value_type = i64)]
    pub amount_pence: Pence,
}

/// Orders with what they order and how they stand.
pub fn with_lines(connection: &mut AnyConnection, orders: Vec<OrderHead>) -> Result<Vec<PurchaseOrder>, Error> {
    let ids: Vec<&String> = orders.iter().map(|order| &order.id).collect();
    let rows: Vec<(String, String, Option<NaiveDate>)> = purchase_order_lines::table
        .filter(purchase_order_lines::purchase_order_id.eq_any(&ids))
        .order((purchase_order_lines::purchase_order_id, purchase_order_lines::line_id))
        .select((purchase_order_lines::purchase_order_id, purchase_order_lines::line_id, purchase_order_lines::covers_from))
        .load(connection)?;
    let mut of_order: HashMap<String, Vec<OrderedLine>> = HashMap::new();
    for (order, line_id, covers_from) in rows {
        of_order.entry(order).or_default().push(OrderedLine { line_id, covers_from });
    }
    let cancellations: Vec<OrderCancellation> = purchase_order_cancellations::table
        .filter(purchase_order_cancellations::purchase_order_id.eq_any(&ids))
        .select(OrderCancellation::as_select())
        .load(connection)?;
    let mut cancelled: HashMap<String, OrderCancellation> =
        cancellations.into_iter().map(|row| (row.purchase_order_id.clone(), row)).collect();
    let correcting: Vec<(Option<String>, String)> = purchase_orders::table
        .filter(purchase_orders::corrects_id.eq_any(&ids))
        .select((purchase_orders::corrects_id, purchase_orders::id))
        .load(connection)?;
    let mut correcting: HashMap<String, String> = correcting.into_iter().filter_map(|(corrected, id)| Some((corrected?, id))).collect();
    let whole = |order: OrderHead| {
        let lines = of_order.remove(&order.id).unwrap_or_default();
        let cancellation = cancelled.remove(&order.id);
        PurchaseOrder {
            state: if cancellation.is_some() { OrderState::Cancelled } else { OrderState::Open },
            cancellation,
            corrected_by_id: correcting.remove(&order.id),
            line_ids: lines.iter().map(|line| line.line_id.clone()).collect(),
            lines,
            order,
        }
    };
    Ok(orders.into_iter().map(whole).collect())
}

/// The order with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<PurchaseOrder, Error> {
    let order = purchase_orders::table.find(id).select(OrderHead::as_select()).first(connection).optional()?;
    let order = order.ok_or_else(|| Error::not_found("purchase order"))?;
    with_lines(connection, vec![order])?.pop().ok_or_else(|| Error::not_found("purchase order"))
}

/// Whether an order that stands has the number. Exact, because writers take turns.
pub(crate) fn has_standing(connection: &mut AnyConnection, number: &str) -> Result<bool, Error> {
    Ok(recorded_numbers(connection, &[number])?.get(number).copied().unwrap_or_default())
}

/// Which of these numbers orders have or had, each with whether one stands.
pub(crate) fn recorded_numbers(connection: &mut AnyConnection, numbers: &[&str]) -> Result<HashMap<String, bool>, Error> {
    let mut recorded: HashMap<String, bool> = HashMap::new();
    for chunk in numbers.chunks(CHUNK) {
        let rows: Vec<(String, Option<String>)> = purchase_orders::table
            .left_join(purchase_order_cancellations::table.on(purchase_order_cancellations::purchase_order_id.eq(purchase_orders::id)))
            .filter(purchase_orders::number.eq_any(chunk.to_vec()))
            .select((purchase_orders::number, purchase_order_cancellations::id.nullable()))
            .load(connection)?;
        for (number, cancellation) in rows {
            *recorded.entry(number).or_default() |= cancellation.is_none();
        }
    }
    Ok(recorded)
}

/// The orders that stand for arrangements, by the arrangement's first line, each with the order's id.
pub(crate) fn standing_orders(
    connection: &mut AnyConnection,
    first_lines: &[String],
) -> Result<HashMap<String, Vec<(String, StandingOrder)>>, Error> {
    let mut standing: HashMap<String, Vec<(String, StandingOrder)>> = HashMap::new();
    for ids in first_lines.chunks(CHUNK) {
        let cancelled = purchase_order_cancellations::table.filter(purchase_order_cancellations::purchase_order_id.eq(purchase_orders::id));
        let rows: Vec<(String, Option<NaiveDate>, String, String, String)> = purchase_order_lines::table
            .inner_join(purchase_orders::table.on(purchase_orders::id.eq(purchase_order_lines::purchase_order_id)))
            .filter(purchase_order_lines::line_id.eq_any(ids))
            .filter(not(exists(cancelled)))
            .select((
                purchase_order_lines::line_id,
                purchase_order_lines::covers_from,
                purchase_orders::id,
                purchase_orders::number,
                purchase_orders::provider_id,
            ))
            .order(purchase_orders::id)
            .load(connection)?;
        for (line, covers_from, id, number, provider_id) in rows {
            standing.entry(line).or_default().push((id, StandingOrder { number, provider_id, covers_from }));
        }
    }
    Ok(standing)
}

/// The payments that carry an order's number.
pub(crate) fn payments_with(connection: &mut AnyConnection, number: &str) -> Result<OrderPayments, Error> {
    let amounts: Vec<Pence> =
        ledger_entries::table.filter(ledger_entries::purchase_order.eq(number)).select(ledger_entries::amount_pence).load(connection)?;
    let count = i64::try_from(amounts.len()).map_err(Error::fault)?;
    Ok(OrderPayments { count, amount_pence: Pence::checked_sum(amounts).map_err(Error::fault)? })
}

/// The day on which an order was cancelled; none, it stands.
pub(crate) fn cancelled_on(order: &PurchaseOrder, zone: TimeZone) -> Option<NaiveDate> {
    order.cancellation.as_ref().map(|row| zone.day_of(row.recorded_at.0))
}
