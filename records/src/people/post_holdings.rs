//! Post holdings: who is in which post, as its holder or deputy, from when to when.
//!
//! A holding is a row of versions, as a package line is. Ending or reversing it adds a version; nothing is changed.

use crate::error::Error;
use crate::people::post_agreements::{forget, let_wait};
use crate::people::posts::{other_times, standing};
use crate::reversal::NewReversal;
use crate::text::{CodeText, Id, Text};
use chrono::{NaiveDate, NaiveDateTime};
use db::schema::{post_holdings, users};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::packages::dates::date_mistakes;
use domain::panel::{Capacity, HoldingState};
use domain::people::post_holdings::{refuse_oneself, refuse_overlap};
use domain::people::posts_over_money::is_longer;
use domain::{Code, FieldError, Profile, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

pub use crate::people::posts::{HoldingHistory, ListHoldings, ListedHolding, PostHolding, history, in_post_on, list};

/// A holding to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "post": "head_of_service", "user_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a12", "capacity": "holder", "valid_from": "2023-04-01",
    "reason": "Appointed from 1 April 2023"
}))]
pub struct NewPostHolding {
    /// A post of the authority's profile.
    pub post: CodeText,
    /// Who is in it: a user whose account is not disabled, and not the caller.
    pub user_id: Id,
    /// Holder or deputy. Two may hold a post at once.
    pub capacity: Capacity,
    /// The first day in the post.
    pub valid_from: NaiveDate,
    /// The first day no longer in it; none, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// In words.
    pub reason: Text<500>,
}

/// When a holding ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "valid_to": "2024-10-01", "reason": "Left the service" }))]
pub struct EndOfHolding {
    /// The first day no longer in the post, after the holding's start.
    pub valid_to: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// Puts somebody in a post. One over money waits until another administrator agrees.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewPostHolding) -> Result<PostHolding, Error> {
    refuse_oneself(&write.actor.id, &new.user_id.0)?;
    Refusal::unless_valid(mistakes(write.connection, profile, &new)?)?;
    let id = new_id();
    let holding = PostHolding {
        holding_id: id.clone(),
        id,
        version: 1,
        post: new.post.0,
        user_id: new.user_id.0,
        capacity: new.capacity,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        state: HoldingState::Recorded,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    refuse_overlap(&holding.time(), &other_times(write.connection, &holding)?)?;
    insert(write, &holding)?;
    write.record(Event::new("record", "post_holdings", &holding.holding_id))?;
    let_wait(write, profile, &holding)?;
    Ok(holding)
}

/// Ends a holding, or moves its end. More time in a post over money waits until another administrator agrees.
pub fn end(write: &mut Write<'_>, profile: &Profile, id: &str, new: EndOfHolding) -> Result<PostHolding, Error> {
    let latest = standing(write.connection, id)?;
    refuse_oneself(&write.actor.id, &latest.user_id)?;
    Refusal::unless_valid(date_mistakes(latest.valid_from, Some(new.valid_to)))?;
    if latest.valid_to == Some(new.valid_to) {
        return Err(Error::refused(Code::StateConflict, format!("The holding ends on {} already.", new.valid_to)));
    }
    let is_longer = is_longer(latest.valid_to, new.valid_to);
    let ended = PostHolding { valid_to: Some(new.valid_to), state: HoldingState::Ended, reason: new.reason.0, ..latest };
    // An end that is moved on may reach into a later holding.
    refuse_overlap(&ended.time(), &other_times(write.connection, &ended)?)?;
    let ended = add_version(write, ended, "end")?;
    if is_longer {
        let_wait(write, profile, &ended)?;
    }
    Ok(ended)
}

/// Reverses a post holding: it no longer counts on any day.
pub fn reverse(write: &mut Write<'_>, id: &str, new: NewReversal) -> Result<PostHolding, Error> {
    let latest = standing(write.connection, id)?;
    refuse_oneself(&write.actor.id, &latest.user_id)?;
    forget(write, id)?;
    add_version(write, PostHolding { state: HoldingState::Reversed, reason: new.reason.0, ..latest }, "reverse")
}

/// Everything that keeps a holding from being recorded, whatever others are on record.
fn mistakes(connection: &mut AnyConnection, profile: &Profile, new: &NewPostHolding) -> Result<Vec<FieldError>, Error> {
    let mut errors = Vec::new();
    if !profile.posts.iter().any(|post| post.code == new.post.0) {
        let known: Vec<_> = profile.posts.iter().map(|post| post.code.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        errors.push(FieldError::new("/post", "unknown_reference", format!("the profile has no post `{}`; it has {known}", new.post.0)));
    }
    let disabled_at: Option<Option<NaiveDateTime>> =
        users::table.find(&new.user_id.0).select(users::disabled_at).first(connection).optional()?;
    match disabled_at {
        None => errors.push(FieldError::new("/user_id", "unknown_reference", "no user has this id")),
        Some(Some(_)) => errors.push(FieldError::new("/user_id", "disabled", "the user's log-in is disabled")),
        Some(None) => {}
    }
    errors.extend(date_mistakes(new.valid_from, new.valid_to));
    Ok(errors)
}

fn add_version(write: &mut Write<'_>, version: PostHolding, action: &'static str) -> Result<PostHolding, Error> {
    let next = PostHolding {
        id: new_id(),
        version: version.version + 1,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..version
    };
    insert(write, &next)?;
    write.record(Event::new(action, "post_holdings", &next.holding_id))?;
    Ok(next)
}

fn insert(write: &mut Write<'_>, holding: &PostHolding) -> Result<(), db::Error> {
    diesel::insert_into(post_holdings::table).values(holding).execute(write.connection)?;
    Ok(())
}
