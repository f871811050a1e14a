//! What an edition says, all in one piece: what its documents are made of, besides the figures.

use crate::error::Error;
use crate::providers::public_entries::{PublicEntryOfProvider, entries_on};
use crate::statement_editions::edition::{StatementEdition, course, find};
use crate::statement_editions::publication::{file_bytes, snapshots_of};
use crate::statement_editions::sections::last_versions;
use crate::statement_editions::words::{StatementApproval, approval_of, consultations_of, disclosure_of, requirements_of};
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{statement_editions, statement_publications};
use diesel::prelude::*;
use domain::statement_editions::checklist::RequirementWord;
use domain::statement_editions::{Disclosure, EditionState, Section, StatementFormat};
use domain::{FinancialYear, Profile};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Everything that the documents of an edition are made of, besides the figures. The same content and the same snapshots make the same
/// documents.
#[derive(Debug, Clone, Serialize)]
pub struct EditionContent {
    /// The edition.
    pub edition_id: String,
    /// The year that it tells of.
    pub year: FinancialYear,
    /// 1, 2, 3 … within the year.
    pub number: i64,
    /// The number of the edition that it corrects.
    pub corrects_number: Option<i64>,
    /// What it says that the one it corrects did not.
    pub what_changed: Option<String>,
    /// The day that its documents carry.
    pub dated: NaiveDate,
    /// What becomes of small counts.
    pub disclosure: Disclosure,
    /// Why they stand as counted.
    pub disclosure_reason: Option<String>,
    /// Whether it may go out although some withheld figures can be narrowed, for that reason.
    pub accepts_narrower: bool,
    /// The sections that have text, in the statement's order.
    pub sections: Vec<ContentSection>,
    /// What was said of what the Regulations require.
    pub requirements: Vec<RequirementWord>,
    /// Who was consulted.
    pub consultations: Vec<ContentConsultation>,
    /// What the public is told of providers on that day: by kind, then by name.
    pub entries: Vec<PublicEntryOfProvider>,
    /// Every other edition that is published, of whichever year, in the order in which they went out.
    pub earlier: Vec<EarlierEdition>,
}

/// A section's text.
#[derive(Debug, Clone, Serialize)]
pub struct ContentSection {
    /// Which section.
    pub section: Section,
    /// Its heading.
    pub title: String,
    /// The version of its text.
    pub version: i64,
    /// Its text.
    pub markdown: String,
}

/// A consultation.
#[derive(Debug, Clone, Serialize)]
pub struct ContentConsultation {
    /// With whom.
    pub with_whom: String,
    /// When.
    pub held_on: NaiveDate,
    /// What changed in consequence.
    pub what_changed: String,
}

/// An edition that is published already, with what its figures came from.
#[derive(Debug, Clone, Serialize)]
pub struct EarlierEdition {
    /// The edition.
    pub edition_id: String,
    /// The year that it tells of.
    pub year: FinancialYear,
    /// Its number within the year.
    pub number: i64,
    /// What became of small counts in it.
    pub disclosure: Disclosure,
    /// The snapshots that it was made from.
    pub snapshot_ids: Vec<String>,
    /// Its published figures for programs, byte for byte: what it shows and what it withholds. It never changes, so its id stands for it.
    #[serde(skip)]
    pub figures: Option<Vec<u8>>,
}

impl EditionContent {
    /// The content as text, and its SHA-256: what was frozen, and whether it is still the same.
    pub fn frozen(&self) -> Result<(String, String), Error> {
        let text = serde_json::to_string(self).map_err(Error::fault)?;
        let sha256 = db::audit::hex(&Sha256::digest(text.as_bytes()));
        Ok((text, sha256))
    }

    /// The SHA-256 of all that is printed but for the day and the figures, with the profile that words it: what an approval is of.
    pub fn prints_sha256(&self, profile: &Profile) -> Result<String, Error> {
        let mut content = serde_json::to_value(self).map_err(Error::fault)?;
        if let Some(fields) = content.as_object_mut() {
            fields.remove("dated");
        }
        let text = serde_json::to_string(&(content, profile)).map_err(Error::fault)?;
        Ok(db::audit::hex(&Sha256::digest(text.as_bytes())))
    }
}

/// What an edition says, dated on a day.
pub fn content(connection: &mut AnyConnection, edition_id: &str, dated: NaiveDate) -> Result<EditionContent, Error> {
    let edition = find(connection, edition_id)?;
    let corrects = edition.corrects_id.as_deref().map(|id| find(connection, id)).transpose()?;
    let choice = disclosure_of(connection, edition_id)?;
    let sections = last_versions(connection, edition_id)?.into_iter().filter(|row| !row.markdown.is_empty());
    let consultations = consultations_of(connection, edition_id)?.into_iter();
    Ok(EditionContent {
        year: edition.financial_year,
        number: edition.number,
        corrects_number: corrects.map(|corrected| corrected.number),
        what_changed: edition.what_changed.clone(),
        dated,
        disclosure: choice.as_ref().map_or(Disclosure::Withheld, |choice| choice.disclosure),
        accepts_narrower: choice.as_ref().is_some_and(|choice| choice.accepts_narrower),
        disclosure_reason: choice.map(|choice| choice.reason),
        sections: sections
            .map(|row| ContentSection {
                section: row.section,
                title: row.section.title().to_owned(),
                version: row.version,
                markdown: row.markdown,
            })
            .collect(),
        requirements: requirements_of(connection, edition_id)?,
        consultations: consultations
            .map(|one| ContentConsultation { with_whom: one.with_whom, held_on: one.held_on, what_changed: one.what_changed })
            .collect(),
        entries: entries_on(connection, dated)?,
        earlier: earlier(connection, Some(&edition.id))?,
        edition_id: edition.id,
    })
}

/// What the documents of an edition are made of, besides the warehouse.
#[derive(Debug, Clone)]
pub struct ToCompose {
    /// What it says.
    pub content: EditionContent,
    /// The snapshot that its figures are from: the one that was approved; none, the current one.
    pub snapshot_id: Option<String>,
    /// The post that approved it, and the day; none, nobody yet.
    pub approved: Option<(String, NaiveDate)>,
}

/// What the documents of an edition would be made of, dated on a day: its figures from the snapshot that was approved, while it is approved as
/// it stands, and from the current one otherwise.
pub fn to_compose(connection: &mut AnyConnection, profile: &Profile, edition_id: &str, dated: NaiveDate) -> Result<ToCompose, Error> {
    let content = content(connection, edition_id, dated)?;
    let is_approved = course(connection, edition_id)?.state() == EditionState::Approved;
    let approval = if is_approved { approval_as_it_stands(connection, profile, &content)? } else { None };
    Ok(match approval {
        Some((snapshot_id, approved)) => ToCompose { content, snapshot_id: Some(snapshot_id), approved: Some(approved) },
        None => ToCompose { content, snapshot_id: None, approved: None },
    })
}

/// A snapshot, with the post that approved it and the day.
type ApprovedSnapshot = (String, (String, NaiveDate));

/// The approved snapshot, where the last approval is of what the content would print now.
pub(super) fn approval_as_it_stands(
    connection: &mut AnyConnection,
    profile: &Profile,
    content: &EditionContent,
) -> Result<Option<ApprovedSnapshot>, Error> {
    let prints_sha256 = content.prints_sha256(profile)?;
    let approval = approval_of(connection, &content.edition_id)?.filter(|last| last.prints_sha256.as_ref() == Some(&prints_sha256));
    let of_snapshot = |approval: StatementApproval| {
        let approved = (approval.post, profile.time_zone.day_of(approval.recorded_at.0));
        Some((approval.snapshot_id?, approved))
    };
    Ok(approval.and_then(of_snapshot))
}

/// Every published edition but the one with this id, in the order in which they went out: what any of them shows is known, and what it
/// withholds stays withheld, of whichever year it is, later ones too.
pub fn earlier(connection: &mut AnyConnection, but_edition_id: Option<&str>) -> Result<Vec<EarlierEdition>, Error> {
    use statement_editions as editions;
    let rows: Vec<StatementEdition> = editions::table
        .inner_join(statement_publications::table.on(statement_publications::edition_id.eq(editions::id)))
        .order(statement_publications::recorded_seq)
        .select(StatementEdition::as_select())
        .load(connection)?;
    let mut earlier = Vec::with_capacity(rows.len());
    for row in rows.into_iter().filter(|row| but_edition_id != Some(row.id.as_str())) {
        earlier.push(EarlierEdition {
            disclosure: disclosure_of(connection, &row.id)?.map_or(Disclosure::Withheld, |choice| choice.disclosure),
            snapshot_ids: snapshots_of(connection, &row.id)?,
            figures: file_bytes(connection, &row.id, StatementFormat::Json)?,
            year: row.financial_year,
            number: row.number,
            edition_id: row.id,
        });
    }
    Ok(earlier)
}
