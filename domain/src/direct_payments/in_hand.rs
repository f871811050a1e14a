//! What may be kept in hand of a direct payment, and for how long money lasts.

use crate::Pence;
use crate::costing::{CannotCost, Line};
use crate::money::{MOST_PENCE, TooLarge, divide_half_away_from_zero};
use crate::profile::CostingPolicy;
use chrono::NaiveDate;

/// What so many weeks of the lines in force on a day come to; one-off lines are no income of a week.
pub fn weeks_of(policy: &CostingPolicy, lines: &[Line], on: NaiveDate, weeks: i64) -> Result<Pence, CannotCost> {
    let in_force = |line: &&Line| line.valid_from <= on && line.valid_to.is_none_or(|to| on < to);
    lines.iter().filter(in_force).try_fold(Pence::ZERO, |total, line| Ok(total.checked_add(policy.weeks_of(line, weeks)?)?))
}

/// So many weeks, of which one may cost part of a penny, are enough to say how much one costs.
const MANY: i64 = 1000;

/// For how many weeks an amount lasts, in thousandths; none where nothing is paid a week.
pub fn weeks_in_hand(policy: &CostingPolicy, lines: &[Line], on: NaiveDate, balance: Pence) -> Result<Option<i64>, CannotCost> {
    let many = weeks_of(policy, lines, on, MANY)?;
    if many <= Pence::ZERO {
        return Ok(None);
    }
    let weeks = divide_half_away_from_zero(i128::from(balance.0) * i128::from(MANY) * 1000, i128::from(many.0));
    let weeks = i64::try_from(weeks).ok().filter(|number| number.abs() <= MOST_PENCE).ok_or(TooLarge)?;
    Ok(Some(weeks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frequency, Profile, Quantity, UnitRate};

    fn policy() -> CostingPolicy {
        Profile::bundled("tameside").expect("sound").costing
    }

    fn line(frequency: Frequency, from: &str, to: Option<&str>) -> Line {
        let day = |text: &str| text.parse().expect("a date");
        Line { quantity: Quantity(1000), frequency, unit_rate: UnitRate(1_000_000), valid_from: day(from), valid_to: to.map(day) }
    }

    #[test]
    fn weeks_are_of_the_lines_in_force_without_one_off_ones() {
        let lines = [
            line(Frequency::Weekly, "2023-04-01", Some("2024-04-01")),
            line(Frequency::Weekly, "2024-04-01", None),
            line(Frequency::FourWeekly, "2024-04-01", None),
            line(Frequency::OneOff, "2024-04-01", None),
        ];
        let day = |text: &str| text.parse().expect("a date");
        let eight = |on: &str| weeks_of(&policy(), &lines, day(on), 8).expect("costed");
        assert_eq!((eight("2023-03-31"), eight("2024-03-31"), eight("2024-04-01")), (Pence(0), Pence(80_000), Pence(100_000)));
        let lasts = |on: &str, pence| weeks_in_hand(&policy(), &lines, day(on), Pence(pence));
        assert_eq!(lasts("2024-03-31", 25_000), Ok(Some(2_500)));
        assert_eq!(lasts("2024-03-31", -25_000), Ok(Some(-2_500)));
        assert_eq!(lasts("2024-04-01", 25_000), Ok(Some(2_000)));
        assert_eq!(lasts("2023-03-31", 25_000), Ok(None));
        assert_eq!(lasts("2024-03-31", i64::MAX), Err(CannotCost::TooLarge));
    }

    #[test]
    fn weeks_come_to_what_is_paid_for_them_however_often_the_line_is_bought() {
        use Frequency as F;
        for (frequency, weeks, pence) in [
            (F::Weekly, 8, 80_000),
            (F::Fortnightly, 8, 40_000),
            (F::FourWeekly, 8, 20_000),
            (F::FourWeekly, 6, 15_000),
            // £1,200.00, and £100.00, of 52 weeks.
            (F::Monthly, 8, 18_462),
            (F::PerYear, 8, 1_538),
            (F::OneOff, 8, 0),
        ] {
            let lines = [line(frequency, "2024-04-01", None)];
            let found = weeks_of(&policy(), &lines, "2024-05-01".parse().expect("a date"), weeks);
            assert_eq!(found, Ok(Pence(pence)), "{weeks} weeks, {frequency}");
        }
    }
}
