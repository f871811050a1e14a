//! The profile's rules of direct payments. What a council's documents do not say is absent, and then nothing is paid by it.

use super::budget_lines::BudgetLine;
use super::number::Number;
use crate::Direction;
use crate::direct_payments::Precondition;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// How direct payments are made and checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectPaymentPolicy {
    /// The budget line that pays; absent, no account is opened.
    #[serde(default)]
    pub budget_line: Option<PayingLine>,
    /// Weeks that one payment is for, in advance; absent, no account is opened.
    #[serde(default)]
    pub weeks_per_payment: Option<Number>,
    /// What must be on record before anything is paid; none, nothing is paid.
    #[serde(default)]
    pub preconditions: Vec<PreconditionDemand>,
    /// Hours from the record of the support within which everything needed is on record; absent, no time is set.
    #[serde(default)]
    pub set_up_within_hours: Option<Number>,
    /// Weeks after the first day paid for by which the family's first return is due; absent, none is due.
    #[serde(default)]
    pub first_check_weeks: Option<Number>,
    /// Months from one return, and from one audit, to the next; absent, none is due.
    #[serde(default)]
    pub check_every_months: Option<Number>,
    /// On which days pay files are paid; absent, on working days, and what falls due on another day on the next.
    #[serde(default)]
    pub pay_day: Option<PayDayRule>,
    /// Weeks of payments that a family keeps in hand at an audit; absent, none.
    #[serde(default)]
    pub contingency_weeks: Option<Number>,
    /// Days after an audit within which a family repays what it asks back; absent, no day is set.
    #[serde(default)]
    pub repay_within_days: Option<Number>,
}

/// On which days pay files are paid, and where the authority says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayDayRule {
    /// The rule.
    pub value: PayDay,
    /// Where the authority says so.
    pub clause: String,
}

/// When what falls due on a weekend or a bank holiday is paid. A pay file is paid on a working day in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayDay {
    /// On the next working day.
    #[default]
    WorkingDay,
    /// On the working day before.
    WorkingDayBefore,
}

/// The budget line that pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayingLine {
    /// Its code.
    pub code: String,
    /// Where the authority says so.
    pub clause: String,
}

/// Something that must be on record before anything is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreconditionDemand {
    /// What.
    pub precondition: Precondition,
    /// Where the authority says so.
    pub clause: String,
}

impl DirectPaymentPolicy {
    /// When what falls due on another day than a working day is paid.
    pub fn pay_day(&self) -> PayDay {
        self.pay_day.as_ref().map(|rule| rule.value).unwrap_or_default()
    }

    /// What must be on record, in the policy's order.
    pub fn demands(&self) -> impl Iterator<Item = Precondition> + '_ {
        self.preconditions.iter().map(|demand| demand.precondition)
    }

    /// What the policy demands, and what is needed whatever it says: somebody to pay, and support that was agreed.
    pub fn needs(&self) -> impl Iterator<Item = Precondition> + '_ {
        let always = [Precondition::BankAccountVerified, Precondition::SupportAgreed];
        self.demands().chain(always.into_iter().filter(|need| !self.demands().any(|demand| demand == *need)))
    }
}

/// Everything wrong with these rules.
pub(super) fn check(policy: &DirectPaymentPolicy, budget_lines: &[BudgetLine], problems: &mut Vec<String>) {
    if let Some(line) = &policy.budget_line {
        match budget_lines.iter().find(|known| known.code == line.code) {
            None => problems.push(format!("direct payments are paid from the budget line `{}`, which is not listed", line.code)),
            Some(known) if known.direction == Direction::Income => {
                problems.push(format!("direct payments are paid from `{}`, which is a line of income", line.code));
            }
            Some(_) => {}
        }
    }
    let numbers = [("weeks_per_payment", &policy.weeks_per_payment), ("check_every_months", &policy.check_every_months)];
    for (name, _) in numbers.into_iter().filter(|(_, number)| number.as_ref().is_some_and(|number| !(1..=52).contains(&number.value))) {
        problems.push(format!("{name} of direct payments is from 1 to 52"));
    }
    if policy.weeks_per_payment.is_some() && policy.preconditions.is_empty() {
        problems.push("direct payments name no precondition, and without one nothing is paid".to_owned());
    }
    let mut seen = BTreeSet::new();
    for twice in policy.preconditions.iter().filter(|demand| !seen.insert(demand.precondition)) {
        problems.push(format!("direct payments name the precondition `{}` twice", twice.precondition));
    }
    for demand in policy.preconditions.iter().filter(|demand| demand.precondition.is_of_payer()) {
        let word = demand.precondition;
        problems.push(format!("direct payments name the precondition `{word}`, which is asked of whoever makes a pay file, always"));
    }
}

#[cfg(test)]
mod tests {
    use crate::direct_payments::Precondition;
    use crate::profile::{BadProfile, Profile};

    const TAMESIDE: &str = include_str!("../../profiles/tameside.toml");

    #[test]
    fn rules_that_cannot_be_followed_are_named() {
        for (from, to, said) in [
            ("code = \"direct_payments\", clause", "code = \"payments\", clause", "`payments`, which is not listed"),
            ("code = \"direct_payments\", clause", "code = \"chc_income\", clause", "`chc_income`, which is a line of income"),
            ("weeks_per_payment = { value = 4", "weeks_per_payment = { value = 0", "weeks_per_payment of direct payments is from 1 to 52"),
            ("precondition = \"dbs_seen\"", "precondition = \"agreement_signed\"", "the precondition `agreement_signed` twice"),
            ("precondition = \"dbs_seen\"", "precondition = \"bank_account_by_another\"", "`bank_account_by_another`, which is asked of"),
            ("precondition = \"dbs_seen\"", "precondition = \"repayment_by_another\"", "`repayment_by_another`, which is asked of"),
            ("precondition = \"dbs_seen\"", "precondition = \"resumption_by_another\"", "`resumption_by_another`, which is asked of"),
        ] {
            assert!(TAMESIDE.contains(from), "nothing to change: {from}");
            let BadProfile(problems) = Profile::parse(&TAMESIDE.replace(from, to)).expect_err("a mistake");
            assert!(problems.len() == 1 && problems[0].contains(said), "{problems:?}");
        }
    }

    #[test]
    fn a_council_that_says_nothing_of_direct_payments_has_no_rule_to_pay_by() {
        let silent = Profile::bundled("manchester").expect("sound").direct_payments;
        assert_eq!(silent.needs().collect::<Vec<_>>(), [Precondition::BankAccountVerified, Precondition::SupportAgreed]);
        assert_eq!((silent.weeks_per_payment, silent.budget_line, silent.preconditions.len()), (None, None, 0));
    }
}
