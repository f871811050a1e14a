//! Returns of activity that groups owe for their grants: those still to come, soonest first.

use crate::error::Error;
use crate::page::Page;
use crate::page::{Cursor, Limit};
use crate::period::day_parameter;
use crate::text::Id;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{grant_activity_returns, grant_returns_due, grants, open_grant_returns, providers};
use diesel::prelude::*;
use domain::grants::terms::{RecordedReturn, return_due_state};
use domain::grants::{ReturnState, Returned, return_state};
use domain::{Code, FieldError, TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A return that a group owes for a grant, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantReturnDue {
    /// Its place, from 1.
    pub number: i64,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// By when.
    pub due_on: NaiveDate,
    /// How it stands today: received, when returns cover every day of the period.
    pub state: ReturnState,
    /// When the last return that covers it was recorded.
    pub received_on: Option<NaiveDate>,
}

/// A return that is still to come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "provider_code": "saturday_stars", "grant_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11",
    "grant_reference": "G-2023-04", "number": 2, "period_from": "2023-07-01", "period_to": "2023-10-01", "due_on": "2023-10-31",
    "state": "overdue", "days_overdue": 14
}))]
pub struct OpenGrantReturn {
    /// The group that owes it.
    pub provider_id: String,
    /// Its short name.
    pub provider_code: String,
    /// The grant it is for.
    pub grant_id: String,
    /// The authority's own number for the grant.
    pub grant_reference: String,
    /// Its place among the grant's returns, from 1.
    pub number: i64,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// By when.
    pub due_on: NaiveDate,
    /// Due, or overdue on the day asked for.
    pub state: ReturnState,
    /// Days since it was due; 0 while it is not overdue.
    pub days_overdue: i64,
    #[serde(skip)]
    #[schema(ignore)]
    id: String,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListGrantReturnsDue {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this group's.
    provider_id: Option<Id>,
    /// The day on which to judge whether a return is overdue; today if not given.
    #[serde(default, deserialize_with = "day_parameter")]
    #[param(value_type = Option<String>, format = Date)]
    on: Option<NaiveDate>,
    /// Only those that are overdue on that day, or with `false` only the others.
    overdue: Option<bool>,
}

/// A cursor's place among days due; before all of them when there is none.
fn place(key: &str) -> Result<(NaiveDate, String), Error> {
    if key.is_empty() {
        return Ok((NaiveDate::default(), String::new()));
    }
    let parts = key.split_once(' ').and_then(|(day, id)| Some((day.parse().ok()?, id.to_owned())));
    let foreign = || FieldError::new("?cursor", "invalid", "not a cursor that a page of this list gave");
    parts.ok_or_else(|| Error::with_errors(Code::InvalidParameter, vec![foreign()]))
}

/// A return due: id, number, period, day.
pub(crate) type DueRow = (String, i64, NaiveDate, NaiveDate, NaiveDate);

/// The returns that a grant asks for, in their order.
pub(crate) fn rows_of(connection: &mut AnyConnection, grant_id: &str) -> Result<Vec<DueRow>, Error> {
    use grant_returns_due as due;
    Ok(due::table
        .filter(due::grant_id.eq(grant_id))
        .order(due::number)
        .select((due::id, due::number, due::period_from, due::period_to, due::due_on))
        .load(connection)?)
}

/// A return of the grant, or the row that takes one back.
pub(crate) struct ReturnRow {
    /// Its days, and when it was recorded.
    pub(crate) recorded: RecordedReturn,
    /// Sessions held.
    pub(crate) sessions: i64,
    /// Children and families reached.
    pub(crate) reached: i64,
}

/// A grant's returns and what took them back, in the order recorded.
pub(crate) fn returns_of(connection: &mut AnyConnection, grant_id: &str, zone: TimeZone) -> Result<Vec<ReturnRow>, Error> {
    use grant_activity_returns as returns;
    type Row = (NaiveDate, NaiveDate, Option<String>, chrono::NaiveDateTime, i64, i64);
    let rows: Vec<Row> = returns::table
        .filter(returns::grant_id.eq(grant_id))
        .order((returns::recorded_seq, returns::id))
        .select((
            returns::period_from,
            returns::period_to,
            returns::reverses_id,
            returns::recorded_at,
            returns::sessions,
            returns::children_and_families_reached,
        ))
        .load(connection)?;
    let row = |(from, to, reverses, recorded_at, sessions, reached): Row| ReturnRow {
        recorded: RecordedReturn { days: Returned { from, to, is_reversal: reverses.is_some() }, recorded_on: zone.day_of(recorded_at) },
        sessions,
        reached,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// The returns a grant asks for, as they stand on a day. `returns` are in the order recorded.
pub(crate) fn of_grant(
    connection: &mut AnyConnection,
    grant_id: &str,
    returns: &[ReturnRow],
    today: NaiveDate,
) -> Result<Vec<GrantReturnDue>, Error> {
    let recorded: Vec<RecordedReturn> = returns.iter().map(|row| row.recorded).collect();
    let due = |(_, number, period_from, period_to, due_on): DueRow| {
        let (state, received_on) = return_due_state((period_from, period_to), due_on, &recorded, today);
        GrantReturnDue { number, period_from, period_to, due_on, state, received_on }
    };
    Ok(rows_of(connection, grant_id)?.into_iter().map(due).collect())
}

/// Lists the returns that are due and not received, the earliest first.
///
/// # Errors
/// When the cursor is not one of this list.
pub fn list(connection: &mut AnyConnection, today: NaiveDate, wanted: ListGrantReturnsDue) -> Result<Page<OpenGrantReturn>, Error> {
    let ListGrantReturnsDue { limit, cursor, provider_id, on, overdue } = wanted;
    let (due_after, after_id) = place(&cursor.after())?;
    let on = on.unwrap_or(today);
    use open_grant_returns as open;
    type Row = (String, String, String, String, String, i64, NaiveDate, NaiveDate, NaiveDate);
    let mut query = open::table
        .inner_join(grant_returns_due::table.inner_join(grants::table.inner_join(providers::table)))
        .filter(open::due_on.ge(due_after))
        .filter(open::due_on.gt(due_after).or(open::return_due_id.gt(after_id)))
        .select((
            open::return_due_id,
            grants::provider_id,
            providers::code,
            grants::id,
            grants::reference,
            grant_returns_due::number,
            grant_returns_due::period_from,
            grant_returns_due::period_to,
            open::due_on,
        ))
        .into_boxed();
    if let Some(provider) = provider_id {
        query = query.filter(open::provider_id.eq(provider.0));
    }
    match overdue {
        Some(true) => query = query.filter(open::due_on.lt(on)),
        Some(false) => query = query.filter(open::due_on.ge(on)),
        None => {}
    }
    let rows: Vec<Row> = query.order((open::due_on, open::return_due_id)).limit(limit.and_one()).load(connection)?;
    let row = |(id, provider_id, provider_code, grant_id, grant_reference, number, period_from, period_to, due_on): Row| OpenGrantReturn {
        provider_id,
        provider_code,
        grant_id,
        grant_reference,
        number,
        period_from,
        period_to,
        due_on,
        state: return_state(false, due_on, on),
        days_overdue: (on - due_on).num_days().max(0),
        id,
    };
    Ok(limit.page(rows.into_iter().map(row).collect(), |row: &OpenGrantReturn| format!("{} {}", row.due_on, row.id)))
}
