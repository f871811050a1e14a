//! Who was at a panel, and in what part. Versions are added; the last of each member counts.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PanelsRead, PanelsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::panel::attendances::{NewPanelAttendance, PanelAttendance, record};
use records::panel::{ListOfPanel, attendances};
use records::text::Id;

impl Located for PanelAttendance {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.panel_id)
    }
}

/// Record attendance
///
/// From the panel's day on. Whoever sits has signed both documents, where the profile asks for it; whoever chairs is in the post
/// that does, on the panel's day. There is a deputy chair only where the profile says who ratifies; elsewhere whoever stands in for
/// the chair is the chair. What is recorded again replaces what was recorded before, which stays on record.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id")), request_body = NewPanelAttendance,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The attendance", body = PanelAttendance)))]
#[post("/panels/{id}/attendances")]
pub async fn create_panel_attendance(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelAttendance>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, &id.0, &body)).await
}

/// List the attendance of a panel as it was recorded
///
/// Every version, also those that others replaced. Reading the panel tells what counts.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), ListOfPanel), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "A page of attendances, in the order recorded", body = Page<PanelAttendance>)))]
#[get("/panels/{id}/attendances")]
pub async fn list_panel_attendances(
    app: Data<App>,
    _: Caller<PanelsRead>,
    id: Path<Id>,
    params: Params<ListOfPanel>,
) -> Result<Json<Page<PanelAttendance>>, Problem> {
    app.read(move |connection| attendances::list(connection, &id.0, params.0).map(Json)).await
}
