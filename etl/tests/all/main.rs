//! The warehouse, filled from stores on both databases.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

mod commitments;
mod decisions;
mod direct_payments;
mod duckdb;
mod figures;
mod forecast;
mod grant_activity;
mod joint_funding;
mod killed;
mod nights;
mod packages;
mod privacy;
mod runs;
mod unit_costs;
