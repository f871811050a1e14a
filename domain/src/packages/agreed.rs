//! A package line against what was agreed: the same support, within its dates, and no dearer.

use crate::costing::{Line, More};
use crate::profile::CostingPolicy;
use crate::{FieldError, Frequency, Unit};

/// What a line of a package or of a request brings, and at what cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// What is provided, as a code.
    pub service: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// What is bought one of.
    pub unit: Unit,
    /// How much of it, how often, at what rate, from when to when.
    pub line: Line,
}

/// Where a package line is not what was agreed: another support, outside its dates, or dearer.
pub fn beyond_agreed(policy: &CostingPolicy, brought: &Support, agreed: &Support) -> Vec<FieldError> {
    let mut errors = another_support(brought, agreed);
    errors.extend(outside_dates(&brought.line, &agreed.line));
    // What cannot be costed is told where the line is looked at.
    errors.extend(policy.more(&brought.line, &agreed.line).unwrap_or_default().map(|more| dearer(more, agreed.line.frequency)));
    errors
}

fn not_as_agreed(field: &str, detail: String) -> FieldError {
    FieldError::new(field, "not_as_agreed", detail)
}

/// Another service, paid from another budget line, or another unit.
fn another_support(brought: &Support, agreed: &Support) -> Vec<FieldError> {
    let fields = [
        ("/service", brought.service != agreed.service, agreed.service.as_str()),
        ("/budget_line", brought.budget_line != agreed.budget_line, agreed.budget_line.as_str()),
        ("/unit", brought.unit != agreed.unit, agreed.unit.into()),
    ];
    let others = fields.into_iter().filter(|(_, is_other, _)| *is_other);
    others.map(|(field, _, word)| not_as_agreed(field, format!("`{word}` was agreed"))).collect()
}

/// Days before the agreed start, or after the agreed end.
fn outside_dates(brought: &Line, agreed: &Line) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if brought.valid_from < agreed.valid_from {
        errors.push(not_as_agreed("/valid_from", format!("it was agreed from {}", agreed.valid_from)));
    }
    // The agreed end may be a birthday, which no message tells.
    if agreed.valid_to.is_some_and(|ends| brought.valid_to.is_none_or(|to| to > ends)) {
        let detail = "the request line was agreed for fewer days: end this line when the request line ends, or earlier";
        errors.push(not_as_agreed("/valid_to", detail.to_owned()));
    }
    errors
}

/// In what it brings more than was agreed, in words.
fn dearer(more: More, agreed: Frequency) -> FieldError {
    match more {
        More::BoughtOnce if agreed == Frequency::OneOff => not_as_agreed("/frequency", "it was agreed once".to_owned()),
        More::BoughtOnce => not_as_agreed("/frequency", format!("it was agreed `{agreed}`, and not all at once")),
        More::AWeek => {
            let detail = format!(
                "the request line was agreed `{agreed}`: this line costs more than that in the weeks in which it is \
                provided"
            );
            not_as_agreed("/frequency", detail)
        }
        More::AYear { costs, instead_of } => {
            let detail = format!("it costs {costs} a year, and {instead_of} was agreed");
            not_as_agreed("/quantity_thousandths", detail)
        }
        More::ItsDays { costs, instead_of } => {
            let detail = format!("its days cost {costs}, and {instead_of} was agreed for them");
            not_as_agreed("/quantity_thousandths", detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Term;
    use crate::{Pence, Profile, Quantity, UnitRate};
    use chrono::NaiveDate;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn policy() -> CostingPolicy {
        let term = |from: &str, to: &str| Term { from: day(from), to: day(to) };
        let terms = vec![term("2024-04-15", "2024-07-20"), term("2024-09-04", "2024-12-20"), term("2025-01-05", "2025-03-31")];
        CostingPolicy { terms, ..Profile::bundled("tameside").expect("sound").costing }
    }

    /// £100 for an hour of outreach a week, from 3 June 2024 to 31 March 2025.
    fn agreed() -> Support {
        let line = Line {
            quantity: Quantity(1000),
            frequency: Frequency::Weekly,
            unit_rate: UnitRate(1_000_000),
            valid_from: day("2024-06-03"),
            valid_to: Some(day("2025-04-01")),
        };
        Support { service: "outreach".to_owned(), budget_line: "targeted_outreach".to_owned(), unit: Unit::Hour, line }
    }

    fn with(change: impl FnOnce(&mut Support)) -> Support {
        let mut brought = agreed();
        change(&mut brought);
        brought
    }

    #[test]
    fn a_line_brings_what_was_agreed_within_its_dates_and_no_dearer() {
        for (name, brought, said) in [
            ("the same", agreed(), vec![]),
            ("another service", with(|it| it.service = "home_care".to_owned()), vec![("/service", "`outreach` was agreed")]),
            ("another budget line", with(|it| it.budget_line = "x".to_owned()), vec![("/budget_line", "`targeted_outreach` was agreed")]),
            ("another unit", with(|it| it.unit = Unit::Night), vec![("/unit", "`hour` was agreed")]),
            ("a day later", with(|it| it.line.valid_from = day("2024-06-04")), vec![]),
            ("a day earlier", with(|it| it.line.valid_from = day("2024-06-02")), vec![("/valid_from", "it was agreed from 2024-06-03")]),
            ("ends before", with(|it| it.line.valid_to = Some(day("2025-03-31"))), vec![]),
            (
                "ends after",
                with(|it| it.line.valid_to = Some(day("2025-04-02"))),
                vec![("/valid_to", "the request line was agreed for fewer days: end this line when the request line ends, or earlier")],
            ),
            (
                "open-ended",
                with(|it| it.line.valid_to = None),
                vec![("/valid_to", "the request line was agreed for fewer days: end this line when the request line ends, or earlier")],
            ),
            ("less of it", with(|it| it.line.quantity = Quantity(999)), vec![]),
            (
                "once",
                with(|it| it.line.frequency = Frequency::OneOff),
                vec![(
                    "/frequency",
                    "it was agreed `weekly`, and not all at \
                once",
                )],
            ),
            (
                "all of it in the holidays",
                with(|it| it.line.frequency = Frequency::HolidayWeeks).at_rate(1_100_000),
                vec![(
                    "/frequency",
                    "the request line was agreed `weekly`: this line costs more than that in the weeks in which it is provided",
                )],
            ),
        ] {
            let found = beyond_agreed(&policy(), &brought, &agreed());
            assert!(found.iter().all(|error| error.code == "not_as_agreed"), "{name}: {found:?}");
            let found: Vec<_> = found.iter().map(|error| (error.pointer.as_str(), error.detail.as_str())).collect();
            assert_eq!(found, said, "{name}");
        }
    }

    #[test]
    fn what_was_agreed_once_is_bought_once() {
        let once = with(|it| it.line.frequency = Frequency::OneOff);
        let found = beyond_agreed(&policy(), &agreed(), &once);
        assert_eq!(found, [not_as_agreed("/frequency", "it was agreed once".to_owned())]);
    }

    #[test]
    fn what_is_dearer_is_told_in_pounds() {
        let twice = with(|it| it.line.quantity = Quantity(2000));
        let (costs, instead_of) = (policy().full_year(&twice.line).expect("a cost"), policy().full_year(&agreed().line).expect("a cost"));
        assert!(costs > instead_of && instead_of > Pence(500_000), "{costs}, {instead_of}");
        let detail = format!("it costs {costs} a year, and {instead_of} was agreed");
        assert!(detail.contains("costs £10,") && detail.contains("and £5,"), "{detail}");
        assert_eq!(beyond_agreed(&policy(), &twice, &agreed()), [not_as_agreed("/quantity_thousandths", detail)]);
        let (costs, instead_of) = (Pence(123_450), Pence(9_900));
        let its_days = dearer(More::ItsDays { costs, instead_of }, Frequency::Weekly);
        assert_eq!(
            its_days,
            not_as_agreed(
                "/quantity_thousandths",
                "its days cost £1,234.50, and £99.00 was agreed for \
            them"
                    .to_owned()
            )
        );
    }

    impl Support {
        fn at_rate(mut self, ten_thousandths: i64) -> Self {
            self.line.unit_rate = UnitRate(ten_thousandths);
            self
        }
    }
}
