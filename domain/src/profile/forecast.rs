//! How much of what is asked for is expected to come: weights for the forecast.

use crate::RequestState;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// How requests that are not carried out yet weigh in the forecast. A state without a stage does not count at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastPolicy {
    /// The states that count.
    #[serde(default)]
    pub stages: Vec<ForecastStage>,
}

/// What a request's lines weigh while it stands in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastStage {
    /// The request's state.
    pub state: RequestState,
    /// How much of its cost is forecast, in whole per cent, 0 to 100.
    #[schema(maximum = 100)]
    pub weight_percent: u8,
    /// Where the authority says so.
    pub clause: String,
}

impl ForecastPolicy {
    /// What a state weighs, in per cent; none, it does not count.
    pub fn weight_percent(&self, state: RequestState) -> Option<u8> {
        self.stages.iter().find(|stage| stage.state == state).map(|stage| stage.weight_percent)
    }
}

/// Adds what is wrong with the stages.
pub(super) fn check(policy: &ForecastPolicy, problems: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for stage in &policy.stages {
        if stage.weight_percent > 100 {
            problems.push(format!("requests in the state `{}` weigh {} per cent: at most 100", stage.state, stage.weight_percent));
        }
        if !seen.insert(stage.state) {
            problems.push(format!("the state `{}` has two weights", stage.state));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_above_the_whole_or_given_twice_is_a_mistake() {
        let stage = |weight_percent| ForecastStage { state: RequestState::Booked, weight_percent, clause: "T".into() };
        let policy = ForecastPolicy { stages: vec![stage(101), stage(50)] };
        let mut problems = Vec::new();
        check(&policy, &mut problems);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(policy.weight_percent(RequestState::Submitted), None);
    }
}
