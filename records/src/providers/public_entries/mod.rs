//! What the public is told of providers: what they offer, and how the organisation is reached.

pub mod entry;
pub mod recording;

pub use entry::{
    ListPublicEntries, PublicEntry, PublicEntryHistory, PublicEntryOfProvider, entries_on, history, last_changed, list, writers_on,
};
pub use recording::{NewPublicEntry, record, revise};
