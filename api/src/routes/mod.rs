//! One file a resource: its parameters, its answers, its operations and its queries, top to bottom.

pub mod activity_returns;
pub mod api_clients;
pub mod audit_events;
pub mod budget_lines;
pub mod budget_movements;
pub mod children;
pub mod costings;
pub mod financial_years;
pub mod grant_activity_returns;
pub mod grants;
pub mod health;
pub mod ledger_entries;
pub mod ledger_imports;
pub mod package_lines;
pub mod packages;
pub mod profile;
pub mod providers;
pub mod reports;
pub mod tokens;
pub mod users;
pub mod virements;
