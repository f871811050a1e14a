//! Ledger entries: how they are corrected, and how they are matched with what they pay.

use crate::{Code, Direction, FieldError, FinancialYear, Refusal};
use std::collections::BTreeSet;

/// A budget line of an entry: its code, and its direction; none where there is no such line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryLine<'l> {
    /// The budget line's code.
    pub code: &'l str,
    /// Which way its money goes.
    pub direction: Option<Direction>,
}

/// Why an entry cannot be recoded from one budget line to another; none, it can. `is_reversal`: it takes another entry back.
pub fn recoding_mistake(is_reversal: bool, from: EntryLine<'_>, to: EntryLine<'_>) -> Option<FieldError> {
    let (code, detail) = match (from.direction, to.direction) {
        _ if is_reversal => ("reversal", "this entry reverses another: reverse it instead of recoding it"),
        _ if from.code == to.code => ("same_line", "the entry counts against this line already"),
        (_, None) => ("unknown_reference", "no budget line has this code"),
        (Some(old), Some(new)) if old != new => ("direction", "money does not move between expenditure and income"),
        _ => return None,
    };
    Some(FieldError::new("/recode_to", code, detail))
}

/// The year in which a correction counts, and its reason: what was posted in a closed year is put right in the next open one. `open` is
/// the year that takes what belongs to the entry's `year`; none, no year is open after it.
pub fn corrected_in(year: FinancialYear, open: Option<FinancialYear>, reason: String) -> Result<(FinancialYear, String), Refusal> {
    match open {
        Some(open) if open == year => Ok((year, reason)),
        Some(open) => Ok((open, format!("{reason} (posted in {year}, which was closed)"))),
        None => {
            let detail = format!("{year} was closed, and no later year is open; open the next one first.");
            Err(Refusal::new(Code::StateConflict, detail))
        }
    }
}

/// The reversal that stands beside a recoded entry stays with it: taken back alone, the money would count twice. `other_half` is the
/// entry that recoded what this one takes back.
pub fn refuse_half_of_a_recoding(other_half: Option<&str>) -> Result<(), Refusal> {
    match other_half {
        None => Ok(()),
        Some(id) => Err(Refusal::new(Code::StateConflict, format!("This is half of a recoding; correct the other half, entry {id}."))),
    }
}

/// What was taken back, and what takes back, pays nothing: there is nothing to match.
pub fn refuse_matching(is_reversal: bool, was_reversed: bool) -> Result<(), Refusal> {
    let detail = match (is_reversal, was_reversed) {
        (true, _) => "This entry reverses another and follows that entry's match. Match that entry instead.",
        (false, true) => "The entry was reversed: it pays nothing.",
        (false, false) => return Ok(()),
    };
    Err(Refusal::new(Code::StateConflict, detail))
}

/// The line that an entry is said to pay; none, it pays no package. A match says one of the two.
pub fn line_or_no_package<L>(line: Option<L>, not_for_a_package: bool) -> Result<Option<L>, Refusal> {
    match (line, not_for_a_package) {
        (Some(line), false) => Ok(Some(line)),
        (None, true) => Ok(None),
        (Some(_), true) | (None, false) => {
            let detail = "either the line that the entry pays, or `not_for_a_package`: true";
            Err(Refusal::invalid(vec![FieldError::new("/line_id", "one_of_two", detail)]))
        }
    }
}

/// Why an entry that counts against a budget line cannot pay a package line; none, it can. `paid_from` is the package line's budget line;
/// none, there is no such package line.
pub fn line_mistake(counts_against: &str, paid_from: Option<&str>) -> Option<FieldError> {
    match paid_from {
        None => Some(FieldError::new("/line_id", "unknown_reference", "no package line has this id")),
        Some(paid_from) if paid_from == counts_against => None,
        Some(paid_from) => {
            let detail =
                format!("the line is paid from {paid_from}, and the entry counts against {counts_against}: recode the entry first");
            Some(FieldError::new("/line_id", "other_budget_line", detail))
        }
    }
}

/// A match of an entry, or the row that takes one back, as far as standing goes.
pub trait Match {
    /// Its id.
    fn id(&self) -> &str;
    /// The match that it takes back.
    fn reverses_id(&self) -> Option<&str>;
}

/// The match that nothing took back, of an entry's matches in the order recorded.
pub fn standing<M: Match>(matches: &[M]) -> Option<&M> {
    let reversed: BTreeSet<&str> = matches.iter().filter_map(Match::reverses_id).collect();
    matches.iter().rfind(|one| one.reverses_id().is_none() && !reversed.contains(one.id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_recoded_to_another_line_of_the_same_direction() {
        let line = |code, direction| EntryLine { code, direction };
        let (nursery, respite) = (line("nursery", Some(Direction::Expenditure)), line("respite", Some(Direction::Expenditure)));
        let (health, other_income) = (line("health", Some(Direction::Income)), line("other", Some(Direction::Income)));
        for (is_reversal, from, to, expected) in [
            (false, nursery, respite, None),
            (false, health, other_income, None),
            (true, nursery, respite, Some("reversal")),
            (false, nursery, nursery, Some("same_line")),
            (false, nursery, line("unknown", None), Some("unknown_reference")),
            (false, nursery, health, Some("direction")),
            (false, health, nursery, Some("direction")),
        ] {
            let mistake = recoding_mistake(is_reversal, from, to);
            assert_eq!(mistake.as_ref().map(|mistake| mistake.code.as_str()), expected, "{is_reversal} {from:?} {to:?}");
        }
    }

    #[test]
    fn what_was_posted_in_a_closed_year_is_put_right_in_the_next_open_one() {
        let year = |text: &str| text.parse::<FinancialYear>().expect("a year");
        for (open, expected) in [
            (Some("2023-24"), Ok(("2023-24", "a slip"))),
            (Some("2024-25"), Ok(("2024-25", "a slip (posted in 2023-24, which was closed)"))),
            (None, Err(Code::StateConflict)),
        ] {
            let corrected = corrected_in(year("2023-24"), open.map(year), "a slip".to_owned());
            let corrected = corrected.as_ref().map(|(year, reason)| (year.as_str(), reason.as_str())).map_err(|refusal| refusal.code);
            assert_eq!(corrected, expected, "{open:?}");
        }
    }

    #[test]
    fn half_of_a_recoding_is_not_taken_back_alone() {
        assert_eq!(refuse_half_of_a_recoding(None), Ok(()));
        let refused = refuse_half_of_a_recoding(Some("42")).map_err(|refusal| refusal.detail);
        assert_eq!(refused, Err("This is half of a recoding; correct the other half, entry 42.".to_owned()));
    }

    #[test]
    fn only_an_entry_that_pays_something_is_matched() {
        for (is_reversal, was_reversed, is_refused) in [(false, false, false), (true, false, true), (false, true, true), (true, true, true)]
        {
            assert_eq!(refuse_matching(is_reversal, was_reversed).is_err(), is_refused, "{is_reversal} {was_reversed}");
        }
    }

    #[test]
    fn a_match_names_a_line_or_says_that_there_is_none() {
        for (line, not_for_a_package, expected) in
            [(Some("a line"), false, Some(Some("a line"))), (None, true, Some(None)), (Some("a line"), true, None), (None, false, None)]
        {
            assert_eq!(line_or_no_package(line, not_for_a_package).ok(), expected, "{line:?} {not_for_a_package}");
        }
    }

    #[test]
    fn an_entry_pays_a_line_of_its_own_budget_line() {
        for (paid_from, expected) in
            [(Some("nursery"), None), (Some("respite"), Some("other_budget_line")), (None, Some("unknown_reference"))]
        {
            let mistake = line_mistake("nursery", paid_from);
            assert_eq!(mistake.as_ref().map(|mistake| mistake.code.as_str()), expected, "{paid_from:?}");
        }
    }

    #[test]
    fn the_match_that_nothing_took_back_stands() {
        struct Row(&'static str, Option<&'static str>);
        impl Match for Row {
            fn id(&self) -> &str {
                self.0
            }
            fn reverses_id(&self) -> Option<&str> {
                self.1
            }
        }
        for (rows, expected) in [
            (vec![], None),
            (vec![Row("a", None)], Some("a")),
            (vec![Row("a", None), Row("b", Some("a"))], None),
            (vec![Row("a", None), Row("b", Some("a")), Row("c", None)], Some("c")),
        ] {
            assert_eq!(standing(&rows).map(|row| row.0), expected);
        }
    }
}
