//! Grants to the voluntary sector.

mod conditions;
mod instalments;
mod new;
mod returns_due;
mod terms;

pub use conditions::*;
pub use instalments::*;
pub use new::{NewGrantCondition, NewGrantInstalment, NewGrantReturnDue};
pub use returns_due::*;
pub use terms::{GrantActivitySoFar, GrantCondition, GrantInstalment, GrantReturnDue, GrantWithTerms};

use super::budget_lines;
use super::year_closures::{Changed, carrying_again};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{GrantsRead, GrantsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::period;
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{grant_activity_returns, grants, providers};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::{Direction, FinancialYear, Pence, Profile, Sector};
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

impl Grant {
    /// That it comes or goes, from its first day or the first on which an instalment may be due.
    fn changed(&self) -> Changed<'_> {
        Changed { id: &self.id, budget_line: &self.budget_line, from: self.awarded_on.min(self.period_from) }
    }
}

impl Located for Grant {
    fn location(&self) -> String {
        format!("/v1/grants/{}", self.id)
    }
}

/// A grant to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reference": "G-2023-04", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "budget_line": "voluntary_sector_grants",
    "title": "Saturday club", "purpose": "Weekly club for disabled children and siblings", "awarded_on": "2023-03-20",
    "period_from": "2023-04-01", "period_to": "2024-04-01", "amount_pence": 2400000, "reason": "Award letter of 20 March 2023",
    "conditions": [{ "code": "safeguarding_policy", "text": "A safeguarding policy approved by the trustees", "due_on": "2023-04-30" }],
    "instalments": [{ "due_on": "2023-04-15", "amount_pence": 1200000 }, { "due_on": "2023-10-15", "amount_pence": 1200000 }],
    "returns_due": [{ "period_from": "2023-04-01", "period_to": "2023-10-01", "due_on": "2023-10-31" }]
}))]
pub struct NewGrant {
    /// The authority's own number for it.
    pub reference: Text<60>,
    /// The group that receives it: a provider of the voluntary sector.
    pub provider_id: Id,
    /// The budget line that pays: one of expenditure.
    pub budget_line: CodeText,
    /// As it will be published.
    pub title: Text<200>,
    /// What it is for.
    pub purpose: Text<500>,
    /// When it was awarded.
    pub awarded_on: NaiveDate,
    /// The first day it is for.
    pub period_from: NaiveDate,
    /// The first day after.
    pub period_to: NaiveDate,
    /// How much.
    #[schema(value_type = i64, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Pence,
    /// In words.
    pub reason: Text<500>,
    /// What the group has to do or show.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub conditions: Vec<NewGrantCondition>,
    /// What is paid and when, soonest first: together the whole grant. None: the grant counts as spread evenly over its days.
    #[serde(default)]
    #[schema(max_items = 60)]
    pub instalments: Vec<NewGrantInstalment>,
    /// The returns of activity to ask for: periods within the grant's, each starting where the one before it ends.
    #[serde(default)]
    #[schema(max_items = 60)]
    pub returns_due: Vec<NewGrantReturnDue>,
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

/// List grants
#[utoipa::path(tag = "grants and activity", params(ListGrants), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "A page of grants and reversals, in the order recorded", body = Page<Grant>)))]
#[get("/grants")]
pub async fn list_grants(app: Data<App>, _: Caller<GrantsRead>, params: Params<ListGrants>) -> Result<Json<Page<Grant>>, Problem> {
    let ListGrants { limit, cursor, provider_id } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let mut query = grants::table
            .select(Grant::as_select())
            .filter(grants::recorded_seq.ge(after.seq))
            .filter(grants::recorded_seq.gt(after.seq).or(grants::id.gt(after.id)))
            .into_boxed();
        if let Some(provider) = provider_id {
            query = query.filter(grants::provider_id.eq(provider.0));
        }
        let rows = query.order((grants::recorded_seq, grants::id)).limit(limit.and_one()).load(connection)?;
        Ok(Json(limit.page(rows, |row: &Grant| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Read a grant with its terms
///
/// Its conditions, instalments and returns as they stand today, and what its activity cost so far.
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id")), security(("bearer" = ["grants:read"])),
    responses((status = 200, description = "The grant and its terms", body = GrantWithTerms)))]
#[get("/grants/{id}")]
pub async fn get_grant(app: Data<App>, _: Caller<GrantsRead>, id: Path<Id>) -> Result<Json<GrantWithTerms>, Problem> {
    let (profile, today) = (app.profile.clone(), app.store.clock().today());
    app.read(move |connection| {
        let grant = find(connection, &id.0)?.ok_or_else(|| Problem::not_found("grant"))?;
        terms::with_terms(connection, &profile, grant, today).map(Json)
    })
    .await
}

/// Record a grant
#[utoipa::path(tag = "grants and activity", request_body = NewGrant, security(("bearer" = ["grants:write"])),
    responses((status = 201, description = "The grant and its terms", body = GrantWithTerms)))]
#[post("/grants")]
pub async fn create_grant(app: Data<App>, caller: Caller<GrantsWrite>, key: IdempotencyKey, body: Body<NewGrant>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    let profile = app.profile.clone();
    app.create(caller.actor(), once, move |write| {
        let grant = record(write, &profile, body.value)?;
        terms::with_terms(write.connection, &profile, grant, write.at.date())
    })
    .await
}

/// Reverse a grant
#[utoipa::path(tag = "grants and activity", params(("id" = Id, Path, description = "The grant's id")), request_body = NewReversal,
    security(("bearer" = ["grants:write"])), responses((status = 201, description = "The row that takes it back", body = Grant)))]
#[post("/grants/{id}/reversal")]
pub async fn reverse_grant(
    app: Data<App>,
    caller: Caller<GrantsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| reverse(write, &profile, &id.0, body.value.reason.0)).await
}

/// The grant with that id, if there is one.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Grant>, Problem> {
    Ok(grants::table.find(id).select(Grant::as_select()).first(connection).optional()?)
}

/// Whether a row takes the grant back.
pub fn is_reversed(connection: &mut AnyConnection, id: &str) -> Result<bool, Problem> {
    Ok(diesel::select(diesel::dsl::exists(grants::table.filter(grants::reverses_id.eq(id)))).get_result(connection)?)
}

/// The grant with that id, if nothing took it back.
fn standing(connection: &mut AnyConnection, id: &str) -> Result<Grant, Problem> {
    let grant = find(connection, id)?.filter(|grant| grant.reverses_id.is_none()).ok_or_else(|| Problem::not_found("grant"))?;
    if is_reversed(connection, id)? {
        return Err(Problem::new(Code::StateConflict, "The grant was reversed."));
    }
    Ok(grant)
}

fn record(write: &mut Write<'_>, profile: &Profile, new: NewGrant) -> Result<Grant, Problem> {
    let mut errors = mistakes(write.connection, &new)?;
    errors.extend(new::mistakes(&new));
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    if has_standing(write.connection, &new.reference.0)? {
        return Err(Problem::new(Code::AlreadyExists, "Another grant has this reference."));
    }
    let grant = Grant {
        id: new_id(),
        reference: new.reference.0.clone(),
        provider_id: new.provider_id.0.clone(),
        budget_line: new.budget_line.0.clone(),
        title: new.title.0.clone(),
        purpose: new.purpose.0.clone(),
        awarded_on: new.awarded_on,
        period_from: new.period_from,
        period_to: new.period_to,
        amount_pence: new.amount_pence,
        reverses_id: None,
        reason: new.reason.0.clone(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    carrying_again(write, profile, grant.changed(), |write| {
        insert(write, &grant)?;
        new::insert(write, &grant, &new)?;
        write.record(Event::new("record", "grants", &grant.id))?;
        Ok(())
    })?;
    Ok(grant)
}

/// What is wrong with a grant itself; its terms are judged beside it.
fn mistakes(connection: &mut AnyConnection, new: &NewGrant) -> Result<Vec<FieldError>, Problem> {
    let mut errors = period::mistakes(new.period_from, new.period_to);
    let sector: Option<Sector> = providers::table.find(&new.provider_id.0).select(providers::sector).first(connection).optional()?;
    match sector {
        None => errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id")),
        Some(Sector::Voluntary) => {}
        Some(_) => errors.push(FieldError::new("/provider_id", "sector", "a grant goes to a provider of the voluntary sector")),
    }
    match budget_lines::find(connection, &new.budget_line.0)? {
        None => errors.push(FieldError::new("/budget_line", "unknown_reference", "no budget line has this code")),
        Some(line) if line.direction == Direction::Income => {
            errors.push(FieldError::new("/budget_line", "income", "a grant is paid from a line of expenditure"));
        }
        Some(_) => {}
    }
    if let Err(error) = FinancialYear::of(new.awarded_on) {
        errors.push(FieldError::new("/awarded_on", "out_of_range", error.to_string()));
    }
    Ok(errors)
}

fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<Grant, Problem> {
    let grant = find(write.connection, id)?.ok_or_else(|| Problem::not_found("grant"))?;
    if grant.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the grant again instead."));
    }
    let paid = instalments::paid_numbers(write.connection, id)?;
    if !paid.is_empty() {
        let numbers: Vec<_> = paid.iter().map(i64::to_string).collect();
        let detail = format!("Reverse the payments of its instalments first: {}.", numbers.join(", "));
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let standing = standing_returns(write.connection, id)?;
    if !standing.is_empty() {
        // Left standing they would go on counting in the statement.
        let detail = format!("Reverse its activity returns first: {}.", standing.join(", "));
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let reversing = Grant {
        id: new_id(),
        amount_pence: grant.amount_pence.checked_neg().map_err(Problem::internal)?,
        reverses_id: Some(grant.id),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..grant
    };
    carrying_again(write, profile, Changed { id, ..reversing.changed() }, |write| {
        insert(write, &reversing).map_err(|error| already_reversed(error, "grants_reverses_id_key"))?;
        returns_due::close(write, id)?;
        write.record(Event::new("reverse", "grants", id))?;
        Ok(())
    })?;
    Ok(reversing)
}

/// Ids of the grant's returns that nothing took back.
fn standing_returns(connection: &mut AnyConnection, id: &str) -> Result<Vec<String>, Problem> {
    use grant_activity_returns as returns;
    let rows: Vec<(String, Option<String>)> =
        returns::table.filter(returns::grant_id.eq(id)).order(returns::id).select((returns::id, returns::reverses_id)).load(connection)?;
    let reversed: Vec<_> = rows.iter().filter_map(|(_, reverses)| reverses.clone()).collect();
    Ok(rows.into_iter().filter(|(id, reverses)| reverses.is_none() && !reversed.contains(id)).map(|(id, _)| id).collect())
}

/// Whether a grant that nothing took back has the reference. Exact, because writers take turns.
fn has_standing(connection: &mut AnyConnection, reference: &str) -> Result<bool, Problem> {
    let rows: Vec<(String, Option<String>)> =
        grants::table.filter(grants::reference.eq(reference)).select((grants::id, grants::reverses_id)).load(connection)?;
    let reversed: Vec<_> = rows.iter().filter_map(|(_, reverses)| reverses.as_ref()).collect();
    Ok(rows.iter().any(|(id, reverses)| reverses.is_none() && !reversed.contains(&id)))
}

fn insert(write: &mut Write<'_>, grant: &Grant) -> Result<(), db::Error> {
    diesel::insert_into(grants::table).values(grant).execute(write.connection)?;
    Ok(())
}
