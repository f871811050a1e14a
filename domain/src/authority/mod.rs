//! Delegated authority: which post may authorise a child's total care package, and who may not, and why.
//!
//! The test is on the *total*: every line the child has, with what is asked for, gross, for a full year. A post without a limit
//! authorises nothing. Authority belongs to posts; people hold them, or stand in, from a day to a day.

mod question;
mod refusal;
mod small_packages;
#[cfg(test)]
mod tests;

pub use question::{AgreedWithoutPanel, Answer, Occasion, Question};
pub use refusal::{Case, agrees_without_panel, in_named_post, ratifies, who_ratifies, why_not};
pub use small_packages::WeeklySupport;

use crate::Pence;
use crate::panel::Capacity;
use crate::profile::Profile;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a post may authorise on some day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limit {
    /// The post.
    pub post: String,
    /// The largest total, in pence, this included; null where `any_amount` is true.
    #[schema(value_type = Option<i64>)]
    pub up_to_pence: Option<Pence>,
    /// Whether there is no largest total. Never so unless the profile says so.
    pub any_amount: bool,
    /// Where the authority says so.
    pub clause: String,
}

impl Limit {
    /// Whether the limit covers a total.
    pub fn covers(&self, total: Pence) -> bool {
        self.any_amount || self.up_to_pence.is_some_and(|most| total <= most)
    }

    /// Orders limits, the largest last.
    fn rank(&self) -> (bool, Pence) {
        (self.any_amount, self.up_to_pence.unwrap_or(Pence::ZERO))
    }
}

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

impl Profile {
    /// The limits in force on a day, the smallest first: of each post the last that has begun. One of nought takes the authority
    /// away, even over what costs nothing.
    pub fn limits_on(&self, day: NaiveDate) -> Vec<Limit> {
        let mut latest: BTreeMap<&str, &crate::profile::PostLimit> = BTreeMap::new();
        for limit in self.delegation.limits.iter().filter(|limit| limit.from.is_none_or(|from| from <= day)) {
            let slot = latest.entry(limit.post.as_str()).or_insert(limit);
            if limit.from >= slot.from {
                *slot = limit;
            }
        }
        let mut limits: Vec<_> = latest
            .into_values()
            .filter(|limit| limit.any_amount || limit.up_to_pence.is_some_and(|most| most > 0))
            .map(|limit| Limit {
                post: limit.post.clone(),
                up_to_pence: limit.up_to_pence.map(Pence),
                any_amount: limit.any_amount,
                clause: limit.clause.clone(),
            })
            .collect();
        limits.sort_by_key(Limit::rank);
        limits
    }

    /// The posts responsible for a total on a day: those with the lowest limit that covers it. Empty: no post has the authority.
    pub fn tier(&self, total: Pence, day: NaiveDate) -> Vec<Limit> {
        let limits = self.limits_on(day);
        let lowest = limits.iter().find(|limit| limit.covers(total)).map(Limit::rank);
        limits.into_iter().filter(|limit| Some(limit.rank()) == lowest).collect()
    }

    /// Who may agree what does not raise a child's total: anybody whose post has a limit, however large the total is. `barred` as in
    /// [`Profile::authority`].
    pub fn authority_over_no_rise(&self, day: NaiveDate, in_post: &[PostHolder], barred: &BTreeMap<String, Vec<Bar>>) -> Authority {
        let limits = self.limits_on(day);
        // Every limit there is covers nought.
        let mut people: Vec<Candidate> = in_post.iter().map(|person| candidate(person, Pence::ZERO, &limits, barred)).collect();
        for person in &mut people {
            person.may_authorise = person.why_not.is_empty();
        }
        people.sort_by(|a, b| (&a.post, &a.username).cmp(&(&b.post, &b.username)));
        Authority { tier: limits, people }
    }

    /// Who may authorise a total on a day. `barred` gives what a person did that rules them out, whatever their post.
    ///
    /// The responsible posts come first; where nobody in them may, the next with a larger limit stand in.
    pub fn authority(&self, total: Pence, day: NaiveDate, in_post: &[PostHolder], barred: &BTreeMap<String, Vec<Bar>>) -> Authority {
        let limits = self.limits_on(day);
        let lowest = limits.iter().find(|limit| limit.covers(total)).map(Limit::rank);
        let tier = limits.iter().filter(|limit| Some(limit.rank()) == lowest).cloned().collect();
        let mut people: Vec<Candidate> = in_post.iter().map(|person| candidate(person, total, &limits, barred)).collect();
        let rank_of = |person: &Candidate| person.limit.as_ref().map(Limit::rank);
        let responsible = people.iter().filter(|person| person.why_not.is_empty()).filter_map(rank_of).min();
        for person in &mut people {
            if person.why_not.is_empty() && rank_of(person) > responsible {
                person.why_not.push(Bar::LowerPostResponsible);
            }
            person.may_authorise = person.why_not.is_empty();
        }
        people.sort_by(|a, b| (rank_of(a), &a.post, &a.username).cmp(&(rank_of(b), &b.post, &b.username)));
        Authority { tier, people }
    }
}

fn candidate(person: &PostHolder, total: Pence, limits: &[Limit], barred: &BTreeMap<String, Vec<Bar>>) -> Candidate {
    let limit = limits.iter().find(|limit| limit.post == person.post).cloned();
    let mut why_not = barred.get(&person.user_id).cloned().unwrap_or_default();
    match &limit {
        None => why_not.push(Bar::LimitNotSet),
        Some(limit) if !limit.covers(total) => why_not.push(Bar::AboveLimit),
        Some(_) => {}
    }
    Candidate {
        user_id: person.user_id.clone(),
        username: person.username.clone(),
        post: person.post.clone(),
        capacity: person.capacity,
        limit,
        may_authorise: false,
        why_not,
    }
}
