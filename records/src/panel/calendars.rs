//! A calendar of panels, made ahead: every so many weeks, bank holidays skipped.

use crate::error::Error;
use crate::panel::day::{Panel, stands_on};
use crate::panel::recording::{NewPanel, insert};
use chrono::NaiveDate;
use db::Write;
use domain::panel::calendar::{CalendarDay, CalendarTerms, calendar_days, no_panel_made};
use domain::{BankHolidays, Profile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A calendar to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "first_on": "2024-06-10", "last_on": "2025-03-31", "starts_at": "09:30", "slots": 8, "slot_minutes": 20, "every_weeks": 2
}))]
pub struct NewPanelCalendar {
    /// The first panel's day: no weekend. All others are on the same day of the week.
    pub first_on: NaiveDate,
    /// No panel is later; at most two years after the first.
    pub last_on: NaiveDate,
    /// When they start, `HH:MM`, local time.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub starts_at: String,
    /// How many requests each can hear. The last slot ends by midnight.
    #[schema(minimum = 1, maximum = 100)]
    pub slots: i64,
    /// Minutes for each request.
    #[schema(minimum = 1, maximum = 480)]
    pub slot_minutes: i64,
    /// Weeks from one panel to the next; none, as the profile says.
    #[schema(minimum = 1, maximum = 52)]
    pub every_weeks: Option<u16>,
}

/// Why a day of the calendar has no new panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It is a bank holiday.
    BankHoliday,
    /// There is a panel on that day already.
    PanelExists,
}

/// A day of the calendar without a new panel.
#[derive(Debug, Serialize, ToSchema)]
pub struct SkippedDay {
    /// The day.
    pub on: NaiveDate,
    /// Why.
    pub why: SkipReason,
    /// The bank holiday's name.
    pub name: Option<String>,
}

/// The panels that were made, and the days that were skipped.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelCalendar {
    /// By day.
    pub panels: Vec<Panel>,
    /// By day.
    pub skipped: Vec<SkippedDay>,
}

/// Makes a calendar of panels. Bank holidays are skipped, not moved, and so are days that have a panel.
pub fn make(write: &mut Write<'_>, profile: &Profile, new: NewPanelCalendar) -> Result<PanelCalendar, Error> {
    let NewPanelCalendar { first_on, last_on, starts_at, slots, slot_minutes, every_weeks } = new;
    let one = NewPanel { held_on: first_on, starts_at, slots, slot_minutes };
    let terms = CalendarTerms { first_on, last_on, every_weeks, profile_weeks: profile.panel.every_weeks.as_ref() };
    let known = BankHolidays::bundled().map_err(Error::fault)?;
    let days = calendar_days(known, terms, one.slot_mistakes()?)?;
    let mut calendar = PanelCalendar { panels: Vec::new(), skipped: Vec::new() };
    for CalendarDay { on, holiday } in days {
        if let Some(name) = holiday {
            calendar.skipped.push(SkippedDay { on, why: SkipReason::BankHoliday, name: Some(name.to_owned()) });
        } else if stands_on(write.connection, on)? {
            calendar.skipped.push(SkippedDay { on, why: SkipReason::PanelExists, name: None });
        } else {
            calendar.panels.push(insert(write, profile, &NewPanel { held_on: on, starts_at: one.starts_at.clone(), ..one })?);
        }
    }
    if calendar.panels.is_empty() {
        return Err(no_panel_made(calendar.skipped.iter().map(|skipped| (skipped.on, skipped.name.as_deref()))).into());
    }
    Ok(calendar)
}
