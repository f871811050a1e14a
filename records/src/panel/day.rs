//! Panels as they were recorded: the days they are held, and their slots.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::panel::cancellation::cancellation_of;
use crate::period::day_parameter;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{panel_cancellations, panels};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::Code;
use domain::panel::slots::Slots;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A panel.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panels)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "held_on": "2024-06-10", "starts_at": "09:30", "slots": 8, "slot_minutes": 20,
    "papers_due_on": "2024-06-03", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-01T09:00:00Z",
    "recorded_seq": 640
}))]
pub struct Panel {
    /// The panel's id.
    pub id: String,
    /// The day.
    pub held_on: NaiveDate,
    /// When it starts, `HH:MM`, local time.
    pub starts_at: String,
    /// How many requests can be heard.
    pub slots: i64,
    /// Minutes for each.
    pub slot_minutes: i64,
    /// The last day on which a request can be put on the agenda.
    pub papers_due_on: NaiveDate,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Panel {
    /// When a slot starts, `HH:MM`, local time.
    pub fn slot_starts_at(&self, slot: i64) -> Result<String, Error> {
        let slots = Slots::from(&self.starts_at, self.slots, self.slot_minutes).map_err(Error::fault)?;
        Ok(slots.starts_at(slot))
    }
}

/// A panel in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedPanel {
    /// The panel.
    #[serde(flatten)]
    pub panel: Panel,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPanels {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only those held on this day or later.
    #[serde(default, deserialize_with = "day_parameter")]
    from: Option<NaiveDate>,
    /// Only those held before this day.
    #[serde(default, deserialize_with = "day_parameter")]
    to: Option<NaiveDate>,
}

/// What to list of one panel.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOfPanel {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    pub(crate) limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub(crate) cursor: Cursor,
}

/// The panel with that id.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Panel, Error> {
    let panel = panels::table.find(id).select(Panel::as_select()).first(connection).optional()?;
    panel.ok_or_else(|| Error::not_found("panel"))
}

/// The panel with that id, unless it was cancelled.
pub fn find_standing(connection: &mut AnyConnection, id: &str) -> Result<Panel, Error> {
    let panel = find(connection, id)?;
    refuse_cancelled(connection, &panel)?;
    Ok(panel)
}

/// Refuses a panel that was cancelled.
pub fn refuse_cancelled(connection: &mut AnyConnection, panel: &Panel) -> Result<(), Error> {
    match cancellation_of(connection, &panel.id)? {
        None => Ok(()),
        Some(_) => Err(Error::refused(Code::StateConflict, format!("The panel of {} was cancelled.", panel.held_on))),
    }
}

/// Whether a panel that is not cancelled is held on a day.
pub fn stands_on(connection: &mut AnyConnection, day: NaiveDate) -> Result<bool, Error> {
    let cancelled = panel_cancellations::table.filter(panel_cancellations::panel_id.eq(panels::id));
    let standing = panels::table.filter(panels::held_on.eq(day)).filter(not(exists(cancelled)));
    Ok(diesel::select(exists(standing)).get_result(connection)?)
}

/// Lists panels.
pub fn list(connection: &mut AnyConnection, wanted: ListPanels) -> Result<Page<ListedPanel>, Error> {
    let ListPanels { limit, cursor, from, to } = wanted;
    let after = cursor.after_record()?;
    let mut query = panels::table
        .left_join(panel_cancellations::table.on(panel_cancellations::panel_id.eq(panels::id)))
        .select((Panel::as_select(), panel_cancellations::panel_id.nullable()))
        .filter(panels::recorded_seq.ge(after.seq))
        .filter(panels::recorded_seq.gt(after.seq).or(panels::id.gt(after.id)))
        .into_boxed();
    if let Some(from) = from {
        query = query.filter(panels::held_on.ge(from));
    }
    if let Some(to) = to {
        query = query.filter(panels::held_on.lt(to));
    }
    let rows: Vec<(Panel, Option<String>)> = query.order((panels::recorded_seq, panels::id)).limit(limit.and_one()).load(connection)?;
    let rows = rows.into_iter().map(|(panel, cancelled)| ListedPanel { panel, is_cancelled: cancelled.is_some() }).collect();
    Ok(limit.page(rows, |row: &ListedPanel| After::key(row.panel.recorded_seq, &row.panel.id)))
}
