//! Joint fundings: what health pays of a package line, from when to when.
//!
//! A share belongs to an arrangement, named by its first line, so it goes on when a variation carries the line on. It is a row of
//! versions: ending or reversing it adds one. Delegated authority is tested on the gross cost; a share takes nothing off it.

mod checks;
pub mod cost;
pub mod funded_arrangements;
pub mod line_funding;
pub mod reading;
pub mod recording;
pub mod share;

pub use checks::has_share_on;
pub use line_funding::{FundedLine, FundingSplit, funded_lines};
