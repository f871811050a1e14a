//! Acknowledgements: a post's word that a limit is passed knowingly, given by somebody else than whoever recorded the stay.

use super::steps::unreversed;
use super::{NightPassing, PassingWithAcknowledgement, RecordedStay, Stay, history, open_passings_of_stay};
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
use db::schema::{declared_interest_reversals, declared_interests, night_acknowledgements, open_night_passings, panel_members, requests};
use db::{ActorKind, AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::delegation::PostHolder;
use domain::panel::Capacity;
use domain::profile::{NightsPolicy, Posts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// Why a limit is passed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "booking_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31", "reason": "An emergency; the looked-after review is booked"
}))]
pub struct NewNightAcknowledgement {
    /// The version of the stay that is acknowledged, by its id: the last, as it was read.
    pub booking_id: Id,
    /// In words.
    pub reason: Text<500>,
}

/// Acknowledge what a stay passed
///
/// Everything that waits of the stay's last version, which `booking_id` names: of a booking, or of nights that were stayed. By somebody who
/// is today in a post that the profile names, and who recorded no version of the stay.
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The stay's id")), request_body = NewNightAcknowledgement,
    security(("bearer" = ["nights:write"])), responses((status = 201, description = "The stay, and what it passes", body = RecordedStay)))]
#[post("/stays/{id}/acknowledgement")]
pub async fn acknowledge_stay(
    app: Data<App>,
    caller: Caller<NightsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewNightAcknowledgement>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let stay = unreversed(write.connection, &id.0)?;
        refuse_unread(write.connection, &stay, &body.value.booking_id.0)?;
        let open = open_passings_of_stay(write.connection, &stay.stay_id)?;
        if open.is_empty() {
            return Err(Problem::new(Code::StateConflict, "Nothing that the stay passes waits for an acknowledgement."));
        }
        let holder = acknowledger(write, &profile.nights, &stay)?;
        let reason = body.value.reason.0;
        let mut passings = Vec::with_capacity(open.len());
        for passing in open {
            let acknowledgement = Some(acknowledge(write, &passing, &holder, &reason)?);
            diesel::delete(open_night_passings::table.find(&passing.id)).execute(write.connection)?;
            passings.push(PassingWithAcknowledgement { passing, acknowledgement });
        }
        Ok(RecordedStay::of(stay, passings))
    })
    .await
}

/// Refuses a word on another version than the last: whoever gives it has not read what they would acknowledge.
fn refuse_unread(connection: &mut AnyConnection, last: &Stay, booking_id: &str) -> Result<(), Problem> {
    if last.id == booking_id {
        return Ok(());
    }
    if history(connection, &last.stay_id)?.iter().all(|version| version.id != booking_id) {
        return Err(Problem::invalid(vec![FieldError::new("/booking_id", "unknown_reference", "the stay has no version of this id")]));
    }
    let detail = format!("The stay has a later version, {}: read what that passes, and acknowledge it.", last.id);
    Err(Problem::new(Code::StateConflict, detail))
}

/// Everybody who is today in one of these posts.
pub(super) fn in_named_post(write: &mut Write<'_>, named: &Posts) -> Result<Vec<PostHolder>, Problem> {
    let mut people = in_post_on(write.connection, write.at.date())?;
    people.retain(|person| named.posts.contains(&person.post));
    Ok(people)
}

/// The caller, in a post that may acknowledge for this child, and the clause; or why they may not. Two people are in it: who recorded a
/// version of the stay, and who acknowledges it.
fn acknowledger(write: &mut Write<'_>, policy: &NightsPolicy, stay: &Stay) -> Result<(PostHolder, String), Problem> {
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
    if history(write.connection, &stay.stay_id)?.iter().any(|version| version.recorded_by == holder.user_id) {
        return refuse("You recorded the stay: somebody else in the post acknowledges what it passes.");
    }
    if has_interest(write.connection, &holder.user_id, &stay.child_id)? {
        return refuse("You may not acknowledge it: you declared an interest.");
    }
    Ok((holder, named.clause.clone()))
}

/// Whether somebody declared an interest in a request of the child's, as a user or as a member of the panel, and it stands.
pub(super) fn has_interest(connection: &mut AnyConnection, user_id: &str, child_id: &str) -> Result<bool, Problem> {
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

fn acknowledge(
    write: &mut Write<'_>,
    passing: &NightPassing,
    (holder, clause): &(PostHolder, String),
    reason: &str,
) -> Result<NightAcknowledgement, Problem> {
    let row = NightAcknowledgement {
        id: new_id(),
        passing_id: passing.id.clone(),
        user_id: holder.user_id.clone(),
        post: holder.post.clone(),
        capacity: holder.capacity,
        acknowledged_on: write.at.date(),
        clause: clause.clone(),
        reason: reason.to_owned(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(night_acknowledgements::table).values(&row).execute(write.connection)?;
    write.record(Event::new("record", "night_acknowledgements", &row.id))?;
    Ok(row)
}
