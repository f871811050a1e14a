//! Upratings: the rates of a provider or a service raised at once, looked at and proposed by one person and agreed by another.
//!
//! Every line gets a variation of its own. Rates rise yearly without a new decision: the tier is told, and not tested again, so anybody
//! whose post has a limit agrees them, and never whoever proposed them. Beyond a bound of the profile a child's total is tested after all:
//! what the post may not agree, another confirms.

mod beyond;
pub mod matching;
pub mod previews;
pub mod proposal;
pub mod proposals;
pub mod raising;
mod rises;
pub mod terms;
pub mod uprating;

pub use matching::{UpratedLine, UpratingPreview};
pub use uprating::{ListUpratings, NewUprating, Uprating, UpratingMade, list, read};
