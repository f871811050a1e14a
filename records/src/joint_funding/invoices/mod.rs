//! Invoices to health: what funders are asked to pay of the packages they share, credited, paid and disputed.
//!
//! Nothing that was invoiced is rewritten. What changes after an invoice is put right by a line of the next one or by a credit note, and
//! an invoice that should never have been is taken back by a credit note for all of it.

pub mod aged_debt;
pub mod credit_notes;
pub mod crediting;
pub mod disputes;
pub mod disputing;
mod facts;
pub mod invoice;
pub mod issuing;
mod money;
pub mod proposal;
pub mod reading;
pub mod receipts;
pub mod receiving;
pub mod reversing;
pub mod summaries;

pub use invoice::location_of;
