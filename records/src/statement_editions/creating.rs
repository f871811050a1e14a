//! Beginning an edition, with the text of the one before it.

use crate::error::Error;
use crate::statement_editions::edition::{StatementEdition, course, last_before, last_of_year, next_number};
use crate::statement_editions::sections::{SectionRow, last_versions};
use crate::text::{Id, Paragraphs};
use db::schema::{statement_editions, statement_sections};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::FinancialYear;
use domain::statement_editions::creating::NewEditionFacts;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// An edition to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(
    json!({ "financial_year": "2023-24" }),
    json!({
        "financial_year": "2023-24", "corrects_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01",
        "what_changed": "The number of sessions was wrong: it left the last quarter out."
    })
))]
pub struct NewStatementEdition {
    /// The year that it tells of.
    pub financial_year: FinancialYear,
    /// The year's last published edition, where this one corrects it.
    pub corrects_id: Option<Id>,
    /// What it says that the one it corrects did not. A correction needs it.
    pub what_changed: Option<Paragraphs<2000>>,
}

/// Begins an edition of a year. Its sections begin with the text of the edition it corrects, or of the last one of the years before.
/// What was said of requirements, consultations and small counts is not copied: it is said of each edition anew.
pub fn begin(write: &mut Write<'_>, new: NewStatementEdition) -> Result<StatementEdition, Error> {
    let year = new.financial_year;
    let last = last_of_year(write.connection, year)?;
    let state = last.as_ref().map(|last| course(write.connection, &last.id)).transpose()?.map(|course| course.state());
    let facts = NewEditionFacts {
        last: last.as_ref().map(|last| last.id.as_str()).zip(state),
        corrects: new.corrects_id.as_ref().map(|id| id.0.as_str()),
        says_what_changed: new.what_changed.is_some(),
    };
    facts.refuse()?;
    let number = next_number(write.connection, year)?;
    let source = match last {
        Some(last) => Some(last),
        None => last_before(write.connection, year)?,
    };
    let edition = StatementEdition {
        id: new_id(),
        financial_year: year,
        number,
        corrects_id: new.corrects_id.map(|id| id.0),
        what_changed: new.what_changed.map(|text| text.0),
        copied_from_id: source.map(|source| source.id),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(statement_editions::table).values(&edition).execute(write.connection)?;
    let copied = copy_sections(write, &edition)?;
    let detail = json!({ "financial_year": year, "number": number, "sections_copied": copied });
    write.record(Event::new("record", "statement_editions", &edition.id).with(detail))?;
    Ok(edition)
}

/// Copies the text; each section stays its writer's, who does not approve it.
fn copy_sections(write: &mut Write<'_>, edition: &StatementEdition) -> Result<usize, Error> {
    let Some(source) = &edition.copied_from_id else { return Ok(0) };
    let rows: Vec<SectionRow> = last_versions(write.connection, source)?.into_iter().filter(|row| !row.markdown.is_empty()).collect();
    for row in &rows {
        let copy = SectionRow {
            id: new_id(),
            edition_id: edition.id.clone(),
            version: 1,
            copied_from_id: Some(row.id.clone()),
            recorded_at: edition.recorded_at,
            recorded_seq: edition.recorded_seq,
            ..row.clone()
        };
        diesel::insert_into(statement_sections::table).values(&copy).execute(write.connection)?;
    }
    Ok(rows.len())
}
