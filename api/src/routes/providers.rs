//! Providers: who delivers, or takes a grant.

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{ProvidersWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::Problem;
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::providers;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::{Location, Sector};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A provider.
#[derive(Debug, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = providers)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "code": "meadow_house", "name": "Meadow House", "sector": "private",
    "location": "out_of_borough", "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct Provider {
    /// The provider's id.
    pub id: String,
    /// The short name that ledger mappings use.
    pub code: String,
    /// As the contract names it.
    pub name: String,
    /// Who runs it.
    pub sector: Sector,
    /// Where its setting is.
    pub location: Location,
    /// When it was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for Provider {
    fn location(&self) -> String {
        format!("/v1/providers/{}", self.id)
    }
}

/// A provider to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "meadow_house", "name": "Meadow House", "sector": "private", "location": "out_of_borough" }))]
pub struct NewProvider {
    /// A short name of its own.
    pub code: CodeText,
    /// As the contract names it.
    pub name: Text<200>,
    /// Who runs it.
    pub sector: Sector,
    /// Where its setting is.
    pub location: Location,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProviders {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only the provider with this code.
    code: Option<CodeText>,
    /// Only providers of this sector.
    sector: Option<Sector>,
}

/// List providers
#[utoipa::path(tag = "providers", params(ListProviders), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of providers", body = Page<Provider>)))]
#[get("/providers")]
pub async fn list_providers(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    params: Params<ListProviders>,
) -> Result<Json<Page<Provider>>, Problem> {
    let ListProviders { limit, cursor, code, sector } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let mut query = providers::table
            .select(Provider::as_select())
            .filter(providers::recorded_seq.ge(after.seq))
            .filter(providers::recorded_seq.gt(after.seq).or(providers::id.gt(after.id)))
            .into_boxed();
        if let Some(code) = code {
            query = query.filter(providers::code.eq(code.0));
        }
        if let Some(sector) = sector {
            query = query.filter(providers::sector.eq(sector));
        }
        let rows = query.order((providers::recorded_seq, providers::id)).limit(limit.and_one()).load(connection)?;
        Ok(Json(limit.page(rows, |row: &Provider| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read a provider
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id")), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "The provider", body = Provider)))]
#[get("/providers/{id}")]
pub async fn get_provider(app: Data<App>, _: Caller<ReferenceRead>, id: Path<Id>) -> Result<Json<Provider>, Problem> {
    app.read(move |connection| {
        let provider = providers::table.find(&id.0).select(Provider::as_select()).first(connection).optional()?;
        provider.map(Json).ok_or_else(|| Problem::not_found("provider"))
    })
    .await
}

/// Record a provider
#[utoipa::path(tag = "providers", request_body = NewProvider, security(("bearer" = ["providers:write"])),
    responses((status = 201, description = "The provider", body = Provider)))]
#[post("/providers")]
pub async fn create_provider(app: Data<App>, caller: Caller<ProvidersWrite>, key: IdempotencyKey, body: Body<NewProvider>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, body.value)).await
}

fn record(write: &mut Write<'_>, new: NewProvider) -> Result<Provider, Problem> {
    let provider = Provider {
        id: new_id(),
        code: new.code.0,
        name: new.name.0,
        sector: new.sector,
        location: new.location,
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(providers::table).values(&provider).execute(write.connection)?;
    write.record(Event::new("record", "providers", &provider.id))?;
    Ok(provider)
}
