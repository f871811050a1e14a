//! Recording a step: whether the profile asks for it, on which days, with whose signatures, of which provider, and after which others.

use super::CommissioningStep;
use super::approval::Approval;
use crate::profile::{CommissioningPolicy, StepDemand};
use crate::{Code, FieldError, Refusal};
use chrono::NaiveDate;

/// A step to record.
#[derive(Debug, Clone, Copy)]
pub struct StepTerms<'s> {
    /// The step.
    pub step: CommissioningStep,
    /// The agreed line it is for; none, the whole.
    pub line: Option<&'s str>,
    /// When it was taken.
    pub taken_on: NaiveDate,
    /// When the provider signed.
    pub signed_by_provider_on: Option<NaiveDate>,
    /// When the manager signed.
    pub signed_by_manager_on: Option<NaiveDate>,
    /// The manager who signed: a user's id.
    pub manager_id: Option<&'s str>,
    /// The provider it names.
    pub provider_id: Option<&'s str>,
}

/// The manager who signed.
#[derive(Debug, Clone, Default)]
pub struct Signer {
    /// Whether it is a user.
    pub is_user: bool,
    /// The posts that the user is in on the day of the signature.
    pub posts: Vec<String>,
}

/// What asks for the step, or why it is not recorded here.
pub fn demanded<'p>(policy: &'p CommissioningPolicy, approval: &Approval, new: StepTerms<'_>) -> Result<&'p StepDemand, FieldError> {
    let StepTerms { step, line, .. } = new;
    if let Some(record) = step.shown_by() {
        return Err(FieldError::new(
            "/step",
            "known_from_another_record",
            format!(
                "`{step}` is not recorded as a step. Record {record} \
            instead"
            ),
        ));
    }
    match line {
        None if step.is_of_a_line() => {
            return Err(FieldError::new("/request_line_id", "missing", format!("`{step}` is taken for each agreed line")));
        }
        Some(_) if !step.is_of_a_line() => {
            return Err(FieldError::new("/request_line_id", "not_of_this_step", format!("`{step}` is taken once for the whole")));
        }
        Some(line) if approval.line(line).is_none() => {
            return Err(FieldError::new("/request_line_id", "unknown_reference", "the decision agreed no line with this id"));
        }
        _ => {}
    }
    let is_needed = approval.needed(policy).iter().any(|one| one.demand.step == step && one.line == line);
    let demand = policy.steps.iter().find(|demand| is_needed && demand.step == step);
    demand.ok_or_else(|| FieldError::new("/step", "not_asked_for", "the authority's profile does not ask for this step here"))
}

/// Days before the decision or after today, and a step that was taken before its last signature.
pub fn day_mistakes(decided_on: NaiveDate, today: NaiveDate, new: StepTerms<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let days = [
        ("/taken_on", Some(new.taken_on)),
        ("/signed_by_provider_on", new.signed_by_provider_on),
        ("/signed_by_manager_on", new.signed_by_manager_on),
    ];
    for (field, day) in days.into_iter().filter_map(|(field, day)| Some((field, day?))) {
        if day < decided_on || day > today {
            errors.push(FieldError::new(field, "out_of_range", format!("a day from {decided_on}, the decision's, to today")));
        }
        if day > new.taken_on {
            let detail = "a placement agreement is complete with its last signature, not before";
            errors.push(FieldError::new("/taken_on", "before_signature", detail));
        }
    }
    errors
}

/// A placement agreement has two signatures and a manager who may sign; no other step has.
pub fn signature_mistakes(demand: Option<&StepDemand>, new: StepTerms<'_>, signer: &Signer) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let is_signed = new.step == CommissioningStep::PlacementAgreement;
    for (field, is_given) in [
        ("/signed_by_provider_on", new.signed_by_provider_on.is_some()),
        ("/signed_by_manager_on", new.signed_by_manager_on.is_some()),
        ("/manager_id", new.manager_id.is_some()),
    ] {
        match (is_signed, is_given) {
            (true, false) => errors.push(FieldError::new(field, "missing", "a placement agreement is signed by both")),
            (false, true) => errors.push(FieldError::new(field, "not_of_this_step", "only a placement agreement has signatures")),
            _ => {}
        }
    }
    let (Some(demand), Some(_), Some(signed_on)) = (demand, new.manager_id, new.signed_by_manager_on) else { return errors };
    if demand.posts.is_empty() {
        if !signer.is_user {
            errors.push(FieldError::new("/manager_id", "unknown_reference", "no user has this id"));
        }
    } else if !signer.posts.iter().any(|post| demand.posts.contains(post)) {
        let detail = format!("somebody in the post of {} on {signed_on} signs it ({})", demand.posts.join(" or "), demand.clause);
        errors.push(FieldError::new("/manager_id", "not_in_post", detail));
    }
    errors
}

/// The provider that a step names, if it is about one: the one given, else the one found for the line; never another than that.
/// `is_known` says whether there is a provider with the id given.
pub fn provider(approval: &Approval, new: StepTerms<'_>, is_known: bool) -> Result<Option<String>, FieldError> {
    let refuse = |code: &str, detail: &str| Err(FieldError::new("/provider_id", code, detail));
    let given = new.provider_id;
    if !new.step.names_a_provider() {
        return if given.is_some() { refuse("not_of_this_step", "this step is about no provider") } else { Ok(None) };
    }
    let found = approval.taken(CommissioningStep::ProviderFound, new.line).and_then(|taken| taken.provider_id.as_deref());
    match (given, found) {
        (Some(given), Some(found)) if given != found => refuse("another_provider", &format!("provider {found} was found for this line")),
        (Some(given), _) if is_known => Ok(Some(given.to_owned())),
        (Some(_), _) => refuse("unknown_reference", "no provider has this id"),
        (None, Some(found)) => Ok(Some(found.to_owned())),
        (None, None) => refuse("missing", "no provider was found for this line yet"),
    }
}

/// A step is recorded once. `taker` is the name of the user who took it before.
pub fn repeated(step: CommissioningStep, taken_on: NaiveDate, taker: Option<&str>) -> Refusal {
    let who = taker.unwrap_or("an API client");
    Refusal::new(Code::StateConflict, format!("`{step}` is on record: {who} took it on {taken_on}."))
}

/// Refuses a step while one that comes first is missing.
pub fn refuse_out_of_order(policy: &CommissioningPolicy, approval: &Approval, new: StepTerms<'_>) -> Result<(), Refusal> {
    let missing = approval.missing_before(policy, new.step, new.line);
    if missing.is_empty() {
        return Ok(());
    }
    let errors = missing.iter().map(|earlier| {
        let detail = format!("this comes first: {} ({})", earlier.demand.name, earlier.demand.clause);
        FieldError::new("/step", "step_missing", detail)
    });
    Err(Refusal::with_errors(Code::NotReady, errors.collect()).detailed(format!("`{}` rests on a step that is missing.", new.step)))
}

/// A step is not taken back while a later one that rests on it stands.
pub fn refuse_rested_on(
    policy: &CommissioningPolicy,
    approval: &Approval,
    step: CommissioningStep,
    line: Option<&str>,
) -> Result<(), Refusal> {
    match approval.resting_on(policy, step, line) {
        None => Ok(()),
        Some(later) => Err(Refusal::new(
            Code::StateConflict,
            format!(
                "The later step `{}` depends on this one. Reverse that step \
            first.",
                later.demand.step
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commissioning::approval::Taken;
    use crate::commissioning::tests::{approval, day, demand, policy, taken};
    use CommissioningStep as S;

    fn asked() -> CommissioningPolicy {
        let signed = StepDemand { after: vec![S::ProviderFound], posts: vec!["head".to_owned()], ..demand(S::PlacementAgreement) };
        policy(vec![demand(S::FamilyTold), demand(S::ProviderFound), signed])
    }

    fn new<'s>(step: CommissioningStep, line: Option<&'s str>) -> StepTerms<'s> {
        StepTerms {
            step,
            line,
            taken_on: day("2024-06-12"),
            signed_by_provider_on: None,
            signed_by_manager_on: None,
            manager_id: None,
            provider_id: None,
        }
    }

    #[test]
    fn a_step_is_recorded_where_the_profile_asks_for_it_and_no_other_record_shows_it() {
        let (policy, approval) = (asked(), approval(&["a"]));
        for (step, line, answer) in [
            (S::FamilyTold, None, "family_told"),
            (S::ProviderFound, Some("a"), "provider_found"),
            (S::PurchaseOrder, Some("a"), "/step known_from_another_record"),
            (S::ProviderFound, None, "/request_line_id missing"),
            (S::FamilyTold, Some("a"), "/request_line_id not_of_this_step"),
            (S::ProviderFound, Some("z"), "/request_line_id unknown_reference"),
            (S::OutcomeSent, None, "/step not_asked_for"),
        ] {
            let said = match demanded(&policy, &approval, new(step, line)) {
                Ok(demand) => demand.step.to_string(),
                Err(error) => format!("{} {}", error.pointer, error.code),
            };
            assert_eq!(said, answer, "{step} {line:?}");
        }
    }

    #[test]
    fn a_step_is_taken_from_the_decision_to_today_and_with_its_last_signature() {
        let (decided_on, today) = (day("2024-06-10"), day("2024-06-14"));
        for (taken_on, provider_on, manager_on, codes) in [
            ("2024-06-10", None, None, vec![]),
            ("2024-06-14", None, None, vec![]),
            ("2024-06-09", None, None, vec!["/taken_on out_of_range"]),
            ("2024-06-15", None, None, vec!["/taken_on out_of_range"]),
            ("2024-06-12", Some("2024-06-11"), Some("2024-06-12"), vec![]),
            ("2024-06-12", Some("2024-06-13"), Some("2024-06-12"), vec!["/taken_on before_signature"]),
            ("2024-06-12", Some("2024-06-11"), Some("2024-06-09"), vec!["/signed_by_manager_on out_of_range"]),
        ] {
            let step = StepTerms {
                taken_on: day(taken_on),
                signed_by_provider_on: provider_on.map(day),
                signed_by_manager_on: manager_on.map(day),
                ..new(S::PlacementAgreement, Some("a"))
            };
            let said: Vec<_> =
                day_mistakes(decided_on, today, step).iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
            assert_eq!(said, codes, "{taken_on}");
        }
    }

    #[test]
    fn a_placement_agreement_has_two_signatures_and_a_manager_in_post() {
        let policy = asked();
        let (signed, anybody) = (&policy.steps[2], StepDemand { posts: vec![], ..policy.steps[2].clone() });
        let unsigned = new(S::PlacementAgreement, Some("a"));
        let full = StepTerms {
            signed_by_provider_on: Some(day("2024-06-11")),
            signed_by_manager_on: Some(day("2024-06-12")),
            manager_id: Some("ann"),
            ..unsigned
        };
        let user = |posts: &[&str]| Signer { is_user: true, posts: posts.iter().map(|post| (*post).to_owned()).collect() };
        for (demand, step, signer, codes) in [
            (signed, full, user(&["head"]), vec![]),
            (signed, full, user(&["clerk"]), vec!["/manager_id not_in_post"]),
            (signed, full, user(&[]), vec!["/manager_id not_in_post"]),
            (&anybody, full, user(&[]), vec![]),
            (&anybody, full, Signer::default(), vec!["/manager_id unknown_reference"]),
            (
                signed,
                unsigned,
                Signer::default(),
                vec!["/signed_by_provider_on missing", "/signed_by_manager_on missing", "/manager_id missing"],
            ),
            (
                signed,
                StepTerms { step: S::ProviderFound, manager_id: None, signed_by_manager_on: None, ..full },
                Signer::default(),
                vec!["/signed_by_provider_on not_of_this_step"],
            ),
        ] {
            let said: Vec<_> =
                signature_mistakes(Some(demand), step, &signer).iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
            assert_eq!(said, codes);
        }
    }

    #[test]
    fn a_step_names_the_provider_that_was_found_for_its_line() {
        let mut found = approval(&["a", "b"]);
        found.take(S::ProviderFound, Some("a".to_owned()), Taken { provider_id: Some("p1".to_owned()), ..taken("2024-06-11") });
        for (step, line, given, is_known, answer) in [
            (S::FamilyTold, None, None, false, Ok(None)),
            (S::FamilyTold, None, Some("p1"), true, Err("not_of_this_step")),
            (S::PlacementAgreement, Some("a"), None, false, Ok(Some("p1"))),
            (S::PlacementAgreement, Some("a"), Some("p1"), true, Ok(Some("p1"))),
            (S::PlacementAgreement, Some("a"), Some("p2"), true, Err("another_provider")),
            (S::PlacementAgreement, Some("b"), None, false, Err("missing")),
            (S::ProviderFound, Some("b"), Some("p2"), true, Ok(Some("p2"))),
            (S::ProviderFound, Some("b"), Some("p2"), false, Err("unknown_reference")),
        ] {
            let said = provider(&found, StepTerms { provider_id: given, ..new(step, line) }, is_known);
            let expected = answer.map(|id| id.map(str::to_owned)).map_err(str::to_owned);
            assert_eq!(said.map_err(|error| error.code), expected, "{step} {line:?} {given:?}");
        }
    }

    #[test]
    fn steps_come_in_their_order_and_go_in_the_reverse() {
        let policy = asked();
        let mut approval = approval(&["a"]);
        let agreement = new(S::PlacementAgreement, Some("a"));
        let refusal = refuse_out_of_order(&policy, &approval, agreement).unwrap_err();
        assert_eq!((refusal.code, refusal.detail.as_str()), (Code::NotReady, "`placement_agreement` rests on a step that is missing."));
        assert_eq!(refusal.errors, [FieldError::new("/step", "step_missing", "this comes first: provider_found (Here)")]);
        approval.take(S::ProviderFound, Some("a".to_owned()), taken("2024-06-11"));
        assert_eq!(refuse_out_of_order(&policy, &approval, agreement), Ok(()));
        assert_eq!(refuse_rested_on(&policy, &approval, S::ProviderFound, Some("a")), Ok(()));
        approval.take(S::PlacementAgreement, Some("a".to_owned()), taken("2024-06-12"));
        let refusal = refuse_rested_on(&policy, &approval, S::ProviderFound, Some("a")).unwrap_err();
        assert_eq!(refusal.detail, "The later step `placement_agreement` depends on this one. Reverse that step first.");
        let repeated = repeated(S::ProviderFound, day("2024-06-11"), None);
        assert_eq!(repeated.detail, "`provider_found` is on record: an API client took it on 2024-06-11.");
    }
}
