//! Children to be warned of: at a threshold, above a limit, on the way to one with what is booked, or with something that waits for an acknowledgement.

use crate::error::Error;
use crate::nights::countable_day::countable_day;
use crate::nights::passing::open_passings_by_child;
use crate::nights::stay::{Stay, away, stays_of, stays_since};
use crate::page::Limit;
use crate::period::day_parameter;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::children;
use db::{Event, Write};
use diesel::prelude::*;
use domain::Profile;
use domain::nights::{NightLimitKind, RollingCount, WarnedChild, put_worst_first, window_from};
use domain::profile::NightsPolicy;
use serde::{Deserialize, Serialize};
use serde_json::json;
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
    pub rolling: Option<RollingCount>,
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

/// Every child to be warned of, the worst first. It costs the nights that count on the day or come after it, and all nights of those who
/// are listed: since when a count is above the limit goes back further than the count.
fn warned(connection: &mut AnyConnection, policy: &NightsPolicy, on: NaiveDate) -> Result<Vec<WarnedChild>, Error> {
    let waiting = open_passings_by_child(connection)?;
    let months = policy.limit_on(NightLimitKind::Rolling, on).and_then(|limit| limit.months).unwrap_or_default();
    // A day more, for the day after a last night that is counted in days.
    let lately = stays_since(connection, window_from(on, months).pred_opt().unwrap_or(on))?;
    let mut listed = Vec::new();
    for (child_id, stays) in by_child(lately) {
        if policy.is_warned_of(&policy.rolling_counts(&away(policy, &stays), on)) {
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
            let counts = policy.rolling_counts(&away(policy, &stays), on);
            let unacknowledged = waiting.get(child_id).copied().unwrap_or_default();
            all.push(policy.warned_child(child_id.clone(), counts, unacknowledged));
        }
    }
    put_worst_first(&mut all);
    Ok(all)
}

fn by_child(stays: Vec<Stay>) -> BTreeMap<String, Vec<Stay>> {
    let mut children: BTreeMap<String, Vec<Stay>> = BTreeMap::new();
    for stay in stays {
        children.entry(stay.child_id.clone()).or_default().push(stay);
    }
    children
}

/// Children with their case references.
fn named(connection: &mut AnyConnection, warned: Vec<WarnedChild>) -> Result<Vec<NightWarning>, Error> {
    let ids: Vec<&str> = warned.iter().map(|one| one.child_id.as_str()).collect();
    let references: Vec<(String, String)> =
        children::table.filter(children::id.eq_any(&ids)).select((children::id, children::case_reference)).load(connection)?;
    let references: BTreeMap<String, String> = references.into_iter().collect();
    let item = |one: WarnedChild| NightWarning {
        case_reference: references.get(&one.child_id).cloned().unwrap_or_default(),
        child_id: one.child_id,
        rolling: one.rolling,
        reached: one.reached,
        unacknowledged: one.unacknowledged,
    };
    Ok(warned.into_iter().map(item).collect())
}

/// Lists the children whose nights come near a limit.
pub fn list(write: &mut Write<'_>, profile: &Profile, wanted: ListNightWarnings) -> Result<NightWarnings, Error> {
    let ListNightWarnings { limit, on } = wanted;
    let on = countable_day(on, write.today())?;
    let mut warned = warned(write.connection, &profile.nights, on)?;
    let total = i64::try_from(warned.len()).map_err(Error::fault)?;
    warned.truncate(usize::try_from(limit.and_one() - 1).map_err(Error::fault)?);
    let items = named(write.connection, warned)?;
    for item in &items {
        write.record(Event::new("read", "children", &item.child_id).with(json!({ "in": "night_warnings" })))?;
    }
    if items.is_empty() {
        write.record(Event::new("list", "night_warnings", ""))?;
    }
    Ok(NightWarnings { on, total, items })
}
