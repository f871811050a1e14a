//! What panel members sign: the terms of reference and the statement of confidentiality, each for as long as the profile says.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::PanelsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::panel::signatures;
use records::panel::signatures::{NewPanelSignature, PanelSignature};
use records::text::Id;

impl Located for PanelSignature {
    fn location(&self) -> String {
        format!("/v1/panel-members/{}", self.member_id)
    }
}

/// Record a signature
///
/// It counts from the day it was given for as many months as the profile says.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The member's id")), request_body = NewPanelSignature,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The signature", body = PanelSignature)))]
#[post("/panel-members/{id}/signatures")]
pub async fn create_panel_signature(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelSignature>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| signatures::sign(write, &profile, &id.0, &body)).await
}
