//! Notes of a panel: what was said apart from the items. Each writing is kept; the last counts.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::Page;
use crate::panel::day::{ListOfPanel, find};
use db::AnyConnection;
use db::schema::panel_notes;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

/// Notes of a panel, in one writing.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_notes)]
pub struct PanelNotes {
    /// The writing's id.
    pub id: String,
    /// The panel.
    pub panel_id: String,
    /// 1, 2, 3 … The last counts.
    pub number: i64,
    /// The notes.
    pub notes: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A panel's notes that count; none, nothing was written.
pub fn latest_notes(connection: &mut AnyConnection, panel_id: &str) -> Result<Option<PanelNotes>, Error> {
    Ok(panel_notes::table
        .filter(panel_notes::panel_id.eq(panel_id))
        .select(PanelNotes::as_select())
        .order(panel_notes::number.desc())
        .first(connection)
        .optional()?)
}

/// Lists a panel's notes.
pub fn list(connection: &mut AnyConnection, id: &str, wanted: ListOfPanel) -> Result<Page<PanelNotes>, Error> {
    let ListOfPanel { limit, cursor } = wanted;
    let after = cursor.after_number()?;
    let panel = find(connection, id)?;
    let rows = panel_notes::table
        .select(PanelNotes::as_select())
        .filter(panel_notes::panel_id.eq(panel.id).and(panel_notes::number.gt(after)))
        .order(panel_notes::number)
        .limit(limit.and_one())
        .load(connection)?;
    Ok(limit.page(rows, |row: &PanelNotes| row.number.to_string()))
}
