//! Support that is paid once, through whichever account: what another account pays or was paid for is not paid a second time.

use crate::{Code, Pence, Refusal};

/// What other accounts have to do with the line of a set-up payment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaidElsewhere {
    /// The account that pays it.
    pub account_id: Option<String>,
    /// What other accounts were paid for it, less what was paid back.
    pub net_paid: Pence,
}

impl PaidElsewhere {
    /// Refuses to pay a line that another account pays, or was paid for and keeps.
    pub fn refuse(&self) -> Result<(), Refusal> {
        let conflict = |detail: String| Err(Refusal::new(Code::StateConflict, detail));
        match &self.account_id {
            Some(account) => conflict(format!("Account {account} pays this line already.")),
            None if self.net_paid > Pence::ZERO => {
                let paid = self.net_paid;
                conflict(format!("Another account was paid {paid} for this line, which was not paid back."))
            }
            None => Ok(()),
        }
    }
}

/// What became of a payment's line since it is said that the money came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenUpSince {
    /// Another account that pays it now.
    pub account_id: Option<String>,
    /// Another package line that carries out the same agreed support now.
    pub line_id: Option<String>,
    /// What other accounts were paid for it, less what was paid back.
    pub net_paid: Pence,
}

impl TakenUpSince {
    /// Refuses to say that the bank did not return a payment after all, once it is paid again elsewhere or is about to be.
    pub fn refuse(&self) -> Result<(), Refusal> {
        if self.net_paid > Pence::ZERO {
            let detail =
                format!("Another account was paid {} for the same support since. Record what comes back of that first.", self.net_paid);
            return Err(Refusal::new(Code::StateConflict, detail));
        }
        self.refuse_while_unpaid()
    }

    /// Refuses to say that a family did not pay back after all, while another account is about to pay the same. Once it did, what the family
    /// did not pay back is a debt that shows.
    pub fn refuse_while_unpaid(&self) -> Result<(), Refusal> {
        let detail = match self {
            TakenUpSince { net_paid, .. } if *net_paid > Pence::ZERO => return Ok(()),
            TakenUpSince { account_id: Some(account), .. } => {
                format!("Account {account} pays the same line now, so it would be paid twice. Take that step back first.")
            }
            TakenUpSince { line_id: Some(line), .. } => {
                format!("Package line {line} carries out the same agreed support now, so it would be paid twice. Reverse that line first.")
            }
            TakenUpSince { .. } => return Ok(()),
        };
        Err(Refusal::new(Code::StateConflict, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_did_not_stay_after_all_once_its_line_is_paid_elsewhere_or_about_to_be() {
        let some = |id: &str| Some(id.to_owned());
        let told = |refused: Result<(), Refusal>| refused.err().map(|refusal| refusal.detail).unwrap_or_default();
        for (account_id, line_id, pence, of_bounce, of_repayment) in [
            (None, None, 0, "", ""),
            (None, None, -1, "", ""),
            (None, None, 1, "was paid £0.01 for the same", ""),
            (some("A2"), None, 0, "Account A2 pays", "Account A2 pays"),
            (some("A2"), None, 1, "was paid £0.01 for the same", ""),
            (None, some("L2"), 0, "Package line L2 carries out", "Package line L2 carries out"),
            (None, some("L2"), 1, "was paid £0.01 for the same", ""),
        ] {
            let since = TakenUpSince { account_id, line_id, net_paid: Pence(pence) };
            for (found, said) in [(told(since.refuse()), of_bounce), (told(since.refuse_while_unpaid()), of_repayment)] {
                assert_eq!((found.contains(said), found.is_empty()), (true, said.is_empty()), "{since:?}: {found}");
            }
        }
    }
}
