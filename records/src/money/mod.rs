//! Budget lines, financial years, and the movements that make a budget.

pub mod budget_hold;
pub mod budget_line;
pub mod budget_lines;
pub mod budget_movements;
pub mod carrying_again;
pub mod closed_years;
pub mod financial_years;
pub mod movement;
pub mod virements;
