//! Stays: nights away from home, booked and stayed.
//!
//! A stay is a row of versions. What was stayed, a cancellation and a reversal each add one; nothing is changed. A child sleeps in one
//! bed, so no two stays of a child share a night. A booking that passes a limit is recorded as waiting and counts as booked; somebody
//! else acknowledges it. What was stayed is a fact: it is recorded, and waits as well.

pub mod acknowledgement;
pub mod acknowledging;
mod countable_day;
pub mod counts;
mod keeping;
pub mod listing;
pub mod passing;
pub mod recorded_stay;
pub mod recording;
pub mod stay;
pub mod steps;
mod support_days;
pub mod warnings;

pub use recorded_stay::{ListedStay, RecordedStay, StayHistory};
pub use recording::{NewStay, record_stay};
