//! Seats at a panel: from its day on, one chair and one deputy chair, one seat a person, and the post that chairs.

use crate::panel::{Attendance, Capacity};
use crate::profile::{PanelPolicy, Posts};
use crate::{Code, FieldError, Refusal};
use chrono::NaiveDate;

/// A member of the panel, as far as a seat goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seated<'m> {
    /// The member's id.
    pub id: &'m str,
    /// The job title.
    pub title: &'m str,
    /// The member's user; none, the member has none.
    pub user_id: Option<&'m str>,
}

/// A member's part at a panel, as it was recorded last.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'m> {
    /// The member.
    pub member: Seated<'m>,
    /// In what part.
    pub attendance: Attendance,
}

/// A post that the member is in on the panel's day.
#[derive(Debug, Clone, Copy)]
pub struct PostHeld<'p> {
    /// The post.
    pub post: &'p str,
    /// As its holder, or standing in.
    pub capacity: Capacity,
}

/// What a member has done at a panel already.
#[derive(Debug, Clone, Copy, Default)]
pub struct DoneAtPanel {
    /// Whether the member decided an item.
    pub decided: bool,
    /// Whether the member voted on one.
    pub voted: bool,
}

impl Attendance {
    /// Whether it decides: as the chair, or in the chair's place.
    pub fn chairs(self) -> bool {
        matches!(self, Attendance::Chair | Attendance::DeputyChair)
    }
}

/// A role of the panel that the profile does not have.
pub fn role_mistake(policy: &PanelPolicy, role: &str) -> Option<FieldError> {
    if policy.members.iter().any(|known| known.code == role) {
        return None;
    }
    let known: Vec<_> = policy.members.iter().map(|role| role.code.as_str()).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let detail = format!("the profile's panel has no role `{role}`; it has {known}");
    Some(FieldError::new("/role", "unknown_reference", detail))
}

/// Attendance is recorded from the panel's day on.
pub fn refuse_early(held_on: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
    if today >= held_on {
        return Ok(());
    }
    let detail = format!("Attendance is recorded from the panel's day on, which is {held_on}.");
    Err(Refusal::new(Code::StateConflict, detail))
}

/// Whoever decided an item keeps the part in which they did, and whoever voted on one was there.
pub fn refuse_to_undo(before: Attendance, next: Attendance, done: DoneAtPanel) -> Result<(), Refusal> {
    if before.chairs() && next != before && done.decided {
        let detail = format!("The member decided an item of this panel as `{before}`.");
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    if next == Attendance::Absent && done.voted {
        return Err(Refusal::new(Code::StateConflict, "The member voted on an item of this panel."));
    }
    Ok(())
}

/// One chair, one deputy chair, and one seat for a person. `recorded` is the last of every member's attendance.
pub fn refuse_second_seat(recorded: &[Seat<'_>], member: Seated<'_>, part: Attendance) -> Result<(), Refusal> {
    let others = || recorded.iter().filter(|seat| seat.member.id != member.id && seat.attendance != Attendance::Absent);
    if part.chairs()
        && let Some(Seat { member: other, .. }) = others().find(|seat| seat.attendance == part)
    {
        let detail = format!(
            "Member {} ({}) is recorded as `{part}`, and a panel has only one. Change that member's attendance \
            first.",
            other.id, other.title
        );
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    let is_same = |seat: &&Seat<'_>| seat.member.user_id.is_some() && seat.member.user_id == member.user_id;
    if let Some(Seat { member: other, .. }) = others().find(is_same) {
        let detail = format!("The same person is there as member {} ({}).", other.id, other.title);
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    Ok(())
}

/// Refuses to put a member down as chair who is not in the post that chairs. `posts` are those that the member is in on the panel's day.
///
/// Where nobody ratifies, whoever stands in for the chair is the chair: what a deputy chair decides would wait for ever.
pub fn refuse_other_than_chair(
    policy: &PanelPolicy,
    held_on: NaiveDate,
    member: Seated<'_>,
    posts: &[PostHeld<'_>],
) -> Result<(), Refusal> {
    let Some(chairs) = named(policy.chair.as_ref()) else {
        let detail = "The profile names no post that chairs the panel, so nobody may.";
        return Err(Refusal::new(Code::StateConflict, detail));
    };
    let deputies_chair = named(policy.ratified_by.as_ref()).is_none();
    let is_chair = |held: &PostHeld<'_>| is_among(Some(chairs), held.post) && (deputies_chair || held.capacity == Capacity::Holder);
    if posts.iter().any(is_chair) {
        return Ok(());
    }
    let detail = format!(
        "The chair must {} the post {} ({}) on {held_on}: {}.",
        if deputies_chair { "hold, or stand in for," } else { "hold" },
        chairs.posts.join(" or "),
        chairs.clause,
        why_not(member, "does not")
    );
    Err(Refusal::new(Code::StateConflict, detail))
}

/// Refuses to put a member down as deputy chair who may not stand in for the chair. There is a deputy chair only where somebody ratifies.
pub fn refuse_other_than_deputy(
    policy: &PanelPolicy,
    held_on: NaiveDate,
    member: Seated<'_>,
    posts: &[PostHeld<'_>],
) -> Result<(), Refusal> {
    let (chairs, deputies) = (named(policy.chair.as_ref()), named(policy.deputy_chair.as_ref()));
    if chairs.is_none() && deputies.is_none() {
        let detail = "The profile names no post that chairs the panel, or stands in for its chair, so nobody may.";
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    if named(policy.ratified_by.as_ref()).is_none() {
        let detail = "The profile names no post that ratifies what a deputy chair decides, so no panel has a deputy chair. Record \
            whoever stands in for the chair as `chair`.";
        return Err(Refusal::new(Code::StateConflict, detail));
    }
    let may = |held: &PostHeld<'_>| is_among(deputies, held.post) || (held.capacity == Capacity::Deputy && is_among(chairs, held.post));
    if posts.iter().any(may) {
        return Ok(());
    }
    let in_post = deputies.map(|posts| format!("be in the post {} ({})", posts.posts.join(" or "), posts.clause));
    let stands_in = chairs.map(|posts| format!("stand in for the {} ({})", posts.posts.join(" or "), posts.clause));
    let ways: Vec<_> = in_post.into_iter().chain(stands_in).collect();
    let detail = format!("The deputy chair must {} on {held_on}: {}.", ways.join(", or "), why_not(member, "does neither"));
    Err(Refusal::new(Code::StateConflict, detail))
}

fn named(posts: Option<&Posts>) -> Option<&Posts> {
    posts.filter(|posts| !posts.posts.is_empty())
}

fn is_among(posts: Option<&Posts>, post: &str) -> bool {
    posts.is_some_and(|posts| posts.posts.iter().any(|named| named == post))
}

fn why_not(member: Seated<'_>, falls_short: &str) -> String {
    if member.user_id.is_some() { format!("the member {falls_short}") } else { "the member has no log-in".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::MemberRole;
    use Attendance::{Absent, Chair, DeputyChair, Member};
    use Capacity::{Deputy, Holder};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn member<'m>(id: &'m str, user_id: Option<&'m str>) -> Seated<'m> {
        Seated { id, title: "Team manager", user_id }
    }

    fn posts(names: &[&str]) -> Option<Posts> {
        Some(Posts { posts: names.iter().map(|name| (*name).to_owned()).collect(), clause: "Terms 2".to_owned() })
    }

    fn policy(chair: &[&str], deputy_chair: &[&str], ratified_by: &[&str]) -> PanelPolicy {
        PanelPolicy { chair: posts(chair), deputy_chair: posts(deputy_chair), ratified_by: posts(ratified_by), ..PanelPolicy::default() }
    }

    fn said(result: Result<(), Refusal>) -> String {
        result.map_or_else(|refusal| refusal.detail, |()| "yes".to_owned())
    }

    #[test]
    fn attendance_is_recorded_from_the_panels_day_on() {
        let held_on = day("2024-06-10");
        for (today, may) in [("2024-06-09", false), ("2024-06-10", true), ("2024-06-11", true)] {
            assert_eq!(refuse_early(held_on, day(today)).is_ok(), may, "{today}");
        }
    }

    #[test]
    fn a_member_has_a_role_of_the_profile() {
        let role = MemberRole { code: "health".to_owned(), name: "Health".to_owned(), clause: "Terms 1".to_owned() };
        let with = PanelPolicy { members: vec![role], ..PanelPolicy::default() };
        assert_eq!(role_mistake(&with, "health"), None);
        let detail = |policy: &PanelPolicy| role_mistake(policy, "mayor").expect("a mistake").detail;
        assert_eq!(detail(&with), "the profile's panel has no role `mayor`; it has health");
        assert_eq!(detail(&PanelPolicy::default()), "the profile's panel has no role `mayor`; it has none");
    }

    #[test]
    fn whoever_decided_keeps_the_part_and_whoever_voted_was_there() {
        let nothing = DoneAtPanel::default();
        let (decided, voted) = (DoneAtPanel { decided: true, ..nothing }, DoneAtPanel { voted: true, ..nothing });
        for (before, next, done, may) in [
            (Chair, Member, nothing, true),
            (Chair, Absent, nothing, true),
            (Chair, Chair, decided, true),
            (Chair, Member, decided, false),
            (Chair, DeputyChair, decided, false),
            (DeputyChair, Absent, decided, false),
            (Member, Chair, decided, true),
            (Member, Chair, voted, true),
            (Member, Absent, voted, false),
        ] {
            assert_eq!(refuse_to_undo(before, next, done).is_ok(), may, "{before} {next} {done:?}");
        }
    }

    #[test]
    fn there_is_one_chair_one_deputy_chair_and_one_seat_a_person() {
        let seat = |id, user, attendance| Seat { member: member(id, user), attendance };
        let recorded = [seat("a", Some("ann"), Chair), seat("b", None, Member), seat("c", Some("cas"), Absent)];
        let new = member("d", Some("dee"));
        for (who, part, answer) in [
            (
                new,
                Chair,
                "Member a (Team manager) is recorded as `chair`, and a panel has only one. Change that member's attendance first.",
            ),
            (new, DeputyChair, "yes"),
            (new, Member, "yes"),
            // Whoever is in the part already may be recorded in it again.
            (member("a", Some("ann")), Chair, "yes"),
            (member("d", Some("ann")), Member, "The same person is there as member a (Team manager)."),
            // Nobody is the same person as somebody who is absent, and two members without a user are two people.
            (member("d", Some("cas")), Member, "yes"),
            (member("d", None), Member, "yes"),
        ] {
            assert_eq!(said(refuse_second_seat(&recorded, who, part)), answer, "{who:?} {part}");
        }
    }

    #[test]
    fn the_chair_is_in_the_post_that_chairs_and_a_deputy_of_it_only_where_nobody_ratifies() {
        let held_on = day("2024-06-10");
        let ratified = policy(&["head"], &[], &["director"]);
        let unratified = policy(&["head"], &[], &[]);
        let held = |post, capacity| PostHeld { post, capacity };
        for (policy, posts, answer) in [
            (&ratified, vec![held("head", Holder)], "yes"),
            (&ratified, vec![held("head", Deputy)], "The chair must hold the post head (Terms 2) on 2024-06-10: the member does not."),
            (&ratified, vec![held("clerk", Holder)], "The chair must hold the post head (Terms 2) on 2024-06-10: the member does not."),
            (&unratified, vec![held("head", Deputy)], "yes"),
            (&unratified, vec![], "The chair must hold, or stand in for, the post head (Terms 2) on 2024-06-10: the member does not."),
            (&policy(&[], &[], &[]), vec![held("head", Holder)], "The profile names no post that chairs the panel, so nobody may."),
        ] {
            assert_eq!(said(refuse_other_than_chair(policy, held_on, member("a", Some("ann")), &posts)), answer);
        }
        let without = said(refuse_other_than_chair(&ratified, held_on, member("a", None), &[]));
        assert_eq!(without, "The chair must hold the post head (Terms 2) on 2024-06-10: the member has no log-in.");
    }

    #[test]
    fn a_deputy_chair_is_in_a_deputys_post_or_stands_in_for_the_chair_and_somebody_ratifies() {
        let held_on = day("2024-06-10");
        let ratified = policy(&["head"], &["manager"], &["director"]);
        let held = |post, capacity| PostHeld { post, capacity };
        let no = "The deputy chair must be in the post manager (Terms 2), or stand in for the head (Terms 2) on 2024-06-10: \
                  the member does neither.";
        for (policy, posts, answer) in [
            (&ratified, vec![held("manager", Holder)], "yes"),
            (&ratified, vec![held("manager", Deputy)], "yes"),
            (&ratified, vec![held("head", Deputy)], "yes"),
            (&ratified, vec![held("head", Holder)], no),
            (&ratified, vec![], no),
            (
                &policy(&["head"], &["manager"], &[]),
                vec![held("manager", Holder)],
                "The profile names no post that ratifies what a deputy chair decides, so no panel has a deputy chair. Record whoever \
                 stands in for the chair as `chair`.",
            ),
            (
                &policy(&[], &[], &["director"]),
                vec![held("manager", Holder)],
                "The profile names no post that chairs the panel, or stands in for its chair, so nobody may.",
            ),
        ] {
            assert_eq!(said(refuse_other_than_deputy(policy, held_on, member("a", Some("ann")), &posts)), answer);
        }
    }
}
