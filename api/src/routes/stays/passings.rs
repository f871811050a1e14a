//! Limits that stays pass, and what waits for an acknowledgement.

use super::acknowledging::{has_interest, in_named_post};
use super::{NightAcknowledgement, Stay, versions_of};
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use chrono::NaiveDate;
use db::schema::{night_acknowledgements, night_passings, open_night_passings};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::nights::{LimitPassed, NightCounting, NightLimitKind, StayState};
use domain::profile::NightsPolicy;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// A limit that a version of a stay passes, with the counts as they were when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = night_passings)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41", "stay_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
    "booking_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "limit_kind": "rolling",
    "provider_id": null, "most": 75, "counted": 77, "passed_on": "2024-06-08", "clause": "SI 2010/959 reg 48",
    "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct NightPassing {
    /// The passing's id.
    pub id: String,
    /// The stay that passes the limit, or goes on passing it.
    pub stay_id: String,
    /// Which of its versions.
    pub booking_id: String,
    /// The child.
    pub child_id: String,
    /// What the limit is of.
    pub limit_kind: NightLimitKind,
    /// The setting whose nights were counted; null, those of all settings together.
    pub provider_id: Option<String>,
    /// The most there may be, in what the profile counts.
    pub most: i64,
    /// The largest count that the stay led to.
    pub counted: i64,
    /// The first night, or day, above the limit.
    pub passed_on: NaiveDate,
    /// Where the limit is written.
    pub clause: String,
    /// When it was recorded, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A limit that a stay passes, and the acknowledgement, if there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PassingWithAcknowledgement {
    /// What was passed.
    #[serde(flatten)]
    pub passing: NightPassing,
    /// The acknowledgement; null, none was given.
    pub acknowledgement: Option<NightAcknowledgement>,
}

/// What a caller says of the limits that a stay passes.
#[derive(Default)]
pub(super) struct Said {
    /// Limits that a booking is known to pass, and waits for the acknowledgement of.
    pub(super) waits_for: Vec<NightLimitKind>,
    /// Of what was stayed: why without the acknowledgement.
    pub(super) unacknowledged_reason: Option<String>,
}

/// What a version of a stay passes, once it was looked at.
pub(super) struct Settled {
    /// What waits for an acknowledgement.
    pub(super) open: Vec<LimitPassed>,
    /// Whether it passes a limit of its own: one that waits, or that it passed in an earlier version too. Others came about with other stays.
    pub(super) is_above: bool,
}

/// Looks at what a version of a stay passes before it is recorded. A booking says that it waits, or is refused. What was stayed says why it
/// took place without the acknowledgement, or said so before.
pub(super) fn settle(
    write: &mut Write<'_>,
    policy: &NightsPolicy,
    stay: &Stay,
    mut passed: Vec<LimitPassed>,
    said: &Said,
) -> Result<Settled, Problem> {
    if let Some(kind) = said.waits_for.iter().find(|kind| !passed.iter().any(|one| one.kind == **kind)) {
        let detail = format!("the stay passes no limit of the kind `{kind}`");
        return Err(Problem::invalid(vec![FieldError::new("/waits_for", "not_passed", detail)]));
    }
    let earlier = Earlier::of(write.connection, stay)?;
    passed.retain(|one| earlier.leaves_open(stay, one) || earlier.has_passed(one));
    let is_above = !passed.is_empty();
    passed.retain(|one| earlier.leaves_open(stay, one));
    let settled = |open| Ok(Settled { open, is_above });
    if passed.is_empty() && said.unacknowledged_reason.is_some() {
        return Err(Problem::invalid(vec![nothing_passed()]));
    }
    match stay.state {
        StayState::Booked => {
            // Where nobody may acknowledge it, waiting is in vain.
            let is_vain = policy.acknowledged_by.is_none();
            let missing: Vec<_> = passed.iter().filter(|one| is_vain || !said.waits_for.contains(&one.kind)).collect();
            if missing.is_empty() { settled(passed) } else { Err(not_said(write, policy, stay, &missing)?) }
        }
        _ if passed.is_empty() || said.unacknowledged_reason.is_some() || stay.unacknowledged_reason.is_some() => settled(passed),
        _ => Err(took_place_without(write, policy, stay, &passed)?),
    }
}

/// A stay's versions before one that is to be recorded, and what they passed.
struct Earlier {
    versions: Vec<Stay>,
    passings: Vec<PassingWithAcknowledgement>,
    /// What waits.
    open: Vec<NightPassing>,
}

impl Earlier {
    fn of(connection: &mut AnyConnection, stay: &Stay) -> Result<Self, Problem> {
        let versions = versions_of(connection, &stay.stay_id)?;
        Ok(Earlier { versions, passings: passings_of(connection, &stay.stay_id)?, open: open_passings_of_stay(connection, &stay.stay_id)? })
    }

    /// Whether an earlier version passed a limit that this one passes.
    fn has_passed(&self, one: &LimitPassed) -> bool {
        self.passings.iter().any(|PassingWithAcknowledgement { passing, .. }| is_of(passing, one))
    }

    /// Whether a limit that a version passes waits for an acknowledgement. Not, where one was given for these nights or more, and so large a
    /// count. Nor, of no other nights than those of the last version, what did not wait there: what has come about since is of other stays,
    /// which were looked at as they were recorded.
    fn leaves_open(&self, stay: &Stay, one: &LimitPassed) -> bool {
        let lies_within = |version: &Stay| stay.nights().lie_within(&version.nights());
        let covers = |earlier: &PassingWithAcknowledgement| {
            let PassingWithAcknowledgement { passing, acknowledgement } = earlier;
            acknowledgement.is_some()
                && is_of(passing, one)
                && passing.most == one.most
                && passing.counted >= one.counted
                && self.versions.iter().any(|version| version.id == passing.booking_id && lies_within(version))
        };
        let is_known = self.versions.last().is_some_and(lies_within) && !self.open.iter().any(|passing| is_of(passing, one));
        !is_known && !self.passings.iter().any(covers)
    }
}

/// Whether it is the same limit.
fn is_of(passing: &NightPassing, one: &LimitPassed) -> bool {
    (passing.limit_kind, &passing.provider_id) == (one.kind, &one.setting)
}

/// A reason for what needs none.
pub(super) fn nothing_passed() -> FieldError {
    FieldError::new("/unacknowledged_reason", "not_passed", "it passes no limit that waits for an acknowledgement")
}

/// Keeps what a version of a stay passes, once it is on record: it waits for the acknowledgement.
pub(super) fn keep_waiting(
    write: &mut Write<'_>,
    stay: &Stay,
    passed: Vec<LimitPassed>,
) -> Result<Vec<PassingWithAcknowledgement>, Problem> {
    let mut kept = Vec::with_capacity(passed.len());
    for one in passed {
        let passing = NightPassing {
            id: new_id(),
            stay_id: stay.stay_id.clone(),
            booking_id: stay.id.clone(),
            child_id: stay.child_id.clone(),
            limit_kind: one.kind,
            provider_id: one.setting,
            most: one.most,
            counted: one.counted,
            passed_on: one.passed_on,
            clause: one.clause,
            recorded_at: write.at.into(),
            recorded_seq: write.seq(),
        };
        diesel::insert_into(night_passings::table).values(&passing).execute(write.connection)?;
        let counts = json!({ "limit_kind": passing.limit_kind, "most": passing.most, "counted": passing.counted });
        write.record(Event::new("pass", "night_passings", &passing.id).with(counts))?;
        wait_for(write, &passing)?;
        kept.push(PassingWithAcknowledgement { passing, acknowledgement: None });
    }
    Ok(kept)
}

/// Says what a booking would pass, when, and who may acknowledge it.
fn not_said(write: &mut Write<'_>, policy: &NightsPolicy, stay: &Stay, missing: &[&LimitPassed]) -> Result<Problem, Problem> {
    let errors = missing.iter().map(|one| FieldError::new("/waits_for", one.kind.as_str(), in_words(policy.counting(), one)));
    let errors = errors.collect();
    let who = match who_may(write, policy, stay)? {
        None => "The profile names no post that may acknowledge it, so it cannot be booked.".to_owned(),
        Some(who) => format!("With `waits_for` it is recorded, counts as booked, and waits for somebody else's acknowledgement. {who}"),
    };
    Ok(Problem::with_errors(Code::NotReady, errors).detailed(format!("The booking passes a limit. {who}")))
}

/// Says what was passed by what took place, and that nobody has acknowledged it.
fn took_place_without(write: &mut Write<'_>, policy: &NightsPolicy, stay: &Stay, passed: &[LimitPassed]) -> Result<Problem, Problem> {
    let errors = passed.iter().map(|one| FieldError::new("/unacknowledged_reason", one.kind.as_str(), in_words(policy.counting(), one)));
    let errors = errors.collect();
    let who = who_may(write, policy, stay)?.unwrap_or_else(|| "The profile names no post that may acknowledge it.".to_owned());
    let detail =
        format!("What was stayed passes a limit, and nobody has acknowledged it. {who} Without that, say why in `unacknowledged_reason`.");
    Ok(Problem::with_errors(Code::NotReady, errors).detailed(detail))
}

/// The posts that acknowledge, and who is in them today and may, once the caller has recorded the stay; none, the profile names no post.
fn who_may(write: &mut Write<'_>, policy: &NightsPolicy, stay: &Stay) -> Result<Option<String>, Problem> {
    let Some(named) = &policy.acknowledged_by else { return Ok(None) };
    let mut recorders: Vec<String> = versions_of(write.connection, &stay.stay_id)?.into_iter().map(|version| version.recorded_by).collect();
    recorders.push(write.actor.id.clone());
    let mut people = Vec::new();
    for person in in_named_post(write, named)?.into_iter().filter(|person| !recorders.contains(&person.user_id)) {
        if !has_interest(write.connection, &person.user_id, &stay.child_id)? {
            people.push(person.username);
        }
    }
    let today = if people.is_empty() { "nobody".to_owned() } else { people.join(", ") };
    Ok(Some(format!("The post of {} may acknowledge it ({}); today: {today}.", named.posts.join(" or "), named.clause)))
}

fn in_words(counting: NightCounting, one: &LimitPassed) -> String {
    let LimitPassed { kind, most, counted, passed_on, clause, setting } = one;
    let place = if setting.is_some() { " at the setting" } else { "" };
    let what = match kind {
        NightLimitKind::Rolling => "the rolling count",
        NightLimitKind::SingleStay => "the stay",
    };
    format!("{what}{place} comes to {counted} {counting}, above {most} from {passed_on} on ({clause})")
}

fn wait_for(write: &mut Write<'_>, passing: &NightPassing) -> Result<(), Problem> {
    diesel::insert_into(open_night_passings::table)
        .values((
            open_night_passings::passing_id.eq(&passing.id),
            open_night_passings::stay_id.eq(&passing.stay_id),
            open_night_passings::child_id.eq(&passing.child_id),
        ))
        .execute(write.connection)?;
    Ok(())
}

/// A stay's later version says anew what it passes; what its earlier ones passed waits no longer.
pub(super) fn close_passings(write: &mut Write<'_>, stay_id: &str) -> Result<(), Problem> {
    diesel::delete(open_night_passings::table.filter(open_night_passings::stay_id.eq(stay_id))).execute(write.connection)?;
    Ok(())
}

/// What a stay passed in all its versions, in the order recorded.
pub(super) fn passings_of(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<PassingWithAcknowledgement>, Problem> {
    let rows: Vec<(NightPassing, Option<NightAcknowledgement>)> = night_passings::table
        .left_join(night_acknowledgements::table)
        .filter(night_passings::stay_id.eq(stay_id))
        .select((NightPassing::as_select(), Option::<NightAcknowledgement>::as_select()))
        .order((night_passings::recorded_seq, night_passings::id))
        .load(connection)?;
    Ok(rows.into_iter().map(|(passing, acknowledgement)| PassingWithAcknowledgement { passing, acknowledgement }).collect())
}

/// What a stay passes and nobody has acknowledged.
pub(super) fn open_passings_of_stay(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<NightPassing>, Problem> {
    Ok(open_night_passings::table
        .inner_join(night_passings::table)
        .filter(open_night_passings::stay_id.eq(stay_id))
        .select(NightPassing::as_select())
        .order((night_passings::recorded_seq, night_passings::id))
        .load(connection)?)
}

/// What a child's stays passed and nobody has acknowledged.
pub(super) fn open_passings_of_child(connection: &mut AnyConnection, child_id: &str) -> Result<Vec<NightPassing>, Problem> {
    Ok(open_night_passings::table
        .inner_join(night_passings::table)
        .filter(open_night_passings::child_id.eq(child_id))
        .select(NightPassing::as_select())
        .order((night_passings::recorded_seq, night_passings::id))
        .load(connection)?)
}
