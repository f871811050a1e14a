//! Closing a financial year: what is still committed, and what of the budget was not spent, is carried into the next, and nothing is
//! entered in the closed year any more.

pub mod carry_forward;
pub mod carry_forwards;
pub mod closing;
pub mod closure;

pub use carry_forward::CarryForward;
pub use carry_forwards as carried;
pub use closure::{
    ClosedIncomeLine, ClosedLine, ClosureInFull, ClosurePreview, NewCarryForward, NewClosure, NewClosurePreview, YearClosure, find, read,
};

pub use crate::money::carrying_again;
pub use crate::money::carrying_again::{carrying_again, carrying_lines_again};
pub use crate::money::closed_years::{Changed, closed_since, refuse_closed};
