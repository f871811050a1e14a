//! The real server and the real program, tested on both databases.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

mod access;
mod after_decisions;
mod appeals;
mod assessments;
mod audit;
mod authorisations;
mod authority;
mod bookings;
mod budgets;
mod care_package;
mod care_package_total;
mod children;
mod command_line;
mod councils;
mod decisions;
mod grants;
mod heard_again;
mod http;
mod idempotency;
mod interruption;
mod ledger_entries;
mod ledger_imports;
mod openapi;
mod packages;
mod panel_members;
mod panel_reports;
mod panel_sheets;
mod panels;
mod paperwork;
mod posts;
mod providers;
mod races;
mod replacements;
mod request_steps;
mod schema;
mod states;
mod tokens;
mod without_panel;
