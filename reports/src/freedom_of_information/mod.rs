//! `freedom-of-information`: a pack that answers what councils are asked every year, over one to five years.
//!
//! It is for the public. So every count of children, and every amount that tells of one, goes through [`domain::disclosure`] before it is
//! written, all years and questions together. What is not held is said.

mod answers;
mod gathered;
mod question;

pub use answers::{FreedomOfInformation, FreedomOfInformationAnswer, FreedomOfInformationQuery, YearCount, freedom_of_information};
pub use question::{FreedomOfInformationQuestion, InformationMeasure};
