//! What keeps a line from being asked for.

use crate::costing::Line;
use crate::{Direction, FieldError, Profile};
use chrono::NaiveDate;

/// A line to ask for, with what is on record of what it names.
#[derive(Debug, Clone)]
pub struct LineFacts<'l> {
    /// Which way money goes on its budget line; none, there is no such budget line.
    pub budget_line: Option<Direction>,
    /// Whether its provider is on record; one that is not named is.
    pub has_provider: bool,
    /// The category of the statement that it names.
    pub statement_category: Option<&'l str>,
    /// What decides its cost.
    pub terms: Line,
    /// The package line that it replaces.
    pub replaces: Option<ReplacedLine>,
}

/// A package line that a line asked for replaces.
#[derive(Debug, Clone, Copy)]
pub struct ReplacedLine {
    /// The day it starts; none, the child has no such line.
    pub starts_on: Option<NaiveDate>,
    /// How many of the lines asked for replace it.
    pub replaced_by: usize,
}

/// Everything wrong with a line but its dates; pointers start with `at`, such as `/lines/0`.
pub fn line_mistakes(profile: &Profile, at: &str, line: &LineFacts<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, code: &str, detail: String| errors.push(FieldError::new(&format!("{at}/{field}"), code, detail));
    match line.budget_line {
        None => refuse("budget_line", "unknown_reference", "no budget line has this code".to_owned()),
        Some(Direction::Income) => refuse("budget_line", "income", "a request is paid from a line of expenditure".to_owned()),
        Some(Direction::Expenditure) => {}
    }
    if !line.has_provider {
        refuse("provider_id", "unknown_reference", "no provider has this id".to_owned());
    }
    let categories: Vec<_> = profile.statement.categories.iter().map(|category| category.code.as_str()).collect();
    if let Some(category) = line.statement_category.filter(|category| !categories.contains(category)) {
        let detail = format!("the profile has no category `{category}`; it has {}", categories.join(", "));
        refuse("statement_category", "unknown_reference", detail);
    }
    if let Err(error) = profile.costing.full_year(&line.terms) {
        refuse("quantity_thousandths", "too_large", error.to_string());
    }
    if let Some((code, detail)) = line.replaces.and_then(|replaced| replacement_mistake(replaced, line.terms.valid_from)) {
        refuse("replaces_line_id", code, detail);
    }
    errors
}

/// Why a package line cannot be replaced by one that starts on `from`.
fn replacement_mistake(replaced: ReplacedLine, from: NaiveDate) -> Option<(&'static str, String)> {
    match replaced.starts_on {
        None => Some(("unknown_reference", "the child has no such package line".to_owned())),
        Some(_) if replaced.replaced_by > 1 => Some(("repeated", "two lines cannot replace the same package line".to_owned())),
        Some(starts) if from <= starts => {
            Some(("before_start", format!("the line that it replaces starts on {starts}: start later, or reverse that line")))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frequency, Quantity, UnitRate};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn terms() -> Line {
        Line {
            quantity: Quantity(3_000),
            frequency: Frequency::Weekly,
            unit_rate: UnitRate(198_000),
            valid_from: day("2024-06-03"),
            valid_to: None,
        }
    }

    fn sound() -> LineFacts<'static> {
        LineFacts {
            budget_line: Some(Direction::Expenditure),
            has_provider: true,
            statement_category: None,
            terms: terms(),
            replaces: None,
        }
    }

    fn replacing(starts_on: Option<&str>, replaced_by: usize) -> LineFacts<'static> {
        LineFacts { replaces: Some(ReplacedLine { starts_on: starts_on.map(day), replaced_by }), ..sound() }
    }

    #[test]
    fn a_line_names_what_is_on_record_costs_what_can_be_recorded_and_replaces_what_runs() {
        let profile = Profile::bundled("tameside").expect("sound");
        let category = profile.statement.categories.first().map(|category| category.code.clone());
        let cases = [
            ("sound", sound(), ""),
            ("no such budget line", LineFacts { budget_line: None, ..sound() }, "budget_line unknown_reference"),
            ("a line of income", LineFacts { budget_line: Some(Direction::Income), ..sound() }, "budget_line income"),
            ("no such provider", LineFacts { has_provider: false, ..sound() }, "provider_id unknown_reference"),
            ("a category of the profile", LineFacts { statement_category: category.as_deref(), ..sound() }, ""),
            ("no such category", LineFacts { statement_category: Some("fun"), ..sound() }, "statement_category unknown_reference"),
            (
                "dearer than a record can say",
                LineFacts { terms: Line { quantity: Quantity(1_000_000_000), unit_rate: UnitRate(10_000_000_000), ..terms() }, ..sound() },
                "quantity_thousandths too_large",
            ),
            ("replaces an earlier line", replacing(Some("2024-06-02"), 1), ""),
            ("replaces a line of the same day", replacing(Some("2024-06-03"), 1), "replaces_line_id before_start"),
            ("replaces a later line", replacing(Some("2024-06-04"), 1), "replaces_line_id before_start"),
            ("replaces no line of the child", replacing(None, 1), "replaces_line_id unknown_reference"),
            ("replaces what another replaces too", replacing(Some("2024-06-02"), 2), "replaces_line_id repeated"),
        ];
        for (name, line, expected) in cases {
            let errors = line_mistakes(&profile, "/lines/0", &line);
            let said: Vec<_> = errors.iter().map(|error| format!("{} {}", error.pointer.replace("/lines/0/", ""), error.code)).collect();
            assert_eq!(said.join(", "), expected, "{name}");
        }
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let profile = Profile::bundled("tameside").expect("sound");
        let line = LineFacts { budget_line: None, has_provider: false, statement_category: Some("fun"), ..replacing(None, 1) };
        assert_eq!(line_mistakes(&profile, "/lines/0", &line).len(), 4);
    }
}
