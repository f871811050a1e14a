//! What may be kept in hand of a direct payment, and for how long money lasts.

use crate::costing::{CannotCost, Line};
use crate::money::{MOST_PENCE, TooLarge, divide_half_away_from_zero};
use crate::profile::CostingPolicy;
use crate::{Frequency, Pence};
use chrono::NaiveDate;

/// What a whole year of the lines in force on a day costs; one-off lines are no income of a week.
pub fn yearly(policy: &CostingPolicy, lines: &[Line], on: NaiveDate) -> Result<Pence, CannotCost> {
    let in_force = |line: &&Line| line.frequency != Frequency::OneOff && line.valid_from <= on && line.valid_to.is_none_or(|to| on < to);
    lines.iter().filter(in_force).try_fold(Pence::ZERO, |total, line| Ok(total.checked_add(policy.full_year(line)?)?))
}

/// What may be kept in hand: so many weeks of a yearly cost, rounded once.
pub fn contingency(policy: &CostingPolicy, yearly: Pence, weeks: u16) -> Result<Pence, TooLarge> {
    let of = i128::from(policy.weeks_per_year.value.max(1));
    within_a_record(divide_half_away_from_zero(i128::from(yearly.0) * i128::from(weeks), of)).map(Pence)
}

/// For how many weeks an amount lasts, in thousandths; none where nothing is paid a week.
pub fn weeks_in_hand(policy: &CostingPolicy, balance: Pence, yearly: Pence) -> Result<Option<i64>, TooLarge> {
    if yearly.0 <= 0 {
        return Ok(None);
    }
    let weeks = i128::from(balance.0) * i128::from(policy.weeks_per_year.value) * 1000;
    within_a_record(divide_half_away_from_zero(weeks, i128::from(yearly.0))).map(Some)
}

fn within_a_record(number: i128) -> Result<i64, TooLarge> {
    i64::try_from(number).ok().filter(|number| number.abs() <= MOST_PENCE).ok_or(TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, Quantity, UnitRate};

    fn policy() -> CostingPolicy {
        Profile::bundled("tameside").expect("sound").costing
    }

    fn line(frequency: Frequency, from: &str, to: Option<&str>) -> Line {
        let day = |text: &str| text.parse().expect("a date");
        Line { quantity: Quantity(1000), frequency, unit_rate: UnitRate(1_000_000), valid_from: day(from), valid_to: to.map(day) }
    }

    #[test]
    fn a_year_is_of_the_lines_in_force_without_one_off_ones() {
        let lines = [
            line(Frequency::Weekly, "2023-04-01", Some("2024-04-01")),
            line(Frequency::Weekly, "2024-04-01", None),
            line(Frequency::FourWeekly, "2024-04-01", None),
            line(Frequency::OneOff, "2024-04-01", None),
        ];
        let on = |text: &str| yearly(&policy(), &lines, text.parse().expect("a date")).expect("costed");
        assert_eq!((on("2023-03-31"), on("2024-03-31"), on("2024-04-01")), (Pence(0), Pence(520_000), Pence(650_000)));
        assert_eq!(contingency(&policy(), Pence(520_000), 8), Ok(Pence(80_000)));
        assert_eq!(weeks_in_hand(&policy(), Pence(25_000), Pence(520_000)), Ok(Some(2_500)));
        assert_eq!(weeks_in_hand(&policy(), Pence(-25_000), Pence(520_000)), Ok(Some(-2_500)));
        assert_eq!(weeks_in_hand(&policy(), Pence(25_000), Pence(0)), Ok(None));
        assert_eq!(weeks_in_hand(&policy(), Pence(i64::MAX), Pence(1)), Err(TooLarge));
    }
}
