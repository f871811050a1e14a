//! Packages: the support commissioned for one child, as a set of lines.

use super::joint_fundings::{FundedLine, funded_lines};
use super::package_lines::{KnownOn, known_lines};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{FieldError, Problem};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::{children, packages};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// A package.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = packages)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "reference": "PK-0412-1", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12",
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct Package {
    /// The package's id.
    pub id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// The child it supports.
    pub child_id: String,
    /// When it was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for Package {
    fn location(&self) -> String {
        format!("/v1/packages/{}", self.id)
    }
}

/// A package with its lines as they are known now.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackageWithLines {
    /// The package.
    #[serde(flatten)]
    pub package: Package,
    /// Its lines, ended ones too, reversed ones not, with what others pay of them.
    pub lines: Vec<FundedLine>,
}

/// A package to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reference": "PK-0412-1", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12" }))]
pub struct NewPackage {
    /// The authority's own number for it.
    pub reference: Text<60>,
    /// The child it supports.
    pub child_id: Id,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPackages {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this child's.
    child_id: Option<Id>,
}

/// List packages
#[utoipa::path(tag = "packages", params(ListPackages), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of packages, in the order recorded", body = Page<Package>)))]
#[get("/packages")]
pub async fn list_packages(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    params: Params<ListPackages>,
) -> Result<Json<Page<Package>>, Problem> {
    let ListPackages { limit, cursor, child_id } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
        let mut query = packages::table
            .select(Package::as_select())
            .filter(packages::recorded_seq.ge(after.seq))
            .filter(packages::recorded_seq.gt(after.seq).or(packages::id.gt(after.id)))
            .into_boxed();
        if let Some(child) = child_id {
            query = query.filter(packages::child_id.eq(child.0));
        }
        let rows = query.order((packages::recorded_seq, packages::id)).limit(limit.and_one()).load(write.connection)?;
        let page = limit.page(rows, |row: &Package| After::key(row.recorded_seq, &row.id));
        for package in &page.items {
            record_read(write, package)?;
        }
        if page.items.is_empty() {
            write.record(Event::new("list", "packages", ""))?;
        }
        Ok(Json(page))
    })
    .await
}

/// Read a package with its lines
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The package's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The package and its lines as known now", body = PackageWithLines)))]
#[get("/packages/{id}")]
pub async fn get_package(app: Data<App>, caller: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<PackageWithLines>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| {
        let package = find(write.connection, &id.0)?;
        let lines = known_lines(write.connection, &package.id, KnownOn::Now)?;
        let lines = funded_lines(write.connection, &profile.costing, &package.id, lines, write.at.date())?;
        record_read(write, &package)?;
        Ok(Json(PackageWithLines { package, lines }))
    })
    .await
}

/// Record a package
#[utoipa::path(tag = "packages", request_body = NewPackage, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The package", body = Package)))]
#[post("/packages")]
pub async fn create_package(app: Data<App>, caller: Caller<PackagesWrite>, key: IdempotencyKey, body: Body<NewPackage>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, body.value)).await
}

/// A package is part of its child's record: reading it is on the trail of both.
pub fn record_read(write: &mut Write<'_>, package: &Package) -> Result<(), Problem> {
    write.record(Event::new("read", "packages", &package.id))?;
    write.record(Event::new("read", "children", &package.child_id).with(json!({ "package_id": package.id })))?;
    Ok(())
}

/// The package with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Package, Problem> {
    let package = packages::table.find(id).select(Package::as_select()).first(connection).optional()?;
    package.ok_or_else(|| Problem::not_found("package"))
}

/// The packages with those ids, at most a page of them.
pub fn find_all(connection: &mut AnyConnection, ids: &[String]) -> Result<Vec<Package>, Problem> {
    Ok(packages::table.filter(packages::id.eq_any(ids)).select(Package::as_select()).order(packages::id).load(connection)?)
}

fn record(write: &mut Write<'_>, new: NewPackage) -> Result<Package, Problem> {
    let child_exists: bool = diesel::select(diesel::dsl::exists(children::table.find(&new.child_id.0))).get_result(write.connection)?;
    if !child_exists {
        return Err(Problem::invalid(vec![FieldError::new("/child_id", "unknown_reference", "no child has this id")]));
    }
    let package = Package {
        id: new_id(),
        reference: new.reference.0,
        child_id: new.child_id.0,
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(packages::table).values(&package).execute(write.connection)?;
    write.record(Event::new("record", "packages", &package.id))?;
    Ok(package)
}
