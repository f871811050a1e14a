//! The profile's rules of invoices to health.

use super::number::Number;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How health's share is invoiced. What a council's documents do not say is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JointFundingPolicy {
    /// Days from an invoice to the day it is due; absent, each invoice says when.
    #[serde(default)]
    pub payment_terms_days: Option<Number>,
    /// The bands in which debts are shown; absent, what is overdue is not divided.
    #[serde(default)]
    pub aged_debt_days: Option<AgedDebtDays>,
}

/// The last day past due of each band but the last, which has no end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgedDebtDays {
    /// Days, ascending.
    pub value: Vec<u16>,
    /// Where the authority says so.
    pub clause: String,
}

impl JointFundingPolicy {
    /// The bounds of the bands, ascending; none when the profile has no rule.
    pub fn bounds(&self) -> &[u16] {
        self.aged_debt_days.as_ref().map(|days| days.value.as_slice()).unwrap_or_default()
    }
}

/// Everything wrong with these rules.
pub(super) fn check(policy: &JointFundingPolicy, problems: &mut Vec<String>) {
    let bounds = policy.bounds();
    if bounds.first() == Some(&0) || bounds.windows(2).any(|pair| pair[0] >= pair[1]) {
        problems.push("the bands of aged debt end on ascending days, the first of them after day 0".to_owned());
    }
    if policy.aged_debt_days.is_some() && bounds.is_empty() {
        problems.push("the rule of aged debt has no band; leave it out if there is none".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::{BadProfile, Profile};

    #[test]
    fn bands_ascend() {
        let with = |days: &str| {
            let text = include_str!("../../profiles/tameside.toml");
            assert!(text.contains("value = [30, 60, 90]"));
            Profile::parse(&text.replace("value = [30, 60, 90]", &format!("value = {days}")))
        };
        for wrong in ["[]", "[0, 30]", "[30, 30]", "[60, 30]"] {
            let BadProfile(problems) = with(wrong).expect_err("no bands");
            assert_eq!(problems.len(), 1, "{wrong}: {problems:?}");
        }
        assert_eq!(with("[45]").expect("sound").joint_funding.bounds(), [45]);
    }
}
