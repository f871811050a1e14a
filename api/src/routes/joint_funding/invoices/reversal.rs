//! The reversal of an invoice: a credit note for all of it.

use crate::app::{Answer, App, IdempotencyKey};
use crate::auth::Caller;
use crate::auth::permission::JointFundingWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::joint_funding::invoices::credit_notes::CreditNoteWithLines;
use records::joint_funding::invoices::reversing::{NewHealthInvoiceReversal, reverse};
use records::text::Id;

/// Reverse an invoice to health
///
/// A credit note for all that it still asks for. Its days can then be invoiced again. Refused while money received stands against it, while
/// a later invoice corrects one of its lines, or while another asks for what its own corrections took off.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The invoice's id")), request_body = NewHealthInvoiceReversal,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The credit note", body = CreditNoteWithLines)))]
#[post("/health-invoices/{id}/reversal")]
pub async fn reverse_health_invoice(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewHealthInvoiceReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| reverse(write, &profile, &id.0, body)).await
}
