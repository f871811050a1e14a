//! Why the forecast should have moved, a day at a time, from the words for the causes as they are written.

use super::costs::{Bought, Days, Terms, bought_in, days_of, month_of, pence_of_day};
use super::history::Side;
use super::known::Known;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Causes in the order of [`Movement`].
pub const CAUSES: [&str; 7] = ["new", "ended", "volume", "rate", "timing", "correction", "payment"];

const NEW: usize = 0;
const ENDED: usize = 1;
const VOLUME: usize = 2;
const RATE: usize = 3;
const TIMING: usize = 4;
const CORRECTION: usize = 5;
const PAYMENT: usize = 6;

/// By month, and by cause as in [`CAUSES`].
pub type Movement = [[i128; 7]; 12];

impl Known {
    /// Why the forecast of the financial year that starts on a day moved since an earlier day, by what was known then.
    pub fn movement(&self, old: &Known, side: Side, starts: NaiveDate) -> Movement {
        let new = self;
        let (before, after) = (old.expected(side, starts), new.expected(side, starts));
        let mut moved: Movement = [[0; 7]; 12];
        match side {
            Side::Cost => {
                lines_moved(old, new, starts, &mut moved);
                grants_moved(old, new, starts, &mut moved);
            }
            Side::Income => shares_moved(old, new, starts, &mut moved),
        }
        for (month, causes) in moved.iter_mut().enumerate() {
            let whole = after.actual[month] + after.committed[month] - before.actual[month] - before.committed[month];
            causes[PAYMENT] = whole - causes.iter().sum::<i128>();
        }
        moved
    }
}

/// What an owner plans for each month.
fn planned_by_month(known: &Known, side: Side, starts: NaiveDate, owner: &str) -> [i128; 12] {
    let mut months = [0; 12];
    for planned in known.plan(side, starts).into_iter().filter(|planned| planned.owner == owner) {
        months[month_of(planned.one)] += planned.pence;
    }
    months
}

/// An award is new, or it was recorded wrongly.
fn grants_moved(old: &Known, new: &Known, starts: NaiveDate, moved: &mut Movement) {
    for id in new.grants.keys() {
        let cause = if old.grants.contains_key(id) { CORRECTION } else { NEW };
        let [before, after] = [old, new].map(|known| planned_by_month(known, Side::Cost, starts, id));
        (0..12).for_each(|month| moved[month][cause] += after[month] - before[month]);
    }
}

/// What others pay of an arrangement is new where they paid nothing of it in the year, and else was known otherwise.
fn shares_moved(old: &Known, new: &Known, starts: NaiveDate, moved: &mut Movement) {
    for arrangement in old.shares.iter().chain(&new.shares).map(|share| &share.arrangement).collect::<BTreeSet<_>>() {
        let [before, after] = [old, new].map(|known| planned_by_month(known, Side::Income, starts, arrangement));
        let cause = if before == [0; 12] { NEW } else { CORRECTION };
        (0..12).for_each(|month| moved[month][cause] += after[month] - before[month]);
    }
}

fn lines_moved(old: &Known, new: &Known, starts: NaiveDate, moved: &mut Movement) {
    for arrangement in new.arrangements.keys() {
        let none = Days::new();
        let days = [old, new].map(|known| known.arrangements.get(arrangement).unwrap_or(&none));
        let (was, is) = (bought_in(days[0], starts), bought_in(days[1], starts));
        for one in days_of(starts) {
            compare(one, new, days, (was.get(&one), is.get(&one)), &mut moved[month_of(one)]);
        }
    }
}

fn compare(one: NaiveDate, known: &Known, [old, new]: [&Days; 2], days: (Option<&Bought>, Option<&Bought>), moved: &mut [i128; 7]) {
    let cost = |bought: &Bought, rate: i128| {
        let terms = Terms { rate, ..bought.terms.clone() };
        pence_of_day(&terms, bought.first, one)
    };
    let whole = |bought: Option<&Bought>| bought.map_or(0, |bought| cost(bought, bought.terms.rate));
    let comes_later = |days: &Days| days.range(one..).next().is_some();
    let difference = whole(days.1) - whole(days.0);
    match days {
        (None, None) => {}
        (_, Some(is)) if !old.is_empty() && known.corrections.contains(&is.line) => moved[CORRECTION] += difference,
        (None, Some(_)) => moved[if comes_later(old) { TIMING } else { NEW }] += difference,
        (Some(was), None) if new.is_empty() || known.corrected.contains(&was.line) => moved[CORRECTION] += difference,
        (Some(_), None) => moved[if comes_later(new) { TIMING } else { ENDED }] += difference,
        (Some(was), Some(is)) => {
            let is_other_volume = (was.terms.quantity, was.terms.frequency) != (is.terms.quantity, is.terms.frequency);
            match (is_other_volume, was.terms.rate != is.terms.rate) {
                (false, false) => moved[TIMING] += difference,
                (false, true) => moved[RATE] += difference,
                (true, _) => {
                    let at_old_rate = cost(is, was.terms.rate);
                    moved[VOLUME] += at_old_rate - whole(days.0);
                    moved[RATE] += whole(days.1) - at_old_rate;
                }
            }
        }
    }
}
