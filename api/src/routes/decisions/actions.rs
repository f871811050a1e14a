//! What is to be done after a decision, by whom, by when.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{RequestsRead, RequestsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use records::decisions::actions;
use records::decisions::actions::{Completion, DecisionAction, ListActions, complete};
use records::page::Page;
use records::text::Id;

impl Located for DecisionAction {
    fn location(&self) -> String {
        format!("/v1/decisions/{}", self.decision_id)
    }
}

/// List open actions, those due first coming first
#[utoipa::path(tag = "decisions", params(ListActions), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "A page of actions that are not done", body = Page<DecisionAction>)))]
#[get("/decision-actions")]
pub async fn list_decision_actions(
    app: Data<App>,
    caller: Caller<RequestsRead>,
    params: Params<ListActions>,
) -> Result<Json<Page<DecisionAction>>, Problem> {
    app.write(caller.actor(), move |write| actions::list(write, params.0).map(Json)).await
}

/// Record that an action is done
#[utoipa::path(tag = "decisions", params(("id" = Id, Path, description = "The action's id")), request_body = Completion,
    security(("bearer" = ["requests:write"])), responses((status = 201, description = "The action", body = DecisionAction)))]
#[post("/decision-actions/{id}/completion")]
pub async fn complete_decision_action(
    app: Data<App>,
    caller: Caller<RequestsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<Completion>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| complete(write, &id.0, body.completed_on)).await
}
