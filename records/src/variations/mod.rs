//! Variations of package lines: proposed, agreed, refused or withdrawn, and what each did to its line.
//!
//! A variation is a row that stays as it was recorded, and one step that says what became of it. Agreed, it has added versions and
//! lines and changed none. What it adds to days that are over, or takes from them, follows from those versions.

pub mod adjusting;
pub mod agreeing;
pub mod authority;
mod carried_out;
pub mod checks;
pub mod effect;
pub mod preview;
pub mod proposing;
pub mod reading;
pub mod steps;
mod support_days;
pub mod taking_effect;
pub mod variation;

pub use adjusting::Adjustment;
pub use effect::Effect;
pub use reading::{ListVariations, PackageVariation, list, read};
pub use steps::{Taken, VariationStep, add_step};
pub use taking_effect::add;
pub use variation::{Variation, find, open_variations_of, tier_text};
