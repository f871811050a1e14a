//! What of providers' governance expires. The list holds the ends of the records that count, so that reading it costs what is on it.

use crate::error::Error;
use crate::page::{Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::providers::governance::standing::GovernanceRecord;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{governance_expiries, provider_governance_records};
use diesel::prelude::*;
use domain::{Code, FieldError, Profile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Something that expires.
#[derive(Debug, Serialize, ToSchema)]
pub struct GovernanceExpiry {
    /// The record.
    #[serde(flatten)]
    pub record: GovernanceRecord,
    /// Whether it has expired by today.
    pub is_expired: bool,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListExpiries {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only what expires before this day; without it, everything with an end.
    #[serde(default, deserialize_with = "day_parameter")]
    before: Option<NaiveDate>,
}

/// A cursor's place among days of expiry; before all of them when there is none.
fn place(key: &str) -> Result<(NaiveDate, String), Error> {
    if key.is_empty() {
        return Ok((NaiveDate::default(), String::new()));
    }
    let parts = key.split_once(' ').and_then(|(day, id)| Some((day.parse().ok()?, id.to_owned())));
    let foreign = || FieldError::new("?cursor", "invalid", "not a cursor that a page of this list gave");
    parts.ok_or_else(|| Error::with_errors(Code::InvalidParameter, vec![foreign()]))
}

/// Lists what expires, the soonest first.
pub fn list(
    connection: &mut AnyConnection,
    profile: &Profile,
    today: NaiveDate,
    wanted: ListExpiries,
) -> Result<Page<GovernanceExpiry>, Error> {
    let ListExpiries { limit, cursor, before } = wanted;
    let (day, id) = place(&cursor.after())?;
    let asked: Vec<&String> = profile.commissioning.governance.iter().flat_map(|asked| &asked.items).map(|item| &item.code).collect();
    let mut query = governance_expiries::table
        .inner_join(provider_governance_records::table)
        .select(GovernanceRecord::as_select())
        .filter(governance_expiries::item.eq_any(asked))
        .filter(governance_expiries::expires_on.ge(day))
        .filter(governance_expiries::expires_on.gt(day).or(governance_expiries::record_id.gt(id)))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(governance_expiries::expires_on.lt(before));
    }
    let in_order = (governance_expiries::expires_on, governance_expiries::record_id);
    let rows: Vec<GovernanceRecord> = query.order(in_order).limit(limit.and_one()).load(connection)?;
    let rows = rows.into_iter().map(|record| GovernanceExpiry { is_expired: record.finding().is_over(today), record }).collect();
    let key = |row: &GovernanceExpiry| format!("{} {}", row.record.expires_on.unwrap_or(today), row.record.id);
    Ok(limit.page(rows, key))
}
