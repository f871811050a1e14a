//! Delegated authority: which post may authorise a child's total care package, and who may not, and why.
//!
//! The test is on the *total*: every line the child has, with what is asked for, gross, for a full year. A post without a limit
//! authorises nothing. Authority belongs to posts; people hold them, or stand in, from a day to a day.

mod limits;
mod refusal;
mod small_packages;
#[cfg(test)]
mod tests;
mod who_may;

pub use limits::Limit;
pub use refusal::{Case, agrees_without_panel, in_named_post, ratifies, who_ratifies, why_not};
pub use small_packages::WeeklySupport;
pub use who_may::{AgreedWithoutPanel, Answer, Occasion, Question};

use crate::panel::Capacity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why somebody may not authorise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// Costed the request.
    CostedIt,
    /// Presents it to the panel.
    PresentsIt,
    /// Declared an interest.
    DeclaredInterest,
    /// Decided it in the chair, and so does not put a higher post's authority behind it as well.
    DecidedIt,
    /// The post has no limit, which is no authority.
    LimitNotSet,
    /// The total is above the post's limit.
    AboveLimit,
    /// A lower post is responsible, and somebody there may.
    LowerPostResponsible,
    /// What a deputy decided is ratified first.
    AwaitsRatification,
    /// Proposed it.
    ProposedIt,
    /// Only a panel may agree such support.
    PanelOnly,
    /// Recorded it.
    RecordedIt,
    /// Made the assessment that it rests on.
    AssessedIt,
    /// Recorded or changed a part of what is decided: the assessment, the paperwork, the costing or its submission.
    RecordedPart,
}

/// Somebody who holds a post on the day, or stands in for its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostHolder {
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub username: String,
    /// The post.
    pub post: String,
    /// Holder or deputy.
    pub capacity: Capacity,
}

/// Somebody in a post, and whether they may authorise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub username: String,
    /// The post.
    pub post: String,
    /// Holder or deputy.
    pub capacity: Capacity,
    /// What the post may authorise; null, nothing.
    pub limit: Option<Limit>,
    /// Whether this person may authorise in this post, today.
    pub may_authorise: bool,
    /// Why not: every reason.
    pub why_not: Vec<Bar>,
}

/// Who may authorise a total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Authority {
    /// The posts responsible: those with the lowest limit that covers the total, and that limit. Empty: no post has the authority.
    pub tier: Vec<Limit>,
    /// Everybody in a post, and whether they may.
    pub people: Vec<Candidate>,
}

impl Authority {
    /// Somebody's places among the candidates who may authorise.
    pub fn may(&self, user_id: &str) -> Option<&Candidate> {
        self.people.iter().find(|person| person.may_authorise && person.user_id == user_id)
    }

    /// Lets nobody authorise, for one more reason.
    pub fn bar_everybody(&mut self, bar: Bar) {
        for person in &mut self.people {
            person.may_authorise = false;
            person.why_not.push(bar);
        }
    }

    /// Whoever has the authority in that post, were it not for a lower post that is free: to ratify in it, that is no bar.
    pub fn has_in_post(&self, user_id: &str, post: &str) -> Option<&Candidate> {
        let own = self.people.iter().filter(|person| person.user_id == user_id && person.post == post);
        let mut own = own.filter(|person| person.why_not.iter().all(|bar| *bar == Bar::LowerPostResponsible));
        own.next()
    }
}
