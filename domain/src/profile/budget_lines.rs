//! The budget lines that the authority keeps.

use crate::Direction;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A line of the budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProfileBudgetLine)]
pub struct BudgetLine {
    /// The code used everywhere: `direct_payments`.
    pub code: String,
    /// As a report prints it.
    pub name: String,
    /// Whether it pays or receives.
    pub direction: Direction,
    /// Where the authority lists it.
    pub clause: String,
}
