//! Commitments and the forecast outturn.
//!
//! The extraction writes what they follow from as facts that keep their history; a [`History`] reads these back, sees them as they were
//! known on a day, and lets `domain::commitments` settle them. The run does so once for the marts, and a report that asks for an earlier
//! day does so again from the same snapshot: it gives the very figures that a run at the end of that day gave, as long as the authority's
//! profile is the same.

mod facts;
mod history;
mod invoices;
mod known;
mod left;
mod next_year;
mod outturn;
mod owners;
mod pending;
mod read;
mod rows;
mod tables;

pub use history::History;
pub use next_year::{NextYearMonth, NextYearQuestion};
pub use outturn::{MonthMovement, Outturn, OutturnMonth, Question, SettledPayments};
pub(crate) use read::{Commitments, read};
pub(crate) use tables::{COMMITMENTS, SETTLEMENTS, write};
