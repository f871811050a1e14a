//! Who may authorise a request, and the whole reasoning: the total tested, the tier, the clause, and every person in a post with
//! why they may or may not.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::RequestsRead;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use records::authority::{AuthorityExplanation, reading};
use records::text::Id;

/// Explain who may authorise a request
///
/// Adds up the child's total care package (lines in force, lines agreed and not yet commissioned, other requests that are not decided,
/// and this one), gross, for a full year, and says which post is responsible, by which clause, who may authorise today, and who may
/// not and why.
#[utoipa::path(tag = "requests", params(("id" = Id, Path, description = "The request's id")), security(("bearer" = ["requests:read"])),
    responses((status = 200, description = "The reasoning", body = AuthorityExplanation)))]
#[get("/requests/{id}/authority")]
pub async fn explain_authority(app: Data<App>, caller: Caller<RequestsRead>, id: Path<Id>) -> Result<Json<AuthorityExplanation>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| reading::read(write, &profile, &id.0).map(Json)).await
}
