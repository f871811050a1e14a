//! A child's page of nights: how many, against which limits, and when what is booked will pass them.

use super::{NightPassing, Stay, open_passings_of_child, standing_stays};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::NightsRead;
use crate::extract::Params;
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use crate::text::Id;
use actix_web::get;
use actix_web::web::{Data, Json, Path};
use chrono::{Datelike, Days, NaiveDate};
use db::Event;
use db::schema::children;
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::FinancialYear;
use domain::nights::{NightCounting, NightLimitKind, NightsAt, NightsAway, StayState, window_from};
use domain::profile::{NightLimit, NightsPolicy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
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
    pub rolling: Vec<RollingStanding>,
    /// The longest stay against the limit of the day, read likewise.
    pub single_stay: Vec<SingleStayStanding>,
    /// What the rolling count of the day is made of.
    pub by_setting: Vec<SettingNights>,
    /// Every threshold that is warned of, and when it is reached.
    pub warnings: Vec<ThresholdStanding>,
    /// Limits that bookings and stays pass and that nobody has acknowledged: a booking waits, and counts as booked.
    pub unacknowledged: Vec<NightPassing>,
    /// Bookings whose nights are past, and that nobody has confirmed. They count as booked.
    pub to_confirm: Vec<Stay>,
    /// Nights by calendar month, those to come too; months without any have no row.
    pub months: Vec<MonthOfNights>,
}

/// A rolling count and its limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "provider_id": null, "months": 12, "most": 75, "clause": "SI 2010/959 reg 48", "window_from": "2023-06-04", "counted": 61,
    "remaining": 14, "highest": 77, "highest_on": "2024-08-12", "passes_on": "2024-08-11"
}))]
pub struct RollingStanding {
    /// The setting whose nights are counted; null, those of all settings together.
    pub provider_id: Option<String>,
    /// The months that are counted.
    pub months: i64,
    /// The most there may be in them.
    pub most: i64,
    /// Where the limit is written.
    pub clause: String,
    /// The first day that counts on this day.
    pub window_from: NaiveDate,
    /// How many count on this day.
    pub counted: i64,
    /// How many more there may be; 0 at the limit and above it.
    pub remaining: i64,
    /// The largest count from this day on, with what is booked.
    pub highest: i64,
    /// The first day that has it.
    pub highest_on: NaiveDate,
    /// The day on which the count passes the limit: where it is above it, since when without a break; else the first night after this
    /// day. Null, it does not with what is booked.
    pub passes_on: Option<NaiveDate>,
}

/// The longest stay, of those that reach into the months counted or come after them, and its limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SingleStayStanding {
    /// The setting; null, stays at all settings together.
    pub provider_id: Option<String>,
    /// The most there may be in one stay.
    pub most: i64,
    /// Where the limit is written.
    pub clause: String,
    /// How long the longest is; bookings without a night at home between them are one stay.
    pub longest: i64,
    /// Its first night.
    pub from: NaiveDate,
    /// Its last night, or day, that counts.
    pub to: NaiveDate,
    /// How much longer it might be; 0 at the limit and above it.
    pub remaining: i64,
}

/// A setting's part of the rolling count.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingNights {
    /// The setting.
    pub provider_id: String,
    /// How many count on the day. A day that two settings share counts at both.
    pub counted: i64,
    /// How many come after the day.
    pub ahead: i64,
}

/// A threshold that is warned of.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThresholdStanding {
    /// The setting whose nights are counted; null, those of all settings together.
    pub provider_id: Option<String>,
    /// From this count on.
    pub at: i64,
    /// Where the authority says so.
    pub clause: String,
    /// Whether the count of the day has reached it.
    pub is_reached: bool,
    /// When it was reached or will be; read as `passes_on` of a rolling count.
    pub reached_on: Option<NaiveDate>,
}

/// Nights of a month.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MonthOfNights {
    /// The calendar month.
    #[schema(example = "2024-06")]
    pub month: String,
    /// Nights that were stayed.
    pub stayed: i64,
    /// Nights that are booked.
    pub booked: i64,
}

/// From which day nights are looked at.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NightsOn {
    /// The day; today, if none is named.
    #[serde(default, deserialize_with = "day_parameter")]
    pub(super) on: Option<NaiveDate>,
}

/// Read a child's nights
///
/// What counts on a day, against the limits of that day; warnings; the day on which a limit is passed with what is booked.
#[utoipa::path(tag = "nights", params(("id" = Id, Path, description = "The child's id"), NightsOn), security(("bearer" = ["nights:read"])),
    responses((status = 200, description = "The child's nights", body = ChildNights)))]
#[get("/children/{id}/nights")]
pub async fn get_child_nights(
    app: Data<App>,
    caller: Caller<NightsRead>,
    id: Path<Id>,
    params: Params<NightsOn>,
) -> Result<Json<ChildNights>, Problem> {
    let (profile, asked) = (app.profile.clone(), params.0.on);
    app.write(caller.actor(), move |write| {
        let today = write.at.date();
        let on = supported(asked, today)?;
        let child_exists: bool = diesel::select(exists(children::table.find(&id.0))).get_result(write.connection)?;
        if !child_exists {
            return Err(Problem::not_found("child"));
        }
        let stays = standing_stays(write.connection, &id.0)?;
        let unacknowledged = open_passings_of_child(write.connection, &id.0)?;
        write.record(Event::new("read", "children", &id.0).with(json!({ "nights_on": on })))?;
        Ok(Json(page(&profile.nights, id.0.clone(), stays, unacknowledged, on, today)))
    })
    .await
}

/// The day asked for, if it lies in a supported year; today, if none is.
pub(super) fn supported(asked: Option<NaiveDate>, today: NaiveDate) -> Result<NaiveDate, Problem> {
    let Some(day) = asked else { return Ok(today) };
    match FinancialYear::of(day) {
        Ok(_) => Ok(day),
        Err(error) => Err(Problem::with_errors(Code::InvalidParameter, vec![FieldError::new("?on", "out_of_range", error.to_string())])),
    }
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
    let rolling = rolling_standings(policy, &away, on);
    let months = policy.limit_on(NightLimitKind::Rolling, on).and_then(|limit| limit.months).unwrap_or(12);
    let starts = window_from(on, months);
    let setting = |setting: &str| SettingNights {
        provider_id: setting.to_owned(),
        counted: away.count_between(Some(setting), starts, on),
        ahead: away.count_between(Some(setting), on + Days::new(1), NaiveDate::MAX),
    };
    let by_setting: Vec<_> = away.settings().map(setting).filter(|row| row.counted > 0 || row.ahead > 0).collect();
    ChildNights {
        child_id,
        on,
        counts: policy.counts.as_ref().map(|counts| counts.unit),
        single_stay: single_stay_standings(policy, &away, on, starts),
        warnings: thresholds(policy, &away, &rolling, on),
        rolling,
        by_setting,
        unacknowledged,
        months: months_of(&stays),
        to_confirm: stays.into_iter().filter(|stay| stay.state == StayState::Booked && stay.last_night < today).collect(),
    }
}

/// Stays as they are counted.
pub(super) fn away(policy: &NightsPolicy, stays: &[Stay]) -> NightsAway {
    let nights: Vec<NightsAt> = stays.iter().map(Stay::nights).collect();
    NightsAway::of(&nights, policy.counting())
}

/// What a limit is compared with: the nights of all settings, or those of each.
fn scopes<'a>(away: &'a NightsAway, limit: &NightLimit) -> Vec<Option<&'a str>> {
    if limit.same_setting { away.settings().map(Some).collect() } else { vec![None] }
}

/// Every rolling count against the limit of the day; of settings, those that have any.
pub(super) fn rolling_standings(policy: &NightsPolicy, away: &NightsAway, on: NaiveDate) -> Vec<RollingStanding> {
    let Some(limit) = policy.limit_on(NightLimitKind::Rolling, on).filter(|_| policy.counts.is_some()) else { return Vec::new() };
    let (months, most) = (limit.months.unwrap_or_default(), i64::from(limit.most));
    let standing = |setting: Option<&str>| {
        let counted = away.count_on(setting, on, months);
        let (highest_on, highest) = away.peak_from(setting, on, months).filter(|(_, highest)| *highest > counted).unwrap_or((on, counted));
        RollingStanding {
            provider_id: setting.map(str::to_owned),
            months: i64::from(months),
            most,
            clause: limit.clause.clone(),
            window_from: window_from(on, months),
            counted,
            remaining: (most - counted).max(0),
            highest,
            highest_on,
            passes_on: policy.passes_on(away, setting, on),
        }
    };
    let is_of_interest = |row: &RollingStanding| row.provider_id.is_none() || row.highest > 0;
    scopes(away, limit).into_iter().map(standing).filter(is_of_interest).collect()
}

fn single_stay_standings(policy: &NightsPolicy, away: &NightsAway, on: NaiveDate, starts: NaiveDate) -> Vec<SingleStayStanding> {
    let Some(limit) = policy.limit_on(NightLimitKind::SingleStay, on).filter(|_| policy.counts.is_some()) else { return Vec::new() };
    let most = i64::from(limit.most);
    let standing = |setting: Option<&str>| {
        let longest = away.longest_from(setting, starts)?;
        Some(SingleStayStanding {
            provider_id: setting.map(str::to_owned),
            most,
            clause: limit.clause.clone(),
            longest: longest.counted,
            from: longest.from,
            to: longest.to,
            remaining: (most - longest.counted).max(0),
        })
    };
    scopes(away, limit).into_iter().filter_map(standing).collect()
}

fn thresholds(policy: &NightsPolicy, away: &NightsAway, rolling: &[RollingStanding], on: NaiveDate) -> Vec<ThresholdStanding> {
    let mut rows = Vec::new();
    for standing in rolling {
        for threshold in &policy.warnings {
            rows.push(ThresholdStanding {
                provider_id: standing.provider_id.clone(),
                at: i64::from(threshold.at),
                clause: threshold.clause.clone(),
                is_reached: standing.counted >= i64::from(threshold.at),
                reached_on: policy.reaches_on(away, standing.provider_id.as_deref(), threshold.at, on),
            });
        }
    }
    rows
}

/// Nights themselves, whatever the profile counts.
fn months_of(stays: &[Stay]) -> Vec<MonthOfNights> {
    let mut months: BTreeMap<(i32, u32), (i64, i64)> = BTreeMap::new();
    for stay in stays {
        for night in stay.first_night.iter_days().take_while(|night| *night <= stay.last_night) {
            let (stayed, booked) = months.entry((night.year(), night.month())).or_default();
            if stay.state == StayState::Stayed { *stayed += 1 } else { *booked += 1 }
        }
    }
    let row = |((year, month), (stayed, booked))| MonthOfNights { month: format!("{year}-{month:02}"), stayed, booked };
    months.into_iter().map(row).collect()
}
