//! Where an invoice's money stands.

use crate::Pence;
use crate::money::TooLarge;
use serde::Serialize;
use utoipa::ToSchema;

/// An invoice's money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvoiceMoney {
    /// What its lines ask for.
    #[schema(value_type = i64)]
    pub invoiced_pence: Pence,
    /// What credit notes take off it.
    #[schema(value_type = i64)]
    pub credited_pence: Pence,
    /// What was received, less what was taken back or paid back.
    #[schema(value_type = i64)]
    pub received_pence: Pence,
    /// What of the outstanding amount is in open disputes.
    #[schema(value_type = i64)]
    pub disputed_pence: Pence,
    /// What is still owed; negative, the funder is in credit.
    #[schema(value_type = i64)]
    pub outstanding_pence: Pence,
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = InvoiceStanding)]
pub enum InvoiceState {
    /// Nothing was received.
    #[default]
    Unpaid,
    /// Some of it was received.
    PartPaid,
    /// Nothing is owed either way.
    #[serde(rename = "settled")]
    Paid,
    /// More was received than is owed now.
    InCredit,
    /// It was taken back as a whole.
    Reversed,
}

impl InvoiceMoney {
    /// What is owed, and what of it is disputed: no more than is owed.
    ///
    /// # Errors
    /// When an amount is beyond what can be added up.
    pub fn of(invoiced: Pence, credited: Pence, received: Pence, disputed: Pence) -> Result<Self, TooLarge> {
        let owed = invoiced.checked_sub(credited)?.checked_sub(received)?;
        Ok(InvoiceMoney {
            invoiced_pence: invoiced,
            credited_pence: credited,
            received_pence: received,
            disputed_pence: disputed.min(owed.max(Pence::ZERO)),
            outstanding_pence: owed,
        })
    }

    /// Where the invoice stands.
    pub fn state_of(&self, is_reversed: bool) -> InvoiceState {
        match self.outstanding_pence.0 {
            _ if is_reversed => InvoiceState::Reversed,
            0 => InvoiceState::Paid,
            owed if owed < 0 => InvoiceState::InCredit,
            _ if self.received_pence.0 > 0 => InvoiceState::PartPaid,
            _ => InvoiceState::Unpaid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_stands_by_what_is_owed_and_received() {
        use InvoiceState::{InCredit, Paid, PartPaid, Reversed, Unpaid};
        // Invoiced, credited, received, disputed; owed, of which disputed.
        let cases = [
            ([100, 0, 0, 0], false, [100, 0], Unpaid),
            ([100, 0, 40, 100], false, [60, 60], PartPaid),
            ([100, 60, 40, 10], false, [0, 0], Paid),
            ([100, 60, 41, 10], false, [-1, 0], InCredit),
            ([100, 40, 0, 10], false, [60, 10], Unpaid),
            ([100, 100, 0, 0], true, [0, 0], Reversed),
        ];
        for ([invoiced, credited, received, disputed], is_reversed, owed, state) in cases {
            let money = InvoiceMoney::of(Pence(invoiced), Pence(credited), Pence(received), Pence(disputed)).expect("small");
            assert_eq!([money.outstanding_pence.0, money.disputed_pence.0], owed, "{money:?}");
            assert_eq!(money.state_of(is_reversed), state, "{money:?}");
        }
    }
}
