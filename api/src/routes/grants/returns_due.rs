//! Returns of activity that groups owe for their grants: those still to come, soonest first.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::GrantsRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use records::grants::returns_due;
use records::grants::returns_due::{ListGrantReturnsDue, OpenGrantReturn};
use records::page::Page;

/// List returns of grants still to come, those due first coming first
///
/// What is outstanding as known now, whatever the day asked for.
#[utoipa::path(tag = "grants and activity", params(ListGrantReturnsDue), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "A page of returns that are due or overdue", body = Page<OpenGrantReturn>)))]
#[get("/grant-returns-due")]
pub async fn list_grant_returns_due(
    app: Data<App>,
    _: Caller<GrantsRead>,
    params: Params<ListGrantReturnsDue>,
) -> Result<Json<Page<OpenGrantReturn>>, Problem> {
    let today = app.store.clock().today();
    app.read(move |connection| returns_due::list(connection, today, params.0).map(Json)).await
}
