//! Releases of commitments: what is not billed for days that are over, and will not be.

use super::books::{Books, scope};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsRead, BudgetsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::reversal::{NewReversal, already_reversed};
use crate::routes::budget_lines::{self, BudgetLine};
use crate::routes::budget_movements::missing_references;
use crate::routes::ledger_matches::{arrangement_of, record_packages_read};
use crate::routes::year_closures::refuse_closed;
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::{Days, NaiveDate};
use db::schema::{commitment_releases, providers};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::commitment::Release;
use domain::{Direction, FinancialYear, Pence, Profile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A release of commitments, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = commitment_releases)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a81", "year": "2023-24", "budget_line": "home_care",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "line_id": null, "up_to": "2023-10-01", "reverses_id": null,
    "reason": "The agency has billed everything up to September", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2023-11-05T09:00:00Z", "recorded_seq": 612
}))]
pub struct CommitmentRelease {
    /// The release's id.
    pub id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line.
    pub budget_line: String,
    /// Only this provider's commitments.
    pub provider_id: Option<String>,
    /// Only those of the arrangement with this first line. Neither, all of the budget line.
    pub line_id: Option<String>,
    /// The first day that is not released.
    pub up_to: NaiveDate,
    /// The release that this row takes back.
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

/// A release as it is made: with what it changes now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseMade {
    /// The release.
    #[serde(flatten)]
    pub release: CommitmentRelease,
    /// What it releases of the open commitments; negative where it takes a release back. Payments that come later may change it.
    #[schema(value_type = i64)]
    pub released_pence: Pence,
}

impl Located for ReleaseMade {
    fn location(&self) -> String {
        format!("/v1/commitment-releases/{}", self.release.id)
    }
}

/// A release to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": "2023-24", "budget_line": "home_care", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "up_to": "2023-10-01",
    "reason": "The agency has billed everything up to September"
}))]
pub struct NewCommitmentRelease {
    /// The financial year, which must not be closed.
    pub year: FinancialYear,
    /// The budget line: one of expenditure.
    pub budget_line: CodeText,
    /// Only this provider's commitments.
    pub provider_id: Option<Id>,
    /// Only those of this line's arrangement. Neither, all of the budget line.
    pub line_id: Option<Id>,
    /// The first day that is not released: in the year or just after it, and not later than tomorrow.
    pub up_to: NaiveDate,
    /// In words that name no person.
    pub reason: Text<500>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReleases {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this financial year.
    year: Option<FinancialYear>,
    /// Only this budget line.
    budget_line: Option<CodeText>,
}

/// List releases of commitments
#[utoipa::path(tag = "budget control", params(ListReleases), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "A page of releases and reversals, in the order recorded", body = Page<CommitmentRelease>)))]
#[get("/commitment-releases")]
pub async fn list_commitment_releases(
    app: Data<App>,
    caller: Caller<BudgetsRead>,
    params: Params<ListReleases>,
) -> Result<Json<Page<CommitmentRelease>>, Problem> {
    use commitment_releases as releases;
    let ListReleases { limit, cursor, year, budget_line } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
        let mut query = releases::table
            .select(CommitmentRelease::as_select())
            .filter(releases::recorded_seq.ge(after.seq))
            .filter(releases::recorded_seq.gt(after.seq).or(releases::id.gt(after.id)))
            .into_boxed();
        if let Some(year) = year {
            query = query.filter(releases::year.eq(year));
        }
        if let Some(line) = budget_line {
            query = query.filter(releases::budget_line.eq(line.0));
        }
        let rows = query.order((releases::recorded_seq, releases::id)).limit(limit.and_one()).load(write.connection)?;
        let page = limit.page(rows, |row: &CommitmentRelease| After::key(row.recorded_seq, &row.id));
        write.record(Event::new("list", "commitment_releases", ""))?;
        record_packages_read(write, page.items.iter().filter_map(|row| row.line_id.as_deref()))?;
        Ok(Json(page))
    })
    .await
}

/// Read a release of commitments
#[utoipa::path(tag = "budget control", params(("id" = Id, Path, description = "The release's id")), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "The release", body = CommitmentRelease)))]
#[get("/commitment-releases/{id}")]
pub async fn get_commitment_release(app: Data<App>, caller: Caller<BudgetsRead>, id: Path<Id>) -> Result<Json<CommitmentRelease>, Problem> {
    app.write(caller.actor(), move |write| {
        let release = find(write.connection, &id.0)?;
        write.record(Event::new("read", "commitment_releases", &release.id))?;
        record_packages_read(write, release.line_id.as_deref())?;
        Ok(Json(release))
    })
    .await
}

/// Release commitments
///
/// What is open of the days before `up_to` is committed no longer, and stays so when a payment for it is taken back. The answer says how
/// much that is now.
#[utoipa::path(tag = "budget control", request_body = NewCommitmentRelease, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The release", body = ReleaseMade)))]
#[post("/commitment-releases")]
pub async fn create_commitment_release(
    app: Data<App>,
    caller: Caller<BudgetsWrite>,
    key: IdempotencyKey,
    body: Body<NewCommitmentRelease>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, body.value)).await
}

/// Reverse a release of commitments
#[utoipa::path(tag = "budget control", params(("id" = Id, Path, description = "The release's id")), request_body = NewReversal,
    security(("bearer" = ["budgets:write"])), responses((status = 201, description = "The row that takes it back", body = ReleaseMade)))]
#[post("/commitment-releases/{id}/reversal")]
pub async fn reverse_commitment_release(
    app: Data<App>,
    caller: Caller<BudgetsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewReversal>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| reverse(write, &profile, &id.0, body.value.reason.0)).await
}

fn find(connection: &mut AnyConnection, id: &str) -> Result<CommitmentRelease, Problem> {
    let release = commitment_releases::table.find(id).select(CommitmentRelease::as_select()).first(connection).optional()?;
    release.ok_or_else(|| Problem::not_found("release of commitments"))
}

fn record(write: &mut Write<'_>, profile: &Profile, new: NewCommitmentRelease) -> Result<ReleaseMade, Problem> {
    let mut errors = missing_references(write.connection, new.year, &[("/budget_line", &new.budget_line.0)])?;
    let budget_line = budget_lines::find(write.connection, &new.budget_line.0)?;
    if budget_line.as_ref().is_some_and(|line| line.direction == Direction::Income) {
        errors.push(FieldError::new("/budget_line", "income", "a line of income has no commitments"));
    }
    if new.up_to <= new.year.starts_on() || new.up_to > new.year.next_starts_on() {
        let detail = format!("after {} and not after {}", new.year.starts_on(), new.year.next_starts_on());
        errors.push(FieldError::new("/up_to", "outside_year", detail));
    } else if new.up_to > write.at.date() + Days::new(1) {
        // What is to come is given up by ending what was arranged.
        errors.push(FieldError::new("/up_to", "in_future", "only days that are over are released; end what should not be provided"));
    }
    let (line_id, line_error) = arrangement(write.connection, &new)?;
    errors.extend(line_error);
    errors.extend(provider_error(write.connection, &new)?);
    let Some(budget_line) = budget_line.filter(|_| errors.is_empty()) else { return Err(Problem::invalid(errors)) };
    refuse_closed(write.connection, new.year)?;
    let books = Books::load(write.connection, new.year, &budget_line)?;
    let release = CommitmentRelease {
        id: new_id(),
        year: new.year,
        budget_line: new.budget_line.0,
        provider_id: new.provider_id.map(|id| id.0),
        line_id,
        up_to: new.up_to,
        reverses_id: None,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let before = released(&books, profile, None)?;
    let more = Release { scope: scope(release.provider_id.as_deref(), release.line_id.as_deref()), up_to: release.up_to };
    let after = released(&books, profile, Some(more))?;
    insert(write, &release)?;
    write.record(Event::new("record", "commitment_releases", &release.id))?;
    record_packages_read(write, release.line_id.as_deref())?;
    Ok(ReleaseMade { released_pence: after.checked_sub(before).map_err(Problem::internal)?, release })
}

/// The first line of the arrangement that is named, or what is wrong with it.
fn arrangement(connection: &mut AnyConnection, new: &NewCommitmentRelease) -> Result<(Option<String>, Option<FieldError>), Problem> {
    let Some(line) = &new.line_id else { return Ok((None, None)) };
    let refuse = |code: &str, detail: String| Ok((None, Some(FieldError::new("/line_id", code, detail))));
    if new.provider_id.is_some() {
        return refuse("one_of_two", "either a provider or a line; neither, for all of the budget line".to_owned());
    }
    match arrangement_of(connection, &line.0)? {
        None => refuse("unknown_reference", "no package line has this id".to_owned()),
        Some((_, budget_line)) if budget_line != new.budget_line.0 => {
            refuse("other_budget_line", format!("the line is paid from {budget_line}"))
        }
        Some((first, _)) => Ok((Some(first), None)),
    }
}

fn provider_error(connection: &mut AnyConnection, new: &NewCommitmentRelease) -> Result<Option<FieldError>, Problem> {
    let Some(provider) = &new.provider_id else { return Ok(None) };
    let exists: bool = diesel::select(diesel::dsl::exists(providers::table.find(&provider.0))).get_result(connection)?;
    Ok((!exists).then(|| FieldError::new("/provider_id", "unknown_reference", "no provider has this id")))
}

/// What is released in all, as the books stand or with one release more.
fn released<'b>(books: &'b Books, profile: &Profile, more: Option<Release<'b>>) -> Result<Pence, Problem> {
    let sum =
        books.settle_with(&profile.costing, more, |settlement| Pence::checked_sum(settlement.cells.iter().map(|cell| cell.released)))?;
    sum.map_err(Problem::internal)
}

fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<ReleaseMade, Problem> {
    let release = find(write.connection, id)?;
    if release.reverses_id.is_some() {
        return Err(Problem::new(Code::StateConflict, "This is a reversal itself; record the release again instead."));
    }
    refuse_closed(write.connection, release.year)?;
    let budget_line = budget_lines::find(write.connection, &release.budget_line)?;
    let budget_line: BudgetLine = budget_line.ok_or_else(|| Problem::internal("a release of no budget line"))?;
    let before = released(&Books::load(write.connection, release.year, &budget_line)?, profile, None)?;
    let reversing = CommitmentRelease {
        id: new_id(),
        reverses_id: Some(release.id),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..release
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "commitment_releases_reverses_id_key"))?;
    let after = released(&Books::load(write.connection, reversing.year, &budget_line)?, profile, None)?;
    write.record(Event::new("reverse", "commitment_releases", id))?;
    record_packages_read(write, reversing.line_id.as_deref())?;
    Ok(ReleaseMade { released_pence: after.checked_sub(before).map_err(Problem::internal)?, release: reversing })
}

fn insert(write: &mut Write<'_>, release: &CommitmentRelease) -> Result<(), db::Error> {
    diesel::insert_into(commitment_releases::table).values(release).execute(write.connection)?;
    Ok(())
}
