//! What a provider must hold before it takes a placement, as the authority's profile asks: records of each item, how it stands, and
//! what expires.

mod expiries;

pub use expiries::list_governance_expiries;

use super::providers::Provider;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{ProvidersWrite, ReferenceRead};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::problem::{FieldError, Problem};
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{provider_governance_records, providers};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::commissioning::{GovernanceFinding, GovernanceState, GovernanceStatus};
use domain::profile::{Governance, GovernanceItem};
use domain::{FinancialYear, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
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

impl Located for GovernanceRecord {
    fn location(&self) -> String {
        format!("/v1/providers/{}/governance", self.provider_id)
    }
}

/// What was found of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "item": "minimum_governance", "status": "green", "evidence": "GOV-0031", "valid_from": "2024-06-03", "expires_on": "2025-06-03",
    "reason": "All returned and checked"
}))]
pub struct NewGovernanceRecord {
    /// An item that the authority's profile asks for.
    pub item: CodeText,
    /// In place or not.
    pub status: GovernanceStatus,
    /// Where the evidence is kept, or its number. What is in place has some.
    pub evidence: Option<Text<200>>,
    /// The first day it holds; a renewal may be recorded ahead.
    pub valid_from: NaiveDate,
    /// The first day it no longer holds. Needed where the profile says for how many months the item is valid, and within them.
    pub expires_on: Option<NaiveDate>,
    /// In words.
    pub reason: Text<500>,
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
    on: Option<NaiveDate>,
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

/// Record how an item of a provider's governance was found
///
/// Records are added, never changed: of those that have begun, the one recorded last counts.
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id")), request_body = NewGovernanceRecord,
    security(("bearer" = ["providers:write"])), responses((status = 201, description = "The record", body = GovernanceRecord)))]
#[post("/providers/{id}/governance-records")]
pub async fn create_governance_record(
    app: Data<App>,
    caller: Caller<ProvidersWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewGovernanceRecord>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, &id.0, body.value)).await
}

/// List records of providers' governance
#[utoipa::path(tag = "providers", params(ListGovernanceRecords), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of records, in the order recorded", body = Page<GovernanceRecord>)))]
#[get("/governance-records")]
pub async fn list_governance_records(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    params: Params<ListGovernanceRecords>,
) -> Result<Json<Page<GovernanceRecord>>, Problem> {
    use provider_governance_records as records;
    let ListGovernanceRecords { limit, cursor, provider_id } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let mut query = records::table
            .select(GovernanceRecord::as_select())
            .filter(records::recorded_seq.ge(after.seq))
            .filter(records::recorded_seq.gt(after.seq).or(records::id.gt(after.id)))
            .into_boxed();
        if let Some(provider) = provider_id {
            query = query.filter(records::provider_id.eq(provider.0));
        }
        let rows = query.order((records::recorded_seq, records::id)).limit(limit.and_one()).load(connection)?;
        Ok(Json(limit.page(rows, |row: &GovernanceRecord| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read how a provider's governance stands on a day
#[utoipa::path(tag = "providers", params(("id" = Id, Path, description = "The provider's id"), GovernanceParams),
    security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "Each item asked for, and the rating", body = ProviderGovernance)))]
#[get("/providers/{id}/governance")]
pub async fn get_provider_governance(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    id: Path<Id>,
    params: Params<GovernanceParams>,
) -> Result<Json<ProviderGovernance>, Problem> {
    let profile = app.profile.clone();
    let on = params.0.on.unwrap_or_else(|| app.store.clock().today());
    app.read(move |connection| {
        find_provider(connection, &id.0)?;
        let governance = profile.commissioning.governance.as_ref();
        let items = governance.map(|asked| states_on(connection, asked, &id.0, on)).transpose()?.unwrap_or_default();
        Ok(Json(ProviderGovernance {
            rating: GovernanceState::rating(items.iter().map(|item| item.state)),
            clause: governance.map(|asked| asked.clause.clone()),
            budget_lines: governance.map(|asked| asked.budget_lines.clone()).unwrap_or_default(),
            items,
            provider_id: id.into_inner().0,
            on,
        }))
    })
    .await
}

/// Why a provider takes no placement that a budget line pays on a day; none, it does.
pub fn red_mistake(
    connection: &mut AnyConnection,
    profile: &Profile,
    provider_id: &str,
    budget_line: &str,
    on: NaiveDate,
) -> Result<Option<FieldError>, Problem> {
    let Some(governance) = profile.commissioning.governance_for(budget_line) else { return Ok(None) };
    let wanting = states_on(connection, governance, provider_id, on)?.into_iter().filter(|item| item.state != GovernanceState::Green);
    let wanting: Vec<_> = wanting.map(|item| format!("{} is {} ({})", item.name, word(item.state), item.clause)).collect();
    if wanting.is_empty() {
        return Ok(None);
    }
    let detail = format!("the provider is red on {on} and takes no placement ({}): {}", governance.clause, wanting.join("; "));
    Ok(Some(FieldError::new("/provider_id", "provider_red", detail)))
}

fn word(state: GovernanceState) -> &'static str {
    match state {
        GovernanceState::Green => "in place",
        GovernanceState::Red => "not in place",
        GovernanceState::Expired => "expired",
        GovernanceState::Missing => "missing",
    }
}

/// How each item asked for stands on a day. What is on record of a provider is little.
fn states_on(
    connection: &mut AnyConnection,
    governance: &Governance,
    provider_id: &str,
    on: NaiveDate,
) -> Result<Vec<GovernanceItemState>, Problem> {
    let records: Vec<GovernanceRecord> = provider_governance_records::table
        .filter(provider_governance_records::provider_id.eq(provider_id))
        .order((provider_governance_records::recorded_seq, provider_governance_records::id))
        .select(GovernanceRecord::as_select())
        .load(connection)?;
    let state = |item: &GovernanceItem| {
        let of_item: Vec<_> = records.iter().filter(|record| record.item == item.code).collect();
        let finding = |record: &&GovernanceRecord| GovernanceFinding {
            status: record.status,
            valid_from: record.valid_from,
            expires_on: record.expires_on,
        };
        let findings: Vec<_> = of_item.iter().map(finding).collect();
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

fn find_provider(connection: &mut AnyConnection, id: &str) -> Result<Provider, Problem> {
    let provider = providers::table.find(id).select(Provider::as_select()).first(connection).optional()?;
    provider.ok_or_else(|| Problem::not_found("provider"))
}

fn record(write: &mut Write<'_>, profile: &Profile, provider_id: &str, new: NewGovernanceRecord) -> Result<GovernanceRecord, Problem> {
    let provider = find_provider(write.connection, provider_id)?;
    let errors = mistakes(profile, &new);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let row = GovernanceRecord {
        id: new_id(),
        provider_id: provider.id,
        item: new.item.0,
        status: new.status,
        evidence: new.evidence.map(|text| text.0),
        valid_from: new.valid_from,
        expires_on: new.expires_on,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(provider_governance_records::table).values(&row).execute(write.connection)?;
    expiries::follow(write, &row)?;
    let detail = json!({ "provider_id": row.provider_id, "item": row.item, "status": row.status });
    write.record(Event::new("record", "provider_governance_records", &row.id).with(detail))?;
    Ok(row)
}

fn mistakes(profile: &Profile, new: &NewGovernanceRecord) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, code: &str, detail: String| errors.push(FieldError::new(field, code, detail));
    let asked: Vec<_> = profile.commissioning.governance.iter().flat_map(|asked| &asked.items).collect();
    let item = asked.iter().find(|item| item.code == new.item.0);
    if item.is_none() {
        let codes: Vec<_> = asked.iter().map(|item| item.code.as_str()).collect();
        let has = if codes.is_empty() { "none".to_owned() } else { codes.join(", ") };
        refuse("/item", "unknown_reference", format!("the authority's profile asks for no such item; it asks for: {has}"));
    }
    if let Err(error) = FinancialYear::of(new.valid_from) {
        refuse("/valid_from", "out_of_range", error.to_string());
    }
    if let Some(end) = new.expires_on {
        if let Err(error) = FinancialYear::of(end) {
            refuse("/expires_on", "out_of_range", error.to_string());
        }
        if end <= new.valid_from {
            refuse("/expires_on", "before_start", "the end is the first day it no longer holds, so it is after the start".to_owned());
        }
    }
    match new.status {
        GovernanceStatus::Red if new.expires_on.is_some() => {
            refuse("/expires_on", "not_of_this_status", "what is not in place does not expire".to_owned());
        }
        GovernanceStatus::Red => {}
        GovernanceStatus::Green => {
            if new.evidence.is_none() {
                refuse("/evidence", "missing", "what is in place has evidence".to_owned());
            }
            if let Some(item) = item
                && let Some(latest) = item.ends_by(new.valid_from)
                && new.expires_on.is_none_or(|end| end > latest)
            {
                let months = item.valid_for_months.unwrap_or_default();
                let detail = format!("it is valid for {months} months ({}): an end by {latest} is needed", item.clause);
                refuse("/expires_on", "too_late", detail);
            }
        }
    }
    errors
}
