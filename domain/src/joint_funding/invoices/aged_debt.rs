//! How old a debt is: what is past due, by the bands of the profile.

use crate::money::TooLarge;
use crate::{FinancialYear, Pence, Refusal};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// What is past due by so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct OverdueBand {
    /// At least so many days past due.
    pub from_days: i64,
    /// At most so many; null, without end.
    pub to_days: Option<i64>,
    /// How much.
    #[schema(value_type = i64)]
    pub pence: Pence,
}

/// What is owed, by age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DebtByAge {
    /// What is not due yet.
    #[schema(value_type = i64)]
    pub current_pence: Pence,
    /// What is past due, the youngest first.
    pub overdue: Vec<OverdueBand>,
    /// All of it.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// What of all that is disputed.
    #[schema(value_type = i64)]
    pub disputed_pence: Pence,
}

/// An invoice's debt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Debt {
    /// The day by which it is to be paid.
    pub due_on: NaiveDate,
    /// What is owed; negative, the funder is in credit.
    pub outstanding: Pence,
    /// What is in open disputes.
    pub disputed: Pence,
}

impl DebtByAge {
    /// Nothing, in the profile's bands; a profile without bands has one of everything past due.
    pub fn empty(bounds: &[u16]) -> Self {
        let starts = std::iter::once(1).chain(bounds.iter().map(|bound| i64::from(*bound) + 1));
        let ends = bounds.iter().map(|bound| Some(i64::from(*bound))).chain([None]);
        let overdue = starts.zip(ends).map(|(from_days, to_days)| OverdueBand { from_days, to_days, pence: Pence::ZERO });
        DebtByAge { current_pence: Pence::ZERO, overdue: overdue.collect(), total_pence: Pence::ZERO, disputed_pence: Pence::ZERO }
    }

    /// Adds a debt to its band and to all of it; no more of it is disputed than is owed.
    ///
    /// # Errors
    /// When a sum is beyond what can be added up.
    pub fn add(&mut self, bounds: &[u16], debt: &Debt, on: NaiveDate) -> Result<(), TooLarge> {
        let band = match band_of(bounds, debt.due_on, on).checked_sub(1) {
            None => Some(&mut self.current_pence),
            Some(place) => self.overdue.get_mut(place).map(|band| &mut band.pence),
        };
        if let Some(sum) = band {
            *sum = sum.checked_add(debt.outstanding)?;
        }
        self.total_pence = self.total_pence.checked_add(debt.outstanding)?;
        self.disputed_pence = self.disputed_pence.checked_add(debt.disputed.min(debt.outstanding.max(Pence::ZERO)))?;
        Ok(())
    }
}

/// Refuses a report on a day, or as known on a day, outside the supported financial years.
///
/// # Errors
/// Where one of the two is, by its parameter.
pub fn refuse_days(on: NaiveDate, as_known_on: Option<NaiveDate>) -> Result<(), Refusal> {
    for (pointer, day) in [("?on", Some(on)), ("?as_known_on", as_known_on)] {
        if let Some(Err(error)) = day.map(FinancialYear::of) {
            return Err(Refusal::bad_parameter(pointer, "out_of_range", error.to_string()));
        }
    }
    Ok(())
}

/// In which band a debt is: 0, not yet due; 1, overdue by no more days than the first bound; and so on.
pub fn band_of(bounds: &[u16], due_on: NaiveDate, on: NaiveDate) -> usize {
    let overdue = (on - due_on).num_days();
    if overdue <= 0 { 0 } else { 1 + bounds.iter().filter(|bound| overdue > i64::from(**bound)).count() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;

    fn due() -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 6, 1).expect("a day")
    }

    #[test]
    fn a_debt_is_in_the_band_of_its_days_past_due() {
        let cases = [(0, [100, 0, 0]), (1, [0, 100, 0]), (30, [0, 100, 0]), (31, [0, 0, 100]), (400, [0, 0, 100])];
        for (days, expected) in cases {
            let mut debts = DebtByAge::empty(&[30]);
            let debt = Debt { due_on: due(), outstanding: Pence(100), disputed: Pence(30) };
            debts.add(&[30], &debt, due() + Days::new(days)).expect("small");
            assert_eq!([debts.current_pence.0, debts.overdue[0].pence.0, debts.overdue[1].pence.0], expected, "after {days} days");
            assert_eq!((debts.total_pence, debts.disputed_pence), (Pence(100), Pence(30)));
        }
    }

    #[test]
    fn a_report_is_on_days_of_the_supported_years() {
        let far = NaiveDate::from_ymd_opt(2150, 1, 1).expect("a day");
        let cases =
            [(due(), None, None), (due(), Some(due()), None), (far, Some(due()), Some("?on")), (due(), Some(far), Some("?as_known_on"))];
        for (on, as_known_on, expected) in cases {
            let refused = refuse_days(on, as_known_on).err().map(|refusal| refusal.errors[0].pointer.clone());
            assert_eq!(refused.as_deref(), expected, "{on} {as_known_on:?}");
        }
    }

    #[test]
    fn bands_meet_and_the_last_has_no_end() {
        let ends = |bounds: &[u16]| DebtByAge::empty(bounds).overdue.iter().map(|band| (band.from_days, band.to_days)).collect::<Vec<_>>();
        assert_eq!(ends(&[30, 60]), [(1, Some(30)), (31, Some(60)), (61, None)]);
        assert_eq!(ends(&[]), [(1, None)]);
    }

    #[test]
    fn a_credit_takes_off_its_band_and_no_more_is_disputed_than_is_owed() {
        let mut debts = DebtByAge::empty(&[]);
        for (outstanding, disputed) in [(100, 150), (-40, 10)] {
            let debt = Debt { due_on: due(), outstanding: Pence(outstanding), disputed: Pence(disputed) };
            debts.add(&[], &debt, due() + Days::new(1)).expect("small");
        }
        assert_eq!((debts.overdue[0].pence, debts.total_pence, debts.disputed_pence), (Pence(60), Pence(60), Pence(100)));
    }
}
