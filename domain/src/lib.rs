//! Types and rules of commissioning and accounting for short breaks; no I/O.
//!
//! Money is integer pence, periods are half-open, and whatever differs between councils is read from a
//! [`profile::Profile`].

mod column;

pub mod budget;
pub mod commissioning;
pub mod commitment;
pub mod costing;
pub mod delegation;
pub mod direct_payment;
pub mod grant;
pub mod joint_funding;
pub mod money;
pub mod nights;
pub mod panel;
pub mod profile;
pub mod registration;
pub mod request;
pub mod role;
pub mod service;
pub mod support;
mod units;
pub mod variation;
pub mod working_days;
pub mod year;

pub use budget::{Direction, MovementKind};
pub use money::{Pence, Quantity, UnitRate};
pub use profile::Profile;
pub use registration::{Registration, RegistrationKind};
pub use request::{RequestAction, RequestState};
pub use role::{Permission, Role};
pub use service::{Frequency, LineState, Location, Sector, Unit};
pub use variation::{VariationBasis, VariationKind, VariationState};
pub use working_days::BankHolidays;
pub use year::{FinancialYear, Period};
