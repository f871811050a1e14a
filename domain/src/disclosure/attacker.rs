//! A reader who wants to know what is withheld: what they can find out when these cells are withheld and no others.

use super::publication::{Before, CellId, CellKind, Publication, Relation};
use super::rule::DisclosureRule;
use super::system::{Answer, Row, System};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};

/// The most values of one count that are asked for one after another, before it counts as narrowed.
const TRIES: i128 = 200;

/// Cells that are withheld.
pub type Set = BTreeSet<CellId>;

/// A reader of a publication. They remember what they found out, so that each question is worked out once.
pub struct Attacker<'p> {
    publication: &'p Publication,
    rule: DisclosureRule,
    /// Whether small counts are withheld that no earlier edition withheld.
    withholds_small: bool,
    relations: Vec<Relation>,
    /// The relations that each cell is in.
    touching: Vec<Vec<usize>>,
    widths: RefCell<HashMap<(Vec<CellId>, CellId), u16>>,
    was_too_hard: Cell<bool>,
}

impl<'p> Attacker<'p> {
    /// A reader who knows the rule.
    pub fn new(publication: &'p Publication, rule: DisclosureRule, withholds_small: bool) -> Self {
        let mut relations = publication.relations.clone();
        for derivation in &publication.derivations {
            let cell = &publication.cells[derivation.cell.0];
            // One that is published now is shown only where all it follows from is: it tells nothing more.
            if cell.before == Before::Shown {
                relations.extend(derivation.relations(cell.value));
            }
        }
        let mut touching = vec![Vec::new(); publication.cells.len()];
        for (at, relation) in relations.iter().enumerate() {
            relation.terms.iter().for_each(|(cell, _)| touching[cell.0].push(at));
        }
        Attacker { publication, rule, withholds_small, relations, touching, widths: RefCell::default(), was_too_hard: Cell::new(false) }
    }

    /// Whether a question could not be answered within its steps: more is then withheld than may be needed.
    pub fn was_too_hard(&self) -> bool {
        self.was_too_hard.get()
    }

    /// Whether somebody who is not told a cell does not know it.
    pub fn can_hide(&self, cell: CellId) -> bool {
        let cell = &self.publication.cells[cell.0];
        cell.kind != CellKind::Derived && cell.before != Before::Shown
    }

    /// Whether a cell is withheld whatever else is: it is small, an earlier edition withheld it, or it is printed nowhere.
    pub fn is_withheld_for_itself(&self, cell: CellId) -> bool {
        let looked_at = &self.publication.cells[cell.0];
        !looked_at.is_printed || looked_at.before == Before::Withheld || self.withholds_small && self.is_small(cell)
    }

    /// Whether a cell is a small count that nobody may narrow.
    pub fn is_protected(&self, cell: CellId) -> bool {
        let is_withheld = self.withholds_small || self.publication.cells[cell.0].before == Before::Withheld;
        self.is_small(cell) && is_withheld && self.can_hide(cell)
    }

    /// Whether a cell that is not small may be withheld for others. Nought stays nought: withheld, it would hide nothing.
    pub fn may_help(&self, cell: CellId) -> bool {
        let looked_at = &self.publication.cells[cell.0];
        self.can_hide(cell) && looked_at.is_printed && looked_at.before == Before::New && looked_at.value != 0
    }

    fn is_small(&self, cell: CellId) -> bool {
        let cell = &self.publication.cells[cell.0];
        cell.kind == CellKind::Count && self.rule.is_small(cell.value)
    }

    /// How many values a withheld cell can have, up to the rule's width. An amount has all of them or one.
    pub fn width(&self, withheld: &Set, cell: CellId) -> u16 {
        let around = self.around(withheld, cell);
        let key = (around, cell);
        if let Some(known) = self.widths.borrow().get(&key) {
            return *known;
        }
        let system = self.system(&key.0);
        let unknown = key.0.binary_search(&cell).unwrap_or_default();
        let width = match self.publication.kind(cell) {
            CellKind::Amount => self.amount_width(&system, unknown, cell),
            _ => self.count_width(&system, unknown, cell),
        };
        self.widths.borrow_mut().insert(key, width);
        width
    }

    /// What the withheld cells could be, where one of them has a value: worlds that look the same to a reader, those near the real one
    /// first, and no more than so many of each kind: those in which only what hangs together with it differs, and any.
    pub fn worlds(&self, withheld: &Set, cell: CellId, value: i64, most: usize) -> Vec<Vec<(CellId, i64)>> {
        let all: Vec<_> = withheld.iter().copied().filter(|cell| self.can_hide(*cell)).collect();
        let mut worlds = Vec::new();
        for cells in [self.around(withheld, cell), all] {
            let unknown = cells.binary_search(&cell).unwrap_or_default();
            for solution in self.system(&cells).solutions(unknown, i128::from(value), most) {
                let numbers = solution.into_iter().map(|number| i64::try_from(number).unwrap_or(i64::MAX));
                worlds.push(cells.iter().copied().zip(numbers).collect());
            }
        }
        worlds
    }

    /// Shown cells that could be withheld too and then loosen what is known of a cell, in order. An amount too small to hide another
    /// does not.
    pub fn helpers(&self, withheld: &Set, cell: CellId) -> Vec<CellId> {
        let least = match self.publication.kind(cell) {
            CellKind::Amount => self.rule.amount_miss_pence(self.publication.value(cell)),
            _ => 0,
        };
        let is_enough = |near: &CellId| self.publication.value(*near).abs() >= least;
        let around = self.around(withheld, cell);
        let near: Set = self.relations_of(&around).flat_map(|relation| relation.terms.iter().map(|(cell, _)| *cell)).collect();
        near.into_iter().filter(|near| !withheld.contains(near) && self.may_help(*near) && is_enough(near)).collect()
    }

    /// The withheld cells that hang together with one: no other tells anything of it.
    fn around(&self, withheld: &Set, cell: CellId) -> Vec<CellId> {
        let mut found = Set::from([cell]);
        let mut open = vec![cell];
        while let Some(next) = open.pop() {
            for relation in &self.touching[next.0] {
                for (other, _) in &self.relations[*relation].terms {
                    if withheld.contains(other) && self.can_hide(*other) && found.insert(*other) {
                        open.push(*other);
                    }
                }
            }
        }
        found.into_iter().collect()
    }

    /// The relations of cells, each once.
    fn relations_of(&self, cells: &[CellId]) -> impl Iterator<Item = &Relation> {
        let at: BTreeSet<usize> = cells.iter().flat_map(|cell| self.touching[cell.0].iter().copied()).collect();
        at.into_iter().map(|at| &self.relations[at])
    }

    /// What is known of cells that are unknown, when all others are shown.
    fn system(&self, unknown: &[CellId]) -> System {
        let value = |cell: CellId| i128::from(self.publication.value(cell));
        let rows = self.relations_of(unknown).map(|relation| {
            let (mut terms, mut known) = (Vec::new(), 0);
            for (cell, weight) in &relation.terms {
                match unknown.binary_search(cell) {
                    Ok(at) => terms.push((at, i128::from(*weight))),
                    Err(_) => known += i128::from(*weight) * value(*cell),
                }
            }
            let less = |bound: Option<i64>| bound.map(|bound| i128::from(bound) - known);
            Row { terms, at_least: less(relation.at_least), at_most: less(relation.at_most) }
        });
        let bounds = unknown.iter().map(|cell| self.bounds(*cell)).collect();
        System::new(bounds, unknown.iter().map(|cell| value(*cell)).collect(), rows.collect())
    }

    /// What is known of a withheld cell by itself.
    fn bounds(&self, cell: CellId) -> (i128, i128) {
        let of_kind = || self.publication.cells.iter().filter(|other| other.kind == self.publication.kind(cell)).map(|other| other.value);
        // Beyond twice all there is nothing is ever narrowed: a bound where there is none.
        let all = 2 * of_kind().map(|value| i128::from(value.abs())).sum::<i128>() + 1_000 + 2 * i128::from(self.rule.narrowest_width);
        let value = self.publication.value(cell);
        match self.publication.kind(cell) {
            // Nothing stands where it would be: nobody is told that it is small.
            CellKind::Count if !self.publication.is_printed(cell) => (0, all),
            // The same stands in place of what is small and of what protects it.
            CellKind::Count => (i128::from(value != 0), all),
            // Spending that has no credit among it is thought to have none.
            _ if of_kind().all(|value| value >= 0) => (0, all),
            _ => (-all, all),
        }
    }

    fn count_width(&self, system: &System, unknown: usize, cell: CellId) -> u16 {
        let value = i128::from(self.publication.value(cell));
        let (least, most) = system.range(unknown);
        let mut found = 1;
        for distance in 1..=TRIES {
            for other in [value - distance, value + distance] {
                if found < self.rule.narrowest_width && (least..=most).contains(&other) && self.can_be(system, unknown, other, other) {
                    found += 1;
                }
            }
            let is_past = value - distance < least && value + distance > most;
            if found >= self.rule.narrowest_width || is_past {
                break;
            }
        }
        found
    }

    fn amount_width(&self, system: &System, unknown: usize, cell: CellId) -> u16 {
        let value = self.publication.value(cell);
        let miss = i128::from(self.rule.amount_miss_pence(value));
        let (least, most) = self.bounds(cell);
        let value = i128::from(value);
        let is_loose = self.can_be(system, unknown, least, value - miss) || self.can_be(system, unknown, value + miss, most);
        if is_loose { self.rule.narrowest_width } else { 1 }
    }

    fn can_be(&self, system: &System, unknown: usize, from: i128, to: i128) -> bool {
        let answer = if from <= to { system.can_be(unknown, from, to) } else { Answer::No };
        if answer == Answer::TooHard {
            self.was_too_hard.set(true);
        }
        answer == Answer::Yes
    }
}
