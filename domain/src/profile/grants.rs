//! The profile's rules of grants and of unit costs.

use serde::{Deserialize, Serialize};
use strum::VariantArray;
use utoipa::ToSchema;

/// How grants are paid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantPolicy {
    /// What holds an instalment back until it is there; none, nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_payment_for: Option<HoldPaymentFor>,
    /// How many children and families the returns of one grant tell of together.
    #[serde(default)]
    pub reach: ReachRule,
}

/// How many children and families the returns of one grant tell of together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReachRule {
    /// What is made of the counts of a grant's returns in a year.
    pub of_returns: ReachOfReturns,
    /// Where the authority says so.
    pub clause: String,
}

impl Default for ReachRule {
    /// Of what several returns say, the largest counts no family twice.
    fn default() -> Self {
        ReachRule { of_returns: ReachOfReturns::Largest, clause: "None: the largest return counts no family twice".to_owned() }
    }
}

/// What is made of the counts of a grant's returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReachOfReturns {
    /// They are added up: each return tells of others than the last.
    Sum,
    /// The largest counts: the returns tell of the same families again.
    Largest,
    /// The last counts: each return tells of all since the year began.
    Last,
}

/// What holds an instalment back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldPaymentFor {
    /// At least one.
    pub holds: Vec<GrantHold>,
    /// Where the authority says so.
    pub clause: String,
}

/// One thing that an instalment may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantArray, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantHold {
    /// Conditions due by the instalment's day, and those without a day.
    Conditions,
    /// Returns of activity due by the instalment's day.
    Returns,
}

/// How the cost of a unit is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitCostPolicy {
    /// From when on a unit cost stands out; none, none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlier: Option<OutlierRule>,
}

/// A unit cost stands out when it is above so many hundredths of the median of its like, or the median above so many of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutlierRule {
    /// In per cent: 150 is half as much again. More than 100, at most 10,000.
    pub percent_of_median: u16,
    /// Of fewer unit costs on the same budget line and unit in a year, none stands out. At least 3.
    pub least_comparables: u16,
    /// Where the authority says so.
    pub clause: String,
}

/// Adds what is wrong with these rules.
pub(super) fn check(grants: &GrantPolicy, unit_costs: &UnitCostPolicy, problems: &mut Vec<String>) {
    if let Some(hold) = &grants.hold_payment_for
        && (hold.holds.is_empty() || GrantHold::VARIANTS.iter().any(|kind| hold.holds.iter().filter(|held| *held == kind).count() > 1))
    {
        problems.push("grants.hold_payment_for names nothing, or something twice".to_owned());
    }
    if let Some(rule) = &unit_costs.outlier {
        if !(101..=10_000).contains(&rule.percent_of_median) {
            problems.push(format!("unit_costs.outlier: {}% of the median is not from 101 to 10,000", rule.percent_of_median));
        }
        if rule.least_comparables < 3 {
            problems.push(format!("unit_costs.outlier: {} unit costs have no median worth the name, 3 do", rule.least_comparables));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::{BadProfile, Profile};

    const TAMESIDE: &str = include_str!("../../profiles/tameside.toml");

    #[test]
    fn nothing_is_held_and_nothing_stands_out_without_a_rule() {
        let text: String = TAMESIDE.lines().filter(|line| !line.starts_with("outlier =")).collect::<Vec<_>>().join("\n");
        let profile = Profile::parse(&text).expect("sound");
        assert_eq!((profile.grants.hold_payment_for, profile.unit_costs.outlier), (None, None));
    }

    #[test]
    fn rules_that_say_nothing_are_mistakes() {
        let text = TAMESIDE.replace("percent_of_median = 150, least_comparables = 3", "percent_of_median = 100, least_comparables = 2");
        let text = text.replace("[grants]\n", "[grants]\nhold_payment_for = { holds = [], clause = \"-\" }\n");
        let BadProfile(problems) = Profile::parse(&text).expect_err("three mistakes");
        assert_eq!(problems.len(), 3, "{problems:?}");
        let twice = TAMESIDE.replace("[grants]\n", "[grants]\nhold_payment_for = { holds = [\"returns\", \"returns\"], clause = \"-\" }\n");
        Profile::parse(&twice).expect_err("named twice");
    }
}
