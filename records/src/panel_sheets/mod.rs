//! The sheets of a panel: agenda, minutes, outcomes and financial projection, as JSON, CSV and workbooks.
//!
//! They are read from the store as it stands, since they are used on the day. Every item read is on the audit trail.

pub mod agenda;
pub mod items;
pub mod minutes;
pub mod outcomes;
pub mod projection;
pub mod reading;
pub mod words;

pub use domain::panel_sheets::{ItemOutcome, period};
pub use items::panels_between;
pub use reading::{read, record_read};
