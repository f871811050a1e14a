//! People: whom a record may name as coster, presenter, owner of an action or member of the panel, and in which posts they are today.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::PostsRead;
use crate::extract::Params;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use records::page::Page;
use records::people::directory;
use records::people::directory::{ListPeople, Person};

/// List people
///
/// Everybody whose account is not disabled: whom a record may name.
#[utoipa::path(tag = "posts", params(ListPeople), security(("bearer" = ["posts:read"])),
    responses((status = 200, description = "A page of people, in the order added", body = Page<Person>)))]
#[get("/people")]
pub async fn list_people(app: Data<App>, _: Caller<PostsRead>, params: Params<ListPeople>) -> Result<Json<Page<Person>>, Problem> {
    let today = app.store.clock().today();
    app.read(move |connection| directory::list(connection, today, params.0).map(Json)).await
}
