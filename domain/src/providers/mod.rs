//! Providers: the registers they stand in, and what they must hold before they take a placement.

pub mod governance;
mod registration;

pub use registration::{BadNumber, Registration, RegistrationKind};
