//! What stands where an author placed a figure, a table, a chart or a comparison.

use super::shown::{CHARTS, Shown, TABLES};
use documents::{Placed, Placeholder, PlaceholderKind, Resolver};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Gives what an author placed, and remembers which tables and charts that was.
pub(super) struct Placing<'s> {
    pub shown: &'s Shown<'s>,
    placed: RefCell<BTreeSet<(bool, String)>>,
}

impl<'s> Placing<'s> {
    pub(super) fn new(shown: &'s Shown<'s>) -> Self {
        Placing { shown, placed: RefCell::default() }
    }

    /// Whether an author placed that table.
    pub(super) fn has_table(&self, code: &str) -> bool {
        self.placed.borrow().contains(&(false, code.to_owned()))
    }

    /// Whether an author placed that chart.
    pub(super) fn has_chart(&self, code: &str) -> bool {
        self.placed.borrow().contains(&(true, code.to_owned()))
    }

    fn figure(&self, asked: &Placeholder) -> Result<Placed, String> {
        let published = self.shown.published;
        let year = asked.year.unwrap_or(published.year);
        if !published.years.contains(&year) {
            let known: Vec<_> = published.years.iter().map(|year| year.as_str()).collect();
            return Err(format!("there are no figures of {}; there are figures of {}", year.as_str(), known.join(", ")));
        }
        let unknown = || format!("no figure has the code `{}`; the codes are {}", asked.code, published.codes().join(", "));
        let printed = published.printed(&asked.code, year);
        if printed.is_none() && !published.codes().contains(&asked.code.as_str()) {
            return Err(unknown());
        }
        let Some(printed) = printed else {
            return Err(format!("the figure `{}` does not exist for {}", asked.code, year.as_str()));
        };
        Ok(Placed::Inlines(match asked.kind {
            PlaceholderKind::Comparison => self.shown.comparison(&asked.code, &printed),
            _ => self.shown.sentence(&printed),
        }))
    }

    fn block(&self, asked: &Placeholder, is_chart: bool) -> Result<Placed, String> {
        let (what, codes) = if is_chart { ("chart", &CHARTS) } else { ("table", &TABLES) };
        if let Some(year) = asked.year.filter(|year| *year != self.shown.published.year) {
            return Err(format!("a {what} is of the statement's own year, with the year before beside it; leave {} out", year.as_str()));
        }
        let block = if is_chart { self.shown.chart(&asked.code) } else { self.shown.table(&asked.code) };
        let block = block.ok_or_else(|| format!("no {what} has the code `{}`; the codes are {}", asked.code, codes.join(", ")))?;
        self.placed.borrow_mut().insert((is_chart, asked.code.clone()));
        Ok(Placed::Blocks(vec![block]))
    }
}

impl Resolver for Placing<'_> {
    fn resolve(&self, placeholder: &Placeholder) -> Result<Placed, String> {
        match placeholder.kind {
            PlaceholderKind::Figure | PlaceholderKind::Comparison => self.figure(placeholder),
            PlaceholderKind::Table => self.block(placeholder, false),
            PlaceholderKind::Chart => self.block(placeholder, true),
        }
    }
}
