//! For which days support may be bought for a child: none before the first age of its budget line, and none from the last birthday on.
//!
//! A person reaches an age at the start of the birthday (Family Law Reform Act 1969 s.9). Whoever was born on 29 February does so on
//! 1 March of a year without that day.

use crate::costing::{Costing, Line, anniversary};
use crate::profile::AgePolicy;
use crate::{FieldError, Frequency};
use chrono::NaiveDate;

/// A birthday that bounds support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birthday<'p> {
    /// The day.
    pub day: NaiveDate,
    /// The age reached on it.
    pub years: u16,
    /// Where the authority says so.
    pub clause: &'p str,
}

/// The days of support from a budget line that a child is of an age for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeDays<'p> {
    /// Before it the child is too young; none, nobody is.
    pub from: Option<Birthday<'p>>,
    /// From it on the child is too old; none, nobody is.
    pub until: Option<Birthday<'p>>,
}

/// When a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The first day no longer in force; none, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The birthday, where that is what ends it.
    pub by_age_on: Option<NaiveDate>,
}

/// The day on which a person reaches an age.
pub fn birthday(date_of_birth: NaiveDate, years: u16) -> NaiveDate {
    anniversary(date_of_birth, i32::from(years))
}

impl AgePolicy {
    /// The days of support from a budget line for a child born on a day.
    pub fn days(&self, date_of_birth: NaiveDate, budget_line: &str) -> AgeDays<'_> {
        let own = self.of_budget_line(budget_line);
        let bound = |years: u16, clause| Birthday { day: birthday(date_of_birth, years), years, clause };
        let of_every_line = || self.every_line.as_ref().map(|last| bound(last.until_birthday, last.clause.as_str()));
        let until = own.and_then(|ages| Some(bound(ages.until_birthday?, ages.clause.as_str())));
        let from = own.and_then(|ages| Some(bound(ages.from_birthday?, ages.clause.as_str())));
        AgeDays { from, until: until.or_else(of_every_line) }
    }
}

impl AgeDays<'_> {
    /// The bounds that are left where somebody says why a line from a day is beyond one of them: a reason for being too young is none for being
    /// too old.
    pub fn unless_said(self, has_reason: bool, valid_from: NaiveDate) -> Self {
        if !has_reason {
            return self;
        }
        match self.from.filter(|from| valid_from < from.day) {
            Some(_) => AgeDays { from: None, ..self },
            None => AgeDays { until: None, ..self },
        }
    }

    /// Whether a reason that was given for a line from one day holds for what carries it on from another: not where it was for being too young,
    /// and the child is that no more.
    pub fn carries_reason(&self, given_for: NaiveDate, goes_on: NaiveDate) -> bool {
        self.from.is_none_or(|from| given_for >= from.day || goes_on < from.day)
    }

    /// Why support may not start on a day that nobody gave a reason for; `at` is where the line stands in the body. The birthday is not told:
    /// a message holds nothing of a child.
    pub fn mistake(&self, at: &str, valid_from: NaiveDate) -> Option<FieldError> {
        let refuse = |code, detail| Some(FieldError::new(&format!("{at}/valid_from"), code, detail));
        if let Some(from) = self.from.filter(|from| valid_from < from.day) {
            let detail = format!(
                "the child is not {} years old on that day (clause {}): start later, or say why in `beyond_age_reason`",
                from.years, from.clause
            );
            return refuse("too_young", detail);
        }
        let Birthday { years, clause, .. } = self.until.filter(|until| valid_from >= until.day)?;
        refuse(
            "too_old",
            format!("the child is {years} or older on that day (clause {clause}): say why in `beyond_age_reason`, or leave the line out"),
        )
    }

    /// When a line ends that nobody gave a reason for: as asked, and on the birthday at the latest. What is bought once has its one day.
    pub fn end(&self, asked: Option<NaiveDate>, frequency: Frequency) -> End {
        let by_age = self.until.filter(|until| frequency != Frequency::OneOff && asked.is_none_or(|ends| ends >= until.day));
        match by_age {
            Some(until) => End { valid_to: Some(until.day), by_age_on: Some(until.day) },
            None => End { valid_to: asked, by_age_on: None },
        }
    }

    /// Whether a day is before the last birthday, or there is none.
    pub fn is_before_last(&self, day: NaiveDate) -> bool {
        self.until.is_none_or(|until| day < until.day)
    }
}

/// Why a reason is not taken beside a request line: that gives none, so nobody agreed to one.
pub fn unagreed_reason_mistake(is_agreed: bool) -> Option<FieldError> {
    let detail = "the request line gives no such reason: extend the line by a variation, which a post agrees";
    (!is_agreed).then(|| FieldError::new("/beyond_age_reason", "not_as_agreed", detail))
}

/// Why a booked stay may not have a night: from the last birthday on the child is too old, unless the line that pays for it says why it goes on.
pub fn night_mistake(days: &AgeDays<'_>, last_night: NaiveDate) -> Option<FieldError> {
    let Birthday { years, clause, .. } = days.until.filter(|until| last_night >= until.day)?;
    let detail = format!("the child is {years} or older on that night (clause {clause}): name a package line that says why it goes on");
    Some(FieldError::new("/last_night", "too_old", detail))
}

/// A line's costs as somebody reads them who asks about a year. What ends by age alone, and in a later year, goes on until further notice: what
/// years ahead will cost is not known.
pub fn as_read(costing: Costing, line: &Line, by_age_on: Option<NaiveDate>) -> Costing {
    let ends_later = by_age_on.is_some_and(|birthday| line.valid_to == Some(birthday) && birthday > costing.year.next_starts_on());
    Costing { later_years_pence: costing.later_years_pence.filter(|_| !ends_later), ..costing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, Quantity, UnitRate};
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn tameside() -> Profile {
        Profile::bundled("tameside").expect("sound")
    }

    #[test]
    fn an_age_is_reached_on_the_birthday_and_of_a_leap_day_on_the_first_of_march() {
        for (born, years, reached) in [
            ("2006-09-15", 18, "2024-09-15"),
            ("2006-02-28", 18, "2024-02-28"),
            ("2008-02-29", 4, "2012-02-29"),
            ("2008-02-29", 18, "2026-03-01"),
            ("2020-12-31", 4, "2024-12-31"),
        ] {
            let born = day(born);
            assert_eq!(birthday(born, years), day(reached), "{born}");
            assert_eq!(day(reached).years_since(born), Some(u32::from(years)), "{born}");
            let before = day(reached).pred_opt().expect("a day");
            assert_eq!(before.years_since(born), Some(u32::from(years) - 1), "{born}: not the day before");
        }
    }

    #[test]
    fn a_reason_lifts_the_one_bound_that_the_line_breaks() {
        let profile = tameside();
        let days = profile.ages.days(day("2022-06-04"), "nursery");
        for (has_reason, from, is_refused, ends) in [
            (false, "2024-06-03", true, Some("2026-06-04")),
            (true, "2024-06-03", false, Some("2026-06-04")),
            (false, "2024-06-04", false, Some("2026-06-04")),
            (true, "2024-06-04", false, None),
            (true, "2026-06-04", false, None),
            (false, "2026-06-04", true, Some("2026-06-04")),
        ] {
            let left = days.unless_said(has_reason, day(from));
            assert_eq!(left.mistake("", day(from)).is_some(), is_refused, "{has_reason} {from}");
            assert_eq!(left.end(None, Frequency::Weekly).valid_to, ends.map(day), "{has_reason} {from}");
        }
    }

    #[test]
    fn a_reason_for_being_too_young_is_outgrown() {
        let profile = tameside();
        let days = profile.ages.days(day("2022-06-04"), "nursery");
        for (given_for, goes_on, holds) in [
            ("2024-06-03", "2024-06-03", true),
            ("2024-06-03", "2024-06-04", false),
            ("2024-01-01", "2026-06-04", false),
            ("2024-06-04", "2026-06-04", true),
            ("2026-06-04", "2027-06-04", true),
        ] {
            assert_eq!(days.carries_reason(day(given_for), day(goes_on)), holds, "{given_for} {goes_on}");
        }
        assert!(profile.ages.days(day("2022-06-04"), "home_care").carries_reason(day("2022-06-04"), day("2030-06-04")));
        assert_eq!(unagreed_reason_mistake(true), None);
        assert_eq!(unagreed_reason_mistake(false).expect("nobody agreed it").pointer, "/beyond_age_reason");
    }

    proptest! {
        #[test]
        fn whoever_has_support_is_of_an_age_for_every_day_of_it(born in 0..20_000_i64, starts in 0..9_000_i64, lasts in 1..9_000_i64) {
            let born = day("1985-01-01") + chrono::Days::new(born.unsigned_abs());
            let valid_from = born + chrono::Days::new(starts.unsigned_abs());
            let asked = valid_from + chrono::Days::new(lasts.unsigned_abs());
            let profile = tameside();
            for (line, from, until) in [("nursery", 2, 4), ("home_care", 0, 18)] {
                let days = profile.ages.days(born, line);
                let age = |on: NaiveDate| on.years_since(born).expect("after the birth");
                let refused = days.mistake("", valid_from).is_some();
                prop_assert_eq!(refused, !(from..until).contains(&age(valid_from)), "{} {} {}", line, born, valid_from);
                if !refused {
                    let end = days.end(Some(asked), Frequency::Weekly).valid_to.expect("an end");
                    prop_assert!(end > valid_from && end <= asked);
                    let last = end.pred_opt().expect("a day");
                    prop_assert!(age(last) < until, "{} {} {}", line, born, last);
                    // As long as it may be: a day more is asked too long, or of no age.
                    prop_assert!(end == asked || age(end) == until);
                }
            }
        }
    }

    #[test]
    fn support_starts_at_the_first_age_and_before_the_last_birthday() {
        let profile = tameside();
        for (line, born, from, said) in [
            ("home_care", "2006-09-15", "2024-09-14", None),
            ("home_care", "2006-09-15", "2024-09-15", Some("too_old")),
            ("home_care", "2001-01-01", "2024-06-03", Some("too_old")),
            ("home_care", "2024-06-03", "2024-06-03", None),
            ("nursery", "2015-06-03", "2024-06-03", Some("too_old")),
            ("nursery", "2022-06-03", "2024-06-03", None),
            ("nursery", "2022-06-04", "2024-06-03", Some("too_young")),
            ("nursery", "2020-06-04", "2024-06-03", None),
            ("nursery", "2020-06-03", "2024-06-03", Some("too_old")),
            ("direct_payments", "2008-02-29", "2026-02-28", None),
            ("direct_payments", "2008-02-29", "2026-03-01", Some("too_old")),
        ] {
            let found = profile.ages.days(day(born), line).mistake("/lines/2", day(from));
            assert_eq!(found.as_ref().map(|error| error.code.as_str()), said, "{line} {born} {from}");
            if let Some(error) = found {
                assert_eq!(error.pointer, "/lines/2/valid_from");
                assert!(error.detail.contains("clause") && !error.detail.contains(&born[5..]), "{}", error.detail);
            }
        }
    }

    #[test]
    fn a_line_ends_on_the_last_birthday_at_the_latest() {
        let profile = tameside();
        let days = profile.ages.days(day("2006-09-15"), "home_care");
        let birthday = Some(day("2024-09-15"));
        for (asked, frequency, ends, by_age_on) in [
            (None, Frequency::Weekly, birthday, birthday),
            (Some(day("2024-09-16")), Frequency::Weekly, birthday, birthday),
            (birthday, Frequency::Weekly, birthday, birthday),
            (Some(day("2024-07-01")), Frequency::Weekly, Some(day("2024-07-01")), None),
            (None, Frequency::OneOff, None, None),
            (None, Frequency::PerYear, birthday, birthday),
        ] {
            assert_eq!(days.end(asked, frequency), End { valid_to: ends, by_age_on }, "{asked:?}");
        }
    }

    #[test]
    fn every_bundled_profile_ends_support_for_a_child_of_eighteen() {
        for code in ["tameside", "kirklees", "warwickshire", "manchester", "knowsley"] {
            let profile = Profile::bundled(code).expect("sound");
            for line in &profile.budget_lines {
                let until = profile.ages.days(day("2006-09-15"), &line.code).until.expect("an age");
                assert!(until.day <= day("2024-09-15") && !until.clause.is_empty(), "{code} {}", line.code);
            }
        }
    }

    #[test]
    fn a_profile_without_ages_ends_nothing_and_refuses_nobody() {
        let days = AgePolicy::default();
        let days = days.days(day("2001-01-01"), "home_care");
        assert_eq!(days, AgeDays { from: None, until: None });
        assert_eq!((days.mistake("", day("2024-06-03")), night_mistake(&days, day("2024-06-03"))), (None, None));
        assert_eq!(days.end(None, Frequency::Weekly), End { valid_to: None, by_age_on: None });
        assert!(days.is_before_last(day("2124-06-03")));
        let eighteen = tameside();
        let days = eighteen.ages.days(day("2006-09-15"), "home_care");
        assert!(days.is_before_last(day("2024-09-14")) && !days.is_before_last(day("2024-09-15")));
    }

    #[test]
    fn a_stay_has_no_night_from_the_birthday_on() {
        let profile = tameside();
        let days = profile.ages.days(day("2006-09-15"), "overnight_respite");
        assert_eq!(night_mistake(&days, day("2024-09-14")), None);
        assert_eq!(night_mistake(&days, day("2024-09-15")).expect("too old").code, "too_old");
    }

    #[test]
    fn what_ends_by_age_years_ahead_says_no_cost_of_later_years() {
        let policy = tameside().costing;
        let line = |to: Option<&str>| Line {
            quantity: Quantity(1000),
            frequency: Frequency::Weekly,
            unit_rate: UnitRate(1_000_000),
            valid_from: day("2024-06-03"),
            valid_to: to.map(day),
        };
        let read = |line: Line, by_age_on: Option<&str>| {
            let costing = policy.cost(&line, "2024-25".parse().expect("a year")).expect("costed");
            as_read(costing, &line, by_age_on.map(day)).later_years_pence.map(|pence| pence.0)
        };
        assert_eq!(read(line(Some("2032-06-30")), Some("2032-06-30")), None);
        assert_eq!(read(line(Some("2024-09-15")), Some("2024-09-15")), Some(0), "it ends in the year");
        assert_eq!(read(line(Some("2025-04-08")), Some("2032-06-30")), Some(10_000), "something else ends it before");
        assert_eq!(read(line(Some("2025-04-08")), None), Some(10_000));
        assert_eq!(read(line(None), None), None);
    }
}
