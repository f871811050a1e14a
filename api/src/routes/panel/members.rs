//! Members of the panel: a role of the profile and a job title, with the account of whoever has one. No names.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{PanelsRead, PanelsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::page::Page;
use records::panel::members;
use records::panel::members::{ListPanelMembers, NewPanelMember, PanelMember, PanelMemberWithSignatures, record};
use records::text::Id;

impl Located for PanelMember {
    fn location(&self) -> String {
        format!("/v1/panel-members/{}", self.id)
    }
}

/// List panel members
#[utoipa::path(tag = "panels", params(ListPanelMembers), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "A page of members with their signatures, in the order recorded",
        body = Page<PanelMemberWithSignatures>)))]
#[get("/panel-members")]
pub async fn list_panel_members(
    app: Data<App>,
    _: Caller<PanelsRead>,
    params: Params<ListPanelMembers>,
) -> Result<Json<Page<PanelMemberWithSignatures>>, Problem> {
    let (profile, today) = (app.profile.clone(), app.store.clock().today());
    app.read(move |connection| members::list(connection, &profile, today, params.0).map(Json)).await
}

/// Read a panel member
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The member's id")), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "The member with every signature", body = PanelMemberWithSignatures)))]
#[get("/panel-members/{id}")]
pub async fn get_panel_member(app: Data<App>, _: Caller<PanelsRead>, id: Path<Id>) -> Result<Json<PanelMemberWithSignatures>, Problem> {
    let (profile, today) = (app.profile.clone(), app.store.clock().today());
    app.read(move |connection| members::read(connection, &profile, &id.0, today).map(Json)).await
}

/// Record a panel member
#[utoipa::path(tag = "panels", request_body = NewPanelMember, security(("bearer" = ["panels:write"])),
    responses((status = 201, description = "The member", body = PanelMember)))]
#[post("/panel-members")]
pub async fn create_panel_member(app: Data<App>, caller: Caller<PanelsWrite>, key: IdempotencyKey, body: Body<NewPanelMember>) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| record(write, &profile, body)).await
}
