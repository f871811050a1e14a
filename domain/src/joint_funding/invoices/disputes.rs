//! What may be disputed of an invoice, and how a dispute ends.

use super::credit_notes::LineLeft;
use crate::joint_funding::{CreditCause, DisputeOutcome};
use crate::{Code, FieldError, Pence, Refusal};
use std::collections::BTreeSet;

/// How much is disputed: an amount, or all that the lines named still ask for.
///
/// # Errors
/// Where both or neither are given, or the invoice has no such line.
pub fn disputed_amount(amount: Option<Pence>, line_ids: &BTreeSet<String>, left: &[LineLeft]) -> Result<Pence, FieldError> {
    match (amount, line_ids.is_empty()) {
        (Some(amount), true) => Ok(amount),
        (Some(_), false) => Err(FieldError::new("/amount_pence", "two_amounts", "name lines, or an amount, not both")),
        (None, true) => Err(FieldError::new("/amount_pence", "required", "name lines, or an amount")),
        (None, false) => {
            let unknown: Vec<&str> = line_ids.iter().map(String::as_str).filter(|id| !left.iter().any(|line| line.id == *id)).collect();
            if !unknown.is_empty() {
                return Err(FieldError::new("/line_ids", "unknown_reference", format!("the invoice has no line {}", unknown.join(", "))));
            }
            Ok(Pence(left.iter().filter(|line| line_ids.contains(&line.id)).map(|line| line.left.0).sum()))
        }
    }
}

/// Refuses to dispute more than the invoice still asks for and is not disputed yet. Lines are disputed for what they ask for, whatever
/// corrections on the same invoice take off other days.
///
/// # Errors
/// Where less is open to dispute, or nothing is disputed.
pub fn refuse_amount(number: &str, amount: Pence, names_lines: bool, left: &[LineLeft], disputed: Pence) -> Result<(), Refusal> {
    let asked: i64 = left.iter().map(|line| line.left.0).filter(|left| !names_lines || *left > 0).sum();
    let open = Pence(asked - disputed.0);
    if amount > open || amount <= Pence::ZERO {
        return Err(Refusal::new(Code::StateConflict, format!("Invoice {number} still asks for {open} that is not disputed.")));
    }
    Ok(())
}

/// Refuses to end a dispute twice.
///
/// # Errors
/// Where it ended before.
pub fn refuse_resolved(before: Option<DisputeOutcome>) -> Result<(), Refusal> {
    match before {
        None => Ok(()),
        Some(outcome) => Err(Refusal::new(Code::StateConflict, format!("The dispute was {outcome} before."))),
    }
}

/// A credit note that is named at the end of a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedNote {
    /// Why it was issued; none, the invoice has no such note.
    pub cause: Option<CreditCause>,
    /// Whether another dispute was upheld by it.
    pub is_used: bool,
}

/// What is wrong with the credit note that is named: one that upholds a dispute is the invoice's, issued for that, and used once.
pub fn note_mistakes(outcome: DisputeOutcome, note: Option<NamedNote>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |code: &str, detail: &str| errors.push(FieldError::new("/credit_note_id", code, detail));
    let Some(note) = note else { return errors };
    if outcome == DisputeOutcome::Rejected {
        refuse("rejected", "a dispute that is rejected has no credit note");
    }
    match note.cause {
        None => refuse("unknown_reference", "the invoice has no credit note of this id"),
        Some(CreditCause::Dispute | CreditCause::Reversal) if note.is_used => {
            refuse("used", "another dispute was upheld by this credit note");
        }
        Some(CreditCause::Dispute | CreditCause::Reversal) => {}
        Some(CreditCause::Adjustment | CreditCause::Error) => refuse("cause", "the credit note was issued for another cause"),
    }
    errors
}

/// Refuses to uphold a dispute without the credit note for it.
///
/// # Errors
/// Where it is upheld and no note is named.
pub fn refuse_without_note(outcome: DisputeOutcome, names_note: bool) -> Result<(), Refusal> {
    if outcome != DisputeOutcome::Upheld || names_note {
        return Ok(());
    }
    let missing = FieldError::new("/credit_note_id", "required", "credit the invoice with the cause `dispute`, and name the credit note");
    Err(Refusal::with_errors(Code::NotReady, vec![missing]).detailed("A dispute that is upheld needs its credit note first."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DisputeOutcome::{Rejected, Upheld};

    fn left() -> Vec<LineLeft> {
        let line = |id: &str, left| LineLeft {
            id: id.to_owned(),
            funding_id: "share".to_owned(),
            adjusts_line_id: None,
            asked: Pence(left),
            left: Pence(left),
        };
        vec![line("a", 15_000), line("b", 10_000), line("c", -5_000)]
    }

    fn ids(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn a_dispute_is_about_lines_or_about_an_amount() {
        let cases = [
            (Some(7), vec![], Ok(Pence(7))),
            (None, vec!["a", "b"], Ok(Pence(25_000))),
            (None, vec!["a", "c"], Ok(Pence(10_000))),
            (Some(7), vec!["a"], Err("two_amounts")),
            (None, vec![], Err("required")),
            (None, vec!["a", "x"], Err("unknown_reference")),
        ];
        for (amount, lines, expected) in cases {
            let found = disputed_amount(amount.map(Pence), &ids(&lines), &left()).map_err(|error| error.code);
            assert_eq!(found, expected.map_err(str::to_owned), "{amount:?} {lines:?}");
        }
    }

    #[test]
    fn no_more_is_disputed_than_is_asked_for_and_not_disputed_yet() {
        let cases = [
            (20_000, false, 0, false),
            (20_001, false, 0, true),
            (25_000, true, 0, false),
            (25_001, true, 0, true),
            (15_000, false, 5_000, false),
            (15_001, false, 5_000, true),
            (0, true, 0, true),
        ];
        for (amount, names_lines, disputed, is_refused) in cases {
            let refused = refuse_amount("CHC-1", Pence(amount), names_lines, &left(), Pence(disputed));
            assert_eq!(refused.is_err(), is_refused, "{amount} {names_lines} {disputed}");
        }
        let refusal = refuse_amount("CHC-1", Pence(20_001), false, &left(), Pence(5_000)).expect_err("too much");
        assert_eq!(refusal.detail, "Invoice CHC-1 still asks for £150.00 that is not disputed.");
    }

    #[test]
    fn a_dispute_ends_once_and_is_upheld_by_its_own_credit_note() {
        use CreditCause::{Adjustment, Dispute, Error, Reversal};
        let note = |cause, is_used| Some(NamedNote { cause, is_used });
        let cases = [
            (Upheld, None, vec![]),
            (Upheld, note(Some(Dispute), false), vec![]),
            (Upheld, note(Some(Reversal), false), vec![]),
            (Upheld, note(Some(Dispute), true), vec!["used"]),
            (Upheld, note(Some(Adjustment), false), vec!["cause"]),
            (Upheld, note(Some(Error), true), vec!["cause"]),
            (Upheld, note(None, false), vec!["unknown_reference"]),
            (Rejected, None, vec![]),
            (Rejected, note(Some(Dispute), false), vec!["rejected"]),
            (Rejected, note(None, false), vec!["rejected", "unknown_reference"]),
        ];
        for (outcome, note, expected) in cases {
            let codes: Vec<String> = note_mistakes(outcome, note).into_iter().map(|error| error.code).collect();
            assert_eq!(codes, expected, "{outcome:?} {note:?}");
        }
        for (outcome, names_note, is_refused) in [(Upheld, false, true), (Upheld, true, false), (Rejected, false, false)] {
            assert_eq!(refuse_without_note(outcome, names_note).is_err(), is_refused, "{outcome:?} {names_note}");
        }
        assert_eq!(refuse_resolved(None), Ok(()));
        assert_eq!(refuse_resolved(Some(Rejected)).expect_err("ended").detail, "The dispute was rejected before.");
    }
}
