//! How what is in force costs another sum in one year than in the year before.
//!
//! The two years are compared month by month, arrangement by arrangement and grant by grant. What an arrangement costs less in a month that
//! it is not in force to the end of, because it ends, is a known end. What it costs more in a month that it was not in force from the start of
//! in the year before, because it began then or later, is the full-year effect. The rest is changes: rates and volumes that were agreed, pauses, months and
//! school weeks of other lengths.

use super::Months;
use crate::commitments::{CannotCommit, Plan, Planned, by_month};
use crate::money::TooLarge;
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Pence, Period};
use chrono::{Months as CalendarMonths, NaiveDate};
use std::collections::BTreeMap;

/// Why a month costs another sum than the year before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It began in the year before, and now costs the whole of a year; or it begins in the year.
    FullYear,
    /// It ends, or ended in the year before.
    KnownEnd,
    /// Rates and volumes that were agreed, pauses, and days of the calendar.
    Changed,
}

/// A month of what is in force beside the same month of the year before: that one and the three effects add up to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct YearOn {
    /// What was planned for the month of the year before.
    pub before: Pence,
    /// What more of it costs that began since.
    pub full_year_effect: Pence,
    /// What less of it costs that ends.
    pub known_ends: Pence,
    /// All other difference.
    pub changes: Pence,
    /// What is planned for the month.
    pub in_force: Pence,
}

/// Compares what is planned on a budget line for two years that follow one another.
pub fn year_on(
    policy: &CostingPolicy,
    (before, plans_before): (FinancialYear, &[Planned<'_>]),
    (year, plans): (FinancialYear, &[Planned<'_>]),
) -> Result<[YearOn; 12], CannotCommit> {
    let mut owners: BTreeMap<&str, [Vec<Planned<'_>>; 2]> = BTreeMap::new();
    for (side, plans) in [plans_before, plans].into_iter().enumerate() {
        for planned in plans {
            owners.entry(planned.owner.id).or_default()[side].push(*planned);
        }
    }
    let mut months = [YearOn::default(); 12];
    for [plans_before, plans] in owners.values() {
        let days = Days::of(plans_before.iter().chain(plans));
        let (then, now): (Months, Months) = (by_month(policy, before, plans_before)?, by_month(policy, year, plans)?);
        for (period, ((month, then), now)) in Period::all().zip(months.iter_mut().zip(then).zip(now)) {
            let difference = now.checked_sub(then)?;
            let effect = days.effect(before.period_starts_on(period), year.period_starts_on(period), difference);
            month.add(then, now, effect, difference)?;
        }
    }
    Ok(months)
}

impl YearOn {
    fn add(&mut self, then: Pence, now: Pence, effect: Effect, difference: Pence) -> Result<(), TooLarge> {
        self.before = self.before.checked_add(then)?;
        self.in_force = self.in_force.checked_add(now)?;
        let sum = match effect {
            Effect::FullYear => &mut self.full_year_effect,
            Effect::KnownEnd => &mut self.known_ends,
            Effect::Changed => &mut self.changes,
        };
        *sum = sum.checked_add(difference)?;
        Ok(())
    }
}

/// From when to when an owner's plans are known: the first day, and the first day after; none, they go on.
#[derive(Debug, Clone, Copy)]
struct Days {
    starts: NaiveDate,
    ends: Option<NaiveDate>,
}

impl Days {
    fn of<'p>(plans: impl Iterator<Item = &'p Planned<'p>>) -> Self {
        let days = plans.filter_map(|planned| match planned.plan {
            Plan::Line(line) => Some((line.valid_from, line.costs_until())),
            Plan::Spread { from, to, .. } => Some((from, Some(to))),
            // Days that are not paid are days in force.
            Plan::Rest { .. } => None,
        });
        let nothing = Days { starts: NaiveDate::MAX, ends: Some(NaiveDate::MIN) };
        days.fold(nothing, |known, (starts, ends)| Days {
            starts: known.starts.min(starts),
            ends: known.ends.zip(ends).map(|(known, ends)| known.max(ends)),
        })
    }

    /// Why a month that starts on `now` costs more or less than the same month of the year before, which started on `then`.
    fn effect(&self, then: NaiveDate, now: NaiveDate, difference: Pence) -> Effect {
        let month_ends = now + CalendarMonths::new(1);
        if difference < Pence::ZERO && self.ends.is_some_and(|ends| ends < month_ends) {
            Effect::KnownEnd
        } else if difference > Pence::ZERO && self.starts > then {
            Effect::FullYear
        } else {
            Effect::Changed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{day, policy, year};
    use super::*;
    use crate::commitments::{Owner, OwnerKind};
    use crate::costing::Line;
    use crate::{Frequency, Quantity, UnitRate};

    /// £100.00 a month.
    fn monthly(from: &str, to: Option<&str>) -> Planned<'static> {
        let line = Line {
            quantity: Quantity(1000),
            frequency: Frequency::Monthly,
            unit_rate: UnitRate(1_000_000),
            valid_from: day(from),
            valid_to: to.map(day),
        };
        let owner = Owner { id: "a", kind: OwnerKind::Arrangement };
        Planned { owner, provider: None, plan: Plan::Line(line), is_unconfirmed: false }
    }

    /// Of the year: before, full-year effect, known ends, changes, in force.
    fn effects(plans: &[Planned<'_>]) -> [i64; 5] {
        let before = FinancialYear::starting(2024).expect("a year");
        let months = year_on(&policy(), (before, plans), (year(), plans)).expect("costed");
        let sum = |of: fn(&YearOn) -> Pence| months.iter().map(|month| of(month).0).sum::<i64>();
        [
            sum(|month| month.before),
            sum(|month| month.full_year_effect),
            sum(|month| month.known_ends),
            sum(|month| month.changes),
            sum(|month| month.in_force),
        ]
    }

    #[test]
    fn what_began_costs_all_of_the_year_and_what_ends_does_not() {
        for (from, to, expected) in [
            ("2023-01-01", None, [120_000, 0, 0, 0, 120_000]),
            ("2024-10-01", None, [60_000, 60_000, 0, 0, 120_000]),
            ("2024-04-16", None, [115_000, 5_000, 0, 0, 120_000]),
            ("2023-01-01", Some("2025-09-01"), [120_000, 0, -70_000, 0, 50_000]),
            ("2023-01-01", Some("2024-10-01"), [60_000, 0, -60_000, 0, 0]),
            ("2024-10-01", Some("2025-09-01"), [60_000, 50_000, -60_000, 0, 50_000]),
            // An end in mid-month takes half of that month.
            ("2023-01-01", Some("2025-09-16"), [120_000, 0, -65_000, 0, 55_000]),
            ("2025-07-01", None, [0, 90_000, 0, 0, 90_000]),
        ] {
            assert_eq!(effects(&[monthly(from, to)]), expected, "{from} {to:?}");
        }
    }

    #[test]
    fn another_rate_of_one_arrangement_is_a_change_and_not_an_end() {
        let cheaper = monthly("2023-01-01", Some("2024-10-01"));
        let mut dearer = monthly("2024-10-01", None);
        if let Plan::Line(line) = &mut dearer.plan {
            line.unit_rate = UnitRate(1_100_000);
        }
        assert_eq!(effects(&[cheaper, dearer]), [126_000, 0, 0, 6_000, 132_000]);
    }

    #[test]
    fn a_grant_that_is_not_awarded_again_and_a_purchase_are_known_ends() {
        let owner = Owner { id: "g", kind: OwnerKind::Grant };
        let plan = Plan::Spread { amount: Pence(120_000), from: day("2024-04-01"), to: day("2025-04-01") };
        let grant = Planned { owner, provider: None, plan, is_unconfirmed: false };
        assert_eq!(effects(&[grant]), [120_000, 0, -120_000, 0, 0]);
        let mut once = monthly("2024-06-03", None);
        if let Plan::Line(line) = &mut once.plan {
            line.frequency = Frequency::OneOff;
        }
        assert_eq!(effects(&[once]), [10_000, 0, -10_000, 0, 0]);
    }

    #[test]
    fn days_that_were_not_paid_are_paid_again_as_a_change() {
        let whole = monthly("2023-01-01", None);
        let Plan::Line(line) = whole.plan else { panic!("a line") };
        let rest = Plan::Rest { line, from: day("2024-06-01"), to: Some(day("2024-08-01")) };
        assert_eq!(effects(&[whole, Planned { plan: rest, ..whole }]), [100_000, 0, 0, 20_000, 120_000]);
    }
}
