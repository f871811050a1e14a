//! To which financial years money belongs that pays for days.

use super::{Account, Payment, PaymentKind};
use crate::costing::{CannotCost, spread_before};
use crate::money::divide_half_away_from_zero;
use crate::profile::CostingPolicy;
use crate::year::NotAYear;
use crate::{FinancialYear, Pence};
use chrono::NaiveDate;
use std::collections::HashMap;

/// An amount spread evenly over the days from `from` to the day before `to`, by financial year. The years add up to it.
pub fn by_year_of_days(amount: Pence, from: NaiveDate, to: NaiveDate) -> Result<Vec<(FinancialYear, Pence)>, NotAYear> {
    let mut years = Vec::new();
    let mut year = FinancialYear::of(from)?;
    let mut so_far = Pence::ZERO;
    loop {
        let up_to = spread_before(amount, from, to, year.next_starts_on());
        years.push((year, Pence(up_to.0 - so_far.0)));
        so_far = up_to;
        // Asked before the next year, which the last supported one does not have.
        if to <= year.next_starts_on() {
            return Ok(years);
        }
        year = year.next()?;
    }
}

/// An amount paid for the days from `from` to the day before `to`, by financial year, as those days cost by `cost`; evenly where they cost
/// nothing. The years add up to it, and if it is what all the days cost, each year has what its own days cost.
pub fn by_year_of_cost(
    amount: Pence,
    from: NaiveDate,
    to: NaiveDate,
    cost: impl Fn(NaiveDate, NaiveDate) -> Result<Pence, CannotCost>,
) -> Result<Vec<(FinancialYear, Pence)>, CannotCost> {
    let mut years = by_year_of_days(amount, from, to)?;
    if years.len() == 1 {
        return Ok(years);
    }
    let own = |year: FinancialYear| cost(from.max(year.starts_on()), to.min(year.next_starts_on()));
    let costs: Vec<i128> = years.iter().map(|(year, _)| own(*year).map(|pence| i128::from(pence.0))).collect::<Result<_, _>>()?;
    let whole: i128 = costs.iter().sum();
    if whole <= 0 || costs.iter().any(|cost| *cost < 0) {
        return Ok(years);
    }
    let (mut cost_so_far, mut before) = (0, 0);
    for ((_, part), cost) in years.iter_mut().zip(costs) {
        cost_so_far += cost;
        let up_to = divide_half_away_from_zero(i128::from(amount.0) * cost_so_far, whole);
        *part = Pence(i64::try_from(up_to - before).map_err(|_| CannotCost::TooLarge)?);
        before = up_to;
    }
    Ok(years)
}

/// What a change of what was paid for the days adds to each year, so that all that was paid for them stays in each year as its days cost.
pub fn change_by_year(
    (before, after): (Pence, Pence),
    from: NaiveDate,
    to: NaiveDate,
    cost: impl Fn(NaiveDate, NaiveDate) -> Result<Pence, CannotCost>,
) -> Result<Vec<(FinancialYear, Pence)>, CannotCost> {
    let (before, mut after) = (by_year_of_cost(before, from, to, &cost)?, by_year_of_cost(after, from, to, &cost)?);
    for ((_, pence), (_, was)) in after.iter_mut().zip(before) {
        *pence = pence.checked_sub(was)?;
    }
    Ok(after)
}

/// The payment that a row pays or corrects.
fn root(payment: &Payment) -> &str {
    payment.corrects_id.as_deref().unwrap_or(&payment.id)
}

impl Account {
    /// Each payment and correction that the bank did not return, by the financial years of the days that it pays for.
    pub fn paid_by_year(&self, policy: &CostingPolicy) -> Result<Vec<(&Payment, FinancialYear, Pence)>, CannotCost> {
        let terms = self.terms(policy);
        let mut so_far: HashMap<&str, Pence> = HashMap::new();
        let mut rows = Vec::new();
        for payment in self.payments.iter().filter(|payment| !payment.is_bounced()) {
            let sum = so_far.entry(root(payment)).or_default();
            let after = sum.checked_add(payment.amount)?;
            let parts = change_by_year((*sum, after), payment.from, payment.to, |from, to| terms.cost(from, to))?;
            rows.extend(parts.into_iter().map(|(year, pence)| (payment, year, pence)));
            *sum = after;
        }
        Ok(rows)
    }

    /// What each payment that the bank did not return came to with its corrections, and the day it was made.
    pub fn received(&self) -> Result<Vec<(NaiveDate, Pence)>, CannotCost> {
        let made: Vec<&Payment> = self.payments.iter().filter(|payment| !payment.is_bounced()).collect();
        let mut sums: HashMap<&str, Pence> = HashMap::new();
        for payment in &made {
            let sum = sums.entry(root(payment)).or_default();
            *sum = sum.checked_add(payment.amount)?;
        }
        let paid = made.iter().filter(|payment| matches!(payment.kind, PaymentKind::Period | PaymentKind::SetUp));
        Ok(paid.map(|payment| (payment.paid_on, sums.get(payment.id.as_str()).copied().unwrap_or_default())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::costing::Line;
    use crate::{Frequency, Quantity, UnitRate};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn policy() -> CostingPolicy {
        crate::Profile::bundled("tameside").expect("sound").costing
    }

    /// 36 hours every four weeks, at £14.50 and from 1 April 2025 at £15.95.
    fn uprated(payments: Vec<Payment>) -> Account {
        let line = |rate: i64, valid_from: &str, valid_to: Option<&str>| Line {
            quantity: Quantity(36_000),
            frequency: Frequency::FourWeekly,
            unit_rate: UnitRate(rate),
            valid_from: day(valid_from),
            valid_to: valid_to.map(day),
        };
        let lines = vec![line(145_000, "2024-12-01", Some("2025-04-01")), line(159_500, "2025-04-01", None)];
        let starts_on = day("2024-12-01");
        Account { starts_on, weeks_per_payment: 4, lines, set_ups: vec![], pauses: vec![], closed_on: None, payments }
    }

    fn payment(id: &str, kind: PaymentKind, corrects: Option<&str>, paid_on: &str, pence: i64) -> Payment {
        Payment {
            id: id.to_owned(),
            kind,
            line_id: None,
            corrects_id: corrects.map(str::to_owned),
            from: day("2025-03-23"),
            to: day("2025-04-20"),
            paid_on: day(paid_on),
            amount: Pence(pence),
            bounced_on: None,
        }
    }

    #[test]
    fn what_is_paid_over_the_end_of_march_is_each_years_as_its_days_cost() {
        let policy = policy();
        let by_year = |account: &Account| {
            let mut years: HashMap<String, i64> = HashMap::new();
            for (_, year, pence) in account.paid_by_year(&policy).expect("years") {
                *years.entry(year.as_str().to_owned()).or_default() += pence.0;
            }
            (years["2024-25"], years["2025-26"])
        };
        let terms = uprated(vec![]);
        let cost = |from: &str, to: &str| terms.terms(&policy).cost(day(from), day(to)).expect("a cost").0;
        let own = (cost("2025-03-23", "2025-04-01"), cost("2025-04-01", "2025-04-20"));
        assert_eq!(own.0, 16_779, "nine days at the old rate");
        let whole = payment("p", PaymentKind::Period, None, "2025-03-23", own.0 + own.1);
        assert_eq!(by_year(&uprated(vec![whole])), own);
        // Paid before the rise was known, and put right: the same.
        let first = payment("p", PaymentKind::Period, None, "2025-03-23", 52_200);
        let rest = payment("a", PaymentKind::Adjustment, Some("p"), "2025-04-20", own.0 + own.1 - 52_200);
        assert_eq!(by_year(&uprated(vec![first.clone(), rest.clone()])), own);
        let bounced = Payment { bounced_on: Some(day("2025-03-25")), ..first };
        assert_eq!(uprated(vec![bounced]).paid_by_year(&policy).expect("years"), []);
    }

    #[test]
    fn what_a_family_received_is_each_payment_with_its_corrections() {
        let paid = payment("p", PaymentKind::Period, None, "2025-03-23", 52_200);
        let taken_back = payment("r", PaymentKind::Recovery, Some("p"), "2025-04-20", -52_200);
        let received = |payments: Vec<Payment>| uprated(payments).received().expect("sums");
        assert_eq!(received(vec![paid.clone()]), [(day("2025-03-23"), Pence(52_200))]);
        assert_eq!(received(vec![paid.clone(), taken_back.clone()]), [(day("2025-03-23"), Pence::ZERO)]);
        // A recovery of another year's payment takes nothing from this one.
        let other = Payment { corrects_id: Some("earlier".into()), ..taken_back };
        assert_eq!(received(vec![paid.clone(), other]), [(day("2025-03-23"), Pence(52_200))]);
        assert_eq!(received(vec![Payment { bounced_on: Some(day("2025-03-25")), ..paid }]), []);
    }

    #[test]
    fn a_payment_belongs_to_the_years_of_its_days() {
        for (pence, from, to, expected) in [
            (52_200, "2024-06-03", "2024-07-01", vec![("2024-25", 52_200)]),
            // Nine of 28 days come before April.
            (52_200, "2025-03-23", "2025-04-20", vec![("2024-25", 16_779), ("2025-26", 35_421)]),
            (-100, "2025-03-31", "2025-04-02", vec![("2024-25", -50), ("2025-26", -50)]),
            (52_200, "2025-03-04", "2025-04-01", vec![("2024-25", 52_200)]),
            (100, "2024-03-31", "2025-04-02", vec![("2023-24", 0), ("2024-25", 100), ("2025-26", 0)]),
        ] {
            let found = by_year_of_days(Pence(pence), day(from), day(to)).expect("years");
            let found: Vec<_> = found.iter().map(|(year, pence)| (year.as_str(), pence.0)).collect();
            assert_eq!(found, expected, "{from} to {to}");
        }
    }
}
