//! Keeping a version of a stay, and what it passes.

use crate::error::Error;
use crate::nights::acknowledgement::{has_interest, in_named_post};
use crate::nights::passing::{NightPassing, PassingWithAcknowledgement, earlier};
use crate::nights::recorded_stay::RecordedStay;
use crate::nights::stay::{Stay, standing_stays, versions_of};
use crate::people::owners::behind;
use db::schema::{night_bookings, night_passings, open_night_passings, stays_to_confirm};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::Profile;
use domain::nights::{
    LimitPassed, NightLimitKind, NightsAt, NightsAway, PassingsChecked, PassingsRefused, SaidOfLimits, StayState, acknowledgers,
    check_passings, refuse_shared_night, who_may_acknowledge,
};
use domain::profile::NightsPolicy;
use serde_json::json;
use std::collections::HashSet;

/// What a caller says of the limits that a stay passes.
#[derive(Default)]
pub struct Said {
    /// Limits that a booking is known to pass, and waits for the acknowledgement of.
    pub waits_for: Vec<NightLimitKind>,
    /// Of what was stayed: why without the acknowledgement.
    pub unacknowledged_reason: Option<String>,
}

/// Adds a version whose nights count: refused where the child is elsewhere, where nights cannot be counted, where a booking passes a limit
/// that it does not say it waits for, and where what was stayed does not say why it did so unacknowledged. Exact, because writers take turns.
pub fn keep(write: &mut Write<'_>, profile: &Profile, mut stay: Stay, said: Said, action: &'static str) -> Result<RecordedStay, Error> {
    let (policy, own) = (&profile.nights, stay.nights());
    policy.refuse_uncountable(&own)?;
    let mut others = standing_stays(write.connection, &stay.child_id)?;
    others.retain(|other| other.stay_id != stay.stay_id);
    let mut nights: Vec<NightsAt> = others.iter().map(Stay::nights).collect();
    refuse_shared_night(&own, others.iter().map(|other| other.stay_id.as_str()).zip(&nights))?;
    nights.push(own.clone());
    let passed = policy.passed_by(&NightsAway::of(&nights, policy.counting()), &own);
    let earlier = earlier(write.connection, &stay.stay_id)?;
    let Said { waits_for, unacknowledged_reason } = said;
    let had_reason = stay.unacknowledged_reason.is_some();
    let said = SaidOfLimits { waits_for, has_reason: unacknowledged_reason.is_some(), had_reason };
    let PassingsChecked { open, is_above } = match check_passings(policy, stay.state, &own, passed, &earlier, &said) {
        Ok(checked) => checked,
        Err(refused) => return Err(refusal(write, policy, &stay, refused)?),
    };
    // A reason that was given before holds as long as a limit is passed, also once that is acknowledged: it took place without.
    stay.unacknowledged_reason = unacknowledged_reason.or(stay.unacknowledged_reason).filter(|_| is_above);
    add(write, &stay)?;
    write.record(Event::new(action, "night_bookings", &stay.stay_id))?;
    let passings = keep_waiting(write, &stay, open)?;
    Ok(RecordedStay::of(stay, passings))
}

/// Adds a version; what waited for it is done. A stay's later version says anew what it passes; what its earlier ones passed waits no longer.
pub fn add(write: &mut Write<'_>, stay: &Stay) -> Result<(), Error> {
    diesel::insert_into(night_bookings::table).values(stay).execute(write.connection)?;
    diesel::delete(stays_to_confirm::table.find(&stay.stay_id)).execute(write.connection)?;
    if stay.state == StayState::Booked {
        diesel::insert_into(stays_to_confirm::table)
            .values((stays_to_confirm::stay_id.eq(&stay.stay_id), stays_to_confirm::last_night.eq(stay.last_night)))
            .execute(write.connection)?;
    }
    diesel::delete(open_night_passings::table.filter(open_night_passings::stay_id.eq(&stay.stay_id))).execute(write.connection)?;
    Ok(())
}

/// Why a version is not recorded; where somebody may acknowledge what it passes, with their names.
fn refusal(write: &mut Write<'_>, policy: &NightsPolicy, stay: &Stay, refused: PassingsRefused) -> Result<Error, Error> {
    let who = match refused {
        PassingsRefused::Mistaken(_) => None,
        _ => who_may(write, policy, stay)?,
    };
    Ok(refused.refusal(policy.counting(), who).into())
}

/// The posts that acknowledge, and who is in them today and may, once the caller has recorded the stay; none, the profile names no post.
fn who_may(write: &mut Write<'_>, policy: &NightsPolicy, stay: &Stay) -> Result<Option<String>, Error> {
    let Some(named) = &policy.acknowledged_by else { return Ok(None) };
    let mut recorders: Vec<String> = versions_of(write.connection, &stay.stay_id)?.into_iter().map(|version| version.recorded_by).collect();
    recorders.push(write.actor.id.clone());
    let recorders: Vec<String> = behind(write.connection, recorders.into_iter().collect())?.into_iter().collect();
    let people = in_named_post(write.connection, named, write.today())?;
    let mut interested = HashSet::new();
    for person in &people {
        if has_interest(write.connection, &person.user_id, &stay.child_id)? {
            interested.insert(person.user_id.clone());
        }
    }
    Ok(who_may_acknowledge(policy, &acknowledgers(&people, &recorders, &interested)))
}

/// Keeps what a version of a stay passes, once it is on record: it waits for the acknowledgement.
fn keep_waiting(write: &mut Write<'_>, stay: &Stay, passed: Vec<LimitPassed>) -> Result<Vec<PassingWithAcknowledgement>, Error> {
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

fn wait_for(write: &mut Write<'_>, passing: &NightPassing) -> Result<(), Error> {
    diesel::insert_into(open_night_passings::table)
        .values((
            open_night_passings::passing_id.eq(&passing.id),
            open_night_passings::stay_id.eq(&passing.stay_id),
            open_night_passings::child_id.eq(&passing.child_id),
        ))
        .execute(write.connection)?;
    Ok(())
}
