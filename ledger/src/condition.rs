//! What a rule asks of one cell, and what the cell answers.

use crate::code::{differ_in_noughts, has_lost_digits, whole};
use crate::mapping_file::{ConditionFile, Words};
use crate::text::{fold, is_failed_formula};
use regex::{Regex, RegexBuilder};

/// What one cell must be.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    /// Its place among the columns that conditions look at.
    pub(crate) column: usize,
    pub(crate) test: Test,
}

#[derive(Debug, Clone)]
pub(crate) enum Test {
    OneOf(Vec<String>),
    StartsWith(Vec<String>),
    EndsWith(Vec<String>),
    Contains(Vec<String>),
    Matches(Regex),
}

/// Whether something is so, as far as the file lets it be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Yes,
    No,
    /// What the cell was before a program spoiled it cannot be told.
    Unclear,
}

impl Holds {
    /// Whether all are so: one that is not decides, then one that is unclear.
    pub(crate) fn all(each: impl IntoIterator<Item = Holds>) -> Self {
        let mut all = Holds::Yes;
        for one in each {
            match one {
                Holds::No => return Holds::No,
                Holds::Unclear => all = Holds::Unclear,
                Holds::Yes => {}
            }
        }
        all
    }
}

impl Condition {
    /// Whether a cell, folded, is so. Patterns see it folded too, and ignore case.
    pub(crate) fn holds(&self, folded: &str) -> Holds {
        // A spreadsheet saved as CSV may write the code 6401 as 6401.0.
        if self.test.is_passed_by(folded) || whole(folded).is_some_and(|whole| self.test.is_passed_by(whole)) {
            return Holds::Yes;
        }
        let is_unclear =
            is_failed_formula(folded) || has_lost_digits(folded) || self.test.differs_in_noughts(whole(folded).unwrap_or(folded));
        if is_unclear { Holds::Unclear } else { Holds::No }
    }
}

impl Test {
    fn is_passed_by(&self, folded: &str) -> bool {
        match self {
            Test::OneOf(words) => words.iter().any(|word| word == folded),
            Test::StartsWith(words) => words.iter().any(|word| folded.starts_with(word)),
            Test::EndsWith(words) => words.iter().any(|word| folded.ends_with(word)),
            Test::Contains(words) => words.iter().any(|word| folded.contains(word)),
            Test::Matches(pattern) => pattern.is_match(folded),
        }
    }

    /// Whether a code is one of the words but for noughts before it, which spreadsheets leave off.
    fn differs_in_noughts(&self, folded: &str) -> bool {
        matches!(self, Test::OneOf(words) if words.iter().any(|word| differ_in_noughts(word, folded)))
    }

    /// The one test of a condition as it is written.
    pub(crate) fn parse(condition: &ConditionFile) -> Result<Self, String> {
        let folded = |words: &Words| -> Result<Vec<String>, String> {
            let words: Vec<String> = words.all().iter().map(|word| fold(word)).collect();
            if words.is_empty() { Err("it lists no words".to_owned()) } else { Ok(words) }
        };
        let never_empty = |words: Vec<String>| {
            if words.iter().any(String::is_empty) { Err("an empty text is found in every cell".to_owned()) } else { Ok(words) }
        };
        let mut tests = Vec::new();
        for exact in [&condition.equals, &condition.one_of].into_iter().flatten() {
            tests.push(Test::OneOf(folded(exact)?));
        }
        if let Some(words) = &condition.starts_with {
            tests.push(Test::StartsWith(never_empty(folded(words)?)?));
        }
        if let Some(words) = &condition.ends_with {
            tests.push(Test::EndsWith(never_empty(folded(words)?)?));
        }
        if let Some(words) = &condition.contains {
            tests.push(Test::Contains(never_empty(folded(words)?)?));
        }
        if let Some(pattern) = &condition.matches {
            let pattern = RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
            tests.push(Test::Matches(pattern.map_err(|error| format!("`matches` is no pattern: {}", last_line(&error.to_string())))?));
        }
        match (tests.pop(), tests.is_empty()) {
            (Some(test), true) => Ok(test),
            _ => Err("write exactly one of equals, one_of, starts_with, ends_with, contains, matches".to_owned()),
        }
    }
}

/// What is wrong, without the pattern itself: it may name a payee.
fn last_line(error: &str) -> &str {
    error.lines().last().unwrap_or_default().trim_start_matches("error: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(condition: &str, cell: &str) -> Holds {
        let condition: ConditionFile = toml::from_str(&format!("column = \"A\"\n{condition}")).expect("a condition");
        Condition { column: 0, test: Test::parse(&condition).expect("a test") }.holds(&fold(cell))
    }

    #[test]
    fn a_cell_answers_as_a_person_reads_it() {
        use Holds::{No, Unclear, Yes};
        for (condition, cell, expected) in [
            ("equals = \"6401\"", "6401", Yes),
            ("equals = \"6401\"", "6401.0", Yes),
            ("equals = 6401", "6401.00", Yes),
            ("equals = \"6401\"", "'6401", Yes),
            ("equals = \"6401\"", "6401\u{200e}", Yes),
            ("equals = \"6401\"", "6401.5", No),
            ("equals = \"6401\"", "16401", No),
            ("equals = \"6401.0\"", "6401.0", Yes),
            ("ends_with = \"01\"", "6401.0", Yes),
            ("matches = '^64\\d\\d$'", "6401.0", Yes),
            ("starts_with = \"64\"", "6401.0", Yes),
            // Which code it was cannot be told.
            ("equals = \"0401\"", "401", Unclear),
            ("equals = 401", "0401", Unclear),
            ("equals = \"0401\"", "401.0", Unclear),
            ("equals = \"0401\"", "402", No),
            ("equals = \"5100001234\"", "5.1E+09", Unclear),
            ("equals = \"CWD10\"", "#N/A", Unclear),
            ("starts_with = \"CWD\"", "#REF!", Unclear),
            ("contains = \"club\"", "=VLOOKUP(A1,B:B,1)", Unclear),
            ("equals = \"#N/A\"", "#N/A", Yes),
            ("equals = \"CWD10\"", "", No),
        ] {
            assert_eq!(answers(condition, cell), expected, "{condition} of {cell:?}");
        }
    }

    #[test]
    fn one_that_is_not_so_decides_before_one_that_is_unclear() {
        use Holds::{No, Unclear, Yes};
        for (each, expected) in [(&[Yes, Yes][..], Yes), (&[Unclear, Yes], Unclear), (&[Unclear, No], No), (&[Yes, No], No), (&[], Yes)] {
            assert_eq!(Holds::all(each.iter().copied()), expected, "{each:?}");
        }
    }
}
