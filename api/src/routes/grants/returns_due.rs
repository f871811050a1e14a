//! Returns of activity that groups owe for their grants: those still to come, soonest first.

use super::terms::{GrantReturnDue, ReturnRow, returns_of};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::GrantsRead;
use crate::extract::Params;
use crate::page::{Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use crate::text::Id;
use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use db::schema::{grant_returns_due, grants, open_grant_returns, providers};
use db::{AnyConnection, Write};
use diesel::prelude::*;
use domain::grant::{ReturnState, is_covered, return_state};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
    let ListGrantReturnsDue { limit, cursor, provider_id, on, overdue } = params.0;
    let (due_after, after_id) = place(&cursor.after())?;
    let on = on.unwrap_or_else(|| app.store.clock().today());
    app.read(move |connection| {
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
        let row =
            |(id, provider_id, provider_code, grant_id, grant_reference, number, period_from, period_to, due_on): Row| OpenGrantReturn {
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
        Ok(Json(limit.page(rows.into_iter().map(row).collect(), |row: &OpenGrantReturn| format!("{} {}", row.due_on, row.id))))
    })
    .await
}

/// A cursor's place among days due; before all of them when there is none.
fn place(key: &str) -> Result<(NaiveDate, String), Problem> {
    if key.is_empty() {
        return Ok((NaiveDate::default(), String::new()));
    }
    let parts = key.split_once(' ').and_then(|(day, id)| Some((day.parse().ok()?, id.to_owned())));
    let foreign = || FieldError::new("?cursor", "invalid", "not a cursor that a page of this list gave");
    parts.ok_or_else(|| Problem::with_errors(Code::InvalidParameter, vec![foreign()]))
}

/// A return due: id, number, period, day.
type DueRow = (String, i64, NaiveDate, NaiveDate, NaiveDate);

fn rows_of(connection: &mut AnyConnection, grant_id: &str) -> Result<Vec<DueRow>, Problem> {
    use grant_returns_due as due;
    Ok(due::table
        .filter(due::grant_id.eq(grant_id))
        .order(due::number)
        .select((due::id, due::number, due::period_from, due::period_to, due::due_on))
        .load(connection)?)
}

/// The returns a grant asks for, as they stand on a day. `returns` are in the order recorded.
pub(super) fn of_grant(
    connection: &mut AnyConnection,
    grant_id: &str,
    returns: &[ReturnRow],
    today: NaiveDate,
) -> Result<Vec<GrantReturnDue>, Problem> {
    let days: Vec<_> = returns.iter().map(|row| row.days).collect();
    let due = |(_, number, period_from, period_to, due_on): DueRow| {
        let is_received = is_covered(period_from, period_to, &days);
        let touching = returns.iter().rev().find(|row| !row.days.is_reversal && row.days.from < period_to && row.days.to > period_from);
        let received_on = touching.filter(|_| is_received).map(|row| row.recorded_on);
        GrantReturnDue { number, period_from, period_to, due_on, state: return_state(is_received, due_on, today), received_on }
    };
    Ok(rows_of(connection, grant_id)?.into_iter().map(due).collect())
}

/// Brings the worklist in line after a return of the grant was recorded or taken back.
pub fn settle(write: &mut Write<'_>, grant_id: &str, provider_id: &str) -> Result<(), Problem> {
    let rows = rows_of(write.connection, grant_id)?;
    if rows.is_empty() {
        return Ok(());
    }
    let days: Vec<_> = returns_of(write.connection, grant_id)?.into_iter().map(|row| row.days).collect();
    for (id, _, from, to, due_on) in rows {
        // Put back or left out anew: which of the two it was before does not matter.
        diesel::delete(open_grant_returns::table.find(&id)).execute(write.connection)?;
        if !is_covered(from, to, &days) {
            diesel::insert_into(open_grant_returns::table)
                .values((
                    open_grant_returns::return_due_id.eq(&id),
                    open_grant_returns::provider_id.eq(provider_id),
                    open_grant_returns::due_on.eq(due_on),
                ))
                .execute(write.connection)?;
        }
    }
    Ok(())
}

/// Takes a grant's returns off the worklist: a grant that was taken back asks for none.
pub(super) fn close(write: &mut Write<'_>, grant_id: &str) -> Result<(), Problem> {
    for (id, ..) in rows_of(write.connection, grant_id)? {
        diesel::delete(open_grant_returns::table.find(&id)).execute(write.connection)?;
    }
    Ok(())
}
