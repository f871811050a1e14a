//! Recording who was at a panel, and in what part.

use crate::error::Error;
pub use crate::panel::attendance::{PanelAttendance, list};
use crate::panel::attendance::{done_at, last_versions};
use crate::panel::day::{Panel, find_standing};
use crate::panel::member::{PanelMember, find_named};
use crate::panel::signature::{PanelSignature, signatures_of};
use crate::people::post_holdings::in_post_on;
use crate::text::Id;
use db::schema::panel_attendances;
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::panel::Attendance;
use domain::panel::chair::{PostHeld, refuse_other_than_chair, refuse_other_than_deputy};
use domain::panel::seats::{Seat, Seated, part_mistake, refuse_early, refuse_second_seat, refuse_to_undo};
use domain::panel::signatures::{Signature, refuse_unsigned};
use domain::{Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A member's part at a panel, to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "member_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a53", "attendance": "member" }))]
pub struct NewPanelAttendance {
    /// The member.
    pub member_id: Id,
    /// In what part; `attending` of whoever is there for a post and is no member; `absent` also for somebody who was put down by mistake.
    pub attendance: Attendance,
}

/// Records a member's part at a panel. What is recorded again replaces what was recorded before, which stays on record.
pub fn record(write: &mut Write<'_>, profile: &Profile, panel_id: &str, new: &NewPanelAttendance) -> Result<PanelAttendance, Error> {
    let panel = find_standing(write.connection, panel_id)?;
    let member = find_named(write.connection, &new.member_id)?;
    refuse_early(panel.held_on, write.today())?;
    let recorded = last_versions(write.connection, panel_id)?;
    let before = recorded.iter().find(|(_, other)| other.id == member.id).map(|(last, _)| last);
    if let Some(before) = before {
        refuse_to_undo(before.attendance, new.attendance, done_at(write.connection, panel_id, &member)?)?;
    }
    Refusal::unless_valid(part_mistake(&profile.panel, &member.role, new.attendance).into_iter().collect())?;
    if !matches!(new.attendance, Attendance::Absent | Attendance::Attending) {
        let signatures: Vec<Signature> = signatures_of(write.connection, &[&member.id])?.iter().map(PanelSignature::days).collect();
        refuse_unsigned(profile.panel.signatures_last_months.as_ref(), &signatures, panel.held_on)?;
    }
    if new.attendance != Attendance::Absent {
        let seats: Vec<Seat<'_>> =
            recorded.iter().map(|(last, other)| Seat { member: seated(other), attendance: last.attendance }).collect();
        refuse_second_seat(&seats, seated(&member), new.attendance)?;
    }
    refuse_wrong_post(write.connection, profile, &panel, &member, new.attendance)?;
    let attendance = PanelAttendance {
        id: new_id(),
        panel_id: panel.id,
        version: before.map_or(0, |before| before.version) + 1,
        member_id: member.id,
        attendance: new.attendance,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_attendances::table).values(&attendance).execute(write.connection)?;
    let detail = json!({ "panel_id": attendance.panel_id, "attendance": attendance.attendance });
    write.record(Event::new("record", "panel_attendances", &attendance.id).with(detail))?;
    Ok(attendance)
}

/// Refuses somebody who chairs, or deputises for the chair, and is not in a post that does on the panel's day.
fn refuse_wrong_post(
    connection: &mut AnyConnection,
    profile: &Profile,
    panel: &Panel,
    member: &PanelMember,
    part: Attendance,
) -> Result<(), Error> {
    if !part.chairs() {
        return Ok(());
    }
    let in_post = in_post_on(connection, panel.held_on)?;
    let of_member = in_post.iter().filter(|person| Some(&person.user_id) == member.user_id.as_ref());
    let posts: Vec<PostHeld<'_>> = of_member.map(|person| PostHeld { post: &person.post, capacity: person.capacity }).collect();
    match part {
        Attendance::Chair => refuse_other_than_chair(&profile.panel, panel.held_on, seated(member), &posts)?,
        _ => refuse_other_than_deputy(&profile.panel, panel.held_on, seated(member), &posts)?,
    }
    Ok(())
}

fn seated(member: &PanelMember) -> Seated<'_> {
    Seated { id: &member.id, title: &member.title, user_id: member.user_id.as_deref() }
}
