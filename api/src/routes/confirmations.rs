//! Confirmations: a post says that support is agreed which no request brought to the record.
//!
//! Packages that were agreed before requests were kept here come in as lines that somebody records. What such a line costs is planned
//! like any other, and told apart. Nothing is ordered, placed, booked, invoiced or paid on it until a post that is responsible for the
//! child's total has confirmed it: one line, or many in one list.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{DecisionsWrite, PackagesRead};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::confirmations;
use records::confirmations::checking::LinesToConfirm;
use records::confirmations::many::ConfirmationPreview;
use records::confirmations::{
    Confirmation, Confirmations, ConfirmedLines, ListUnconfirmed, NewConfirmation, NewLineConfirmations, UnconfirmedLines, waiting,
};
use records::text::Id;

impl Located for Confirmation {
    fn location(&self) -> String {
        format!("/v1/package-lines/{}/confirmations", self.line_id)
    }
}

impl Located for ConfirmedLines {
    fn location(&self) -> String {
        "/v1/unconfirmed-package-lines".to_owned()
    }
}

/// List the package lines that wait to be confirmed
///
/// Each that nobody with the authority has agreed, in the order recorded, with since when it waits; and how many wait by budget line and by
/// who recorded them. Nothing is ordered, placed, booked, invoiced or paid on them.
#[utoipa::path(tag = "packages", params(ListUnconfirmed), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of lines", body = UnconfirmedLines)))]
#[get("/unconfirmed-package-lines")]
pub async fn list_unconfirmed_package_lines(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    params: Params<ListUnconfirmed>,
) -> Result<Json<UnconfirmedLines>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| waiting::list(write, &profile, params.0).map(Json)).await
}

/// Preview confirming a list of package lines
///
/// What the lines come to by the posts that are responsible for their children's totals, everything that keeps the list from being
/// confirmed by the caller in the post named, and the mark that the confirmation names. Records nothing but that it was read.
#[utoipa::path(tag = "packages", request_body = LinesToConfirm, security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "What it would do", body = ConfirmationPreview)))]
#[post("/package-line-confirmation-previews")]
pub async fn preview_package_line_confirmations(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    body: Body<LinesToConfirm>,
) -> Result<Json<ConfirmationPreview>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| confirmations::preview(write, &profile, body.value).map(Json)).await
}

/// Confirm a list of package lines
///
/// All of them or none, as they were previewed, in a post that is responsible for each child's total. Whoever recorded a line confirms it
/// no more than alone: what holds for one line holds for each, and everything that is wrong is told at once.
#[utoipa::path(tag = "packages", request_body = NewLineConfirmations, security(("bearer" = ["decisions:write"])),
    responses((status = 201, description = "The confirmations, with their totals", body = ConfirmedLines)))]
#[post("/package-line-confirmations")]
pub async fn confirm_package_lines(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    key: IdempotencyKey,
    body: Body<NewLineConfirmations>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| confirmations::confirm_many(write, &profile, body)).await
}

/// Read a package line's confirmations
///
/// With whether its last version is agreed, and if it is not, who may confirm it today and why.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The line's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "Whether the line is agreed, and by whom", body = Confirmations)))]
#[get("/package-lines/{id}/confirmations")]
pub async fn list_package_line_confirmations(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    id: Path<Id>,
) -> Result<Json<Confirmations>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| confirmations::list(write, &profile, &id.0).map(Json)).await
}

/// Confirm a package line
///
/// For one that carries out no request here: it was agreed elsewhere, and a post says so, and from which day it is paid here. By a person
/// who holds, today, the post that is responsible for the child's total care package with the line, and who neither recorded a line of
/// its arrangement nor proposed a variation of one. It covers later versions that bring no more, and what variations make of it. A line
/// that a variation made of one that was not confirmed, and one that a rise of rates brought into another tier, is confirmed for itself.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The line's id")), request_body = NewConfirmation,
    security(("bearer" = ["decisions:write"])), responses((status = 201, description = "The confirmation", body = Confirmation)))]
#[post("/package-lines/{id}/confirmations")]
pub async fn confirm_package_line(
    app: Data<App>,
    caller: Caller<DecisionsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewConfirmation>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| confirmations::confirm(write, &profile, &id.0, body)).await
}
