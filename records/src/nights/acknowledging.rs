//! Acknowledgements: a post's word that a limit is passed knowingly, given by somebody else than whoever recorded the stay.

use crate::error::Error;
use crate::nights::acknowledgement::{NightAcknowledgement, has_interest, in_named_post};
use crate::nights::passing::{NightPassing, PassingWithAcknowledgement, open_passings_of_stay};
use crate::nights::recorded_stay::RecordedStay;
use crate::nights::stay::{Stay, history};
use crate::people::owners::behind;
use crate::text::{Id, Text};
use db::schema::{night_acknowledgements, open_night_passings};
use db::{ActorKind, Event, Write, new_id};
use diesel::prelude::*;
use domain::authority::PostHolder;
use domain::nights::{WouldAcknowledge, refuse_unread};
use domain::profile::NightsPolicy;
use domain::{Code, Profile};
use serde::Deserialize;
use utoipa::ToSchema;

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

/// What decides whether the caller may acknowledge what a stay of these versions passes.
fn would_acknowledge(write: &mut Write<'_>, policy: &NightsPolicy, versions: &[Stay], child_id: &str) -> Result<WouldAcknowledge, Error> {
    let caller = write.actor.id.clone();
    let people = match &policy.acknowledged_by {
        None => Vec::new(),
        Some(named) => in_named_post(write.connection, named, write.today())?,
    };
    let recorders = behind(write.connection, versions.iter().map(|version| version.recorded_by.clone()).collect())?;
    Ok(WouldAcknowledge {
        is_person: write.actor.kind == ActorKind::User,
        in_post: people.into_iter().find(|person| person.user_id == caller),
        recorded_stay: recorders.contains(&caller),
        has_interest: has_interest(write.connection, &caller, child_id)?,
    })
}

fn acknowledge(
    write: &mut Write<'_>,
    passing: &NightPassing,
    (holder, clause): &(PostHolder, String),
    reason: &str,
) -> Result<NightAcknowledgement, Error> {
    let row = NightAcknowledgement {
        id: new_id(),
        passing_id: passing.id.clone(),
        user_id: holder.user_id.clone(),
        post: holder.post.clone(),
        capacity: holder.capacity,
        acknowledged_on: write.today(),
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

/// Acknowledges everything that waits of a stay.
pub fn acknowledge_stay(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewNightAcknowledgement) -> Result<RecordedStay, Error> {
    let mut versions = history(write.connection, id)?;
    let ids: Vec<&str> = versions.iter().map(|version| version.id.as_str()).collect();
    let state = versions.last().map(|last| last.state);
    state.map_or(Ok(()), |state| state.refuse_reversed())?;
    refuse_unread(&ids, &new.booking_id.0)?;
    let open = open_passings_of_stay(write.connection, id)?;
    if open.is_empty() {
        return Err(Error::refused(
            Code::StateConflict,
            "The stay passes no limit that waits for an acknowledgement. There is nothing to \
            acknowledge.",
        ));
    }
    let child_id = versions.last().map(|last| last.child_id.clone()).unwrap_or_default();
    let holder = would_acknowledge(write, &profile.nights, &versions, &child_id)?.post_and_clause(&profile.nights)?;
    let mut passings = Vec::with_capacity(open.len());
    for passing in open {
        let acknowledgement = Some(acknowledge(write, &passing, &holder, &new.reason.0)?);
        diesel::delete(open_night_passings::table.find(&passing.id)).execute(write.connection)?;
        passings.push(PassingWithAcknowledgement { passing, acknowledgement });
    }
    let stay = versions.pop().ok_or_else(|| Error::not_found("stay"))?;
    Ok(RecordedStay::of(stay, passings))
}
