//! The fewest further cells to withhold, so that nobody can narrow what is withheld.

use super::attacker::{Attacker, Set};
use super::known::{Known, WORLDS};
use super::publication::{Before, CellId, CellKind, Publication};
use super::rule::DisclosureRule;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The most sets of cells that are looked at for one part of a publication that hangs together. Beyond it the answer is found cell by cell.
pub const VISITS: usize = 1_000;

/// Which cells to withhold.
pub struct Search<'p> {
    pub(super) publication: &'p Publication,
    pub(super) rule: DisclosureRule,
    pub(super) withholds_small: bool,
    /// The reader.
    pub attacker: Attacker<'p>,
    /// What each cell can be kept to where everything is withheld that can be.
    targets: RefCell<BTreeMap<CellId, u16>>,
    /// In how many relations each cell is the whole.
    wholes: Vec<usize>,
    /// Sets that were looked at by a reader who knows how they are chosen, each with the cell that it gives away, if one.
    pub(super) given_away: RefCell<BTreeMap<Set, Option<CellId>>>,
    /// What was found out in any world.
    pub(super) known: Rc<Known>,
}

/// What was found.
pub struct Found {
    /// All cells that are withheld.
    pub withheld: Set,
    /// Those that are withheld for themselves, and what is tied to them.
    pub first: Set,
    /// Whether no fewer would do.
    pub is_fewest: bool,
    /// Whether a reader who knows how the further cells are chosen was asked of all of them.
    pub is_choice_checked: bool,
    /// Small counts that such a reader narrows whatever is withheld, and the values that they cannot rule out.
    pub left_by_choice: Vec<(CellId, u16)>,
}

/// Too many sets were looked at.
pub(super) struct TooMany;

/// The sets of one search that nobody narrows by numbers alone.
struct Visited<'s> {
    first: &'s Set,
    /// The set that is asked about, if one is: it and what comes after it in the order is no candidate.
    asked: Option<&'s Set>,
    is_reached: bool,
    visits: usize,
    candidates: BTreeSet<Set>,
}

/// What a search came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// To the set that was asked about.
    ToAsked,
    /// To a set of its own.
    To(Set),
    /// To none.
    ToNone,
}

impl<'p> Search<'p> {
    /// A search in a publication.
    pub fn new(publication: &'p Publication, rule: DisclosureRule, withholds_small: bool, known: Rc<Known>) -> Self {
        let mut wholes = vec![0; publication.cells.len()];
        publication.relations.iter().flat_map(|relation| relation.terms.first()).for_each(|(whole, _)| wholes[whole.0] += 1);
        Search {
            wholes,
            publication,
            rule,
            withholds_small,
            attacker: Attacker::new(publication, rule, withholds_small),
            targets: RefCell::default(),
            given_away: RefCell::default(),
            known,
        }
    }

    /// The cells to withhold.
    pub fn run(&self) -> Found {
        let first = self.with_tied(self.publication.cells().filter(|cell| self.attacker.is_withheld_for_itself(*cell)).collect());
        let (mut withheld, mut is_fewest, mut is_choice_checked) = (first.clone(), true, true);
        let mut left_by_choice = Vec::new();
        for part in self.parts() {
            let of_part = self.with_tied(first.intersection(&part).copied().collect());
            self.known.worlds_left.set(WORLDS);
            let best = match self.fewest(&of_part, None) {
                Ok(Came::To(best)) => best,
                Ok(Came::ToAsked | Came::ToNone) => {
                    let best = self.best_by_numbers(&of_part).unwrap_or_else(|| of_part.clone());
                    let small = best.iter().copied().filter(|cell| self.attacker.is_protected(*cell));
                    let left = small.map(|cell| (cell, self.left(&best, cell, self.rule.narrowest_width)));
                    left_by_choice.extend(left.filter(|(_, left)| *left < self.rule.narrowest_width));
                    best
                }
                Err(TooMany) => {
                    (is_fewest, is_choice_checked) = (false, false);
                    self.one_by_one(&of_part)
                }
            };
            is_choice_checked &= self.known.worlds_left.get() > 0;
            self.given_away.borrow_mut().clear();
            withheld.extend(best);
        }
        let is_fewest = is_fewest && !self.attacker.was_too_hard();
        Found { withheld: self.with_tied(withheld), first, is_fewest, is_choice_checked, left_by_choice }
    }

    /// How many values a cell can be kept to, if not as many as the rule wants.
    pub fn target(&self, cell: CellId) -> u16 {
        if let Some(known) = self.targets.borrow().get(&cell) {
            return *known;
        }
        let is_free = |other: &CellId| self.attacker.may_help(*other) || self.attacker.is_withheld_for_itself(*other);
        let all = self.publication.cells().filter(is_free);
        let target = self.attacker.width(&self.with_tied(all.collect()), cell);
        self.targets.borrow_mut().insert(cell, target);
        target
    }

    /// Whether nobody may narrow a cell once it is withheld. What is printed nowhere is kept where it is small.
    pub fn is_kept(&self, cell: CellId) -> bool {
        self.attacker.can_hide(cell) && (self.publication.is_printed(cell) || self.attacker.is_protected(cell))
    }

    /// Withheld cells with what is withheld since they are: amounts of withheld counts, and what follows from a withheld cell.
    pub fn with_tied(&self, mut withheld: Set) -> Set {
        let amounts = self.publication.ties.iter().filter(|(_, count)| withheld.contains(count)).map(|(amount, _)| *amount);
        let amounts: Vec<_> = amounts.collect();
        withheld.extend(amounts);
        let derived = self.publication.derivations.iter().filter(|derivation| derivation.operands().any(|cell| withheld.contains(&cell)));
        let derived: Vec<_> = derived.map(|derivation| derivation.cell).collect();
        withheld.extend(derived);
        withheld
    }

    pub(super) fn is_narrowed(&self, withheld: &Set, cell: CellId) -> bool {
        let width = self.attacker.width(withheld, cell);
        width < self.rule.narrowest_width && width < self.target(cell)
    }

    /// The cells that hang together: what is withheld among some of them tells nothing of the others.
    fn parts(&self) -> Vec<Set> {
        let mut part_of: Vec<usize> = (0..self.publication.cells.len()).collect();
        let mut join = |cells: &[CellId]| {
            let cells: Vec<_> = cells.iter().filter(|cell| self.can_vary(**cell)).collect();
            for pair in cells.windows(2) {
                let (from, to) = (part_of[pair[0].0], part_of[pair[1].0]);
                part_of.iter_mut().filter(|part| **part == from).for_each(|part| *part = to);
            }
        };
        for relation in &self.publication.relations {
            join(&relation.terms.iter().map(|(cell, _)| *cell).collect::<Vec<_>>());
        }
        for (amount, count) in &self.publication.ties {
            join(&[*amount, *count]);
        }
        // One that is published now is shown only where all it follows from is: nothing hangs on it.
        let is_shown_before = |cell: CellId| self.publication.cells[cell.0].before == Before::Shown;
        for derivation in self.publication.derivations.iter().filter(|derivation| is_shown_before(derivation.cell)) {
            join(&std::iter::once(derivation.cell).chain(derivation.operands()).collect::<Vec<_>>());
        }
        let mut parts: BTreeMap<usize, Set> = BTreeMap::new();
        part_of.iter().enumerate().for_each(|(at, part)| {
            parts.entry(*part).or_default().insert(CellId(at));
        });
        parts.into_values().collect()
    }

    /// Whether a cell can ever be withheld, or be unknown.
    fn can_vary(&self, cell: CellId) -> bool {
        let kind = self.publication.kind(cell);
        kind == CellKind::Derived || self.attacker.is_withheld_for_itself(cell) || self.attacker.may_help(cell)
    }

    /// The first of the smallest sets that nobody narrows, whether or not they know how it is chosen.
    pub(super) fn fewest(&self, first: &Set, asked: Option<&Set>) -> Result<Came, TooMany> {
        let mut visited = Visited { first, asked, is_reached: false, visits: 0, candidates: BTreeSet::new() };
        for allowed in 0..=self.publication.cells.len() {
            let before = visited.visits;
            self.extend(first, allowed, &Set::new(), &mut visited)?;
            let mut candidates: Vec<_> = visited.candidates.iter().cloned().collect();
            candidates.sort_by_key(|set| self.order(set, first));
            if let Some(best) = candidates.into_iter().find(|set| self.given_away(set).is_none()) {
                return Ok(Came::To(best));
            }
            if visited.is_reached {
                return Ok(Came::ToAsked);
            }
            // Where nothing more was there to look at, more that is allowed would be of no use.
            if allowed > 0 && visited.visits - before >= VISITS {
                return Err(TooMany);
            }
        }
        Ok(Came::ToNone)
    }

    /// Collects the sets of cells that protect everything. Each of them holds `withheld` and at most `allowed` further cells. None of them holds
    /// a cell of `left_out`.
    fn extend(&self, withheld: &Set, allowed: usize, left_out: &Set, visited: &mut Visited<'_>) -> Result<(), TooMany> {
        visited.visits += 1;
        if visited.visits > VISITS {
            return Err(TooMany);
        }
        let narrowed = match self.narrowed(withheld) {
            Some(narrowed) => narrowed,
            None => {
                let is_after = |asked: &Set| self.order(withheld, visited.first) >= self.order(asked, visited.first);
                if visited.asked.is_some_and(is_after) {
                    visited.is_reached |= visited.asked == Some(withheld);
                    return Ok(());
                }
                visited.candidates.insert(withheld.clone());
                let known = self.given_away.borrow().get(withheld).copied();
                let Some(Some(given_away)) = known else { return Ok(()) };
                given_away
            }
        };
        // Any set that keeps this cell holds one of its helpers: without one, the reader knows the same of it.
        let mut left_out = left_out.clone();
        for helper in self.attacker.helpers(withheld, narrowed) {
            if left_out.contains(&helper) {
                continue;
            }
            let with_helper = self.with(withheld, helper);
            let more = with_helper.len() - withheld.len();
            if more <= allowed {
                self.extend(&with_helper, allowed - more, &left_out, visited)?;
            }
            left_out.insert(helper);
        }
        Ok(())
    }

    /// The first of the smallest sets that nobody narrows by numbers alone, among those that were looked at.
    fn best_by_numbers(&self, first: &Set) -> Option<Set> {
        let looked_at = self.given_away.borrow();
        looked_at.keys().min_by_key(|set| self.order(set, first)).cloned()
    }

    /// A set that is safe, found by adding the first helper that keeps what is narrowed, and by giving back what is not needed.
    fn one_by_one(&self, first: &Set) -> Set {
        let mut added = Vec::new();
        let mut withheld = first.clone();
        while let Some(narrowed) = self.narrowed(&withheld) {
            let mut helpers = self.attacker.helpers(&withheld, narrowed);
            helpers.sort_by_key(|helper| (self.with(&withheld, *helper).len(), self.wholes[helper.0], *helper));
            let keeps = helpers.iter().find(|helper| !self.is_narrowed(&self.with(&withheld, **helper), narrowed));
            let Some(helper) = keeps.or(helpers.first()).copied() else { break };
            withheld = self.with(&withheld, helper);
            added.push(helper);
        }
        for helper in added.clone().into_iter().rev() {
            let fewer: Vec<_> = added.iter().copied().filter(|other| *other != helper).collect();
            let without = self.with_tied(first.iter().copied().chain(fewer.iter().copied()).collect());
            if self.narrowed(&without).is_none() {
                (added, withheld) = (fewer, without);
            }
        }
        withheld
    }

    fn with(&self, withheld: &Set, cell: CellId) -> Set {
        self.with_tied(withheld.iter().copied().chain([cell]).collect())
    }

    /// Fewer cells first, then parts before wholes, then the order of the cells. Nothing of it follows from a number: which cells were
    /// chosen would else tell of it.
    fn order(&self, set: &Set, first: &Set) -> (usize, usize, Vec<CellId>) {
        let further: Vec<_> = set.difference(first).copied().collect();
        (further.len(), further.iter().map(|cell| self.wholes[cell.0]).sum(), further)
    }
}
