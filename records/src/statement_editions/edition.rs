//! Editions as they are on record, and how far each has come.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::providers::public_entries::last_changed;
use crate::statement_editions::changed::last_change;
use db::AnyConnection;
use db::schema::{
    statement_approvals, statement_consultation_reversals, statement_consultations, statement_disclosures, statement_editions,
    statement_publications, statement_requirements, statement_sections, statement_what_changed, statement_withdrawals,
};
use diesel::dsl::max;
use diesel::prelude::*;
use domain::FinancialYear;
use domain::statement_editions::{Course, EditionState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An edition of a year's statement.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = statement_editions)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01", "financial_year": "2023-24", "number": 1, "corrects_id": null, "what_changed": null,
    "copied_from_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c00", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 712
}))]
pub struct StatementEdition {
    /// The edition's id.
    pub id: String,
    /// The year that it tells of.
    pub financial_year: FinancialYear,
    /// 1, 2, 3 … within the year.
    pub number: i64,
    /// The published edition that it corrects.
    pub corrects_id: Option<String>,
    /// What it says that the one it corrects did not, as last written.
    pub what_changed: Option<String>,
    /// The edition whose sections it began with.
    pub copied_from_id: Option<String>,
    /// Who began it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// An edition with its state.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedEdition {
    /// The edition.
    #[serde(flatten)]
    pub edition: StatementEdition,
    /// How far it has come.
    pub state: EditionState,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEditions {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this year's.
    #[param(example = "2023-24")]
    year: Option<FinancialYear>,
}

/// The edition with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<StatementEdition, Error> {
    let row = statement_editions::table.find(id).select(StatementEdition::as_select()).first(connection).optional()?;
    as_told(connection, row.ok_or_else(|| Error::not_found("edition of the statement"))?)
}

/// The edition with what it says that it changed by now.
fn as_told(connection: &mut AnyConnection, edition: StatementEdition) -> Result<StatementEdition, Error> {
    Ok(match last_change(connection, &edition.id)? {
        Some(last) => StatementEdition { what_changed: Some(last.what_changed), ..edition },
        None => edition,
    })
}

/// A year's last edition that was not withdrawn.
pub fn last_of_year(connection: &mut AnyConnection, year: FinancialYear) -> Result<Option<StatementEdition>, Error> {
    let row = statement_editions::table
        .filter(statement_editions::financial_year.eq(year))
        .filter(statement_editions::id.ne_all(statement_withdrawals::table.select(statement_withdrawals::edition_id)))
        .order(statement_editions::number.desc())
        .select(StatementEdition::as_select())
        .first(connection)
        .optional()?;
    row.map(|row| as_told(connection, row)).transpose()
}

/// A year's edition by its number.
pub fn find_by_number(connection: &mut AnyConnection, year: FinancialYear, number: i64) -> Result<Option<StatementEdition>, Error> {
    let row = statement_editions::table
        .filter(statement_editions::financial_year.eq(year).and(statement_editions::number.eq(number)))
        .select(StatementEdition::as_select())
        .first(connection)
        .optional()?;
    row.map(|row| as_told(connection, row)).transpose()
}

/// A year's last edition that is published.
pub fn last_published(connection: &mut AnyConnection, year: FinancialYear) -> Result<Option<StatementEdition>, Error> {
    let row = statement_editions::table
        .inner_join(statement_publications::table.on(statement_publications::edition_id.eq(statement_editions::id)))
        .filter(statement_editions::financial_year.eq(year))
        .order(statement_editions::number.desc())
        .select(StatementEdition::as_select())
        .first(connection)
        .optional()?;
    row.map(|row| as_told(connection, row)).transpose()
}

/// The number of a year's next edition. One that was withdrawn keeps its own.
pub(super) fn next_number(connection: &mut AnyConnection, year: FinancialYear) -> Result<i64, Error> {
    let of_year = statement_editions::table.filter(statement_editions::financial_year.eq(year));
    let last: Option<i64> = of_year.select(max(statement_editions::number)).first(connection)?;
    Ok(last.unwrap_or(0) + 1)
}

/// The edition whose text a year's first one begins with: the last published of the years before, else the last there is.
pub(super) fn last_before(connection: &mut AnyConnection, year: FinancialYear) -> Result<Option<StatementEdition>, Error> {
    let newest_first = (statement_editions::financial_year.desc(), statement_editions::number.desc());
    let published = statement_editions::table
        .inner_join(statement_publications::table.on(statement_publications::edition_id.eq(statement_editions::id)))
        .filter(statement_editions::financial_year.lt(year))
        .order(newest_first)
        .select(StatementEdition::as_select())
        .first(connection)
        .optional()?;
    if published.is_some() {
        return Ok(published);
    }
    Ok(statement_editions::table
        .filter(statement_editions::financial_year.lt(year))
        .filter(statement_editions::id.ne_all(statement_withdrawals::table.select(statement_withdrawals::edition_id)))
        .order(newest_first)
        .select(StatementEdition::as_select())
        .first(connection)
        .optional()?)
}

/// How far an edition has come.
pub(crate) fn course(connection: &mut AnyConnection, id: &str) -> Result<Course, Error> {
    use {
        statement_approvals as approvals, statement_consultation_reversals as reversals, statement_consultations as consultations,
        statement_disclosures as disclosures, statement_publications as publications, statement_requirements as requirements,
        statement_sections as sections, statement_what_changed as changes, statement_withdrawals as withdrawals,
    };
    let written: Option<i64> = sections::table.filter(sections::edition_id.eq(id)).select(max(sections::recorded_seq)).first(connection)?;
    let changed: Option<i64> = changes::table.filter(changes::edition_id.eq(id)).select(max(changes::recorded_seq)).first(connection)?;
    let required: Option<i64> =
        requirements::table.filter(requirements::edition_id.eq(id)).select(max(requirements::recorded_seq)).first(connection)?;
    let disclosed: Option<i64> =
        disclosures::table.filter(disclosures::edition_id.eq(id)).select(max(disclosures::recorded_seq)).first(connection)?;
    let consultation = consultations::table
        .filter(consultations::edition_id.eq(id))
        .filter(consultations::id.ne_all(reversals::table.select(reversals::consultation_id)))
        .select(max(consultations::recorded_seq))
        .first(connection)?;
    let reversed: Option<i64> =
        reversals::table.filter(reversals::edition_id.eq(id)).select(max(reversals::recorded_seq)).first(connection)?;
    let approval = approvals::table.filter(approvals::edition_id.eq(id)).select(max(approvals::recorded_seq)).first(connection)?;
    let publication = publications::table.find(id).select(publications::recorded_seq).first(connection).optional()?;
    let withdrawal = withdrawals::table.find(id).select(withdrawals::recorded_seq).first(connection).optional()?;
    // What providers offer is printed too; in an edition that is out it stands as it was.
    let is_open = publication.is_none() && withdrawal.is_none();
    let offered = if is_open { last_changed(connection)? } else { None };
    // So is what other editions made known: what they show and withhold decides what this one may.
    let known: Option<i64> = if is_open { publications::table.select(max(publications::recorded_seq)).first(connection)? } else { None };
    Ok(Course {
        text: written.max(changed),
        choice: required.max(disclosed).max(reversed).max(offered).max(known),
        consultation,
        approval,
        publication,
        withdrawal,
    })
}

/// The edition with that id, to be changed: one that is out or withdrawn is refused.
pub(super) fn find_open(connection: &mut AnyConnection, id: &str) -> Result<StatementEdition, Error> {
    let edition = find(connection, id)?;
    course(connection, id)?.refuse_closed()?;
    Ok(edition)
}

/// List editions, in the order begun.
pub fn list(connection: &mut AnyConnection, wanted: ListEditions) -> Result<Page<ListedEdition>, Error> {
    let ListEditions { limit, cursor, year } = wanted;
    let after = cursor.after_record()?;
    let mut query = statement_editions::table
        .select(StatementEdition::as_select())
        .filter(statement_editions::recorded_seq.ge(after.seq))
        .filter(statement_editions::recorded_seq.gt(after.seq).or(statement_editions::id.gt(after.id)))
        .into_boxed();
    if let Some(year) = year {
        query = query.filter(statement_editions::financial_year.eq(year));
    }
    let in_order = (statement_editions::recorded_seq, statement_editions::id);
    let rows: Vec<StatementEdition> = query.order(in_order).limit(limit.and_one()).load(connection)?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        let edition = as_told(connection, row)?;
        let state = course(connection, &edition.id)?.state();
        listed.push(ListedEdition { edition, state });
    }
    Ok(limit.page(listed, |row: &ListedEdition| After::key(row.edition.recorded_seq, &row.edition.id)))
}
