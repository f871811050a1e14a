//! A second administrator's agreement to a time in a post with authority over money.

use crate::error::Error;
use crate::instant::Instant;
use crate::people::posts::{PostHolding, standing};
use crate::people::waiting_posts::{self, WaitingHolding};
use db::schema::{post_holding_agreements, waiting_post_holdings};
use db::{ActorKind, Event, Write, new_id};
use diesel::prelude::*;
use domain::Profile;
use domain::people::posts_over_money::refuse_agreement;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Nothing more than the wish to agree.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct NewPostHoldingAgreement {}

/// An agreement to a time in a post.
#[derive(Debug, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = post_holding_agreements)]
#[schema(example = json!({
    "id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a2b", "holding_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a31",
    "opened_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a19", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a1a",
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 414
}))]
pub struct PostHoldingAgreement {
    /// The agreement's id.
    pub id: String,
    /// The holding's id.
    pub holding_id: String,
    /// The administrator who recorded the holding, or made it longer.
    pub opened_by: String,
    /// The administrator who agreed.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Lets a time in a post over money, which a person recorded or made longer, wait until somebody else than the caller agrees.
pub(crate) fn let_wait(write: &mut Write<'_>, profile: &Profile, holding: &PostHolding) -> Result<(), Error> {
    if !profile.holding_needs_another(write.actor.kind == ActorKind::User, &holding.post) {
        return Ok(());
    }
    forget(write, &holding.holding_id)?;
    let (holding_id, opened_by) = (holding.holding_id.clone(), write.actor.id.clone());
    let waiting = WaitingHolding { holding_id, opened_by, opened_seq: write.seq() };
    diesel::insert_into(waiting_post_holdings::table).values(&waiting).execute(write.connection)?;
    Ok(())
}

/// A time in a post waits no longer.
pub(crate) fn forget(write: &mut Write<'_>, holding_id: &str) -> Result<(), Error> {
    diesel::delete(waiting_post_holdings::table.find(holding_id)).execute(write.connection)?;
    Ok(())
}

/// Agrees a time in a post that another administrator recorded: from now on it counts.
pub fn agree(write: &mut Write<'_>, holding_id: &str) -> Result<PostHoldingAgreement, Error> {
    let holding = standing(write.connection, holding_id)?;
    let waiting = waiting_posts::of(write.connection, holding_id)?;
    let opened_by = waiting.map(|waiting| waiting.opened_by);
    refuse_agreement(opened_by.as_deref(), &holding.user_id, &write.actor.id)?;
    let agreement = PostHoldingAgreement {
        id: new_id(),
        holding_id: holding.holding_id,
        opened_by: opened_by.unwrap_or_default(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    forget(write, holding_id)?;
    diesel::insert_into(post_holding_agreements::table).values(&agreement).execute(write.connection)?;
    write.record(Event::new("agree", "post_holdings", holding_id).with(json!({ "opened_by": agreement.opened_by })))?;
    Ok(agreement)
}
