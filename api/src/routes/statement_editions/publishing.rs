//! Publishing an edition, and its documents: as published, byte for byte, or as a draft would look now.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{ReportsRead, StatementRead, StatementWrite};
use crate::extract::Body;
use crate::problem::Problem;
use crate::statement_files::{compose, freeze, withheld};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::web::{Data, Json, Path, block};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get, post};
use chrono::NaiveDate;
use db::{ActorKind, AnyConnection};
use domain::Profile;
use domain::statement_editions::{StatementFormat, refuse_draft};
use records::Error;
use records::statement_editions::{
    EditionContent, FrozenFile, NewStatementPublication, StatementPublication, ToCompose, WithheldFigures, WithheldReport, find,
    frozen_file, publication_of, publish, refuse_withdrawn, to_compose, to_publish, withheld_when_published,
};
use records::text::Id;
use reports::statement::{Composed, Stage};

impl Located for StatementPublication {
    fn location(&self) -> String {
        format!("/v1/statement-editions/{}", self.edition_id)
    }
}

/// A document of the statement, as the document of the API describes it.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct StatementDocument(#[expect(dead_code, reason = "only its schema is used")] Vec<u8>);

/// Composes an edition off the event loop, in its turn, and makes of it what is wanted.
pub(super) async fn made<T: Send + 'static>(
    app: &App,
    told: ToCompose,
    stage: Stage,
    make: impl FnOnce(ToCompose, Composed) -> Result<T, reports::Error> + Send + 'static,
) -> Result<T, Problem> {
    let (warehouse, profile) = (app.warehouse.clone(), app.profile.clone());
    let turn = app.turns.to_compose().await?;
    let making = move || {
        let _turn = turn;
        let composed = compose(&warehouse, &profile, &told, stage)?;
        make(told, composed)
    };
    Ok(block(making).await.map_err(Problem::internal)??)
}

/// Publish an edition
///
/// What is approved goes out as it stands, with the figures of the snapshot that was approved: its text, figures, profile, snapshot and finished
/// documents are frozen, and come out again byte for byte. A review is due a year later. A correction is a new edition.
#[utoipa::path(tag = "statement", params(("id" = Id, Path, description = "The edition's id")), request_body = NewStatementPublication,
    security(("bearer" = ["statement:write"])), responses((status = 201, description = "The publication", body = StatementPublication)))]
#[post("/statement-editions/{id}/publication")]
pub async fn publish_statement_edition(
    app: Data<App>,
    caller: Caller<StatementWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStatementPublication>,
) -> Answer {
    let (edition_id, today) = (id.into_inner().0, app.store.clock().today());
    let (asked, profile) = (edition_id.clone(), app.profile.clone());
    let told = app
        .read(move |connection| {
            if publication_of(connection, &asked)?.is_some() {
                // Its own answer may be asked for again; the write below tells.
                return Ok(None);
            }
            to_publish(connection, &profile, &asked, today).map(Some)
        })
        .await?;
    let frozen = match told {
        None => None,
        Some(told) => Some(made(&app, told, Stage::Published, |told, composed| freeze(told, &composed)).await?),
    };
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, _| {
        let Some(frozen) = &frozen else {
            to_publish(write.connection, &profile, &edition_id, today)?;
            return Err(Error::Fault("an edition was published and is not".to_owned()));
        };
        publish(write, &profile, &edition_id, frozen)
    })
    .await
}

/// Read a document of an edition
///
/// Of a published edition, the document as it was published: its `ETag` is the SHA-256 of its bytes. Before that, as it would look now, marked
/// as a draft, for people only: a tool is told 403. The header `Snapshot-Id` says which snapshot a draft's figures are from; an approval
/// names it.
#[utoipa::path(tag = "statement",
    params(("id" = Id, Path, description = "The edition's id"), ("format" = StatementFormat, Path, description = "The form of the document")),
    security(("bearer" = ["statement:read"])),
    responses((status = 200, description = "The document", content((StatementDocument = "text/html"), (StatementDocument = "application/pdf"),
            (StatementDocument = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (StatementDocument = "text/markdown"), (StatementDocument = "text/plain"), (StatementDocument = "text/csv"),
            (StatementDocument = "application/json"), (StatementDocument = "application/zip"))),
        (status = 304, description = "The asker has it")))]
#[get("/statement-editions/{id}/files/{format}")]
pub async fn get_statement_file(
    app: Data<App>,
    caller: Caller<StatementRead>,
    path: Path<(Id, StatementFormat)>,
    request: HttpRequest,
) -> Answer {
    let (id, format) = path.into_inner();
    let (edition_id, today) = (id.0, app.store.clock().today());
    let (profile, is_tool) = (app.profile.clone(), caller.actor().kind == ActorKind::Client);
    let (name, frozen, now) = app
        .read(move |connection| {
            let edition = find(connection, &edition_id)?;
            let name = format!("statement-{}-edition-{}.{format}", edition.financial_year, edition.number);
            let frozen = frozen_file(connection, &edition_id, format)?;
            let now = match frozen {
                None => Some(draft(connection, is_tool, &profile, &edition_id, today)?),
                Some(_) => None,
            };
            Ok((name, frozen, now))
        })
        .await?;
    match (frozen, now) {
        (Some(file), _) => Ok(published(&request, file, &name)),
        (None, Some(now)) => {
            let drafted = move |_, composed: Composed| Ok((composed.file(format, None)?.bytes, composed.snapshot_ids.join(" ")));
            let (bytes, snapshot_id) = made(&app, now, Stage::Draft, drafted).await?;
            let mut response = offered(HttpResponse::Ok(), format.media_type(), &name);
            Ok(response.insert_header(("snapshot-id", snapshot_id)).body(bytes))
        }
        (None, None) => Err(Problem::internal("a document that is neither published nor a draft")),
    }
}

/// What a draft is composed of: for people, and not of an edition that was withdrawn.
fn draft(connection: &mut AnyConnection, is_tool: bool, profile: &Profile, edition_id: &str, today: NaiveDate) -> Result<ToCompose, Error> {
    refuse_draft(is_tool)?;
    refuse_withdrawn(connection, edition_id)?;
    to_compose(connection, profile, edition_id, today)
}

/// A published document, or 304 when the asker has it: it never changes.
fn published(request: &HttpRequest, file: FrozenFile, name: &str) -> HttpResponse {
    let tag = format!("\"{}\"", file.sha256);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_known = known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "private, no-cache"));
    if is_known { response.finish() } else { offered(response, &file.media_type, name).body(file.bytes) }
}

/// A web page is shown, anything else offered as a file of that name.
fn offered(mut response: HttpResponseBuilder, media_type: &str, name: &str) -> HttpResponseBuilder {
    let how = if name.ends_with(".html") { "inline" } else { "attachment" };
    response.insert_header((CONTENT_TYPE, media_type)).insert_header((CONTENT_DISPOSITION, format!("{how}; filename=\"{name}\"")));
    response
}

/// Read what an edition withholds
///
/// For officers: which figures the documents do not show, and why; whether fewer would have done; and what can be narrowed all the same,
/// printed or not. Of a published edition, as it was when it was published; of a draft, for people only.
#[utoipa::path(tag = "statement", params(("id" = Id, Path, description = "The edition's id")), security(("bearer" = ["reports:read"])),
    responses((status = 200, description = "What is withheld", body = WithheldReport)))]
#[get("/statement-editions/{id}/withheld")]
pub async fn get_statement_withheld(app: Data<App>, caller: Caller<ReportsRead>, id: Path<Id>) -> Result<Json<WithheldReport>, Problem> {
    let (edition_id, today) = (id.into_inner().0, app.store.clock().today());
    let (profile, is_tool) = (app.profile.clone(), caller.actor().kind == ActorKind::Client);
    let (told, then) = app
        .read(move |connection| {
            let then = withheld_when_published(connection, &edition_id)?;
            let told = match then {
                None => draft(connection, is_tool, &profile, &edition_id, today)?,
                Some(_) => to_compose(connection, &profile, &edition_id, today)?,
            };
            Ok((told, then))
        })
        .await?;
    let is_published = then.is_some();
    let EditionContent { edition_id, disclosure, disclosure_reason, .. } = told.content.clone();
    let WithheldFigures { cells, is_fewest, is_choice_checked, narrower } = match then {
        Some(then) => then,
        None => made(&app, told, Stage::Draft, |_, composed| Ok(withheld(&composed))).await?,
    };
    Ok(Json(WithheldReport { edition_id, is_published, disclosure, disclosure_reason, cells, is_fewest, is_choice_checked, narrower }))
}
