//! Assessments of a child's needs, and what happened to each: checkpoints, completion, authorisation, consent.
//!
//! Steps are added, never changed. An assessment is part of its child's record, so every read is on the audit trail.

pub mod assessment;
pub mod progress;
pub mod reading;
pub mod recording;
pub mod steps;

pub use assessment::{Assessment, find};
pub use progress::{AssessmentProgress, Makers, StepTaken, authorised_of_child, authorised_of_children, makers, progress};
pub use reading::{AssessmentStatus, AssessmentWithSteps, ListAssessments, list, read};
pub use recording::{NewAssessment, record};
