//! The reports, from stores on both databases to the files that people read.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[allow(dead_code, unused_imports, reason = "the warehouse's tests use the rest")]
#[path = "../../../etl/tests/all/common/mod.rs"]
mod common;
mod sheets;

mod annual_review;
mod forecast;
mod freedom_of_information;
mod libreoffice;
mod money;
mod next_year;
mod panel;
mod returns;
mod statement;
mod statement_disclosure;
mod statement_gathered;
mod workbooks;
