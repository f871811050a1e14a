//! Grants, and the rows that take one back.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::text::Id;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{grant_activity_returns, grants};
use diesel::prelude::*;
use domain::Pence;
use domain::grants::award::refuse_reversed;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A grant, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = grants)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "reference": "G-2023-04", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
    "budget_line": "voluntary_sector_grants", "title": "Saturday club", "purpose": "Weekly club for disabled children and siblings",
    "awarded_on": "2023-03-20", "period_from": "2023-04-01", "period_to": "2024-04-01", "amount_pence": 2400000, "reverses_id": null,
    "reason": "Award letter of 20 March 2023", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2023-03-21T09:00:00Z", "recorded_seq": 412
}))]
pub struct Grant {
    /// The grant's id.
    pub id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// The group that receives it.
    pub provider_id: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// As it will be published.
    pub title: String,
    /// What it is for.
    pub purpose: String,
    /// When it was awarded.
    pub awarded_on: NaiveDate,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// How much; negative where it takes a grant back.
    pub amount_pence: Pence,
    /// The grant that this row takes back.
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
pub struct ListGrants {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only grants to this group.
    provider_id: Option<Id>,
}

/// The grant with that id, if there is one.
pub(crate) fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Grant>, Error> {
    Ok(grants::table.find(id).select(Grant::as_select()).first(connection).optional()?)
}

/// Whether a row takes the grant back.
pub(crate) fn is_reversed(connection: &mut AnyConnection, id: &str) -> Result<bool, Error> {
    Ok(diesel::select(diesel::dsl::exists(grants::table.filter(grants::reverses_id.eq(id)))).get_result(connection)?)
}

/// The grant with that id, if nothing took it back.
pub(crate) fn standing_grant(connection: &mut AnyConnection, id: &str) -> Result<Grant, Error> {
    let grant = find(connection, id)?.filter(|grant| grant.reverses_id.is_none()).ok_or_else(|| Error::not_found("grant"))?;
    refuse_reversed(is_reversed(connection, id)?)?;
    Ok(grant)
}

/// Ids of the grant's returns that nothing took back.
pub(crate) fn standing_returns(connection: &mut AnyConnection, id: &str) -> Result<Vec<String>, Error> {
    use grant_activity_returns as returns;
    let rows: Vec<(String, Option<String>)> =
        returns::table.filter(returns::grant_id.eq(id)).order(returns::id).select((returns::id, returns::reverses_id)).load(connection)?;
    let reversed: Vec<_> = rows.iter().filter_map(|(_, reverses)| reverses.clone()).collect();
    Ok(rows.into_iter().filter(|(id, reverses)| reverses.is_none() && !reversed.contains(id)).map(|(id, _)| id).collect())
}

/// Whether a grant that nothing took back has the reference. Exact, because writers take turns.
pub(crate) fn has_standing_grant(connection: &mut AnyConnection, reference: &str) -> Result<bool, Error> {
    let rows: Vec<(String, Option<String>)> =
        grants::table.filter(grants::reference.eq(reference)).select((grants::id, grants::reverses_id)).load(connection)?;
    let reversed: Vec<_> = rows.iter().filter_map(|(_, reverses)| reverses.as_ref()).collect();
    Ok(rows.iter().any(|(id, reverses)| reverses.is_none() && !reversed.contains(&id)))
}

/// A page of grants and reversals, in the order recorded.
///
/// # Errors
/// When the cursor is not one of this list.
pub fn list(connection: &mut AnyConnection, wanted: ListGrants) -> Result<Page<Grant>, Error> {
    let ListGrants { limit, cursor, provider_id } = wanted;
    let after = cursor.after_record()?;
    let mut query = grants::table
        .select(Grant::as_select())
        .filter(grants::recorded_seq.ge(after.seq))
        .filter(grants::recorded_seq.gt(after.seq).or(grants::id.gt(after.id)))
        .into_boxed();
    if let Some(provider) = provider_id {
        query = query.filter(grants::provider_id.eq(provider.0));
    }
    let rows = query.order((grants::recorded_seq, grants::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &Grant| After::key(row.recorded_seq, &row.id)))
}
