//! Stays in a list, and the history of one.

use crate::error::Error;
use crate::nights::passing::{open_passings_of_stay, passings_of, waiting_among};
use crate::nights::recorded_stay::{ListedStay, StayHistory};
use crate::nights::stay::{LATER, Stay, history};
use crate::page::{After, Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::text::Id;
use chrono::{NaiveDate, TimeDelta};
use db::schema::{night_bookings, open_night_passings, stays_to_confirm};
use db::{Event, Write};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::nights::{MOST_NIGHTS, StayState};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListStays {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this child's.
    child_id: Option<Id>,
    /// Only at this setting.
    provider_id: Option<Id>,
    /// Only those with a night on this day or later.
    #[serde(default, deserialize_with = "day_parameter")]
    from: Option<NaiveDate>,
    /// Only those with a night before this day.
    #[serde(default, deserialize_with = "day_parameter")]
    to: Option<NaiveDate>,
    /// Only those that have come so far.
    state: Option<StayState>,
    /// Only those that are booked, whose nights are past, and that nobody has confirmed.
    #[serde(default)]
    to_confirm: bool,
    /// Only those that wait for the acknowledgement of what they pass: bookings that wait, and what was stayed without it.
    #[serde(default)]
    waiting: bool,
    /// Only those that took place above a limit without the acknowledgement, also where it was given later.
    #[serde(default)]
    unacknowledged: bool,
}

/// A day before which the last nights of these stays are anyway. With both bounds on one column SQLite looks stays up by their nights: those
/// of a short time, since no stay is longer than so many nights, and those of late and to come. Others are found soonest in the order
/// recorded.
fn last_night_before(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    // The last day that is written with a year of four digits, as days are compared in SQLite.
    let last = NaiveDate::from_ymd_opt(9999, 12, 31)?;
    let after = |day: NaiveDate| day.checked_add_signed(TimeDelta::days(MOST_NIGHTS)).map_or(last, |day| day.min(last));
    match (from?, to) {
        (_, Some(to)) => Some(after(to)),
        (from, None) => (after(from) >= today).then_some(last),
    }
}

/// Lists stays.
pub fn list(write: &mut Write<'_>, wanted: ListStays) -> Result<Page<ListedStay>, Error> {
    let ListStays { limit, cursor, child_id, provider_id, from, to, state, to_confirm, waiting, unacknowledged } = wanted;
    let after = cursor.after_record()?;
    let later = LATER.filter(LATER.field(night_bookings::stay_id).eq(night_bookings::stay_id));
    let mut query = night_bookings::table
        .select(Stay::as_select())
        .filter(not(exists(later.filter(LATER.field(night_bookings::version).gt(night_bookings::version)))))
        .filter(night_bookings::recorded_seq.ge(after.seq))
        .filter(night_bookings::recorded_seq.gt(after.seq).or(night_bookings::id.gt(after.id)))
        .into_boxed();
    if let Some(child) = child_id {
        query = query.filter(night_bookings::child_id.eq(child.0));
    }
    match provider_id {
        None => {}
        // So that SQLite does not go through all of a setting's stays: there are fewer by what was not acknowledged.
        Some(provider) if unacknowledged => query = query.filter(not(night_bookings::provider_id.ne(provider.0))),
        Some(provider) => query = query.filter(night_bookings::provider_id.eq(provider.0)),
    }
    if let Some(day) = from {
        query = query.filter(night_bookings::last_night.ge(day));
    }
    if let Some(day) = to {
        query = query.filter(night_bookings::first_night.lt(day));
    }
    if let Some(day) = last_night_before(from, to, write.today()) {
        query = query.filter(night_bookings::last_night.lt(day));
    }
    match state {
        None => {}
        // Those whose last version is a booking: of all bookings ever made they are few.
        Some(StayState::Booked) => {
            query = query.filter(night_bookings::stay_id.eq_any(stays_to_confirm::table.select(stays_to_confirm::stay_id)));
        }
        // Written so that SQLite does not take the index of states: by what waits, or by the day, there are fewer.
        Some(state) if waiting || unacknowledged || from.is_some() => query = query.filter(not(night_bookings::state.ne(state))),
        Some(state) => query = query.filter(night_bookings::state.eq(state)),
    }
    if to_confirm {
        let past = stays_to_confirm::table.filter(stays_to_confirm::last_night.lt(write.today()));
        query = query.filter(night_bookings::stay_id.eq_any(past.select(stays_to_confirm::stay_id)));
    }
    if waiting {
        query = query.filter(night_bookings::stay_id.eq_any(open_night_passings::table.select(open_night_passings::stay_id)));
    }
    if unacknowledged {
        query = query.filter(night_bookings::unacknowledged_reason.is_not_null());
    }
    let rows = query.order((night_bookings::recorded_seq, night_bookings::id)).limit(limit.and_one()).load(write.connection)?;
    let page = limit.page(rows, |row: &Stay| After::key(row.recorded_seq, &row.id));
    for stay in &page.items {
        record_read(write, stay)?;
    }
    if page.items.is_empty() {
        write.record(Event::new("list", "night_bookings", ""))?;
    }
    let waiting = waiting_among(write.connection, &page.items)?;
    let listed = |stay: Stay| ListedStay { is_waiting: waiting.contains(&stay.stay_id), stay };
    Ok(Page { items: page.items.into_iter().map(listed).collect(), next_cursor: page.next_cursor })
}

/// Reads a stay's history.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<StayHistory, Error> {
    let versions = history(write.connection, id)?;
    if let Some(last) = versions.last() {
        record_read(write, last)?;
    }
    let passings = passings_of(write.connection, id)?;
    let is_waiting = !open_passings_of_stay(write.connection, id)?.is_empty();
    Ok(StayHistory { is_waiting, versions, passings })
}

/// A stay is part of its child's record: reading it is on the trail of both.
fn record_read(write: &mut Write<'_>, stay: &Stay) -> Result<(), Error> {
    write.record(Event::new("read", "night_bookings", &stay.stay_id))?;
    write.record(Event::new("read", "children", &stay.child_id).with(json!({ "stay_id": stay.stay_id })))?;
    Ok(())
}
