//! The financial projection of a panel, and what it adds up.

pub mod current;
pub mod document;
pub mod money;

pub use document::{ProjectedLine, Projection, ProjectionStep};
pub use money::Money;
