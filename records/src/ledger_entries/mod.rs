//! Ledger entries: what was really spent, as the council's finance system has it.

pub mod correcting;
pub mod entry;
pub mod imports;
pub mod matched;
pub mod matches;

pub use correcting::{EntryReversal, NewEntryReversal, reverse};
pub use entry::{LedgerEntry, ListEntries, find, list};
