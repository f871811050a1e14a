//! On which days pay files are paid: banks move no money on weekends and bank holidays.

use crate::profile::{DirectPaymentPolicy, PayDay};
use crate::{BankHolidays, FieldError};
use chrono::{Datelike, Days, NaiveDate, Weekday};

/// What keeps a day from being a working day, as people say it; none, it is one. Past the bank holidays that are published a weekday is one.
fn not_working(holidays: &BankHolidays, day: NaiveDate) -> Option<String> {
    match day.weekday() {
        Weekday::Sat => Some("a Saturday".to_owned()),
        Weekday::Sun => Some("a Sunday".to_owned()),
        _ => holidays.name(day).ok().flatten().map(str::to_owned),
    }
}

/// The first working day from a day on, this included.
fn working_day_from(holidays: &BankHolidays, day: NaiveDate) -> NaiveDate {
    let is_working = |day: &NaiveDate| not_working(holidays, *day).is_none();
    day.iter_days().find(is_working).unwrap_or(day)
}

/// The last working day before a day.
fn working_day_before(holidays: &BankHolidays, day: NaiveDate) -> NaiveDate {
    let mut before = day;
    while let Some(one) = before.pred_opt() {
        before = one;
        if not_working(holidays, before).is_none() {
            break;
        }
    }
    before
}

/// The last day on which something falls due that a file of a working day pays: with the working day before, whatever falls due before
/// the next one.
pub fn pays_until(policy: &DirectPaymentPolicy, holidays: &BankHolidays, pay_on: NaiveDate) -> NaiveDate {
    match policy.pay_day() {
        PayDay::WorkingDay => pay_on,
        PayDay::WorkingDayBefore => {
            let next = working_day_from(holidays, pay_on.checked_add_days(Days::new(1)).unwrap_or(pay_on));
            next.pred_opt().unwrap_or(pay_on).max(pay_on)
        }
    }
}

/// Refuses a pay day that is no working day, and says which to take.
pub fn pay_day_mistake(policy: &DirectPaymentPolicy, holidays: &BankHolidays, pay_on: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    let name = not_working(holidays, pay_on)?;
    let (before, after) = (working_day_before(holidays, pay_on), working_day_from(holidays, pay_on));
    let take = match policy.pay_day() {
        PayDay::WorkingDayBefore if before >= today => {
            format!("pay on {before}, which pays what falls due up to {}", pays_until(policy, holidays, before))
        }
        _ => format!("pay on {after}, the next working day"),
    };
    Some(FieldError::new("/pay_on", "no_working_day", format!("{pay_on} is {name}: {take}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;
    use crate::profile::PayDayRule;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn policy(value: PayDay) -> DirectPaymentPolicy {
        let pay_day = Some(PayDayRule { value, clause: "-".to_owned() });
        DirectPaymentPolicy { pay_day, ..Profile::bundled("tameside").expect("sound").direct_payments }
    }

    fn holidays() -> &'static BankHolidays {
        BankHolidays::bundled().expect("sound")
    }

    #[test]
    fn money_moves_on_working_days_alone() {
        use PayDay::{WorkingDay, WorkingDayBefore};
        let today = day("2026-03-30");
        for (rule, pay_on, said) in [
            (WorkingDayBefore, "2026-04-02", None),
            (WorkingDay, "2026-04-07", None),
            (
                WorkingDayBefore,
                "2026-04-03",
                Some("2026-04-03 is Good Friday: pay on 2026-04-02, which pays what falls due up to 2026-04-06"),
            ),
            (WorkingDay, "2026-04-03", Some("2026-04-03 is Good Friday: pay on 2026-04-07, the next working day")),
            (WorkingDayBefore, "2026-04-05", Some("2026-04-05 is a Sunday: pay on 2026-04-02, which pays what falls due up to 2026-04-06")),
            (WorkingDay, "2026-04-11", Some("2026-04-11 is a Saturday: pay on 2026-04-13, the next working day")),
        ] {
            let found = pay_day_mistake(&policy(rule), holidays(), day(pay_on), today);
            assert_eq!(found.as_ref().map(|error| error.detail.as_str()), said, "{pay_on}");
        }
        // The working day before has gone by.
        let late = pay_day_mistake(&policy(WorkingDayBefore), holidays(), day("2026-04-03"), day("2026-04-03")).expect("refused");
        assert!(late.detail.ends_with("pay on 2026-04-07, the next working day"), "{}", late.detail);
        let silent = DirectPaymentPolicy { pay_day: None, ..policy(WorkingDay) };
        assert_eq!(silent.pay_day(), WorkingDay);
        // Beyond the published holidays weekends are known all the same.
        assert!(pay_day_mistake(&silent, holidays(), day("2031-01-04"), today).is_some());
        assert!(pay_day_mistake(&silent, holidays(), day("2031-01-03"), today).is_none());
    }

    #[test]
    fn a_file_pays_what_falls_due_before_the_next_working_day_where_the_profile_says_so() {
        for (pay_on, until) in [("2026-03-31", "2026-03-31"), ("2026-04-02", "2026-04-06"), ("2026-04-10", "2026-04-12")] {
            assert_eq!(pays_until(&policy(PayDay::WorkingDayBefore), holidays(), day(pay_on)), day(until));
            assert_eq!(pays_until(&policy(PayDay::WorkingDay), holidays(), day(pay_on)), day(pay_on));
        }
    }
}
