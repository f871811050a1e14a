//! Grants to the voluntary sector.

pub mod activity_returns;
pub mod awarding;
pub mod conditions;
pub mod grant;
pub mod instalments;
pub mod meeting;
mod open_returns;
pub mod paying;
pub mod returning;
pub mod returns_due;
pub mod terms;
