//! What happens when a decision, a grant or another change would take more than its budget has, by kind of change.

use super::forecast::ForecastPolicy;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// How what costs money, or moves budget, is held against budgets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetControlPolicy {
    /// Whether what exceeds is only told, or refused, where its kind of change has no rule of its own.
    pub when_exceeded: WhenExceeded,
    /// Whether requests that are not decided yet are taken off what is available, each by the weight of its state in the forecast.
    #[serde(default)]
    pub count_pending: bool,
    /// Where the authority says so.
    pub clause: String,
    /// Kinds of change with a rule of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeControl>,
}

/// What happens when one kind of change takes more than is available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeControl {
    /// The kind of change.
    pub change: HeldChange,
    /// Whether it is only told, or refused.
    pub when_exceeded: WhenExceeded,
    /// The same where no budget is recorded for the line in that year; absent, no budget is nothing available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_budget: Option<WhenExceeded>,
    /// Where the authority says so.
    pub clause: String,
}

/// What happens when something would take more than is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenExceeded {
    /// The answer and the audit trail say so; it counts.
    Warn,
    /// It is refused.
    Stop,
}

/// Kinds of change that are held against budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum HeldChange {
    /// An approval, by a panel or without one, or what gives it its authority.
    Decision,
    /// A variation that is agreed.
    Variation,
    /// A rise of rates.
    Uprating,
    /// A virement, or what takes one back.
    Virement,
    /// An adjustment of a budget, or what takes one or an original budget back.
    BudgetChange,
    /// A grant that is awarded.
    Grant,
    /// A purchase order.
    PurchaseOrder,
}

/// The rule for one kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldRule<'p> {
    /// Where the line has a budget in the year.
    pub when_exceeded: WhenExceeded,
    /// Where it has none.
    pub without_budget: WhenExceeded,
    /// Where the authority says so; none, it says nothing, and what exceeds is only told.
    pub clause: Option<&'p str>,
}

impl BudgetControlPolicy {
    /// The rule for a kind of change; an authority without the section is only told.
    pub fn rule_for(policy: Option<&Self>, change: HeldChange) -> HoldRule<'_> {
        let Some(policy) = policy else {
            return HoldRule { when_exceeded: WhenExceeded::Warn, without_budget: WhenExceeded::Warn, clause: None };
        };
        match policy.changes.iter().find(|own| own.change == change) {
            Some(own) => HoldRule {
                when_exceeded: own.when_exceeded,
                without_budget: own.without_budget.unwrap_or(own.when_exceeded),
                clause: Some(&own.clause),
            },
            None => HoldRule { when_exceeded: policy.when_exceeded, without_budget: policy.when_exceeded, clause: Some(&policy.clause) },
        }
    }
}

/// Adds what is wrong with the section.
pub(super) fn check(control: Option<&BudgetControlPolicy>, forecast: &ForecastPolicy, problems: &mut Vec<String>) {
    if control.is_some_and(|policy| policy.count_pending) && forecast.stages.is_empty() {
        problems.push("`budget_control` counts pending requests, and `forecast.stages` gives them no weight".to_owned());
    }
    for change in HeldChange::VARIANTS {
        let rules = control.iter().flat_map(|policy| &policy.changes).filter(|own| own.change == *change).count();
        if rules > 1 {
            let word: &str = change.into();
            problems.push(format!("`budget_control` has {rules} rules for `{word}`: keep one"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    fn with(section: &str) -> Result<Profile, crate::profile::BadProfile> {
        let mut profile: toml::Table = include_str!("../../profiles/warwickshire.toml").parse().expect("TOML");
        profile.remove("budget_control");
        let own: toml::Table = section.parse().expect("TOML");
        profile.insert("budget_control".to_owned(), own.into());
        Profile::parse(&profile.to_string())
    }

    fn rule(profile: &Profile, change: HeldChange) -> (WhenExceeded, WhenExceeded, Option<&str>) {
        let HoldRule { when_exceeded, without_budget, clause } = BudgetControlPolicy::rule_for(profile.budget_control.as_ref(), change);
        (when_exceeded, without_budget, clause)
    }

    #[test]
    fn an_authority_that_says_nothing_is_told_and_not_stopped() {
        use WhenExceeded::{Stop, Warn};
        let mut silent = with("when_exceeded = \"stop\"\nclause = \"F1\"").expect("sound");
        assert_eq!(rule(&silent, HeldChange::Grant), (Stop, Stop, Some("F1")));
        silent.budget_control = None;
        assert_eq!(rule(&silent, HeldChange::Grant), (Warn, Warn, None));
        assert!(!silent.counts_pending());
        let warns = with("when_exceeded = \"warn\"\nclause = \"F1\"").expect("sound");
        assert_eq!(rule(&warns, HeldChange::Decision), (Warn, Warn, Some("F1")));
        with("when_exceeded = \"stop\"").expect_err("no clause");
        with("when_exceeded = \"sometimes\"\nclause = \"F1\"").expect_err("no such word");
    }

    #[test]
    fn a_kind_of_change_may_have_a_rule_of_its_own() {
        use WhenExceeded::{Stop, Warn};
        let own = |rule: &str| with(&format!("when_exceeded = \"warn\"\nclause = \"F1\"\nchanges = [{rule}]"));
        let two = "{ change = \"virement\", when_exceeded = \"stop\", clause = \"F2\" }, \
                   { change = \"grant\", when_exceeded = \"stop\", without_budget = \"warn\", clause = \"F3\" }";
        let profile = own(two).expect("sound");
        assert_eq!(rule(&profile, HeldChange::Virement), (Stop, Stop, Some("F2")));
        assert_eq!(rule(&profile, HeldChange::Grant), (Stop, Warn, Some("F3")));
        assert_eq!(rule(&profile, HeldChange::PurchaseOrder), (Warn, Warn, Some("F1")));
        let twice = own(&format!("{two}, {{ change = \"grant\", when_exceeded = \"warn\", clause = \"F4\" }}")).expect_err("twice");
        assert!(twice.to_string().contains("`budget_control` has 2 rules for `grant`: keep one"), "{twice}");
        own("{ change = \"grant\", when_exceeded = \"stop\" }").expect_err("no clause");
        own("{ change = \"party\", when_exceeded = \"stop\", clause = \"F2\" }").expect_err("no such change");
    }

    #[test]
    fn every_bundled_authority_says_what_happens_with_each_kind_of_change() {
        for code in ["tameside", "kirklees", "warwickshire", "manchester", "knowsley"] {
            let profile = Profile::bundled(code).expect("sound");
            for change in HeldChange::VARIANTS {
                assert!(rule(&profile, *change).2.is_some_and(|clause| !clause.is_empty()), "{code} {change:?}");
            }
        }
    }

    #[test]
    fn pending_requests_need_a_weight_to_count() {
        let mut profile = Profile::bundled("warwickshire").expect("sound");
        profile.forecast.stages.clear();
        let policy =
            BudgetControlPolicy { when_exceeded: WhenExceeded::Warn, count_pending: true, clause: "F1".into(), changes: Vec::new() };
        let mut problems = Vec::new();
        check(Some(&policy), &profile.forecast, &mut problems);
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}
