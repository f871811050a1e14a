//! Where a decision leads: at once, to ratification, to the post that has the authority, or back to the panel.

use crate::authority::{Authority, Candidate, Limit};
use crate::panel::chair::{PostHeld, chairs_in};
use crate::panel::{AppealOutcome, Attendance, AuthorisationOutcome, DecisionKind};
use crate::profile::PanelPolicy;
use crate::{Code, FieldError, FinancialYear, Pence, Refusal, RequestState};
use chrono::NaiveDate;

/// Whether a decision agrees support, whole or in part.
pub fn is_approval(kind: DecisionKind) -> bool {
    matches!(kind, DecisionKind::Approved | DecisionKind::ApprovedInPart)
}

/// The state that a decision of a kind leads to once it has its authority.
pub fn decided_state(kind: DecisionKind) -> RequestState {
    match kind {
        DecisionKind::Approved => RequestState::Approved,
        DecisionKind::ApprovedInPart => RequestState::ApprovedInPart,
        DecisionKind::Deferred => RequestState::Deferred,
        DecisionKind::Declined => RequestState::Declined,
        DecisionKind::Signposted => RequestState::Signposted,
    }
}

/// Where a decision leads, and what is put behind it on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leads {
    /// The request's next state.
    pub to: RequestState,
    /// Whether whoever decides puts the authority of their post behind it, so that an approval counts from now on.
    pub has_authority: bool,
    /// When another post hears it, where it goes on to one.
    pub hearing_on: Option<NaiveDate>,
}

/// The approval waits for another post, so a day is needed on which that post hears it.
pub fn hearing_needed(total: Pence, tier: &[Limit]) -> FieldError {
    let posts: Vec<_> = tier.iter().map(|limit| limit.post.as_str()).collect();
    let posts = if posts.is_empty() { "no post, since none has a limit that covers it".to_owned() } else { posts.join(" or ") };
    let detail = format!(
        "you may not authorise the child's total care package of {total} a year. Responsible: {posts}. Give the day on which it is \
         heard there"
    );
    FieldError::new("/authority_hearing_on", "missing", detail)
}

/// Whoever decides in the chair, in a post that chairs and has the authority. Another post of theirs puts nothing behind it: whoever decides
/// it in the chair does not put a higher post's authority behind it as well.
pub fn chair_with_authority<'a>(policy: &PanelPolicy, authority: &'a Authority, caller: &str) -> Option<&'a Candidate> {
    let own = authority.people.iter().filter(|person| person.user_id == caller && person.may_authorise);
    let mut chairing = own.filter(|person| chairs_in(policy, &PostHeld { post: &person.post, capacity: person.capacity }));
    chairing.next()
}

/// Where a decision at a panel leads: a deputy's to ratification, an approval above the chair's authority to the post that has it. `chair` is
/// whoever decides, in the post that chairs, where that has the authority.
pub fn leads_to(
    kind: DecisionKind,
    (part, chair): (Attendance, Option<&Candidate>),
    (authority, total): (&Authority, Pence),
    hearing_on: Option<NaiveDate>,
) -> Result<Leads, Refusal> {
    if part == Attendance::DeputyChair {
        return Ok(Leads { to: RequestState::AwaitingRatification, has_authority: false, hearing_on });
    }
    let has_authority = is_approval(kind) && chair.is_some();
    if has_authority || !is_approval(kind) {
        // A day that was given in case is kept only where there is another post to hear it.
        return Ok(Leads { to: decided_state(kind), has_authority, hearing_on: None });
    }
    if hearing_on.is_none() {
        return Err(Refusal::invalid(vec![hearing_needed(total, &authority.tier)]));
    }
    Ok(Leads { to: RequestState::AwaitingAuthority, has_authority: false, hearing_on })
}

/// Where a ratified decision leads: an approval that the ratifying post's own limit does not cover goes on to the post that has it.
/// `hearing_on` is what the ratification says, or else what the decision gave.
pub fn ratified_leads_to(
    (kind, decided_on): (DecisionKind, NaiveDate),
    (caller, post): (&str, &str),
    (authority, total): (&Authority, Pence),
    hearing_on: Option<NaiveDate>,
) -> Result<Leads, Refusal> {
    let has_authority = is_approval(kind) && authority.has_in_post(caller, post).is_some();
    if has_authority || !is_approval(kind) {
        return Ok(Leads { to: decided_state(kind), has_authority, hearing_on: None });
    }
    let Some(hearing) = hearing_on else { return Err(Refusal::invalid(vec![hearing_needed(total, &authority.tier)])) };
    if hearing < decided_on || FinancialYear::of(hearing).is_err() {
        let detail = format!("not before the decision's day, {decided_on}");
        return Err(Refusal::invalid(vec![FieldError::new("/authority_hearing_on", "out_of_range", detail)]));
    }
    Ok(Leads { to: RequestState::AwaitingAuthority, has_authority: false, hearing_on: Some(hearing) })
}

/// Where a decision leads that the post refuses. A declined approval is a refusal; what was no approval is not turned into one: the
/// panel hears it again.
pub fn refused_state(kind: DecisionKind) -> RequestState {
    if is_approval(kind) { RequestState::Declined } else { RequestState::Submitted }
}

/// Where an appeal leads: dismissed, the decision stands; upheld, the request is heard again.
pub fn after_appeal(outcome: AppealOutcome, before: RequestState) -> RequestState {
    match outcome {
        AppealOutcome::Dismissed => before,
        AppealOutcome::Upheld => RequestState::Submitted,
    }
}

/// A reason of the list goes with an approval that is declined, and with nothing else.
pub fn reason_mistake(kind: DecisionKind, outcome: AuthorisationOutcome, has_reason: bool) -> Option<FieldError> {
    let is_needed = outcome == AuthorisationOutcome::Declined && is_approval(kind);
    let (code, detail) = match (is_needed, has_reason) {
        (true, false) => ("missing", "declining an approval needs it"),
        (false, true) => ("not_of_this_kind", "only an approval that is declined has it"),
        _ => return None,
    };
    Some(FieldError::new("/decline_reason", code, detail))
}

/// Refuses to put a decision on the child's record that still waits for a post.
pub fn refuse_before_ratified(state: RequestState, is_last_decision: bool) -> Result<(), Refusal> {
    if is_last_decision && matches!(state, RequestState::AwaitingRatification | RequestState::AwaitingAuthority) {
        let detail = format!(
            "The decision is still `{state}`. Record the case management decision once a post has ratified or \
            authorised it."
        );
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::{Bar, Candidate};
    use crate::panel::Capacity;
    use crate::profile::Posts;
    use DecisionKind as K;
    use RequestState as S;
    use strum::VariantArray;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// Managers, heads and directors chair.
    fn policy() -> PanelPolicy {
        let posts = ["manager", "head", "director"].map(str::to_owned).to_vec();
        PanelPolicy { chair: Some(Posts { posts, clause: String::new() }), ..PanelPolicy::default() }
    }

    fn authority() -> Authority {
        let limit = |post: &str| Limit { post: post.to_owned(), up_to_pence: Some(Pence(1)), any_amount: false, clause: String::new() };
        let place = |user: &str, post: &str, why_not: &[Bar]| Candidate {
            user_id: user.to_owned(),
            username: user.to_owned(),
            post: post.to_owned(),
            capacity: Capacity::Holder,
            limit: Some(limit(post)),
            may_authorise: why_not.is_empty(),
            why_not: why_not.to_vec(),
        };
        Authority {
            tier: vec![limit("head")],
            people: vec![
                place("hos", "head", &[]),
                place("ad", "director", &[Bar::LowerPostResponsible]),
                place("sum", "manager", &[Bar::AboveLimit]),
                place("both", "manager", &[Bar::AboveLimit]),
                place("both", "above", &[]),
            ],
        }
    }

    #[test]
    fn a_deputys_decision_waits_and_a_chairs_approval_needs_the_authority() {
        let hearing = Some(day("2024-05-16"));
        for (kind, part, caller, given, leads) in [
            (K::Approved, Attendance::Chair, "hos", None, Some((S::Approved, true, None))),
            (K::ApprovedInPart, Attendance::Chair, "hos", hearing, Some((S::ApprovedInPart, true, None))),
            (K::Approved, Attendance::Chair, "sum", hearing, Some((S::AwaitingAuthority, false, hearing))),
            (K::Approved, Attendance::Chair, "sum", None, None),
            // A post that does not chair puts nothing behind it, though its holder chairs in another.
            (K::Approved, Attendance::Chair, "both", hearing, Some((S::AwaitingAuthority, false, hearing))),
            (K::Approved, Attendance::Chair, "both", None, None),
            // At the panel, a lower post that is free is in the way.
            (K::Approved, Attendance::Chair, "ad", None, None),
            (K::Declined, Attendance::Chair, "sum", None, Some((S::Declined, false, None))),
            (K::Deferred, Attendance::Chair, "sum", None, Some((S::Deferred, false, None))),
            (K::Signposted, Attendance::Chair, "hos", None, Some((S::Signposted, false, None))),
            (K::Approved, Attendance::DeputyChair, "hos", hearing, Some((S::AwaitingRatification, false, hearing))),
            (K::Declined, Attendance::DeputyChair, "hos", None, Some((S::AwaitingRatification, false, None))),
        ] {
            let authority = authority();
            let chair = chair_with_authority(&policy(), &authority, caller);
            let found = leads_to(kind, (part, chair), (&authority, Pence(1_500_000)), given);
            match leads {
                Some((to, has_authority, hearing_on)) => assert_eq!(
                    found,
                    Ok(Leads { to, has_authority, hearing_on }),
                    "{kind} \
                    {caller}"
                ),
                None => {
                    let error = found.expect_err("needs a hearing").errors.remove(0);
                    assert_eq!((error.pointer.as_str(), error.code.as_str()), ("/authority_hearing_on", "missing"), "{kind} {caller}");
                    assert!(error.detail.contains("£15,000.00 a year") && error.detail.contains("Responsible: head."), "{}", error.detail);
                }
            }
        }
    }

    #[test]
    fn ratified_an_approval_goes_on_unless_the_posts_own_limit_covers_it() {
        let (decided_on, hearing) = (day("2024-05-02"), Some(day("2024-05-16")));
        for (kind, caller, post, given, leads) in [
            (K::Approved, "hos", "head", None, Ok((S::Approved, true, None))),
            (K::Approved, "ad", "director", None, Ok((S::Approved, true, None))),
            (K::Approved, "sum", "manager", hearing, Ok((S::AwaitingAuthority, false, hearing))),
            (K::Approved, "sum", "manager", Some(decided_on), Ok((S::AwaitingAuthority, false, Some(decided_on)))),
            (K::Approved, "sum", "manager", None, Err("missing")),
            (K::Approved, "sum", "manager", Some(day("2024-05-01")), Err("out_of_range")),
            (K::Approved, "sum", "manager", Some(day("9000-01-01")), Err("out_of_range")),
            (K::Declined, "sum", "manager", None, Ok((S::Declined, false, None))),
        ] {
            let found = ratified_leads_to((kind, decided_on), (caller, post), (&authority(), Pence(100)), given);
            let found = found.map(|leads| (leads.to, leads.has_authority, leads.hearing_on));
            assert_eq!(
                found.map_err(|refused| refused.errors[0].code.clone()),
                leads.map_err(str::to_owned),
                "{kind} {caller} \
                {given:?}"
            );
        }
    }

    #[test]
    fn every_state_that_a_decision_leads_to_is_in_the_table_of_requests() {
        use crate::RequestAction as A;
        let may = |from: S, action, to: S| from.after(action).is_some_and(|states| states.contains(&to));
        for kind in K::VARIANTS {
            assert!(may(S::Booked, A::Decide, decided_state(*kind)), "{kind}");
            assert!(may(S::AwaitingRatification, A::Ratify, decided_state(*kind)), "{kind}");
            assert!(may(S::AwaitingRatification, A::Ratify, refused_state(*kind)), "{kind}");
        }
        assert_eq!(refused_state(K::Approved), S::Declined);
        assert_eq!(refused_state(K::Declined), S::Submitted);
        assert_eq!(after_appeal(AppealOutcome::Dismissed, S::Signposted), S::Signposted);
        assert_eq!(after_appeal(AppealOutcome::Upheld, S::Signposted), S::Submitted);
    }

    #[test]
    fn a_reason_goes_with_an_approval_that_is_declined_and_with_nothing_else() {
        use AuthorisationOutcome as O;
        for (kind, outcome, has_reason, code) in [
            (K::Approved, O::Declined, true, None),
            (K::Approved, O::Declined, false, Some("missing")),
            (K::ApprovedInPart, O::Declined, false, Some("missing")),
            (K::Approved, O::Given, true, Some("not_of_this_kind")),
            (K::Approved, O::Given, false, None),
            (K::Deferred, O::Declined, true, Some("not_of_this_kind")),
            (K::Deferred, O::Declined, false, None),
        ] {
            let found = reason_mistake(kind, outcome, has_reason).map(|error| error.code);
            assert_eq!(found.as_deref(), code, "{kind} {outcome} {has_reason}");
        }
    }

    #[test]
    fn what_waits_for_a_post_is_not_yet_put_on_the_childs_record() {
        for (state, is_last, may) in [
            (S::AwaitingRatification, true, false),
            (S::AwaitingAuthority, true, false),
            (S::AwaitingAuthority, false, true),
            (S::Approved, true, true),
        ] {
            assert_eq!(refuse_before_ratified(state, is_last).is_ok(), may, "{state}");
        }
    }
}
