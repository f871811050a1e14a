//! Reading a panel with its agenda, who was there and what was noted.

use crate::error::Error;
use crate::panel::attendance::{Attending, attendance_of};
use crate::panel::booking::agenda_of;
use crate::panel::cancellation::{PanelCancellation, cancellation_of};
use crate::panel::day::{Panel, find};
use crate::panel::note::{PanelNotes, latest_notes};
use crate::requests;
use db::{Event, Write};
use domain::panel::Attendance;
use domain::panel::slots::free_slots;
use domain::{Profile, RequestState};
use serde::Serialize;
use utoipa::ToSchema;

/// A slot of a panel that a request has.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedSlot {
    /// The slot, from 1.
    pub slot: i64,
    /// When it starts, `HH:MM`, local time.
    #[schema(example = "09:50")]
    pub starts_at: String,
    /// The booking's id.
    pub booking_id: String,
    /// The request.
    pub request_id: String,
    /// The authority's own number for it.
    pub reference: String,
    /// Where it stands now.
    pub state: RequestState,
    /// 1 the first time the request is on an agenda, 2 the next.
    pub hearing: i64,
}

/// How many members an item needs, and how many are there.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quorum {
    /// Members needed besides whoever chairs, by the profile.
    pub needed: u16,
    /// Members there besides whoever chairs, before anybody stands down for an item.
    pub present: usize,
    /// Where the authority says so.
    pub clause: String,
}

/// A panel with its agenda, who was there and what was noted.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelInFull {
    /// The panel.
    #[serde(flatten)]
    pub panel: Panel,
    /// Its cancellation; null, it stands.
    pub cancellation: Option<PanelCancellation>,
    /// The agenda, by slot.
    pub bookings: Vec<BookedSlot>,
    /// The slots that no request has.
    pub free_slots: Vec<i64>,
    /// Everybody whose attendance is recorded, in its last version: the chair first.
    pub attendance: Vec<Attending>,
    /// The member who chairs; null, nobody is put down.
    pub chair_member_id: Option<String>,
    /// The member who chairs in the chair's place; null, nobody.
    pub deputy_chair_member_id: Option<String>,
    /// Null where the profile has no quorum.
    pub quorum: Option<Quorum>,
    /// The notes that count; null, none.
    pub notes: Option<PanelNotes>,
}

/// Reads a panel with its agenda.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<PanelInFull, Error> {
    let panel = find(write.connection, id)?;
    write.record(Event::new("read", "panels", &panel.id))?;
    in_full(write, profile, panel)
}

fn in_full(write: &mut Write<'_>, profile: &Profile, panel: Panel) -> Result<PanelInFull, Error> {
    let mut bookings = Vec::new();
    for (booking, request) in agenda_of(write.connection, &panel.id)? {
        requests::record_read(write, &request)?;
        bookings.push(BookedSlot {
            slot: booking.slot,
            starts_at: panel.slot_starts_at(booking.slot)?,
            booking_id: booking.id,
            request_id: request.id,
            reference: request.reference,
            state: request.state,
            hearing: booking.hearing,
        });
    }
    let taken: Vec<i64> = bookings.iter().map(|booking| booking.slot).collect();
    let attendance = attendance_of(write.connection, &panel.id)?;
    let who = |part| attendance.iter().find(|member| member.attendance == part).map(|member| member.member_id.clone());
    let deputy = who(Attendance::Chair).and_then(|_| who(Attendance::DeputyChair)).into_iter().count();
    let present = deputy + attendance.iter().filter(|member| member.attendance == Attendance::Member).count();
    let quorum = profile.panel.quorum_members.as_ref();
    Ok(PanelInFull {
        cancellation: cancellation_of(write.connection, &panel.id)?,
        free_slots: free_slots(panel.slots, &taken),
        chair_member_id: who(Attendance::Chair),
        deputy_chair_member_id: who(Attendance::DeputyChair),
        quorum: quorum.map(|quorum| Quorum { needed: quorum.value, present, clause: quorum.clause.clone() }),
        notes: latest_notes(write.connection, &panel.id)?,
        attendance,
        bookings,
        panel,
    })
}
