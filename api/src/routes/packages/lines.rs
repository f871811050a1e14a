//! Package lines: what is bought for a child, how often, at what rate, from when to when.
//!
//! A line is a row of versions. Ending or reversing it adds a version; nothing is changed, so a line can be read as it was known
//! on any earlier day. A new rate is a new line that starts where the old one ends.
//!
//! An *arrangement* is a first line and the lines that carry it on after variations; none of them is in force with another.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::packages::lines;
use records::packages::lines::{EndOfLine, LineHistory, ListLines, NewPackageLine, PackageLine, PackageLines, record};
use records::reversal::NewReversal;
use records::text::Id;

impl Located for PackageLine {
    fn location(&self) -> String {
        format!("/v1/package-lines/{}", self.line_id)
    }
}

/// List a package's lines
///
/// As known now or at the end of an earlier day; all of them or those in force on a day.
#[utoipa::path(tag = "packages", params(ListLines), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The lines", body = PackageLines),
        (status = 404, description = "There is no such package", body = Problem, content_type = "application/problem+json")))]
#[get("/package-lines")]
pub async fn list_package_lines(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    params: Params<ListLines>,
) -> Result<Json<PackageLines>, Problem> {
    app.write(caller.actor(), move |write| lines::list(write, params.0).map(Json)).await
}

/// Read a package line's history
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The line's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "Every version of the line", body = LineHistory)))]
#[get("/package-lines/{id}")]
pub async fn get_package_line(app: Data<App>, caller: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<LineHistory>, Problem> {
    app.write(caller.actor(), move |write| lines::read(write, &id.0).map(Json)).await
}

/// Record a package line
///
/// One that carries out no request is planned like any other, and is paid to a family only once a post has confirmed it.
#[utoipa::path(tag = "packages", request_body = NewPackageLine, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The line", body = PackageLine)))]
#[post("/package-lines")]
pub async fn create_package_line(app: Data<App>, caller: Caller<PackagesWrite>, key: IdempotencyKey, body: Body<NewPackageLine>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, body)).await
}

/// End a package line
///
/// Sets the line's end, or moves it to an earlier day; a later one is a variation, which needs agreement. What was known before stays
/// on record as an earlier version.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The line's id")), request_body = EndOfLine,
    security(("bearer" = ["packages:write"])), responses((status = 201, description = "The line's new version", body = PackageLine)))]
#[post("/package-lines/{id}/end")]
pub async fn end_package_line(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<EndOfLine>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| lines::end_package_line(write, &profile, &id.0, body)).await
}

/// Reverse a package line
///
/// For a line recorded by mistake: it no longer counts on any day, and stays on record.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The line's id")), request_body = NewReversal,
    security(("bearer" = ["packages:write"])), responses((status = 201, description = "The line's last version", body = PackageLine)))]
#[post("/package-lines/{id}/reversal")]
pub async fn reverse_package_line(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| lines::reverse_package_line(write, &profile, &id.0, body)).await
}
