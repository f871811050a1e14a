//! Recording a panel.

use crate::error::Error;
use crate::panel::day::{Panel, stands_on};
use chrono::NaiveDate;
use db::schema::panels;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::panel::calendar::day_mistake;
use domain::panel::slots::{Slots, papers_due_on};
use domain::{BankHolidays, Code, FieldError, Profile, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

/// A panel to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "held_on": "2024-06-10", "starts_at": "09:30", "slots": 8, "slot_minutes": 20 }))]
pub struct NewPanel {
    /// The day: no weekend, no bank holiday.
    pub held_on: NaiveDate,
    /// When it starts, `HH:MM`, local time.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub starts_at: String,
    /// How many requests can be heard. The last slot ends by midnight.
    #[schema(minimum = 1, maximum = 100)]
    pub slots: i64,
    /// Minutes for each.
    #[schema(minimum = 1, maximum = 480)]
    pub slot_minutes: i64,
}

impl NewPanel {
    /// What is wrong with its slots.
    pub(crate) fn slot_mistakes(&self) -> Result<Vec<FieldError>, Error> {
        Ok(Slots::from(&self.starts_at, self.slots, self.slot_minutes).map_err(Error::fault)?.mistakes())
    }
}

/// Records a panel on a day that has none.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: &NewPanel) -> Result<Panel, Error> {
    let mut errors = new.slot_mistakes()?;
    errors.extend(day_mistake(BankHolidays::bundled().map_err(Error::fault)?, "/held_on", new.held_on));
    Refusal::unless_valid(errors)?;
    if stands_on(write.connection, new.held_on)? {
        return Err(Error::refused(Code::StateConflict, format!("There is a panel on {} already.", new.held_on)));
    }
    insert(write, profile, new)
}

/// Adds a panel that nothing is wrong with.
pub(crate) fn insert(write: &mut Write<'_>, profile: &Profile, new: &NewPanel) -> Result<Panel, Error> {
    let panel = Panel {
        id: new_id(),
        held_on: new.held_on,
        starts_at: new.starts_at.clone(),
        slots: new.slots,
        slot_minutes: new.slot_minutes,
        papers_due_on: papers_due_on(profile.panel.papers_days_before.as_ref(), new.held_on),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panels::table).values(&panel).execute(write.connection)?;
    write.record(Event::new("record", "panels", &panel.id))?;
    Ok(panel)
}
