//! Orders that payments name and that do not stand.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::LedgerRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use records::commitments::unrecorded_orders;
use records::commitments::unrecorded_orders::{UnrecordedOrderParams, UnrecordedOrders};

/// List unrecorded orders
///
/// Numbers of purchase orders that payments of a year carry and no order has that stands: nobody recorded it, or it was cancelled. Each with
/// its payments and what they add up to. Once an order with the number is recorded, its payments are for its lines.
#[utoipa::path(tag = "ledger", params(UnrecordedOrderParams), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "A page of numbers, by budget line, and what all of them add up to", body = UnrecordedOrders)))]
#[get("/unrecorded-orders")]
pub async fn list_unrecorded_orders(
    app: Data<App>,
    _: Caller<LedgerRead>,
    params: Params<UnrecordedOrderParams>,
) -> Result<Json<UnrecordedOrders>, Problem> {
    let zone = app.profile.time_zone;
    app.read(move |connection| unrecorded_orders::list(connection, zone, params.0).map(Json)).await
}
