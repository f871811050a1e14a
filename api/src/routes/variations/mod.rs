//! Variations of package lines: proposed, agreed, refused or withdrawn, and what each did to its line.
//!
//! A variation is a row that stays as it was recorded, and one step that says what became of it. Agreed, it has added versions and
//! lines and changed none. What it adds to days that are over, or takes from them, follows from those versions.

pub mod authority;
pub mod preview;
pub mod proposing;
pub mod steps;

use crate::app::{App, Located};
use crate::auth::Caller;
use crate::auth::permission::PackagesRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use records::page::Page;
use records::text::Id;
use records::variations;
use records::variations::{ListVariations, PackageVariation};

impl Located for PackageVariation {
    fn location(&self) -> String {
        format!("/v1/package-variations/{}", self.variation.id)
    }
}

/// List variations
#[utoipa::path(tag = "packages", params(ListVariations), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of variations, in the order recorded", body = Page<PackageVariation>)))]
#[get("/package-variations")]
pub async fn list_package_variations(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    params: Params<ListVariations>,
) -> Result<Json<Page<PackageVariation>>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| variations::list(write, &profile, params.0).map(Json)).await
}

/// Read a variation
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The variation's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The variation, where it stands and what it did", body = PackageVariation)))]
#[get("/package-variations/{id}")]
pub async fn get_package_variation(app: Data<App>, caller: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<PackageVariation>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| variations::read(write, &profile, &id.0).map(Json)).await
}
