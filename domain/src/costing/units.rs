//! How many units a package line is planned to provide: the activity that its cost buys.

use crate::UnitRate;
use crate::costing::{CannotCost, Line};
use crate::profile::CostingPolicy;
use chrono::NaiveDate;

/// At this rate a unit costs ten pounds, 1,000 pence, so that pence are thousandths of a unit.
const A_PENNY_A_THOUSANDTH: UnitRate = UnitRate(100_000);

impl CostingPolicy {
    /// Thousandths of a unit from `from` to the day before `to`, spread as the line's cost is and rounded as it is: once, half away
    /// from zero, in each financial year, so that stretches of a year add up. Fails where the line could not be costed either.
    pub fn units_between(&self, line: &Line, from: NaiveDate, to: NaiveDate) -> Result<i64, CannotCost> {
        let line = Line { unit_rate: A_PENNY_A_THOUSANDTH, ..*line };
        self.cost_between(&line, from, to).map(|thousandths| thousandths.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FinancialYear, Frequency, Period, Profile, Quantity};
    use chrono::{Days, Months};
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn line(quantity: i64, frequency: Frequency, from: &str, to: Option<&str>) -> Line {
        Line { quantity: Quantity(quantity), frequency, unit_rate: UnitRate(0), valid_from: day(from), valid_to: to.map(day) }
    }

    #[test]
    fn units_are_quantity_times_how_often() {
        let policy = Profile::bundled("tameside").expect("sound").costing;
        // 366 days: 52 weeks and two days.
        for (frequency, units) in [(Frequency::Weekly, 183_000), (Frequency::Fortnightly, 91_500), (Frequency::OneOff, 3_500)] {
            let line = line(3_500, frequency, "2023-04-01", None);
            assert_eq!(policy.units_between(&line, day("2023-04-01"), day("2024-04-01")), Ok(units), "{frequency}");
        }
        let half = line(1_000, Frequency::PerYear, "2024-02-29", Some("2024-03-01"));
        assert_eq!(policy.units_between(&half, day("2023-04-01"), day("2024-04-01")), Ok(3), "a day of a leap year, 1000 / 366");
        assert_eq!(policy.units_between(&half, day("2024-04-01"), day("2025-04-01")), Ok(0));
    }

    proptest! {
        #[test]
        fn months_add_up_to_the_year(quantity in 1_i64..100_000_000, from in 0_u64..800, length in prop::option::of(1_u64..800)) {
            let policy = Profile::bundled("tameside").expect("sound").costing;
            let valid_from = day("2022-04-01") + Days::new(from);
            let line = Line {
                quantity: Quantity(quantity), frequency: Frequency::Weekly, unit_rate: UnitRate(1), valid_from,
                valid_to: length.map(|days| valid_from + Days::new(days)),
            };
            let year: FinancialYear = "2023-24".parse().expect("a year");
            let month = |period| {
                let starts = year.period_starts_on(period);
                policy.units_between(&line, starts, starts + Months::new(1)).expect("small")
            };
            let whole = policy.units_between(&line, year.starts_on(), year.next_starts_on()).expect("small");
            prop_assert_eq!(Period::all().map(month).sum::<i64>(), whole);
        }
    }
}
