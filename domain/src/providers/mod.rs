//! Providers: the registers they stand in, and what they must hold before they take a placement.

pub mod governance;
pub mod public_entries;
mod registration;

pub use registration::{BadNumber, Registration, RegistrationKind};
