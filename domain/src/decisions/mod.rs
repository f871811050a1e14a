//! Decisions on requests: who decides an item at a panel, what a decision says, and where it leads.

mod content;
mod outcome;
mod sitting;
pub mod within_asked;

pub use content::{Content, LineInPart, in_part_mistakes, more_than_asked};
pub use outcome::{
    Leads, after_appeal, chair_with_authority, decided_state, hearing_needed, is_approval, leads_to, ratified_leads_to, reason_mistake,
    refuse_before_ratified, refused_state,
};
pub use sitting::{Ballot, Seat, bars_of, refuse_former_holder, refuse_without_quorum, takes_the_chair, vote_mistakes};
