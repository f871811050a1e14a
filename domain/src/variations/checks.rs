//! What keeps a variation from being recorded or agreed, beside the terms and dates of its own line.

use crate::{Code, FieldError, Refusal, VariationKind, VariationState};
use chrono::NaiveDate;

/// A line of an arrangement, and its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days<'d> {
    /// The line.
    pub line_id: &'d str,
    /// Its first day.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; none, it is open-ended.
    pub valid_to: Option<NaiveDate>,
}

impl Days<'_> {
    /// Whether it is in force on a day.
    pub fn runs_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|ends| day < ends)
    }

    fn meets(&self, other: &Days<'_>) -> bool {
        self.valid_to.is_none_or(|ends| other.valid_from < ends) && other.valid_to.is_none_or(|ends| self.valid_from < ends)
    }
}

/// A provider that is missing, the same, or not of this kind.
pub fn provider_mistake(kind: VariationKind, new: Option<&str>, before: Option<&str>) -> Option<FieldError> {
    use VariationKind as K;
    let (code, detail) = match (kind, new) {
        (K::Provider, None) => ("missing", "it needs the new provider".to_owned()),
        (K::Provider, new) if new == before => ("unchanged", "the line has this provider already".to_owned()),
        (K::Rate | K::Suspension | K::End, Some(_)) => (
            "not_of_this_kind",
            format!(
                "a variation of the kind `{kind}` takes no new \
            provider: leave this out"
            ),
        ),
        _ => return None,
    };
    Some(FieldError::new("/provider_id", code, detail))
}

/// A first day that is none of the line's, and the line of the arrangement whose day it is.
pub fn outside_mistake(kind: VariationKind, day: NaiveDate, line: &Days<'_>, arrangement: &[Days<'_>]) -> Option<FieldError> {
    let is_free = matches!(kind, VariationKind::Extension | VariationKind::Correction);
    if is_free || line.runs_on(day) {
        return None;
    }
    // Its end may be a birthday, which no message tells.
    let mut detail = match day < line.valid_from {
        true => format!("the line runs from {}", line.valid_from),
        false => "the line has ended by that day".to_owned(),
    };
    if let Some(other) = arrangement.iter().find(|other| other.runs_on(day)) {
        detail = format!("{detail}; on {day} line {} of the arrangement is in force: vary that", other.line_id);
    }
    Some(FieldError::new("/valid_from", "outside_line", detail))
}

/// A period in which another line of the arrangement is in force.
pub fn overlap_mistake(line: &Days<'_>, asked: &Days<'_>, arrangement: &[Days<'_>]) -> Option<FieldError> {
    let mut others = arrangement.iter().filter(|other| other.line_id != line.line_id);
    let other = others.find(|other| other.meets(asked))?;
    let field = if other.valid_from < line.valid_from { "/valid_from" } else { "/valid_to" };
    let detail = format!("line {} of the arrangement is in force from {}: the two would run together", other.line_id, other.valid_from);
    Some(FieldError::new(field, "overlaps_line", detail))
}

/// What the request line that a variation carries out has to do with the line that is varied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasisFor {
    /// It is no line of the child's; that is told where the line itself is looked at.
    NotOfChild,
    /// It replaces the arrangement, or a line of the arrangement carries it out.
    ThisArrangement,
    /// It was agreed for something else.
    Other,
}

/// A request line that allows nothing of this line. Without one there is nothing to be wrong.
pub fn basis_mistake(kind: VariationKind, basis: Option<BasisFor>) -> Option<FieldError> {
    let basis = basis?;
    let refuse = |code: &str, detail: &str| Some(FieldError::new("/request_line_id", code, detail));
    if takes_no_basis(kind) {
        return refuse("not_of_this_kind", "a suspension or an end carries out no request line: leave this out");
    }
    match basis {
        BasisFor::NotOfChild | BasisFor::ThisArrangement => None,
        BasisFor::Other => refuse(
            "other_line",
            "this request line was not agreed as a change of this package line: record it as a package line of its \
                own",
        ),
    }
}

/// Whether a variation of this kind asks for nothing, so that no request line is carried out.
pub fn takes_no_basis(kind: VariationKind) -> bool {
    matches!(kind, VariationKind::Suspension | VariationKind::End)
}

/// Refuses what is no longer proposed: the step that was taken, if any, and its day.
pub fn refuse_unless_proposed(step: Option<(VariationState, NaiveDate)>) -> Result<(), Refusal> {
    match step {
        None => Ok(()),
        Some((state, taken_on)) => Err(Refusal::new(Code::StateConflict, format!("The variation is `{state}` since {taken_on}."))),
    }
}

/// Refuses a variation whose line has changed since it was proposed.
pub fn refuse_changed(version_then: i64, version_now: i64) -> Result<(), Refusal> {
    if version_now == version_then {
        return Ok(());
    }
    let detail = format!(
        "The line has changed since: it was in version {version_then} and is in version {version_now}. Withdraw the variation and \
         propose \
         it anew."
    );
    Err(Refusal::new(Code::StateConflict, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use VariationKind as K;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn days<'d>(line_id: &'d str, from: &str, to: Option<&str>) -> Days<'d> {
        Days { line_id, valid_from: day(from), valid_to: to.map(day) }
    }

    fn code(error: Option<FieldError>) -> Option<String> {
        error.map(|error| format!("{} {}", error.pointer, error.code))
    }

    #[test]
    fn another_provider_is_named_where_it_is_what_varies_and_not_where_nothing_is_bought() {
        for (kind, new, said) in [
            (K::Provider, None, Some("/provider_id missing")),
            (K::Provider, Some("a"), Some("/provider_id unchanged")),
            (K::Provider, Some("b"), None),
            (K::Rate, Some("b"), Some("/provider_id not_of_this_kind")),
            (K::Suspension, Some("b"), Some("/provider_id not_of_this_kind")),
            (K::End, Some("b"), Some("/provider_id not_of_this_kind")),
            (K::Increase, Some("b"), None),
            (K::Rate, None, None),
        ] {
            assert_eq!(code(provider_mistake(kind, new, Some("a"))).as_deref(), said, "{kind} {new:?}");
        }
    }

    #[test]
    fn a_variation_starts_on_a_day_of_its_line_and_is_told_whose_day_it_is() {
        let (own, next) = (days("a", "2024-04-01", Some("2024-07-01")), days("b", "2024-07-01", None));
        for (kind, on, is_wrong) in [
            (K::Increase, "2024-04-01", false),
            (K::Increase, "2024-06-30", false),
            (K::Increase, "2024-07-01", true),
            (K::Increase, "2024-03-31", true),
            (K::Extension, "2024-07-01", false),
            (K::Correction, "2024-03-31", false),
        ] {
            assert_eq!(outside_mistake(kind, day(on), &own, &[own, next]).is_some(), is_wrong, "{kind} {on}");
        }
        let told = |on| outside_mistake(K::Increase, day(on), &own, &[own, next]).map(|error| error.detail).unwrap_or_default();
        assert!(told("2024-07-01").ends_with("on 2024-07-01 line b of the arrangement is in force: vary that"));
        assert_eq!(told("2024-03-31"), "the line runs from 2024-04-01");
    }

    #[test]
    fn lines_of_an_arrangement_do_not_run_together() {
        let (before, own, after) =
            (days("a", "2024-01-01", Some("2024-04-01")), days("b", "2024-04-01", Some("2024-07-01")), days("c", "2024-07-01", None));
        for (from, to, said) in [
            ("2024-04-01", Some("2024-07-01"), None),
            ("2024-03-31", Some("2024-07-01"), Some("/valid_from overlaps_line")),
            ("2024-04-01", Some("2024-07-02"), Some("/valid_to overlaps_line")),
            ("2024-05-01", None, Some("/valid_to overlaps_line")),
        ] {
            let asked = days("b", from, to);
            assert_eq!(code(overlap_mistake(&own, &asked, &[before, own, after])).as_deref(), said, "{from} {to:?}");
        }
    }

    #[test]
    fn a_request_line_is_carried_out_by_the_arrangement_it_is_for() {
        use BasisFor as B;
        for (kind, basis, said) in [
            (K::Increase, None, None),
            (K::Increase, Some(B::ThisArrangement), None),
            (K::Increase, Some(B::NotOfChild), None),
            (K::Increase, Some(B::Other), Some("/request_line_id other_line")),
            (K::End, Some(B::ThisArrangement), Some("/request_line_id not_of_this_kind")),
            (K::Suspension, Some(B::Other), Some("/request_line_id not_of_this_kind")),
            (K::End, None, None),
        ] {
            assert_eq!(code(basis_mistake(kind, basis)).as_deref(), said, "{kind} {basis:?}");
        }
    }

    #[test]
    fn only_what_is_proposed_of_a_line_as_it_was_goes_on() {
        assert!(refuse_unless_proposed(None).is_ok());
        for state in [VariationState::Agreed, VariationState::Refused, VariationState::Withdrawn] {
            let refused = refuse_unless_proposed(Some((state, day("2024-06-03")))).expect_err("over");
            assert_eq!(refused.detail, format!("The variation is `{state}` since 2024-06-03."));
        }
        assert!(refuse_changed(2, 2).is_ok());
        assert!(refuse_changed(1, 2).expect_err("changed").detail.contains("it was in version 1 and is in version 2."));
    }
}
