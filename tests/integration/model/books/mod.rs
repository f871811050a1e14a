//! What one account's books should say, worked out slowly, a day at a time, from the rules as `docs/` and `domain::commitments` word them.
//! It shares no code with the program, but it does share that wording: a rule that is wrong there is wrong here too.

mod carried;
pub mod costs;
pub mod history;
mod known;
mod movement;
mod pending;
mod plan;
mod receivables;
mod settling;
mod shares;

pub use history::{Event, History, Part, Scope, Side, day};
pub use known::Known;
pub use movement::CAUSES;
pub use receivables::Owed;

/// Whether what funders owe for a closed year is carried into the next, as what is owed to providers is.
pub const INCOME_IS_CARRIED: bool = true;

/// Whether a release leaves open what is carried into its year after it was recorded.
pub const RELEASES_LEAVE_LATER_CARRIED: bool = true;

/// Whether a line of income can be released.
pub const INCOME_IS_RELEASED: bool = true;

/// Whether what a credit note for a dispute or an error takes off is expected no longer.
pub const CREDITS_LOWER_WHAT_IS_EXPECTED: bool = true;

/// Whether what is asked for counts less what it would replace.
pub const PENDING_IS_NET: bool = true;
