//! A panel's sitting: who decides an item, whether enough members take part in it, and how they may vote.

use crate::authority::{Bar, why_not};
use crate::panel::{Attendance, Vote};
use crate::profile::Number;
use crate::{Code, FieldError, Refusal};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// Whoever is ruled out, whatever their post, and why: by the user's id, of a member without a log-in by the member's.
type RuledOut = BTreeMap<String, Vec<Bar>>;

/// Somebody who is at a panel.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'s> {
    /// The panel member.
    pub member_id: &'s str,
    /// The user, if the member logs in.
    pub user_id: Option<&'s str>,
    /// In what part: never absent.
    pub attendance: Attendance,
    /// Whoever recorded the member, what the member signed, or that the member was there; of a tool also whoever answers for it.
    pub recorded_by: &'s [String],
}

/// How a member votes on the decision that is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Ballot<'b> {
    /// The panel member.
    pub member_id: &'b str,
    /// For or against it.
    pub vote: Vote,
}

/// Why somebody at the panel may not take part in an item; none, they may.
pub fn bars_of<'r>(seat: &Seat<'_>, ruled_out: &'r RuledOut) -> Option<&'r Vec<Bar>> {
    let by_user = seat.user_id.and_then(|user| ruled_out.get(user));
    by_user.or_else(|| ruled_out.get(seat.member_id))
}

/// In what part the caller decides the item: as the chair, or as the deputy where the chair is away or stands down.
pub fn takes_the_chair(caller: &str, present: &[Seat<'_>], ruled_out: &RuledOut) -> Result<Attendance, Refusal> {
    let refuse = |detail: String| Err(Refusal::new(Code::NoAuthority, detail));
    let chairs = present.iter().filter(|seat| matches!(seat.attendance, Attendance::Chair | Attendance::DeputyChair));
    let Some(own) = chairs.clone().find(|seat| seat.user_id == Some(caller)) else {
        return refuse("Only whoever chairs this panel, or chairs it in the chair's place, decides.".to_owned());
    };
    if let Some(bars) = bars_of(own, ruled_out) {
        return refuse(format!("You stand down for this item: {}. Whoever deputises decides it.", why_not(bars)));
    }
    let chair_may = chairs.clone().any(|seat| seat.attendance == Attendance::Chair && bars_of(seat, ruled_out).is_none());
    if own.attendance == Attendance::DeputyChair && chair_may {
        return refuse("The chair is at this panel and does not stand down for this item, so the chair decides.".to_owned());
    }
    Ok(own.attendance)
}

/// Refuses an item in which fewer members take part than the quorum, besides whoever decides it in the chair. A seat that rests on the word
/// of whoever decides makes no panel: one person would fill it alone.
pub fn refuse_without_quorum(quorum: Option<&Number>, caller: &str, present: &[Seat<'_>], ruled_out: &RuledOut) -> Result<(), Refusal> {
    let Some(quorum) = quorum else { return Ok(()) };
    let takes_part =
        |seat: &&Seat<'_>| seat.attendance != Attendance::Attending && seat.user_id != Some(caller) && bars_of(seat, ruled_out).is_none();
    let is_own_word = |seat: &Seat<'_>| seat.recorded_by.iter().any(|person| person == caller);
    let (own, others): (Vec<&Seat<'_>>, Vec<_>) = present.iter().filter(takes_part).partition(|seat| is_own_word(seat));
    let there = others.len();
    if there >= usize::from(quorum.value) {
        return Ok(());
    }
    let mut detail =
        format!("{there} members take part in this item besides whoever chairs it; the quorum is {} ({}).", quorum.value, quorum.clause);
    if !own.is_empty() {
        detail.push_str(
            " Members whom you recorded, signed for or put down as there do not count: business support records them and who is there.",
        );
    }
    Err(Refusal::new(Code::StateConflict, detail))
}

/// What is recorded after the panel's day is recorded by somebody who still is in every post that they chaired in.
pub fn refuse_former_holder(held_on: NaiveDate, posts_then: &[String], posts_now: &[String]) -> Result<(), Refusal> {
    if posts_then.iter().all(|post| posts_now.contains(post)) {
        return Ok(());
    }
    let detail = format!(
        "You chaired as {} on {held_on} and no longer hold that post. Somebody who still holds it must record the \
        decision.",
        posts_then.join(" and ")
    );
    Err(Refusal::new(Code::NoAuthority, detail))
}

/// Votes are on the decision recorded: each member there once, none who stands down, and more for it than against it.
pub fn vote_mistakes(votes: &[Ballot<'_>], present: &[Seat<'_>], ruled_out: &RuledOut) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut counts: HashMap<Vote, usize> = HashMap::new();
    for (place, vote) in votes.iter().enumerate() {
        let mut refuse = |code: &str, detail: &str| errors.push(FieldError::new(&format!("/votes/{place}/member_id"), code, detail));
        match present.iter().find(|seat| seat.member_id == vote.member_id) {
            None => refuse("not_present", "this member is not at the panel"),
            Some(seat) if seat.attendance == Attendance::Attending => refuse("not_a_member", "whoever attends for a post has no vote"),
            Some(seat) if bars_of(seat, ruled_out).is_some() => refuse("stands_down", "this member stands down for the item"),
            Some(_) => {}
        }
        if votes[..place].iter().any(|before| before.member_id == vote.member_id) {
            refuse("repeated", "this member has voted already");
        }
        *counts.entry(vote.vote).or_default() += 1;
    }
    let of = |vote| counts.get(&vote).copied().unwrap_or_default();
    if !votes.is_empty() && of(Vote::For) <= of(Vote::Against) {
        let detail = format!("{} for and {} against: a decision needs the majority", of(Vote::For), of(Vote::Against));
        errors.push(FieldError::new("/votes", "no_majority", detail));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESENT: [Seat<'static>; 5] = [
        Seat { member_id: "m-chair", user_id: Some("chair"), attendance: Attendance::Chair, recorded_by: &[] },
        Seat { member_id: "m-deputy", user_id: Some("deputy"), attendance: Attendance::DeputyChair, recorded_by: &[] },
        Seat { member_id: "m-one", user_id: Some("one"), attendance: Attendance::Member, recorded_by: &[] },
        Seat { member_id: "m-guest", user_id: None, attendance: Attendance::Member, recorded_by: &[] },
        Seat { member_id: "m-head", user_id: Some("head"), attendance: Attendance::Attending, recorded_by: &[] },
    ];

    fn ruled_out(ids: &[&str]) -> RuledOut {
        ids.iter().map(|id| ((*id).to_owned(), vec![Bar::DeclaredInterest])).collect()
    }

    #[test]
    fn the_chair_decides_and_the_deputy_only_in_the_chairs_place() {
        for (caller, barred, without_chair, decides) in [
            ("chair", vec![], false, Ok(Attendance::Chair)),
            ("deputy", vec![], false, Err("so the chair decides")),
            ("deputy", vec![], true, Ok(Attendance::DeputyChair)),
            ("deputy", vec!["chair"], false, Ok(Attendance::DeputyChair)),
            ("deputy", vec!["m-chair"], false, Ok(Attendance::DeputyChair)),
            ("chair", vec!["chair"], false, Err("You stand down for this item: you declared an interest.")),
            ("deputy", vec!["chair", "deputy"], false, Err("You stand down")),
            ("one", vec![], false, Err("Only whoever chairs")),
            ("nobody", vec![], false, Err("Only whoever chairs")),
            ("head", vec!["chair", "deputy"], false, Err("Only whoever chairs")),
        ] {
            let present = if without_chair { &PRESENT[1..] } else { &PRESENT[..] };
            match (takes_the_chair(caller, present, &ruled_out(&barred)), decides) {
                (Ok(part), expected) => assert_eq!(Ok(part), expected, "{caller} {barred:?}"),
                (Err(refused), Err(said)) => {
                    assert!(refused.code == Code::NoAuthority && refused.detail.contains(said), "{caller}: {}", refused.detail);
                }
                (Err(refused), Ok(_)) => panic!("{caller} {barred:?}: {}", refused.detail),
            }
        }
    }

    #[test]
    fn whoever_stands_down_is_no_part_of_the_quorum() {
        let quorum = |value| Number { value, clause: "A clause".to_owned() };
        for (needed, caller, barred, is_enough) in [
            (3, "chair", vec![], true),
            // The one in the chair is none of them, and the head of service attends only.
            (4, "chair", vec![], false),
            (3, "chair", vec!["m-guest"], false),
            (2, "chair", vec!["m-guest"], true),
            // The chair stands down and the deputy decides.
            (2, "deputy", vec!["chair"], true),
            (3, "deputy", vec!["chair"], false),
            (1, "deputy", vec!["one", "chair", "m-guest"], false),
        ] {
            let found = refuse_without_quorum(Some(&quorum(needed)), caller, &PRESENT, &ruled_out(&barred));
            assert_eq!(found.is_ok(), is_enough, "{needed} {caller} {barred:?}");
        }
        assert!(refuse_without_quorum(None, "chair", &[], &ruled_out(&[])).is_ok());
        let alone = refuse_without_quorum(Some(&quorum(2)), "chair", &PRESENT[..1], &ruled_out(&[])).expect_err("a panel of one");
        assert_eq!(alone.detail, "0 members take part in this item besides whoever chairs it; the quorum is 2 (A clause).");
    }

    #[test]
    fn a_seat_that_rests_on_the_word_of_whoever_decides_makes_no_panel() {
        let quorum = Number { value: 2, clause: "A clause".to_owned() };
        let (support, chair) = (["support".to_owned()], ["support".to_owned(), "chair".to_owned()]);
        for (recorded_by, is_enough) in [(&support[..], true), (&chair[..], false)] {
            let seat = |member_id, attendance| Seat { member_id, user_id: None, attendance, recorded_by };
            let present = [PRESENT[0], seat("m-one", Attendance::Member), Seat { recorded_by: &support, ..PRESENT[3] }];
            let found = refuse_without_quorum(Some(&quorum), "chair", &present, &ruled_out(&[]));
            assert_eq!(found.is_ok(), is_enough, "{recorded_by:?}");
            if let Err(refusal) = found {
                assert!(refusal.detail.starts_with("1 members take part") && refusal.detail.contains("whom you recorded"), "{refusal:?}");
            }
        }
    }

    #[test]
    fn a_former_holder_records_nothing_afterwards() {
        let day = "2024-05-02".parse().expect("a date");
        let posts = |posts: &[&str]| posts.iter().map(|post| (*post).to_owned()).collect::<Vec<_>>();
        for (then, now, may) in
            [(vec!["a"], vec!["a", "b"], true), (vec!["a", "b"], vec!["a"], false), (vec!["a"], vec![], false), (vec![], vec![], true)]
        {
            assert_eq!(refuse_former_holder(day, &posts(&then), &posts(&now)).is_ok(), may, "{then:?} {now:?}");
        }
    }

    #[test]
    fn each_member_there_votes_once_and_the_decision_has_the_majority() {
        let yes = |member_id| Ballot { member_id, vote: Vote::For };
        let no = |member_id| Ballot { member_id, vote: Vote::Against };
        for (votes, barred, codes) in [
            (vec![], vec![], vec![]),
            (vec![yes("m-chair"), yes("m-one"), no("m-guest")], vec![], vec![]),
            (vec![yes("m-chair"), no("m-one")], vec![], vec!["no_majority"]),
            (vec![yes("m-chair"), yes("m-chair")], vec![], vec!["repeated"]),
            (vec![yes("m-away")], vec![], vec!["not_present"]),
            (vec![yes("m-one")], vec!["one"], vec!["stands_down"]),
            (vec![yes("m-guest")], vec!["m-guest"], vec!["stands_down"]),
            (vec![yes("m-head")], vec![], vec!["not_a_member"]),
        ] {
            let found: Vec<String> = vote_mistakes(&votes, &PRESENT, &ruled_out(&barred)).into_iter().map(|error| error.code).collect();
            assert_eq!(found, codes, "{votes:?}");
        }
    }
}
