//! Writing the notes of a panel.

use crate::error::Error;
use crate::panel::day::find_standing;
use crate::panel::note::latest_notes;
pub use crate::panel::note::{PanelNotes, list};
use crate::text::Paragraphs;
use db::schema::panel_notes;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Notes to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "notes": "The terms of reference were gone through.\nThe next panel starts at 10:00." }))]
pub struct NewPanelNotes {
    /// All of them: they replace what was written before, which stays on record. Nothing about a child.
    pub notes: Paragraphs<8000>,
}

/// Writes a panel's notes anew.
pub fn write_anew(write: &mut Write<'_>, id: &str, new: NewPanelNotes) -> Result<PanelNotes, Error> {
    let panel = find_standing(write.connection, id)?;
    let notes = PanelNotes {
        id: new_id(),
        number: latest_notes(write.connection, &panel.id)?.map_or(0, |last| last.number) + 1,
        panel_id: panel.id,
        notes: new.notes.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_notes::table).values(&notes).execute(write.connection)?;
    write.record(Event::new("record", "panel_notes", &notes.id).with(json!({ "panel_id": notes.panel_id })))?;
    Ok(notes)
}
