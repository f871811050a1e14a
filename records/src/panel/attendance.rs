//! Who was at a panel, and in what part, as recorded. Versions are added; the last of each member counts.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Page};
use crate::panel::day::{ListOfPanel, find};
use crate::panel::member::PanelMember;
use db::AnyConnection;
use db::schema::{decision_votes, decisions, panel_attendances, panel_members};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::panel::Attendance;
use domain::panel::seats::DoneAtPanel;
use serde::Serialize;
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

/// Somebody who is at a panel.
#[derive(Debug, Clone)]
pub struct Present {
    /// The member.
    pub member: PanelMember,
    /// In what part: never absent.
    pub attendance: Attendance,
}

/// Everybody who is at a panel: the chair first, the deputy chair next.
pub fn present(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<Present>, Error> {
    let last = last_versions(connection, panel_id)?.into_iter();
    let present = last.map(|(version, member)| Present { member, attendance: version.attendance });
    Ok(present.filter(|one| one.attendance != Attendance::Absent).collect())
}

/// Everybody whose attendance is recorded, absent ones too.
pub fn attendance_of(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<Attending>, Error> {
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
pub fn last_versions(connection: &mut AnyConnection, panel_id: &str) -> Result<Vec<(PanelAttendance, PanelMember)>, Error> {
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

/// What a member has decided or voted on at a panel.
pub fn done_at(connection: &mut AnyConnection, panel_id: &str, member: &PanelMember) -> Result<DoneAtPanel, Error> {
    let at_panel = decisions::table.filter(decisions::panel_id.eq(panel_id));
    let decided = match &member.user_id {
        Some(user) => diesel::select(exists(at_panel.filter(decisions::decided_by.eq(user)))).get_result(connection)?,
        None => false,
    };
    let votes = decision_votes::table
        .inner_join(decisions::table.on(decisions::id.eq(decision_votes::decision_id)))
        .filter(decisions::panel_id.eq(panel_id))
        .filter(decision_votes::member_id.eq(&member.id));
    Ok(DoneAtPanel { decided, voted: diesel::select(exists(votes)).get_result(connection)? })
}

/// Lists the attendance of a panel as it was recorded.
pub fn list(connection: &mut AnyConnection, id: &str, wanted: ListOfPanel) -> Result<Page<PanelAttendance>, Error> {
    let ListOfPanel { limit, cursor } = wanted;
    let after = cursor.after_record()?;
    let panel = find(connection, id)?;
    let rows = panel_attendances::table
        .select(PanelAttendance::as_select())
        .filter(panel_attendances::panel_id.eq(panel.id))
        .filter(panel_attendances::recorded_seq.ge(after.seq))
        .filter(panel_attendances::recorded_seq.gt(after.seq).or(panel_attendances::id.gt(after.id)))
        .order((panel_attendances::recorded_seq, panel_attendances::id))
        .limit(limit.and_one())
        .load(connection)?;
    Ok(limit.page(rows, |row: &PanelAttendance| After::key(row.recorded_seq, &row.id)))
}
