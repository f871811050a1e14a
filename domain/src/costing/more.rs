//! Whether a line brings more money than another over its own days: what was agreed then says nothing of it.

use super::{CannotCost, Line, parts};
use crate::profile::CostingPolicy;
use crate::{Frequency, Pence};

/// In what a line brings more than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum More {
    /// One is bought once and the other recurs: neither stands for the other, whatever a year costs.
    BoughtOnce,
    /// A full year of it costs more.
    AYear {
        /// What it costs.
        costs: Pence,
        /// What the other does.
        instead_of: Pence,
    },
    /// A week of it costs more, in term or in the holidays, though a year does not: it may be ended on any day.
    AWeek,
    /// Its own days cost more, though neither a year nor a week does.
    ItsDays {
        /// What they cost.
        costs: Pence,
        /// What they do by the other's terms.
        instead_of: Pence,
    },
}

impl CostingPolicy {
    /// In what a line brings more than another of whose days it has no other; none, it brings no more. The other's dates are looked at
    /// by the caller.
    pub fn more(&self, line: &Line, than: &Line) -> Result<Option<More>, CannotCost> {
        let is_once = |of: &Line| of.frequency == Frequency::OneOff;
        if is_once(line) != is_once(than) {
            return Ok(Some(More::BoughtOnce));
        }
        let (costs, instead_of) = (self.full_year(line)?, self.full_year(than)?);
        if costs > instead_of {
            return Ok(Some(More::AYear { costs, instead_of }));
        }
        // What is counted by the same periods costs in proportion, over whatever days.
        if counted_by(line.frequency) == counted_by(than.frequency) {
            return Ok(None);
        }
        if [true, false].into_iter().any(|in_term| self.is_dearer_in_a_week(line, than, in_term)) {
            return Ok(Some(More::AWeek));
        }
        let Some(to) = line.valid_to else { return Ok(None) };
        // Both from the same day, so that they are rounded alike.
        let other = Line { valid_from: line.valid_from, ..*than };
        let (costs, instead_of) = (self.cost_between(line, line.valid_from, to)?, self.cost_between(&other, line.valid_from, to)?);
        Ok((costs > instead_of).then_some(More::ItsDays { costs, instead_of }))
    }

    fn is_dearer_in_a_week(&self, line: &Line, than: &Line, in_term: bool) -> bool {
        let ((costs, of), (instead, instead_of)) = (self.week(line, in_term), self.week(than, in_term));
        costs * instead_of > instead * of
    }

    /// What a week in or out of term costs, as a fraction.
    fn week(&self, line: &Line, in_term: bool) -> (i128, i128) {
        match counted_by(line.frequency) {
            Periods::Weeks | Periods::Months | Periods::Years => {
                let (times, of) = self.times_per_year(line.frequency);
                (parts(line) * times, of * i128::from(self.weeks_per_year.value))
            }
            Periods::TermWeeks => (if in_term { parts(line) } else { 0 }, 1),
            Periods::HolidayWeeks => (if in_term { 0 } else { parts(line) }, 1),
        }
    }
}

/// What a line's cost is counted by.
#[derive(PartialEq, Eq)]
enum Periods {
    Weeks,
    Months,
    Years,
    TermWeeks,
    HolidayWeeks,
}

fn counted_by(frequency: Frequency) -> Periods {
    match frequency {
        Frequency::Weekly | Frequency::Fortnightly | Frequency::FourWeekly => Periods::Weeks,
        Frequency::Monthly => Periods::Months,
        Frequency::PerYear | Frequency::OneOff => Periods::Years,
        Frequency::TermTimeWeeks => Periods::TermWeeks,
        Frequency::HolidayWeeks => Periods::HolidayWeeks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Term;
    use crate::{Profile, Quantity, UnitRate};
    use chrono::{Days, NaiveDate};
    use proptest::prelude::*;
    use strum::VariantArray;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// With a school calendar of three terms a year.
    fn policy() -> CostingPolicy {
        let terms = (2022..2030).flat_map(|year| {
            [("01-05", "03-31"), ("04-15", "07-20"), ("09-04", "12-20")]
                .map(|(from, to)| Term { from: day(&format!("{year}-{from}")), to: day(&format!("{year}-{to}")) })
        });
        CostingPolicy { terms: terms.collect(), ..Profile::bundled("tameside").expect("sound").costing }
    }

    /// So many pounds each time.
    fn line(pounds: i64, frequency: Frequency, to: Option<&str>) -> Line {
        let unit_rate = UnitRate(pounds * 10_000);
        Line { quantity: Quantity(1000), frequency, unit_rate, valid_from: day("2024-06-03"), valid_to: to.map(day) }
    }

    #[test]
    fn a_hundred_pounds_a_week_is_a_hundred_a_week_however_it_is_written() {
        use Frequency as F;
        let (weekly, to) = (line(100, F::Weekly, None), Some("2024-07-01"));
        let a_year = |costs, instead_of| Some(More::AYear { costs: Pence(costs), instead_of: Pence(instead_of) });
        for (new, said) in [
            (line(100, F::Weekly, to), None),
            (line(200, F::Fortnightly, None), None),
            (line(5_200, F::PerYear, to), None),
            (line(101, F::Weekly, to), a_year(525_200, 520_000)),
            // All of a year at once, in four weeks.
            (line(5_200, F::OneOff, to), Some(More::BoughtOnce)),
            (line(1, F::OneOff, None), Some(More::BoughtOnce)),
            // Less a year, and more in each of the weeks that it comes in, until somebody ends it.
            (line(371, F::HolidayWeeks, None), Some(More::AWeek)),
            (line(136, F::TermTimeWeeks, None), Some(More::AWeek)),
            (line(100, F::TermTimeWeeks, None), None),
            (line(100, F::HolidayWeeks, None), None),
            (line(95, F::TermTimeWeeks, to), None),
            // A Monday in term, of which the other costs a seventh part.
            (line(100, F::TermTimeWeeks, Some("2024-06-04")), Some(More::ItsDays { costs: Pence(10_000), instead_of: Pence(1_429) })),
            // Less a year, and more in 28 days of June: its months have other lengths than four weeks.
            (line(433, F::Monthly, to), Some(More::ItsDays { costs: Pence(40_413), instead_of: Pence(40_000) })),
            (line(433, F::Monthly, None), None),
            (line(0, F::HolidayWeeks, Some("2024-06-04")), None),
        ] {
            assert_eq!(policy().more(&new, &weekly), Ok(said), "{new:?}");
        }
        let holidays = line(371, F::HolidayWeeks, None);
        assert_eq!(policy().more(&line(10, F::Weekly, None), &holidays), Ok(Some(More::AWeek)), "in term it costs nothing");
        assert_eq!(policy().more(&line(10, F::TermTimeWeeks, None), &holidays), Ok(Some(More::AWeek)));
        let once = line(500, F::OneOff, None);
        assert_eq!(policy().more(&line(10, F::Weekly, Some("2024-06-04")), &once), Ok(Some(More::BoughtOnce)));
        let later = Line { valid_from: day("2024-08-01"), ..once };
        assert_eq!(policy().more(&later, &once), Ok(None), "it is bought once all the same");
        assert_eq!(policy().more(&line(501, F::OneOff, None), &once), Ok(a_year(50_100, 50_000)));
    }

    fn any_line() -> impl Strategy<Value = Line> {
        let recurring: Vec<_> = Frequency::VARIANTS.iter().copied().filter(|frequency| *frequency != Frequency::OneOff).collect();
        (1_i64..5_000, prop::sample::select(recurring), 0_i64..500_000, 0_u64..900, 1_u64..900).prop_map(
            |(quantity, frequency, rate, from, days)| {
                let valid_from = day("2022-12-01") + Days::new(from);
                let valid_to = Some(valid_from + Days::new(days));
                Line { quantity: Quantity(quantity), frequency, unit_rate: UnitRate(rate), valid_from, valid_to }
            },
        )
    }

    proptest! {
        /// What brings no more costs no more, but for what rounding hides: a year's cost to the penny, and each period's.
        #[test]
        fn what_brings_no_more_costs_no_more(line in any_line(), other in any_line()) {
            let than = Line { valid_from: line.valid_from, valid_to: line.valid_to, ..other };
            let cost = |of: &Line| policy().cost_between(of, of.valid_from, day("2028-01-01")).expect("costed").0;
            if policy().more(&line, &than) == Ok(None) {
                let weeks = line.valid_to.map_or(0, |to| (to - line.valid_from).num_days() / 7);
                prop_assert!(cost(&line) <= cost(&than) + 4 + weeks, "{} {}", cost(&line), cost(&than));
            }
        }

        #[test]
        fn a_line_brings_no_more_than_itself(line in any_line()) {
            prop_assert_eq!(policy().more(&line, &line), Ok(None));
        }
    }
}
