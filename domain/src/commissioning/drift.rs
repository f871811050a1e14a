//! Drift: for how many working days an approved package has had a step missing, and whether that is too many.

use crate::BankHolidays;
use crate::profile::Number;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Working days to one day, each start counted once.
#[derive(Debug)]
pub struct WorkingDaysTo<'h> {
    to: NaiveDate,
    known: &'h BankHolidays,
    counted: HashMap<NaiveDate, Option<i64>>,
    /// Why some are not known.
    unknown: Option<String>,
}

impl<'h> WorkingDaysTo<'h> {
    /// Working days to a day.
    pub fn new(known: &'h BankHolidays, to: NaiveDate) -> Self {
        WorkingDaysTo { to, known, counted: HashMap::new(), unknown: None }
    }

    /// The day that they are counted to.
    pub fn to(&self) -> NaiveDate {
        self.to
    }

    /// Working days since a day. Beyond the list of bank holidays nothing is guessed.
    pub fn since(&mut self, from: NaiveDate) -> Option<i64> {
        *self.counted.entry(from).or_insert_with(|| match self.known.working_days_between(from, self.to) {
            Ok(days) => Some(days),
            Err(unknown) => {
                self.unknown = Some(format!("Working days are not known: {unknown}."));
                None
            }
        })
    }

    /// What a reader must know of what was counted.
    pub fn into_note(self) -> Option<String> {
        self.unknown
    }
}

/// Whether a package has waited for more working days than the profile allows; none, it names no number, or the days are not known.
pub fn is_drift(limit: Option<&Number>, working_days: Option<i64>) -> Option<bool> {
    limit.zip(working_days).map(|(limit, days)| days > i64::from(limit.value))
}

/// A package with a step missing, as far as whoever sees to it goes.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'w> {
    /// Who sees to it: a user's id.
    pub worker_id: Option<&'w str>,
    /// The user's name.
    pub worker: Option<&'w str>,
    /// Steps missing.
    pub steps_missing: usize,
    /// Working days since the approval; none, not known.
    pub working_days: Option<i64>,
}

/// What one worker sees to.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkerDrift {
    /// A user's id; null, nobody is named.
    pub worker_id: Option<String>,
    /// The user's name.
    pub worker: Option<String>,
    /// Packages with a step missing.
    pub packages: usize,
    /// Steps missing in all of them.
    pub steps_missing: usize,
    /// Working days of the one that waits longest; null, not known.
    pub longest_working_days: Option<i64>,
}

/// Packages by worker, in the order in which each worker first comes. The package that waits longest comes first.
pub fn by_worker<'w>(waiting: impl Iterator<Item = Waiting<'w>>) -> Vec<WorkerDrift> {
    let mut workers: Vec<WorkerDrift> = Vec::new();
    for one in waiting {
        let place = workers.iter().position(|worker| worker.worker_id.as_deref() == one.worker_id).unwrap_or_else(|| {
            workers.push(WorkerDrift {
                worker_id: one.worker_id.map(str::to_owned),
                worker: one.worker.map(str::to_owned),
                packages: 0,
                steps_missing: 0,
                // The first comes first because it waits longest.
                longest_working_days: one.working_days,
            });
            workers.len() - 1
        });
        workers[place].packages += 1;
        workers[place].steps_missing += one.steps_missing;
    }
    workers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commissioning::tests::day;

    #[test]
    fn working_days_leave_weekends_and_bank_holidays_out() {
        let known = BankHolidays::bundled().expect("the file");
        let mut days = WorkingDaysTo::new(known, day("2024-05-28"));
        // 25 and 26 May 2024 are a weekend, 27 May is a bank holiday.
        for (since, count) in [("2024-05-28", 0), ("2024-05-24", 1), ("2024-05-23", 2), ("2024-05-20", 5)] {
            assert_eq!(days.since(day(since)), Some(count), "{since}");
        }
        assert_eq!(days.into_note(), None);
        let mut beyond = WorkingDaysTo::new(known, day("2099-05-28"));
        assert_eq!(beyond.since(day("2024-05-24")), None);
        assert!(beyond.into_note().is_some_and(|note| note.starts_with("Working days are not known: ")));
    }

    #[test]
    fn drift_is_more_working_days_than_the_profile_allows() {
        let ten = Number { value: 10, clause: "Here".to_owned() };
        for (limit, days, drifts) in [
            (Some(&ten), Some(9), Some(false)),
            (Some(&ten), Some(10), Some(false)),
            (Some(&ten), Some(11), Some(true)),
            (Some(&ten), None, None),
            (None, Some(11), None),
        ] {
            assert_eq!(is_drift(limit, days), drifts, "{days:?}");
        }
    }

    #[test]
    fn packages_are_added_up_by_worker_whoever_has_waited_longest_first() {
        let waiting = |worker_id, steps_missing, working_days| Waiting { worker_id, worker: worker_id, steps_missing, working_days };
        let of = |worker_id: Option<&str>, packages, steps_missing, longest_working_days| WorkerDrift {
            worker_id: worker_id.map(str::to_owned),
            worker: worker_id.map(str::to_owned),
            packages,
            steps_missing,
            longest_working_days,
        };
        let all =
            [waiting(Some("cas"), 2, Some(9)), waiting(None, 1, Some(8)), waiting(Some("ann"), 1, None), waiting(Some("cas"), 3, Some(4))];
        assert_eq!(by_worker(all.into_iter()), [of(Some("cas"), 2, 5, Some(9)), of(None, 1, 1, Some(8)), of(Some("ann"), 1, 1, None)]);
    }
}
