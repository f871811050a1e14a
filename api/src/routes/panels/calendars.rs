//! A calendar of panels, made ahead: every so many weeks, bank holidays skipped.

use super::{NewPanel, Panel, insert, is_weekend, stands_on, time_mistakes};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::PanelsWrite;
use crate::extract::Body;
use crate::problem::{Code, FieldError, Problem};
use actix_web::post;
use actix_web::web::Data;
use chrono::{Days, Months, NaiveDate};
use db::Write;
use domain::{BankHolidays, Profile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest calendar.
const MOST_MONTHS: Months = Months::new(24);

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

impl Located for PanelCalendar {
    fn location(&self) -> String {
        "/v1/panels".to_owned()
    }
}

/// Make a calendar of panels
///
/// A panel every so many weeks. Bank holidays are skipped, not moved, and so are days that have a panel: both are told.
#[utoipa::path(tag = "panels", request_body = NewPanelCalendar, security(("bearer" = ["panels:write"])),
    responses((status = 201, description = "The panels made and the days skipped", body = PanelCalendar)))]
#[post("/panel-calendars")]
pub async fn create_panel_calendar(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    key: IdempotencyKey,
    body: Body<NewPanelCalendar>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| make(write, &profile, body.value)).await
}

fn make(write: &mut Write<'_>, profile: &Profile, new: NewPanelCalendar) -> Result<PanelCalendar, Problem> {
    let (days, one) = days_of(profile, new)?;
    let mut calendar = PanelCalendar { panels: Vec::new(), skipped: Vec::new() };
    for (on, holiday) in days {
        if let Some(name) = holiday {
            calendar.skipped.push(SkippedDay { on, why: SkipReason::BankHoliday, name: Some(name.to_owned()) });
        } else if stands_on(write.connection, on)? {
            calendar.skipped.push(SkippedDay { on, why: SkipReason::PanelExists, name: None });
        } else {
            calendar.panels.push(insert(write, profile, &NewPanel { held_on: on, starts_at: one.starts_at.clone(), ..one })?);
        }
    }
    if calendar.panels.is_empty() {
        let days = calendar.skipped.iter().map(|skipped| match &skipped.name {
            Some(name) => format!("{} is a bank holiday ({name})", skipped.on),
            None => format!("{} has a panel", skipped.on),
        });
        let days: Vec<_> = days.collect();
        return Err(Problem::new(Code::StateConflict, format!("No panel is to be made: {}.", days.join(", "))));
    }
    Ok(calendar)
}

type DayOfCalendar = (NaiveDate, Option<&'static str>);

/// The calendar's days, each with the bank holiday that it is, and a panel as all of them are. Every mistake is told at once.
fn days_of(profile: &Profile, new: NewPanelCalendar) -> Result<(Vec<DayOfCalendar>, NewPanel), Problem> {
    let NewPanelCalendar { first_on, last_on, starts_at, slots, slot_minutes, every_weeks } = new;
    let one = NewPanel { held_on: first_on, starts_at, slots, slot_minutes };
    let mut errors = time_mistakes(&one)?;
    if is_weekend(first_on) {
        errors.push(FieldError::new("/first_on", "weekend", format!("{first_on} is a {}", first_on.format("%A"))));
    }
    if last_on < first_on {
        errors.push(FieldError::new("/last_on", "before_start", "the calendar ends before it starts"));
    } else if first_on.checked_add_months(MOST_MONTHS).is_none_or(|most| last_on > most) {
        errors.push(FieldError::new("/last_on", "too_long", "a calendar is of two years at most"));
    }
    let weeks = every_weeks.or(profile.panel.every_weeks.as_ref().map(|weeks| weeks.value)).filter(|weeks| *weeks > 0);
    if weeks.is_none() {
        let detail = "the profile does not say how many weeks lie between panels: say it here";
        errors.push(FieldError::new("/every_weeks", "missing", detail));
    }
    let mut days = Vec::new();
    if let (Some(weeks), true) = (weeks, errors.is_empty()) {
        let known = BankHolidays::bundled().map_err(Problem::internal)?;
        let mut day = first_on;
        while day <= last_on {
            match known.name(day) {
                Ok(holiday) => days.push((day, holiday)),
                Err(unknown) => {
                    let pointer = if day == first_on { "/first_on" } else { "/last_on" };
                    errors.push(FieldError::new(pointer, "out_of_range", unknown.to_string()));
                    break;
                }
            }
            day = day + Days::new(7 * u64::from(weeks));
        }
    }
    if errors.is_empty() { Ok((days, one)) } else { Err(Problem::invalid(errors)) }
}
