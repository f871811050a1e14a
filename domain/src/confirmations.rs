//! Confirmations: that a post says a line is agreed which no request brought to the record.

use crate::costing::own_year;
use crate::money::TooLarge;
use crate::{FieldError, FinancialYear, Frequency, Pence};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;

/// What decides whether a panel of before can be what a confirmation rests on.
#[derive(Debug, Clone, Copy)]
pub struct BroughtOver {
    /// The day on which the line was recorded.
    pub recorded_on: NaiveDate,
    /// The first day of the support.
    pub began_on: NaiveDate,
    /// The first panel that is kept here; none, none is.
    pub first_panel_here: Option<NaiveDate>,
}

impl BroughtOver {
    /// Why a panel of that day cannot be: it would have been recorded here, or came after the line. Nor is support brought over that began or
    /// came to the record since panels are kept here, or that had not begun when it came.
    pub fn mistake(&self, held_on: NaiveDate) -> Option<FieldError> {
        let refuse = |code: &str, detail: String| Some(FieldError::new("/panel/held_on", code, detail));
        if self.began_on > self.recorded_on {
            let detail = format!("the support begins on {}, after its line was recorded: ask for it in a request", self.began_on);
            return refuse("not_begun", detail);
        }
        if let Some(first) = self.first_panel_here.filter(|first| *first <= self.began_on || *first <= self.recorded_on) {
            let detail = format!(
                "panels from {first} on are kept here. The support began on {} and its line was recorded on {}: ask for it in a request",
                self.began_on, self.recorded_on
            );
            return refuse("since_panels_are_kept", detail);
        }
        if let Some(first) = self.first_panel_here.filter(|first| *first <= held_on) {
            return refuse("kept_here", format!("panels from {first} on are kept here: what one decided is on its request"));
        }
        if let Err(error) = FinancialYear::of(held_on) {
            return refuse("out_of_range", error.to_string());
        }
        if held_on >= self.recorded_on {
            return refuse("after_line", format!("the line was recorded on {}: a panel agreed it before", self.recorded_on));
        }
        None
    }
}

/// What decides from which day a line may be paid here.
#[derive(Debug, Clone, Copy)]
pub struct PaidHere {
    /// Whether the line is paid to a family at all.
    pub is_paid: bool,
    /// How often it is bought.
    pub frequency: Frequency,
    /// The line's first day.
    pub valid_from: NaiveDate,
    /// Its first day no longer in force; none, it is open-ended.
    pub valid_to: Option<NaiveDate>,
    /// The earliest day that was said of a line of its arrangement: a period that was paid may begin before it.
    pub said_before: Option<NaiveDate>,
    /// The first day of its arrangement that was paid here.
    pub first_paid: Option<NaiveDate>,
}

impl PaidHere {
    /// A first day paid here that is missing, or cannot be.
    pub fn mistake(&self, paid_from: Option<NaiveDate>) -> Option<FieldError> {
        let refuse = |code: &str, detail: String| Some(FieldError::new("/paid_from", code, detail));
        let Some(from) = paid_from.filter(|_| self.is_paid) else {
            return match (self.is_paid, paid_from) {
                (true, _) => refuse("required", "say from which day it is paid here; what came before is not paid again".to_owned()),
                (false, Some(_)) => refuse("not_of_this_line", "the line is not paid to a family".to_owned()),
                (false, None) => None,
            };
        };
        if let Err(error) = FinancialYear::of(from) {
            return refuse("out_of_range", error.to_string());
        }
        if from < self.valid_from {
            return refuse("before_line", format!("the line starts on {}", self.valid_from));
        }
        // Begun within a year of its own, another year would begin, and twelve months would cost something else than was agreed.
        let (year_from, next_from) = own_year(self.valid_from, from);
        if self.frequency == Frequency::PerYear && year_from != from {
            return refuse(
                "within_award",
                format!("a yearly award is paid here from the start of a year of its own: {year_from} or {next_from}"),
            );
        }
        // What was paid here was paid here: said otherwise, all of it would be asked back.
        let first = self.first_paid.map(|day| self.said_before.unwrap_or(day).max(day).max(self.valid_from));
        let first = first.filter(|first| self.valid_to.is_none_or(|ends| *first < ends) && from > *first)?;
        refuse("paid_already", format!("the line has been paid here since {first}: give that day or an earlier one"))
    }
}

/// A line of a list to confirm, as far as the list goes.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'l> {
    /// The line that is named.
    pub line_id: &'l str,
    /// The version that was looked at.
    pub version: i64,
    /// What is on record of it; none, there is no such line.
    pub found: Option<Found>,
}

/// What is on record of a line that is listed.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Its last version.
    pub version: i64,
    /// Whether that takes it back.
    pub is_reversed: bool,
    /// Since when it is agreed already.
    pub agreed_on: Option<NaiveDate>,
}

/// What is wrong with the lines that a list names, whoever may confirm them: each is there, once, as it was looked at, and waits.
pub fn list_mistakes(lines: &[Listed<'_>]) -> Vec<FieldError> {
    let mut named: HashSet<&str> = HashSet::new();
    let mut mistakes = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let mut refuse =
            |field: &str, code: &str, detail: String| mistakes.push(FieldError::new(&format!("/items/{place}/{field}"), code, detail));
        match line.found {
            _ if !named.insert(line.line_id) => refuse("line_id", "repeated", "this line is on the list already".to_owned()),
            None => refuse("line_id", "unknown_reference", "no package line has this id".to_owned()),
            Some(Found { is_reversed: true, .. }) => refuse("line_id", "reversed", "this package line was reversed".to_owned()),
            Some(Found { version, .. }) if version != line.version => {
                refuse("version", "changed", format!("the line is in version {version}, and {} was looked at", line.version));
            }
            Some(Found { agreed_on: Some(on), .. }) => {
                refuse("line_id", "agreed", format!("the line is agreed since {on}: there is nothing to confirm"));
            }
            Some(_) => {}
        }
    }
    mistakes
}

/// What the lines of a list come to that the same posts are responsible for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ConfirmationTier)]
pub struct TierTotal {
    /// The posts responsible for the children's totals; none, only a panel agrees such support.
    pub posts: Vec<String>,
    /// How many lines.
    pub lines: usize,
    /// How many children's.
    pub children: usize,
    /// What the lines cost in a full year.
    #[schema(value_type = i64)]
    pub full_year_pence: Pence,
}

/// A line of a list with who is responsible for it.
#[derive(Debug, Clone, Copy)]
pub struct OfTier<'l> {
    /// The posts responsible.
    pub posts: &'l [String],
    /// The child.
    pub child: &'l str,
    /// What the line costs in a full year.
    pub full_year: Pence,
}

/// The totals of a list by tier, by the names of the posts.
pub fn by_tier(lines: &[OfTier<'_>]) -> Result<Vec<TierTotal>, TooLarge> {
    let mut tiers: BTreeMap<&[String], Vec<&OfTier<'_>>> = BTreeMap::new();
    for line in lines {
        tiers.entry(line.posts).or_default().push(line);
    }
    let total = |(posts, lines): (&[String], Vec<&OfTier<'_>>)| {
        let children: HashSet<&str> = lines.iter().map(|line| line.child).collect();
        let full_year_pence = Pence::checked_sum(lines.iter().map(|line| line.full_year))?;
        Ok(TierTotal { posts: posts.to_vec(), lines: lines.len(), children: children.len(), full_year_pence })
    };
    tiers.into_iter().map(total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn support_is_brought_over_from_a_panel_before_the_line_and_before_those_that_are_kept_here() {
        for (began, first_here, held_on, code) in [
            ("2024-04-01", None, "2024-06-02", None),
            ("2024-06-03", None, "2024-06-02", None),
            ("2024-04-01", None, "2024-06-03", Some("after_line")),
            ("2024-04-01", None, "1900-01-01", Some("out_of_range")),
            // What starts next week was agreed by no panel of years ago.
            ("2024-06-04", None, "2024-06-02", Some("not_begun")),
            ("2024-06-10", Some("2024-06-20"), "2024-06-02", Some("not_begun")),
            ("2024-04-01", Some("2024-06-04"), "2024-06-02", None),
            // A line recorded once panels are kept here, whenever its support is said to have begun.
            ("2024-04-01", Some("2024-06-03"), "2024-06-02", Some("since_panels_are_kept")),
            ("2024-04-01", Some("2024-05-02"), "2024-05-01", Some("since_panels_are_kept")),
            ("2024-05-02", Some("2024-05-02"), "2024-05-01", Some("since_panels_are_kept")),
            ("2024-04-01", Some("2024-06-04"), "2024-06-04", Some("kept_here")),
        ] {
            let before = BroughtOver { recorded_on: day("2024-06-03"), began_on: day(began), first_panel_here: first_here.map(day) };
            let found = before.mistake(day(held_on)).map(|mistake| mistake.code);
            assert_eq!(found, code.map(str::to_owned), "{began} {first_here:?} {held_on}");
        }
    }

    #[test]
    fn a_list_names_lines_that_wait_each_once_and_as_it_was_looked_at() {
        let waits = Some(Found { version: 2, is_reversed: false, agreed_on: None });
        let line = |line_id, version, found| Listed { line_id, version, found };
        let reversed = waits.map(|found| Found { is_reversed: true, ..found });
        let agreed = waits.map(|found| Found { agreed_on: Some(day("2024-06-03")), ..found });
        let mistakes = list_mistakes(&[
            line("a", 2, waits),
            line("a", 2, waits),
            line("b", 1, waits),
            line("c", 2, reversed),
            line("d", 2, agreed),
            line("e", 2, None),
            line("f", 2, waits),
        ]);
        let told: Vec<_> = mistakes.iter().map(|mistake| (mistake.pointer.as_str(), mistake.code.as_str())).collect();
        let expected = [
            ("/items/1/line_id", "repeated"),
            ("/items/2/version", "changed"),
            ("/items/3/line_id", "reversed"),
            ("/items/4/line_id", "agreed"),
            ("/items/5/line_id", "unknown_reference"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_list_is_added_up_by_the_posts_that_are_responsible() {
        let posts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let (low, high, panel) = (posts(&["manager"]), posts(&["assistant", "director"]), posts(&[]));
        let line = |posts, child, pence| OfTier { posts, child, full_year: Pence(pence) };
        let lines = [line(&low, "a", 100), line(&high, "b", 1_000), line(&low, "a", 20), line(&low, "c", 3), line(&panel, "d", 7)];
        let totals = by_tier(&lines).expect("small");
        let told: Vec<_> = totals.iter().map(|tier| (tier.posts.len(), tier.lines, tier.children, tier.full_year_pence.0)).collect();
        assert_eq!(told, [(0, 1, 1, 7), (2, 1, 1, 1_000), (1, 3, 2, 123)]);
        assert!(by_tier(&[line(&low, "a", i64::MAX), line(&low, "a", 1)]).is_err());
    }

    #[test]
    fn the_first_day_paid_here_is_in_the_line_and_not_after_what_was_paid() {
        let line = PaidHere {
            is_paid: true,
            frequency: Frequency::Weekly,
            valid_from: day("2024-04-01"),
            valid_to: None,
            said_before: None,
            first_paid: None,
        };
        let paid = PaidHere { first_paid: Some(day("2024-05-06")), ..line };
        let over = PaidHere { valid_to: Some(day("2024-05-06")), ..paid };
        let yearly = PaidHere { frequency: Frequency::PerYear, ..line };
        for (name, facts, from, code) in [
            ("needed", line, None, Some("required")),
            ("not of this line", PaidHere { is_paid: false, ..line }, Some("2024-04-01"), Some("not_of_this_line")),
            ("not needed", PaidHere { is_paid: false, ..line }, None, None),
            ("no year", line, Some("1900-01-01"), Some("out_of_range")),
            ("before the line", line, Some("2024-03-31"), Some("before_line")),
            ("its first day", line, Some("2024-04-01"), None),
            ("any later day, while nothing was paid", line, Some("2030-01-01"), None),
            ("the day that was paid", paid, Some("2024-05-06"), None),
            ("after it", paid, Some("2024-05-07"), Some("paid_already")),
            ("a later day was said", PaidHere { said_before: Some(day("2024-05-13")), ..paid }, Some("2024-05-13"), None),
            ("after that", PaidHere { said_before: Some(day("2024-05-13")), ..paid }, Some("2024-05-14"), Some("paid_already")),
            ("the line was over before anything was paid", over, Some("2024-05-30"), None),
            ("an award on its anniversary", yearly, Some("2025-04-01"), None),
            ("an award within its year", yearly, Some("2025-03-31"), Some("within_award")),
        ] {
            assert_eq!(facts.mistake(from.map(day)).map(|mistake| mistake.code), code.map(str::to_owned), "{name}");
        }
    }
}
