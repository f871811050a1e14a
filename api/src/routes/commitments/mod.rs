//! Commitments and what they leave of a budget, as the store has it now: budget control, a package's weeks, payments that settle nothing
//! or too much, releases, and what a decision would exceed. The rules are in [`domain::commitment`].
//!
//! Payments of a provider settle all that it is planned to be paid on a budget line, whoever's package it is. So whatever is asked here is
//! worked out for a budget line and year as a whole, at the cost of what is on it in that year.

mod asked;
mod books;
mod control;
mod exceeded;
mod package_weeks;
mod payments;
mod releases;

pub use books::{Books, budget_of, carried_out_of};
pub use control::{BudgetControl, get_budget_control};
pub use exceeded::{BudgetCheck, hold_against_budget, holding_against_budget};
pub use package_weeks::{CommitmentCell, get_package_commitments};
pub use payments::{list_overpayments, list_unmatched_payments};
pub use releases::{
    CommitmentRelease, create_commitment_release, get_commitment_release, list_commitment_releases, reverse_commitment_release,
};
