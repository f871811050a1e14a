//! What is published together: cells, and what a reader can reckon between them.

/// A cell of a publication. One number that is printed twice is one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId(pub(super) usize);

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// How many.
    Count,
    /// Money, in pence.
    Amount,
    /// A percentage, a difference or a change: it follows from other cells.
    Derived,
}

/// What the public knows of a cell already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// It was not published yet.
    New,
    /// An earlier edition shows it.
    Shown,
    /// An earlier edition withheld it, and so does this.
    Withheld,
}

/// One cell.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub name: String,
    pub kind: CellKind,
    pub value: i64,
    pub before: Before,
    /// Whether it is printed where it is shown. One that is not is there since a reader can reckon it.
    pub is_printed: bool,
}

/// What holds between cells: a sum with weights lies between two bounds.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub name: String,
    pub terms: Vec<(CellId, i64)>,
    pub at_least: Option<i64>,
    pub at_most: Option<i64>,
}

/// How a derived cell follows from others.
#[derive(Debug, Clone)]
pub(super) struct Derivation {
    pub cell: CellId,
    /// The cells whose weighted sum it is, or is a ratio of.
    pub of: Vec<(CellId, i64)>,
    /// What it is divided by, and how much one is then worth: 100 for whole percents. None: it is the sum itself.
    pub per: Option<(CellId, i64)>,
}

/// Everything that is published together, with what was published before.
#[derive(Debug, Clone, Default)]
pub struct Publication {
    pub(super) cells: Vec<Cell>,
    pub(super) relations: Vec<Relation>,
    /// An amount, and a count that it tells of.
    pub(super) ties: Vec<(CellId, CellId)>,
    pub(super) derivations: Vec<Derivation>,
}

impl Publication {
    /// Adds a count.
    pub fn count(&mut self, name: impl Into<String>, value: i64, before: Before) -> CellId {
        self.add(name.into(), CellKind::Count, value, before)
    }

    /// Adds an amount of money.
    pub fn amount(&mut self, name: impl Into<String>, value_pence: i64, before: Before) -> CellId {
        self.add(name.into(), CellKind::Amount, value_pence, before)
    }

    /// Says that an amount tells of a count, so that it is withheld with it.
    pub fn tie(&mut self, amount: CellId, count: CellId) {
        self.ties.push((amount, count));
    }

    /// Says that a whole is the sum of its parts.
    pub fn total(&mut self, name: impl Into<String>, whole: CellId, parts: &[CellId]) {
        let terms = std::iter::once((whole, 1)).chain(parts.iter().map(|part| (*part, -1))).collect();
        self.relations.push(Relation { name: name.into(), terms, at_least: Some(0), at_most: Some(0) });
    }

    /// Says that a count is part of another: "13, of whom 1". Whoever knows both knows the rest, which is printed nowhere and may be as
    /// small.
    pub fn of_whom(&mut self, name: impl Into<String>, part: CellId, whole: CellId) {
        let name = name.into();
        let before = match [part, whole].map(|cell| self.cells[cell.0].before) {
            [Before::New, _] | [_, Before::New] => Before::New,
            [Before::Shown, Before::Shown] => Before::Shown,
            _ => Before::Withheld,
        };
        let rest = self.count(format!("the rest of {name}"), (self.value(whole) - self.value(part)).max(0), before);
        self.cells[rest.0].is_printed = false;
        self.total(name, whole, &[part, rest]);
    }

    /// Says that a whole is no more than its parts together, which may have members in common.
    pub fn no_more_than(&mut self, name: impl Into<String>, whole: CellId, parts: &[CellId]) {
        let terms = std::iter::once((whole, -1)).chain(parts.iter().map(|part| (*part, 1))).collect();
        self.relations.push(Relation { name: name.into(), terms, at_least: Some(0), at_most: None });
    }

    /// Adds how much more one cell is than another.
    pub fn difference(&mut self, name: impl Into<String>, of: CellId, less: CellId, before: Before) -> CellId {
        self.derive(name.into(), vec![(of, 1), (less, -1)], None, before).unwrap_or(of)
    }

    /// Adds a part as a share of a whole, where `one` is what the whole would be: 100 for whole percents, 1,000 for tenths. Of nothing
    /// there is no share.
    pub fn share(&mut self, name: impl Into<String>, part: CellId, whole: CellId, one: i64, before: Before) -> Option<CellId> {
        self.derive(name.into(), vec![(part, 1)], Some((whole, one)), before)
    }

    /// Adds how much more one cell is than another, as a share of the other. Of nothing there is no share.
    pub fn change(&mut self, name: impl Into<String>, now: CellId, then: CellId, one: i64, before: Before) -> Option<CellId> {
        self.derive(name.into(), vec![(now, 1), (then, -1)], Some((then, one)), before)
    }

    /// The cell's name.
    pub fn name(&self, cell: CellId) -> &str {
        &self.cells[cell.0].name
    }

    /// The cell's number, as it was counted.
    pub fn value(&self, cell: CellId) -> i64 {
        self.cells[cell.0].value
    }

    /// What the cell holds.
    pub fn kind(&self, cell: CellId) -> CellKind {
        self.cells[cell.0].kind
    }

    /// What the public knows of the cell already.
    pub fn before(&self, cell: CellId) -> Before {
        self.cells[cell.0].before
    }

    /// Whether a cell is printed where it is shown.
    pub fn is_printed(&self, cell: CellId) -> bool {
        self.cells[cell.0].is_printed
    }

    /// All cells, in the order in which they were added.
    pub fn cells(&self) -> impl Iterator<Item = CellId> + use<> {
        (0..self.cells.len()).map(CellId)
    }

    /// What cannot be: a count below nought, a relation that its own cells break. Names no number, since it may be one to be withheld.
    pub fn mistakes(&self) -> Vec<String> {
        let below = self.cells.iter().filter(|cell| cell.kind == CellKind::Count && cell.value < 0);
        let below = below.map(|cell| format!("the count `{}` is below nought", cell.name));
        let broken = self.relations.iter().filter(|relation| !relation.holds(|cell| self.value(cell)));
        let broken = broken.map(|relation| format!("the cells of `{}` do not agree", relation.name));
        let of_derived = self.relations.iter().filter(|relation| relation.terms.iter().any(|(cell, _)| self.is_derived(*cell)));
        let of_derived = of_derived.map(|relation| format!("`{}` relates a derived cell, which only follows from others", relation.name));
        let twice = self.derivations.iter().filter(|derivation| derivation.operands().any(|cell| self.is_derived(cell)));
        let twice = twice.map(|derivation| format!("`{}` is derived from a derived cell", self.name(derivation.cell)));
        below.chain(broken).chain(of_derived).chain(twice).collect()
    }

    /// The same publication with other numbers in some cells.
    pub(super) fn with(&self, numbers: &[(CellId, i64)]) -> Publication {
        let mut other = self.clone();
        numbers.iter().for_each(|(cell, number)| other.cells[cell.0].value = *number);
        other
    }

    /// The same publication before it is published: what is new in it stands nowhere.
    pub(super) fn without_new(&self) -> Publication {
        let mut earlier = self.clone();
        earlier.cells.iter_mut().filter(|cell| cell.before == Before::New).for_each(|cell| cell.is_printed = false);
        earlier
    }

    fn is_derived(&self, cell: CellId) -> bool {
        self.kind(cell) == CellKind::Derived
    }

    fn add(&mut self, name: String, kind: CellKind, value: i64, before: Before) -> CellId {
        self.cells.push(Cell { name, kind, value, before, is_printed: true });
        CellId(self.cells.len() - 1)
    }

    fn derive(&mut self, name: String, of: Vec<(CellId, i64)>, per: Option<(CellId, i64)>, before: Before) -> Option<CellId> {
        let sum: i64 = of.iter().map(|(cell, weight)| weight * self.value(*cell)).sum();
        let value = match per {
            None => sum,
            Some((whole, _)) if self.value(whole) <= 0 => return None,
            Some((whole, one)) => rounded(i128::from(one) * i128::from(sum), i128::from(self.value(whole))),
        };
        let cell = self.add(name, CellKind::Derived, value, before);
        self.derivations.push(Derivation { cell, of, per });
        Some(cell)
    }
}

impl Relation {
    fn holds(&self, value: impl Fn(CellId) -> i64) -> bool {
        let sum: i64 = self.terms.iter().map(|(cell, weight)| weight * value(*cell)).sum();
        self.at_least.is_none_or(|least| sum >= least) && self.at_most.is_none_or(|most| sum <= most)
    }
}

impl Derivation {
    /// The cells that it follows from.
    pub fn operands(&self) -> impl Iterator<Item = CellId> + '_ {
        self.of.iter().map(|(cell, _)| *cell).chain(self.per.map(|(cell, _)| cell))
    }

    /// What somebody who is shown its value knows of the cells that it follows from. A ratio is rounded half away from nought.
    pub fn relations(&self, value: i64) -> Vec<Relation> {
        let named = |terms, at_least, at_most| Relation { name: String::new(), terms, at_least, at_most };
        let Some((whole, one)) = self.per else { return vec![named(self.of.clone(), Some(value), Some(value))] };
        // (2v - 1) whole <= 2 one sum < (2v + 1) whole, with the bound that is nearer to nought left out.
        let scaled = |edge: i64| {
            let mut terms: Vec<_> = self.of.iter().map(|(cell, weight)| (*cell, 2 * one * weight)).collect();
            match terms.iter_mut().find(|(cell, _)| *cell == whole) {
                Some((_, weight)) => *weight -= edge,
                None => terms.push((whole, -edge)),
            }
            terms
        };
        let (least, most) = (i64::from(value <= 0), -i64::from(value >= 0));
        vec![named(scaled(2 * value - 1), Some(least), None), named(scaled(2 * value + 1), None, Some(most))]
    }
}

/// A ratio, half away from nought; the divisor is above nought.
fn rounded(above: i128, below: i128) -> i64 {
    let magnitude = (2 * above.abs() + below) / (2 * below);
    i64::try_from(magnitude * above.signum()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_its_own_cells_break_is_told_without_a_number() {
        let mut publication = Publication::default();
        let parts = [publication.count("here", 12, Before::New), publication.count("away", 1, Before::New)];
        let whole = publication.count("all", 14, Before::New);
        publication.total("places", whole, &parts);
        publication.of_whom("away", whole, parts[0]);
        publication.count("none", -1, Before::New);
        let share = publication.share("share", parts[1], whole, 100, Before::New).expect("a share");
        publication.difference("of a share", share, whole, Before::New);
        publication.total("shares", whole, &[share]);
        let said = publication.mistakes();
        let expected = [
            "the count `none` is below nought",
            "the cells of `places` do not agree",
            "the cells of `away` do not agree",
            "the cells of `shares` do not agree",
            "`shares` relates a derived cell, which only follows from others",
            "`of a share` is derived from a derived cell",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_share_is_rounded_half_away_from_nought_and_of_nothing_there_is_none() {
        for (part, whole, one, expected) in
            [(1, 13, 100, Some(8)), (1, 8, 100, Some(13)), (1, 3, 1_000, Some(333)), (0, 5, 100, Some(0)), (1, 0, 100, None)]
        {
            let mut publication = Publication::default();
            let (part, whole) = (publication.count("part", part, Before::New), publication.count("whole", whole, Before::New));
            let share = publication.share("share", part, whole, one, Before::New);
            assert_eq!(share.map(|cell| publication.value(cell)), expected);
        }
        for (now, then, expected) in [(15, 10, 50), (10, 15, -33), (7, 8, -13), (8, 8, 0)] {
            let mut publication = Publication::default();
            let (now, then) = (publication.count("now", now, Before::New), publication.count("then", then, Before::New));
            let change = publication.change("change", now, then, 100, Before::New).expect("a change");
            assert_eq!(publication.value(change), expected);
        }
    }

    #[test]
    fn what_a_shown_ratio_tells_holds_for_exactly_the_counts_that_round_to_it() {
        for value in -100..=100_i64 {
            for then in 1..=12_i64 {
                for now in 0..=24_i64 {
                    let cells = [now, then];
                    let derivation = Derivation { cell: CellId(2), of: vec![(CellId(0), 1), (CellId(1), -1)], per: Some((CellId(1), 100)) };
                    let holds = derivation.relations(value).iter().all(|relation| relation.holds(|cell| cells[cell.0]));
                    let is_it = rounded(100 * i128::from(now - then), i128::from(then)) == value;
                    assert_eq!(holds, is_it, "{now} after {then}: {value}");
                }
            }
        }
    }
}
