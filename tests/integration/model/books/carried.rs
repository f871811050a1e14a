//! What a closed year leaves open: it stands in the next.

use super::costs::{year_after, year_start};
use super::history::{Cell, Side};
use super::known::Known;
use super::{INCOME_IS_CARRIED, RELEASES_LEAVE_LATER_CARRIED};
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// An owner and a provider.
type Whose = (String, Option<String>);

/// What was carried more, or less, by an event with its number.
#[derive(Debug, Clone)]
pub struct Difference {
    into: NaiveDate,
    side: Side,
    whose: Whose,
    number: usize,
    pence: i128,
}

impl Known {
    /// What is carried into a year, by owner and provider. It is due on the year's first day, before all else.
    pub fn carried(&self, side: Side, into: NaiveDate) -> Vec<Cell> {
        let cell = |(owner, provider): Whose, planned: i128, number: usize| Cell {
            from: into,
            to: into,
            carried_by: Some(number),
            ..Cell::of(owner, provider, planned)
        };
        if RELEASES_LEAVE_LATER_CARRIED {
            let parts = self.parts(side, into).into_iter();
            return parts
                .flat_map(|(whose, parts)| parts.into_iter().map(move |(number, pence)| cell(whose.clone(), pence, number)))
                .collect();
        }
        self.left_open(side, into).into_iter().map(|(whose, open)| cell(whose, open, 0)).collect()
    }

    /// What the year before would leave open if it were not closed.
    fn left_open(&self, side: Side, into: NaiveDate) -> BTreeMap<Whose, i128> {
        let before = year_start(into - Days::new(1));
        let mut open: BTreeMap<Whose, i128> = BTreeMap::new();
        if self.closed.contains(&before) && (side == Side::Cost || INCOME_IS_CARRIED) {
            for cell in self.settled(side, before).cells {
                *open.entry((cell.owner.clone(), cell.provider.clone())).or_default() += cell.open();
            }
        }
        open.retain(|_, open| *open > 0);
        open
    }

    /// Notes what an event made more or less to be carried, the earlier years first.
    pub fn note_carried(&mut self, number: usize) {
        for into in self.closed.iter().map(|closed| year_after(*closed)).collect::<Vec<_>>() {
            for side in [Side::Cost, Side::Income] {
                let mut differences = self.left_open(side, into);
                for noted in self.differences.iter().filter(|noted| (noted.side, noted.into) == (side, into)) {
                    *differences.entry(noted.whose.clone()).or_default() -= noted.pence;
                }
                let fresh = differences.into_iter().filter(|(_, pence)| *pence != 0);
                self.differences.extend(fresh.map(|(whose, pence)| Difference { into, side, whose, number, pence }));
            }
        }
    }

    /// What was carried and stands, in parts wherever something was released between: what is carried less is taken from the last part.
    fn parts(&self, side: Side, into: NaiveDate) -> BTreeMap<Whose, Vec<(usize, i128)>> {
        let mut all: BTreeMap<Whose, Vec<(usize, i128)>> = BTreeMap::new();
        let is_released_between = |one: usize, other: usize| {
            let is_of_year = |up_to: NaiveDate| into < up_to && up_to <= year_after(into);
            self.releases
                .values()
                .any(|release| release.side == side && is_of_year(release.up_to) && (one..other).contains(&release.number))
        };
        for Difference { whose, number, pence, .. } in self.differences.iter().filter(|one| (one.side, one.into) == (side, into)) {
            let parts = all.entry(whose.clone()).or_default();
            let mut less = (-pence).max(0);
            while let Some((_, last)) = parts.last_mut().filter(|_| less > 0) {
                let taken = less.min(*last);
                (*last, less) = (*last - taken, less - taken);
                if *last == 0 {
                    parts.pop();
                }
            }
            match parts.last_mut() {
                _ if *pence < 0 => {}
                Some((last, so_far)) if !is_released_between(*last, *number) => *so_far += pence,
                _ => parts.push((*number, *pence)),
            }
        }
        all
    }
}
