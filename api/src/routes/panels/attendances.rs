//! Who was at a panel, and in what part. Versions are added; the last of each member counts.

use super::members::{PanelMember, find_named};
use super::signatures::{lacking, signatures_of};
use super::{ListOfPanel, Panel, find, find_standing};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PanelsRead, PanelsWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::post_holdings::in_post_on;
use crate::text::Id;
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use db::schema::{decision_votes, decisions, panel_attendances, panel_members};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::Profile;
use domain::panel::{Attendance, Capacity};
use domain::profile::Posts;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A member's part at a panel, in one version.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_attendances)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a55", "panel_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51",
    "member_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a53", "version": 1, "attendance": "member",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-10T09:30:00Z", "recorded_seq": 702
}))]
pub struct PanelAttendance {
    /// The version's id.
    pub id: String,
    /// The panel.
    pub panel_id: String,
    /// The member.
    pub member_id: String,
    /// 1, 2, 3 … of this member at this panel.
    pub version: i64,
    /// In what part.
    pub attendance: Attendance,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for PanelAttendance {
    fn location(&self) -> String {
        format!("/v1/panels/{}", self.panel_id)
    }
}

/// A member's part at a panel, as it counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attending {
    /// The member.
    pub member_id: String,
    /// The role on the panel.
    pub role: String,
    /// The job title.
    pub title: String,
    /// In what part.
    pub attendance: Attendance,
    /// How often it was recorded.
    pub version: i64,
}

/// A member's part at a panel, to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "member_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a53", "attendance": "member" }))]
pub struct NewPanelAttendance {
    /// The member.
    pub member_id: Id,
    /// In what part; `absent` also for somebody who was put down by mistake.
    pub attendance: Attendance,
}

/// Somebody who is at a panel.
#[derive(Debug, Clone)]
pub struct Present {
    /// The member.
    pub member: PanelMember,
    /// In what part: never absent.
    pub attendance: Attendance,
}

/// Record attendance
///
/// From the panel's day on. Whoever sits has signed both documents, where the profile asks for it; whoever chairs is in the post
/// that does, on the panel's day. There is a deputy chair only where the profile says who ratifies; elsewhere whoever stands in for
/// the chair is the chair. What is recorded again replaces what was recorded before, which stays on record.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id")), request_body = NewPanelAttendance,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The attendance", body = PanelAttendance)))]
#[post("/panels/{id}/attendances")]
pub async fn create_panel_attendance(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelAttendance>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, &id.0, &body.value)).await
}

/// List the attendance of a panel as it was recorded
///
/// Every version, also those that others replaced. Reading the panel tells what counts.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The panel's id"), ListOfPanel), security(("bearer" = ["panels:read"])),
    responses((status = 200, description = "A page of attendances, in the order recorded", body = Page<PanelAttendance>)))]
#[get("/panels/{id}/attendances")]
pub async fn list_panel_attendances(
    app: Data<App>,
    _: Caller<PanelsRead>,
    id: Path<Id>,
    params: Params<ListOfPanel>,
) -> Result<Json<Page<PanelAttendance>>, Problem> {
    let ListOfPanel { limit, cursor } = params.0;
    let after = cursor.after_record()?;
    app.read(move |connection| {
        let panel = find(connection, &id.0)?;
        let rows = panel_attendances::table
            .select(PanelAttendance::as_select())
            .filter(panel_attendances::panel_id.eq(panel.id))
            .filter(panel_attendances::recorded_seq.ge(after.seq))
            .filter(panel_attendances::recorded_seq.gt(after.seq).or(panel_attendances::id.gt(after.id)))
            .order((panel_attendances::recorded_seq, panel_attendances::id))
            .limit(limit.and_one())
            .load(connection)?;
        Ok(Json(limit.page(rows, |row: &PanelAttendance| After::key(row.recorded_seq, &row.id))))
    })
    .await
}

/// Everybody who is at a panel: the chair first, the deputy chair next.
pub fn present(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<Present>, Problem> {
    let last = last_versions(connection, panel_id)?.into_iter();
    let present = last.map(|(version, member)| Present { member, attendance: version.attendance });
    Ok(present.filter(|one| one.attendance != Attendance::Absent).collect())
}

/// Everybody whose attendance is recorded, absent ones too.
pub(super) fn attendance_of(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<Attending>, Problem> {
    let as_it_counts = |(last, member): (PanelAttendance, PanelMember)| Attending {
        member_id: member.id,
        role: member.role,
        title: member.title,
        attendance: last.attendance,
        version: last.version,
    };
    Ok(last_versions(connection, panel_id)?.into_iter().map(as_it_counts).collect())
}

/// The last version of every member's attendance, by part, then in the order the members were recorded.
fn last_versions(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<(PanelAttendance, PanelMember)>, Problem> {
    let all: Vec<(PanelAttendance, PanelMember)> = panel_attendances::table
        .inner_join(panel_members::table)
        .filter(panel_attendances::panel_id.eq(panel_id))
        .order(panel_attendances::version)
        .select((PanelAttendance::as_select(), PanelMember::as_select()))
        .load(connection)?;
    let last: BTreeMap<String, (PanelAttendance, PanelMember)> = all.into_iter().map(|row| (row.1.id.clone(), row)).collect();
    let mut last: Vec<_> = last.into_values().collect();
    last.sort_by(|(a, one), (b, other)| (a.attendance, one.recorded_seq, &one.id).cmp(&(b.attendance, other.recorded_seq, &other.id)));
    Ok(last)
}

fn record(write: &mut Write<'_>, profile: &Profile, panel_id: &str, new: &NewPanelAttendance) -> Result<PanelAttendance, Problem> {
    let panel = find_standing(write.connection, panel_id)?;
    let member = find_named(write.connection, &new.member_id)?;
    if write.at.date() < panel.held_on {
        let detail = format!("Attendance is recorded from the panel's day on, which is {}.", panel.held_on);
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let recorded = last_versions(write.connection, panel_id)?;
    let before = recorded.iter().find(|(_, other)| other.id == member.id).map(|(last, _)| last);
    if let Some(before) = before {
        refuse_to_undo(write.connection, &member, before, new.attendance)?;
    }
    if new.attendance != Attendance::Absent {
        refuse_unsigned(write.connection, profile, &panel, &member)?;
        refuse_second_seat(&recorded, &member, new.attendance)?;
    }
    match new.attendance {
        Attendance::Chair => refuse_other_than_chair(write.connection, profile, &panel, &member)?,
        Attendance::DeputyChair => refuse_other_than_deputy(write.connection, profile, &panel, &member)?,
        Attendance::Member | Attendance::Absent => {}
    }
    let attendance = PanelAttendance {
        id: new_id(),
        panel_id: panel.id,
        member_id: member.id,
        version: before.map_or(0, |before| before.version) + 1,
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

/// Whoever decided an item keeps the part in which they did, and whoever voted on one was there.
fn refuse_to_undo(connection: &mut AnyConnection, member: &PanelMember, before: &PanelAttendance, next: Attendance) -> Result<(), Problem> {
    let at_panel = decisions::table.filter(decisions::panel_id.eq(&before.panel_id));
    if matches!(before.attendance, Attendance::Chair | Attendance::DeputyChair) && next != before.attendance {
        let decided = match &member.user_id {
            Some(user) => diesel::select(exists(at_panel.filter(decisions::decided_by.eq(user)))).get_result(connection)?,
            None => false,
        };
        if decided {
            let detail = format!("The member decided an item of this panel as `{}`.", before.attendance);
            return Err(Problem::new(Code::StateConflict, detail));
        }
    }
    if next == Attendance::Absent {
        let votes = decision_votes::table
            .inner_join(decisions::table.on(decisions::id.eq(decision_votes::decision_id)))
            .filter(decisions::panel_id.eq(&before.panel_id))
            .filter(decision_votes::member_id.eq(&member.id));
        if diesel::select(exists(votes)).get_result(connection)? {
            return Err(Problem::new(Code::StateConflict, "The member voted on an item of this panel."));
        }
    }
    Ok(())
}

/// No signature, no seat.
fn refuse_unsigned(connection: &mut AnyConnection, profile: &Profile, panel: &Panel, member: &PanelMember) -> Result<(), Problem> {
    let signatures = signatures_of(connection, &[&member.id])?;
    let errors: Vec<_> = lacking(profile, &signatures, panel.held_on)
        .into_iter()
        .map(|lack| match lack.expired_on {
            Some(day) => FieldError::new("/member_id", "expired", format!("the signature under `{}` expired on {day}", lack.document)),
            None => FieldError::new("/member_id", "missing", format!("no signature under `{}` by {}", lack.document, panel.held_on)),
        })
        .collect();
    if errors.is_empty() {
        return Ok(());
    }
    let clause = profile.panel.signatures_last_months.as_ref().map(|months| format!(" ({})", months.clause)).unwrap_or_default();
    let detail = format!("Nobody sits without current signatures{clause}; `errors` lists what is missing on {}.", panel.held_on);
    Err(Problem::with_errors(Code::NotReady, errors).detailed(detail))
}

/// One chair, one deputy chair, and one seat for a person.
fn refuse_second_seat(recorded: &[(PanelAttendance, PanelMember)], member: &PanelMember, part: Attendance) -> Result<(), Problem> {
    let others = || recorded.iter().filter(|(last, other)| other.id != member.id && last.attendance != Attendance::Absent);
    if matches!(part, Attendance::Chair | Attendance::DeputyChair)
        && let Some((_, other)) = others().find(|(last, _)| last.attendance == part)
    {
        let detail = format!("Member {} ({}) is put down as `{part}`; there is one.", other.id, other.title);
        return Err(Problem::new(Code::StateConflict, detail));
    }
    if let Some((_, other)) = others().find(|(_, other)| other.user_id.is_some() && other.user_id == member.user_id) {
        let detail = format!("The same person is there as member {} ({}).", other.id, other.title);
        return Err(Problem::new(Code::StateConflict, detail));
    }
    Ok(())
}

/// Where nobody ratifies, whoever stands in for the chair is the chair: what a deputy chair decides would wait for ever.
fn refuse_other_than_chair(connection: &mut AnyConnection, profile: &Profile, panel: &Panel, member: &PanelMember) -> Result<(), Problem> {
    let Some(chairs) = named(profile.panel.chair.as_ref()) else {
        let detail = "The profile names no post that chairs the panel, so nobody may.";
        return Err(Problem::new(Code::StateConflict, detail));
    };
    let deputies_chair = named(profile.panel.ratified_by.as_ref()).is_none();
    let in_post = in_post_on(connection, panel.held_on)?;
    let is_chair = |post: &String, capacity| chairs.posts.contains(post) && (deputies_chair || capacity == Capacity::Holder);
    if in_post.iter().any(|person| Some(&person.user_id) == member.user_id.as_ref() && is_chair(&person.post, person.capacity)) {
        return Ok(());
    }
    let detail = format!(
        "Whoever chairs {} the post {} ({}) on {}; {}.",
        if deputies_chair { "holds, or stands in for," } else { "holds" },
        chairs.posts.join(" or "),
        chairs.clause,
        panel.held_on,
        why_not(member)
    );
    Err(Problem::new(Code::StateConflict, detail))
}

fn refuse_other_than_deputy(connection: &mut AnyConnection, profile: &Profile, panel: &Panel, member: &PanelMember) -> Result<(), Problem> {
    let (chairs, deputies) = (named(profile.panel.chair.as_ref()), named(profile.panel.deputy_chair.as_ref()));
    if chairs.is_none() && deputies.is_none() {
        let detail = "The profile names no post that chairs the panel, or stands in for its chair, so nobody may.";
        return Err(Problem::new(Code::StateConflict, detail));
    }
    if named(profile.panel.ratified_by.as_ref()).is_none() {
        let detail = "The profile names no post that ratifies what a deputy chair decides, so there is none; \
            put down whoever stands in for the chair as `chair`.";
        return Err(Problem::new(Code::StateConflict, detail));
    }
    let is_among = |posts: Option<&Posts>, post: &String| posts.is_some_and(|posts| posts.posts.contains(post));
    let in_post = in_post_on(connection, panel.held_on)?;
    let mut of_member = in_post.iter().filter(|person| Some(&person.user_id) == member.user_id.as_ref());
    if of_member.any(|person| is_among(deputies, &person.post) || (person.capacity == Capacity::Deputy && is_among(chairs, &person.post))) {
        return Ok(());
    }
    let in_post = deputies.map(|posts| format!("is in the post {} ({})", posts.posts.join(" or "), posts.clause));
    let stands_in = chairs.map(|posts| format!("stands in for the {} ({})", posts.posts.join(" or "), posts.clause));
    let ways: Vec<_> = in_post.into_iter().chain(stands_in).collect();
    let detail = format!("Whoever deputises for the chair {} on {}; {}.", ways.join(", or "), panel.held_on, why_not(member));
    Err(Problem::new(Code::StateConflict, detail))
}

fn named(posts: Option<&Posts>) -> Option<&Posts> {
    posts.filter(|posts| !posts.posts.is_empty())
}

fn why_not(member: &PanelMember) -> &'static str {
    if member.user_id.is_some() { "the member is not" } else { "the member has no account" }
}
