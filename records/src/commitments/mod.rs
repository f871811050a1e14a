//! Commitments and what they leave of a budget, as the store has it now: budget control, a package's weeks, payments that settle nothing
//! or too much, releases, and what a decision would exceed. The rules are in [`domain::commitments`].
//!
//! Payments of a provider settle all that it is planned to be paid on a budget line, whoever's package it is. So whatever is asked here is
//! worked out for a budget line and year as a whole, at the cost of what is on it in that year.

pub mod asked;
pub mod books;
pub mod budget_check;
pub mod control;
pub(crate) mod left;
pub mod package_weeks;
pub mod payments;
pub mod recorded;
pub mod releases;
pub mod replaced;
pub mod unrecorded_orders;

pub use books::{Books, budget_of};
pub use budget_check::{BudgetCheck, BudgetHeld};
pub use control::BudgetControl;
pub use package_weeks::CommitmentCell;
pub use recorded::carried_out_of;
pub use releases::CommitmentRelease;

pub use crate::money::budget_hold::{Holding, Years, hold_against_budget, hold_order_against_budget, holding_against_budget};
