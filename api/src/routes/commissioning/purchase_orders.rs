//! Purchase orders: what was ordered of a provider for a package, under which number and coding; cancelled, or put right.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::commissioning::cancelling_orders::{
    NewOrderCancellation, NewOrderCorrection, PurchaseOrderCancelled, PurchaseOrderCorrected, cancel, correct,
};
use records::commissioning::purchase_orders;
use records::commissioning::purchase_orders::{ListPurchaseOrders, NewPurchaseOrder, PurchaseOrder, PurchaseOrderMade, record};
use records::page::Page;
use records::text::Id;

impl Located for PurchaseOrderMade {
    fn location(&self) -> String {
        format!("/v1/purchase-orders/{}", self.order.order.id)
    }
}

impl Located for PurchaseOrderCorrected {
    fn location(&self) -> String {
        self.made.location()
    }
}

impl Located for PurchaseOrderCancelled {
    fn location(&self) -> String {
        format!("/v1/purchase-orders/{}", self.order.order.id)
    }
}

/// List purchase orders
#[utoipa::path(tag = "commissioning", params(ListPurchaseOrders), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of purchase orders, in the order recorded", body = Page<PurchaseOrder>)))]
#[get("/purchase-orders")]
pub async fn list_purchase_orders(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    params: Params<ListPurchaseOrders>,
) -> Result<Json<Page<PurchaseOrder>>, Problem> {
    app.write(caller.actor(), move |write| purchase_orders::list(write, params.0).map(Json)).await
}

/// Read a purchase order
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The order's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The order", body = PurchaseOrder)))]
#[get("/purchase-orders/{id}")]
pub async fn get_purchase_order(app: Data<App>, caller: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<PurchaseOrder>, Problem> {
    app.write(caller.actor(), move |write| purchase_orders::read(write, &id.0).map(Json)).await
}

/// Record a purchase order
///
/// It is the step of commissioning of the agreed lines that its package lines carry out. A provider that is red takes no placement, and
/// so no order. Support that a variation took to another provider is ordered of that one too. What is still open of it is held against what
/// its budget lines have available, as the profile says.
#[utoipa::path(tag = "commissioning", request_body = NewPurchaseOrder, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The order", body = PurchaseOrderMade)))]
#[post("/purchase-orders")]
pub async fn create_purchase_order(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    key: IdempotencyKey,
    body: Body<NewPurchaseOrder>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, body)).await
}

/// Cancel a purchase order
///
/// Its number and its lines may be on another from now on, and its step of commissioning is missing again. Payments with its number are for
/// its lines no longer: the answer says how many there are, and they are on the list of unrecorded orders.
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The order's id")), request_body = NewOrderCancellation,
    security(("bearer" = ["packages:write"])), responses((status = 201, description = "The order, cancelled", body = PurchaseOrderCancelled)))]
#[post("/purchase-orders/{id}/cancellation")]
pub async fn cancel_purchase_order(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewOrderCancellation>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| cancel(write, &profile, &id.0, body)).await
}

/// Correct a purchase order
///
/// Cancels a mistyped order and records another in its place, which may keep its number and its lines.
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The order's id")), request_body = NewOrderCorrection,
    security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The order that stands now", body = PurchaseOrderCorrected)))]
#[post("/purchase-orders/{id}/correction")]
pub async fn correct_purchase_order(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewOrderCorrection>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| correct(write, &profile, &id.0, body)).await
}
