//! A child leaves the service: what that ends, what it leaves to be ended, and how it is taken back.
//!
//! Package lines end on the day, so that payments, health's share, commitments and the forecast end with them. What people agreed with others
//! (accounts, stays, orders, requests) is listed until they have ended it.

mod lines_left;
pub mod reading;
pub mod recording;
pub mod support;
pub mod to_end;

pub use reading::{LeavingInFull, read};
pub use recording::{NewLeaving, NewLeavingReversal, record, take_back};
pub use to_end::{ThingToEnd, ToEnd};
