//! What may be credited of an invoice, and for which cause.

use super::facts::InvoiceFacts;
use super::proposal::change;
use crate::costing::CannotCost;
use crate::joint_funding::CreditCause;
use crate::money::TooLarge;
use crate::{Code, FieldError, Pence, Refusal};
use std::collections::{BTreeSet, HashMap};

/// A line of an invoice, and what it still asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineLeft {
    /// Its id.
    pub id: String,
    /// The share it asks under.
    pub funding_id: String,
    /// The earlier line that it corrects; none, it asks for its days first.
    pub adjusts_line_id: Option<String>,
    /// What it asked for.
    pub asked: Pence,
    /// What of that is not credited.
    pub left: Pence,
}

/// How much less a line is to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditedAmount {
    /// The line.
    pub line_id: String,
    /// How much less.
    pub amount: Pence,
}

/// Refuses what was reversed.
///
/// # Errors
/// Where the invoice was.
pub fn refuse_reversed(number: &str, is_reversed: bool) -> Result<(), Refusal> {
    if is_reversed { Err(Refusal::new(Code::StateConflict, format!("Invoice {number} was reversed."))) } else { Ok(()) }
}

/// A reversal credits all of an invoice, and has its own way.
pub fn cause_mistake(cause: CreditCause) -> Option<FieldError> {
    let detail = "reverse the invoice instead: that credits all of it";
    (cause == CreditCause::Reversal).then(|| FieldError::new("/cause", "reversal", detail))
}

/// Where a line is unknown, is credited twice, or is credited more than it still asks for.
pub fn line_mistakes(left: &[LineLeft], credited: &[CreditedAmount]) -> Vec<FieldError> {
    let mut seen = BTreeSet::new();
    let mut errors = Vec::new();
    for (place, credit) in credited.iter().enumerate() {
        let mut refuse =
            |field: &str, code: &str, detail: String| errors.push(FieldError::new(&format!("/lines/{place}/{field}"), code, detail));
        match left.iter().find(|line| line.id == credit.line_id) {
            None => refuse("line_id", "unknown_reference", "the invoice has no line of this id".to_owned()),
            Some(_) if !seen.insert(credit.line_id.as_str()) => {
                refuse("line_id", "asked_twice", "the line is credited above".to_owned());
            }
            Some(LineLeft { asked, left, .. }) if credit.amount > *left => {
                let before = Pence(asked.0.saturating_sub(left.0));
                refuse("amount_pence", "too_much", format!("the line asks for {asked}, of which {before} is credited: {left} is left"));
            }
            Some(_) => {}
        }
    }
    errors
}

/// Where more is credited than the invoice as a whole still asks for. Corrections may have taken something off it. An adjustment goes by
/// what is expected instead, and a dispute that the funder wins by the line: what a correction took off other days is not what it won. Both
/// may leave the funder in credit.
///
/// # Errors
/// When the lines come to more than can be added up.
pub fn invoice_mistake(
    number: &str,
    cause: CreditCause,
    left: &[LineLeft],
    credited: &[CreditedAmount],
) -> Result<Option<FieldError>, TooLarge> {
    let asked = Pence::checked_sum(left.iter().map(|line| line.asked))?;
    let remains = Pence::checked_sum(left.iter().map(|line| line.left))?;
    let before = asked.checked_sub(remains)?;
    let note = Pence::checked_sum(credited.iter().map(|line| line.amount))?;
    if matches!(cause, CreditCause::Adjustment | CreditCause::Dispute) || note <= remains {
        return Ok(None);
    }
    let detail = format!(
        "invoice {number} asks for {asked}, of which {before} is credited: {remains} is left, and the note is for \
        {note}"
    );
    Ok(Some(FieldError::new("/lines", "too_much", detail)))
}

/// Where more is credited than stands asked for the days, with what later invoices corrected; or, as an adjustment, than the expectation has
/// fallen by.
///
/// # Errors
/// When the days cannot be costed.
pub fn days_mistakes(
    facts: &InvoiceFacts<'_>,
    cause: CreditCause,
    left: &[LineLeft],
    credited: &[CreditedAmount],
) -> Result<Vec<FieldError>, CannotCost> {
    // By the first line of some days: what stands asked for them, and what the expectation has fallen by.
    let mut days: HashMap<&str, (i64, i64)> = HashMap::new();
    let mut errors = Vec::new();
    for (place, credit) in credited.iter().enumerate() {
        let Some(line) = left.iter().find(|line| line.id == credit.line_id) else { continue };
        // A correction is about the days of the line that it corrects.
        let first = line.adjusts_line_id.as_deref().unwrap_or(&line.id);
        let (asked, fallen) = match days.get(first) {
            Some(both) => *both,
            None => asked_and_fallen(facts, &line.funding_id, first)?,
        };
        let pointer = format!("/lines/{place}/amount_pence");
        if cause == CreditCause::Adjustment && credit.amount.0 > fallen {
            let less = Pence(fallen.max(0));
            let detail = format!(
                "only {less} of what was invoiced for these days is no longer expected: credit that or less, or give \
                another cause"
            );
            errors.push(FieldError::new(&pointer, "not_expected", detail));
        } else if credit.amount.0 > asked {
            let asked = Pence(asked.max(0));
            let detail = format!("with its corrections only {asked} is asked for these days: credit no more than that");
            errors.push(FieldError::new(&pointer, "too_much", detail));
        }
        days.insert(first, (asked - credit.amount.0, fallen - credit.amount.0));
    }
    Ok(errors)
}

/// Of the days that a line asks for first: what stands asked for them, and what the expectation has fallen by; nothing if it does not stand.
fn asked_and_fallen(facts: &InvoiceFacts<'_>, funding_id: &str, first: &str) -> Result<(i64, i64), CannotCost> {
    let Some(billed) = facts.billed_of(funding_id).iter().find(|billed| billed.line_id == first) else { return Ok((0, 0)) };
    let Some(share) = facts.shares.get(funding_id) else { return Ok((0, 0)) };
    let change = match facts.arrangements.get(&share.line_id) {
        Some(arrangement) => change(arrangement, billed)?,
        None => Pence::ZERO,
    };
    Ok((billed.asked.0, change.checked_neg()?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, asked: i64, left: i64) -> LineLeft {
        LineLeft { id: id.to_owned(), funding_id: "share".to_owned(), adjusts_line_id: None, asked: Pence(asked), left: Pence(left) }
    }

    fn credit(id: &str, amount: i64) -> CreditedAmount {
        CreditedAmount { line_id: id.to_owned(), amount: Pence(amount) }
    }

    #[test]
    fn a_line_is_credited_once_and_at_most_with_what_is_left_of_it() {
        let left = [line("a", 15_000, 11_000)];
        let cases = [
            (vec![credit("a", 11_000)], vec![]),
            (vec![credit("a", 11_001)], vec!["/lines/0/amount_pence too_much"]),
            (vec![credit("b", 1)], vec!["/lines/0/line_id unknown_reference"]),
            (vec![credit("a", 1), credit("a", 1)], vec!["/lines/1/line_id asked_twice"]),
        ];
        for (credited, expected) in cases {
            let found: Vec<_> = line_mistakes(&left, &credited).iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
            assert_eq!(found, expected, "{credited:?}");
        }
        let errors = line_mistakes(&left, &[credit("a", 11_001)]);
        assert_eq!(errors[0].detail, "the line asks for £150.00, of which £40.00 is credited: £110.00 is left");
    }

    #[test]
    fn a_mistake_credits_no_more_than_the_whole_invoice_still_asks_for() {
        use CreditCause::{Adjustment, Dispute, Error};
        // A correction took £50 off other days: £100 is left of £150.
        let left = [line("a", 15_000, 15_000), line("b", -5_000, -5_000)];
        for (cause, amount, is_refused) in
            [(Error, 10_000, false), (Error, 10_001, true), (Dispute, 10_001, false), (Adjustment, 10_001, false)]
        {
            let mistake = invoice_mistake("CHC-2", cause, &left, &[credit("a", amount)]).expect("small");
            assert_eq!(mistake.is_some(), is_refused, "{cause:?} {amount}");
        }
        let detail = invoice_mistake("CHC-2", Error, &left, &[credit("a", 10_001)]).expect("small").expect("refused").detail;
        assert_eq!(detail, "invoice CHC-2 asks for £100.00, of which £0.00 is credited: £100.00 is left, and the note is for £100.01");
    }

    #[test]
    fn a_reversal_is_no_credit_note_of_its_own() {
        assert!(cause_mistake(CreditCause::Reversal).is_some());
        for cause in [CreditCause::Adjustment, CreditCause::Dispute, CreditCause::Error] {
            assert_eq!(cause_mistake(cause), None);
        }
        assert_eq!(refuse_reversed("CHC-1", true).expect_err("reversed").detail, "Invoice CHC-1 was reversed.");
        assert_eq!(refuse_reversed("CHC-1", false), Ok(()));
    }
}
