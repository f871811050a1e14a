//! Cancelling a purchase order, and putting a mistyped one right: the order that was is cancelled, and another stands in its place.

use crate::commissioning::arrangements::{Arrangement, standing_arrangements};
use crate::commissioning::purchase_order::{OrderCancellation, OrderPayments, PurchaseOrder, cancelled_on, find, payments_with};
use crate::commissioning::purchase_orders::{NewPurchaseOrder, PurchaseOrderMade, carrying_paid, numbers_touched, place};
use crate::error::Error;
use crate::packages::commissioning_list::update_list_for_line;
use crate::text::Text;
use db::schema::purchase_order_cancellations;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::Profile;
use domain::commissioning::purchase_orders::refuse_cancelled;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A cancellation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Raised for another child by mistake" }))]
pub struct NewOrderCancellation {
    /// Why, in words.
    pub reason: Text<500>,
}

/// What an order should have said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reason": "The number was mistyped",
    "order": {
        "number": "PO-4410013", "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
        "cost_centre": "CS410", "expense_code": "4310", "raised_on": "2024-05-31", "line_ids": ["0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21"]
    }
}))]
pub struct NewOrderCorrection {
    /// What was wrong, in words.
    pub reason: Text<500>,
    /// The whole order, as it should be. It may keep its number and its lines.
    pub order: NewPurchaseOrder,
}

/// An order as it is cancelled: with the payments that carry its number.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurchaseOrderCancelled {
    /// The order.
    #[serde(flatten)]
    pub order: PurchaseOrder,
    /// The payments with its number: they are for its lines no longer, and are listed until an order with the number stands again.
    pub payments: OrderPayments,
}

/// An order as it is put right: with the payments that carry the number that it had.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurchaseOrderCorrected {
    /// The order that stands now.
    #[serde(flatten)]
    pub made: PurchaseOrderMade,
    /// The payments with the number of the order that was cancelled.
    pub payments: OrderPayments,
}

/// Cancels an order. Its number and its lines may be on another from now on.
pub fn cancel(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewOrderCancellation) -> Result<PurchaseOrderCancelled, Error> {
    let order = find(write.connection, id)?;
    let numbers = numbers_touched(write.connection, &order.order.number, &order.line_ids)?;
    let payments = carrying_paid(write, profile, id, &numbers, |write| take_back(write, profile, &order, new.reason.0))?;
    Ok(PurchaseOrderCancelled { order: find(write.connection, id)?, payments })
}

/// Puts an order right: cancels it, and records another in its place.
pub fn correct(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewOrderCorrection) -> Result<PurchaseOrderCorrected, Error> {
    let order = find(write.connection, id)?;
    let made_id = new_id();
    let mut numbers = numbers_touched(write.connection, &order.order.number, &order.line_ids)?;
    numbers.extend(numbers_touched(write.connection, &new.order.number.0, &new.order.lines())?);
    // One change: what the one gives back the other takes again, and nothing of that is carried.
    let (payments, placed) = carrying_paid(write, profile, &made_id, &numbers, |write| {
        let payments = take_back(write, profile, &order, new.reason.0)?;
        Ok((payments, place(write, profile, &made_id, new.order, Some(&order))?))
    })?;
    Ok(PurchaseOrderCorrected { made: placed.held(write, profile)?, payments })
}

fn take_back(write: &mut Write<'_>, profile: &Profile, order: &PurchaseOrder, reason: String) -> Result<OrderPayments, Error> {
    refuse_cancelled(&order.order.number, cancelled_on(order, write.zone))?;
    let payments = payments_with(write.connection, &order.order.number)?;
    let cancellation = OrderCancellation {
        id: new_id(),
        purchase_order_id: order.order.id.clone(),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(purchase_order_cancellations::table).values(&cancellation).execute(write.connection)?;
    write.record(Event::new("cancel", "purchase_orders", &order.order.id).with(json!({
        "number": order.order.number, "payments": payments.count, "amount_pence": payments.amount_pence,
    })))?;
    // The step of commissioning that it was is missing again.
    let arrangements = standing_arrangements(write.connection, &order.line_ids)?;
    let carried: BTreeSet<&String> = arrangements.values().flat_map(Arrangement::request_lines).collect();
    carried.into_iter().try_for_each(|line| update_list_for_line(write, profile, Some(line)))?;
    Ok(payments)
}
