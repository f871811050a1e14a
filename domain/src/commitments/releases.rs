//! What may be released: commitments for days that are over, of one provider or one arrangement or neither; and on a line of income what was
//! expected and will never come.

use crate::{Code, Direction, FieldError, FinancialYear, Pence, Refusal};
use chrono::{Days, NaiveDate};

/// A release that is to be recorded, and what is known of what it names.
#[derive(Debug, Clone, Copy)]
pub struct NewRelease<'a> {
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line's code.
    pub budget_line: &'a str,
    /// Which way the line's money goes; none, there is no such line.
    pub direction: Option<Direction>,
    /// The first day that is not released.
    pub up_to: NaiveDate,
    /// The day on which it is recorded.
    pub today: NaiveDate,
    /// The provider whose commitments it is about; none, it names none.
    pub provider: Option<Named<'a>>,
    /// The package line whose arrangement it is about, by what pays it; none, it names none.
    pub line: Option<Named<'a>>,
    /// Whether somebody pays a share of that arrangement on the budget line.
    pub is_shared_here: bool,
}

/// A record that a release names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'a> {
    /// There is none with this id.
    Unknown,
    /// A provider.
    Provider,
    /// A package line, paid from this budget line.
    PaidFrom(&'a str),
}

/// Everything wrong with a release, but for a year and budget line that do not exist.
pub fn release_mistakes(new: &NewRelease<'_>) -> Vec<FieldError> {
    let unknown_provider =
        (new.provider == Some(Named::Unknown)).then(|| FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    day_mistake(new).into_iter().chain(line_mistake(new)).chain(unknown_provider).collect()
}

/// Days of the year that are over. What is to come is given up by ending what was arranged.
fn day_mistake(new: &NewRelease<'_>) -> Option<FieldError> {
    let (first, after) = (new.year.starts_on(), new.year.next_starts_on());
    if new.up_to <= first || new.up_to > after {
        return Some(FieldError::new("/up_to", "outside_year", format!("give a day after {first}, and on or before {after}")));
    }
    let is_over = new.up_to <= new.today + Days::new(1);
    (!is_over).then(|| FieldError::new("/up_to", "in_future", "only days that are over are released; end what should not be provided"))
}

fn line_mistake(new: &NewRelease<'_>) -> Option<FieldError> {
    let line = new.line?;
    if new.provider.is_some() {
        return Some(FieldError::new(
            "/line_id",
            "one_of_two",
            "name a provider or a package line, not both; name neither to release the \
            whole budget line",
        ));
    }
    match line {
        Named::PaidFrom(budget_line) if budget_line == new.budget_line => None,
        Named::PaidFrom(_) if new.is_shared_here => None,
        Named::PaidFrom(_) if new.direction == Some(Direction::Income) => {
            Some(FieldError::new("/line_id", "other_budget_line", "nobody pays a share of the line on this budget line"))
        }
        Named::PaidFrom(budget_line) => {
            Some(FieldError::new("/line_id", "other_budget_line", format!("the line is paid from {budget_line}")))
        }
        Named::Unknown | Named::Provider => Some(FieldError::new("/line_id", "unknown_reference", "no package line has this id")),
    }
}

/// Refuses a release that releases nothing: what is not open is not given up, and a record of £0.00 would say that it was.
pub fn refuse_nothing_released(released: Pence, up_to: NaiveDate) -> Result<(), Refusal> {
    match released > Pence::ZERO {
        true => Ok(()),
        false => {
            let detail = format!("Nothing for days before {up_to} is open here, so there is nothing to release.");
            Err(Refusal::new(Code::StateConflict, detail))
        }
    }
}

/// Refuses to take back what takes a release back itself.
pub fn refuse_reversing_release(is_reversal: bool) -> Result<(), Refusal> {
    match is_reversal {
        false => Ok(()),
        true => Err(Refusal::new(Code::StateConflict, "This is a reversal itself; record the release again instead.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// Of 2023-24, recorded on 5 November 2023.
    fn release() -> NewRelease<'static> {
        NewRelease {
            year: "2023-24".parse().expect("a year"),
            budget_line: "home_care",
            direction: Some(Direction::Expenditure),
            up_to: day("2023-10-01"),
            today: day("2023-11-05"),
            provider: None,
            line: None,
            is_shared_here: false,
        }
    }

    #[track_caller]
    fn assert_told(new: NewRelease<'_>, expected: &[(&str, &str)]) {
        let errors = release_mistakes(&new);
        let told: Vec<_> = errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
        assert_eq!(told, expected, "{new:?}");
    }

    #[test]
    fn only_days_of_the_year_that_are_over_are_released() {
        for (up_to, today, expected) in [
            ("2023-04-01", "2023-11-05", &[("/up_to", "outside_year")][..]),
            ("2023-04-02", "2023-11-05", &[]),
            ("2023-11-06", "2023-11-05", &[]),
            ("2023-11-07", "2023-11-05", &[("/up_to", "in_future")]),
            ("2024-04-01", "2024-03-31", &[]),
            ("2024-04-01", "2024-03-30", &[("/up_to", "in_future")]),
            ("2024-04-02", "2025-01-01", &[("/up_to", "outside_year")]),
        ] {
            assert_told(NewRelease { up_to: day(up_to), today: day(today), ..release() }, expected);
        }
    }

    #[test]
    fn a_release_is_of_a_provider_or_a_line_of_the_budget_line_or_of_all_of_it() {
        let of = |provider, line| NewRelease { provider, line, ..release() };
        let own = Some(Named::PaidFrom("home_care"));
        for (provider, line, expected) in [
            (None, None, &[][..]),
            (Some(Named::Provider), None, &[]),
            (None, own, &[]),
            (None, Some(Named::PaidFrom("respite")), &[("/line_id", "other_budget_line")]),
            (None, Some(Named::Unknown), &[("/line_id", "unknown_reference")]),
            (Some(Named::Unknown), None, &[("/provider_id", "unknown_reference")]),
            (Some(Named::Provider), own, &[("/line_id", "one_of_two")]),
            (Some(Named::Unknown), own, &[("/line_id", "one_of_two"), ("/provider_id", "unknown_reference")]),
        ] {
            assert_told(of(provider, line), expected);
        }
    }

    #[test]
    fn income_is_released_for_a_line_that_somebody_pays_a_share_of_there() {
        let of = |line, is_shared_here| NewRelease { direction: Some(Direction::Income), line, is_shared_here, ..release() };
        let elsewhere = Some(Named::PaidFrom("respite"));
        assert_told(of(None, false), &[]);
        assert_told(of(elsewhere, true), &[]);
        assert_told(of(elsewhere, false), &[("/line_id", "other_budget_line")]);
        assert_told(of(Some(Named::Unknown), false), &[("/line_id", "unknown_reference")]);
    }

    #[test]
    fn a_release_of_nothing_is_no_record() {
        assert_eq!(refuse_nothing_released(Pence(1), day("2023-10-01")), Ok(()));
        for pence in [0, -1] {
            let refusal = refuse_nothing_released(Pence(pence), day("2023-10-01")).expect_err("nothing is open");
            assert_eq!(refusal.code, Code::StateConflict);
            assert!(refusal.detail.contains("before 2023-10-01"), "{}", refusal.detail);
        }
    }

    #[test]
    fn a_reversal_is_not_reversed() {
        assert_eq!(refuse_reversing_release(false), Ok(()));
        assert_eq!(refuse_reversing_release(true).map_err(|refusal| refusal.code), Err(Code::StateConflict));
    }
}
