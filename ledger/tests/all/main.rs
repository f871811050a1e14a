//! Ledger files, imported into stores on both databases.

mod support;

mod closed_years;
mod corrections;
mod mappings;
mod orders;
mod reading;
mod refusing;
mod taking;
mod workbooks;
