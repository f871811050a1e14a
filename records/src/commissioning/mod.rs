//! Commissioning: the steps by which an approved request becomes a package in force, who took them, and what is missing.
//!
//! The steps are the profile's. Three of them are shown by records of their own: the case management decision, the package line
//! and the purchase order.

pub mod approval;
pub mod arrangements;
pub mod before_start;
pub mod cancelling_orders;
pub mod drift;
pub mod drift_list;
pub mod progress;
pub mod purchase_order;
pub mod purchase_orders;
pub mod step;
pub mod steps;
pub mod worker;
pub mod workers;

pub use crate::packages::commissioning_list::{
    follow_state, follow_state as follow, update_list, update_list as settle, update_list_for_line, update_list_for_line as settle_line,
};
pub use approval::{Approval, approval_of, approvals_of};
pub use arrangements::{Arrangement, arrangements_of, standing_arrangements};
pub use before_start::{before_start_mistakes, refuse_early_order};
pub use progress::{Commissioning, StepProgress, read};
