//! Why the forecast should have moved, a day at a time, from the words for the causes as they are written.

use super::costs::{Bought, Days, Terms, bought_in, pence_of_day, year_after};
use super::day_by_day::{History, days_between, month_of};
use chrono::NaiveDate;

/// Causes in the order of [`Movement`].
pub const CAUSES: [&str; 7] = ["new", "ended", "volume", "rate", "timing", "correction", "payment"];

/// By month, and by cause as in [`CAUSES`].
pub type Movement = [[i128; 7]; 12];

impl History {
    /// Why the forecast of the financial year that starts on a day moved between two days, each as known then.
    pub fn movement(&self, starts: NaiveDate, since: NaiveDate, known_on: NaiveDate) -> Movement {
        let (old, new) = (self.known_on(since), self.known_on(known_on));
        let (before, after) = (old.expected(starts), new.expected(starts));
        let mut moved: Movement = [[0; 7]; 12];
        for arrangement in new.arrangements.keys() {
            let none = Days::new();
            let (old, new) = (old.arrangements.get(arrangement).unwrap_or(&none), &new.arrangements[arrangement]);
            let (was, is) = (bought_in(old, starts), bought_in(new, starts));
            for one in days_between(starts, year_after(starts)) {
                compare(one, (old, was.get(&one)), (new, is.get(&one)), &mut moved[month_of(one)]);
            }
        }
        for (month, causes) in moved.iter_mut().enumerate() {
            let whole = after.actual[month] + after.committed[month] - before.actual[month] - before.committed[month];
            causes[6] = whole - causes.iter().sum::<i128>();
        }
        moved
    }
}

fn compare(one: NaiveDate, (old, was): (&Days, Option<&Bought>), (new, is): (&Days, Option<&Bought>), moved: &mut [i128; 7]) {
    let cost = |bought: &Bought, rate: i128| {
        let terms = Terms { rate, ..bought.terms.clone() };
        pence_of_day(&terms, bought.first, one)
    };
    let comes_later = |days: &Days| days.range(one..).next().is_some();
    match (was, is) {
        (None, None) => {}
        (None, Some(is)) => moved[if comes_later(old) { 4 } else { 0 }] += cost(is, is.terms.rate),
        (Some(was), None) if new.is_empty() => moved[5] -= cost(was, was.terms.rate),
        (Some(was), None) => moved[if comes_later(new) { 4 } else { 1 }] -= cost(was, was.terms.rate),
        (Some(was), Some(is)) => {
            let is_other_volume = (was.terms.quantity, was.terms.frequency) != (is.terms.quantity, is.terms.frequency);
            let (before, at_old_rate, after) = (cost(was, was.terms.rate), cost(is, was.terms.rate), cost(is, is.terms.rate));
            match (is_other_volume, was.terms.rate != is.terms.rate) {
                (false, false) => moved[4] += after - before,
                (false, true) => moved[3] += after - before,
                (true, _) => {
                    moved[2] += at_old_rate - before;
                    moved[3] += after - at_old_rate;
                }
            }
        }
    }
}
