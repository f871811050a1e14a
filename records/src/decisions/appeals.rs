//! Appeals: the family asks that others than the panel look at a decision.

use crate::authority::ruled_out;
use crate::commissioning;
use crate::decisions::decision;
use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::requests;
use crate::requests::{Request, require, transition};
use crate::text::{Id, Text};
use chrono::{Days, NaiveDate};
use db::schema::{
    appeal_outcomes, appeals, authorisations, decisions as decisions_table, panel_attendances, panel_bookings, panel_members,
    request_revisions,
};
use db::{ActorKind, AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::decisions::after_appeal;
use domain::panel::{AppealOutcome, Attendance};
use domain::{Code, FieldError, FinancialYear, Profile, RequestAction, RequestState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An appeal against a decision.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = appeals)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a81", "request_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
    "decision_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "received_on": "2024-05-20", "due_on": "2024-06-18", "state_before": "declined",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-20T09:00:00Z", "recorded_seq": 731
}))]
pub struct Appeal {
    /// The appeal's id.
    pub id: String,
    /// The request.
    pub request_id: String,
    /// The decision appealed against.
    pub decision_id: String,
    /// When it was received.
    pub received_on: NaiveDate,
    /// By when it is normally considered; null, the profile gives no days.
    pub due_on: Option<NaiveDate>,
    /// What the request was, and is again if the appeal is dismissed.
    pub state_before: RequestState,
    /// Who recorded it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What became of an appeal.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = appeal_outcomes)]
#[schema(as = RecordedAppealOutcome)]
pub struct Outcome {
    /// The appeal.
    pub appeal_id: String,
    /// Dismissed: the decision stands. Upheld: the request is heard again.
    pub outcome: AppealOutcome,
    /// When it was decided.
    pub decided_on: NaiveDate,
    /// Why, in words.
    pub reason: String,
    /// Who decided it.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// An appeal with its outcome.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppealWithOutcome {
    /// The appeal.
    #[serde(flatten)]
    pub appeal: Appeal,
    /// What became of it; null, it is open.
    pub outcome: Option<Outcome>,
}

/// An appeal to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "received_on": "2024-05-20" }))]
pub struct NewAppeal {
    /// When it was received: from the decision's day to today.
    pub received_on: NaiveDate,
}

/// An outcome to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "upheld", "reason": "The assessment shows the need" }))]
pub struct NewOutcome {
    /// Dismissed or upheld.
    pub outcome: AppealOutcome,
    /// Why, in words.
    pub reason: Text<500>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAppeals {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this request's.
    request_id: Option<Id>,
    /// `true`: only those without an outcome; `false`: only those with one.
    open: Option<bool>,
}

/// Records that an appeal was received.
pub fn receive(write: &mut Write<'_>, profile: &Profile, request_id: &str, received_on: NaiveDate) -> Result<Appeal, Error> {
    let request = requests::find(write.connection, request_id)?;
    require(write.connection, &request, RequestAction::Appeal)?;
    let decision_id = request.decision_id.clone().ok_or_else(|| Error::fault("a decided request without a decision"))?;
    let appealed = decision::find(write.connection, &decision_id)?;
    if received_on < appealed.decided_on || received_on > write.today() {
        let detail = format!("a day from {}, the decision's, to today", appealed.decided_on);
        return Err(Error::invalid(vec![FieldError::new("/received_on", "out_of_range", detail)]));
    }
    let days = profile.panel.appeal_days.as_ref().map(|days| Days::new(u64::from(days.value)));
    let due_on = days.and_then(|days| received_on.checked_add_days(days)).filter(|day| FinancialYear::of(*day).is_ok());
    let appeal = Appeal {
        id: new_id(),
        request_id: request.id.clone(),
        decision_id,
        received_on,
        due_on,
        state_before: request.state,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let inserted = diesel::insert_into(appeals::table).values(&appeal).execute(write.connection);
    inserted.map_err(db::Error::from).map_err(|error| match error.unique_key().as_deref() {
        Some("appeals_decision_id_key") => Error::refused(Code::StateConflict, "This decision was appealed against before."),
        _ => error.into(),
    })?;
    write.record(Event::new("record", "appeals", &appeal.id))?;
    transition(write, &request, RequestAction::Appeal, Request { state: RequestState::UnderAppeal, ..request.clone() }, None)?;
    Ok(appeal)
}

/// Records what became of an appeal, by somebody who had no part in any decision on the request.
pub fn conclude(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewOutcome) -> Result<Outcome, Error> {
    if write.actor.kind != ActorKind::User {
        return Err(Error::refused(Code::NoAuthority, "A person decides an appeal: log in as that user."));
    }
    let appeal = find(write.connection, id)?;
    let request = requests::find(write.connection, &appeal.request_id)?;
    require(write.connection, &request, RequestAction::DecideAppeal)?;
    // An earlier appeal of a request that is under another one.
    if let Some(before) = outcome_of(write.connection, &appeal.id)? {
        return Err(Error::refused(Code::StateConflict, format!("The appeal was {} on {}.", before.outcome, before.decided_on)));
    }
    if let Some(why) = took_part(write, &request)? {
        let detail = format!(
            "You may not decide this appeal: {why}. Somebody who had no part in any decision on the request must \
            decide it."
        );
        return Err(Error::refused(Code::NoAuthority, detail));
    }
    let outcome = Outcome {
        appeal_id: appeal.id,
        outcome: new.outcome,
        decided_on: write.today(),
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(appeal_outcomes::table).values(&outcome).execute(write.connection)?;
    write.record(Event::new("record", "appeal_outcomes", &outcome.appeal_id))?;
    let state = after_appeal(outcome.outcome, appeal.state_before);
    transition(write, &request, RequestAction::DecideAppeal, Request { state, ..request.clone() }, None)?;
    // A decision that stands may be carried out already.
    commissioning::settle(write, profile, &request.id)?;
    Ok(outcome)
}

/// What part the caller had in any of the request's decisions; none, the caller is independent of them all. A request that was
/// deferred, or upheld before, was heard by more people than those of the decision appealed against.
fn took_part(write: &mut Write<'_>, request: &Request) -> Result<Option<&'static str>, Error> {
    let caller = write.actor.id.clone();
    let of_request = || decisions_table::table.filter(decisions_table::request_id.eq(&request.id));
    let decided = of_request().filter(decisions_table::decided_by.eq(&caller));
    if diesel::select(exists(decided)).get_result(write.connection)? {
        return Ok(Some("you decided the request"));
    }
    // Also somebody who was put down and afterwards taken off again, and where the booking was released.
    let booked_at = panel_bookings::table.filter(panel_bookings::request_id.eq(&request.id)).select(panel_bookings::panel_id);
    let ever_there = panel_attendances::table
        .inner_join(panel_members::table)
        .filter(panel_attendances::panel_id.eq_any(booked_at))
        .filter(panel_attendances::attendance.ne(Attendance::Absent))
        .filter(panel_members::user_id.eq(&caller));
    if diesel::select(exists(ever_there)).get_result(write.connection)? {
        return Ok(Some("you were at a panel that had it on its agenda"));
    }
    let given = authorisations::table
        .filter(authorisations::decision_id.eq_any(of_request().select(decisions_table::id)))
        .filter(authorisations::user_id.eq(&caller));
    if diesel::select(exists(given)).get_result(write.connection)? {
        return Ok(Some("you authorised or ratified a decision on it, or refused to"));
    }
    let presented =
        request_revisions::table.filter(request_revisions::request_id.eq(&request.id)).filter(request_revisions::presenter_id.eq(&caller));
    let presented: bool = diesel::select(exists(presented)).get_result(write.connection)?;
    let ruled_out = presented || ruled_out(write.connection, request)?.contains_key(&caller);
    Ok(ruled_out.then_some("you costed, presented or recorded a part of the request, or declared an interest"))
}

/// The appeal with that id.
fn find(connection: &mut AnyConnection, id: &str) -> Result<Appeal, Error> {
    let appeal = appeals::table.find(id).select(Appeal::as_select()).first(connection).optional()?;
    appeal.ok_or_else(|| Error::not_found("appeal"))
}

fn outcome_of(connection: &mut AnyConnection, appeal_id: &str) -> Result<Option<Outcome>, Error> {
    Ok(appeal_outcomes::table.find(appeal_id).select(Outcome::as_select()).first(connection).optional()?)
}

/// List appeals.
pub fn list(write: &mut Write<'_>, wanted: ListAppeals) -> Result<Page<AppealWithOutcome>, Error> {
    let ListAppeals { limit, cursor, request_id, open } = wanted;
    let after = cursor.after_record()?;
    let mut query = appeals::table
        .left_join(appeal_outcomes::table)
        .select((Appeal::as_select(), Option::<Outcome>::as_select()))
        .filter(appeals::recorded_seq.ge(after.seq))
        .filter(appeals::recorded_seq.gt(after.seq).or(appeals::id.gt(after.id)))
        .into_boxed();
    if let Some(request) = request_id {
        query = query.filter(appeals::request_id.eq(request.0));
    }
    query = match open {
        Some(true) => query.filter(appeal_outcomes::appeal_id.nullable().is_null()),
        Some(false) => query.filter(appeal_outcomes::appeal_id.nullable().is_not_null()),
        None => query,
    };
    let rows: Vec<(Appeal, Option<Outcome>)> =
        query.order((appeals::recorded_seq, appeals::id)).limit(limit.and_one()).load(write.connection)?;
    let rows = rows.into_iter().map(|(appeal, outcome)| AppealWithOutcome { appeal, outcome }).collect();
    let page = limit.page(rows, |row: &AppealWithOutcome| After::key(row.appeal.recorded_seq, &row.appeal.id));
    for row in &page.items {
        let request = requests::find(write.connection, &row.appeal.request_id)?;
        requests::record_read(write, &request)?;
    }
    if page.items.is_empty() {
        write.record(Event::new("list", "appeals", ""))?;
    }
    Ok(page)
}

/// Read an appeal.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<AppealWithOutcome, Error> {
    let appeal = find(write.connection, id)?;
    let request = requests::find(write.connection, &appeal.request_id)?;
    requests::record_read(write, &request)?;
    let outcome = outcome_of(write.connection, &appeal.id)?;
    Ok(AppealWithOutcome { appeal, outcome })
}
