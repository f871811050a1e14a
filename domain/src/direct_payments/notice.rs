//! By when a family repays what an audit asks back, and what it is told of that.

use crate::Pence;
use crate::profile::DirectPaymentPolicy;
use chrono::{Days, NaiveDate};

/// What a family is told of a sum that is asked back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The last day to repay it; none, the profile sets none.
    pub repay_by: Option<NaiveDate>,
    /// The same in words.
    pub words: String,
}

impl DirectPaymentPolicy {
    /// The notice of what an audit of a day asks back; none, it asks nothing back.
    pub fn notice(&self, asked_back: Pence, audited_on: NaiveDate) -> Option<Notice> {
        if asked_back <= Pence::ZERO {
            return None;
        }
        let Some(days) = &self.repay_within_days else {
            let words = format!("{asked_back} is to be repaid. The authority's profile sets no day for that: agree one with the family.");
            return Some(Notice { repay_by: None, words });
        };
        let repay_by = audited_on.checked_add_days(Days::new(days.value.into())).unwrap_or(audited_on);
        Some(Notice { repay_by: Some(repay_by), words: format!("{asked_back} is to be repaid by {repay_by} ({}).", days.clause) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;
    use crate::profile::Number;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn what_is_asked_back_is_repaid_within_the_days_that_the_profile_sets_if_it_sets_any() {
        let silent = DirectPaymentPolicy::default();
        let of = |value| DirectPaymentPolicy {
            repay_within_days: Some(Number { value, clause: "Agreement, 9".to_owned() }),
            ..DirectPaymentPolicy::default()
        };
        for (policy, pence, repay_by, words) in [
            (&of(28), 30_000, Some("2025-07-18"), "£300.00 is to be repaid by 2025-07-18 (Agreement, 9)."),
            (&of(0), 1, Some("2025-06-20"), "£0.01 is to be repaid by 2025-06-20 (Agreement, 9)."),
            (&silent, 1, None, "£0.01 is to be repaid. The authority's profile sets no day for that: agree one with the family."),
        ] {
            let notice = policy.notice(Pence(pence), day("2025-06-20"));
            assert_eq!(notice, Some(Notice { repay_by: repay_by.map(day), words: words.to_owned() }));
        }
        assert_eq!((of(28).notice(Pence(0), day("2025-06-20")), silent.notice(Pence(-5), day("2025-06-20"))), (None, None));
    }

    #[test]
    fn kirklees_asks_for_it_at_the_audit_and_no_other_document_sets_days() {
        for code in ["tameside", "kirklees", "warwickshire", "manchester", "knowsley"] {
            let policy = Profile::bundled(code).expect("sound").direct_payments;
            assert_eq!(policy.repay_within_days.map(|days| days.value), (code == "kirklees").then_some(0), "{code}");
        }
    }
}
