//! Recording that a child leaves, and taking that back.

use crate::children::ages;
use crate::children::leaving::{self, ChildLeaving};
use crate::error::Error;
use crate::leavings::reading::{LeavingInFull, whole};
use crate::leavings::support::{end_support, give_back};
use crate::nights::stay::standing_stays;
use crate::reversal::already_reversed;
use chrono::NaiveDate;
use db::schema::child_leavings;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::children::leaving::{LeavingReason, leaving_mistakes, stayed_mistake};
use domain::direct_payments::refuse_reversal_of_reversal;
use domain::nights::StayState;
use domain::{Code, Profile, Refusal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// That a child leaves the service. It has no words of its own: neither a cause nor a place is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewChildLeaving, example = json!({ "reason": "moved", "left_on": "2025-06-02" }))]
pub struct NewLeaving {
    /// Why.
    pub reason: LeavingReason,
    /// The first day without support: past, today or to come. A death is not to come, and nobody comes of age before the birthday.
    pub left_on: NaiveDate,
}

/// Nothing more than the wish to take it back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewChildLeavingReversal, example = json!({}))]
pub struct NewLeavingReversal {}

/// Records that a child leaves. Its package lines end on the day, and those that would begin later are taken back.
pub fn record(write: &mut Write<'_>, profile: &Profile, child_id: &str, new: NewLeaving) -> Result<LeavingInFull, Error> {
    let born = ages::date_of_birth(write.connection, child_id)?.ok_or_else(|| Error::not_found("child"))?;
    let mut mistakes = leaving_mistakes(&profile.ages, new.reason, new.left_on, born, write.today());
    let stays = standing_stays(write.connection, child_id)?;
    mistakes.extend(stayed_mistake(stays.iter().filter(|stay| stay.state == StayState::Stayed).map(|stay| stay.last_night), new.left_on));
    Refusal::unless_valid(mistakes)?;
    if let Some(before) = leaving::standing(write.connection, child_id)? {
        let detail = format!(
            "The child is recorded as leaving on {}. To correct that, take record {} back and record the leaving again.",
            before.left_on, before.id
        );
        return Err(Error::refused(Code::AlreadyExists, detail));
    }
    let row = ChildLeaving {
        id: new_id(),
        child_id: child_id.to_owned(),
        reason: new.reason,
        left_on: new.left_on,
        reverses_id: None,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(child_leavings::table).values(&row).execute(write.connection)?;
    // Why stays out of the trail: more people read that than a child's record.
    write.record(Event::new("record", "child_leavings", &row.id).with(json!({ "child_id": child_id })))?;
    end_support(write, profile, &row)?;
    whole(write.connection, profile, row)
}

/// Takes a leaving back: its package lines have the ends again that they had before.
pub fn take_back(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<ChildLeaving, Error> {
    let row = leaving::find(write.connection, id)?;
    refuse_reversal_of_reversal(row.reverses_id.as_deref(), "leaving")?;
    let reversing = ChildLeaving {
        id: new_id(),
        reverses_id: Some(row.id.clone()),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..row.clone()
    };
    let inserted = diesel::insert_into(child_leavings::table).values(&reversing).execute(write.connection);
    inserted.map_err(|error| already_reversed(error.into(), "child_leavings_reverses_id_key"))?;
    write.record(Event::new("reverse", "child_leavings", &row.id).with(json!({ "child_id": row.child_id })))?;
    give_back(write, profile, &row, &reversing)?;
    Ok(reversing)
}
