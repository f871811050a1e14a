//! Notes of a panel: what was said apart from the items. Each writing is kept; the last counts.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PanelsRead, PanelsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::panel::notes::{NewPanelNotes, PanelNotes};
use records::panel::{ListOfPanel, notes};
use records::text::Id;

impl Located for PanelNotes {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.panel_id)
    }
}

/// List a panel's notes
///
/// Every writing, the last of which counts.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), ListOfPanel), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "A page of notes, by number", body = Page<PanelNotes>)))]
#[get("/panels/{id}/notes")]
pub async fn list_panel_notes(
    app: Data<App>,
    _: Caller<PanelsRead>,
    id: Path<Id>,
    params: Params<ListOfPanel>,
) -> Result<Json<Page<PanelNotes>>, Problem> {
    app.read(move |connection| notes::list(connection, &id.0, params.0).map(Json)).await
}

/// Write a panel's notes
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id")), request_body = NewPanelNotes,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The notes", body = PanelNotes)))]
#[post("/panels/{id}/notes")]
pub async fn create_panel_notes(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelNotes>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| notes::write_anew(write, &id.0, body)).await
}
