//! The places in braces of a sentence: what each is called, and what fills it.

use crate::brackets::{end_of, list, literal};
use crate::sentences::{Expression, Said, Sources, Spot, Way, bare};

/// Methods that change only how a thing is written: the name is that of the thing.
const SHAPES: [&str; 19] = [
    "as_str",
    "clone",
    "collect",
    "copied",
    "count",
    "date",
    "display",
    "format",
    "inner",
    "iter",
    "join",
    "len",
    "map",
    "masked",
    "replace",
    "saturating_neg",
    "to_string",
    "trim_end",
    "trim_end_matches",
];

impl Sources {
    /// What a `format!` whose list opens here says: a place that names no variable is named after the expression that fills it.
    pub(crate) fn formatted<'a>(&'a self, spot: Spot, open: usize, depth: usize, way: &Way<'a>) -> Option<Said> {
        let mask = &self.files[spot.file].mask;
        let mut arguments = list(mask, open).into_iter().map(|range| self.expression(spot.file, range));
        let (first, text) = arguments.next()?;
        let format = literal(text)?;
        let (mut said, mut rest) = (Said::plain(String::new()), format.as_str());
        while let Some(open) = rest.find('{') {
            let close = open + rest[open..].find('}')?;
            said.text.push_str(&rest[..open]);
            // A variable that is named in the text itself stands in no place of its own; it means what it means there.
            let inline = rest[open + 1..close].split(':').next().unwrap_or_default();
            let from = if inline.is_empty() {
                arguments.next()?
            } else {
                let at = first.at + text.find(&format!("{{{inline}"))? + 1;
                (Spot { at, ..first }, &self.files[spot.file].text[at..at + inline.len()])
            };
            rest = &rest[close + 1..];
            // What can only be one text stands in the sentence itself.
            if let Some(only) = self.only(from, depth, way) {
                said.text.push_str(&only.text);
                said.fills.extend(only.fills);
                continue;
            }
            let fills = self.filling(from, depth, way);
            let name = if inline.is_empty() { name_of(mask, from, fills.is_empty()) } else { of_variable(inline) };
            said.text.push_str(&format!("{{{name}}}"));
            for fill in &fills {
                said.fills.extend(fill.fills.iter().cloned());
            }
            if !fills.is_empty() {
                said.fills.push((name, fills.into_iter().map(|fill| fill.text).collect()));
            }
        }
        said.text.push_str(rest);
        said.fills.sort();
        said.fills.dedup();
        Some(said)
    }

    /// The text that a place is filled with by the calls that lead here.
    fn only<'a>(&'a self, from: Expression<'a>, depth: usize, way: &Way<'a>) -> Option<Said> {
        let (spot, text) = bare(self.resolved(from, &way.calls));
        if let Some(text) = literal(text) {
            return Some(Said::plain(text));
        }
        let bound = self
            .bound(spot, text)
            .filter(|(bound, _)| text.len() > 1 && (bound.1.starts_with("&format!(") || bound.1.starts_with("format!(")));
        let (spot, text) = bound.map_or((spot, text), |(bound, _)| bare(bound));
        let is_format = text.starts_with("format!(") && depth < 4;
        if is_format { self.formatted(spot, spot.at + 7, depth + 1, way) } else { None }
    }
}

/// The name of a variable; a part of an error has only a number.
fn of_variable(name: &str) -> String {
    if name.starts_with(|sign: char| sign.is_ascii_digit()) { "…".to_owned() } else { name.to_lowercase() }
}

/// A name for what fills a place: of `self.codes.join(", ")` it is `codes`, of `line.ends_on()` it is `ends_on`. A function is named
/// where it says something itself, and otherwise what it is given.
fn name_of(mask: &str, (spot, expression): Expression<'_>, is_of_argument: bool) -> String {
    let own = &mask[spot.at..spot.at + expression.len()];
    if let Some(open) = own.find('(').filter(|open| is_of_argument && !own[..*open].contains('.')) {
        let parts = list(own, open);
        let is_whole = end_of(own, open + 1, b"") + 1 == own.len();
        if let Some((from, to)) = parts.last().filter(|_| is_whole) {
            let inner = &own[*from..*to];
            let lead = inner.len() - inner.trim_start().len();
            return name_of(mask, (Spot { at: spot.at + from + lead, ..spot }, inner.trim()), true);
        }
    }
    if own.starts_with("if ") || own.starts_with("match ") {
        return "…".to_owned();
    }
    let mut name = String::new();
    let mut at = 0;
    while at < own.len() {
        let end = end_of(own, at, b".");
        let part = own[at..end].trim().trim_start_matches(['&', '*']);
        let path = part.split(['(', '<']).next().unwrap_or_default().trim_end_matches("::");
        let word: String =
            path.rsplit("::").next().unwrap_or_default().chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect();
        let is_shape = SHAPES.contains(&word.as_str()) || word.starts_with(|sign: char| sign.is_ascii_digit());
        if (!is_shape || name.is_empty()) && !word.is_empty() {
            name = word;
        }
        at = end + 1;
    }
    if name.is_empty() { "…".to_owned() } else { name.to_lowercase() }
}
