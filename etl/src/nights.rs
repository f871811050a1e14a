//! Nights away: the stays as known before an instant, their facts, and the store's own totals.

use crate::error::Error;
use crate::facts::{Named, each};
use crate::manifest::{NightTotal, TableKind};
use crate::pseudonym::{Kind, Pseudonyms};
use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::night_bookings;
use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use domain::nights::{NightLimitKind, NightsAt, NightsAway, StayState};
use domain::profile::NightsPolicy;
use domain::{FinancialYear, Period};
use polars::prelude::{DataFrame, df};
use std::collections::BTreeMap;

/// A stay, as last known.
#[derive(Queryable)]
pub(crate) struct KnownStay {
    pub(crate) stay_id: String,
    pub(crate) child_id: String,
    pub(crate) provider_id: String,
    pub(crate) first_night: NaiveDate,
    pub(crate) last_night: NaiveDate,
    pub(crate) state: StayState,
}

impl KnownStay {
    fn nights(&self) -> NightsAt {
        NightsAt { setting: self.provider_id.clone(), first_night: self.first_night, last_night: self.last_night }
    }
}

// The same table once more, to ask whether a version has a later one.
diesel::alias!(const LATER: Alias<Later> = night_bookings as later);

/// Every stay, those taken back left out. `before` is the instant from which on nothing recorded counts.
pub(crate) fn read(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<KnownStay>, Error> {
    let versions: Vec<KnownStay> = night_bookings::table
        .filter(night_bookings::recorded_at.lt(before))
        .select((
            night_bookings::stay_id,
            night_bookings::child_id,
            night_bookings::provider_id,
            night_bookings::first_night,
            night_bookings::last_night,
            night_bookings::state,
        ))
        .order((night_bookings::stay_id, night_bookings::version))
        .load(connection)?;
    let mut known: Vec<KnownStay> = Vec::new();
    for version in versions {
        match known.last_mut() {
            Some(last) if last.stay_id == version.stay_id => *last = version,
            _ => known.push(version),
        }
    }
    known.retain(|stay| stay.state != StayState::Reversed);
    Ok(known)
}

/// The store's own totals: the database finds the versions that count and groups them, by other SQL than the extraction. It adds up no
/// nights, since the databases reckon with dates each in its own way.
pub(crate) fn totals(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<NightTotal>, Error> {
    let later = LATER
        .filter(LATER.field(night_bookings::stay_id).eq(night_bookings::stay_id))
        .filter(LATER.field(night_bookings::version).gt(night_bookings::version))
        .filter(LATER.field(night_bookings::recorded_at).lt(before));
    let groups: Vec<(String, NaiveDate, NaiveDate, i64)> = night_bookings::table
        .filter(night_bookings::recorded_at.lt(before))
        .filter(night_bookings::state.ne(StayState::Reversed))
        .filter(not(exists(later)))
        .group_by((night_bookings::state, night_bookings::first_night, night_bookings::last_night))
        .select((night_bookings::state, night_bookings::first_night, night_bookings::last_night, count_star()))
        .load(connection)?;
    let mut totals: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (state, first_night, last_night, stays) in groups {
        let mut night = first_night;
        while night <= last_night {
            *totals.entry((night.format("%Y-%m").to_string(), state.clone())).or_default() += stays;
            night = night + Days::new(1);
        }
    }
    Ok(totals.into_iter().map(|((calendar_month, state), nights)| NightTotal { calendar_month, state, nights }).collect())
}

/// The two facts of nights.
pub(crate) fn build(stays: &[KnownStay], policy: &NightsPolicy, as_at: NaiveDate, pseudonyms: &Pseudonyms) -> Result<Vec<Named>, Error> {
    Ok(vec![
        ("fact_nights", TableKind::Fact, fact_nights(stays, pseudonyms)?),
        ("fact_child_nights", TableKind::Fact, fact_child_nights(stays, policy, as_at, pseudonyms)?),
    ])
}

/// The first day of a day's calendar month.
fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// Columns of financial years, periods and calendar months.
type MonthColumns = (Vec<String>, Vec<i64>, Vec<String>);

/// The columns for months that are given by their first day.
fn month_columns(months: &[NaiveDate]) -> Result<MonthColumns, Error> {
    let years = months.iter().map(|month| Ok(FinancialYear::of(*month)?.as_str().to_owned())).collect::<Result<_, Error>>()?;
    let periods = each(months, |month| i64::from(Period::of(*month).number()));
    Ok((years, periods, each(months, |month| month.format("%Y-%m").to_string())))
}

/// One row a stay and calendar month with a night of it.
fn fact_nights(stays: &[KnownStay], pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let mut rows: Vec<(&KnownStay, NaiveDate, i64)> = Vec::new();
    for stay in stays {
        let mut starts = month_of(stay.first_night);
        while starts <= stay.last_night {
            let next = starts + Months::new(1);
            let (from, to) = (stay.first_night.max(starts), stay.last_night.min(next - Days::new(1)));
            rows.push((stay, starts, (to - from).num_days() + 1));
            starts = next;
        }
    }
    let (years, periods, months) = month_columns(&each(&rows, |(_, month, _)| *month))?;
    Ok(df!(
        "stay_key" => each(&rows, |(stay, _, _)| pseudonyms.of(Kind::Stay, &stay.stay_id)),
        "child_key" => each(&rows, |(stay, _, _)| pseudonyms.of(Kind::Child, &stay.child_id)),
        "provider_key" => rows.iter().map(|(stay, _, _)| stay.provider_id.as_str()).collect::<Vec<_>>(),
        "financial_year" => years,
        "period" => periods,
        "calendar_month" => months,
        "state" => each(&rows, |(stay, _, _)| stay.state.as_str()),
        "nights" => each(&rows, |(_, _, nights)| *nights),
    )?)
}

/// How a child stood at the end of a month, once for each setting in its rolling count.
struct MonthEnd<'s> {
    child_id: &'s str,
    setting: String,
    month: NaiveDate,
    counted: i64,
    is_at_warning: bool,
    is_above_limit: bool,
}

/// One row a child, setting and month at whose end nights there are in the child's rolling count; up to the month of the snapshot's day
/// or of the last night booked.
fn fact_child_nights(stays: &[KnownStay], policy: &NightsPolicy, as_at: NaiveDate, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let mut children: BTreeMap<&str, Vec<NightsAt>> = BTreeMap::new();
    for stay in stays.iter().filter(|stay| stay.state.counts()) {
        children.entry(stay.child_id.as_str()).or_default().push(stay.nights());
    }
    let mut rows = Vec::new();
    for (child_id, nights) in &children {
        month_ends(child_id, nights, policy, as_at, &mut rows);
    }
    let (years, periods, months) = month_columns(&each(&rows, |row| row.month))?;
    Ok(df!(
        "child_key" => each(&rows, |row| pseudonyms.of(Kind::Child, row.child_id)),
        "provider_key" => rows.iter().map(|row| row.setting.as_str()).collect::<Vec<_>>(),
        "financial_year" => years,
        "period" => periods,
        "calendar_month" => months,
        "counted" => each(&rows, |row| row.counted),
        // Numbers, since truth values are written differently from one engine to the next.
        "is_at_warning" => each(&rows, |row| i64::from(row.is_at_warning)),
        "is_above_limit" => each(&rows, |row| i64::from(row.is_above_limit)),
    )?)
}

fn month_ends<'s>(child_id: &'s str, nights: &[NightsAt], policy: &NightsPolicy, as_at: NaiveDate, rows: &mut Vec<MonthEnd<'s>>) {
    let away = NightsAway::of(nights, policy.counting());
    let Some(first) = nights.iter().map(|one| one.first_night).min() else { return };
    let last = nights.iter().map(|one| one.last_night).max().unwrap_or(first).max(as_at);
    let mut month = month_of(first);
    while month <= last {
        let next = month + Months::new(1);
        let end = next - Days::new(1);
        let standing = policy.state_on(&away, end);
        let months = policy.limit_on(NightLimitKind::Rolling, end).and_then(|limit| limit.months).unwrap_or_default();
        for setting in away.settings().filter(|one| standing.counted > 0 && away.count_on(Some(*one), end, months) > 0) {
            rows.push(MonthEnd {
                child_id,
                setting: setting.to_owned(),
                month,
                counted: standing.counted,
                is_at_warning: standing.is_at_warning,
                is_above_limit: standing.is_above_limit,
            });
        }
        month = next;
    }
}
