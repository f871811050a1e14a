//! What may be received of an invoice.

use crate::{Code, FieldError, Pence, Refusal};

/// Nothing is no receipt.
pub fn amount_mistake(amount: Pence) -> Option<FieldError> {
    (amount == Pence::ZERO).then(|| FieldError::new("/amount_pence", "minimum", "a receipt of £0.00 records nothing"))
}

/// Whose an invoice is.
#[derive(Debug, Clone, Copy)]
pub struct InvoiceOf<'a> {
    /// The line of income.
    pub budget_line: &'a str,
    /// The funder.
    pub provider: &'a str,
}

/// A ledger entry that a receipt came in.
#[derive(Debug, Clone, Copy)]
pub struct LedgerMoney<'a> {
    /// The budget line it counts on.
    pub budget_line: &'a str,
    /// Who paid, where the entry says so.
    pub provider: Option<&'a str>,
    /// As the ledger has it: income negative.
    pub amount: Pence,
    /// What receipts say so far that it brought.
    pub brought: Pence,
}

/// Why a receipt of an amount did not come in a ledger entry; no entry, there is none with that id.
pub fn entry_mistake(invoice: InvoiceOf<'_>, amount: Pence, entry: Option<LedgerMoney<'_>>) -> Option<FieldError> {
    let mistake = |code: &str, detail: String| Some(FieldError::new("/ledger_entry_id", code, detail));
    let Some(entry) = entry else { return mistake("unknown_reference", "no ledger entry has this id".to_owned()) };
    if entry.budget_line != invoice.budget_line {
        return mistake(
            "other_budget_line",
            format!("the entry counts on {}, and the invoice on {}", entry.budget_line, invoice.budget_line),
        );
    }
    if entry.provider.is_some_and(|provider| provider != invoice.provider) {
        return mistake("other_provider", "another body than the invoice's funder paid it".to_owned());
    }
    let (left, asked) = (-i128::from(entry.amount.0) - i128::from(entry.brought.0), i128::from(amount.0));
    let fits = if left > 0 { (1..=left).contains(&asked) } else { (left..0).contains(&asked) };
    if fits {
        return None;
    }
    // No entry is that large.
    let left = Pence(i64::try_from(left).unwrap_or_default());
    mistake("more_than_entry", format!("receipts leave {left} of the entry: record that or less, or name another entry"))
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
    fn a_receipt_came_in_an_entry_that_brought_so_much_from_its_funder() {
        let invoice = InvoiceOf { budget_line: "health", provider: "icb" };
        let entry = LedgerMoney { budget_line: "health", provider: Some("icb"), amount: Pence(-5_000), brought: Pence(1_000) };
        for (amount, entry, expected) in [
            (4_000, Some(entry), None),
            (1, Some(LedgerMoney { provider: None, ..entry }), None),
            (4_001, Some(entry), Some("more_than_entry")),
            (-1, Some(entry), Some("more_than_entry")),
            (-5_000, Some(LedgerMoney { amount: Pence(5_000), brought: Pence(0), ..entry }), None),
            (5_000, Some(LedgerMoney { amount: Pence(5_000), brought: Pence(0), ..entry }), Some("more_than_entry")),
            (1, Some(LedgerMoney { brought: Pence(5_000), ..entry }), Some("more_than_entry")),
            (4_000, Some(LedgerMoney { budget_line: "care", ..entry }), Some("other_budget_line")),
            (4_000, Some(LedgerMoney { provider: Some("other"), ..entry }), Some("other_provider")),
            (4_000, None, Some("unknown_reference")),
        ] {
            let told = entry_mistake(invoice, Pence(amount), entry).map(|error| error.code);
            assert_eq!(told.as_deref(), expected, "{amount} of {entry:?}");
        }
    }

    #[test]
    fn nothing_is_no_receipt_and_a_reversal_is_not_reversed() {
        assert_eq!([-1, 0, 1].map(|pence| amount_mistake(Pence(pence)).is_some()), [false, true, false]);
        assert_eq!([false, true].map(|is_reversal| refuse_reversal(is_reversal).is_err()), [false, true]);
    }
}
