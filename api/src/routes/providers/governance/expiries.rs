//! What of providers' governance expires. The list holds the ends of the records that count, so that reading it costs what is on it.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::ReferenceRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use records::page::Page;
use records::providers::governance::expiries;
use records::providers::governance::expiries::{GovernanceExpiry, ListExpiries};

/// List what of providers' governance expires, the first to expire coming first
///
/// Of each item of the authority's profile the record that counts, with those that have expired and were not renewed.
#[utoipa::path(tag = "providers", params(ListExpiries), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of what expires", body = Page<GovernanceExpiry>)))]
#[get("/governance-expiries")]
pub async fn list_governance_expiries(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    params: Params<ListExpiries>,
) -> Result<Json<Page<GovernanceExpiry>>, Problem> {
    let (profile, today) = (app.profile.clone(), app.store.clock().today());
    app.read(move |connection| expiries::list(connection, &profile, today, params.0).map(Json)).await
}
