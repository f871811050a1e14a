//! What a rule asks of one cell, and what the cell answers.

use crate::code::{differ_in_noughts, from_exponent, has_lost_digits, whole, without_grouping};
use crate::mapping_file::{ConditionFile, Words};
use crate::text::{fold, is_failed_formula};
use regex::{Regex, RegexBuilder};

/// No code has more.
const MOST_DIGITS: usize = 20;

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
        // A spreadsheet saved as CSV may write the code 6401 as 6401.0, as 6,401 or as 6.401E+03.
        let ungrouped = without_grouping(folded);
        let bare = ungrouped.as_deref().unwrap_or(folded);
        let number = whole(bare).unwrap_or(bare);
        let passes = |text: &str| self.test.is_passed_by(text);
        if passes(folded) || (number != folded && passes(number)) || from_exponent(folded).is_some_and(|number| passes(&number)) {
            return Holds::Yes;
        }
        if is_failed_formula(folded) || has_lost_digits(folded) || self.test.differs_in_noughts(number) {
            Holds::Unclear
        } else {
            Holds::No
        }
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

    /// Whether a code would pass but for noughts before it, which spreadsheets leave off.
    fn differs_in_noughts(&self, number: &str) -> bool {
        if number.is_empty() || number.len() > MOST_DIGITS || !number.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        let is_missing = |passes: &dyn Fn(&str) -> bool| passes(&format!("0{number}")) || passes(&format!("00{number}"));
        // Words of noughts alone would ask for noughts before every number.
        let has_more = |word: &String| word.starts_with('0') && word.bytes().any(|b| b != b'0');
        match self {
            Test::OneOf(words) => words.iter().any(|word| differ_in_noughts(word, number)),
            Test::StartsWith(words) => {
                words.iter().filter(|word| has_more(word)).any(|word| is_missing(&|code| code.starts_with(word.as_str())))
            }
            Test::EndsWith(words) => {
                words.iter().filter(|word| has_more(word)).any(|word| is_missing(&|code| code.ends_with(word.as_str())))
            }
            Test::Contains(words) => {
                words.iter().filter(|word| has_more(word)).any(|word| is_missing(&|code| code.contains(word.as_str())))
            }
            Test::Matches(pattern) => pattern.as_str().replace("0-9", "").contains('0') && is_missing(&|code| pattern.is_match(code)),
        }
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
            // As a spreadsheet shows a number.
            ("equals = \"6401\"", "6.401E+03", Yes),
            ("one_of = [\"5100001234\"]", "5.100001234e9", Yes),
            ("equals = \"6401\"", "6,401", Yes),
            ("equals = \"6401\"", "6,401.00", Yes),
            ("starts_with = \"64\"", "6,401", Yes),
            ("equals = \"6401\"", "64,01", No),
            ("equals = \"6,401\"", "6,401", Yes),
            // Noughts left off, whatever the test.
            ("starts_with = \"04\"", "401", Unclear),
            ("starts_with = \"004\"", "401.0", Unclear),
            ("ends_with = \"0401\"", "401", Unclear),
            ("contains = \"0401\"", "401", Unclear),
            ("matches = '^04\\d\\d$'", "401", Unclear),
            ("starts_with = \"04\"", "501", No),
            ("starts_with = \"0\"", "501", No),
            ("starts_with = \"04\"", "4a1", No),
            ("matches = '^[0-9]{5}$'", "6401", No),
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
