//! The minutes: who was there, what was decided and why, who stood down, what is to be done.

use crate::authority::ruled_out;
use crate::decisions::{DecisionAction, actions_of, signposts_of, votes_of};
use crate::error::Error;
use crate::panel;
use crate::panel::{Panel, Present};
use crate::panel_sheets::items::{Item, items_of};
use crate::panel_sheets::words::{heading, named};
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{declared_interest_reversals, declared_interests, users};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::panel::interests::{InterestOf, stands_down};
use domain::panel::{Attendance, DecisionKind, DeclineReason, Vote};
use domain::{Pence, Profile};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::collections::HashMap;
use utoipa::ToSchema;

/// A panel's minutes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Minutes {
    /// The panel.
    pub panel: Panel,
    /// What was said apart from the items.
    pub notes: Option<String>,
    /// Who was there, who attended for a post, and who was absent.
    pub attendance: Vec<MinutedAttendance>,
    /// Every item by slot.
    pub items: Vec<MinutedItem>,
}

/// Somebody at the panel, or absent from it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MinutedAttendance {
    /// The panel member.
    pub member_id: String,
    /// The role, as the profile names it.
    pub role: String,
    /// The job title.
    pub title: String,
    /// In what part.
    pub attendance: Attendance,
}

/// An item as it was minuted.
#[derive(Debug, Serialize, ToSchema)]
pub struct MinutedItem {
    /// Its slot.
    pub slot: i64,
    /// The authority's own number for the request.
    pub reference: String,
    /// The child's case reference.
    pub case_reference: String,
    /// What was asked for, or decided on.
    pub services: String,
    /// Its lines in words: service, quantity, frequency, price and days.
    pub lines: String,
    /// What was decided; null, it was not.
    pub decision: Option<DecisionKind>,
    /// Who decided: `chair` or `deputy_chair`.
    pub decided_as: Option<String>,
    /// Why.
    pub rationale: Option<String>,
    /// What a full year of the lines decided on costs; null, it was not decided.
    #[schema(value_type = Option<i64>)]
    pub full_year_pence: Option<Pence>,
    /// Of a refusal: why.
    pub decline_reason: Option<DeclineReason>,
    /// Of a deferral: until when.
    pub deferred_until: Option<NaiveDate>,
    /// What is needed before it is heard again.
    pub deferred_for: Option<String>,
    /// The local-offer services the family was signposted to.
    pub signposted_to: Vec<String>,
    /// Votes for the decision; null, there was no vote.
    pub votes_for: Option<i64>,
    /// Votes against it; null, there was no vote.
    pub votes_against: Option<i64>,
    /// The titles of those there who stood down: for an interest, or because they assessed, costed, present or recorded a part of it.
    pub stood_down: Vec<String>,
    /// What is to be done.
    pub actions: Vec<MinutedAction>,
}

/// What is to be done, and by whom.
#[derive(Debug, Serialize, ToSchema)]
pub struct MinutedAction {
    /// The action.
    #[serde(flatten)]
    pub action: DecisionAction,
    /// The owner's user name.
    pub owner: String,
}

impl Minutes {
    /// The minutes as they stand.
    pub fn of(connection: &mut AnyConnection, profile: &Profile, panel: Panel) -> Result<Self, Error> {
        let known = profile.panel.members.iter().chain(&profile.panel.attends);
        let roles: HashMap<_, _> = known.map(|role| (role.code.as_str(), role.name.as_str())).collect();
        let present = panel::present(connection, &panel.id)?;
        let attendance = panel::attendance_of(connection, &panel.id)?.into_iter().map(|seat| MinutedAttendance {
            role: roles.get(seat.role.as_str()).map_or(seat.role.clone(), |name| (*name).to_owned()),
            member_id: seat.member_id,
            title: seat.title,
            attendance: seat.attendance,
        });
        let attendance = attendance.collect();
        let items = items_of(connection, &panel)?.into_iter();
        let items = items.map(|item| minuted(connection, item, &present)).collect::<Result<_, _>>()?;
        Ok(Minutes { notes: panel::latest_notes(connection, &panel.id)?.map(|notes| notes.notes), attendance, items, panel })
    }

    /// Decisions, notes, attendance and actions, a sheet each.
    pub fn sheets(&self, made_at: NaiveDateTime) -> Result<[Sheet; 4], sheets::Error> {
        Ok([self.decisions_sheet(made_at)?, self.notes_sheet(made_at)?, self.attendance_sheet(made_at)?, self.actions_sheet(made_at)?])
    }

    /// One row an item.
    pub fn decisions_sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::integer("slot"),
            Column::text("reference"),
            Column::text("case_reference"),
            Column::text("lines"),
            Column::text("decision"),
            Column::pounds("full_year_pounds"),
            Column::text("rationale"),
            Column::text("because"),
            Column::text("votes"),
            Column::text("stood_down"),
        ];
        let rows = self.items.iter().map(|item| {
            vec![
                Cell::Integer(item.slot),
                Cell::text(&item.reference),
                Cell::text(&item.case_reference),
                Cell::text(&item.lines),
                item.decision.map_or(Cell::Blank, |kind| Cell::text(item.decided(kind))),
                item.full_year_pence.map_or(Cell::Blank, Cell::from),
                item.rationale.as_ref().map_or(Cell::Blank, Cell::text),
                Cell::text(item.because()),
                item.votes_for.zip(item.votes_against).map(|(most, least)| format!("{most} for, {least} against")).into(),
                Cell::text(item.stood_down.join(", ")),
            ]
        });
        Sheet::new("Minutes: decisions", columns).tab("Decisions").heading(self.heading(made_at)).with_rows(rows)
    }

    /// One row a paragraph.
    fn notes_sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
        let paragraphs = self.notes.iter().flat_map(|notes| notes.lines()).filter(|line| !line.trim().is_empty());
        let rows = paragraphs.map(|line| vec![Cell::text(line)]);
        Sheet::new("Minutes: notes", [Column::text("notes")]).tab("Notes").heading(self.heading(made_at)).with_rows(rows)
    }

    fn attendance_sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
        let columns = [Column::text("role"), Column::text("title"), Column::text("attendance")];
        let rows = self.attendance.iter();
        let rows = rows.map(|seat| vec![Cell::text(&seat.role), Cell::text(&seat.title), Cell::text(seat.attendance.as_str())]);
        Sheet::new("Minutes: attendance", columns).tab("Attendance").heading(self.heading(made_at)).with_rows(rows)
    }

    fn actions_sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
        let columns = [
            Column::text("reference"),
            Column::text("action"),
            Column::text("owner"),
            Column::date("due_on"),
            Column::date("completed_on"),
        ];
        let rows = self.items.iter().flat_map(|item| item.actions.iter().map(move |action| (item, action)));
        let rows = rows.map(|(item, MinutedAction { action, owner })| {
            vec![
                Cell::text(&item.reference),
                Cell::text(&action.action),
                Cell::text(owner),
                Cell::Date(action.due_on),
                action.completed_on.map_or(Cell::Blank, Cell::Date),
            ]
        });
        Sheet::new("Minutes: actions", columns).tab("Actions").heading(self.heading(made_at)).with_rows(rows)
    }

    fn heading(&self, made_at: NaiveDateTime) -> String {
        heading(&named(&self.panel), made_at)
    }
}

impl MinutedAction {
    /// As a sheet has it: what, who, by when, and when it was done.
    pub(crate) fn in_words(&self) -> String {
        let done = self.action.completed_on.map(|on| format!(", done on {on}")).unwrap_or_default();
        format!("{} ({}, by {}{done})", self.action.action, self.owner, self.action.due_on)
    }
}

impl MinutedItem {
    /// What was decided and in what part whoever decided it was there.
    fn decided(&self, kind: DecisionKind) -> String {
        let by = self.decided_as.as_ref().map(|part| format!(" by {part}")).unwrap_or_default();
        format!("{}{by}", kind.as_str())
    }

    /// Why it was declined, until when and for what it was deferred, where the family was signposted to.
    fn because(&self) -> String {
        let reason = self.decline_reason.map(|reason| reason.as_str().to_owned());
        let until = self.deferred_until.map(|day| format!("until {day}"));
        let needed = self.deferred_for.as_ref().map(|needed| format!("needs {needed}"));
        let signposted = Some(&self.signposted_to).filter(|to| !to.is_empty()).map(|to| format!("to {}", to.join(", ")));
        [reason, until, needed, signposted].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

fn minuted(connection: &mut AnyConnection, item: Item, present: &[Present]) -> Result<MinutedItem, Error> {
    let stood_down = stood_down(connection, &item, present)?;
    let mut minuted = MinutedItem {
        slot: item.booking.slot,
        services: item.services(),
        lines: item.lines_in_words(),
        reference: item.request.reference,
        case_reference: item.case_reference,
        decision: None,
        decided_as: None,
        rationale: None,
        full_year_pence: None,
        decline_reason: None,
        deferred_until: None,
        deferred_for: None,
        signposted_to: Vec::new(),
        votes_for: None,
        votes_against: None,
        stood_down,
        actions: Vec::new(),
    };
    let Some(decision) = item.decision else { return Ok(minuted) };
    let votes = votes_of(connection, &decision.id)?;
    let of = |vote| i64::try_from(votes.iter().filter(|cast| cast.vote == vote).count()).map_err(Error::fault);
    if !votes.is_empty() {
        (minuted.votes_for, minuted.votes_against) = (Some(of(Vote::For)?), Some(of(Vote::Against)?));
    }
    minuted.signposted_to = signposts_of(connection, &decision.id)?;
    minuted.actions = minuted_actions(connection, &decision.id)?;
    minuted.decision = Some(decision.kind);
    minuted.decided_as = Some(decision.decided_as);
    minuted.rationale = Some(decision.rationale);
    minuted.full_year_pence = Some(decision.full_year_pence);
    minuted.decline_reason = decision.decline_reason;
    minuted.deferred_until = decision.deferred_until;
    minuted.deferred_for = decision.deferred_for;
    Ok(minuted)
}

/// What a decision says is to be done, with the owners' user names.
pub(crate) fn minuted_actions(connection: &mut AnyConnection, decision_id: &str) -> Result<Vec<MinutedAction>, Error> {
    let actions = actions_of(connection, decision_id)?;
    let named = |action: DecisionAction| {
        let owner = users::table.find(&action.owner_id).select(users::username).first(connection)?;
        Ok(MinutedAction { action, owner })
    };
    actions.into_iter().map(named).collect()
}

/// Those there who stood down for an item. An interest declared after the decision, for a later hearing, is not of these minutes; one
/// that was reversed before it neither.
fn stood_down(connection: &mut AnyConnection, item: &Item, present: &[Present]) -> Result<Vec<String>, Error> {
    let decided_seq = item.decision.as_ref().map_or(i64::MAX, |decision| decision.recorded_seq);
    let of_interest = declared_interest_reversals::interest_id.eq(declared_interests::id);
    let reversed = declared_interest_reversals::table.filter(of_interest).filter(declared_interest_reversals::recorded_seq.lt(decided_seq));
    let interests: Vec<(Option<String>, Option<String>)> = declared_interests::table
        .filter(declared_interests::request_id.eq(&item.request.id))
        .filter(declared_interests::recorded_seq.lt(decided_seq))
        .filter(not(exists(reversed)))
        .select((declared_interests::member_id, declared_interests::user_id))
        .load(connection)?;
    let ruled_out = ruled_out(connection, &item.request)?;
    let interests: Vec<InterestOf<'_>> =
        interests.iter().map(|(member, user)| InterestOf { member_id: member.as_deref(), user_id: user.as_deref() }).collect();
    let has_stood_down = |seat: &&Present| {
        let user_id = seat.member.user_id.as_deref();
        let bars = user_id.and_then(|user| ruled_out.get(user)).map(Vec::as_slice).unwrap_or_default();
        stands_down(InterestOf { member_id: Some(&seat.member.id), user_id }, &interests, bars)
    };
    Ok(present.iter().filter(has_stood_down).map(|seat| seat.member.title.clone()).collect())
}
