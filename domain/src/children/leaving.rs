//! A child leaves the service: from a day on nothing is agreed, booked or paid for.

use crate::children::ages::birthday;
use crate::column::word_column;
use crate::costing::Line;
use crate::profile::AgePolicy;
use crate::{Code, FieldError, FinancialYear, Frequency, Refusal, RequestState};
use chrono::NaiveDate;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// Why a child leaves: one of four words, and no more. How a child died, or where a family moved, is no matter of paying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum LeavingReason {
    /// The family moved to another authority.
    Moved,
    /// The child died.
    Died,
    /// The child came of age.
    CameOfAge,
    /// Anything else, such as that the family wants no support any more.
    Other,
}

word_column!(LeavingReason);

/// Everything wrong with a leaving to record. `left_on` is the first day without support.
pub fn leaving_mistakes(
    ages: &AgePolicy,
    reason: LeavingReason,
    left_on: NaiveDate,
    date_of_birth: NaiveDate,
    today: NaiveDate,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |code: &str, detail: String| errors.push(FieldError::new("/left_on", code, detail));
    if let Err(error) = FinancialYear::of(left_on) {
        refuse("out_of_range", error.to_string());
    } else if left_on < date_of_birth {
        refuse("before_birth", "a child does not leave before the day of birth".to_owned());
    } else if reason == LeavingReason::Died && left_on > today {
        refuse("future", "a death is not recorded before its day".to_owned());
    }
    let of_age = ages.every_line.as_ref().filter(|_| reason == LeavingReason::CameOfAge);
    if let Some(last) = of_age.filter(|last| left_on < birthday(date_of_birth, last.until_birthday)) {
        let (years, clause) = (last.until_birthday, &last.clause);
        refuse(
            "before_birthday",
            format!("the child is not {years} years old on that day (clause {clause}): give the birthday, or a later day"),
        );
    }
    errors
}

/// What becomes of a package line of a child who leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterLeaving {
    /// It is over by then, or was bought once before: it stays as it is.
    AsItWas,
    /// It ends on the day.
    Ends,
    /// It never begins: it is taken back.
    NeverBegins,
}

/// What becomes of a line of a child who leaves on a day.
pub fn line_left(line: &Line, left_on: NaiveDate) -> AfterLeaving {
    match line.valid_to {
        _ if line.valid_from >= left_on => AfterLeaving::NeverBegins,
        _ if line.frequency == Frequency::OneOff => AfterLeaving::AsItWas,
        Some(ends) if ends <= left_on => AfterLeaving::AsItWas,
        _ => AfterLeaving::Ends,
    }
}

/// Whether a line was made after a leaving was recorded and ends on its day: it took the end from a line that the leaving had ended. `made` and
/// `recorded` are the numbers of those writes.
pub fn is_cut_since((made, valid_to): (i64, Option<NaiveDate>), (recorded, left_on): (i64, NaiveDate)) -> bool {
    made > recorded && valid_to == Some(left_on)
}

/// Why support for days after a child left is not recorded; `at` is where the line stands in the body.
pub fn support_mistake(at: &str, line: &Line, left_on: NaiveDate) -> Option<FieldError> {
    let refuse = |field: &str, detail: String| Some(FieldError::new(&format!("{at}/{field}"), "child_left", detail));
    match line_left(line, left_on) {
        AfterLeaving::AsItWas => None,
        AfterLeaving::Ends => refuse("valid_to", format!("the child leaves the service on {left_on}: end it on that day or before")),
        AfterLeaving::NeverBegins => {
            refuse("valid_from", format!("the child leaves the service on {left_on}: nothing is recorded from that day on"))
        }
    }
}

/// Why a stay may not have nights after a child left.
pub fn stay_mistake(last_night: NaiveDate, left_on: NaiveDate) -> Option<FieldError> {
    let detail = format!("the child leaves the service on {left_on}: the last night is before that day");
    (last_night >= left_on).then(|| FieldError::new("/last_night", "child_left", detail))
}

/// Why a child did not leave by a day: it stayed nights since. What was stayed is a fact.
pub fn stayed_mistake(last_nights: impl Iterator<Item = NaiveDate>, left_on: NaiveDate) -> Option<FieldError> {
    let last = last_nights.max().filter(|night| *night >= left_on)?;
    let detail = format!("the child stayed a night on {last}: give a later day, or reverse that stay first");
    Some(FieldError::new("/left_on", "stayed_since", detail))
}

/// Refuses what starts or goes on for a child who left, where there is no day to shorten.
pub fn refuse_left(left_on: Option<NaiveDate>, today: NaiveDate) -> Result<(), Refusal> {
    match left_on.filter(|day| *day <= today) {
        None => Ok(()),
        Some(day) => {
            let detail = format!("The child left the service on {day}. If that is a mistake, take the leaving back first.");
            Err(Refusal::new(Code::StateConflict, detail))
        }
    }
}

/// A line as it counts for a child who leaves on a day; none, nothing of it does.
pub fn before_leaving(line: Line, left_on: NaiveDate) -> Option<Line> {
    match line_left(&line, left_on) {
        AfterLeaving::AsItWas => Some(line),
        AfterLeaving::Ends => Some(Line { valid_to: Some(left_on), ..line }),
        AfterLeaving::NeverBegins => None,
    }
}

/// Whether somebody still has to end a request in this state: withdraw it, or decide it.
pub fn is_request_open(state: RequestState) -> bool {
    use RequestState as S;
    !matches!(state, S::Approved | S::ApprovedInPart | S::Declined | S::Signposted | S::Withdrawn)
}

/// That a child leaves, as known over some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownLeaving {
    /// The first day without support.
    pub left_on: NaiveDate,
    /// The day it was recorded.
    pub known_from: NaiveDate,
    /// The day it was taken back; none, it stands.
    pub known_to: Option<NaiveDate>,
}

/// Days over which something is known; without an end, until now.
pub type KnownDays = (NaiveDate, Option<NaiveDate>);

/// Days over which a line is known, cut where it became known that its child leaves, and where that was taken back; with the line as it counts
/// on each. Days on which nothing of it counts are left out.
pub fn as_known(line: Line, (from, to): KnownDays, leavings: &[KnownLeaving]) -> Vec<(Line, KnownDays)> {
    let is_within = |day: &NaiveDate| *day > from && to.is_none_or(|to| *day < to);
    let mut cuts: Vec<NaiveDate> =
        leavings.iter().flat_map(|one| [Some(one.known_from), one.known_to]).flatten().filter(is_within).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let starts = std::iter::once(from).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().map(Some).chain([to]);
    let counting = |(start, end): (NaiveDate, Option<NaiveDate>)| {
        // The last one recorded is the one that stands.
        let known = leavings.iter().rfind(|one| one.known_from <= start && one.known_to.is_none_or(|to| start < to));
        let line = known.map_or(Some(line), |leaving| before_leaving(line, leaving.left_on))?;
        Some((line, (start, end)))
    };
    starts.zip(ends).filter_map(counting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, Quantity, UnitRate};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn line(from: &str, to: Option<&str>, frequency: Frequency) -> Line {
        Line { quantity: Quantity(1000), frequency, unit_rate: UnitRate(1_000_000), valid_from: day(from), valid_to: to.map(day) }
    }

    fn weekly(from: &str, to: Option<&str>) -> Line {
        line(from, to, Frequency::Weekly)
    }

    #[test]
    fn every_reason_is_one_word_that_says_no_more() {
        let words: Vec<_> = LeavingReason::VARIANTS.iter().map(LeavingReason::as_str).collect();
        assert_eq!(words, ["moved", "died", "came_of_age", "other"]);
    }

    #[test]
    fn a_child_leaves_in_its_life_and_comes_of_age_on_the_birthday() {
        use LeavingReason as R;
        let ages = Profile::bundled("tameside").expect("sound").ages;
        let today = day("2024-10-01");
        for (reason, on, said) in [
            (R::Moved, "2024-10-01", None),
            (R::Moved, "2025-04-01", None),
            (R::Moved, "2008-02-29", None),
            (R::Moved, "2008-02-28", Some("before_birth")),
            (R::Other, "2199-04-01", Some("out_of_range")),
            (R::Died, "2024-10-01", None),
            (R::Died, "2024-10-02", Some("future")),
            (R::CameOfAge, "2026-02-28", Some("before_birthday")),
            (R::CameOfAge, "2026-03-01", None),
            (R::CameOfAge, "2026-05-01", None),
        ] {
            let found = leaving_mistakes(&ages, reason, day(on), day("2008-02-29"), today);
            assert_eq!(found.first().map(|error| error.code.as_str()), said, "{reason} {on}");
            assert!(found.iter().all(|error| error.pointer == "/left_on" && !error.detail.contains("2008")), "{found:?}");
        }
    }

    #[test]
    fn where_no_age_is_said_nobody_is_too_young_to_come_of_age() {
        let (born, left_on) = (day("2008-02-29"), day("2026-02-28"));
        assert_eq!(leaving_mistakes(&AgePolicy::default(), LeavingReason::CameOfAge, left_on, born, left_on), []);
    }

    #[test]
    fn a_line_ends_on_the_day_or_never_begins_and_what_is_over_stays() {
        for (line, left) in [
            (weekly("2024-06-03", None), AfterLeaving::Ends),
            (weekly("2024-06-03", Some("2024-10-02")), AfterLeaving::Ends),
            (weekly("2024-06-03", Some("2024-10-01")), AfterLeaving::AsItWas),
            (weekly("2024-06-03", Some("2024-09-01")), AfterLeaving::AsItWas),
            (weekly("2024-09-30", None), AfterLeaving::Ends),
            (weekly("2024-10-01", None), AfterLeaving::NeverBegins),
            (weekly("2025-10-01", Some("2026-10-01")), AfterLeaving::NeverBegins),
            (line("2024-09-30", None, Frequency::OneOff), AfterLeaving::AsItWas),
            (line("2024-10-01", None, Frequency::OneOff), AfterLeaving::NeverBegins),
            (line("2024-04-01", None, Frequency::PerYear), AfterLeaving::Ends),
        ] {
            assert_eq!(line_left(&line, day("2024-10-01")), left, "{line:?}");
            let mistake = support_mistake("/lines/0", &line, day("2024-10-01"));
            assert_eq!(mistake.is_none(), left == AfterLeaving::AsItWas, "{line:?}");
            assert!(mistake.is_none_or(|mistake| mistake.code == "child_left" && mistake.detail.contains("2024-10-01")));
            let counts = before_leaving(line, day("2024-10-01"));
            assert_eq!(counts.is_none(), left == AfterLeaving::NeverBegins, "{line:?}");
            assert!(counts.is_none_or(|line| line_left(&line, day("2024-10-01")) == AfterLeaving::AsItWas));
        }
    }

    #[test]
    fn a_line_that_a_variation_made_since_ends_with_the_leaving_and_others_for_reasons_of_their_own() {
        let left = (7, day("2024-10-01"));
        for (made, ends, is_cut) in [
            (8, Some("2024-10-01"), true),
            (7, Some("2024-10-01"), false),
            (6, Some("2024-10-01"), false),
            (8, Some("2024-09-30"), false),
            (8, None, false),
        ] {
            assert_eq!(is_cut_since((made, ends.map(day)), left), is_cut, "{made} {ends:?}");
        }
    }

    #[test]
    fn nothing_starts_for_a_child_who_left_and_what_is_to_come_does_not_stop_today() {
        assert_eq!(refuse_left(None, day("2024-10-01")), Ok(()));
        assert_eq!(refuse_left(Some(day("2024-10-02")), day("2024-10-01")), Ok(()));
        assert_eq!(refuse_left(Some(day("2024-10-01")), day("2024-10-01")).expect_err("left").code, Code::StateConflict);
        assert_eq!(stay_mistake(day("2024-09-30"), day("2024-10-01")), None);
        assert_eq!(stay_mistake(day("2024-10-01"), day("2024-10-01")).expect("left").code, "child_left");
        let stayed = |nights: &[&str]| stayed_mistake(nights.iter().map(|night| day(night)), day("2024-10-01")).map(|error| error.code);
        assert_eq!(stayed(&[]), None);
        assert_eq!(stayed(&["2024-09-30", "2024-06-01"]), None);
        assert_eq!(stayed(&["2024-10-01", "2024-06-01"]).as_deref(), Some("stayed_since"));
    }

    #[test]
    fn a_decided_request_is_ended_and_any_other_is_still_open() {
        let open: Vec<_> = RequestState::VARIANTS.iter().filter(|state| is_request_open(**state)).map(RequestState::as_str).collect();
        let expected = ["draft", "submitted", "booked", "deferred", "awaiting_ratification", "awaiting_authority", "under_appeal"];
        assert_eq!(open, expected);
    }

    #[test]
    fn what_was_known_before_a_leaving_was_recorded_stays_as_it_was() {
        let asked = weekly("2024-06-03", None);
        let ended = Line { valid_to: Some(day("2024-10-01")), ..asked };
        let left = |known_from: &str, known_to: Option<&str>| KnownLeaving {
            left_on: day("2024-10-01"),
            known_from: day(known_from),
            known_to: known_to.map(day),
        };
        let known = (day("2024-05-01"), None);
        let (may, sept, nov) = (day("2024-05-01"), day("2024-09-20"), day("2024-11-05"));
        assert_eq!(as_known(asked, known, &[]), [(asked, known)]);
        assert_eq!(as_known(asked, known, &[left("2024-09-20", None)]), [(asked, (may, Some(sept))), (ended, (sept, None))]);
        let back = [left("2024-09-20", Some("2024-11-05"))];
        assert_eq!(as_known(asked, known, &back), [(asked, (may, Some(sept))), (ended, (sept, Some(nov))), (asked, (nov, None))]);
        // Recorded and taken back within a day, it was known on none.
        assert_eq!(as_known(asked, known, &[left("2024-09-20", Some("2024-09-20"))]), [(asked, (may, Some(sept))), (asked, (sept, None))]);
        assert_eq!(as_known(asked, known, &[left("2024-04-20", None)]), [(ended, known)]);
        let later = weekly("2024-10-07", None);
        assert_eq!(as_known(later, known, &[left("2024-09-20", None)]), [(later, (may, Some(sept)))]);
        assert_eq!(as_known(asked, (may, Some(day("2024-06-01"))), &[left("2024-09-20", None)]), [(asked, (may, Some(day("2024-06-01"))))]);
    }
}
