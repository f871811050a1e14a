//! Payments that settle nothing, and payments beyond what was planned: what finance has to look at.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::LedgerRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use records::commitments::payments;
use records::commitments::payments::{Overpayment, PaymentParams, UnmatchedRow};
use records::page::Page;

/// List unmatched payments
///
/// Entries of the ledger that settle no commitment, and why: matched to no package, or nothing is planned for their arrangement, order or
/// provider on the budget line in that year.
#[utoipa::path(tag = "ledger", params(PaymentParams), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "A page of entries, by budget line and day", body = Page<UnmatchedRow>)))]
#[get("/unmatched-payments")]
pub async fn list_unmatched_payments(
    app: Data<App>,
    _: Caller<LedgerRead>,
    params: Params<PaymentParams>,
) -> Result<Json<Page<UnmatchedRow>>, Problem> {
    let profile = app.profile.clone();
    app.read(move |connection| payments::list_unmatched_payments(connection, &profile, params.0).map(Json)).await
}

/// List overpayments
///
/// Payments beyond all that was planned for what they are for: an arrangement, an order, a provider's arrangements, or the budget line.
#[utoipa::path(tag = "ledger", params(PaymentParams), security(("bearer" = ["ledger:read"])),
    responses((status = 200, description = "A page of overpayments, by budget line", body = Page<Overpayment>)))]
#[get("/overpayments")]
pub async fn list_overpayments(
    app: Data<App>,
    caller: Caller<LedgerRead>,
    params: Params<PaymentParams>,
) -> Result<Json<Page<Overpayment>>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| payments::list_overpayments(write, &profile, params.0).map(Json)).await
}
