//! Writing a section.

use crate::error::Error;
use crate::statement_editions::edition::{course, find_open};
use crate::statement_editions::sections::{SectionRow, StatementSection, last_version};
use crate::text::Paragraphs;
use db::schema::statement_sections;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::statement_editions::{EditionState, Section};
use domain::versions::refuse_stale;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A section's text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "markdown": "Families told us what they need.\n\nIn the year {{figure direct_payments_children}} children had a direct payment." }))]
pub struct NewSectionText {
    /// Markdown. Figures are placed by code. Null, the section has no text and is left out.
    pub markdown: Option<Paragraphs<50000>>,
}

/// A section as written, and what became of the edition.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrittenSection {
    /// The section.
    #[serde(flatten)]
    pub section: StatementSection,
    /// How far the edition has come. A change of the text makes it a draft again: families are told of it before it is approved.
    pub state: EditionState,
}

/// Writes a section: what it said before stays on record. `read` is the version that whoever writes has read, 0 where there was none. The
/// same text once more changes nothing.
pub fn write_section(
    write: &mut Write<'_>,
    edition_id: &str,
    section: Section,
    read: i64,
    new: NewSectionText,
) -> Result<WrittenSection, Error> {
    find_open(write.connection, edition_id)?;
    let last = last_version(write.connection, edition_id, section)?;
    let current = last.as_ref().map_or(0, |last| last.version);
    refuse_stale(read, current)?;
    let markdown = new.markdown.map(|text| text.0).unwrap_or_default();
    if last.is_none() && markdown.is_empty() {
        write.record(Event::new("write_again", "statement_editions", edition_id).with(json!({ "section": section })))?;
        let state = course(write.connection, edition_id)?.state();
        return Ok(WrittenSection { section: StatementSection::unwritten(edition_id, section), state });
    }
    let row = match last.filter(|last| last.markdown == markdown) {
        Some(same) => {
            write.record(Event::new("write_again", "statement_sections", &same.id))?;
            same
        }
        None => add(write, edition_id, (section, current + 1), markdown)?,
    };
    let state = course(write.connection, edition_id)?.state();
    Ok(WrittenSection { section: StatementSection::of(row), state })
}

fn add(write: &mut Write<'_>, edition_id: &str, (section, version): (Section, i64), markdown: String) -> Result<SectionRow, Error> {
    let row = SectionRow {
        id: new_id(),
        edition_id: edition_id.to_owned(),
        section,
        version,
        markdown,
        copied_from_id: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(statement_sections::table).values(&row).execute(write.connection)?;
    let detail = json!({ "edition_id": row.edition_id, "section": section, "version": version });
    write.record(Event::new("record", "statement_sections", &row.id).with(detail))?;
    Ok(row)
}
