//! Log-ins that one administrator opened and another has still to agree.

use crate::error::Error;
use db::AnyConnection;
use db::schema::waiting_access;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

/// A log-in that waits.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = waiting_access)]
#[schema(as = WaitingLogIn, example = json!({
    "subject_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "subject": "user", "opened_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a19",
    "opened_seq": 412
}))]
pub struct Waiting {
    /// The user's or client's id.
    pub subject_id: String,
    /// `user` or `client`.
    pub subject: String,
    /// The administrator who opened it, or gave it a new password: another agrees.
    pub opened_by: String,
    /// The number of the audit event that opened it.
    pub opened_seq: i64,
}

/// Every log-in that waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingLogIns)]
pub struct WaitingList {
    /// In the order opened.
    pub items: Vec<Waiting>,
}

/// Every log-in that waits.
pub fn list(connection: &mut AnyConnection) -> Result<WaitingList, Error> {
    let order = (waiting_access::opened_seq, waiting_access::subject_id);
    Ok(WaitingList { items: waiting_access::table.select(Waiting::as_select()).order(order).load(connection)? })
}

/// Whether a log-in waits, and who opened it.
pub fn of(connection: &mut AnyConnection, subject_id: &str) -> Result<Option<Waiting>, Error> {
    Ok(waiting_access::table.find(subject_id).select(Waiting::as_select()).first(connection).optional()?)
}
