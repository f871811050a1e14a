//! A panel that does not take place: its requests go back to wait for another.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::PanelsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::{Data, Path};
use records::panel::cancellations;
use records::panel::cancellations::{NewPanelCancellation, PanelCancellation};
use records::text::Id;

impl Located for PanelCancellation {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.panel_id)
    }
}

/// Cancel a panel
///
/// Takes every request off its agenda; each is submitted again and can be booked elsewhere. Not once something was decided.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id")), request_body = NewPanelCancellation,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The cancellation", body = PanelCancellation)))]
#[post("/panels/{id}/cancellation")]
pub async fn cancel_panel(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelCancellation>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| cancellations::cancel(write, &id.0, &body.reason.0)).await
}
