//! Limits that stays pass, and the posts that acknowledge it.

use super::steps::unreversed;
use super::{RecordedStay, Stay};
use crate::app::{Answer, App, IdempotencyKey, Once};
use crate::auth::Caller;
use crate::auth::permission::NightsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::post_holdings::in_post_on;
use crate::text::{Id, Text};
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use db::schema::{
    declared_interest_reversals, declared_interests, night_acknowledgements, night_passings, open_night_passings, panel_members, requests,
};
use db::{ActorKind, AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::Profile;
use domain::delegation::PostHolder;
use domain::nights::{LimitPassed, NightCounting, NightLimitKind, StayState};
use domain::panel::Capacity;
use domain::profile::{NightsPolicy, Posts};
use serde::{Deserialize, Serialize};
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

/// A post's word that a limit is passed knowingly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = night_acknowledgements)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "passing_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a41",
    "user_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a12", "post": "head_of_service", "capacity": "holder", "acknowledged_on": "2024-05-01",
    "clause": "SI 2010/959 reg 2(1)", "reason": "Looked-after review is booked", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a12",
    "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct NightAcknowledgement {
    /// The acknowledgement's id.
    pub id: String,
    /// What is acknowledged.
    pub passing_id: String,
    /// Who acknowledges it.
    pub user_id: String,
    /// In which post.
    pub post: String,
    /// As its holder or deputy.
    pub capacity: Capacity,
    /// On which day.
    pub acknowledged_on: NaiveDate,
    /// Where the authority says that the post may.
    pub clause: String,
    /// In words.
    pub reason: String,
    /// Who recorded it: the same person.
    pub recorded_by: String,
    /// When, UTC.
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

/// Why a limit is passed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "An emergency; the looked-after review is booked" }))]
pub struct LateAcknowledgement {
    /// In words.
    pub reason: Text<500>,
}

/// Acknowledge what a stay passed
///
/// For nights that were stayed and passed a limit: everything of the stay that still waits. By somebody in a post that the profile names.
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The stay's id")), request_body = LateAcknowledgement,
    security(("bearer" = ["nights:write"])), responses((status = 201, description = "The stay, and what it passes", body = RecordedStay)))]
#[post("/stays/{id}/acknowledgement")]
pub async fn acknowledge_stay(
    app: Data<App>,
    caller: Caller<NightsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<LateAcknowledgement>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let stay = unreversed(write.connection, &id.0)?;
        let open = open_passings_of_stay(write.connection, &stay.stay_id)?;
        if open.is_empty() {
            return Err(Problem::new(Code::StateConflict, "Nothing that the stay passes waits for an acknowledgement."));
        }
        let given = Given { holder: acknowledger(write, &profile.nights, &stay.child_id)?, reason: body.value.reason.0 };
        let mut passings = Vec::with_capacity(open.len());
        for passing in open {
            let acknowledgement = Some(acknowledge(write, &passing, &given)?);
            diesel::delete(open_night_passings::table.find(&passing.id)).execute(write.connection)?;
            passings.push(PassingWithAcknowledgement { passing, acknowledgement });
        }
        Ok(RecordedStay { stay, passings })
    })
    .await
}

/// What a caller says of the limits that a stay passes.
pub(super) struct Acknowledging {
    kinds: Vec<NightLimitKind>,
    reason: Option<String>,
}

impl Acknowledging {
    /// From a body.
    pub(super) fn of(kinds: Vec<NightLimitKind>, reason: Option<Text<500>>) -> Self {
        Acknowledging { kinds, reason: reason.map(|text| text.0) }
    }

    /// Whether nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.reason.is_none()
    }

    /// What is acknowledged comes with a reason, and a reason with something that is acknowledged.
    pub(super) fn mistakes(&self) -> Vec<FieldError> {
        match (self.kinds.is_empty(), &self.reason) {
            (false, None) => vec![FieldError::new("/acknowledgement_reason", "missing", "an acknowledgement has a reason")],
            (true, Some(_)) => vec![FieldError::new("/acknowledges", "missing", "name what the reason is for: rolling, single_stay")],
            _ => Vec::new(),
        }
    }
}

/// Whoever acknowledges, by which clause, and why.
struct Given {
    holder: (PostHolder, String),
    reason: String,
}

/// What is to be kept of the limits that a version of a stay passes.
pub(super) struct Settled {
    passed: Vec<LimitPassed>,
    kinds: Vec<NightLimitKind>,
    given: Option<Given>,
}

/// Looks at what a version of a stay passes before it is recorded. A booking that passes a limit without acknowledgement is refused; what
/// was stayed is not. What was acknowledged of the stay before, at the same count or a larger one, needs no other word.
pub(super) fn settle(
    write: &mut Write<'_>,
    profile: &Profile,
    stay: &Stay,
    mut passed: Vec<LimitPassed>,
    said: &Acknowledging,
) -> Result<Settled, Problem> {
    let policy = &profile.nights;
    let idle: Vec<_> = said.kinds.iter().filter(|kind| !passed.iter().any(|one| one.kind == **kind)).collect();
    if let Some(kind) = idle.first() {
        let detail = format!("the stay passes no limit of the kind `{kind}`");
        return Err(Problem::invalid(vec![FieldError::new("/acknowledges", "not_passed", detail)]));
    }
    let before = passings_of(write.connection, &stay.stay_id)?;
    passed.retain(|one| {
        let covers = |earlier: &PassingWithAcknowledgement| {
            let passing = &earlier.passing;
            earlier.acknowledgement.is_some()
                && (passing.limit_kind, &passing.provider_id) == (one.kind, &one.setting)
                && passing.most == one.most
                && passing.counted >= one.counted
        };
        said.kinds.contains(&one.kind) || !before.iter().any(covers)
    });
    let given = match &said.reason {
        Some(reason) => Some(Given { holder: acknowledger(write, policy, &stay.child_id)?, reason: reason.clone() }),
        None => None,
    };
    let missing: Vec<_> = passed.iter().filter(|one| !said.kinds.contains(&one.kind)).collect();
    if stay.state == StayState::Booked && !missing.is_empty() {
        return Err(unacknowledged(write, policy, &missing)?);
    }
    Ok(Settled { passed, kinds: said.kinds.clone(), given })
}

impl Settled {
    /// Keeps it, once the version is on record.
    pub(super) fn keep(self, write: &mut Write<'_>, stay: &Stay) -> Result<Vec<PassingWithAcknowledgement>, Problem> {
        let mut kept = Vec::with_capacity(self.passed.len());
        for one in self.passed {
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
            let acknowledgement = match &self.given {
                Some(given) if self.kinds.contains(&passing.limit_kind) => Some(acknowledge(write, &passing, given)?),
                _ => {
                    wait_for(write, &passing)?;
                    None
                }
            };
            kept.push(PassingWithAcknowledgement { passing, acknowledgement });
        }
        Ok(kept)
    }
}

/// Says what a booking would pass, when, and who may acknowledge it.
fn unacknowledged(write: &mut Write<'_>, policy: &NightsPolicy, missing: &[&LimitPassed]) -> Result<Problem, Problem> {
    let errors = missing.iter().map(|one| FieldError::new("/acknowledges", one.kind.as_str(), in_words(policy.counting(), one)));
    let errors = errors.collect();
    let who = match &policy.acknowledged_by {
        None => "The profile names no post that may acknowledge it, so it cannot be booked.".to_owned(),
        Some(named) => {
            let people = in_named_post(write, named)?;
            let people: Vec<_> = people.iter().map(|person| person.username.as_str()).collect();
            let today = if people.is_empty() { "nobody".to_owned() } else { people.join(", ") };
            format!("The post of {} may acknowledge it ({}); today: {today}.", named.posts.join(" or "), named.clause)
        }
    };
    Ok(Problem::with_errors(Code::NotReady, errors)
        .detailed(format!("The booking passes a limit, and nobody has acknowledged that. {who}")))
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

/// Everybody who is today in one of these posts.
fn in_named_post(write: &mut Write<'_>, named: &Posts) -> Result<Vec<PostHolder>, Problem> {
    let mut people = in_post_on(write.connection, write.at.date())?;
    people.retain(|person| named.posts.contains(&person.post));
    Ok(people)
}

/// The caller, in a post that may acknowledge for this child, and the clause; or why they may not.
fn acknowledger(write: &mut Write<'_>, policy: &NightsPolicy, child_id: &str) -> Result<(PostHolder, String), Problem> {
    let refuse = |why: &str| Err(Problem::new(Code::NoAuthority, why));
    if write.actor.kind != ActorKind::User {
        return refuse("A person acknowledges that a limit is passed; a tool does not.");
    }
    let Some(named) = &policy.acknowledged_by else {
        return refuse("The profile names no post that may acknowledge that a limit is passed.");
    };
    let people = in_named_post(write, named)?;
    let Some(holder) = people.into_iter().find(|person| person.user_id == write.actor.id) else {
        let posts = named.posts.join(" or ");
        return refuse(&format!("The post of {posts} acknowledges it ({}), and you are not in it today.", named.clause));
    };
    if has_interest(write.connection, &holder.user_id, child_id)? {
        return refuse("You may not acknowledge it: you declared an interest.");
    }
    Ok((holder, named.clause.clone()))
}

/// Whether somebody declared an interest in a request of the child's, as a user or as a member of the panel, and it stands.
fn has_interest(connection: &mut AnyConnection, user_id: &str, child_id: &str) -> Result<bool, Problem> {
    let declared = declared_interests::table
        .inner_join(requests::table.on(declared_interests::request_id.eq(requests::id)))
        .left_join(panel_members::table.on(declared_interests::member_id.eq(panel_members::id.nullable())))
        .filter(requests::child_id.eq(child_id))
        .filter(declared_interests::user_id.eq(user_id).or(panel_members::user_id.nullable().eq(user_id)))
        .filter(not(exists(declared_interest_reversals::table.find(declared_interests::id))))
        .select(declared_interests::id)
        .first::<String>(connection)
        .optional()?;
    Ok(declared.is_some())
}

fn acknowledge(write: &mut Write<'_>, passing: &NightPassing, given: &Given) -> Result<NightAcknowledgement, Problem> {
    let (holder, clause) = &given.holder;
    let row = NightAcknowledgement {
        id: new_id(),
        passing_id: passing.id.clone(),
        user_id: holder.user_id.clone(),
        post: holder.post.clone(),
        capacity: holder.capacity,
        acknowledged_on: write.at.date(),
        clause: clause.clone(),
        reason: given.reason.clone(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(night_acknowledgements::table).values(&row).execute(write.connection)?;
    write.record(Event::new("record", "night_acknowledgements", &row.id))?;
    Ok(row)
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

fn open_passings_of_stay(connection: &mut AnyConnection, stay_id: &str) -> Result<Vec<NightPassing>, Problem> {
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
