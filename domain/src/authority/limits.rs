//! The limits of posts: which are in force on a day, which post is responsible for a total, and who in the posts may authorise it.

use super::{Authority, Bar, Candidate, PostHolder};
use crate::Pence;
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
    pub(super) fn rank(&self) -> (bool, Pence) {
        (self.any_amount, self.up_to_pence.unwrap_or(Pence::ZERO))
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
