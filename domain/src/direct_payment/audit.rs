//! What an audit compares: what was paid, what was spent, and what may be kept in hand.

use crate::costing::{CannotCost, Line};
use crate::money::{MOST_PENCE, TooLarge, divide_half_away_from_zero};
use crate::profile::CostingPolicy;
use crate::{Frequency, Pence};
use chrono::NaiveDate;

/// What an audit adds up, all of it not below nought but `claimed`, which falls when a claim is taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditSums {
    /// What the last audit left in the account.
    pub brought_forward: Pence,
    /// Paid on the days of the period.
    pub paid: Pence,
    /// Asked back otherwise since the last audit: paid too much, or for a breach.
    pub claimed: Pence,
    /// Spent, with evidence.
    pub evidenced: Pence,
    /// What may be kept in hand.
    pub contingency: Pence,
}

/// What an audit comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audited {
    /// What should be in the account. Whoever spent more than was paid spent their own money: nothing is in it.
    pub unspent: Pence,
    /// What of that is more than may be kept in hand, and is proposed to be asked back.
    pub surplus: Pence,
}

impl AuditSums {
    /// What it comes to.
    pub fn come_to(&self) -> Result<Audited, TooLarge> {
        let had = self.brought_forward.checked_add(self.paid)?;
        let unspent = had.checked_sub(self.claimed)?.checked_sub(self.evidenced)?.max(Pence::ZERO);
        Ok(Audited { unspent, surplus: unspent.checked_sub(self.contingency)?.max(Pence::ZERO) })
    }
}

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
    use proptest::prelude::*;

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

    #[test]
    fn money_of_ones_own_is_no_credit_with_the_council() {
        let sums = AuditSums { paid: Pence(100), evidenced: Pence(150), contingency: Pence(10), ..AuditSums::default() };
        assert_eq!(sums.come_to(), Ok(Audited { unspent: Pence(0), surplus: Pence(0) }));
    }

    proptest! {
        #[test]
        fn what_is_spent_asked_back_and_kept_is_what_there_was(
            brought in 0_i64..1_000_000, paid in 0_i64..5_000_000, claimed in 0_i64..500_000, spent in 0_i64..6_000_000, kept in 0_i64..900_000
        ) {
            let sums = AuditSums {
                brought_forward: Pence(brought), paid: Pence(paid), claimed: Pence(claimed), evidenced: Pence(spent), contingency: Pence(kept),
            };
            let Audited { unspent, surplus } = sums.come_to().expect("added up");
            prop_assert_eq!(unspent.0, (brought + paid - claimed - spent).max(0));
            prop_assert!(surplus.0 >= 0 && unspent.0 - surplus.0 <= kept);
            prop_assert!(surplus.0 == 0 || unspent.0 - surplus.0 == kept);
        }
    }
}
