//! The page of an account: what it lacks, what was and will be paid, and where its money is.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::DirectPaymentsRead;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use records::direct_payments::page::DirectPaymentAccountPage;
use records::direct_payments::reading;
use records::text::Id;

/// Read a direct payment account
///
/// What it lacks before it may be paid, its schedule, pauses and adjustments, and what was returned, audited and paid back.
#[utoipa::path(tag = "direct payments", params(("id" = Id, Path, description = "The account's id")),
    security(("bearer" = ["direct_payments:read"])),
    responses((status = 200, description = "The account with all that is known of it", body = DirectPaymentAccountPage)))]
#[get("/direct-payment-accounts/{id}")]
pub async fn get_direct_payment_account(
    app: Data<App>,
    caller: Caller<DirectPaymentsRead>,
    id: Path<Id>,
) -> Result<Json<DirectPaymentAccountPage>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| reading::read(write, &profile, &id.0).map(Json)).await
}
