//! Children to be warned of: at a threshold, above a limit, on the way to one with what is booked, or with something that waits for an acknowledgement.

use super::standing::{away, rolling_standings, supported};
use super::{LATER, RollingStanding, Stay};
use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::NightsRead;
use crate::extract::Params;
use crate::page::Limit;
use crate::period::day_parameter;
use crate::problem::Problem;
use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use db::schema::{children, night_bookings, open_night_passings};
use db::{AnyConnection, Event};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::nights::{NightLimitKind, StayState, window_from};
use domain::profile::NightsPolicy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Databases take so many values in a list and not many more.
const AT_ONCE: usize = 500;

/// Children to be warned of, the worst first.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightWarnings {
    /// The day they are looked at from.
    pub on: NaiveDate,
    /// How many there are in all.
    pub total: i64,
    /// Those above a limit, the furthest above first; then those who will pass it, the soonest first; then the others, by their count.
    pub items: Vec<NightWarning>,
}

/// A child to be warned of.
#[derive(Debug, Serialize, ToSchema)]
pub struct NightWarning {
    /// The child.
    pub child_id: String,
    /// The case management system's reference.
    #[schema(example = "CWD-00412")]
    pub case_reference: String,
    /// The rolling count; where settings are counted by themselves, the worst of them. Null: there is no limit on the day.
    pub rolling: Option<RollingStanding>,
    /// The thresholds that the count has reached.
    pub reached: Vec<i64>,
    /// Limits that bookings and stays pass and that nobody has acknowledged.
    pub unacknowledged: i64,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListNightWarnings {
    /// The most children named.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// The day they are looked at from; today, if none is named.
    #[serde(default, deserialize_with = "day_parameter")]
    on: Option<NaiveDate>,
}

/// List children to be warned of
///
/// Those whose rolling count has reached a threshold of the profile or will pass the limit with what is booked, and those with a passing
/// that nobody has acknowledged. The worst first; `total` says how many there are.
#[utoipa::path(tag = "nights", params(ListNightWarnings), security(("bearer" = ["nights:read"])),
    responses((status = 200, description = "The children, the worst first", body = NightWarnings)))]
#[get("/night-warnings")]
pub async fn list_night_warnings(
    app: Data<App>,
    caller: Caller<NightsRead>,
    params: Params<ListNightWarnings>,
) -> Result<Json<NightWarnings>, Problem> {
    let (profile, ListNightWarnings { limit, on }) = (app.profile.clone(), params.0);
    app.write(caller.actor(), move |write| {
        let on = supported(on, write.at.date())?;
        let mut warned = warned(write.connection, &profile.nights, on)?;
        let total = i64::try_from(warned.len()).map_err(Problem::internal)?;
        warned.truncate(usize::try_from(limit.and_one() - 1).map_err(Problem::internal)?);
        let items = named(write.connection, warned)?;
        for item in &items {
            write.record(Event::new("read", "children", &item.child_id).with(json!({ "in": "night_warnings" })))?;
        }
        if items.is_empty() {
            write.record(Event::new("list", "night_warnings", ""))?;
        }
        Ok(Json(NightWarnings { on, total, items }))
    })
    .await
}

/// A child that is to be warned of, before it is named.
struct Warned {
    child_id: String,
    rolling: Option<RollingStanding>,
    reached: Vec<i64>,
    unacknowledged: i64,
}

impl Warned {
    /// Above a limit first, the furthest first; then the soonest to pass it; then the largest count.
    fn rank(&self) -> (bool, Reverse<i64>, NaiveDate, Reverse<i64>) {
        let above = self.rolling.as_ref().map_or(0, |row| (row.counted - row.most).max(0));
        let passes_on = self.rolling.as_ref().and_then(|row| row.passes_on).unwrap_or(NaiveDate::MAX);
        let counted = self.rolling.as_ref().map_or(0, |row| row.counted);
        (above == 0, Reverse(above), passes_on, Reverse(counted))
    }
}

/// Every child to be warned of, the worst first. It costs the nights that count on the day or come after it, and all nights of those who
/// are listed: since when a count is above the limit goes back further than the count.
fn warned(connection: &mut AnyConnection, policy: &NightsPolicy, on: NaiveDate) -> Result<Vec<Warned>, Problem> {
    let mut waiting: BTreeMap<String, i64> = BTreeMap::new();
    for child in open_night_passings::table.select(open_night_passings::child_id).load::<String>(connection)? {
        *waiting.entry(child).or_default() += 1;
    }
    let months = policy.limit_on(NightLimitKind::Rolling, on).and_then(|limit| limit.months).unwrap_or_default();
    // A day more, for the day after a last night that is counted in days.
    let lately = stays_since(connection, window_from(on, months).pred_opt().unwrap_or(on))?;
    let mut listed = Vec::new();
    for (child_id, stays) in by_child(lately) {
        let rows = rolling_standings(policy, &away(policy, &stays), on);
        let least = policy.warnings.iter().map(|threshold| i64::from(threshold.at)).min();
        let is_warned = |row: &RollingStanding| row.passes_on.is_some() || least.is_some_and(|least| row.counted >= least);
        if rows.iter().any(is_warned) {
            listed.push(child_id);
        }
    }
    let others = waiting.keys().filter(|child| !listed.contains(child)).cloned().collect::<Vec<_>>();
    listed.extend(others);
    let mut all = Vec::with_capacity(listed.len());
    for some in listed.chunks(AT_ONCE) {
        let mut stays = by_child(stays_of(connection, some)?);
        for child_id in some {
            let stays = stays.remove(child_id).unwrap_or_default();
            let rows = rolling_standings(policy, &away(policy, &stays), on);
            let of = |rolling: Option<RollingStanding>| {
                let counted = rolling.as_ref().map_or(0, |row| row.counted);
                let reached = policy.warnings.iter().map(|threshold| i64::from(threshold.at)).filter(|at| counted >= *at).collect();
                let unacknowledged = waiting.get(child_id).copied().unwrap_or_default();
                Warned { child_id: child_id.clone(), rolling, reached, unacknowledged }
            };
            let worst = rows.into_iter().map(|row| of(Some(row))).min_by_key(Warned::rank);
            all.push(worst.unwrap_or_else(|| of(None)));
        }
    }
    all.sort_by(|one, other| (one.rank(), &one.child_id).cmp(&(other.rank(), &other.child_id)));
    Ok(all)
}

/// Stays that count and whose last night is on a day or later.
fn stays_since(connection: &mut AnyConnection, day: NaiveDate) -> Result<Vec<Stay>, Problem> {
    let later = LATER.filter(LATER.field(night_bookings::stay_id).eq(night_bookings::stay_id));
    Ok(night_bookings::table
        .select(Stay::as_select())
        .filter(night_bookings::last_night.ge(day))
        .filter(night_bookings::state.eq_any([StayState::Booked, StayState::Stayed]))
        .filter(not(exists(later.filter(LATER.field(night_bookings::version).gt(night_bookings::version)))))
        .order((night_bookings::child_id, night_bookings::first_night))
        .load(connection)?)
}

/// All stays of these children that count.
fn stays_of(connection: &mut AnyConnection, children: &[String]) -> Result<Vec<Stay>, Problem> {
    let later = LATER.filter(LATER.field(night_bookings::stay_id).eq(night_bookings::stay_id));
    Ok(night_bookings::table
        .select(Stay::as_select())
        .filter(night_bookings::child_id.eq_any(children))
        .filter(night_bookings::state.eq_any([StayState::Booked, StayState::Stayed]))
        .filter(not(exists(later.filter(LATER.field(night_bookings::version).gt(night_bookings::version)))))
        .order((night_bookings::child_id, night_bookings::first_night))
        .load(connection)?)
}

fn by_child(stays: Vec<Stay>) -> BTreeMap<String, Vec<Stay>> {
    let mut children: BTreeMap<String, Vec<Stay>> = BTreeMap::new();
    for stay in stays {
        children.entry(stay.child_id.clone()).or_default().push(stay);
    }
    children
}

fn named(connection: &mut AnyConnection, warned: Vec<Warned>) -> Result<Vec<NightWarning>, Problem> {
    let ids: Vec<&str> = warned.iter().map(|one| one.child_id.as_str()).collect();
    let references: Vec<(String, String)> =
        children::table.filter(children::id.eq_any(&ids)).select((children::id, children::case_reference)).load(connection)?;
    let references: BTreeMap<String, String> = references.into_iter().collect();
    let item = |one: Warned| NightWarning {
        case_reference: references.get(&one.child_id).cloned().unwrap_or_default(),
        child_id: one.child_id,
        rolling: one.rolling,
        reached: one.reached,
        unacknowledged: one.unacknowledged,
    };
    Ok(warned.into_iter().map(item).collect())
}
