//! The step that says what became of a variation: agreed, refused or withdrawn.

use crate::decisions::Reasoning;
use crate::error::Error;
use crate::instant::Instant;
use crate::variations::variation::Variation;
use chrono::NaiveDate;
use db::schema::{open_package_variations, package_variation_steps};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::panel::Capacity;
use domain::variations::checks::refuse_unless_proposed;
use domain::{Pence, VariationState};
use serde::Serialize;
use utoipa::ToSchema;

/// What became of a variation.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = package_variation_steps)]
pub struct VariationStep {
    /// The step's id.
    pub id: String,
    /// The variation.
    pub variation_id: String,
    /// The number of the audit event that recorded the variation.
    #[serde(skip)]
    #[schema(ignore)]
    pub variation_seq: i64,
    /// Agreed, refused or withdrawn.
    pub state: VariationState,
    /// On which day.
    pub taken_on: NaiveDate,
    /// The post that agreed or refused it; null where no post was asked for.
    pub post: Option<String>,
    /// As its holder, or standing in.
    pub capacity: Option<Capacity>,
    /// Where the authority of the post is written.
    pub clause: Option<String>,
    /// The child's total care package before it, as tested that day; null where nothing was tested.
    #[schema(value_type = Option<i64>)]
    pub total_before_pence: Option<Pence>,
    /// The same with it.
    #[schema(value_type = Option<i64>)]
    pub total_after_pence: Option<Pence>,
    /// The whole reasoning on that day; null where nothing was tested.
    pub explanation: Option<Reasoning>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What a step says.
pub struct Taken {
    /// Agreed, refused or withdrawn.
    pub state: VariationState,
    /// The post that did it.
    pub post: Option<String>,
    /// As its holder, or standing in.
    pub capacity: Option<Capacity>,
    /// Where its authority is written.
    pub clause: Option<String>,
    /// The totals tested, before and after.
    pub totals: Option<(Pence, Pence)>,
    /// The whole reasoning.
    pub explanation: Option<Reasoning>,
    /// In words.
    pub reason: Option<String>,
}

impl Taken {
    /// A step for which no post is asked.
    pub fn without_post(state: VariationState, reason: Option<String>) -> Self {
        Taken { state, post: None, capacity: None, clause: None, totals: None, explanation: None, reason }
    }
}

/// The step of a variation, if it had one.
pub fn step_of(connection: &mut AnyConnection, variation_id: &str) -> Result<Option<VariationStep>, Error> {
    Ok(package_variation_steps::table
        .filter(package_variation_steps::variation_id.eq(variation_id))
        .select(VariationStep::as_select())
        .first(connection)
        .optional()?)
}

/// Refuses what is no longer proposed.
pub(crate) fn require_proposed(connection: &mut AnyConnection, variation: &Variation) -> Result<(), Error> {
    let step = step_of(connection, &variation.id)?;
    Ok(refuse_unless_proposed(step.map(|step| (step.state, step.taken_on)))?)
}

/// Records the step of a variation that was proposed, which is then open no more.
pub(crate) fn close(write: &mut Write<'_>, variation: &Variation, taken: Taken) -> Result<(), Error> {
    let action = match taken.state {
        VariationState::Agreed => "agree",
        VariationState::Refused => "refuse",
        VariationState::Proposed | VariationState::Withdrawn => "withdraw",
    };
    write.record(Event::new(action, "package_variations", &variation.id))?;
    diesel::delete(open_package_variations::table.find(&variation.id)).execute(write.connection)?;
    add_step(write, variation, taken)
}

/// Adds the step of a variation; the caller records the event.
pub fn add_step(write: &mut Write<'_>, variation: &Variation, taken: Taken) -> Result<(), Error> {
    let step = VariationStep {
        id: new_id(),
        variation_id: variation.id.clone(),
        variation_seq: variation.recorded_seq,
        state: taken.state,
        taken_on: write.today(),
        post: taken.post,
        capacity: taken.capacity,
        clause: taken.clause,
        total_before_pence: taken.totals.map(|totals| totals.0),
        total_after_pence: taken.totals.map(|totals| totals.1),
        explanation: taken.explanation,
        reason: taken.reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(package_variation_steps::table).values(&step).execute(write.connection)?;
    Ok(())
}
