//! What a grant achieved: the children and families reached and the sessions held, as the group returned them.

use super::grants;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{GrantsRead, GrantsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, Period, already_reversed, refuse_overlap};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::grant_activity_returns;
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A group's return for a period, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = grant_activity_returns)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "grant_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "period_from": "2023-04-01",
    "period_to": "2023-07-01", "children_and_families_reached": 420, "sessions": 36, "reverses_id": null,
    "reason": "First quarter's return", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-07-10T09:00:00Z", "recorded_seq": 412
}))]
pub struct GrantActivityReturn {
    /// The return's id.
    pub id: String,
    /// The grant it is for.
    pub grant_id: String,
    /// The period's first day.
    pub period_from: NaiveDate,
    /// The first day after it.
    pub period_to: NaiveDate,
    /// Children and families reached; negative where it takes a return back.
    pub children_and_families_reached: i64,
    /// Sessions held; negative where it takes a return back.
    pub sessions: i64,
    /// The return that this row takes back.
    pub reverses_id: Option<String>,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for GrantActivityReturn {
    fn location(&self) -> String {
        format!("/v1/grant-activity-returns/{}", self.id)
    }
}

/// A return to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "grant_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "period_from": "2023-04-01", "period_to": "2023-07-01",
    "children_and_families_reached": 420, "sessions": 36, "reason": "First quarter's return"
}))]
pub struct NewGrantActivityReturn {
    /// The grant it is for.
    pub grant_id: Id,
    /// The period's first day, in the grant's period.
    pub period_from: NaiveDate,
    /// The first day after it, in the same financial year.
    pub period_to: NaiveDate,
    /// Children and families reached.
    #[schema(minimum = 0, maximum = 10000000)]
    pub children_and_families_reached: i64,
    /// Sessions held.
    #[schema(minimum = 0, maximum = 10000000)]
    pub sessions: i64,
    /// In words.
    pub reason: Text<500>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListGrantActivityReturns {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this grant's.
    grant_id: Option<Id>,
}

/// List grant activity returns
#[utoipa::path(tag = "grants and activity", params(ListGrantActivityReturns), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "A page of returns and reversals, in the order recorded", body = Page<GrantActivityReturn>)))]
#[get("/grant-activity-returns")]
pub async fn list_grant_activity_returns(
    app: Data<App>,
    _: Caller<GrantsRead>,
    params: Params<ListGrantActivityReturns>,
) -> Result<Json<Page<GrantActivityReturn>>, Problem> {
    use grant_activity_returns as returns;
    let ListGrantActivityReturns { limit, cursor, grant_id } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let mut query = returns::table
            .select(GrantActivityReturn::as_select())
            .filter(returns::recorded_seq.ge(after.seq))
            .filter(returns::recorded_seq.gt(after.seq).or(returns::id.gt(after.id)))
            .into_boxed();
        if let Some(grant) = grant_id {
            query = query.filter(returns::grant_id.eq(grant.0));
        }
        let rows = query.order((returns::recorded_seq, returns::id)).limit(limit.and_one()).load(connection)?;
        Ok(Json(limit.page(rows, |row: &GrantActivityReturn| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read a grant activity return
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The return's id")), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "The return", body = GrantActivityReturn)))]
#[get("/grant-activity-returns/{id}")]
pub async fn get_grant_activity_return(app: Data<App>, _: Caller<GrantsRead>, id: Path<Id>) -> Result<Json<GrantActivityReturn>, Problem> {
    app.read(move |connection| find(connection, &id.0).map(Json)).await
}

/// Record a grant activity return
#[utoipa::path(tag = "grants and activity", request_body = NewGrantActivityReturn, security(("bearer" = ["grants:write"])),
    responses((status = 201, description = "The return", body = GrantActivityReturn)))]
#[post("/grant-activity-returns")]
pub async fn create_grant_activity_return(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    key: IdempotencyKey,
    body: Body<NewGrantActivityReturn>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, body.value)).await
}

/// Reverse a grant activity return
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The return's id")), request_body = NewReversal,
    security(("bearer" = ["grants:write"])), responses((status = 201, description = "The row that takes it back", body = GrantActivityReturn)))]
#[post("/grant-activity-returns/{id}/reversal")]
pub async fn reverse_grant_activity_return(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| reverse(write, &id.0, body.value.reason.0)).await
}

fn find(connection: &mut AnyConnection, id: &str) -> Result<GrantActivityReturn, Problem> {
    let row = grant_activity_returns::table.find(id).select(GrantActivityReturn::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Problem::not_found("grant activity return"))
}

fn record(write: &mut Write<'_>, new: NewGrantActivityReturn) -> Result<GrantActivityReturn, Problem> {
    let mut errors = period::return_mistakes(new.period_from, new.period_to);
    let grant = grants::find(write.connection, &new.grant_id.0)?.filter(|grant| grant.reverses_id.is_none());
    match &grant {
        None => errors.push(FieldError::new("/grant_id", "unknown_reference", "no grant has this id")),
        Some(grant) if new.period_from < grant.period_from || new.period_to > grant.period_to => {
            let detail = format!("the grant is for {} up to but not including {}", grant.period_from, grant.period_to);
            errors.push(FieldError::new("/period_from", "outside_grant", detail));
        }
        Some(_) => {}
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    if grants::is_reversed(write.connection, &new.grant_id.0)? {
        return Err(Problem::new(Code::StateConflict, "The grant was reversed."));
    }
    refuse_overlap(&covering(write.connection, &new)?)?;
    let row = GrantActivityReturn {
        id: new_id(),
        grant_id: new.grant_id.0,
        period_from: new.period_from,
        period_to: new.period_to,
        children_and_families_reached: new.children_and_families_reached,
        sessions: new.sessions,
        reverses_id: None,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &row)?;
    if let Some(grant) = grant {
        grants::settle(write, &grant.id, &grant.provider_id)?;
    }
    write.record(Event::new("record", "grant_activity_returns", &row.id))?;
    Ok(row)
}

/// The returns, and rows that take returns back, which share a day with the new one.
fn covering(connection: &mut AnyConnection, new: &NewGrantActivityReturn) -> Result<Vec<Period>, Problem> {
    use grant_activity_returns as returns;
    let rows = returns::table
        .filter(returns::grant_id.eq(&new.grant_id.0))
        .filter(returns::period_from.lt(new.period_to))
        .filter(returns::period_to.gt(new.period_from))
        .select((returns::id, returns::reverses_id, returns::period_from, returns::period_to))
        .load(connection)?;
    Ok(rows.into_iter().map(|(id, reverses_id, from, to)| Period { id, reverses_id, from, to }).collect())
}

fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<GrantActivityReturn, Problem> {
    let row = find(write.connection, id)?;
    if row.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the return again instead."));
    }
    let reversing = GrantActivityReturn {
        id: new_id(),
        children_and_families_reached: -row.children_and_families_reached,
        sessions: -row.sessions,
        reverses_id: Some(row.id),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..row
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "grant_activity_returns_reverses_id_key"))?;
    if let Some(grant) = grants::find(write.connection, &reversing.grant_id)? {
        grants::settle(write, &grant.id, &grant.provider_id)?;
    }
    write.record(Event::new("reverse", "grant_activity_returns", id))?;
    Ok(reversing)
}

fn insert(write: &mut Write<'_>, row: &GrantActivityReturn) -> Result<(), db::Error> {
    diesel::insert_into(grant_activity_returns::table).values(row).execute(write.connection)?;
    Ok(())
}
