//! Records of providers' governance, and how it stands on a day by them.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::providers::provider::find_provider;
use crate::text::Id;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::provider_governance_records;
use diesel::prelude::*;
use domain::profile::{Governance, GovernanceItem};
use domain::providers::governance;
use domain::providers::governance::{GovernanceFinding, GovernanceState, GovernanceStatus, ItemOnDay};
use domain::{FieldError, Profile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How an item of a provider's governance was found.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = provider_governance_records)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a95", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "item": "minimum_governance",
    "status": "green", "evidence": "GOV-0031", "valid_from": "2024-06-03", "expires_on": "2025-06-03", "reason": "All returned and checked",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-03T09:00:00Z", "recorded_seq": 512
}))]
pub struct GovernanceRecord {
    /// The record's id.
    pub id: String,
    /// The provider.
    pub provider_id: String,
    /// The item of the authority's profile.
    pub item: String,
    /// In place or not.
    pub status: GovernanceStatus,
    /// Where the evidence is kept, or its number.
    pub evidence: Option<String>,
    /// The first day it holds.
    pub valid_from: NaiveDate,
    /// The first day it no longer holds; null, no end is known.
    pub expires_on: Option<NaiveDate>,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl GovernanceRecord {
    /// What it says of the item.
    pub(crate) fn finding(&self) -> GovernanceFinding {
        GovernanceFinding { status: self.status, valid_from: self.valid_from, expires_on: self.expires_on }
    }
}

/// How a provider's governance stands on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderGovernance {
    /// The provider.
    pub provider_id: String,
    /// The day.
    pub on: NaiveDate,
    /// Green when every item is. Red takes no placement. Where the authority's profile asks for nothing, nothing makes it red.
    pub rating: GovernanceStatus,
    /// Where the authority says so; null, its profile asks for nothing.
    pub clause: Option<String>,
    /// The budget lines whose support it is asked for; none, all.
    pub budget_lines: Vec<String>,
    /// The items asked for, in the profile's order.
    pub items: Vec<GovernanceItemState>,
}

/// How an item stands on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct GovernanceItemState {
    /// The item.
    pub item: String,
    /// As the profile calls it.
    pub name: String,
    /// Where the authority asks for it.
    pub clause: String,
    /// How it stands.
    pub state: GovernanceState,
    /// The record that counts on the day; null, there is none.
    pub record: Option<GovernanceRecord>,
}

/// On which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GovernanceParams {
    /// The day; without it, today.
    #[serde(default, deserialize_with = "day_parameter")]
    pub on: Option<NaiveDate>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListGovernanceRecords {
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

/// Why a provider takes no placement that a budget line pays on a day; none, it does.
pub fn red_mistake(
    connection: &mut AnyConnection,
    profile: &Profile,
    provider_id: &str,
    budget_line: &str,
    on: NaiveDate,
) -> Result<Option<FieldError>, Error> {
    let Some(asked) = profile.commissioning.governance_for(budget_line) else { return Ok(None) };
    let states = states_on(connection, asked, provider_id, on)?;
    let items = states.iter().map(|item| ItemOnDay { name: &item.name, clause: &item.clause, state: item.state });
    Ok(governance::red_mistake(&asked.clause, on, items))
}

/// How each item asked for stands on a day. What is on record of a provider is little.
pub fn states_on(
    connection: &mut AnyConnection,
    governance: &Governance,
    provider_id: &str,
    on: NaiveDate,
) -> Result<Vec<GovernanceItemState>, Error> {
    let records: Vec<GovernanceRecord> = provider_governance_records::table
        .filter(provider_governance_records::provider_id.eq(provider_id))
        .order((provider_governance_records::recorded_seq, provider_governance_records::id))
        .select(GovernanceRecord::as_select())
        .load(connection)?;
    let state = |item: &GovernanceItem| {
        let of_item: Vec<_> = records.iter().filter(|record| record.item == item.code).collect();
        let findings: Vec<_> = of_item.iter().map(|record| record.finding()).collect();
        GovernanceItemState {
            item: item.code.clone(),
            name: item.name.clone(),
            clause: item.clause.clone(),
            state: GovernanceState::on(on, &findings),
            record: of_item.into_iter().rfind(|record| record.valid_from <= on).cloned(),
        }
    };
    Ok(governance.items.iter().map(state).collect())
}

/// List records of providers' governance.
pub fn list(connection: &mut AnyConnection, wanted: ListGovernanceRecords) -> Result<Page<GovernanceRecord>, Error> {
    use provider_governance_records as records;
    let ListGovernanceRecords { limit, cursor, provider_id } = wanted;
    let after = cursor.after_record()?;
    let mut query = records::table
        .select(GovernanceRecord::as_select())
        .filter(records::recorded_seq.ge(after.seq))
        .filter(records::recorded_seq.gt(after.seq).or(records::id.gt(after.id)))
        .into_boxed();
    if let Some(provider) = provider_id {
        query = query.filter(records::provider_id.eq(provider.0));
    }
    let rows = query.order((records::recorded_seq, records::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &GovernanceRecord| After::key(row.recorded_seq, &row.id)))
}

/// How a provider's governance stands on a day.
pub fn of_provider(connection: &mut AnyConnection, profile: &Profile, id: &str, on: NaiveDate) -> Result<ProviderGovernance, Error> {
    find_provider(connection, id)?;
    let governance = profile.commissioning.governance.as_ref();
    let items = governance.map(|asked| states_on(connection, asked, id, on)).transpose()?.unwrap_or_default();
    Ok(ProviderGovernance {
        rating: GovernanceState::rating(items.iter().map(|item| item.state)),
        clause: governance.map(|asked| asked.clause.clone()),
        budget_lines: governance.map(|asked| asked.budget_lines.clone()).unwrap_or_default(),
        items,
        provider_id: id.to_owned(),
        on,
    })
}
