//! What the public is told of providers: what they offer, and how the organisation is reached. It stands in the statement's range of services.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{ProvidersWrite, ReferenceRead};
use crate::extract::{Body, IfMatch, Params};
use crate::problem::Problem;
use actix_web::http::header::ETAG;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post, put};
use records::page::Page;
use records::providers::public_entries;
use records::providers::public_entries::{ListPublicEntries, NewPublicEntry, PublicEntry, PublicEntryHistory, history, record, revise};
use records::text::Id;

impl Located for PublicEntry {
    fn location(&self) -> String {
        format!("/v1/provider-public-entries/{}", self.entry_id)
    }
}

/// List what the public is told of a provider
///
/// Each entry in its last version, in the order last recorded.
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id"), ListPublicEntries),
    security(("bearer" = ["reference:read"])), responses((status = 200, description = "A page of entries", body = Page<PublicEntry>)))]
#[get("/providers/{id}/public-entries")]
pub async fn list_public_entries(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    id: Path<Id>,
    params: Params<ListPublicEntries>,
) -> Result<Json<Page<PublicEntry>>, Problem> {
    app.read(move |connection| public_entries::list(connection, &id.0, params.0).map(Json)).await
}

/// Record what the public is told of a provider
///
/// No person is named: telephone, e-mail and link are the organisation's own.
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id")), request_body = NewPublicEntry,
    security(("bearer" = ["providers:write"])), responses((status = 201, description = "The entry", body = PublicEntry)))]
#[post("/providers/{id}/public-entries")]
pub async fn create_public_entry(
    app: Data<App>,
    caller: Caller<ProvidersWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPublicEntry>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| record(write, &id.0, body)).await
}

/// Read a public entry's history
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The entry's id")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "Every version of the entry; the `ETag` is the last one's number", body = PublicEntryHistory)))]
#[get("/provider-public-entries/{id}")]
pub async fn get_public_entry(app: Data<App>, _: Caller<ReferenceRead>, id: Path<Id>) -> Answer {
    let found = app.read(move |connection| history(connection, &id.0)).await?;
    let version = found.versions.last().map_or(0, |last| last.version);
    Ok(HttpResponse::Ok().insert_header((ETAG, format!("\"{version}\""))).json(found))
}

/// Change a public entry
///
/// Adds a version; what was said before stays on record. `If-Match` names the version that was read. An entry ends by its `valid_to`.
#[utoipa::path(tag = "providers",
    params(("id" = Id, Path, description = "The entry's id"), ("If-Match" = String, Header, description = "The version that was read, as in its `ETag`", example = "\"1\"")),
    request_body = NewPublicEntry, security(("bearer" = ["providers:write"])),
    responses((status = 200, description = "The entry's new version", body = PublicEntry)))]
#[put("/provider-public-entries/{id}")]
pub async fn change_public_entry(
    app: Data<App>,
    caller: Caller<ProvidersWrite>,
    id: Path<Id>,
    read: IfMatch,
    body: Body<NewPublicEntry>,
) -> Answer {
    let entry = app.write(caller.actor(), move |write| revise(write, &id.0, read.0, body.value)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", entry.version))).json(entry))
}
