//! Place-holders in an author's text: `{{figure CODE}}`, `{{figure CODE 2022-23}}`, `{{table CODE}}`, `{{chart CODE}}`, `{{comparison CODE}}`.

use crate::model::{Block, Inline};
use domain::FinancialYear;

/// What an author asks for by code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// What kind of thing.
    pub kind: PlaceholderKind,
    /// Which one.
    pub code: String,
    /// Of which year; none, the document's own.
    pub year: Option<FinancialYear>,
}

/// The kinds of what an author may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceholderKind {
    /// One figure, in a sentence.
    Figure,
    /// A table.
    Table,
    /// A chart with its table.
    Chart,
    /// One figure beside another year's.
    Comparison,
}

/// What stands where the place-holder was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// Part of a sentence.
    Inlines(Vec<Inline>),
    /// Blocks: the place-holder stands in a paragraph of its own.
    Blocks(Vec<Block>),
}

/// Gives what stands behind the codes.
pub trait Resolver {
    /// What stands behind a place-holder. An error is a sentence that says what is wrong and which codes there are; the author is told it
    /// with the line.
    fn resolve(&self, placeholder: &Placeholder) -> Result<Placed, String>;
}

impl PlaceholderKind {
    /// All of them.
    pub const ALL: [PlaceholderKind; 4] =
        [PlaceholderKind::Figure, PlaceholderKind::Table, PlaceholderKind::Chart, PlaceholderKind::Comparison];

    /// The word that asks for it.
    pub fn as_str(self) -> &'static str {
        match self {
            PlaceholderKind::Figure => "figure",
            PlaceholderKind::Table => "table",
            PlaceholderKind::Chart => "chart",
            PlaceholderKind::Comparison => "comparison",
        }
    }
}

/// What is wrong with the words between `{{` and `}}`.
const FORM: &str = "write {{figure CODE}}, {{figure CODE 2022-23}}, {{table CODE}}, {{chart CODE}} or {{comparison CODE}}";

impl Placeholder {
    /// Reads what stands between `{{` and `}}`.
    pub(super) fn parse(inner: &str) -> Result<Placeholder, String> {
        let words: Vec<&str> = inner.split_whitespace().collect();
        let (kind, code, year) = match words[..] {
            [kind, code] => (kind, code, None),
            [kind, code, year] => (kind, code, Some(year)),
            _ => return Err(format!("{{{{{inner}}}}} is no place-holder: {FORM}")),
        };
        let known = PlaceholderKind::ALL.into_iter().find(|one| one.as_str() == kind);
        let kind = known.ok_or_else(|| format!("{kind:?} is no kind of place-holder: {FORM}"))?;
        let year = year.map(|year| year.parse::<FinancialYear>().map_err(|wrong| format!("{year:?} is no year: {wrong}"))).transpose()?;
        Ok(Placeholder { kind, code: code.to_owned(), year })
    }
}

/// A stretch of text: words, or what stands between `{{` and `}}`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stretch<'t> {
    Words(&'t str),
    Braced(&'t str),
    /// `{{` without its `}}`.
    Unclosed,
}

/// Words and place-holders of a text, in order.
pub(super) fn stretches(text: &str) -> Vec<Stretch<'_>> {
    let (mut rest, mut found) = (text, Vec::new());
    while let Some((before, after)) = rest.split_once("{{") {
        if !before.is_empty() {
            found.push(Stretch::Words(before));
        }
        let Some((inner, after)) = after.split_once("}}") else {
            found.push(Stretch::Unclosed);
            return found;
        };
        found.push(Stretch::Braced(inner));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Stretch::Words(rest));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_holders_are_read() {
        let read = |inner| Placeholder::parse(inner);
        let year = FinancialYear::starting(2022).unwrap();
        assert_eq!(read("figure a_b"), Ok(Placeholder { kind: PlaceholderKind::Figure, code: "a_b".to_owned(), year: None }));
        assert_eq!(read(" table  x 2022-23 "), Ok(Placeholder { kind: PlaceholderKind::Table, code: "x".to_owned(), year: Some(year) }));
        for (inner, part) in
            [("figure", "is no place-holder"), ("", "is no place-holder"), ("figures a", "no kind"), ("figure a 2022", "no year")]
        {
            let told = read(inner).unwrap_err();
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn text_falls_into_words_and_place_holders() {
        use Stretch::{Braced, Unclosed, Words};
        assert_eq!(stretches("a {{b c}} d{{e}}"), [Words("a "), Braced("b c"), Words(" d"), Braced("e")]);
        assert_eq!(stretches("a } {b} c"), [Words("a } {b} c")]);
        assert_eq!(stretches("a {{b"), [Words("a "), Unclosed]);
        assert_eq!(stretches(""), []);
    }
}
