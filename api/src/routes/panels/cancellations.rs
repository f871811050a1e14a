//! A panel that does not take place: its requests go back to wait for another.

use super::bookings::{bookings_of, record_release};
use super::{Panel, find_standing};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::PanelsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, Problem};
use crate::routes::requests::{self, Request};
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use db::schema::{decisions, panel_cancellations};
use db::{AnyConnection, Event, Write};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::{RequestAction, RequestState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The cancellation of a panel.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_cancellations)]
pub struct PanelCancellation {
    /// The panel.
    pub panel_id: String,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for PanelCancellation {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.panel_id)
    }
}

/// Why a panel is cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The chair is ill and nobody can stand in" }))]
pub struct NewPanelCancellation {
    /// In words, without names. It is the reason of every release too.
    pub reason: Text<500>,
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
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| {
        let panel = find_standing(write.connection, &id.0)?;
        cancel(write, &panel, &body.value.reason.0)
    })
    .await
}

/// A panel's cancellation; none, it stands.
pub fn cancellation_of(connection: &mut AnyConnection, panel_id: &str) -> Result<Option<PanelCancellation>, Problem> {
    Ok(panel_cancellations::table.find(panel_id).select(PanelCancellation::as_select()).first(connection).optional()?)
}

fn cancel(write: &mut Write<'_>, panel: &Panel, reason: &str) -> Result<PanelCancellation, Problem> {
    let decided: bool = diesel::select(exists(decisions::table.filter(decisions::panel_id.eq(&panel.id)))).get_result(write.connection)?;
    if decided {
        let detail = format!("The panel of {} has decided a request: it took place.", panel.held_on);
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let cancellation = PanelCancellation {
        panel_id: panel.id.clone(),
        reason: reason.to_owned(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_cancellations::table).values(&cancellation).execute(write.connection)?;
    write.record(Event::new("cancel", "panels", &panel.id))?;
    for booking in bookings_of(write.connection, &panel.id)? {
        let request = requests::find(write.connection, &booking.request_id)?;
        record_release(write, &booking, reason)?;
        let next = Request { state: RequestState::Submitted, ..request.clone() };
        requests::transition(write, &request, RequestAction::Release, next, Some(reason.to_owned()))?;
    }
    Ok(cancellation)
}
