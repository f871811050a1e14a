//! Publishing an edition: what it says, the profile, the snapshots and the finished documents are frozen together.

use crate::error::Error;
use crate::people::persons::refuse_tools;
use crate::statement_editions::content::{EditionContent, ToCompose, approval_as_it_stands, content};
use crate::statement_editions::edition::{course, find};
use crate::statement_editions::publication::{PublicationRow, StatementPublication, WithheldFigures, publication_of};
use crate::statement_editions::sections::sections_of;
use crate::statement_editions::standing::written;
use crate::statement_editions::words::requirements_of;
use chrono::NaiveDate;
use db::schema::{statement_files, statement_publications, statement_snapshots};
use db::{AnyConnection, Event, Write};
use diesel::prelude::*;
use domain::statement_editions::checklist::refuse_incomplete;
use domain::statement_editions::{StatementFormat, review_due_on};
use domain::{Code, Profile};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The largest document kept, in bytes.
const MOST_FILE_BYTES: usize = 50 * 1024 * 1024;

/// A finished document.
#[derive(Debug, Clone)]
pub struct RenderedFile {
    /// Its form.
    pub format: StatementFormat,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Nothing more than the wish to publish.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct NewStatementPublication {}

/// What is frozen when an edition is published.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// What the documents say, besides the figures.
    pub content: EditionContent,
    /// The snapshots that the figures came from.
    pub snapshot_ids: Vec<String>,
    /// The finished documents, made of these.
    pub files: Vec<RenderedFile>,
    /// What they do not show, and why.
    pub withheld: WithheldFigures,
    /// Version of the program that made them.
    pub code_version: String,
}

/// What an edition goes out with: what it says, and the snapshot that was approved. Refuses one that may not go out as it stands: nobody
/// approved it so, it lacks what the Regulations require, or it would print something else than what was approved. Asked before the
/// documents are made, and once more when they are.
pub fn to_publish(connection: &mut AnyConnection, profile: &Profile, edition_id: &str, today: NaiveDate) -> Result<ToCompose, Error> {
    find(connection, edition_id)?;
    course(connection, edition_id)?.refuse_publication()?;
    let sections = sections_of(connection, edition_id)?;
    refuse_incomplete(&requirements_of(connection, edition_id)?, &written(&sections))?;
    let content = content(connection, edition_id, today)?;
    let Some((snapshot_id, approved)) = approval_as_it_stands(connection, profile, &content)? else {
        let detail = "Something that the edition prints changed since it was approved. It is approved again before it is published.";
        return Err(Error::refused(Code::StateConflict, detail));
    };
    Ok(ToCompose { content, snapshot_id: Some(snapshot_id), approved: Some(approved) })
}

/// Publishes an edition. Its documents were made before the write began; if it says something else by now, it is refused.
pub fn publish(write: &mut Write<'_>, profile: &Profile, edition_id: &str, frozen: &Frozen) -> Result<StatementPublication, Error> {
    refuse_tools(write.actor)?;
    let today = write.today();
    let ToCompose { content, snapshot_id, .. } = to_publish(write.connection, profile, edition_id, today)?;
    let (text, sha256) = content.frozen()?;
    if frozen.content.frozen()?.1 != sha256 || snapshot_id.is_none_or(|approved| !frozen.snapshot_ids.contains(&approved)) {
        let detail = "Something that the edition says changed while its documents were made. Publish it again.";
        return Err(Error::refused(Code::StateConflict, detail));
    }
    if frozen.files.is_empty() || frozen.snapshot_ids.is_empty() {
        return Err(Error::Fault("an edition without documents or a snapshot".to_owned()));
    }
    let profile_text = serde_json::to_string(profile).map_err(Error::fault)?;
    let row = PublicationRow {
        edition_id: edition_id.to_owned(),
        published_on: write.today(),
        review_due_on: review_due_on(write.today()),
        content: text,
        content_sha256: sha256,
        profile_code: profile.code.clone(),
        profile_sha256: sha256_of(profile_text.as_bytes()),
        profile: profile_text,
        code_version: frozen.code_version.clone(),
        withheld: serde_json::to_string(&frozen.withheld).map_err(Error::fault)?,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(statement_publications::table).values(&row).execute(write.connection)?;
    keep(write, edition_id, frozen)?;
    let detail = json!({ "content_sha256": row.content_sha256, "snapshots": frozen.snapshot_ids, "files": frozen.files.len() });
    write.record(Event::new("publish", "statement_editions", edition_id).with(detail))?;
    publication_of(write.connection, edition_id)?.ok_or_else(|| Error::Fault("a publication that is not there".to_owned()))
}

fn sha256_of(bytes: &[u8]) -> String {
    db::audit::hex(&Sha256::digest(bytes))
}

/// Keeps the snapshots' ids and the documents.
fn keep(write: &mut Write<'_>, edition_id: &str, frozen: &Frozen) -> Result<(), Error> {
    let seq = write.seq();
    for snapshot in frozen.snapshot_ids.iter().collect::<BTreeSet<_>>() {
        let row = (
            statement_snapshots::edition_id.eq(edition_id),
            statement_snapshots::snapshot_id.eq(snapshot),
            statement_snapshots::recorded_seq.eq(seq),
        );
        diesel::insert_into(statement_snapshots::table).values(row).execute(write.connection)?;
    }
    for file in &frozen.files {
        if file.bytes.len() > MOST_FILE_BYTES {
            return Err(Error::refused(
                Code::TooLarge,
                format!("The document in the form {} is larger than {MOST_FILE_BYTES} bytes.", file.format),
            ));
        }
        let row = (
            statement_files::edition_id.eq(edition_id),
            statement_files::format.eq(file.format),
            statement_files::media_type.eq(&file.media_type),
            statement_files::sha256.eq(sha256_of(&file.bytes)),
            statement_files::size_bytes.eq(i64::try_from(file.bytes.len()).map_err(Error::fault)?),
            statement_files::bytes.eq(&file.bytes),
            statement_files::recorded_seq.eq(seq),
        );
        diesel::insert_into(statement_files::table).values(row).execute(write.connection)?;
    }
    Ok(())
}
