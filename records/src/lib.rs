//! Rows, queries and operations.
//!
//! The order of the modules is a rule, from below to above, and a test reads it here (`tests/structure`). A file without `Write` in it holds
//! facts, and uses only what is of its own capability or one below. A file with it holds operations: it may use the facts of any capability,
//! and operations of its own or one below. No files use one another in a circle.

// What every capability uses.
mod error;
pub mod text;

pub mod idempotency;
pub mod instant;
pub mod page;
pub mod period;
pub mod reversal;

// Who may log in, the posts they hold, and who may be named.
pub mod people;

// A case reference and a date of birth.
pub mod children;

// Budget lines, financial years, and the movements that make a budget.
pub mod money;

// Who delivers, or takes a grant.
pub mod providers;

// The support commissioned for one child, line by line.
pub mod packages;

// What was really spent.
pub mod ledger_entries;

// A child's needs, and what happened to each assessment.
pub mod assessments;

// What a worker asks the panel for, and how it came to where it stands.
pub mod requests;

// Changes of a package's lines.
pub mod variations;

// All that a child has, will have and is asked for.
pub mod care_package;

// Who may authorise, and why.
pub mod authority;

// The days of panels, and what belongs to them.
pub mod panel;

// What the panel decided, with whose authority.
pub mod decisions;

// From an approved request to a package in force.
pub mod commissioning;

// Support agreed that no request brought to the record.
pub mod confirmations;

// Accounts, pay files, and what becomes of the money.
pub mod direct_payments;

// Health's share of packages, and the invoices for it.
pub mod joint_funding;

// Stays away from home, booked and stayed.
pub mod nights;

// Grants to the voluntary sector.
pub mod grants;

// What is committed, and what that leaves of a budget.
pub mod commitments;

// What a line would cost, before anyone asks for it.
pub mod costings;

// Many rates raised at once.
pub mod upratings;

// Agenda, minutes, outcomes and projection of a panel.
pub mod panel_sheets;

// What a closed year carries into the next.
pub mod year_end;

// A child leaves: what that ends, and what is still to be ended.
pub mod leavings;

// The Short Breaks Service Statement: what it says, and what was published.
pub mod statement_editions;

// What happened, to read and to verify.
pub mod audit_trail;

pub use error::Error;
