//! Children: a case reference and a date of birth, nothing more. Every read leaves an audit event.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{ChildrenRead, ChildrenWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use domain::Refusal;
use records::children;
use records::children::{Child, ChildLookup, ListChildren, NewChild, record};
use records::page::Page;
use records::text::Id;

impl Located for Child {
    fn location(&self) -> String {
        format!("/v1/children/{}", self.id)
    }
}

/// List children
#[utoipa::path(tag = "children", params(ListChildren), security(("bearer" = ["children:read"])),
    responses((status = 200, description = "A page of children, in the order recorded", body = Page<Child>)))]
#[get("/children")]
pub async fn list_children(
    app: Data<App>,
    caller: Caller<ChildrenRead>,
    params: Params<ListChildren>,
) -> Result<Json<Page<Child>>, Problem> {
    app.write(caller.actor(), move |write| children::list(write, params.0).map(Json)).await
}

/// Read a child
#[utoipa::path(tag = "children", params(("id" = Id, Path, description = "The child's id")), security(("bearer" = ["children:read"])),
    responses((status = 200, description = "The child", body = Child)))]
#[get("/children/{id}")]
pub async fn get_child(app: Data<App>, caller: Caller<ChildrenRead>, id: Path<Id>) -> Result<Json<Child>, Problem> {
    app.write(caller.actor(), move |write| children::read(write, &id.0).map(Json)).await
}

/// Find a child by case reference
///
/// Asked for in the body, so that no reference stands in a URL. Changes nothing but the audit trail.
#[utoipa::path(tag = "children", request_body = ChildLookup, security(("bearer" = ["children:read"])),
    responses((status = 200, description = "The child", body = Child), (status = 404, description = "No child has this reference", body = Problem, content_type = "application/problem+json")))]
#[post("/child-lookups")]
pub async fn look_up_child(app: Data<App>, caller: Caller<ChildrenRead>, body: Body<ChildLookup>) -> Result<Json<Child>, Problem> {
    let child = app.write(caller.actor(), move |write| children::look_up(write, body.value)).await?;
    child.map(Json).ok_or_else(|| Refusal::not_found("child").into())
}

/// Record a child
#[utoipa::path(tag = "children", request_body = NewChild, security(("bearer" = ["children:write"])),
    responses((status = 201, description = "The child", body = Child)))]
#[post("/children")]
pub async fn create_child(app: Data<App>, caller: Caller<ChildrenWrite>, key: IdempotencyKey, body: Body<NewChild>) -> Answer {
    app.create(caller.actor(), key, body, record).await
}
