//! The store: one interface over SQLite and PostgreSQL, chosen by URL.
//!
//! Invariants: writers take turns ([`Store::write`]), so audit numbers are given in commit order; every write records an audit
//! event in the same transaction; history tables refuse UPDATE and DELETE in the database itself.

pub mod audit;
pub mod clock;
mod connection;
mod error;
mod ledger_stage;
mod reference;
pub mod schema;
mod store;
mod support;

pub use audit::{Actor, ActorKind, Event};
pub use clock::Clock;
pub use connection::{AnyConnection, DatabaseUrl};
pub use error::Error;
pub use ledger_stage::{Comparison, Differing, LoadFile, Reversed, Stage, StagedLine};
pub use reference::{adopt_budget_lines, closed_through, open_financial_year, open_year_for};
pub use store::{Store, Write};
pub use support::{ArrangementVersions, arrangement_versions};

/// A new row's id: a version 7 UUID, so that ids sort by when they were made.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
