//! Ledger files, imported into stores on both databases.

mod support;

mod closed_years;
mod corrections;
mod hidden_payments;
mod identity;
mod instants;
mod layouts;
mod line_ends;
mod mappings;
mod orders;
mod payees;
mod read_again;
mod reading;
mod refusing;
mod shapes;
mod sheets;
mod taking;
mod unread;
mod workbooks;
mod xls;
