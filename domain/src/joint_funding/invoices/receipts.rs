//! What may be received of an invoice.

use crate::{Code, FieldError, Pence, Refusal};

/// Nothing is no receipt.
pub fn amount_mistake(amount: Pence) -> Option<FieldError> {
    (amount == Pence::ZERO).then(|| FieldError::new("/amount_pence", "minimum", "a receipt of £0.00 records nothing"))
}

/// Refuses a receipt of more than is owed, and a payment back of more than the invoice is in credit by.
///
/// # Errors
/// Where the amount does not lie between nothing and what is owed, on whichever side of nothing that is.
pub fn refuse_amount(number: &str, amount: Pence, owed: Pence) -> Result<(), Refusal> {
    let fits = if amount > Pence::ZERO { amount <= owed } else { amount >= owed };
    if fits {
        return Ok(());
    }
    let detail = match owed.0 {
        0 => format!("Nothing is owed on invoice {number}."),
        pence if pence > 0 => format!("{owed} is still owed on invoice {number}."),
        pence => format!("Nothing is owed on invoice {number}: it is {} in credit.", Pence(pence.saturating_neg())),
    };
    Err(Refusal::new(Code::StateConflict, detail))
}

/// Refuses to take back what takes a receipt back.
///
/// # Errors
/// Where the row is a reversal itself.
pub fn refuse_reversal(is_reversal: bool) -> Result<(), Refusal> {
    if is_reversal {
        return Err(Refusal::new(Code::StateConflict, "This is a reversal itself; record the receipt again instead."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_received_than_is_owed_nor_paid_back_than_is_in_credit() {
        let owed = Some("£50.00 is still owed on invoice CHC-1.");
        let nothing = Some("Nothing is owed on invoice CHC-1.");
        let credit = Some("Nothing is owed on invoice CHC-1: it is £20.00 in credit.");
        let cases = [
            (5_000, 5_000, None),
            (1, 5_000, None),
            (5_001, 5_000, owed),
            (-1, 5_000, owed),
            (1, 0, nothing),
            (-1, 0, nothing),
            (-2_000, -2_000, None),
            (-2_001, -2_000, credit),
            (1, -2_000, credit),
        ];
        for (amount, owed, expected) in cases {
            let refused = refuse_amount("CHC-1", Pence(amount), Pence(owed)).err().map(|refusal| refusal.detail);
            assert_eq!(refused.as_deref(), expected, "{amount} of {owed}");
        }
    }

    #[test]
    fn nothing_is_no_receipt_and_a_reversal_is_not_reversed() {
        assert_eq!([-1, 0, 1].map(|pence| amount_mistake(Pence(pence)).is_some()), [false, true, false]);
        assert_eq!([false, true].map(|is_reversal| refuse_reversal(is_reversal).is_err()), [false, true]);
    }
}
