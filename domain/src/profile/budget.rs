//! What happens when a decision would cost more than its budget has.

use super::forecast::ForecastPolicy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How decisions are held against budgets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetControlPolicy {
    /// Whether a decision is only told, or refused.
    pub when_exceeded: WhenExceeded,
    /// Whether requests that are not decided yet are taken off what is available, each by the weight of its state in the forecast.
    #[serde(default)]
    pub count_pending: bool,
    /// Where the authority says so.
    pub clause: String,
}

/// What happens when a decision would cost more than is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenExceeded {
    /// The answer and the audit trail say so; the decision counts.
    Warn,
    /// The decision is refused.
    Stop,
}

/// Adds what is wrong with the section.
pub(super) fn check(control: Option<&BudgetControlPolicy>, forecast: &ForecastPolicy, problems: &mut Vec<String>) {
    if control.is_some_and(|policy| policy.count_pending) && forecast.stages.is_empty() {
        problems.push("`budget_control` counts pending requests, and `forecast.stages` gives them no weight".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    fn with(section: &str) -> Result<Profile, crate::profile::BadProfile> {
        Profile::parse(&format!("{}\n[budget_control]\n{section}", include_str!("../../profiles/warwickshire.toml")))
    }

    #[test]
    fn an_authority_that_says_nothing_is_told_and_not_stopped() {
        let silent = Profile::parse(include_str!("../../profiles/warwickshire.toml")).expect("sound");
        assert!(!silent.stops_when_exceeded() && !silent.counts_pending());
        assert!(with("when_exceeded = \"stop\"\nclause = \"F1\"").expect("sound").stops_when_exceeded());
        assert!(!with("when_exceeded = \"warn\"\nclause = \"F1\"").expect("sound").stops_when_exceeded());
        with("when_exceeded = \"stop\"").expect_err("no clause");
        with("when_exceeded = \"sometimes\"\nclause = \"F1\"").expect_err("no such word");
    }

    #[test]
    fn pending_requests_need_a_weight_to_count() {
        let mut profile = with("when_exceeded = \"warn\"\ncount_pending = true\nclause = \"F1\"").unwrap_or_else(|bad| {
            assert!(bad.to_string().contains("`forecast.stages`"), "{bad}");
            Profile::parse(include_str!("../../profiles/warwickshire.toml")).expect("sound")
        });
        profile.forecast.stages.clear();
        profile.budget_control = Some(BudgetControlPolicy { when_exceeded: WhenExceeded::Warn, count_pending: true, clause: "F1".into() });
        let mut problems = Vec::new();
        check(profile.budget_control.as_ref(), &profile.forecast, &mut problems);
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}
