//! When the family's return and the audit of an account are due, and within which time an account is set up.

use crate::profile::{DirectPaymentPolicy, Number};
use chrono::{Days, Months, NaiveDate, NaiveDateTime, TimeDelta};

/// What decides when an account is looked at next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// The first day paid for.
    pub starts_on: NaiveDate,
    /// The first day after the account.
    pub closed_on: Option<NaiveDate>,
    /// The first day after the last return that stands.
    pub returned_until: Option<NaiveDate>,
    /// The first day after the last audit that stands.
    pub audited_until: Option<NaiveDate>,
}

impl Watched {
    /// When the next return is due: the first some weeks after the first day paid for, each later one some months after the days of the
    /// last. A closed account is audited once more and returns nothing.
    pub fn return_due_on(&self, policy: &DirectPaymentPolicy) -> Option<NaiveDate> {
        if self.closed_on.is_some() {
            return None;
        }
        match self.returned_until {
            Some(until) => months_after(until, policy.check_every_months.as_ref()),
            None => self.starts_on.checked_add_days(Days::new(u64::from(policy.first_check_weeks.as_ref()?.value) * 7)),
        }
    }

    /// When the next audit is due: some months after the first day paid for, or after the days of the last audit; of a closed account on its
    /// last day, unless an audit went that far.
    pub fn audit_due_on(&self, policy: &DirectPaymentPolicy) -> Option<NaiveDate> {
        match self.closed_on {
            Some(closed) => Some(closed).filter(|closed| self.audited_until.is_none_or(|until| until < *closed)),
            None => months_after(self.audited_until.unwrap_or(self.starts_on), policy.check_every_months.as_ref()),
        }
    }
}

/// The last day on which a return was due that is overdue today: one that is due today may still come.
pub fn return_overdue_if_due_by(today: NaiveDate) -> NaiveDate {
    today.pred_opt().unwrap_or(today)
}

/// The time by which everything that an account needs should be on record, counted from the record of its line; none, the policy sets none.
pub fn set_up_due_at(policy: &DirectPaymentPolicy, line_recorded_at: NaiveDateTime) -> Option<NaiveDateTime> {
    let hours = policy.set_up_within_hours.as_ref()?;
    line_recorded_at.checked_add_signed(TimeDelta::hours(i64::from(hours.value)))
}

/// So many months after a day; none where the policy names no number.
fn months_after(day: NaiveDate, months: Option<&Number>) -> Option<NaiveDate> {
    day.checked_add_months(Months::new(u32::from(months?.value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn number(value: u16) -> Option<Number> {
        Some(Number { value, clause: "-".to_owned() })
    }

    fn policy() -> DirectPaymentPolicy {
        DirectPaymentPolicy {
            first_check_weeks: number(12),
            check_every_months: number(6),
            set_up_within_hours: number(24),
            ..DirectPaymentPolicy::default()
        }
    }

    fn watched(returned: Option<&str>, audited: Option<&str>, closed: Option<&str>) -> Watched {
        let starts_on = day("2024-06-03");
        Watched { starts_on, closed_on: closed.map(day), returned_until: returned.map(day), audited_until: audited.map(day) }
    }

    #[test]
    fn the_first_return_comes_after_weeks_the_others_after_months_and_none_once_it_is_closed() {
        for (returned, closed, due) in [
            (None, None, Some("2024-08-26")),
            (Some("2024-09-01"), None, Some("2025-03-01")),
            (Some("2024-08-31"), None, Some("2025-02-28")),
            (None, Some("2030-01-01"), None),
            (Some("2024-09-01"), Some("2024-10-01"), None),
        ] {
            assert_eq!(watched(returned, None, closed).return_due_on(&policy()), due.map(day), "{returned:?} {closed:?}");
        }
    }

    #[test]
    fn an_audit_comes_after_months_and_at_the_end_of_a_closed_account() {
        for (audited, closed, due) in [
            (None, None, Some("2024-12-03")),
            (Some("2024-11-01"), None, Some("2025-05-01")),
            (None, Some("2024-09-01"), Some("2024-09-01")),
            (Some("2024-08-31"), Some("2024-09-01"), Some("2024-09-01")),
            (Some("2024-09-01"), Some("2024-09-01"), None),
        ] {
            assert_eq!(watched(None, audited, closed).audit_due_on(&policy()), due.map(day), "{audited:?} {closed:?}");
        }
    }

    #[test]
    fn where_the_policy_names_no_number_nothing_is_due() {
        let silent = DirectPaymentPolicy::default();
        assert_eq!(watched(None, None, None).return_due_on(&silent), None);
        assert_eq!(watched(Some("2024-09-01"), None, None).return_due_on(&silent), None);
        assert_eq!(watched(None, None, None).audit_due_on(&silent), None);
        assert_eq!(set_up_due_at(&silent, day("2024-06-03").and_hms_opt(9, 0, 0).expect("a time")), None);
    }

    #[test]
    fn a_return_is_overdue_from_the_day_after_it_is_due() {
        assert_eq!(return_overdue_if_due_by(day("2024-08-27")), day("2024-08-26"));
        assert!(day("2024-08-26") > return_overdue_if_due_by(day("2024-08-26")), "not on the day itself");
    }

    #[test]
    fn an_account_is_set_up_within_hours_of_its_line() {
        let recorded = day("2024-06-03").and_hms_opt(9, 30, 0).expect("a time");
        assert_eq!(set_up_due_at(&policy(), recorded), day("2024-06-04").and_hms_opt(9, 30, 0));
    }
}
