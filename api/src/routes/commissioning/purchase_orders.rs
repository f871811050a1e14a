//! Purchase orders: what was ordered of a provider for a package, under which number and coding. An arrangement is on one order.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::commissioning::purchase_orders;
use records::commissioning::purchase_orders::{ListPurchaseOrders, NewPurchaseOrder, PurchaseOrder, record};
use records::page::Page;
use records::text::Id;

impl Located for PurchaseOrder {
    fn location(&self) -> String {
        format!("/v1/purchase-orders/{}", self.order.id)
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
/// so no order.
#[utoipa::path(tag = "commissioning", request_body = NewPurchaseOrder, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The order", body = PurchaseOrder)))]
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
