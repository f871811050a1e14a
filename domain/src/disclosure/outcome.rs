//! What is withheld, and why.

use super::attacker::{Attacker, Set};
use super::fewest::{Found, Search};
use super::publication::{Before, CellId, CellKind, Publication};
use super::rule::{Disclosure, DisclosureRule};
use std::rc::Rc;

/// What becomes of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Treatment {
    /// It is printed.
    Shown,
    /// `[c]` is printed in its place.
    Withheld(Why),
}

/// Why a cell is withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is a count from 1 to the limit.
    Small,
    /// An earlier edition withheld it.
    WithheldBefore,
    /// It tells of this cell, which is withheld.
    TiedTo(CellId),
    /// Without it, this cell could be worked out by what is named.
    Protects {
        /// The cell that it protects.
        cell: CellId,
        /// What the two are related by.
        by: String,
    },
}

/// A withheld cell, for the officer's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// The cell.
    pub cell: CellId,
    /// Its name.
    pub name: String,
    /// A sentence.
    pub why: String,
}

/// What becomes of a publication.
#[derive(Debug, Clone)]
pub struct Outcome {
    treatments: Vec<Treatment>,
    /// Whether no fewer cells would do. Where it is false, the search met its bound, and all that is withheld is still safe.
    pub is_fewest: bool,
    /// Whether a reader who knows how the further cells are chosen was asked of all of them, and narrows none. Where it is false, nobody
    /// narrows what is withheld by its numbers alone.
    pub is_choice_checked: bool,
    /// Cells that cannot be kept to as many values as the rule wants, whatever is withheld, with the number of values they are kept to.
    pub narrower: Vec<(CellId, u16)>,
    /// Those of them that were kept to no more values by what earlier editions tell alone: this publication gives nothing more of them away.
    pub as_narrow_before: Vec<CellId>,
    /// Cells that are withheld and that an earlier edition shows: anybody can look them up.
    pub known_already: Vec<CellId>,
    /// Why everything is printed, where it is.
    pub as_counted: Option<String>,
    limit: u16,
}

/// Says what becomes of each cell, or what in the publication cannot be.
pub fn apply(publication: &Publication, rule: DisclosureRule, choice: &Disclosure) -> Result<Outcome, Vec<String>> {
    let mistakes = publication.mistakes();
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut outcome = Outcome {
        treatments: vec![Treatment::Shown; publication.cells.len()],
        is_fewest: true,
        is_choice_checked: true,
        narrower: Vec::new(),
        as_narrow_before: Vec::new(),
        known_already: Vec::new(),
        as_counted: None,
        limit: rule.withhold_up_to,
    };
    if let Disclosure::AsCounted { reason } = choice {
        outcome.as_counted = Some(reason.clone());
    }
    // What is printed as counted is so for its own edition: what another edition withheld stays withheld.
    outcome.withhold(publication, rule, *choice == Disclosure::Withheld);
    Ok(outcome)
}

impl Outcome {
    /// What becomes of a cell.
    pub fn of(&self, cell: CellId) -> &Treatment {
        &self.treatments[cell.0]
    }

    /// Whether a cell is printed.
    pub fn is_shown(&self, cell: CellId) -> bool {
        *self.of(cell) == Treatment::Shown
    }

    /// The withheld cells that would be printed, in their order, each with a sentence that says why.
    pub fn withheld(&self, publication: &Publication) -> Vec<Withheld> {
        let named = |cell: CellId| publication.name(cell);
        let cells = publication.cells().zip(&self.treatments);
        let withheld = cells.filter_map(|(cell, treatment)| match treatment {
            Treatment::Withheld(why) if publication.is_printed(cell) => Some((cell, why)),
            _ => None,
        });
        let sentence = |why: &Why| match why {
            Why::Small => format!("It is a count from 1 to {}.", self.limit),
            Why::WithheldBefore => "An earlier edition withheld it.".to_owned(),
            Why::TiedTo(other) => format!("It tells of \"{}\", which is withheld.", named(*other)),
            Why::Protects { cell, by } => format!("Without it, \"{}\" could be narrowed by \"{by}\".", named(*cell)),
        };
        let full = |cell: CellId, why: &Why| {
            let narrower = self.narrower.iter().find(|(other, _)| *other == cell);
            let narrower = narrower.map(|(_, values)| match (publication.kind(cell), values) {
                (CellKind::Amount, _) => " What is shown tells nearly what it is.".to_owned(),
                (_, 1) => " What is shown tells it.".to_owned(),
                (_, values) => format!(" What is shown leaves it {values} values."),
            });
            let known = self.known_already.contains(&cell).then_some(" An earlier edition shows it.");
            format!("{}{}{}", sentence(why), narrower.unwrap_or_default(), known.unwrap_or_default())
        };
        withheld.map(|(cell, why)| Withheld { cell, name: named(cell).to_owned(), why: full(cell, why) }).collect()
    }

    fn withhold(&mut self, publication: &Publication, rule: DisclosureRule, withholds_small: bool) {
        let search = Search::new(publication, rule, withholds_small, Rc::default());
        let found = search.run();
        (self.is_fewest, self.is_choice_checked) = (found.is_fewest, found.is_choice_checked);
        for cell in &found.withheld {
            self.treatments[cell.0] = Treatment::Withheld(why(publication, rule, &search, &found, *cell));
            if publication.cells[cell.0].before == Before::Shown {
                self.known_already.push(*cell);
            } else if search.is_kept(*cell) {
                let by_choice = found.left_by_choice.iter().find(|(other, _)| other == cell).map(|(_, left)| *left);
                let width = search.attacker.width(&found.withheld, *cell).min(by_choice.unwrap_or(u16::MAX));
                if width < rule.narrowest_width {
                    self.narrower.push((*cell, width));
                }
            }
        }
        let withheld_before = self.narrower.iter().filter(|(cell, _)| publication.before(*cell) == Before::Withheld);
        let withheld_before: Vec<_> = withheld_before.copied().collect();
        if !withheld_before.is_empty() {
            self.as_narrow_before = as_narrow_before(publication, rule, &withheld_before);
        }
    }
}

/// Those of these cells that have no more values for somebody who knows what earlier editions tell, and nothing that is published now. One
/// that is too hard to ask of is none of them.
fn as_narrow_before(publication: &Publication, rule: DisclosureRule, cells: &[(CellId, u16)]) -> Vec<CellId> {
    let earlier = publication.without_new();
    let mut found = Vec::new();
    for (cell, width) in cells {
        let reader = Attacker::new(&earlier, rule, true);
        let unknown: Set = earlier.cells().filter(|other| reader.can_hide(*other)).collect();
        if reader.width(&unknown, *cell) <= *width && !reader.was_too_hard() {
            found.push(*cell);
        }
    }
    found
}

fn why(publication: &Publication, rule: DisclosureRule, search: &Search<'_>, found: &Found, cell: CellId) -> Why {
    let looked_at = &publication.cells[cell.0];
    if looked_at.kind == CellKind::Count && rule.is_small(looked_at.value) {
        return Why::Small;
    }
    if looked_at.before == Before::Withheld {
        return Why::WithheldBefore;
    }
    let tie = publication.ties.iter().find(|(amount, count)| *amount == cell && found.withheld.contains(count)).map(|(_, count)| *count);
    let derivation = publication.derivations.iter().find(|derivation| derivation.cell == cell);
    let operand = || derivation?.operands().find(|operand| found.withheld.contains(operand));
    if let Some(other) = tie.or_else(operand) {
        return Why::TiedTo(other);
    }
    let protected = protected(search, found, cell).unwrap_or(cell);
    let of_cell = || publication.relations.iter().filter(|relation| relation.terms.iter().any(|(other, _)| *other == cell));
    let of_both = of_cell().find(|relation| relation.terms.iter().any(|(other, _)| *other == protected));
    let by = of_both.or_else(|| of_cell().next()).map(|relation| relation.name.clone()).unwrap_or_default();
    Why::Protects { cell: protected, by }
}

/// What could be narrowed if a cell were shown.
fn protected(search: &Search<'_>, found: &Found, cell: CellId) -> Option<CellId> {
    let others: Set = found.withheld.iter().copied().filter(|other| *other != cell && search.attacker.can_hide(*other)).collect();
    let narrowed = search.narrowed(&others);
    narrowed.or_else(|| found.first.iter().copied().find(|other| search.is_kept(*other)))
}
