//! Bookings: a request's slot on a panel's agenda.
//!
//! A booking stands until it is released. One that was decided on is never released, so that a panel's agenda stays what it was.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PanelsWrite, RequestsRead};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::panel::bookings::{BookingTakenOff, BookingWithRelease, NewPanelBooking, NewTakingOff, PanelBooking, book, take_off};
use records::panel::{ListOfPanel, bookings};
use records::text::Id;

impl Located for PanelBooking {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.panel_id)
    }
}

impl Located for BookingTakenOff {
    fn location(&self) -> String {
        self.booking.location()
    }
}

/// List a panel's bookings
///
/// Those that were released too. Every request on the page counts as read.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), ListOfPanel), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of bookings, in the order recorded", body = Page<BookingWithRelease>)))]
#[get("/panels/{id}/bookings")]
pub async fn list_panel_bookings(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    id: Path<Id>,
    params: Params<ListOfPanel>,
) -> Result<Json<Page<BookingWithRelease>>, Problem> {
    app.write(caller.actor(), move |write| bookings::list(write, &id.0, params.0).map(Json)).await
}

/// Book a request
///
/// Puts a request on a panel's agenda. What it still lacks on the panel's day is told all at once. Booked at once by two callers,
/// it is booked for one of them; the other is told who it was, and for which slot.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id")), request_body = NewPanelBooking,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The booking", body = PanelBooking)))]
#[post("/panels/{id}/bookings")]
pub async fn create_panel_booking(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelBooking>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| book(write, &profile, &id.0, &body)).await
}

/// Release a booking
///
/// Takes a request off an agenda; it is submitted again and can be booked elsewhere. Not once it was decided.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The booking's id")), request_body = NewTakingOff,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The booking and its release", body = BookingTakenOff)))]
#[post("/panel-bookings/{id}/release")]
pub async fn release_panel_booking(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewTakingOff>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| take_off(write, &id.0, body.reason.0)).await
}
