//! Types and rules of commissioning and accounting for short breaks; no I/O.
//!
//! Money is integer pence, periods are half-open, and whatever differs between councils is read from a
//! [`profile::Profile`].

mod column;

pub mod budget;
pub mod costing;
pub mod money;
pub mod profile;
pub mod role;
pub mod service;
pub mod year;

pub use budget::{Direction, MovementKind};
pub use money::{Pence, Quantity, UnitRate};
pub use profile::Profile;
pub use role::{Permission, Role};
pub use service::{Frequency, LineState, Location, Sector, Unit};
pub use year::{FinancialYear, Period};
