//! An edition's sections as files: one Markdown file each, and a note of the versions that were read.

use super::author::Author;
use super::named;
use anyhow::{Context, anyhow, bail};
use db::Store;
use domain::statement_editions::Section;
use records::statement_editions::{StatementEdition, read_section, sections_of, write_section};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The note's name.
const NOTE: &str = "edition.json";

/// Which edition a folder holds, and in which versions.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    edition_id: String,
    versions: BTreeMap<Section, i64>,
}

impl Note {
    /// The version that was pulled; 0, nothing was written yet.
    fn version(&self, section: Section) -> i64 {
        self.versions.get(&section).copied().unwrap_or_default()
    }
}

/// Writes every section of an edition. A folder with changes that were not recorded is left as it is.
pub fn pull(store: &Store, edition: &StatementEdition, folder: &Path) -> anyhow::Result<String> {
    fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let note = read_note(folder)?;
    let written = Section::all().iter().find(|section| folder.join(format!("{section}.md")).exists());
    if let (None, Some(section)) = (&note, written) {
        bail!("{} has {section}.md already and no {NOTE}; name another folder", folder.display());
    }
    if let Some(note) = note {
        if note.edition_id != edition.id {
            bail!("the folder {} holds another edition; name another folder", folder.display());
        }
        let changed = changed_sections(store, edition, &note, folder)?;
        if let Some((section, _)) = changed.first() {
            bail!("{section}.md in {} has changes that are not recorded; run `edition push` first", folder.display());
        }
    }
    let sections = store.read(|connection| sections_of(connection, &edition.id)).map_err(|error| anyhow!("{error}"))?;
    for section in &sections {
        let text = section.markdown.as_deref().map(|text| format!("{text}\n")).unwrap_or_default();
        let path = folder.join(format!("{}.md", section.section));
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let versions = sections.iter().map(|section| (section.section, section.version)).collect();
    write_note(folder, &Note { edition_id: edition.id.clone(), versions })?;
    Ok(format!("Wrote {} sections of {} into {}.", sections.len(), named(edition), folder.display()))
}

/// Records the sections whose files changed. One that somebody else wrote since it was pulled is refused.
pub fn push(author: &Author<'_>, edition: &StatementEdition, folder: &Path) -> anyhow::Result<String> {
    let note = read_note(folder)?;
    let mut note = note.with_context(|| format!("{} holds no {NOTE}; run `edition pull` first", folder.display()))?;
    if note.edition_id != edition.id {
        bail!("the folder {} holds another edition than {}; pull that one into another folder", folder.display(), named(edition));
    }
    let mut recorded = Vec::new();
    for (section, text) in changed_sections(author.store(), edition, &note, folder)? {
        let read = note.version(section);
        let written = author
            .write(&json!({ "markdown": text }), |write, new| write_section(write, &edition.id, section, read, new))
            .with_context(|| format!("the section {section} was not recorded"))?;
        recorded.push(section.as_str());
        note.versions.insert(section, written.section.version);
        write_note(folder, &note)?;
    }
    Ok(match recorded.len() {
        0 => "No section changed.".to_owned(),
        _ => format!("Recorded {} of {}.", recorded.join(", "), named(edition)),
    })
}

/// The sections whose files say something else than what was pulled, each with what its file says.
fn changed_sections(
    store: &Store,
    edition: &StatementEdition,
    note: &Note,
    folder: &Path,
) -> anyhow::Result<Vec<(Section, Option<String>)>> {
    let mut changed = Vec::new();
    for section in Section::all().iter().copied() {
        let pulled = match note.version(section) {
            0 => None,
            version => {
                let read = store.read(|connection| read_section(connection, &edition.id, section, Some(version)));
                read.map_err(|error| anyhow!("{error}"))?.markdown
            }
        };
        let text = text_of(folder, section)?;
        if text != pulled {
            changed.push((section, text));
        }
    }
    Ok(changed)
}

/// What a section's file says, as it is recorded: no spaces at its ends, no tabs. None, it says nothing or is not there.
fn text_of(folder: &Path, section: Section) -> anyhow::Result<Option<String>> {
    let path = folder.join(format!("{section}.md"));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("{} is missing; a section without text has an empty file", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let text = text.replace("\r\n", "\n").replace('\t', "    ");
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn read_note(folder: &Path) -> anyhow::Result<Option<Note>> {
    let path = folder.join(NOTE);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(serde_json::from_str(&text).with_context(|| format!("{} is not right; pull again", path.display()))?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

fn write_note(folder: &Path, note: &Note) -> anyhow::Result<()> {
    let path = folder.join(NOTE);
    fs::write(&path, serde_json::to_string_pretty(note)?).with_context(|| format!("{} cannot be written", path.display()))
}
