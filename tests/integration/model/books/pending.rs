//! What requests may yet add to a year: what they ask for, by the weight of the state they stand in.

use super::PENDING_IS_NET;
use super::costs::{bought_in, days_of, month_of, pence_of_day, rounded};
use super::known::{Asked, Known};
use chrono::NaiveDate;
use std::cmp::Reverse;
use std::collections::HashSet;

impl Known {
    /// By month. The weighted cost up to a month's end is rounded, and a month has the difference of two such sums.
    pub fn pending(&self, starts: NaiveDate) -> [i128; 12] {
        let mut pending = [0; 12];
        // What several requests would replace is saved once: by the likeliest of them, and of those by the earliest.
        let mut requests: Vec<&Asked> = self.requests.values().collect();
        requests.sort_by_key(|asked| (Reverse(asked.percent), asked.from, asked.to));
        let mut saved = HashSet::new();
        for asked in requests {
            let (mut cost, mut so_far) = (0, 0);
            let replaced = asked.replaces.as_ref().filter(|replaced| PENDING_IS_NET && saved.insert(*replaced));
            for (month, pence) in self.asked_by_month(asked, replaced, starts).into_iter().enumerate() {
                cost += pence;
                let up_to = rounded(cost * asked.percent, 100);
                pending[month] += up_to - so_far;
                so_far = up_to;
            }
        }
        pending
    }

    fn asked_by_month(&self, asked: &Asked, replaced: Option<&String>, starts: NaiveDate) -> [i128; 12] {
        let mut months = [0; 12];
        for one in days_of(starts).filter(|one| asked.from <= *one && *one < asked.to) {
            months[month_of(one)] += pence_of_day(&asked.terms, asked.from, one);
        }
        if let Some(replaced) = replaced {
            // Gone from the day on which what replaces it begins, and not back when that ends.
            let bought = bought_in(&self.arrangements[replaced], starts);
            for (one, of) in bought.iter().filter(|(one, _)| asked.from <= **one) {
                months[month_of(*one)] -= pence_of_day(&of.terms, of.first, *one);
            }
        }
        months
    }
}
