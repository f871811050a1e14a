//! The child's total care package, from what is on record. [`domain::care_package`] says which lines count.

pub mod counting;
pub mod others;
pub mod record;

pub use counting::{Changes, Counting};
pub use domain::care_package::{CarePackage, CarePackageLine, Origin};
pub use others::decided_revision;
pub use record::{ChildRecord, Tested, care_package};
