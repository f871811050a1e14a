//! Confirmations: a post says that support is agreed which no request brought to the record.
//!
//! Packages that were agreed before requests were kept here come in as lines that somebody records. What such a line costs is planned
//! like any other; money is paid to a family on it only once a post that is responsible for the child's total has confirmed it, and
//! from the day on that it says.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{DecisionsWrite, PackagesRead};
use crate::extract::Body;
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::confirmations;
use records::confirmations::{Confirmation, Confirmations, NewConfirmation};
use records::text::Id;

impl Located for Confirmation {
    fn location(&self) -> String {
        format!("/v1/package-lines/{}/confirmations", self.line_id)
    }
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
