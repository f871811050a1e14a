//! A calendar of panels, made ahead: every so many weeks, bank holidays skipped.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::PanelsWrite;
use crate::extract::Body;
use actix_web::post;
use actix_web::web::Data;
use records::panel::calendars::{NewPanelCalendar, PanelCalendar, make};

impl Located for PanelCalendar {
    fn location(&self) -> String {
        "/v1/panels".to_owned()
    }
}

/// Make a calendar of panels
///
/// A panel every so many weeks. Bank holidays are skipped, not moved, and so are days that have a panel: both are told.
#[utoipa::path(tag = "panels", request_body = NewPanelCalendar, security(("bearer" = ["panels:write"])),
    responses((status = 201, description = "The panels made and the days skipped", body = PanelCalendar)))]
#[post("/panel-calendars")]
pub async fn create_panel_calendar(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    key: IdempotencyKey,
    body: Body<NewPanelCalendar>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| make(write, &profile, body)).await
}
