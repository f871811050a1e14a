//! An approval in part agrees a part of what was asked for: each of its lines lies within one line that somebody asked for and costed.
//! Whoever chairs the panel writes no other support; that goes back to the worker.

use crate::costing::CannotCost;
use crate::packages::agreed::{Support, beyond_agreed};
use crate::profile::CostingPolicy;
use crate::{FieldError, Pence};
use std::cmp::Ordering;

/// A line that is asked for, or agreed in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it brings, and at what cost.
    pub support: Support,
    /// Who would provide it; none, not known yet, or a direct payment.
    pub provider_id: Option<String>,
}

/// Lines agreed in part that no line asked for has room for.
pub fn beyond_asked(policy: &CostingPolicy, agreed: &[Asked], asked: &[Asked]) -> Result<Vec<FieldError>, CannotCost> {
    // What is left of each line asked for: two lines within one do not bring it twice.
    let mut left: Vec<Pence> = asked.iter().map(|line| policy.full_year(&line.support.line)).collect::<Result<_, _>>()?;
    let mut errors = Vec::new();
    for (place, line) in agreed.iter().enumerate() {
        let costs = policy.full_year(&line.support.line)?;
        // The line in its place first, then the others.
        let places = (0..asked.len()).filter(|other| *other == place).chain((0..asked.len()).filter(|other| *other != place));
        let fits = |other: &usize| {
            let has_room = left.get(*other).is_some_and(|left| costs <= *left);
            has_room && asked.get(*other).is_some_and(|asked| within(policy, line, asked).is_empty())
        };
        let found = places.into_iter().find(fits);
        match found.and_then(|found| left.get_mut(found)) {
            Some(left) => *left = left.checked_sub(costs)?,
            None => errors.extend(unasked(policy, place, line, asked)),
        }
    }
    Ok(errors)
}

/// Why a line is a part of none that was asked for: of one for the same support, where it goes beyond that.
fn unasked(policy: &CostingPolicy, place: usize, line: &Asked, asked: &[Asked]) -> Vec<FieldError> {
    let is_same = |other: &&Asked| {
        let (own, other) = (&line.support, &other.support);
        own.service == other.service && own.budget_line == other.budget_line && own.unit == other.unit
    };
    let mut beyond = asked.iter().find(is_same).map(|other| within(policy, line, other)).unwrap_or_default();
    for error in &mut beyond {
        error.pointer = format!("/lines/{place}{}", error.pointer);
        error.code = "more_than_asked".to_owned();
    }
    if beyond.is_empty() {
        let detail = "it is a part of no line that was asked for and costed: defer the request, so that the worker asks for it";
        beyond.push(FieldError::new(&format!("/lines/{place}"), "not_asked_for", detail));
    }
    beyond
}

/// Where a line goes beyond one that was asked for.
fn within(policy: &CostingPolicy, line: &Asked, asked: &Asked) -> Vec<FieldError> {
    let mut errors = beyond_agreed(policy, &line.support, &asked.support);
    for error in &mut errors {
        error.detail = error.detail.replace("was agreed", "was asked for");
    }
    let refuse = |field: &str, detail: String| FieldError::new(field, "more_than_asked", detail);
    let (own, other) = (&line.support.line, &asked.support.line);
    let has_volume_error = errors.iter().any(|error| error.pointer == "/quantity_thousandths");
    if policy.compare_volume(own, other) == Ordering::Greater && !has_volume_error {
        errors.push(refuse("/quantity_thousandths", "it is more units a year than were asked for".to_owned()));
    }
    if own.unit_rate > other.unit_rate {
        errors.push(refuse("/unit_rate_ten_thousandths", "it is a higher price of a unit than was asked for".to_owned()));
    }
    if line.provider_id.is_some() && line.provider_id != asked.provider_id {
        errors.push(refuse("/provider_id", "it is another provider than was asked for: leave this out, or defer the request".to_owned()));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::costing::Line;
    use crate::{Frequency, Profile, Quantity, Unit, UnitRate};
    use chrono::NaiveDate;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// Two hours of outreach a week at £20 from a provider, from 3 June 2024 to 31 March 2025.
    fn outreach() -> Asked {
        let line = Line {
            quantity: Quantity(2000),
            frequency: Frequency::Weekly,
            unit_rate: UnitRate(200_000),
            valid_from: day("2024-06-03"),
            valid_to: Some(day("2025-04-01")),
        };
        let support = Support { service: "outreach".to_owned(), budget_line: "targeted_outreach".to_owned(), unit: Unit::Hour, line };
        Asked { support, provider_id: Some("p".to_owned()) }
    }

    fn with(change: impl FnOnce(&mut Asked)) -> Asked {
        let mut line = outreach();
        change(&mut line);
        line
    }

    #[test]
    fn each_line_of_an_approval_in_part_is_a_part_of_one_that_was_asked_for() {
        let policy = Profile::bundled("tameside").expect("sound").costing;
        let half = || with(|it| it.support.line.quantity = Quantity(1000));
        let nights = || with(|it| it.support.service = "nights".to_owned());
        for (name, agreed, asked, said) in [
            ("all of it", vec![outreach()], vec![outreach()], vec![]),
            ("half of it, in two", vec![half(), half()], vec![outreach()], vec![]),
            ("no provider yet", vec![with(|it| it.provider_id = None)], vec![outreach()], vec![]),
            ("one of two", vec![nights()], vec![outreach(), nights()], vec![]),
            ("it twice, in the room of another", vec![outreach(), outreach()], vec![outreach(), nights()], vec!["/lines/1"]),
            ("another service", vec![nights()], vec![outreach()], vec!["/lines/0"]),
            ("another budget line", vec![with(|it| it.support.budget_line = "x".to_owned())], vec![outreach()], vec!["/lines/0"]),
            ("another unit", vec![with(|it| it.support.unit = Unit::Night)], vec![outreach()], vec!["/lines/0"]),
            ("another provider", vec![with(|it| it.provider_id = Some("q".to_owned()))], vec![outreach()], vec!["/lines/0/provider_id"]),
            ("a provider where none was named", vec![outreach()], vec![with(|it| it.provider_id = None)], vec!["/lines/0/provider_id"]),
            (
                "fewer units, each dearer",
                vec![with(|it| (it.support.line.quantity, it.support.line.unit_rate) = (Quantity(1000), UnitRate(400_000)))],
                vec![outreach()],
                vec!["/lines/0/unit_rate_ten_thousandths"],
            ),
            (
                "more units, each cheaper",
                vec![with(|it| (it.support.line.quantity, it.support.line.unit_rate) = (Quantity(4000), UnitRate(100_000)))],
                vec![outreach()],
                vec!["/lines/0/quantity_thousandths"],
            ),
            (
                "from an earlier day",
                vec![with(|it| it.support.line.valid_from = day("2024-05-06"))],
                vec![outreach()],
                vec!["/lines/0/valid_from"],
            ),
            ("for ever", vec![with(|it| it.support.line.valid_to = None)], vec![outreach()], vec!["/lines/0/valid_to"]),
        ] {
            let found = beyond_asked(&policy, &agreed, &asked).expect("a cost");
            assert_eq!(found.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), said, "{name}: {found:?}");
        }
    }
}
