//! When an invoice may be taken back as a whole.

use crate::{Code, Pence, Refusal};

/// Refuses to take back an invoice that money was received for, or a line of which a standing invoice corrects: left standing, that
/// correction would be of nothing.
///
/// # Errors
/// Where one of the two is in the way; `corrected_on` is the number of the correcting invoice.
pub fn refuse_reversal(number: &str, received: Pence, corrected_on: Option<&str>) -> Result<(), Refusal> {
    if received != Pence::ZERO {
        let detail = format!("{received} was received for invoice {number}: reverse the receipts first, or credit what is not owed.");
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    match corrected_on {
        None => Ok(()),
        Some(other) => {
            let detail = format!("Invoice {other} corrects one of its lines: reverse that first.");
            Err(Refusal::new(Code::StateConflict, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_is_reversed_while_nothing_is_received_for_it_and_nothing_corrects_it() {
        let received = Some("£0.01 was received for invoice CHC-1: reverse the receipts first, or credit what is not owed.");
        let cases = [
            (0, None, None),
            (1, None, received),
            (1, Some("CHC-2"), received),
            (0, Some("CHC-2"), Some("Invoice CHC-2 corrects one of its lines: reverse that first.")),
        ];
        for (pence, corrected_on, expected) in cases {
            let refused = refuse_reversal("CHC-1", Pence(pence), corrected_on).err().map(|refusal| refusal.detail);
            assert_eq!(refused.as_deref(), expected, "{pence} {corrected_on:?}");
        }
        assert!(refuse_reversal("CHC-1", Pence(-1), None).is_err(), "what was paid back is not undone by a reversal");
    }
}
