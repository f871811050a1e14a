//! Decisions on requests: what the panel decided, with whose authority, and what is to be done.

pub mod actions;
pub mod appeals;
pub mod authorisations;
pub mod authorising;
pub mod case_management;
pub mod deciding;
pub mod decision;
pub mod reading;
pub mod reasoning;
pub mod recording;
pub mod without_panel;

pub use actions::{DecisionAction, actions_of};
pub use authorisations::{Authorisation, authorisations_of, standing_deferral};
pub use case_management::{CaseManagementDecision, case_management_decision_of};
pub use deciding::refuse_tools;
pub use decision::{Decision, DecisionVote, decided_lines_of, find, signposts_of, votes_of};
pub use reading::{DecisionInFull, ListDecisions};
pub use reasoning::Reasoning;
pub use recording::DecisionMade;
