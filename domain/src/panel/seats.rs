//! Seats at a panel: from its day on, one chair and one deputy chair, and one seat a person. Who may be in the chair is in `chair`.

use crate::panel::Attendance;
use crate::profile::PanelPolicy;
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
    let known = || policy.members.iter().chain(&policy.attends);
    if known().any(|known| known.code == role) {
        return None;
    }
    let known: Vec<_> = known().map(|role| role.code.as_str()).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let detail = format!("the profile's panel has no role `{role}`; it has {known}");
    Some(FieldError::new("/role", "unknown_reference", detail))
}

/// Refuses a part that is not of the role: who attends for a post takes no part as a member or in the chair, and no member attends only.
pub fn part_mistake(policy: &PanelPolicy, role: &str, part: Attendance) -> Option<FieldError> {
    let attends = policy.attends.iter().find(|known| known.code == role);
    let detail = match (attends, part) {
        (_, Attendance::Absent)
        | (Some(_), Attendance::Attending)
        | (None, Attendance::Chair | Attendance::DeputyChair | Attendance::Member) => {
            return None;
        }
        (Some(role), _) => format!("the {} is no member of the panel and is there as `attending` ({})", role.name, role.clause),
        (None, Attendance::Attending) => "a member of the panel is there as `member`, or in the chair".to_owned(),
    };
    Some(FieldError::new("/attendance", "not_of_this_role", detail))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::MemberRole;
    use Attendance::{Absent, Chair, DeputyChair, Member};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn member<'m>(id: &'m str, user_id: Option<&'m str>) -> Seated<'m> {
        Seated { id, title: "Team manager", user_id }
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
}
