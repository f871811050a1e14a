//! Packages: the support commissioned for one child, as a set of lines.

pub mod lines;

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::packages;
use records::packages::{ListPackages, NewPackage, Package, PackageWithLines, record};
use records::page::Page;
use records::text::Id;

impl Located for Package {
    fn location(&self) -> String {
        format!("/v1/packages/{}", self.id)
    }
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
    app.write(caller.actor(), move |write| packages::list(write, params.0).map(Json)).await
}

/// Read a package with its lines
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The package's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The package and its lines as known now", body = PackageWithLines)))]
#[get("/packages/{id}")]
pub async fn get_package(app: Data<App>, caller: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<PackageWithLines>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| packages::read(write, &profile, &id.0).map(Json)).await
}

/// Record a package
#[utoipa::path(tag = "packages", request_body = NewPackage, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The package", body = Package)))]
#[post("/packages")]
pub async fn create_package(app: Data<App>, caller: Caller<PackagesWrite>, key: IdempotencyKey, body: Body<NewPackage>) -> Answer {
    app.create(caller.actor(), key, body, record).await
}
