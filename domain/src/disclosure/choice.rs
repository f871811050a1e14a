//! A reader who knows how the further cells are chosen. They make the choice again for every number that a withheld cell could have: a
//! number for which other cells would have been withheld is none that it has.

use super::attacker::Set;
use super::fewest::{Came, Search};
use super::known::Seen;
use super::publication::{CellId, CellKind};
use std::rc::Rc;

/// The most worlds that are tried for one number of a cell.
const WORLDS_A_NUMBER: usize = 24;

impl Search<'_> {
    /// A withheld cell that a reader can narrow by numbers alone, the first there is.
    pub(super) fn narrowed(&self, withheld: &Set) -> Option<CellId> {
        let seen = self.seen(withheld);
        if let Some(known) = self.known.narrowed.borrow().get(&seen) {
            return *known;
        }
        let found = withheld.iter().copied().filter(|cell| self.is_kept(*cell)).find(|cell| self.is_narrowed(withheld, *cell));
        self.known.narrowed.borrow_mut().insert(seen, found);
        found
    }

    fn seen(&self, withheld: &Set) -> Seen {
        let shown = self.publication.cells().filter(|cell| !withheld.contains(cell)).map(|cell| self.publication.value(cell));
        let is_rest = |cell: &CellId| !self.publication.is_printed(*cell) && self.attacker.is_protected(*cell);
        (withheld.iter().copied().collect(), shown.collect(), withheld.iter().copied().filter(is_rest).collect())
    }

    /// A count of which such a reader can rule out so many values that fewer are left than the rule wants, the first there is. Those that
    /// protect others are asked of too: what is found is then the same in every world that looks like this one.
    pub(super) fn given_away(&self, withheld: &Set) -> Option<CellId> {
        let seen = self.seen(withheld);
        let known = self.known.given_away.borrow().get(&seen).copied();
        let found = known.unwrap_or_else(|| {
            let is_count = |cell: &CellId| self.publication.kind(*cell) == CellKind::Count && self.is_kept(*cell);
            withheld.iter().copied().filter(is_count).find(|cell| self.is_given_away(withheld, *cell))
        });
        self.known.given_away.borrow_mut().insert(seen, found);
        self.given_away.borrow_mut().insert(withheld.clone(), found);
        found
    }

    fn is_given_away(&self, withheld: &Set, cell: CellId) -> bool {
        let wanted = self.rule.narrowest_width.min(self.target(cell));
        // Where no more worlds may be looked at, nobody is taken to have looked at them: that is told.
        self.left(withheld, cell, wanted) < wanted && self.known.worlds_left.get() > 0
    }

    /// How many values such a reader cannot rule out, up to so many.
    pub(super) fn left(&self, withheld: &Set, cell: CellId, wanted: u16) -> u16 {
        let value = self.publication.value(cell);
        let mut left = 1;
        let near = (1..=2 * i64::from(self.rule.withhold_up_to)).flat_map(|distance| [value - distance, value + distance]);
        for other in near.filter(|other| *other >= 0) {
            if left >= wanted {
                break;
            }
            let worlds = self.attacker.worlds(withheld, cell, other, WORLDS_A_NUMBER);
            left += u16::from(worlds.iter().any(|world| self.looks_the_same(world, withheld)));
        }
        left
    }

    /// Whether the same cells would be withheld in another world.
    fn looks_the_same(&self, world: &[(CellId, i64)], withheld: &Set) -> bool {
        let Some(left) = self.known.worlds_left.get().checked_sub(1) else { return false };
        self.known.worlds_left.set(left);
        let publication = self.publication.with(world);
        let search = Search::new(&publication, self.rule, self.withholds_small, Rc::clone(&self.known));
        let first = withheld.iter().copied().filter(|cell| search.attacker.is_withheld_for_itself(*cell)).collect();
        matches!(search.fewest(&search.with_tied(first), Some(withheld)), Ok(Came::ToAsked))
    }
}
