//! Sections of editions, every version of their text.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{Cursor, Limit, Page};
use crate::statement_editions::edition::find;
use db::AnyConnection;
use db::schema::statement_sections;
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::statement_editions::Section;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A version of a section's text, as it is stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = statement_sections)]
pub(super) struct SectionRow {
    pub(super) id: String,
    pub(super) edition_id: String,
    pub(super) section: Section,
    pub(super) version: i64,
    pub(super) markdown: String,
    pub(super) copied_from_id: Option<String>,
    pub(super) recorded_by: String,
    pub(super) recorded_at: Instant,
    pub(super) recorded_seq: i64,
}

/// A section of an edition in one of its versions.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "edition_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01", "section": "introduction", "title": "Introduction", "version": 2,
    "markdown": "This statement tells families which short breaks there are.", "is_copied": false,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-01T09:00:00Z"
}))]
pub struct StatementSection {
    /// The edition.
    pub edition_id: String,
    /// Which section.
    pub section: Section,
    /// Its heading.
    pub title: String,
    /// 1, 2, 3 …; 0 where nothing was written yet. A change names it in `If-Match`.
    pub version: i64,
    /// Its text; null where it has none, and is left out.
    pub markdown: Option<String>,
    /// Whether it is as it was in the edition that it was copied from.
    pub is_copied: bool,
    /// Who wrote it: a user's or client's id.
    pub recorded_by: Option<String>,
    /// When, UTC.
    pub recorded_at: Option<Instant>,
}

/// A version of a section, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionVersion {
    /// 1, 2, 3 …
    pub version: i64,
    /// How many characters it has.
    pub characters: i64,
    /// Whether it was copied from an earlier edition.
    pub is_copied: bool,
    /// Who wrote it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSectionVersions {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

impl StatementSection {
    pub(super) fn of(row: SectionRow) -> Self {
        StatementSection {
            edition_id: row.edition_id,
            section: row.section,
            title: row.section.title().to_owned(),
            version: row.version,
            markdown: (!row.markdown.is_empty()).then_some(row.markdown),
            is_copied: row.copied_from_id.is_some(),
            recorded_by: Some(row.recorded_by),
            recorded_at: Some(row.recorded_at),
        }
    }

    pub(super) fn unwritten(edition_id: &str, section: Section) -> Self {
        StatementSection {
            edition_id: edition_id.to_owned(),
            section,
            title: section.title().to_owned(),
            version: 0,
            markdown: None,
            is_copied: false,
            recorded_by: None,
            recorded_at: None,
        }
    }
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<LaterSection> = statement_sections as later_section);

/// The last version of every section that was ever written, in the statement's order.
pub(super) fn last_versions(connection: &mut AnyConnection, edition_id: &str) -> Result<Vec<SectionRow>, Error> {
    use statement_sections as sections;
    let later = LATER
        .filter(LATER.field(sections::edition_id).eq(sections::edition_id))
        .filter(LATER.field(sections::section).eq(sections::section))
        .filter(LATER.field(sections::version).gt(sections::version));
    let mut rows: Vec<SectionRow> = sections::table
        .filter(sections::edition_id.eq(edition_id))
        .filter(not(exists(later)))
        .select(SectionRow::as_select())
        .load(connection)?;
    rows.sort_by_key(|row| row.section);
    Ok(rows)
}

/// The last version of a section; none, it was never written.
pub(super) fn last_version(connection: &mut AnyConnection, edition_id: &str, section: Section) -> Result<Option<SectionRow>, Error> {
    Ok(statement_sections::table
        .filter(statement_sections::edition_id.eq(edition_id).and(statement_sections::section.eq(section)))
        .order(statement_sections::version.desc())
        .select(SectionRow::as_select())
        .first(connection)
        .optional()?)
}

/// Every section of an edition as it stands, the unwritten ones too.
pub fn sections_of(connection: &mut AnyConnection, edition_id: &str) -> Result<Vec<StatementSection>, Error> {
    let rows = last_versions(connection, edition_id)?;
    let mut sections = Vec::new();
    for section in Section::all() {
        let row = rows.iter().find(|row| row.section == *section).cloned();
        sections.push(row.map_or_else(|| StatementSection::unwritten(edition_id, *section), StatementSection::of));
    }
    Ok(sections)
}

/// A section of an edition, in its last version or an earlier one.
pub fn read_section(
    connection: &mut AnyConnection,
    edition_id: &str,
    section: Section,
    version: Option<i64>,
) -> Result<StatementSection, Error> {
    find(connection, edition_id)?;
    let Some(version) = version else {
        let row = last_version(connection, edition_id, section)?;
        return Ok(row.map_or_else(|| StatementSection::unwritten(edition_id, section), StatementSection::of));
    };
    let row = statement_sections::table
        .filter(statement_sections::edition_id.eq(edition_id).and(statement_sections::section.eq(section)))
        .filter(statement_sections::version.eq(version))
        .select(SectionRow::as_select())
        .first(connection)
        .optional()?;
    row.map(StatementSection::of).ok_or_else(|| Error::not_found("version of the section"))
}

/// Every version of a section, without their texts.
pub fn section_versions(
    connection: &mut AnyConnection,
    edition_id: &str,
    section: Section,
    wanted: ListSectionVersions,
) -> Result<Page<SectionVersion>, Error> {
    find(connection, edition_id)?;
    let after = wanted.cursor.after_number()?;
    // The texts stay where they are: the database counts.
    let rows: Vec<(i64, i64, Option<String>, String, Instant)> = statement_sections::table
        .filter(statement_sections::edition_id.eq(edition_id).and(statement_sections::section.eq(section)))
        .filter(statement_sections::version.gt(after))
        .order(statement_sections::version)
        .limit(wanted.limit.and_one())
        .select((
            statement_sections::version,
            sql::<BigInt>("CAST(LENGTH(markdown) AS BIGINT)"),
            statement_sections::copied_from_id,
            statement_sections::recorded_by,
            statement_sections::recorded_at,
        ))
        .load(connection)?;
    let version = |(version, characters, copied_from, recorded_by, recorded_at): (i64, i64, Option<String>, String, Instant)| {
        SectionVersion { version, characters, is_copied: copied_from.is_some(), recorded_by, recorded_at }
    };
    Ok(wanted.limit.page(rows.into_iter().map(version).collect(), |row: &SectionVersion| row.version.to_string()))
}
