//! The store: one interface over SQLite and PostgreSQL, chosen by URL.
//!
//! Invariants: writers take turns ([`Store::write`]), so audit numbers are given in commit order; every write records an audit
//! event in the same transaction; history tables refuse UPDATE and DELETE in the database itself.

mod arrangements;
pub mod audit;
pub mod clock;
mod connection;
mod error;
mod owner;
mod reference;
pub mod schema;
mod store;
mod unconfirmed;

use diesel::RunQueryDsl;

pub use arrangements::{ArrangementVersions, arrangement_versions};
pub use audit::{Actor, ActorKind, Event};
pub use clock::Clock;
pub use connection::{AnyConnection, DatabaseUrl};
pub use error::Error;
pub use owner::refuse_other_authority;
pub use reference::{adopt_profile, closed_through, open_financial_year, open_year_for};
pub use store::{Store, Write};
pub use unconfirmed::write_unconfirmed_anew;

/// Asks the database for an answer, whatever it holds.
pub fn ping(connection: &mut AnyConnection) -> Result<(), Error> {
    diesel::sql_query("SELECT 1").execute(connection)?;
    Ok(())
}

/// A new row's id: a version 7 UUID, so that ids sort by when they were made.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
