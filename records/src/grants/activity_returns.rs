//! What a grant achieved: the children and families reached and the sessions held, as the group returned them.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::reversal::Period;
use crate::text::Id;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::grant_activity_returns;
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

/// The return with that id.
///
/// # Errors
/// When there is none.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<GrantActivityReturn, Error> {
    let row = grant_activity_returns::table.find(id).select(GrantActivityReturn::as_select()).first(connection).optional()?;
    row.ok_or_else(|| Error::not_found("grant activity return"))
}

/// The returns, and rows that take returns back, which share a day with those days.
pub(crate) fn covering(connection: &mut AnyConnection, grant_id: &str, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<Period>, Error> {
    use grant_activity_returns as returns;
    let rows = returns::table
        .filter(returns::grant_id.eq(grant_id))
        .filter(returns::period_from.lt(to))
        .filter(returns::period_to.gt(from))
        .select((returns::id, returns::reverses_id, returns::period_from, returns::period_to))
        .load(connection)?;
    Ok(rows.into_iter().map(|(id, reverses_id, from, to)| Period { id, reverses_id, from, to }).collect())
}

/// A page of returns and reversals, in the order recorded.
///
/// # Errors
/// When the cursor is not one of this list.
pub fn list(connection: &mut AnyConnection, wanted: ListGrantActivityReturns) -> Result<Page<GrantActivityReturn>, Error> {
    use grant_activity_returns as returns;
    let ListGrantActivityReturns { limit, cursor, grant_id } = wanted;
    let after = cursor.after_record()?;
    let mut query = returns::table
        .select(GrantActivityReturn::as_select())
        .filter(returns::recorded_seq.ge(after.seq))
        .filter(returns::recorded_seq.gt(after.seq).or(returns::id.gt(after.id)))
        .into_boxed();
    if let Some(grant) = grant_id {
        query = query.filter(returns::grant_id.eq(grant.0));
    }
    let rows = query.order((returns::recorded_seq, returns::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &GrantActivityReturn| After::key(row.recorded_seq, &row.id)))
}
