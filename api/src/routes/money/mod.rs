//! Budget lines, financial years, and the movements that make a budget.

pub mod budget_lines;
pub mod budget_movements;
pub mod financial_years;
pub mod virements;
