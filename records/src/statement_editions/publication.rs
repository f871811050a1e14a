//! What was published: when, made from what, and the documents byte for byte.

use crate::error::Error;
use crate::instant::Instant;
use crate::statement_editions::edition::find;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{statement_files, statement_publications, statement_snapshots};
use diesel::prelude::*;
use domain::statement_editions::{Disclosure, StatementFormat};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The publication of an edition.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "edition_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01", "published_on": "2024-06-03", "review_due_on": "2025-06-03",
    "content_sha256": "0f1e…", "profile_code": "an_authority", "profile_sha256": "77ab…", "code_version": "0.1.0",
    "snapshot_ids": ["0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2d01"],
    "files": [{ "format": "md", "media_type": "text/markdown; charset=utf-8", "sha256": "9c2d…", "size_bytes": 20480 }],
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-03T09:00:00Z", "recorded_seq": 731
}))]
pub struct StatementPublication {
    /// The edition.
    pub edition_id: String,
    /// The day on which it went out.
    pub published_on: NaiveDate,
    /// The day by which the statement is looked at again.
    pub review_due_on: NaiveDate,
    /// SHA-256 of what it says.
    pub content_sha256: String,
    /// The authority's profile.
    pub profile_code: String,
    /// SHA-256 of the profile as it was.
    pub profile_sha256: String,
    /// Version of the program that made its documents.
    pub code_version: String,
    /// The snapshots of the warehouse that its figures came from. They are never removed.
    pub snapshot_ids: Vec<String>,
    /// Its documents.
    pub files: Vec<StatementFileSummary>,
    /// Who published it: a user's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A published document, without its bytes.
#[derive(Debug, Clone, Serialize, Queryable, ToSchema)]
pub struct StatementFileSummary {
    /// Its form.
    pub format: StatementFormat,
    /// Its media type.
    pub media_type: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    pub size_bytes: i64,
}

/// A figure that the documents do not show, and why: for officers, not for the public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "cell": "residential_respite_out_of_borough_children 2023-24", "label": "of whom out of borough", "why": "a small count"
}))]
pub struct WithheldCell {
    /// Which figure, table or chart it belongs to, by codes.
    pub cell: String,
    /// As the document words it.
    pub label: String,
    /// Why it is withheld.
    pub why: String,
}

/// Something withheld that can all the same be narrowed further than the rule allows: for officers, not for the public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "label": "Residential respite, of whom out of borough, 2023-24", "values": 3 }))]
pub struct NarrowerFigure {
    /// The figure as the document words it, or what follows from figures and is printed nowhere.
    pub label: String,
    /// How many values what is shown leaves it; 1, it can be worked out.
    pub values: i64,
}

/// What an edition withholds, as it is kept when the edition is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WithheldFigures {
    /// What is withheld.
    pub cells: Vec<WithheldCell>,
    /// Whether no fewer would have done; none, it was published before this was kept.
    pub is_fewest: Option<bool>,
    /// Whether a reader who knows how figures are chosen was asked of all of them; none, it was published before this was kept.
    pub is_choice_checked: Option<bool>,
    /// What can be narrowed all the same; none, it was published before this was kept.
    pub narrower: Option<Vec<NarrowerFigure>>,
}

/// What is kept of a publication: all of it, or, of one from before, its cells alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    CellsAlone(Vec<WithheldCell>),
    All { cells: Vec<WithheldCell>, is_fewest: bool, is_choice_checked: bool, narrower: Vec<NarrowerFigure> },
}

impl From<Kept> for WithheldFigures {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::CellsAlone(cells) => WithheldFigures { cells, is_fewest: None, is_choice_checked: None, narrower: None },
            Kept::All { cells, is_fewest, is_choice_checked, narrower } => {
                WithheldFigures { cells, is_fewest: Some(is_fewest), is_choice_checked: Some(is_choice_checked), narrower: Some(narrower) }
            }
        }
    }
}

/// What an edition withholds, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithheldReport {
    /// The edition.
    pub edition_id: String,
    /// Whether it is out: then this is what was withheld when it was published.
    pub is_published: bool,
    /// What becomes of small counts.
    pub disclosure: Disclosure,
    /// Why they stand as counted.
    pub disclosure_reason: Option<String>,
    /// What is withheld.
    pub cells: Vec<WithheldCell>,
    /// Whether no fewer would have done; where not, all that is withheld is still safe. Null, it was published before this was kept.
    pub is_fewest: Option<bool>,
    /// Whether a reader who knows how figures are chosen was asked of all of them; where not, they may narrow some. Null, it was published
    /// before this was kept.
    pub is_choice_checked: Option<bool>,
    /// What is withheld, or printed nowhere, and can all the same be narrowed further than the rule allows. What was as narrow by other
    /// editions alone is left out. Null, it was published before this was kept.
    pub narrower: Option<Vec<NarrowerFigure>>,
}

/// A published document.
#[derive(Debug, Clone)]
pub struct FrozenFile {
    /// Its media type.
    pub media_type: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its bytes, as they were published.
    pub bytes: Vec<u8>,
}

/// A publication as it is stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = statement_publications)]
pub(super) struct PublicationRow {
    pub(super) edition_id: String,
    pub(super) published_on: NaiveDate,
    pub(super) review_due_on: NaiveDate,
    pub(super) content: String,
    pub(super) content_sha256: String,
    pub(super) profile_code: String,
    pub(super) profile: String,
    pub(super) profile_sha256: String,
    pub(super) code_version: String,
    pub(super) withheld: String,
    pub(super) recorded_by: String,
    pub(super) recorded_at: Instant,
    pub(super) recorded_seq: i64,
}

/// The publication of an edition; none, it is not out.
pub fn publication_of(connection: &mut AnyConnection, edition_id: &str) -> Result<Option<StatementPublication>, Error> {
    let row: Option<PublicationRow> =
        statement_publications::table.find(edition_id).select(PublicationRow::as_select()).first(connection).optional()?;
    let Some(row) = row else { return Ok(None) };
    let mut files: Vec<StatementFileSummary> = statement_files::table
        .filter(statement_files::edition_id.eq(edition_id))
        .select((statement_files::format, statement_files::media_type, statement_files::sha256, statement_files::size_bytes))
        .load(connection)?;
    files.sort_by_key(|file| file.format);
    Ok(Some(StatementPublication {
        snapshot_ids: snapshots_of(connection, edition_id)?,
        files,
        edition_id: row.edition_id,
        published_on: row.published_on,
        review_due_on: row.review_due_on,
        content_sha256: row.content_sha256,
        profile_code: row.profile_code,
        profile_sha256: row.profile_sha256,
        code_version: row.code_version,
        recorded_by: row.recorded_by,
        recorded_at: row.recorded_at,
        recorded_seq: row.recorded_seq,
    }))
}

/// What was withheld when an edition was published; none, it is not out.
pub fn withheld_when_published(connection: &mut AnyConnection, edition_id: &str) -> Result<Option<WithheldFigures>, Error> {
    let text: Option<String> =
        statement_publications::table.find(edition_id).select(statement_publications::withheld).first(connection).optional()?;
    text.map(|text| serde_json::from_str::<Kept>(&text).map(WithheldFigures::from).map_err(Error::fault)).transpose()
}

/// The snapshots that a published edition was made from.
pub(super) fn snapshots_of(connection: &mut AnyConnection, edition_id: &str) -> Result<Vec<String>, Error> {
    Ok(statement_snapshots::table
        .filter(statement_snapshots::edition_id.eq(edition_id))
        .order(statement_snapshots::snapshot_id)
        .select(statement_snapshots::snapshot_id)
        .load(connection)?)
}

/// Every snapshot that a published edition names.
pub fn named_snapshots(connection: &mut AnyConnection) -> Result<BTreeSet<String>, Error> {
    let ids: Vec<String> = statement_snapshots::table.select(statement_snapshots::snapshot_id).load(connection)?;
    Ok(ids.into_iter().collect())
}

/// The bytes of a published document; none, it was not published in that form.
pub(super) fn file_bytes(connection: &mut AnyConnection, edition_id: &str, format: StatementFormat) -> Result<Option<Vec<u8>>, Error> {
    Ok(statement_files::table.find((edition_id, format)).select(statement_files::bytes).first(connection).optional()?)
}

/// A document of an edition as it was published; none, the edition is not out. Fails where it was not published in that form.
pub fn frozen_file(connection: &mut AnyConnection, edition_id: &str, format: StatementFormat) -> Result<Option<FrozenFile>, Error> {
    find(connection, edition_id)?;
    let found: Option<(String, String, Vec<u8>)> = statement_files::table
        .find((edition_id, format))
        .select((statement_files::media_type, statement_files::sha256, statement_files::bytes))
        .first(connection)
        .optional()?;
    if let Some((media_type, sha256, bytes)) = found {
        return Ok(Some(FrozenFile { media_type, sha256, bytes }));
    }
    let publications = statement_publications::table.find(edition_id).select(statement_publications::recorded_seq);
    match publications.first::<i64>(connection).optional()? {
        Some(_) => Err(Error::not_found("document: the edition was not published in that form")),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_back_and_of_one_from_before_its_cells_alone() {
        let cell = WithheldCell { cell: "a 2023-24".to_owned(), label: "a".to_owned(), why: "a small count".to_owned() };
        let whole = WithheldFigures {
            cells: vec![cell.clone()],
            is_fewest: Some(true),
            is_choice_checked: Some(false),
            narrower: Some(vec![NarrowerFigure { label: "the rest of a".to_owned(), values: 3 }]),
        };
        let before = WithheldFigures { cells: vec![cell.clone()], is_fewest: None, is_choice_checked: None, narrower: None };
        let texts = [serde_json::to_string(&whole), serde_json::to_string(&[cell])];
        for (text, expected) in texts.into_iter().zip([whole, before]) {
            let kept: Kept = serde_json::from_str(&text.expect("text")).expect("what is kept");
            assert_eq!(WithheldFigures::from(kept), expected);
        }
    }
}
