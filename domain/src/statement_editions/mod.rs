//! Editions of the Short Breaks Service Statement: their sections, their course from draft to published, and what each step wants.
//!
//! An edition belongs to a financial year. A published one never changes: a correction is a new edition that names the one it corrects.

pub mod approving;
pub mod checklist;
pub mod consulting;
mod course;
pub mod creating;
mod words;

pub use course::{Course, Prints, refuse_draft, review_due_on};
pub use words::{Disclosure, EditionState, Requirement, RequirementStanding, Section, StatementFormat};
