//! The case management decision: the manager's note in the child's own record, made after the panel. Until then the item is outstanding.

pub mod note;
pub mod recording;

pub use note::{CaseManagementDecision, case_management_decision_of};
pub use recording::{NewCaseManagementDecision, record};
