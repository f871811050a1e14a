//! Editions of the Short Breaks Service Statement.

pub mod course;
pub mod publishing;
pub mod sections;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{StatementRead, StatementWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use crate::statement_files::current_snapshot;
use actix_web::web::{Data, Json, Path, block};
use actix_web::{get, post};
use records::page::Page;
use records::statement_editions;
use records::statement_editions::{
    ListEditions, ListedEdition, NewStatementEdition, StatementEdition, StatementEditionStanding, begin, standing,
};
use records::text::Id;
use serde::Serialize;
use utoipa::ToSchema;

impl Located for StatementEdition {
    fn location(&self) -> String {
        format!("/v1/statement-editions/{}", self.id)
    }
}

/// How an edition stands, and where a draft's figures are from.
#[derive(Serialize, ToSchema)]
pub struct StatementEditionNow {
    /// How it stands.
    #[serde(flatten)]
    standing: StatementEditionStanding,
    /// The current snapshot: a draft's figures are from it, and an approval names it. Null, nothing was taken from the store yet.
    snapshot_id: Option<String>,
}

/// List editions of the statement
///
/// In the order begun, each with its state.
#[utoipa::path(tag = "statement", params(ListEditions), security(("bearer" = ["statement:read"])),
    responses((status = 200, description = "A page of editions", body = Page<ListedEdition>)))]
#[get("/statement-editions")]
pub async fn list_statement_editions(
    app: Data<App>,
    _: Caller<StatementRead>,
    params: Params<ListEditions>,
) -> Result<Json<Page<ListedEdition>>, Problem> {
    app.read(move |connection| statement_editions::list(connection, params.0).map(Json)).await
}

/// Read how an edition stands
///
/// Its state, its sections without their texts, what was recorded of it, everything that keeps it from going out, and the snapshot that a
/// draft's figures are from: an approval names both its revision and that.
#[utoipa::path(tag = "statement", params(("id" = Id, Path, description = "The edition's id")), security(("bearer" = ["statement:read"])),
    responses((status = 200, description = "The edition", body = StatementEditionNow)))]
#[get("/statement-editions/{id}")]
pub async fn get_statement_edition(app: Data<App>, _: Caller<StatementRead>, id: Path<Id>) -> Result<Json<StatementEditionNow>, Problem> {
    let (profile, today) = (app.profile.clone(), app.store.clock().today());
    let standing = app.read(move |connection| standing(connection, &profile, today, &id.0)).await?;
    let warehouse = app.warehouse.clone();
    let snapshot_id = block(move || current_snapshot(&warehouse)).await.map_err(Problem::internal)??;
    Ok(Json(StatementEditionNow { standing, snapshot_id }))
}

/// Begin an edition
///
/// A year has one edition under way at a time. Its sections begin with the text of the last published edition of the years before. Where the
/// year has a published edition, the new one corrects it: it names it and says what changed.
#[utoipa::path(tag = "statement", request_body = NewStatementEdition, security(("bearer" = ["statement:write"])),
    responses((status = 201, description = "The edition", body = StatementEdition)))]
#[post("/statement-editions")]
pub async fn create_statement_edition(
    app: Data<App>,
    caller: Caller<StatementWrite>,
    key: IdempotencyKey,
    body: Body<NewStatementEdition>,
) -> Answer {
    app.create(caller.actor(), key, body, begin).await
}
