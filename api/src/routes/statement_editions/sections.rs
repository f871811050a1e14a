//! The sections of an edition: Markdown, every version kept.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::{StatementRead, StatementWrite};
use crate::extract::{Body, IfMatch, Params};
use crate::problem::Problem;
use actix_web::http::header::ETAG;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, put};
use domain::statement_editions::Section;
use records::page::Page;
use records::statement_editions::{
    ListSectionVersions, NewSectionText, SectionVersion, StatementSection, WrittenSection, read_section, section_versions, write_section,
};
use records::text::Id;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which version.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SectionParams {
    /// An earlier version; without it, the last.
    #[param(minimum = 1)]
    version: Option<i64>,
}

/// Read a section
///
/// In its last version, or in an earlier one.
#[utoipa::path(tag = "statement",
    params(("id" = Id, Path, description = "The edition's id"), ("code" = Section, Path, description = "The section"), SectionParams),
    security(("bearer" = ["statement:read"])),
    responses((status = 200, description = "The section; the `ETag` is its version", body = StatementSection)))]
#[get("/statement-editions/{id}/sections/{code}")]
pub async fn get_statement_section(
    app: Data<App>,
    _: Caller<StatementRead>,
    path: Path<(Id, Section)>,
    params: Params<SectionParams>,
) -> Answer {
    let (id, section) = path.into_inner();
    let found = app.read(move |connection| read_section(connection, &id.0, section, params.0.version)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", found.version))).json(found))
}

/// Write a section
///
/// Adds a version; the same text once more adds none. `If-Match` names the version that was read, `"0"` where nothing was written yet. A change
/// after a consultation makes the edition a draft again.
#[utoipa::path(tag = "statement",
    params(("id" = Id, Path, description = "The edition's id"), ("code" = Section, Path, description = "The section"),
        ("If-Match" = String, Header, description = "The version that was read, as in its `ETag`", example = "\"1\"")),
    request_body = NewSectionText, security(("bearer" = ["statement:write"])),
    responses((status = 200, description = "The section, and how far the edition has come", body = WrittenSection)))]
#[put("/statement-editions/{id}/sections/{code}")]
pub async fn write_statement_section(
    app: Data<App>,
    caller: Caller<StatementWrite>,
    path: Path<(Id, Section)>,
    read: IfMatch,
    body: Body<NewSectionText>,
) -> Answer {
    let (id, section) = path.into_inner();
    let written = app.write(caller.actor(), move |write| write_section(write, &id.0, section, read.0, body.value)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", written.section.version))).json(written))
}

/// List a section's versions
///
/// Without their texts; read one with `?version=`.
#[utoipa::path(tag = "statement",
    params(("id" = Id, Path, description = "The edition's id"), ("code" = Section, Path, description = "The section"), ListSectionVersions),
    security(("bearer" = ["statement:read"])), responses((status = 200, description = "A page of versions", body = Page<SectionVersion>)))]
#[get("/statement-editions/{id}/sections/{code}/versions")]
pub async fn list_statement_section_versions(
    app: Data<App>,
    _: Caller<StatementRead>,
    path: Path<(Id, Section)>,
    params: Params<ListSectionVersions>,
) -> Result<Json<Page<SectionVersion>>, Problem> {
    let (id, section) = path.into_inner();
    app.read(move |connection| section_versions(connection, &id.0, section, params.0).map(Json)).await
}
