//! A child's page of nights: how many, against which limits, and when what is booked will pass them.

use crate::error::Error;
use crate::nights::countable_day::countable_day;
use crate::nights::passing::{NightPassing, open_passings_of_child};
use crate::nights::stay::{Stay, away, standing_stays};
use crate::period::day_parameter;
use chrono::NaiveDate;
use db::schema::children;
use db::{Event, Write};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::Profile;
use domain::nights::{
    LongestStay, MonthOfNights, NightCounting, NightsAt, RollingCount, SettingNights, StayState, ThresholdReached, nights_by_month,
};
use domain::profile::NightsPolicy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// A child's nights away, as known now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChildNights {
    /// The child.
    pub child_id: String,
    /// The day they are looked at from.
    pub on: NaiveDate,
    /// What the profile counts; null, it does not say, and nothing is compared with a limit.
    pub counts: Option<NightCounting>,
    /// The rolling count against the limit of the day: one row, or one a setting where the limit is of each. Empty: there is no limit.
    pub rolling: Vec<RollingCount>,
    /// The longest stay against the limit of the day, read likewise.
    pub single_stay: Vec<LongestStay>,
    /// What the rolling count of the day is made of.
    pub by_setting: Vec<SettingNights>,
    /// Every threshold that is warned of, and when it is reached.
    pub warnings: Vec<ThresholdReached>,
    /// Limits that bookings and stays pass and that nobody has acknowledged: a booking waits, and counts as booked.
    pub unacknowledged: Vec<NightPassing>,
    /// Bookings whose nights are past, and that nobody has confirmed. They count as booked.
    pub to_confirm: Vec<Stay>,
    /// Nights by calendar month, those to come too; months without any have no row.
    pub months: Vec<MonthOfNights>,
}

/// From which day nights are looked at.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NightsOn {
    /// The day; today, if none is named.
    #[serde(default, deserialize_with = "day_parameter")]
    on: Option<NaiveDate>,
}

fn page(
    policy: &NightsPolicy,
    child_id: String,
    stays: Vec<Stay>,
    unacknowledged: Vec<NightPassing>,
    on: NaiveDate,
    today: NaiveDate,
) -> ChildNights {
    let away = away(policy, &stays);
    let rolling = policy.rolling_counts(&away, on);
    let nights: Vec<(NightsAt, bool)> = stays.iter().map(|stay| (stay.nights(), stay.state == StayState::Stayed)).collect();
    ChildNights {
        child_id,
        on,
        counts: policy.counts.as_ref().map(|counts| counts.unit),
        single_stay: policy.longest_stays(&away, on),
        warnings: policy.thresholds_reached(&away, &rolling, on),
        rolling,
        by_setting: policy.nights_by_setting(&away, on),
        unacknowledged,
        months: nights_by_month(nights.iter().map(|(nights, are_stayed)| (nights, *are_stayed))),
        to_confirm: stays.into_iter().filter(|stay| stay.state.is_to_confirm(stay.last_night, today)).collect(),
    }
}

/// Reads a child's nights.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str, wanted: NightsOn) -> Result<ChildNights, Error> {
    let today = write.today();
    let on = countable_day(wanted.on, today)?;
    let child_exists: bool = diesel::select(exists(children::table.find(id))).get_result(write.connection)?;
    if !child_exists {
        return Err(Error::not_found("child"));
    }
    let stays = standing_stays(write.connection, id)?;
    let unacknowledged = open_passings_of_child(write.connection, id)?;
    write.record(Event::new("read", "children", id).with(json!({ "nights_on": on })))?;
    Ok(page(&profile.nights, id.to_owned(), stays, unacknowledged, on, today))
}
