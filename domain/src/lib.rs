//! Types and rules of commissioning and accounting for short breaks; no I/O.
//!
//! Money is integer pence, periods are half-open, and whatever differs between councils is read from a
//! [`profile::Profile`].

mod column;

pub mod assessments;
pub mod authority;
pub mod budgets;
pub mod care_package;
pub mod children;
pub mod commissioning;
pub mod commitments;
pub mod confirmations;
pub mod costing;
pub mod decisions;
pub mod direct_payments;
pub mod disclosure;
pub mod grants;
pub mod idempotency;
pub mod joint_funding;
pub mod ledger_entries;
pub mod money;
pub mod nights;
pub mod packages;
pub mod panel;
pub mod panel_sheets;
pub mod people;
pub mod periods;
pub mod profile;
pub mod providers;
pub mod refusal;
pub mod requests;
pub mod scenarios;
pub mod statement;
pub mod statement_editions;
pub mod time_zone;
pub mod upratings;
pub mod variations;
pub mod versions;
pub mod working_days;
pub mod year;
pub mod year_end;

pub use budgets::{Direction, MovementKind};
pub use money::{Pence, Quantity, UnitRate};
pub use packages::{Frequency, LineState, Location, Sector, Unit};
pub use people::{Permission, Role};
pub use profile::Profile;
pub use providers::{Registration, RegistrationKind};
pub use refusal::{Code, FieldError, Refusal};
pub use requests::{RequestAction, RequestState};
pub use time_zone::TimeZone;
pub use variations::{VariationBasis, VariationKind, VariationState};
pub use working_days::BankHolidays;
pub use year::{FinancialYear, Period};
