//! Panels: the days they are held, their slots, and what belongs to them: bookings, members, attendance, interests, notes.

pub mod attendances;
pub mod bookings;
pub mod calendars;
pub mod cancellations;
pub mod interests;
pub mod members;
pub mod notes;
pub mod signatures;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PanelsRead, PanelsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::panel;
use records::panel::{ListPanels, ListedPanel, NewPanel, Panel, PanelInFull};
use records::text::Id;

impl Located for Panel {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.id)
    }
}

/// List panels
///
/// Without their agendas, which are parts of children's records.
#[utoipa::path(tag = "panels", params(ListPanels), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "A page of panels, in the order recorded", body = Page<ListedPanel>)))]
#[get("/panels")]
pub async fn list_panels(app: Data<App>, _: Caller<PanelsRead>, params: Params<ListPanels>) -> Result<Json<Page<ListedPanel>>, Problem> {
    app.read(move |connection| panel::list(connection, params.0).map(Json)).await
}

/// Read a panel with its agenda
///
/// The requests by reference and state, without their paperwork. Every request on the agenda counts as read.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id")), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "The panel, its agenda, attendance and notes", body = PanelInFull)))]
#[get("/panels/{id}")]
pub async fn get_panel(app: Data<App>, caller: Caller<PanelsRead>, id: Path<Id>) -> Result<Json<PanelInFull>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| panel::read(write, &profile, &id.0).map(Json)).await
}

/// Record a panel
#[utoipa::path(tag = "panels", request_body = NewPanel, security(("bearer" = ["panels:write"])),
    responses((status = 201, description = "The panel", body = Panel)))]
#[post("/panels")]
pub async fn create_panel(app: Data<App>, caller: Caller<PanelsWrite>, key: IdempotencyKey, body: Body<NewPanel>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| panel::record(write, &profile, &body)).await
}
