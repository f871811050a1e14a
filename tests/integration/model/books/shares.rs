//! What others pay of an arrangement: a part of what its days cost, or an amount for them, and together never more than all of it.

use super::costs::{Bought, bought_in, days_between, days_of, pence_of_day, share_of_day, year_after};
use super::history::Part;
use super::known::{Known, Share};
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// What each share pays, by its id, and who pays it.
pub type ByShare = BTreeMap<String, (String, i128)>;

impl Share {
    fn pays_on(&self, one: NaiveDate) -> bool {
        self.from <= one && self.to.is_none_or(|to| one < to)
    }
}

impl Known {
    /// What each share pays of each month of the year, by the month's first day. No more than a month costs is asked for; where a share
    /// starts or ends, each part of the month is a month of its own.
    pub fn shares_by_month(&self, arrangement: &str, starts: NaiveDate) -> BTreeMap<NaiveDate, ByShare> {
        let shares: Vec<&Share> = self.shares.iter().filter(|share| share.arrangement == arrangement).collect();
        let mut months: BTreeMap<NaiveDate, ByShare> = BTreeMap::new();
        if shares.is_empty() {
            return months;
        }
        let bought = bought_in(&self.arrangements[arrangement], starts);
        let is_cut = |one: &NaiveDate| one.day() == 1 || shares.iter().any(|share| share.from == *one || share.to == Some(*one));
        let mut cuts: Vec<NaiveDate> = days_of(starts).filter(is_cut).collect();
        cuts.push(year_after(starts));
        for pair in cuts.windows(2) {
            let paying: Vec<&Share> = shares.iter().copied().filter(|share| share.pays_on(pair[0])).collect();
            let month = months.entry(pair[0].with_day(1).expect("a first")).or_default();
            for (share, pence) in part_of_month(&paying, &bought, pair[0], pair[1]) {
                month.entry(share.id.clone()).or_insert_with(|| (share.funder.clone(), 0)).1 += pence;
            }
        }
        months
    }
}

/// What each share pays of days over which none of them starts or ends: percentages before amounts, each kind in the order recorded.
fn part_of_month<'s>(shares: &[&'s Share], bought: &BTreeMap<NaiveDate, Bought>, from: NaiveDate, to: NaiveDate) -> Vec<(&'s Share, i128)> {
    let days = || days_between(from, to).filter_map(|one| Some((one, bought.get(&one)?)));
    let at = |percentage: i128| -> i128 { days().map(|(one, of)| share_of_day(&of.terms, percentage, of.first, one)).sum() };
    let mut left: i128 = days().map(|(one, of)| pence_of_day(&of.terms, of.first, one)).sum();
    let mut take = |own: i128| {
        let paid = own.clamp(0, left);
        left -= paid;
        paid
    };
    let mut paid = Vec::new();
    // Percentages are of the cost before it is rounded, and are taken together: the first, the first two, and so on.
    let mut together = 0;
    for share in shares {
        if let Part::Percentage(percentage) = share.part {
            paid.push((*share, take(at(together + percentage) - at(together))));
            together += percentage;
        }
    }
    for share in shares {
        if let Part::Amount(terms) = &share.part {
            // It is for days on which there is support, and for no others.
            let own = days().map(|(one, _)| pence_of_day(terms, share.from, one)).sum();
            paid.push((*share, take(own)));
        }
    }
    paid
}
