//! Decisions on requests: what the panel decided, with whose authority, and what is to be done.

pub mod actions;
pub mod appeals;
pub mod authorisations;
pub mod case_management;
pub mod deciding;
pub mod without_panel;

use crate::app::{App, Located};
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use records::decisions::{Decision, DecisionInFull, DecisionMade, ListDecisions, reading};
use records::page::Page;
use records::text::Id;

impl Located for Decision {
    fn location(&self) -> String {
        format!("/v1/decisions/{}", self.id)
    }
}

impl Located for DecisionMade {
    fn location(&self) -> String {
        self.decision.location()
    }
}

/// List decisions
#[utoipa::path(tag = "decisions", params(ListDecisions), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of decisions, in the order recorded", body = Page<Decision>)))]
#[get("/decisions")]
pub async fn list_decisions(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    params: Params<ListDecisions>,
) -> Result<Json<Page<Decision>>, Problem> {
    app.write(caller.actor(), move |write| reading::list(write, params.0).map(Json)).await
}

/// Read a decision with everything that hangs on it
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The decision's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The decision in full", body = DecisionInFull)))]
#[get("/decisions/{id}")]
pub async fn get_decision(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<DecisionInFull>, Problem> {
    app.write(caller.actor(), move |write| reading::read(write, &id.0).map(Json)).await
}
