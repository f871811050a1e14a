//! What is to be done after a decision, by whom, by when.

pub mod action;
pub mod asking;
pub mod reading;

pub(crate) use action::mistakes;
pub use action::{DecisionAction, NewAction, actions_of};
pub(crate) use asking::insert;
pub use asking::{Completion, complete};
pub use reading::{ListActions, list};
