//! How a line's budget may move: what each movement must say, and that no budget turns.

use super::{Direction, MovementKind};
use crate::{Code, FieldError, FinancialYear, Pence, Refusal};
use chrono::NaiveDate;

/// What is wrong with an original budget or an adjustment; `direction` is the line's, none where there is no such line.
pub fn movement_mistakes(
    kind: MovementKind,
    amount_pence: Pence,
    direction: Option<Direction>,
    effective_on: NaiveDate,
    year: FinancialYear,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if amount_pence == Pence::ZERO {
        errors.push(FieldError::new("/amount_pence", "zero", "the amount is £0.00: give the amount by which the budget changes"));
    } else if kind == MovementKind::Original {
        errors.extend(direction.and_then(|direction| sign_mistake(amount_pence, direction)));
    }
    errors.extend(day_mistake(effective_on, year));
    errors
}

/// An original budget that goes the other way than its line.
fn sign_mistake(amount_pence: Pence, direction: Direction) -> Option<FieldError> {
    let expected = match (direction, amount_pence < Pence::ZERO) {
        (Direction::Income, false) => "negative, since the line is of income",
        (Direction::Expenditure, true) => "positive, since the line is of expenditure",
        (Direction::Income, true) | (Direction::Expenditure, false) => return None,
    };
    Some(FieldError::new("/amount_pence", "sign", format!("the original budget must be {expected}")))
}

fn day_mistake(effective_on: NaiveDate, year: FinancialYear) -> Option<FieldError> {
    let is_in_year = FinancialYear::of(effective_on) == Ok(year);
    (!is_in_year).then(|| FieldError::new("/effective_on", "outside_year", format!("the day is not in {year}")))
}

/// One side of a virement: the budget line's code, and its direction; none where there is no such line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VirementSide<'s> {
    /// The budget line's code.
    pub budget_line: &'s str,
    /// Which way its money goes.
    pub direction: Option<Direction>,
}

/// What is wrong with a virement between two lines.
pub fn virement_mistakes(from: VirementSide<'_>, to: VirementSide<'_>, effective_on: NaiveDate, year: FinancialYear) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (pointer, side) in [("/from_budget_line", from), ("/to_budget_line", to)] {
        if side.direction == Some(Direction::Income) {
            errors.push(FieldError::new(pointer, "income", "a virement is between lines of expenditure; adjust a line of income"));
        }
    }
    if from.budget_line == to.budget_line {
        errors.push(FieldError::new("/to_budget_line", "same_line", "a virement is between two lines"));
    }
    errors.extend(day_mistake(effective_on, year));
    errors
}

/// Refuses movements that would leave a line of expenditure with less than no budget, or one of income with more. `amounts` are all that
/// the line's movements of the year would be; a line without a direction is taken for one of expenditure.
pub fn refuse_turned_budget(
    code: &str,
    year: FinancialYear,
    direction: Option<Direction>,
    amounts: impl IntoIterator<Item = Pence>,
) -> Result<(), Refusal> {
    let budget = Pence::checked_sum(amounts)
        .map_err(|_| Refusal::new(Code::StateConflict, "The budget would be larger than can be recorded. Lower the amount."))?;
    let is_turned = match direction {
        Some(Direction::Income) => budget > Pence::ZERO,
        Some(Direction::Expenditure) | None => budget < Pence::ZERO,
    };
    if !is_turned {
        return Ok(());
    }
    Err(Refusal::new(Code::StateConflict, format!("This would leave {code} with a budget of {budget} in {year}.")))
}

/// Refuses what would change a closed year, or one before it. `closed_through` is the last year that was closed.
pub fn refuse_closed(year: FinancialYear, closed_through: Option<FinancialYear>) -> Result<(), Refusal> {
    match closed_through.filter(|closed| year <= *closed) {
        None => Ok(()),
        Some(closed) => {
            let detail = format!("The financial year {closed} was closed: nothing is recorded in {year} any more.");
            Err(Refusal::new(Code::StateConflict, detail))
        }
    }
}

/// Refuses to take back a movement that another step must put right.
pub fn refuse_reversing(kind: MovementKind) -> Result<(), Refusal> {
    let detail = match kind {
        MovementKind::Original | MovementKind::Virement | MovementKind::Adjustment => return Ok(()),
        MovementKind::Reversal => "This is a reversal itself; record the movement again instead.",
        MovementKind::CarryForward => "This was carried forward when a year was closed; record an adjustment instead.",
    };
    Err(Refusal::new(Code::StateConflict, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray;

    fn year() -> FinancialYear {
        "2024-25".parse().expect("a year")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn told(errors: &[FieldError]) -> Vec<(&str, &str)> {
        errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect()
    }

    #[test]
    fn an_original_budget_goes_the_way_of_its_line_and_a_movement_is_something_on_a_day_of_the_year() {
        use Direction::{Expenditure, Income};
        use MovementKind::{Adjustment, Original};
        let sign = vec![("/amount_pence", "sign")];
        for (kind, pence, direction, on, expected) in [
            (Original, 1, Some(Expenditure), "2024-04-01", vec![]),
            (Original, -1, Some(Expenditure), "2024-04-01", sign.clone()),
            (Original, -1, Some(Income), "2025-03-31", vec![]),
            (Original, 1, Some(Income), "2025-03-31", sign),
            (Original, -1, None, "2024-04-01", vec![]),
            (Original, 0, Some(Income), "2024-04-01", vec![("/amount_pence", "zero")]),
            (Adjustment, -1, Some(Expenditure), "2024-04-01", vec![]),
            (Adjustment, 1, Some(Income), "2024-04-01", vec![]),
            (Adjustment, 0, Some(Expenditure), "2024-04-01", vec![("/amount_pence", "zero")]),
            (Adjustment, 1, Some(Expenditure), "2024-03-31", vec![("/effective_on", "outside_year")]),
            (Adjustment, 1, Some(Expenditure), "2025-04-01", vec![("/effective_on", "outside_year")]),
        ] {
            let errors = movement_mistakes(kind, Pence(pence), direction, day(on), year());
            assert_eq!(told(&errors), expected, "{kind} {pence} {direction:?} {on}");
        }
    }

    #[test]
    fn a_virement_is_between_two_lines_of_expenditure() {
        let side = |budget_line, direction| VirementSide { budget_line, direction };
        let (nursery, respite) = (side("nursery", Some(Direction::Expenditure)), side("respite", Some(Direction::Expenditure)));
        let income = side("health", Some(Direction::Income));
        for (from, to, on, expected) in [
            (nursery, respite, "2024-10-01", vec![]),
            (nursery, side("unknown", None), "2024-10-01", vec![]),
            (income, respite, "2024-10-01", vec![("/from_budget_line", "income")]),
            (nursery, income, "2024-10-01", vec![("/to_budget_line", "income")]),
            (nursery, nursery, "2024-10-01", vec![("/to_budget_line", "same_line")]),
            (nursery, respite, "2023-10-01", vec![("/effective_on", "outside_year")]),
        ] {
            assert_eq!(told(&virement_mistakes(from, to, day(on), year())), expected, "{from:?} {to:?} {on}");
        }
    }

    #[test]
    fn a_budget_never_goes_below_nought_nor_an_income_above() {
        use Direction::{Expenditure, Income};
        for (direction, amounts, is_refused) in [
            (Some(Expenditure), vec![], false),
            (Some(Expenditure), vec![100, -100], false),
            (Some(Expenditure), vec![100, -101], true),
            (None, vec![100, -101], true),
            (Some(Income), vec![-100, 100], false),
            (Some(Income), vec![-100, 101], true),
            (Some(Income), vec![-100], false),
            (Some(Expenditure), vec![i64::MAX, 1], true),
        ] {
            let refused = refuse_turned_budget("nursery", year(), direction, amounts.iter().copied().map(Pence)).err();
            assert_eq!(refused.map(|refusal| refusal.code), is_refused.then_some(Code::StateConflict), "{direction:?} {amounts:?}");
        }
        let refused = refuse_turned_budget("nursery", year(), Some(Expenditure), [Pence(100), Pence(-12_345)]).err();
        let told = "This would leave nursery with a budget of -£122.45 in 2024-25.";
        assert_eq!(refused.map(|refusal| refusal.detail).as_deref(), Some(told));
    }

    #[test]
    fn nothing_is_recorded_in_a_closed_year_nor_before_it() {
        let of = |text: &str| text.parse::<FinancialYear>().expect("a year");
        for (closed, is_refused) in [(None, false), (Some("2023-24"), false), (Some("2024-25"), true), (Some("2025-26"), true)] {
            let refused = refuse_closed(year(), closed.map(of)).err();
            assert_eq!(refused.map(|refusal| refusal.code), is_refused.then_some(Code::StateConflict), "{closed:?}");
        }
    }

    #[test]
    fn a_reversal_and_what_was_carried_forward_are_not_reversed() {
        let reversible: Vec<_> = MovementKind::VARIANTS.iter().copied().filter(|kind| refuse_reversing(*kind).is_ok()).collect();
        assert_eq!(reversible, [MovementKind::Original, MovementKind::Virement, MovementKind::Adjustment]);
    }
}
