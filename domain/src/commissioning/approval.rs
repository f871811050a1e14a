//! An approval, as far as its commissioning goes: which steps it needs, which are taken, and which were taken late.

use super::CommissioningStep;
use crate::panel::{AuthorisationKind, AuthorisationOutcome};
use crate::profile::{AgreedLine, CommissioningPolicy, Needed};
use crate::{Code, Refusal, RequestState};
use chrono::NaiveDate;
use std::collections::HashMap;

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The record of it; none where another record shows it.
    pub record_id: Option<String>,
    /// On which day.
    pub on: NaiveDate,
    /// By whom: a user's id, or of what another record shows the id of whoever recorded that.
    pub by: String,
    /// The provider it names.
    pub provider_id: Option<String>,
}

/// A line that was agreed.
#[derive(Debug, Clone)]
pub struct ApprovedLine {
    /// The request line's id.
    pub id: String,
    /// What it provides.
    pub service: String,
    /// The budget line that pays.
    pub budget_line: String,
    /// The first day it was agreed for.
    pub valid_from: NaiveDate,
}

/// An approval, as far as its commissioning goes.
#[derive(Debug)]
pub struct Approval {
    /// The decision.
    pub decision_id: String,
    /// The panel's day, or that of the agreement.
    pub decided_on: NaiveDate,
    /// What was agreed.
    pub lines: Vec<ApprovedLine>,
    taken: HashMap<(CommissioningStep, Option<String>), Taken>,
    /// When a package line that carries an agreed line out starts.
    started: HashMap<String, NaiveDate>,
}

impl Approval {
    /// One of which nothing is known yet but its day.
    pub fn new(decision_id: String, decided_on: NaiveDate) -> Self {
        Approval { decision_id, decided_on, lines: Vec::new(), taken: HashMap::new(), started: HashMap::new() }
    }

    /// Adds a step that was taken: of a line, or of the whole.
    pub fn take(&mut self, step: CommissioningStep, line: Option<String>, taken: Taken) {
        self.taken.insert((step, line), taken);
    }

    /// Adds the day on which a package line that carries an agreed line out starts.
    pub fn start(&mut self, line: String, on: NaiveDate) {
        self.started.insert(line, on);
    }

    /// The steps that the profile asks for.
    pub fn needed<'a>(&'a self, policy: &'a CommissioningPolicy) -> Vec<Needed<'a>> {
        let lines: Vec<_> = self.lines.iter().map(|line| AgreedLine { id: &line.id, budget_line: &line.budget_line }).collect();
        policy.needed(&lines, self.decided_on)
    }

    /// Those of them that are not taken.
    pub fn missing<'a>(&'a self, policy: &'a CommissioningPolicy) -> Vec<Needed<'a>> {
        self.needed(policy).into_iter().filter(|needed| self.taken(needed.demand.step, needed.line).is_none()).collect()
    }

    /// The steps asked for before a step of a line, or of the whole, that are not taken.
    pub fn missing_before<'a>(&'a self, policy: &'a CommissioningPolicy, step: CommissioningStep, line: Option<&str>) -> Vec<Needed<'a>> {
        let Some(demand) = policy.steps.iter().find(|demand| demand.step == step) else { return Vec::new() };
        let is_earlier = |needed: &Needed<'_>| concerns(needed, line) && demand.after.contains(&needed.demand.step);
        self.missing(policy).into_iter().filter(is_earlier).collect()
    }

    /// The first step that was taken and rests on a step of a line, or of the whole.
    pub fn resting_on<'a>(&'a self, policy: &'a CommissioningPolicy, step: CommissioningStep, line: Option<&str>) -> Option<Needed<'a>> {
        let rests_on_it = |later: &Needed<'_>| {
            concerns(later, line) && later.demand.after.contains(&step) && self.taken(later.demand.step, later.line).is_some()
        };
        self.needed(policy).into_iter().find(rests_on_it)
    }

    /// A step of a line, or of the whole, if it was taken.
    pub fn taken(&self, step: CommissioningStep, line: Option<&str>) -> Option<&Taken> {
        self.taken.get(&(step, line.map(str::to_owned)))
    }

    /// The agreed line with that id.
    pub fn line(&self, id: &str) -> Option<&ApprovedLine> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// The day on which the support of a line starts, or the first of all: as the package says, else as it was agreed.
    pub fn starts_on(&self, line: Option<&str>) -> Option<NaiveDate> {
        let concerned = self.lines.iter().filter(|agreed| line.is_none_or(|id| id == agreed.id));
        concerned.map(|agreed| self.started.get(&agreed.id).copied().unwrap_or(agreed.valid_from)).min()
    }

    /// Whether a step that comes before the start was taken after it.
    pub fn is_late(&self, needed: &Needed<'_>) -> bool {
        let taken = self.taken(needed.demand.step, needed.line).filter(|_| needed.demand.before_start);
        matches!((taken, self.starts_on(needed.line)), (Some(taken), Some(start)) if taken.on > start)
    }
}

/// Whether a step is of this line, or of the whole; without a line, every step is.
fn concerns(needed: &Needed<'_>, line: Option<&str>) -> bool {
    line.is_none() || needed.line.is_none() || needed.line == line
}

/// Whether what a request asked for may be commissioned.
pub fn is_approved(state: RequestState) -> bool {
    matches!(state, RequestState::Approved | RequestState::ApprovedInPart)
}

/// The decision that is carried out; what is done for an approval is refused where there is none.
pub fn approved_decision(state: RequestState, decision_id: Option<&str>) -> Result<&str, Refusal> {
    match decision_id {
        Some(decision) if is_approved(state) => Ok(decision),
        _ => {
            let detail = format!("The request is `{state}`: only what is approved is commissioned.");
            Err(Refusal::new(Code::StateConflict, detail))
        }
    }
}

/// The day on which an approval had its authority, by what posts said of it; without any, the decision's.
pub fn approved_on(said: impl Iterator<Item = (AuthorisationKind, AuthorisationOutcome, NaiveDate)>, decided_on: NaiveDate) -> NaiveDate {
    let given = said.filter(|(kind, outcome, _)| *kind == AuthorisationKind::Authority && *outcome == AuthorisationOutcome::Given);
    given.map(|(.., on)| on).max().unwrap_or(decided_on)
}

/// Who sees to the steps: whoever was named last, else whoever presented what was decided on.
pub fn worker(named_last: Option<String>, presenter: Option<String>) -> Option<String> {
    named_last.or(presenter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commissioning::tests::{approval, day, demand, policy, taken};
    use crate::profile::StepDemand;
    use CommissioningStep as S;
    use strum::VariantArray;

    fn steps(needed: &[Needed<'_>]) -> Vec<(CommissioningStep, Option<String>)> {
        needed.iter().map(|one| (one.demand.step, one.line.map(str::to_owned))).collect()
    }

    fn asked() -> CommissioningPolicy {
        let told = demand(S::FamilyTold);
        let found = demand(S::ProviderFound);
        let agreement = StepDemand { after: vec![S::FamilyTold, S::ProviderFound], before_start: true, ..demand(S::PlacementAgreement) };
        policy(vec![told, found, agreement])
    }

    #[test]
    fn a_step_is_missing_until_it_is_taken_for_its_own_line() {
        let policy = asked();
        let mut approval = approval(&["a", "b"]);
        let of = |step, line: &str| (step, Some(line.to_owned()));
        let all = [
            (S::FamilyTold, None),
            of(S::ProviderFound, "a"),
            of(S::ProviderFound, "b"),
            of(S::PlacementAgreement, "a"),
            of(S::PlacementAgreement, "b"),
        ];
        assert_eq!(steps(&approval.needed(&policy)), all);
        assert_eq!(steps(&approval.missing(&policy)), all);
        approval.take(S::ProviderFound, Some("b".to_owned()), taken("2024-06-12"));
        assert_eq!(steps(&approval.missing(&policy)), [all[0].clone(), all[1].clone(), all[3].clone(), all[4].clone()]);
        for (line, earlier) in [
            (Some("a"), vec![all[0].clone(), all[1].clone()]),
            (Some("b"), vec![all[0].clone()]),
            (None, vec![all[0].clone(), all[1].clone()]),
        ] {
            assert_eq!(steps(&approval.missing_before(&policy, S::PlacementAgreement, line)), earlier, "{line:?}");
        }
        assert_eq!(approval.missing_before(&policy, S::FamilyTold, None), []);
        // A step that the profile does not ask for rests on none.
        assert_eq!(approval.missing_before(&policy, S::PurchaseOrder, Some("a")), []);
    }

    #[test]
    fn a_step_that_another_rests_on_is_found_where_it_concerns_the_same_line() {
        let policy = asked();
        let mut approval = approval(&["a", "b"]);
        approval.take(S::PlacementAgreement, Some("a".to_owned()), taken("2024-06-12"));
        for (step, line, rests) in [
            (S::ProviderFound, Some("a"), true),
            (S::ProviderFound, Some("b"), false),
            (S::FamilyTold, None, true),
            (S::PlacementAgreement, Some("a"), false),
        ] {
            assert_eq!(approval.resting_on(&policy, step, line).is_some(), rests, "{step} {line:?}");
        }
    }

    #[test]
    fn a_step_before_the_start_is_late_from_the_day_after_it() {
        let policy = asked();
        // Agreed from 2024-07-01.
        for (started, taken_on, is_late) in [
            (None, "2024-07-01", false),
            (None, "2024-07-02", true),
            (Some("2024-06-17"), "2024-06-17", false),
            (Some("2024-06-17"), "2024-06-18", true),
            (Some("2024-08-01"), "2024-07-02", false),
        ] {
            let mut approval = approval(&["a"]);
            if let Some(on) = started {
                approval.start("a".to_owned(), day(on));
            }
            for step in [S::ProviderFound, S::PlacementAgreement] {
                approval.take(step, Some("a".to_owned()), taken(taken_on));
            }
            let late: Vec<_> = approval.needed(&policy).into_iter().filter(|needed| approval.is_late(needed)).collect();
            let expected = if is_late { vec![(S::PlacementAgreement, Some("a".to_owned()))] } else { vec![] };
            assert_eq!(steps(&late), expected, "{started:?} {taken_on}");
        }
    }

    #[test]
    fn support_starts_as_the_package_says_else_as_agreed() {
        let mut approval = approval(&["a", "b"]);
        assert_eq!(approval.starts_on(None), Some(day("2024-07-01")));
        approval.start("b".to_owned(), day("2024-06-20"));
        for (line, starts_on) in
            [(None, Some("2024-06-20")), (Some("a"), Some("2024-07-01")), (Some("b"), Some("2024-06-20")), (Some("c"), None)]
        {
            assert_eq!(approval.starts_on(line), starts_on.map(day), "{line:?}");
        }
    }

    #[test]
    fn only_what_is_approved_is_commissioned() {
        for state in RequestState::VARIANTS {
            let may = matches!(state, RequestState::Approved | RequestState::ApprovedInPart);
            assert_eq!(is_approved(*state), may, "{state}");
            assert_eq!(approved_decision(*state, Some("d")).is_ok(), may, "{state}");
            assert!(approved_decision(*state, None).is_err(), "{state}");
        }
    }

    #[test]
    fn an_approval_counts_from_its_last_authority() {
        use AuthorisationKind::{Authority, Ratification};
        use AuthorisationOutcome::{Declined, Given};
        let decided_on = day("2024-06-10");
        for (said, expected) in [
            (vec![], "2024-06-10"),
            (vec![(Authority, Given, day("2024-06-12"))], "2024-06-12"),
            (vec![(Authority, Given, day("2024-06-14")), (Authority, Given, day("2024-06-12"))], "2024-06-14"),
            (vec![(Ratification, Given, day("2024-06-12"))], "2024-06-10"),
            (vec![(Authority, Declined, day("2024-06-12"))], "2024-06-10"),
        ] {
            assert_eq!(approved_on(said.clone().into_iter(), decided_on), day(expected), "{said:?}");
        }
    }

    #[test]
    fn whoever_is_named_sees_to_the_steps_else_whoever_presented() {
        let (ann, cas) = (|| Some("ann".to_owned()), || Some("cas".to_owned()));
        for (named, presenter, worker_id) in [(ann(), cas(), ann()), (None, cas(), cas()), (ann(), None, ann()), (None, None, None)] {
            assert_eq!(worker(named, presenter), worker_id);
        }
    }
}
