//! Upratings: the rates of a provider or a service raised at once, looked at and proposed by one person and agreed by another.
//!
//! Every line gets a variation of its own. Rates rise yearly without a new decision: the tier is told, and not tested again, so anybody
//! whose post has a limit agrees them, and never whoever proposed them.

mod matching;
mod previews;
mod proposals;
mod raising;
mod terms;

pub use matching::{UpratedLine, UpratingPreview};
pub use previews::{preview_uprating, preview_uprating_proposal};
pub use proposals::{create_uprating_proposal, get_uprating_proposal, list_uprating_proposals, withdraw_uprating_proposal};

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{DecisionsWrite, PackagesRead};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::Problem;
use crate::routes::commitments::BudgetCheck;
use crate::routes::decisions::refuse_tools;
use crate::text::{CodeText, Id};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::upratings;
use diesel::prelude::*;
use domain::panel::Capacity;
use domain::{Pence, UnitRate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A rise of rates that was recorded.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = upratings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a91", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "service": null,
    "valid_from": "2024-04-01", "percentage_ten_thousandths": 42500, "unit_rate_ten_thousandths": null, "lines": 31,
    "full_year_before_pence": 12102090, "full_year_after_pence": 12616429,
    "preview_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9", "reason": "Contract, clause 12",
    "proposal_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a92", "post": "head_of_service", "capacity": "holder", "clause": "4.2",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a13", "recorded_at": "2024-03-18T09:00:00Z", "recorded_seq": 902
}))]
pub struct Uprating {
    /// The uprating's id.
    pub id: String,
    /// Lines of this provider; null, of any.
    pub provider_id: Option<String>,
    /// Lines of this service; null, of any.
    pub service: Option<String>,
    /// The day from which the new rates apply.
    pub valid_from: NaiveDate,
    /// By how much, in ten-thousandths of one per cent; null, there is a new rate.
    pub percentage_ten_thousandths: Option<i64>,
    /// The new price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: Option<UnitRate>,
    /// How many lines it raised.
    pub lines: i64,
    /// What a full year of those lines cost before.
    #[schema(value_type = i64)]
    pub full_year_before_pence: Pence,
    /// What it costs after.
    #[schema(value_type = i64)]
    pub full_year_after_pence: Pence,
    /// Of the preview that was proposed.
    pub preview_sha256: String,
    /// In words.
    pub reason: String,
    /// The proposal that was agreed; null of one recorded before upratings were proposed.
    pub proposal_id: Option<String>,
    /// The post that agreed it; null likewise.
    pub post: Option<String>,
    /// As its holder, or standing in.
    pub capacity: Option<Capacity>,
    /// Where the limit of the post is written.
    pub clause: Option<String>,
    /// Who agreed it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// An uprating as it is made: with what it does to its budgets.
#[derive(Debug, Serialize, ToSchema)]
pub struct UpratingMade {
    /// The uprating.
    #[serde(flatten)]
    pub uprating: Uprating,
    /// Each budget line that it adds to in the current financial year, and whether that is more than was available.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub budget: Vec<BudgetCheck>,
}

impl Located for UpratingMade {
    fn location(&self) -> String {
        format!("/v1/upratings/{}", self.uprating.id)
    }
}

/// The agreement of an uprating.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "proposal_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a92", "post": "head_of_service" }))]
pub struct NewUprating {
    /// The proposal, which somebody else recorded.
    pub proposal_id: Id,
    /// The caller's post, in which they agree it.
    pub post: CodeText,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUpratings {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// List upratings
#[utoipa::path(tag = "packages", params(ListUpratings), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of upratings, in the order recorded", body = Page<Uprating>)))]
#[get("/upratings")]
pub async fn list_upratings(
    app: Data<App>,
    _: Caller<PackagesRead>,
    params: Params<ListUpratings>,
) -> Result<Json<Page<Uprating>>, Problem> {
    let ListUpratings { limit, cursor } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let rows = upratings::table
            .select(Uprating::as_select())
            .filter(upratings::recorded_seq.ge(after.seq))
            .filter(upratings::recorded_seq.gt(after.seq).or(upratings::id.gt(after.id)))
            .order((upratings::recorded_seq, upratings::id))
            .limit(limit.and_one())
            .load(connection)?;
        Ok(Json(limit.page(rows, |row: &Uprating| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read an uprating
///
/// Its lines are the package variations with its id.
#[utoipa::path(tag = "packages", params(("id" = Id, Path, description = "The uprating's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The uprating", body = Uprating)))]
#[get("/upratings/{id}")]
pub async fn get_uprating(app: Data<App>, _: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<Uprating>, Problem> {
    app.read(move |connection| {
        let uprating = upratings::table.find(&id.0).select(Uprating::as_select()).first(connection).optional()?;
        uprating.map(Json).ok_or_else(|| Problem::not_found("uprating"))
    })
    .await
}

/// Agree an uprating
///
/// By a person in a post with a limit, who did not propose it. All lines of the proposal or none, and only while they are what they were
/// when it was proposed. What costs more this year than a budget line has available is told or, where the profile says so, refused.
#[utoipa::path(tag = "packages", request_body = NewUprating, security(("bearer" = ["decisions:write"])),
    responses((status = 201, description = "The uprating", body = UpratingMade)))]
#[post("/upratings")]
pub async fn create_uprating(app: Data<App>, caller: Caller<DecisionsWrite>, key: IdempotencyKey, body: Body<NewUprating>) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    let kind = caller.claims.kind;
    app.create(caller.actor(), once, move |write| {
        refuse_tools(kind)?;
        raising::agree(write, &profile, body.value)
    })
    .await
}
