//! What nights a stay may have, and what may become of it.

use super::{NightsAt, StayState};
use crate::profile::NightsPolicy;
use crate::{Code, FieldError, FinancialYear, Refusal};
use chrono::NaiveDate;

/// The longest stay that is taken, in nights: a year is no short break, and more is a slip.
pub const MOST_NIGHTS: i64 = 366;

/// Nights in the wrong order, too many, or outside the supported years.
pub fn night_mistakes(first_night: NaiveDate, last_night: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (pointer, day) in [("/first_night", first_night), ("/last_night", last_night)] {
        if let Err(error) = FinancialYear::of(day) {
            errors.push(FieldError::new(pointer, "out_of_range", error.to_string()));
        }
    }
    let nights = (last_night - first_night).num_days() + 1;
    if nights < 1 {
        errors.push(FieldError::new("/last_night", "before_first", "the last night is the first, or comes after it"));
    } else if nights > MOST_NIGHTS {
        errors.push(FieldError::new("/last_night", "too_long", format!("these are {nights} nights; a stay has at most {MOST_NIGHTS}")));
    }
    errors
}

/// As [`night_mistakes`], and what was stayed is not in the future.
pub fn stayed_mistakes(first_night: NaiveDate, last_night: NaiveDate, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = night_mistakes(first_night, last_night);
    if last_night > today {
        errors.push(FieldError::new("/last_night", "future", "a night that was stayed is not in the future"));
    }
    errors
}

/// A booking that says why it took place.
pub fn booking_mistake(state: StayState, has_unacknowledged_reason: bool) -> Option<FieldError> {
    let is_mistaken = state == StayState::Booked && has_unacknowledged_reason;
    let detail = "the stay has not taken place yet: leave this out, and name the limit in `waits_for`";
    is_mistaken.then(|| FieldError::new("/unacknowledged_reason", "not_stayed", detail))
}

/// A reason for what needs none.
pub fn nothing_passed() -> FieldError {
    FieldError::new("/unacknowledged_reason", "not_passed", "it passes no limit that waits for an acknowledgement")
}

/// What is said to have been stayed of a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaidStayed {
    /// The first night.
    pub first_night: Option<NaiveDate>,
    /// The last night.
    pub last_night: Option<NaiveDate>,
    /// Whether it says why it took place without an acknowledgement.
    pub has_unacknowledged_reason: bool,
}

impl SaidStayed {
    /// The nights that were stayed, or none; `booked_from` is the first night of the stay's last version.
    pub fn nights(&self, booked_from: NaiveDate, today: NaiveDate) -> Result<Option<(NaiveDate, NaiveDate)>, Refusal> {
        match (self.first_night, self.last_night) {
            (Some(first), Some(last)) => {
                Refusal::unless_valid(stayed_mistakes(first, last, today))?;
                Ok(Some((first, last)))
            }
            (None, None) => {
                let mut errors = Vec::new();
                if self.has_unacknowledged_reason {
                    errors.push(nothing_passed());
                }
                if booked_from > today {
                    errors.push(FieldError::new("/first_night", "future", "its first night is still to come; cancel the stay instead"));
                }
                Refusal::unless_valid(errors)?;
                Ok(None)
            }
            (first, _) => {
                let pointer = if first.is_none() { "/first_night" } else { "/last_night" };
                let detail = "give the first and the last night, or neither if none was stayed";
                Err(Refusal::invalid(vec![FieldError::new(pointer, "missing", detail)]))
            }
        }
    }
}

impl StayState {
    /// Whether a stay's nights are past and nobody has confirmed them.
    pub fn is_to_confirm(self, last_night: NaiveDate, today: NaiveDate) -> bool {
        self == StayState::Booked && last_night < today
    }

    /// Refuses a later version of a stay that was recorded by mistake.
    pub fn refuse_reversed(self) -> Result<(), Refusal> {
        match self {
            StayState::Reversed => Err(conflict("The stay was reversed.")),
            _ => Ok(()),
        }
    }

    /// Refuses to say what was stayed of a stay whose nights do not count.
    pub fn refuse_not_counted(self) -> Result<(), Refusal> {
        self.refuse_reversed()?;
        if self.counts() { Ok(()) } else { Err(conflict("The stay was cancelled.")) }
    }

    /// Refuses to cancel anything but a booking.
    pub fn refuse_to_cancel(self) -> Result<(), Refusal> {
        self.refuse_not_counted()?;
        match self {
            StayState::Booked => Ok(()),
            _ => Err(conflict(
                "The stay was confirmed, so it cannot be cancelled. Confirm it with other nights or with none, or reverse \
                the stay.",
            )),
        }
    }
}

fn conflict(detail: &str) -> Refusal {
    Refusal::new(Code::StateConflict, detail)
}

impl NightsPolicy {
    /// Refuses nights that cannot be counted against a limit.
    pub fn refuse_uncountable(&self, nights: &NightsAt) -> Result<(), Refusal> {
        match [nights.first_night, nights.last_night].into_iter().find(|night| !self.is_ready_on(*night)) {
            None => Ok(()),
            Some(night) => {
                let detail = format!(
                    "No stay can be recorded for {night}: the profile has no limit for that night, or does not say what is counted."
                );
                Err(Refusal::new(Code::NotReady, detail))
            }
        }
    }
}

/// Refuses a night that the child sleeps elsewhere: a child sleeps in one bed. `others` are the child's other stays that count, by id.
pub fn refuse_shared_night<'a>(nights: &NightsAt, others: impl IntoIterator<Item = (&'a str, &'a NightsAt)>) -> Result<(), Refusal> {
    match others.into_iter().find(|(_, other)| other.first_night <= nights.last_night && nights.first_night <= other.last_night) {
        None => Ok(()),
        Some((id, other)) => {
            let detail = format!("The child has stay {id} from the night of {} to that of {}.", other.first_night, other.last_night);
            Err(Refusal::new(Code::PeriodOverlaps, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn codes(mistakes: &[FieldError]) -> Vec<(&str, &str)> {
        mistakes.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect()
    }

    #[test]
    fn a_stay_has_from_one_night_to_those_of_a_year() {
        for (first, last, mistakes) in [
            ("2024-06-07", "2024-06-07", vec![]),
            ("2024-06-07", "2024-06-06", vec![("/last_night", "before_first")]),
            ("2024-01-01", "2024-12-31", vec![]),
            ("2024-01-01", "2025-01-01", vec![("/last_night", "too_long")]),
            ("1024-06-07", "1024-06-07", vec![("/first_night", "out_of_range"), ("/last_night", "out_of_range")]),
        ] {
            assert_eq!(codes(&night_mistakes(day(first), day(last))), mistakes, "{first} to {last}");
        }
        assert_eq!(codes(&stayed_mistakes(day("2024-06-07"), day("2024-06-08"), day("2024-06-08"))), []);
        let tonight = stayed_mistakes(day("2024-06-07"), day("2024-06-08"), day("2024-06-07"));
        assert_eq!(codes(&tonight), [("/last_night", "future")]);
    }

    #[test]
    fn a_booking_does_not_say_why_it_took_place() {
        for (state, has_reason, is_mistaken) in
            [(StayState::Booked, true, true), (StayState::Booked, false, false), (StayState::Stayed, true, false)]
        {
            assert_eq!(booking_mistake(state, has_reason).is_some(), is_mistaken);
        }
    }

    #[test]
    fn what_was_stayed_has_both_nights_or_none() {
        let today = day("2024-06-10");
        for (first, last, has_reason, booked_from, expected) in [
            (Some("2024-06-07"), Some("2024-06-09"), true, "2024-06-07", Ok(true)),
            (Some("2024-06-07"), Some("2024-06-11"), false, "2024-06-07", Err(vec![("/last_night", "future")])),
            (None, None, false, "2024-06-10", Ok(false)),
            (None, None, false, "2024-06-11", Err(vec![("/first_night", "future")])),
            (None, None, true, "2024-06-07", Err(vec![("/unacknowledged_reason", "not_passed")])),
            (None, Some("2024-06-09"), false, "2024-06-07", Err(vec![("/first_night", "missing")])),
            (Some("2024-06-07"), None, false, "2024-06-07", Err(vec![("/last_night", "missing")])),
        ] {
            let said = SaidStayed { first_night: first.map(day), last_night: last.map(day), has_unacknowledged_reason: has_reason };
            let found = said.nights(day(booked_from), today);
            match (&found, expected) {
                (Ok(nights), Ok(are_nights)) => assert_eq!(nights.is_some(), are_nights, "{said:?}"),
                (Err(refusal), Err(mistakes)) => assert_eq!(codes(&refusal.errors), mistakes, "{said:?}"),
                (found, expected) => panic!("{said:?}: {found:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn what_may_become_of_a_stay_depends_on_how_far_it_has_come() {
        use StayState::{Booked, Cancelled, Reversed, Stayed};
        for (state, may_change, may_be_stayed, may_be_cancelled) in
            [(Booked, true, true, true), (Stayed, true, true, false), (Cancelled, true, false, false), (Reversed, false, false, false)]
        {
            let found = (state.refuse_reversed().is_ok(), state.refuse_not_counted().is_ok(), state.refuse_to_cancel().is_ok());
            assert_eq!(found, (may_change, may_be_stayed, may_be_cancelled), "{state}");
        }
        assert_eq!(Reversed.refuse_to_cancel(), Err(conflict("The stay was reversed.")));
        assert_eq!(Cancelled.refuse_to_cancel(), Err(conflict("The stay was cancelled.")));
    }

    #[test]
    fn a_booking_is_confirmed_once_its_last_night_is_past() {
        for (state, last, is_to_confirm) in [
            (StayState::Booked, "2024-06-08", true),
            (StayState::Booked, "2024-06-09", false),
            (StayState::Stayed, "2024-06-08", false),
            (StayState::Cancelled, "2024-06-08", false),
        ] {
            assert_eq!(state.is_to_confirm(day(last), day("2024-06-09")), is_to_confirm, "{state} to {last}");
        }
    }

    #[test]
    fn nights_without_a_limit_are_not_taken() {
        let policy = Profile::bundled("tameside").expect("sound").nights;
        let nights = NightsAt { setting: "a".to_owned(), first_night: day("2024-06-07"), last_night: day("2024-06-09") };
        assert_eq!(policy.refuse_uncountable(&nights), Ok(()));
        assert_eq!(NightsPolicy::default().refuse_uncountable(&nights).map_err(|refusal| refusal.code), Err(Code::NotReady));
        let ends = NightsPolicy { limits: policy.limits.iter().cloned().map(|limit| ends_on(limit, "2024-06-09")).collect(), ..policy };
        let refusal = ends.refuse_uncountable(&nights).expect_err("the last night has no limit");
        assert!(refusal.detail.contains("for 2024-06-09"), "{refusal}");
    }

    fn ends_on(limit: crate::profile::NightLimit, to: &str) -> crate::profile::NightLimit {
        crate::profile::NightLimit { to: Some(day(to)), ..limit }
    }

    #[test]
    fn a_child_sleeps_in_one_bed() {
        let at = |first: &str, last: &str| NightsAt { setting: "a".to_owned(), first_night: day(first), last_night: day(last) };
        let other = at("2024-06-10", "2024-06-12");
        for (nights, is_refused) in [
            (at("2024-06-08", "2024-06-09"), false),
            (at("2024-06-08", "2024-06-10"), true),
            (at("2024-06-11", "2024-06-11"), true),
            (at("2024-06-12", "2024-06-14"), true),
            (at("2024-06-13", "2024-06-14"), false),
            (at("2024-06-08", "2024-06-14"), true),
        ] {
            let found = refuse_shared_night(&nights, [("other", &other)]);
            assert_eq!(found.is_err(), is_refused, "{nights:?}");
            if let Err(refusal) = found {
                assert_eq!(refusal.code, Code::PeriodOverlaps);
                assert_eq!(refusal.detail, "The child has stay other from the night of 2024-06-10 to that of 2024-06-12.");
            }
        }
    }
}
