//! The real server and the real program, tested on both databases.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

mod access;
mod audit;
mod budgets;
mod children;
mod command_line;
mod grants;
mod idempotency;
mod interruption;
mod ledger_entries;
mod ledger_imports;
mod openapi;
mod packages;
mod providers;
mod requests;
mod schema;
mod tokens;
