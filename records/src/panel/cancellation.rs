//! The cancellation of a panel, as it was recorded.

use crate::error::Error;
use crate::instant::Instant;
use db::AnyConnection;
use db::schema::panel_cancellations;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

/// The cancellation of a panel.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_cancellations)]
pub struct PanelCancellation {
    /// The panel.
    pub panel_id: String,
    /// In words.
    pub reason: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A panel's cancellation; none, it stands.
pub fn cancellation_of(connection: &mut AnyConnection, panel_id: &str) -> Result<Option<PanelCancellation>, Error> {
    Ok(panel_cancellations::table.find(panel_id).select(PanelCancellation::as_select()).first(connection).optional()?)
}
