//! Every number of a statement, with disclosure control applied once to all of them together. Nothing prints a number but from here.

use super::edition::{EarlierEdition, EditionContent};
use super::gathered::{Gathered, YearOfFigures};
use super::relations::relate;
use crate::error::Error;
use crate::figures::FigureStanding;
use documents::Value;
use domain::disclosure::{Before, CellId, Disclosure, DisclosureRule, Outcome, Publication, Withheld, apply};
use domain::{FinancialYear, Pence, Profile};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How many.
    Count,
    /// Money, in pence.
    Pence,
    /// Tenths of a percent.
    PerMille,
}

/// A figure of a year, before anything is withheld of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Figure {
    pub code: String,
    pub label: String,
    pub year: FinancialYear,
    pub measure: Measure,
    pub standing: FigureStanding,
    pub missing_returns: i64,
    /// None where nothing was returned.
    pub cell: Option<CellId>,
}

/// A figure as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Its stable code.
    pub code: String,
    /// As the statement words it.
    pub label: String,
    /// The year that it is of.
    pub year: FinancialYear,
    /// What it is measured in.
    pub measure: Measure,
    /// The number, or what stands in its place.
    pub value: Value,
    /// Whether that is all.
    pub standing: FigureStanding,
    /// Returns that have not come.
    pub missing_returns: i64,
}

/// Every number of a statement.
#[derive(Debug, Clone)]
pub struct Published {
    /// The statement's own year.
    pub year: FinancialYear,
    /// All years that it has figures of, the earliest first.
    pub years: Vec<FinancialYear>,
    figures: Vec<Figure>,
    index: BTreeMap<(String, FinancialYear), usize>,
    publication: Publication,
    outcome: Outcome,
}

/// What all budget lines together are called in a code.
pub(super) const ALL: &str = "all";

/// The code of the spend on a budget line.
pub fn spend_code(line: &str) -> String {
    format!("spend.{line}")
}

/// The code of how many children a budget line has support for.
pub fn children_code(line: &str) -> String {
    format!("children.{line}")
}

/// The code of a budget line's share of the year's spend.
pub fn share_code(line: &str) -> String {
    format!("share.{line}")
}

/// The code of how much more a figure is than the year before.
pub fn change_code(code: &str) -> String {
    format!("change.{code}")
}

impl Published {
    /// Applies disclosure control to everything that an edition may print.
    pub fn of(content: &EditionContent, gathered: &Gathered, profile: &Profile) -> Result<Self, Error> {
        let rule = rule(content, profile)?;
        let mut published = Published {
            year: content.year,
            years: gathered.years.iter().map(|year| year.year).collect(),
            figures: Vec::new(),
            index: BTreeMap::new(),
            publication: Publication::default(),
            outcome: apply(&Publication::default(), rule, &content.disclosure).map_err(Error::Contradiction)?,
        };
        let paying_for_children = paying_for_children(gathered);
        for year in &gathered.years {
            published.add_year(year, content, &paying_for_children);
        }
        relate(&mut published.publication, &published.figures, gathered, profile);
        published.add_derived(gathered);
        published.outcome = apply(&published.publication, rule, &content.disclosure).map_err(Error::Contradiction)?;
        Ok(published)
    }

    /// A figure as it is printed; none, there is no such figure of that year.
    pub fn printed(&self, code: &str, year: FinancialYear) -> Option<Printed> {
        let figure = &self.figures[*self.index.get(&(code.to_owned(), year))?];
        Some(self.as_printed(figure))
    }

    /// What stands where a figure is printed. Where there is no such figure, it is not applicable.
    pub fn value(&self, code: &str, year: FinancialYear) -> Value {
        self.printed(code, year).map_or(Value::NotApplicable, |printed| printed.value)
    }

    /// All figures as they are printed, in order.
    pub fn all(&self) -> impl Iterator<Item = Printed> + '_ {
        self.figures.iter().map(|figure| self.as_printed(figure))
    }

    /// The codes of the statement's own year, in order.
    pub fn codes(&self) -> Vec<&str> {
        self.figures.iter().filter(|figure| figure.year == self.year).map(|figure| figure.code.as_str()).collect()
    }

    /// The year before a year, where there are figures of it.
    pub fn year_before(&self, year: FinancialYear) -> Option<FinancialYear> {
        self.years.iter().copied().find(|other| other.next().is_ok_and(|next| next == year))
    }

    /// What is withheld and why, for officers.
    pub fn withheld(&self) -> Vec<Withheld> {
        self.outcome.withheld(&self.publication)
    }

    /// The code of a cell, and the year that it is of.
    pub fn code_of(&self, cell: CellId) -> Option<(&str, FinancialYear)> {
        let figure = self.figures.iter().find(|figure| figure.cell == Some(cell))?;
        Some((&figure.code, figure.year))
    }

    /// Whether no fewer cells would have done.
    pub fn is_fewest(&self) -> bool {
        self.outcome.is_fewest
    }

    /// Whether a reader who knows how figures are chosen was asked of all that is withheld.
    pub fn is_choice_checked(&self) -> bool {
        self.outcome.is_choice_checked
    }

    /// Whether all that is withheld is kept to as many values as the rule wants, even by a reader who knows how figures are chosen.
    pub fn is_all_kept(&self) -> bool {
        self.outcome.is_choice_checked && self.outcome.narrower.is_empty()
    }

    /// The names of what is withheld and can all the same be narrowed further than the rule allows, each with the values that are left of
    /// it; also of what is printed nowhere. What was as narrow by other editions alone is left out. For officers alone.
    pub fn narrower(&self) -> Vec<(String, u16)> {
        let now = self.outcome.narrower.iter().filter(|(cell, _)| !self.outcome.as_narrow_before.contains(cell));
        now.map(|(cell, values)| (self.publication.name(*cell).to_owned(), *values)).collect()
    }

    /// Whether anything is withheld.
    pub fn has_withheld(&self) -> bool {
        self.figures.iter().any(|figure| figure.cell.is_some_and(|cell| !self.outcome.is_shown(cell)))
    }

    fn as_printed(&self, figure: &Figure) -> Printed {
        let value = match figure.cell {
            None => Value::NotYetKnown,
            Some(cell) if !self.outcome.is_shown(cell) => Value::Withheld,
            Some(cell) => {
                let number = self.publication.value(cell);
                match figure.measure {
                    Measure::Count => Value::Count(number),
                    Measure::Pence => Value::Money(Pence(number)),
                    Measure::PerMille => Value::PerMille(number),
                }
            }
        };
        Printed {
            code: figure.code.clone(),
            label: figure.label.clone(),
            year: figure.year,
            measure: figure.measure,
            value,
            standing: figure.standing,
            missing_returns: figure.missing_returns,
        }
    }

    fn add_year(&mut self, year: &YearOfFigures, content: &EditionContent, paying_for_children: &BTreeSet<&str>) {
        // An edition that prints its own year as counted prints what an earlier edition of that year withheld; of no other year.
        let is_as_counted = matches!(content.disclosure, Disclosure::AsCounted { .. }) && year.year == content.year;
        let known = |code: &str, value: i64, own: FinancialYear| match before(&content.earlier, code, year.year, value, own) {
            (value, Before::Withheld) if is_as_counted => (value, Before::New),
            known => known,
        };
        for row in &year.figures {
            let name = format!("{}, {}", row.label, year.year.as_str());
            let cell = row.value.map(|value| {
                let (value, before) = known(&row.code, value, self.year);
                self.publication.count(name, value, before)
            });
            let figure = (row.code.clone(), row.label.clone(), Measure::Count);
            self.add(figure, year.year, (row.standing, row.missing_returns), cell);
        }
        let known_all = (FigureStanding::Known, 0);
        let all = ("all budget lines", ALL);
        let children = year.lines.iter().map(|line| (line.name.as_str(), line.code.as_str(), line.children));
        for (name, code, children) in children.chain([(all.0, all.1, year.children)]) {
            // A budget line that never pays for a child's support has no such figure: it is not nought.
            if code == ALL || paying_for_children.contains(code) {
                let (label, code) = (format!("Children with support in force, {name}"), children_code(code));
                let (value, before) = known(&code, children, self.year);
                let cell = self.publication.count(format!("{label}, {}", year.year.as_str()), value, before);
                self.add((code, label, Measure::Count), year.year, known_all, Some(cell));
            }
        }
        let total = year.lines.iter().map(|line| line.spend_pence).sum();
        let spend = year.lines.iter().map(|line| (line.name.as_str(), line.code.as_str(), line.spend_pence));
        for (name, code, pence) in spend.chain([(all.0, all.1, total)]) {
            let (label, code) = (format!("Spend, {name}"), spend_code(code));
            let (value, before) = known(&code, pence, self.year);
            let cell = self.publication.amount(format!("{label}, {}", year.year.as_str()), value, before);
            self.add((code, label, Measure::Pence), year.year, known_all, Some(cell));
        }
    }

    /// Shares of the year's spend, and changes from the year before.
    fn add_derived(&mut self, gathered: &Gathered) {
        for year in &gathered.years {
            for line in &year.lines {
                let (Some(part), Some(whole)) = (self.cell(&spend_code(&line.code), year.year), self.cell(&spend_code(ALL), year.year))
                else {
                    continue;
                };
                let label = format!("Share of spend, {}", line.name);
                let name = format!("{label}, {}", year.year.as_str());
                if let Some(cell) = self.publication.share(name, part, whole, 1_000, Before::New) {
                    let known = (FigureStanding::Known, 0);
                    self.add((share_code(&line.code), label, Measure::PerMille), year.year, known, Some(cell));
                }
            }
        }
        let Some(before) = self.year_before(self.year) else { return };
        let of_year: Vec<Figure> = self.figures.iter().filter(|figure| figure.year == self.year).cloned().collect();
        for figure in of_year.into_iter().filter(|figure| figure.measure != Measure::PerMille) {
            let (Some(now), Some(then)) = (figure.cell, self.cell(&figure.code, before)) else { continue };
            let label = format!("Change from {}, {}", before.as_str(), figure.label);
            let cell = self.publication.difference(format!("{label}, {}", self.year.as_str()), now, then, Before::New);
            self.add((change_code(&figure.code), label, figure.measure), self.year, (figure.standing, figure.missing_returns), Some(cell));
        }
    }

    fn cell(&self, code: &str, year: FinancialYear) -> Option<CellId> {
        self.figures[*self.index.get(&(code.to_owned(), year))?].cell
    }

    fn add(
        &mut self,
        (code, label, measure): (String, String, Measure),
        year: FinancialYear,
        (standing, missing_returns): (FigureStanding, i64),
        cell: Option<CellId>,
    ) {
        self.index.insert((code.clone(), year), self.figures.len());
        self.figures.push(Figure { code, label, year, measure, standing, missing_returns, cell });
    }
}

/// The budget lines that pay for a child's support in any year.
fn paying_for_children(gathered: &Gathered) -> BTreeSet<&str> {
    let lines = gathered.years.iter().flat_map(|year| &year.lines);
    lines.filter(|line| line.children > 0).map(|line| line.code.as_str()).collect()
}

/// The profile's rule. An edition that prints everything as counted needs none.
fn rule(content: &EditionContent, profile: &Profile) -> Result<DisclosureRule, Error> {
    match (&profile.disclosure, &content.disclosure) {
        (Some(policy), _) => Ok(policy.rule()),
        (None, Disclosure::AsCounted { .. }) => Ok(DisclosureRule { withhold_up_to: 0, narrowest_width: 0 }),
        (None, Disclosure::Withheld) => Err(Error::NoDisclosureRule),
    }
}

/// What other editions tell of a figure, in the order in which they went out. Of an earlier year, the number that the last of them
/// published stands, whatever is counted since; of the statement's own year, another number is a figure of its own. Where the last withheld
/// it, an older number is superseded and printed no more. Once one of them shows it, it is known.
fn before(earlier: &[EarlierEdition], code: &str, year: FinancialYear, value: i64, own: FinancialYear) -> (i64, Before) {
    let told = earlier.iter().flat_map(|edition| &edition.figures);
    let told: Vec<_> = told.filter(|figure| figure.code == code && figure.financial_year == year).collect();
    let last = told.last().and_then(|figure| figure.value).filter(|last| year < own || *last == value);
    if let Some(last) = last {
        (last, Before::Shown)
    } else if told.iter().any(|figure| figure.value == Some(value)) {
        (value, Before::Shown)
    } else if told.iter().any(|figure| figure.marker.as_deref() == Some(WITHHELD)) {
        (value, Before::Withheld)
    } else {
        (value, Before::New)
    }
}

/// What stands in place of a withheld number in files for programs.
pub(super) const WITHHELD: &str = "[c]";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::EarlierFigure;

    #[test]
    fn the_last_edition_that_went_out_tells_and_a_superseded_number_is_printed_no_more() {
        let year = |text: &str| text.parse::<FinancialYear>().expect("a year");
        let (own, past) = (year("2024-25"), year("2023-24"));
        let edition = |of: FinancialYear, told: Option<i64>| EarlierEdition {
            year: own,
            figures: vec![EarlierFigure {
                financial_year: of,
                code: "a".to_owned(),
                value: told,
                marker: told.is_none().then(|| WITHHELD.to_owned()),
            }],
        };
        for (of, told, counted, expected) in [
            (past, vec![], 7, (7, Before::New)),
            (past, vec![Some(40)], 44, (40, Before::Shown)),
            // A correction, whichever year's edition it stands in.
            (past, vec![Some(40), Some(44)], 45, (44, Before::Shown)),
            // The correction withheld it: the wrong number before it is not printed again.
            (past, vec![Some(3), None], 2, (2, Before::Withheld)),
            (past, vec![Some(2), None], 2, (2, Before::Shown)),
            (past, vec![None, Some(6)], 6, (6, Before::Shown)),
            (past, vec![None], 2, (2, Before::Withheld)),
            // The statement's own year is counted anew.
            (own, vec![Some(40)], 44, (44, Before::New)),
            (own, vec![Some(44), None], 44, (44, Before::Shown)),
            (own, vec![Some(40), None], 44, (44, Before::Withheld)),
        ] {
            let editions: Vec<_> = told.iter().map(|value| edition(of, *value)).collect();
            assert_eq!(before(&editions, "a", of, counted, own), expected, "{of} {told:?} {counted}");
            assert_eq!(before(&editions, "b", of, counted, own), (counted, Before::New));
        }
    }
}
