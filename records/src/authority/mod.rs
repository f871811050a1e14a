//! Who may authorise a request, and the whole reasoning: the total tested, the tier, the clause, and every person in a post with
//! why they may or may not.

pub mod explanation;
pub mod reading;

pub use domain::authority::AgreedWithoutPanel;
pub use explanation::{AuthorityExplanation, Ratification, explain, ruled_out};
