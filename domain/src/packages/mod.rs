//! Packages and their lines: the words a line is described with, and whether its support was agreed, and what keeps a line from
//! being recorded.

pub mod agreed;
pub mod dates;
pub mod ending;
pub mod ground;
pub mod second_support;
pub mod support;
pub mod unconfirmed;
mod words;

pub use words::{Frequency, LineState, Location, Sector, Unit};
