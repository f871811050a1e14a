//! Who may decide an item at a panel, and what a decision must say.

use super::deciding::NewDecision;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::panels::Present;
use chrono::NaiveDate;
use domain::Profile;
use domain::delegation::Bar;
use domain::panel::{Attendance, DecisionKind, Vote};
use std::collections::{BTreeMap, HashMap};

/// Whoever is ruled out, whatever their post, and why: see [`crate::routes::requests::authority::ruled_out`].
pub type RuledOut = BTreeMap<String, Vec<Bar>>;

/// In what part the caller may decide the item: the chair, or the deputy where the chair is away or ruled out.
pub fn part_of_caller(caller: &str, present: &[Present], ruled_out: &RuledOut) -> Result<Attendance, Problem> {
    let refuse = |detail: String| Err(Problem::new(Code::NoAuthority, detail));
    let chairs = present.iter().filter(|seat| matches!(seat.attendance, Attendance::Chair | Attendance::DeputyChair));
    let Some(own) = chairs.clone().find(|seat| seat.member.user_id.as_deref() == Some(caller)) else {
        return refuse("Only whoever chairs this panel, or chairs it in the chair's place, decides.".to_owned());
    };
    if let Some(bars) = bars_of(own, ruled_out) {
        return refuse(format!("You stand down for this item: {}. Whoever deputises decides it.", words(bars)));
    }
    let chair_may = chairs.clone().any(|seat| seat.attendance == Attendance::Chair && bars_of(seat, ruled_out).is_none());
    if own.attendance == Attendance::DeputyChair && chair_may {
        return refuse("The chair is at this panel and does not stand down for this item, so the chair decides.".to_owned());
    }
    Ok(own.attendance)
}

/// Why somebody at the panel may not take part in an item.
pub fn bars_of<'r>(seat: &Present, ruled_out: &'r RuledOut) -> Option<&'r Vec<Bar>> {
    let by_user = seat.member.user_id.as_ref().and_then(|user| ruled_out.get(user));
    by_user.or_else(|| ruled_out.get(&seat.member.id))
}

fn words(bars: &[Bar]) -> String {
    let words = bars.iter().map(|bar| match bar {
        Bar::CostedIt => "you costed it",
        Bar::PresentsIt => "you present it",
        Bar::DeclaredInterest => "you declared an interest",
        Bar::DecidedIt => "you decided it",
        Bar::LimitNotSet => "your post has no limit",
        Bar::AboveLimit => "the total is above your post's limit",
        Bar::AwaitsRatification => "it is ratified first",
        Bar::LowerPostResponsible => "a lower post is responsible, and somebody there may",
        Bar::ProposedIt => "you proposed it",
        Bar::PanelOnly => "only a panel may agree such support",
        Bar::RecordedIt => "you recorded it",
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Why a person may not authorise, for a refusal.
pub fn why_not(bars: &[Bar]) -> String {
    if bars.is_empty() { "you hold no post today".to_owned() } else { words(bars) }
}

/// Refuses where fewer members are there, not standing down, than the profile's quorum.
pub fn refuse_without_quorum(profile: &Profile, present: &[Present], ruled_out: &RuledOut) -> Result<(), Problem> {
    let Some(quorum) = &profile.panel.quorum_members else { return Ok(()) };
    let there = present.iter().filter(|seat| bars_of(seat, ruled_out).is_none()).count();
    if there >= usize::from(quorum.value) {
        return Ok(());
    }
    let detail = format!("{there} members take part in this item; the quorum is {} ({}).", quorum.value, quorum.clause);
    Err(Problem::new(Code::StateConflict, detail))
}

/// Everything wrong with what a decision says of its kind, and with the votes.
pub fn mistakes(new: &NewDecision, held_on: NaiveDate, present: &[Present], ruled_out: &RuledOut) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let fields = [
        ("lines", DecisionKind::ApprovedInPart, new.lines.is_some()),
        ("deferred_until", DecisionKind::Deferred, new.deferred_until.is_some()),
        ("deferred_for", DecisionKind::Deferred, new.deferred_for.is_some()),
        ("decline_reason", DecisionKind::Declined, new.decline_reason.is_some()),
        ("signposted_to", DecisionKind::Signposted, !new.signposted_to.is_empty()),
    ];
    for (field, kind, is_given) in fields {
        if is_given && new.kind != kind {
            errors.push(FieldError::new(&format!("/{field}"), "not_of_this_kind", format!("only a decision that is `{kind}` has it")));
        } else if !is_given && new.kind == kind {
            errors.push(FieldError::new(&format!("/{field}"), "missing", format!("a decision that is `{kind}` needs it")));
        }
    }
    if new.authority_hearing_on.is_some() && !matches!(new.kind, DecisionKind::Approved | DecisionKind::ApprovedInPart) {
        let detail = format!("only an approval has it: nothing is authorised where it is `{}`", new.kind);
        errors.push(FieldError::new("/authority_hearing_on", "not_of_this_kind", detail));
    }
    if let Some(until) = new.deferred_until {
        errors.extend(day_mistake("/deferred_until", until, (until <= held_on).then(|| format!("a day after the panel's, {held_on}"))));
    }
    if let Some(hearing) = new.authority_hearing_on {
        let early = (hearing < held_on).then(|| format!("not before the panel's day, {held_on}"));
        errors.extend(day_mistake("/authority_hearing_on", hearing, early));
    }
    errors.extend(vote_mistakes(new, present, ruled_out));
    errors
}

/// Why a day cannot be: too early, or outside the supported years.
fn day_mistake(pointer: &str, day: NaiveDate, early: Option<String>) -> Option<FieldError> {
    let outside = || domain::FinancialYear::of(day).is_err().then(|| "the day is outside the supported years".to_owned());
    early.or_else(outside).map(|detail| FieldError::new(pointer, "out_of_range", detail))
}

/// Votes are on the decision recorded: each member there once, none who stands down, and more for it than against it.
fn vote_mistakes(new: &NewDecision, present: &[Present], ruled_out: &RuledOut) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut counts: HashMap<Vote, usize> = HashMap::new();
    for (place, vote) in new.votes.iter().enumerate() {
        let mut refuse = |code: &str, detail: &str| errors.push(FieldError::new(&format!("/votes/{place}/member_id"), code, detail));
        match present.iter().find(|seat| seat.member.id == vote.member_id.0) {
            None => refuse("not_present", "this member is not at the panel"),
            Some(seat) if bars_of(seat, ruled_out).is_some() => refuse("stands_down", "this member stands down for the item"),
            Some(_) => {}
        }
        if new.votes[..place].iter().any(|before| before.member_id == vote.member_id) {
            refuse("repeated", "this member has voted already");
        }
        *counts.entry(vote.vote).or_default() += 1;
    }
    let of = |vote| counts.get(&vote).copied().unwrap_or_default();
    if !new.votes.is_empty() && of(Vote::For) <= of(Vote::Against) {
        let detail = format!("{} for and {} against: a decision needs the majority", of(Vote::For), of(Vote::Against));
        errors.push(FieldError::new("/votes", "no_majority", detail));
    }
    errors
}
