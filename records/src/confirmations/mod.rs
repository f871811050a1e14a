//! Confirmations: a post says that support is agreed which no request brought to the record.
//!
//! Packages that were agreed before requests were kept here come in as lines that somebody records. What such a line costs is planned
//! like any other, and told apart. Nothing is ordered, placed, booked, invoiced or paid on it until a post that is responsible for the
//! child's total has confirmed it: one line, or many in one list.

pub mod around;
pub mod asking;
pub mod checking;
pub mod confirmation;
pub mod confirming;
pub mod many;
pub mod waiting;

pub use confirmation::{Confirmation, ConfirmationAuthority, Confirmations, NewConfirmation, PanelBefore};
pub use confirming::{confirm, list};
pub use many::{ConfirmedLines, NewLineConfirmations, confirm_many, preview};
pub use waiting::{ListUnconfirmed, UnconfirmedLine, UnconfirmedLines};
