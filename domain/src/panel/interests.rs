//! Declared interests: whoever has one in a request stands down for it, until it is decided for good.

use crate::authority::Bar;
use crate::{Code, Refusal, RequestState};

/// Whose interest it is: a member's, a user's, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InterestOf<'i> {
    /// The panel member.
    pub member_id: Option<&'i str>,
    /// The user.
    pub user_id: Option<&'i str>,
}

impl InterestOf<'_> {
    /// Whether both name the same member, or the same user.
    fn is_same_person(&self, other: &InterestOf<'_>) -> bool {
        let is_same = |one: Option<&str>, other: Option<&str>| one.is_some() && one == other;
        is_same(self.member_id, other.member_id) || is_same(self.user_id, other.user_id)
    }
}

/// Once it is decided for good there is nothing to stand down for, and who stood down is part of what happened.
pub fn refuse_decided(state: RequestState) -> Result<(), Refusal> {
    use RequestState as S;
    if state.is_undecided() || matches!(state, S::Draft | S::UnderAppeal) {
        return Ok(());
    }
    Err(Refusal::new(Code::StateConflict, format!("The request is `{state}`: nothing is left to stand down for.")))
}

/// A person's interest in a request is declared once. `declared` are those that count.
pub fn refuse_repeated(declared: &[InterestOf<'_>], new: InterestOf<'_>) -> Result<(), Refusal> {
    if declared.iter().any(|other| other.is_same_person(&new)) {
        return Err(Refusal::new(Code::AlreadyExists, "This person's interest in the request is declared."));
    }
    Ok(())
}

/// Nobody takes back an interest of their own, and nobody takes one back twice.
pub fn refuse_reversal(interest: InterestOf<'_>, is_reversed: bool, by_user_id: &str) -> Result<(), Refusal> {
    if interest.user_id == Some(by_user_id) {
        return Err(Refusal::new(Code::NotAllowed, "It is your own interest; somebody else reverses it."));
    }
    if is_reversed {
        return Err(Refusal::new(Code::StateConflict, "It was reversed before."));
    }
    Ok(())
}

/// Whether somebody at the panel stands down for an item: for an interest of theirs, or because they assessed, costed, present or recorded a
/// part of it.
pub fn stands_down(seat: InterestOf<'_>, interests: &[InterestOf<'_>], bars: &[Bar]) -> bool {
    let worked_on_it = bars.iter().any(|bar| matches!(bar, Bar::CostedIt | Bar::PresentsIt | Bar::AssessedIt | Bar::RecordedPart));
    worked_on_it || interests.iter().any(|interest| interest.is_same_person(&seat))
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray;

    fn of<'i>(member_id: Option<&'i str>, user_id: Option<&'i str>) -> InterestOf<'i> {
        InterestOf { member_id, user_id }
    }

    #[test]
    fn an_interest_is_declared_until_the_request_is_decided_for_good() {
        use RequestState as S;
        let may = [S::Draft, S::Submitted, S::Booked, S::Deferred, S::AwaitingRatification, S::AwaitingAuthority, S::UnderAppeal];
        for state in RequestState::VARIANTS {
            assert_eq!(refuse_decided(*state).is_ok(), may.contains(state), "{state}");
        }
    }

    #[test]
    fn a_persons_interest_is_declared_once() {
        let declared = [of(Some("m1"), Some("ann")), of(Some("m2"), None), of(None, Some("cas"))];
        for (new, may) in [
            (of(Some("m1"), Some("ann")), false),
            (of(None, Some("ann")), false),
            (of(Some("m2"), None), false),
            (of(Some("m4"), Some("cas")), false),
            (of(Some("m4"), None), true),
            (of(None, Some("dee")), true),
        ] {
            assert_eq!(refuse_repeated(&declared, new).is_ok(), may, "{new:?}");
        }
    }

    #[test]
    fn somebody_else_takes_an_interest_back_and_only_once() {
        for (interest, is_reversed, answer) in [
            (of(None, Some("ann")), false, Err(Code::NotAllowed)),
            (of(None, Some("ann")), true, Err(Code::NotAllowed)),
            (of(None, Some("cas")), false, Ok(())),
            (of(Some("m1"), None), false, Ok(())),
            (of(None, Some("cas")), true, Err(Code::StateConflict)),
        ] {
            assert_eq!(refuse_reversal(interest, is_reversed, "ann").map_err(|refusal| refusal.code), answer, "{interest:?}");
        }
    }

    #[test]
    fn whoever_has_an_interest_or_worked_on_it_stands_down() {
        let interests = [of(Some("m1"), None), of(None, Some("cas"))];
        for (seat, bars, stands_down_for_it) in [
            (of(Some("m1"), Some("ann")), vec![], true),
            (of(Some("m2"), Some("ann")), vec![], false),
            (of(Some("m3"), Some("cas")), vec![], true),
            (of(Some("m2"), None), vec![], false),
            (of(Some("m2"), Some("ann")), vec![Bar::CostedIt], true),
            (of(Some("m2"), Some("ann")), vec![Bar::PresentsIt], true),
            (of(Some("m2"), Some("ann")), vec![Bar::AssessedIt], true),
            (of(Some("m2"), Some("ann")), vec![Bar::RecordedPart], true),
            // A post's limit keeps nobody from the item.
            (of(Some("m2"), Some("ann")), vec![Bar::AboveLimit], false),
        ] {
            assert_eq!(stands_down(seat, &interests, &bars), stands_down_for_it, "{seat:?} {bars:?}");
        }
    }
}
