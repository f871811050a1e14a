//! Credit notes: what an invoice asks for no longer, line by line.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::JointFundingWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::joint_funding::invoices::credit_notes::CreditNoteWithLines;
use records::joint_funding::invoices::crediting::{NewHealthCreditNote, credit};
use records::joint_funding::invoices::location_of;
use records::text::Id;

impl Located for CreditNoteWithLines {
    fn location(&self) -> String {
        location_of(&self.note.invoice_id)
    }
}

/// Credit an invoice to health
///
/// Line by line, and in parts: at most what is left of the line, of its days after corrections and, but for an adjustment and a dispute, of
/// the whole invoice. An invoice that was paid is then in credit: the next one may ask for less, or the money is paid back.
#[utoipa::path(tag = "joint funding", params(("id" = Id, Path, description = "The invoice's id")), request_body = NewHealthCreditNote,
    security(("bearer" = ["joint_funding:write"])), responses((status = 201, description = "The credit note", body = CreditNoteWithLines)))]
#[post("/health-invoices/{id}/credit-notes")]
pub async fn create_health_credit_note(
    app: Data<App>,
    caller: Caller<JointFundingWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewHealthCreditNote>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| credit(write, &profile, &id.0, body)).await
}
