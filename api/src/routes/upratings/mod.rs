//! Upratings: the rates of a provider or a service raised at once, looked at first and recorded as it was looked at.
//!
//! Every line gets a variation of its own. Rates rise yearly without a new decision: the tier is told, and not tested again.

mod matching;
mod raising;

pub use matching::{UpratedLine, UpratingPreview};

use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{FieldError, Problem};
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{providers, upratings};
use db::{AnyConnection, Event};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::{FinancialYear, Pence, UnitRate};
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
    /// Of the preview that it repeats.
    pub preview_sha256: String,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for Uprating {
    fn location(&self) -> String {
        format!("/v1/upratings/{}", self.id)
    }
}

/// A rise of rates to look at, or to record.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "from": "2024-04-01", "percentage_ten_thousandths": 42500,
    "reason": "Contract, clause 12", "preview_sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
}))]
pub struct NewUprating {
    /// Lines of this provider; without it, of any. A provider or a service is needed.
    pub provider_id: Option<Id>,
    /// Lines of this service; without it, of any.
    pub service: Option<CodeText>,
    /// The day from which the new rates apply, past or to come. A line that starts later has its rate from its start.
    pub from: NaiveDate,
    /// By how much, in ten-thousandths of one per cent: 4.25 % is 42500. Below nought the rates fall.
    #[schema(minimum = -1000000, maximum = 1000000)]
    pub percentage_ten_thousandths: Option<i64>,
    /// Or the new price of a unit, in ten-thousandths of a pound.
    pub unit_rate_ten_thousandths: Option<UnitRate>,
    /// In words.
    pub reason: Text<500>,
    /// As the preview gave it: recording needs it, and is refused where anything has changed since. A preview needs none.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub preview_sha256: Option<String>,
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

/// Preview an uprating
///
/// Every line of the provider or service that is in force on the day or after, with its old and new rate and cost and the tier of its
/// child's total before and after. Records nothing but that it was read.
#[utoipa::path(tag = "packages", request_body = NewUprating, security(("bearer" = ["packages:write"])),
    responses((status = 200, description = "What it would do", body = UpratingPreview)))]
#[post("/uprating-previews")]
pub async fn preview_uprating(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    body: Body<NewUprating>,
) -> Result<Json<UpratingPreview>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| {
        refuse_mistakes(write.connection, &body.value)?;
        let preview = matching::preview(write.connection, &profile, &body.value, write.at.date())?;
        matching::record_reads(write, &preview)?;
        if preview.lines.is_empty() && preview.skipped.is_empty() {
            write.record(Event::new("preview", "upratings", ""))?;
        }
        Ok(Json(preview))
    })
    .await
}

/// Record an uprating
///
/// All lines of the preview or none. A line that was raised from the same day before is left as it is.
#[utoipa::path(tag = "packages", request_body = NewUprating, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The uprating", body = Uprating)))]
#[post("/upratings")]
pub async fn create_uprating(app: Data<App>, caller: Caller<PackagesWrite>, key: IdempotencyKey, body: Body<NewUprating>) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        refuse_mistakes(write.connection, &body.value)?;
        raising::raise(write, &profile, body.value)
    })
    .await
}

fn refuse_mistakes(connection: &mut AnyConnection, new: &NewUprating) -> Result<(), Problem> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, code: &str, detail: String| errors.push(FieldError::new(&format!("/{field}"), code, detail));
    if new.provider_id.is_none() && new.service.is_none() {
        refuse("provider_id", "missing", "say of which provider, of which service, or both".to_owned());
    }
    match (new.percentage_ten_thousandths, new.unit_rate_ten_thousandths) {
        (None, None) => refuse("percentage_ten_thousandths", "missing", "say by how much, or the new rate".to_owned()),
        (Some(_), Some(_)) => refuse("unit_rate_ten_thousandths", "one_of_two", "a percentage or a new rate, not both".to_owned()),
        (Some(0), None) => refuse("percentage_ten_thousandths", "nothing_changes", "rates stay as they are".to_owned()),
        _ => {}
    }
    if let Err(error) = FinancialYear::of(new.from) {
        refuse("from", "out_of_range", error.to_string());
    }
    if let Some(provider) = &new.provider_id
        && !diesel::select(exists(providers::table.find(&provider.0))).get_result::<bool>(connection)?
    {
        refuse("provider_id", "unknown_reference", "no provider has this id".to_owned());
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}
