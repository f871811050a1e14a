//! What keeps a package line from carrying out an agreed line, and an order from being raised: a step that comes first and is missing.

use super::CommissioningStep;
use super::approval::Approval;
use crate::profile::CommissioningPolicy;
use crate::{Code, FieldError, Refusal};

/// Whether a step comes before the start of support that a budget line pays.
pub fn has_step_before_start(policy: &CommissioningPolicy, budget_line: &str) -> bool {
    policy.steps.iter().any(|demand| demand.before_start && demand.takes(budget_line))
}

/// The steps before the start that an agreed line lacks, and a provider that is not the one they were taken with. A step that was
/// taken late keeps nothing: it is a fact, and shown as late.
pub fn before_start_mistakes(
    policy: &CommissioningPolicy,
    approval: &Approval,
    agreed_line_id: &str,
    provider_id: Option<&str>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for needed in approval.needed(policy) {
        if !needed.demand.before_start || needed.line.is_some_and(|line| line != agreed_line_id) {
            continue;
        }
        let (name, clause) = (&needed.demand.name, &needed.demand.clause);
        let Some(taken) = approval.taken(needed.demand.step, needed.line) else {
            let detail = format!("a step before the start is missing: {name} ({clause})");
            errors.push(FieldError::new("/request_line_id", "step_missing", detail));
            continue;
        };
        if let Some(named) = taken.provider_id.as_deref().filter(|named| Some(*named) != provider_id) {
            let detail = format!("this is with provider {named}: {name} ({clause})");
            errors.push(FieldError::new("/provider_id", "another_provider", detail));
        }
    }
    errors
}

/// The steps that come before a purchase order for an agreed line and are missing.
pub fn early_order_mistakes(policy: &CommissioningPolicy, approval: &Approval, agreed_line_id: &str) -> Vec<FieldError> {
    let missing = approval.missing_before(policy, CommissioningStep::PurchaseOrder, Some(agreed_line_id));
    let detail = |name: &str, clause: &str| format!("this comes first: {name} ({clause})");
    let errors = missing.iter().map(|earlier| detail(&earlier.demand.name, &earlier.demand.clause));
    errors.map(|detail| FieldError::new("/line_ids", "step_missing", detail)).collect()
}

/// Refuses an order while a step that comes before it is missing.
pub fn refuse_early_order(mistakes: Vec<FieldError>) -> Result<(), Refusal> {
    if mistakes.is_empty() {
        return Ok(());
    }
    Err(Refusal::with_errors(Code::NotReady, mistakes).detailed("The order rests on a step that is missing."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commissioning::approval::Taken;
    use crate::commissioning::tests::{approval, demand, policy, taken};
    use crate::profile::StepDemand;
    use CommissioningStep as S;

    fn asked() -> CommissioningPolicy {
        let before_start = |step| StepDemand { before_start: true, ..demand(step) };
        let order = StepDemand { after: vec![S::PlacementAgreement], ..demand(S::PurchaseOrder) };
        policy(vec![before_start(S::FamilyTold), demand(S::ProfileSent), before_start(S::PlacementAgreement), order])
    }

    #[test]
    fn an_agreed_line_starts_when_the_steps_before_it_are_taken_with_its_provider() {
        let policy = asked();
        let mut approval = approval(&["a", "b"]);
        let codes = |approval: &Approval, provider| {
            let mistakes = before_start_mistakes(&policy, approval, "a", provider);
            mistakes.into_iter().map(|error| (error.code, error.detail)).collect::<Vec<_>>()
        };
        let missing = |name: &str| ("step_missing".to_owned(), format!("a step before the start is missing: {name} (Here)"));
        assert_eq!(codes(&approval, Some("p1")), [missing("family_told"), missing("placement_agreement")]);
        approval.take(S::FamilyTold, None, taken("2024-06-12"));
        // The agreement of another line is not this one's.
        approval.take(S::PlacementAgreement, Some("b".to_owned()), taken("2024-06-12"));
        assert_eq!(codes(&approval, Some("p1")), [missing("placement_agreement")]);
        // Late, which keeps nothing.
        let with = Taken { provider_id: Some("p1".to_owned()), ..taken("2025-01-01") };
        approval.take(S::PlacementAgreement, Some("a".to_owned()), with);
        assert_eq!(codes(&approval, Some("p1")), []);
        let another = ("another_provider".to_owned(), "this is with provider p1: placement_agreement (Here)".to_owned());
        for provider in [Some("p2"), None] {
            assert_eq!(codes(&approval, provider), std::slice::from_ref(&another), "{provider:?}");
        }
    }

    #[test]
    fn only_support_of_some_budget_lines_waits_for_a_step() {
        let for_home_care = StepDemand { budget_lines: vec!["home_care".to_owned()], before_start: true, ..demand(S::FamilyTold) };
        let policy = policy(vec![demand(S::ProfileSent), for_home_care]);
        assert!(has_step_before_start(&policy, "home_care"));
        assert!(!has_step_before_start(&policy, "direct_payments"));
    }

    #[test]
    fn an_order_waits_for_the_steps_before_it() {
        let policy = asked();
        let mut approval = approval(&["a", "b"]);
        approval.take(S::PlacementAgreement, Some("a".to_owned()), taken("2024-06-12"));
        assert_eq!(early_order_mistakes(&policy, &approval, "a"), []);
        let mistakes = early_order_mistakes(&policy, &approval, "b");
        assert_eq!(mistakes, [FieldError::new("/line_ids", "step_missing", "this comes first: placement_agreement (Here)")]);
        assert_eq!(refuse_early_order(vec![]), Ok(()));
        let refusal = refuse_early_order(mistakes).unwrap_err();
        assert_eq!((refusal.code, refusal.detail.as_str()), (Code::NotReady, "The order rests on a step that is missing."));
    }
}
