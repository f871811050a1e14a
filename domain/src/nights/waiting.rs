//! Limits that a version of a stay passes, and which of them wait for an acknowledgement.

use super::{LimitPassed, NightCounting, NightLimitKind, NightsAt, StayState, nothing_passed};
use crate::profile::NightsPolicy;
use crate::{Code, FieldError, Refusal};

/// What a caller says of the limits that a stay passes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaidOfLimits {
    /// Limits that a booking is known to pass, and waits for the acknowledgement of.
    pub waits_for: Vec<NightLimitKind>,
    /// Whether it says why what was stayed took place without the acknowledgement.
    pub has_reason: bool,
    /// Whether an earlier version said so.
    pub had_reason: bool,
}

/// A limit that an earlier version of a stay passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedBefore {
    /// Of what the limit is.
    pub kind: NightLimitKind,
    /// The setting whose nights were counted; none, those of all settings together.
    pub setting: Option<String>,
    /// The most there may be.
    pub most: i64,
    /// The largest count that the version led to.
    pub counted: i64,
    /// The version's nights.
    pub nights: NightsAt,
    /// Whether somebody acknowledged it.
    pub is_acknowledged: bool,
    /// Whether it waits.
    pub is_open: bool,
}

impl PassedBefore {
    fn is_of(&self, limit: &LimitPassed) -> bool {
        (self.kind, &self.setting) == (limit.kind, &limit.setting)
    }
}

/// A stay's versions before one that is to be recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Earlier {
    /// The nights of the last of them.
    pub last_nights: Option<NightsAt>,
    /// What they passed.
    pub passings: Vec<PassedBefore>,
}

impl Earlier {
    /// Whether an earlier version passed a limit that this one passes.
    fn has_passed(&self, limit: &LimitPassed) -> bool {
        self.passings.iter().any(|passing| passing.is_of(limit))
    }

    /// Whether a limit that a version passes waits for an acknowledgement. Not, where one was given for these nights or more, and so large a
    /// count. Nor, of no other nights than those of the last version, what did not wait there: what has come about since is of other stays,
    /// which were looked at as they were recorded.
    fn leaves_open(&self, nights: &NightsAt, limit: &LimitPassed) -> bool {
        let covers = |passing: &PassedBefore| {
            passing.is_acknowledged
                && passing.is_of(limit)
                && passing.most == limit.most
                && passing.counted >= limit.counted
                && nights.lie_within(&passing.nights)
        };
        let is_open = self.passings.iter().any(|passing| passing.is_open && passing.is_of(limit));
        let is_known = self.last_nights.as_ref().is_some_and(|last| nights.lie_within(last)) && !is_open;
        !is_known && !self.passings.iter().any(covers)
    }
}

/// What a version of a stay passes, once it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassingsChecked {
    /// What waits for an acknowledgement.
    pub open: Vec<LimitPassed>,
    /// Whether it passes a limit of its own: one that waits, or that it passed in an earlier version too. Others came about with other stays.
    pub is_above: bool,
}

/// Why a version of a stay is not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassingsRefused {
    /// It says of limits what is not so.
    Mistaken(FieldError),
    /// A booking passes limits that it does not say it waits for, or that nobody may acknowledge.
    NotSaid(Vec<LimitPassed>),
    /// What was stayed passes limits, and does not say why it did so unacknowledged.
    TookPlaceWithout(Vec<LimitPassed>),
}

/// Looks at what a version of a stay passes before it is recorded. A booking says that it waits, or is refused. What was stayed says why it
/// took place without the acknowledgement, or said so before.
pub fn check_passings(
    policy: &NightsPolicy,
    state: StayState,
    nights: &NightsAt,
    mut passed: Vec<LimitPassed>,
    earlier: &Earlier,
    said: &SaidOfLimits,
) -> Result<PassingsChecked, PassingsRefused> {
    if let Some(kind) = said.waits_for.iter().find(|kind| !passed.iter().any(|one| one.kind == **kind)) {
        let detail = format!("the stay passes no limit of the kind `{kind}`");
        return Err(PassingsRefused::Mistaken(FieldError::new("/waits_for", "not_passed", detail)));
    }
    passed.retain(|one| earlier.leaves_open(nights, one) || earlier.has_passed(one));
    let is_above = !passed.is_empty();
    passed.retain(|one| earlier.leaves_open(nights, one));
    if passed.is_empty() && said.has_reason {
        return Err(PassingsRefused::Mistaken(nothing_passed()));
    }
    let checked = |open| Ok(PassingsChecked { open, is_above });
    if state == StayState::Booked {
        // Where nobody may acknowledge it, waiting is in vain.
        let is_vain = policy.acknowledged_by.is_none();
        let is_unsaid = |one: &&LimitPassed| is_vain || !said.waits_for.contains(&one.kind);
        let unsaid: Vec<_> = passed.iter().filter(is_unsaid).cloned().collect();
        return if unsaid.is_empty() { checked(passed) } else { Err(PassingsRefused::NotSaid(unsaid)) };
    }
    if passed.is_empty() || said.has_reason || said.had_reason { checked(passed) } else { Err(PassingsRefused::TookPlaceWithout(passed)) }
}

impl PassingsRefused {
    /// The refusal that its asker reads; `who` says who may acknowledge it, none where the profile names no post.
    pub fn refusal(self, counting: NightCounting, who: Option<String>) -> Refusal {
        let named = |pointer: &str, limits: &[LimitPassed]| {
            let error = |one: &LimitPassed| FieldError::new(pointer, one.kind.as_str(), in_words(counting, one));
            Refusal::with_errors(Code::NotReady, limits.iter().map(error).collect())
        };
        match self {
            PassingsRefused::Mistaken(mistake) => Refusal::invalid(vec![mistake]),
            PassingsRefused::NotSaid(limits) => {
                let who = match who {
                    None => "The profile names no post that may acknowledge it, so it cannot be booked.".to_owned(),
                    Some(who) => {
                        format!(
                            "To book it all the same, name the limit in `waits_for`. The stay then waits until somebody else \
                            acknowledges it. {who}"
                        )
                    }
                };
                named("/waits_for", &limits).detailed(format!("The booking passes a limit. {who}"))
            }
            PassingsRefused::TookPlaceWithout(limits) => {
                let who = who.unwrap_or_else(|| "The profile names no post that may acknowledge it.".to_owned());
                let detail = format!(
                    "The nights stayed pass a limit that nobody has acknowledged. {who} To record them without it, say why in \
                     `unacknowledged_reason`."
                );
                named("/unacknowledged_reason", &limits).detailed(detail)
            }
        }
    }
}

fn in_words(counting: NightCounting, passed: &LimitPassed) -> String {
    let LimitPassed { kind, most, counted, passed_on, clause, setting } = passed;
    let place = if setting.is_some() { " at the setting" } else { "" };
    let what = match kind {
        NightLimitKind::Rolling => "the rolling count",
        NightLimitKind::SingleStay => "the stay",
    };
    format!("{what}{place} comes to {counted} {counting}, above {most} from {passed_on} on ({clause})")
}

#[cfg(test)]
mod tests;
