//! Releases of commitments: what is not billed for days that are over, and will not be.

use crate::commitments::books::Books;
use crate::error::Error;
use crate::instant::Instant;
use crate::joint_funding::shares::has_share_on;
use crate::ledger_entries::matches::{arrangement_of, record_packages_read};
use crate::money::budget_lines;
use crate::money::budget_lines::BudgetLine;
use crate::money::budget_movements::missing_references;
use crate::money::closed_years::refuse_closed;
use crate::page::{After, Cursor, Limit, Page};
use crate::reversal::already_reversed;
use crate::text::{CodeText, Id, Text};
use chrono::NaiveDate;
use db::schema::{commitment_releases, providers};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::commitments::releases::{Named, NewRelease, refuse_nothing_released, refuse_reversing_release, release_mistakes};
use domain::commitments::{Release, Scope};
use domain::{FinancialYear, Pence, Profile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A release of commitments, or the row that takes one back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = commitment_releases)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a81", "year": "2023-24", "budget_line": "home_care",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "line_id": null, "up_to": "2023-10-01", "reverses_id": null,
    "reason": "The agency has billed everything up to September", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2023-11-05T09:00:00Z", "recorded_seq": 612, "only_carried": false
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
    /// Whether it is only of what was carried forward into the year.
    pub only_carried: bool,
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
    /// The budget line. Of one of income, what was expected will never come.
    pub budget_line: CodeText,
    /// Only this provider's commitments.
    pub provider_id: Option<Id>,
    /// Only those of this line's arrangement. Neither, all of the budget line.
    pub line_id: Option<Id>,
    /// The first day that is not released: in the year or just after it, and not later than tomorrow.
    pub up_to: NaiveDate,
    /// `true`: only what was carried forward into the year, and none of the year's own.
    #[serde(default)]
    pub only_carried: bool,
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

fn find(connection: &mut AnyConnection, id: &str) -> Result<CommitmentRelease, Error> {
    let release = commitment_releases::table.find(id).select(CommitmentRelease::as_select()).first(connection).optional()?;
    release.ok_or_else(|| Error::not_found("release of commitments"))
}

/// Records a release.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewCommitmentRelease) -> Result<ReleaseMade, Error> {
    let mut errors = missing_references(write.connection, new.year, &[("/budget_line", &new.budget_line.0)])?;
    let budget_line = budget_lines::find(write.connection, &new.budget_line.0)?;
    let arrangement = match &new.line_id {
        Some(line) => arrangement_of(write.connection, &line.0)?,
        None => None,
    };
    errors.extend(release_mistakes(&NewRelease {
        year: new.year,
        budget_line: &new.budget_line.0,
        direction: budget_line.as_ref().map(|line| line.direction),
        up_to: new.up_to,
        today: write.today(),
        provider: provider_named(write.connection, new.provider_id.as_ref())?,
        is_shared_here: match &arrangement {
            Some((first, _)) => has_share_on(write.connection, first, &new.budget_line.0)?,
            None => false,
        },
        line: new.line_id.as_ref().map(|_| arrangement.as_ref().map_or(Named::Unknown, |(_, paid_from)| Named::PaidFrom(paid_from))),
    }));
    let Some(budget_line) = budget_line.filter(|_| errors.is_empty()) else { return Err(Error::invalid(errors)) };
    let line_id = arrangement.map(|(first, _)| first);
    refuse_closed(write.connection, new.year)?;
    let books = Books::load(write.connection, new.year, &budget_line, write.zone)?;
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
        only_carried: new.only_carried,
    };
    let before = released(&books, profile, None)?;
    let scope = Scope::of(release.provider_id.as_deref(), release.line_id.as_deref());
    let more = Release { scope, up_to: release.up_to, only_carried: release.only_carried, number: release.recorded_seq };
    let released_pence = released(&books, profile, Some(more))?.checked_sub(before).map_err(Error::fault)?;
    refuse_nothing_released(released_pence, release.up_to)?;
    insert(write, &release)?;
    write.record(Event::new("record", "commitment_releases", &release.id))?;
    record_packages_read(write, release.line_id.as_deref())?;
    Ok(ReleaseMade { released_pence, release })
}

fn provider_named(connection: &mut AnyConnection, id: Option<&Id>) -> Result<Option<Named<'static>>, Error> {
    let Some(Id(id)) = id else { return Ok(None) };
    let exists: bool = diesel::select(diesel::dsl::exists(providers::table.find(id))).get_result(connection)?;
    Ok(Some(if exists { Named::Provider } else { Named::Unknown }))
}

/// What is released in all, as the books stand or with one release more.
fn released<'b>(books: &'b Books, profile: &Profile, more: Option<Release<'b>>) -> Result<Pence, Error> {
    let sum =
        books.settle_with(&profile.costing, more, |settlement| Pence::checked_sum(settlement.cells.iter().map(|cell| cell.released)))?;
    sum.map_err(Error::fault)
}

/// Takes a release back.
pub fn reverse(write: &mut Write<'_>, profile: &Profile, id: &str, reason: String) -> Result<ReleaseMade, Error> {
    let release = find(write.connection, id)?;
    refuse_reversing_release(release.reverses_id.is_some())?;
    refuse_closed(write.connection, release.year)?;
    let budget_line = budget_lines::find(write.connection, &release.budget_line)?;
    let budget_line: BudgetLine = budget_line.ok_or_else(|| Error::fault("a release of no budget line"))?;
    let before = released(&Books::load(write.connection, release.year, &budget_line, write.zone)?, profile, None)?;
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
    let after = released(&Books::load(write.connection, reversing.year, &budget_line, write.zone)?, profile, None)?;
    write.record(Event::new("reverse", "commitment_releases", id))?;
    record_packages_read(write, reversing.line_id.as_deref())?;
    Ok(ReleaseMade { released_pence: after.checked_sub(before).map_err(Error::fault)?, release: reversing })
}

fn insert(write: &mut Write<'_>, release: &CommitmentRelease) -> Result<(), db::Error> {
    diesel::insert_into(commitment_releases::table).values(release).execute(write.connection)?;
    Ok(())
}

/// List releases of commitments.
pub fn list(write: &mut Write<'_>, wanted: ListReleases) -> Result<Page<CommitmentRelease>, Error> {
    use commitment_releases as releases;
    let ListReleases { limit, cursor, year, budget_line } = wanted;
    let after = cursor.after_record()?;
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
    Ok(page)
}

/// Read a release of commitments.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<CommitmentRelease, Error> {
    let release = find(write.connection, id)?;
    write.record(Event::new("read", "commitment_releases", &release.id))?;
    record_packages_read(write, release.line_id.as_deref())?;
    Ok(release)
}
