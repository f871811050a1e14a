//! Sessions of services commissioned as a whole and open to any child, as the provider returned them.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period;
use crate::reversal::already_reversed;
use crate::text::{CodeText, Id, Text};
use chrono::NaiveDate;
use db::schema::{activity_returns, providers};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::periods::{ReturnPeriod, refuse_overlap};
use domain::{Code, FieldError, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A provider's return for a period, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = activity_returns)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "service": "open_programme",
    "period_from": "2023-04-01", "period_to": "2023-07-01", "sessions": 11657, "reverses_id": null,
    "reason": "First quarter's return", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-07-10T09:00:00Z", "recorded_seq": 412
}))]
pub struct ActivityReturn {
    /// The return's id.
    pub id: String,
    /// Who held the sessions.
    pub provider_id: String,
    /// The service, as a code.
    pub service: String,
    /// The period's first day.
    pub period_from: NaiveDate,
    /// The first day after it.
    pub period_to: NaiveDate,
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

/// A return to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "service": "open_programme", "period_from": "2023-04-01", "period_to": "2023-07-01",
    "sessions": 11657, "reason": "First quarter's return"
}))]
pub struct NewActivityReturn {
    /// Who held the sessions.
    pub provider_id: Id,
    /// The service, as a code: returns of one service may not overlap.
    pub service: CodeText,
    /// The period's first day.
    pub period_from: NaiveDate,
    /// The first day after it, in the same financial year.
    pub period_to: NaiveDate,
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
pub struct ListActivityReturns {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this provider's.
    provider_id: Option<Id>,
}

/// The return with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<ActivityReturn, Error> {
    let row = activity_returns::table.find(id).select(ActivityReturn::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("commissioned activity return"))
}

/// Records a provider's return.
pub fn record(write: &mut Write<'_>, new: NewActivityReturn) -> Result<ActivityReturn, Error> {
    let mut errors = period::return_mistakes(new.period_from, new.period_to);
    let provider_exists: bool =
        diesel::select(diesel::dsl::exists(providers::table.find(&new.provider_id.0))).get_result(write.connection)?;
    if !provider_exists {
        errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    }
    Refusal::unless_valid(errors)?;
    refuse_overlap(new.period_from, new.period_to, &covering(write.connection, &new)?)?;
    let row = ActivityReturn {
        id: new_id(),
        provider_id: new.provider_id.0,
        service: new.service.0,
        period_from: new.period_from,
        period_to: new.period_to,
        sessions: new.sessions,
        reverses_id: None,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &row)?;
    write.record(Event::new("record", "activity_returns", &row.id))?;
    Ok(row)
}

/// The returns, and rows that take returns back, which share a day with the new one.
fn covering(connection: &mut AnyConnection, new: &NewActivityReturn) -> Result<Vec<ReturnPeriod>, Error> {
    use activity_returns as returns;
    let rows = returns::table
        .filter(returns::provider_id.eq(&new.provider_id.0))
        .filter(returns::service.eq(&new.service.0))
        .filter(returns::period_from.lt(new.period_to))
        .filter(returns::period_to.gt(new.period_from))
        .select((returns::id, returns::reverses_id, returns::period_from, returns::period_to))
        .load(connection)?;
    Ok(rows.into_iter().map(|(id, reverses_id, from, to)| ReturnPeriod { id, reverses_id, from, to }).collect())
}

/// Takes a return back.
pub fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<ActivityReturn, Error> {
    let row = find(write.connection, id)?;
    if row.reverses_id.is_some() {
        return Err(Error::refused(Code::StateConflict, "This is a reversal itself; record the return again instead."));
    }
    let reversing = ActivityReturn {
        id: new_id(),
        sessions: -row.sessions,
        reverses_id: Some(row.id),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..row
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "activity_returns_reverses_id_key"))?;
    write.record(Event::new("reverse", "activity_returns", id))?;
    Ok(reversing)
}

fn insert(write: &mut Write<'_>, row: &ActivityReturn) -> Result<(), db::Error> {
    diesel::insert_into(activity_returns::table).values(row).execute(write.connection)?;
    Ok(())
}

/// List commissioned activity returns.
pub fn list(connection: &mut AnyConnection, wanted: ListActivityReturns) -> Result<Page<ActivityReturn>, Error> {
    use activity_returns as returns;
    let ListActivityReturns { limit, cursor, provider_id } = wanted;
    let after = cursor.after_record()?;
    let mut query = returns::table
        .select(ActivityReturn::as_select())
        .filter(returns::recorded_seq.ge(after.seq))
        .filter(returns::recorded_seq.gt(after.seq).or(returns::id.gt(after.id)))
        .into_boxed();
    if let Some(provider) = provider_id {
        query = query.filter(returns::provider_id.eq(provider.0));
    }
    let rows = query.order((returns::recorded_seq, returns::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &ActivityReturn| After::key(row.recorded_seq, &row.id)))
}
