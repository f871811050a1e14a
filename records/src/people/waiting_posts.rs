//! Times in posts that one administrator recorded and another has still to agree.

use crate::error::Error;
use db::AnyConnection;
use db::schema::waiting_post_holdings;
use diesel::prelude::*;

/// A time in a post that waits.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = waiting_post_holdings)]
pub struct WaitingHolding {
    /// The holding's id.
    pub holding_id: String,
    /// The administrator who recorded it, or made it longer: another agrees.
    pub opened_by: String,
    /// The number of the audit event that did.
    pub opened_seq: i64,
}

/// Whether a time in a post waits, and who recorded it.
pub fn of(connection: &mut AnyConnection, holding_id: &str) -> Result<Option<WaitingHolding>, Error> {
    Ok(waiting_post_holdings::table.find(holding_id).select(WaitingHolding::as_select()).first(connection).optional()?)
}
