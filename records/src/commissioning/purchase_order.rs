//! Purchase orders, as they were recorded.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{purchase_order_lines, purchase_orders};
use diesel::prelude::*;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

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
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A purchase order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a96", "number": "PO-4410031", "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "cost_centre": "CS410", "expense_code": "4310", "raised_on": "2024-06-12",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-12T09:00:00Z", "recorded_seq": 744,
    "line_ids": ["0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21"]
}))]
pub struct PurchaseOrder {
    /// The order.
    #[serde(flatten)]
    pub order: OrderHead,
    /// What is ordered: the first package line of each arrangement.
    pub line_ids: Vec<String>,
}

/// Orders with what they order.
pub fn with_lines(connection: &mut AnyConnection, orders: Vec<OrderHead>) -> Result<Vec<PurchaseOrder>, Error> {
    let ids: Vec<&String> = orders.iter().map(|order| &order.id).collect();
    let rows: Vec<(String, String)> = purchase_order_lines::table
        .filter(purchase_order_lines::purchase_order_id.eq_any(ids))
        .order((purchase_order_lines::purchase_order_id, purchase_order_lines::line_id))
        .select((purchase_order_lines::purchase_order_id, purchase_order_lines::line_id))
        .load(connection)?;
    let mut of_order: HashMap<String, Vec<String>> = HashMap::new();
    for (order, line) in rows {
        of_order.entry(order).or_default().push(line);
    }
    let with_own = |order: OrderHead| PurchaseOrder { line_ids: of_order.remove(&order.id).unwrap_or_default(), order };
    Ok(orders.into_iter().map(with_own).collect())
}
