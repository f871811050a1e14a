//! A child's counts against their limits on a day, and which children are to be warned of.

use super::{NightLimitKind, NightsAt, NightsAway, window_from};
use crate::profile::{NightLimit, NightsPolicy};
use chrono::{Datelike, Days, NaiveDate};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A rolling count and its limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RollingStanding, example = json!({
    "provider_id": null, "months": 12, "most": 75, "clause": "SI 2010/959 reg 48", "window_from": "2023-06-04", "counted": 61,
    "remaining": 14, "highest": 77, "highest_on": "2024-08-12", "passes_on": "2024-08-11"
}))]
pub struct RollingCount {
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

/// The longest stay and its limit. Stays count that reach into the months counted or come after them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SingleStayStanding)]
pub struct LongestStay {
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
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettingNights {
    /// The setting.
    pub provider_id: String,
    /// How many count on the day. A day that two settings share counts at both.
    pub counted: i64,
    /// How many come after the day.
    pub ahead: i64,
}

/// A threshold that is warned of.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ThresholdStanding)]
pub struct ThresholdReached {
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

/// A child that is to be warned of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarnedChild {
    /// The child.
    pub child_id: String,
    /// The worst of its rolling counts.
    pub rolling: Option<RollingCount>,
    /// The thresholds that the count has reached.
    pub reached: Vec<i64>,
    /// Limits that stays pass and that nobody has acknowledged.
    pub unacknowledged: i64,
}

/// Above a limit first, the furthest first; then the soonest to pass it; then the largest count.
fn rank(rolling: Option<&RollingCount>) -> (bool, Reverse<i64>, NaiveDate, Reverse<i64>) {
    let above = rolling.map_or(0, |row| (row.counted - row.most).max(0));
    let passes_on = rolling.and_then(|row| row.passes_on).unwrap_or(NaiveDate::MAX);
    (above == 0, Reverse(above), passes_on, Reverse(rolling.map_or(0, |row| row.counted)))
}

/// Puts the children to be warned of in order, the worst first.
pub fn put_worst_first(children: &mut [WarnedChild]) {
    children.sort_by(|one, other| (rank(one.rolling.as_ref()), &one.child_id).cmp(&(rank(other.rolling.as_ref()), &other.child_id)));
}

/// What a limit is compared with: the nights of all settings, or those of each.
fn scopes<'a>(away: &'a NightsAway, limit: &NightLimit) -> Vec<Option<&'a str>> {
    if limit.same_setting { away.settings().map(Some).collect() } else { vec![None] }
}

impl NightsPolicy {
    /// The limit of a kind on a day, where the profile says what is counted.
    fn countable_limit(&self, kind: NightLimitKind, on: NaiveDate) -> Option<&NightLimit> {
        self.limit_on(kind, on).filter(|_| self.counts.is_some())
    }

    /// Every rolling count against the limit of the day; of settings, those that have any.
    pub fn rolling_counts(&self, away: &NightsAway, on: NaiveDate) -> Vec<RollingCount> {
        let Some(limit) = self.countable_limit(NightLimitKind::Rolling, on) else { return Vec::new() };
        let (months, most) = (limit.months.unwrap_or_default(), i64::from(limit.most));
        let count = |setting: Option<&str>| {
            let counted = away.count_on(setting, on, months);
            let (highest_on, highest) =
                away.peak_from(setting, on, months).filter(|(_, highest)| *highest > counted).unwrap_or((on, counted));
            RollingCount {
                provider_id: setting.map(str::to_owned),
                months: i64::from(months),
                most,
                clause: limit.clause.clone(),
                window_from: window_from(on, months),
                counted,
                remaining: (most - counted).max(0),
                highest,
                highest_on,
                passes_on: self.passes_on(away, setting, on),
            }
        };
        let is_of_interest = |row: &RollingCount| row.provider_id.is_none() || row.highest > 0;
        scopes(away, limit).into_iter().map(count).filter(is_of_interest).collect()
    }

    /// The first day of the months that are counted on a day; of twelve, where there is no limit.
    pub fn counted_from(&self, on: NaiveDate) -> NaiveDate {
        window_from(on, self.limit_on(NightLimitKind::Rolling, on).and_then(|limit| limit.months).unwrap_or(12))
    }

    /// The longest stays against the limit of the day.
    pub fn longest_stays(&self, away: &NightsAway, on: NaiveDate) -> Vec<LongestStay> {
        let Some(limit) = self.countable_limit(NightLimitKind::SingleStay, on) else { return Vec::new() };
        let (most, starts) = (i64::from(limit.most), self.counted_from(on));
        let longest = |setting: Option<&str>| {
            let stay = away.longest_from(setting, starts)?;
            Some(LongestStay {
                provider_id: setting.map(str::to_owned),
                most,
                clause: limit.clause.clone(),
                longest: stay.counted,
                from: stay.from,
                to: stay.to,
                remaining: (most - stay.counted).max(0),
            })
        };
        scopes(away, limit).into_iter().filter_map(longest).collect()
    }

    /// Every threshold that is warned of, for each of these counts.
    pub fn thresholds_reached(&self, away: &NightsAway, counts: &[RollingCount], on: NaiveDate) -> Vec<ThresholdReached> {
        let mut rows = Vec::new();
        for count in counts {
            for threshold in &self.warnings {
                rows.push(ThresholdReached {
                    provider_id: count.provider_id.clone(),
                    at: i64::from(threshold.at),
                    clause: threshold.clause.clone(),
                    is_reached: count.counted >= i64::from(threshold.at),
                    reached_on: self.reaches_on(away, count.provider_id.as_deref(), threshold.at, on),
                });
            }
        }
        rows
    }

    /// What the rolling count of the day is made of.
    pub fn nights_by_setting(&self, away: &NightsAway, on: NaiveDate) -> Vec<SettingNights> {
        let starts = self.counted_from(on);
        let nights = |setting: &str| SettingNights {
            provider_id: setting.to_owned(),
            counted: away.count_between(Some(setting), starts, on),
            ahead: away.count_between(Some(setting), on + Days::new(1), NaiveDate::MAX),
        };
        away.settings().map(nights).filter(|row| row.counted > 0 || row.ahead > 0).collect()
    }

    /// Whether a child is warned of for its counts: it will pass a limit with what is booked, or has reached a threshold.
    pub fn is_warned_of(&self, counts: &[RollingCount]) -> bool {
        let least = self.warnings.iter().map(|threshold| i64::from(threshold.at)).min();
        counts.iter().any(|row| row.passes_on.is_some() || least.is_some_and(|least| row.counted >= least))
    }

    /// A child that is to be warned of, with the worst of its counts.
    pub fn warned_child(&self, child_id: String, counts: Vec<RollingCount>, unacknowledged: i64) -> WarnedChild {
        let rolling = counts.into_iter().min_by_key(|row| rank(Some(row)));
        let counted = rolling.as_ref().map_or(0, |row| row.counted);
        let reached = self.warnings.iter().map(|threshold| i64::from(threshold.at)).filter(|at| counted >= *at).collect();
        WarnedChild { child_id, rolling, reached, unacknowledged }
    }
}

/// Nights themselves by month, whatever the profile counts; of each stay its nights, and whether they were stayed.
pub fn nights_by_month<'a>(stays: impl IntoIterator<Item = (&'a NightsAt, bool)>) -> Vec<MonthOfNights> {
    let mut months: BTreeMap<(i32, u32), (i64, i64)> = BTreeMap::new();
    for (nights, are_stayed) in stays {
        for night in nights.first_night.iter_days().take_while(|night| *night <= nights.last_night) {
            let (stayed, booked) = months.entry((night.year(), night.month())).or_default();
            if are_stayed { *stayed += 1 } else { *booked += 1 }
        }
    }
    let row = |((year, month), (stayed, booked))| MonthOfNights { month: format!("{year}-{month:02}"), stayed, booked };
    months.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nights::NightCounting;
    use crate::profile::{NightThreshold, NightsCounted};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn at(setting: &str, first: &str, last: &str) -> NightsAt {
        NightsAt { setting: setting.to_owned(), first_night: day(first), last_night: day(last) }
    }

    /// Ten in twelve months, a warning at eight, and five in one stay.
    fn policy(same_setting: bool) -> NightsPolicy {
        let limit = |kind, most, months| NightLimit { kind, most, months, same_setting, from: None, to: None, clause: "reg 48".to_owned() };
        NightsPolicy {
            counts: Some(NightsCounted { unit: NightCounting::Nights, clause: "-".to_owned() }),
            limits: vec![limit(NightLimitKind::Rolling, 10, Some(12)), limit(NightLimitKind::SingleStay, 5, None)],
            warnings: vec![NightThreshold { at: 8, clause: "panel".to_owned() }],
            acknowledged_by: None,
        }
    }

    /// Eight nights before 1 July 2024, and four after it.
    fn away() -> NightsAway {
        let stays = [at("a", "2024-06-01", "2024-06-06"), at("b", "2024-06-20", "2024-06-21"), at("a", "2024-08-01", "2024-08-04")];
        NightsAway::of(&stays, NightCounting::Nights)
    }

    #[test]
    fn counts_are_of_all_settings_or_of_each() {
        let on = day("2024-07-01");
        for (same_setting, rows) in [
            (false, vec![(None, 8, 2, 12, "2024-08-04", Some("2024-08-03"))]),
            (true, vec![(Some("a"), 6, 4, 10, "2024-08-04", None), (Some("b"), 2, 8, 2, "2024-07-01", None)]),
        ] {
            let found = policy(same_setting).rolling_counts(&away(), on);
            let found: Vec<_> = found
                .iter()
                .map(|row| (row.provider_id.as_deref(), row.counted, row.remaining, row.highest, row.highest_on, row.passes_on))
                .collect();
            let rows: Vec<_> = rows.into_iter().map(|(a, b, c, d, on, passes)| (a, b, c, d, day(on), passes.map(day))).collect();
            assert_eq!(found, rows);
        }
        let uncounted = NightsPolicy { counts: None, ..policy(false) };
        assert_eq!((uncounted.rolling_counts(&away(), on), uncounted.longest_stays(&away(), on)), (vec![], vec![]));
    }

    #[test]
    fn the_longest_stay_has_its_limit_and_a_threshold_its_day() {
        let (policy, on) = (policy(false), day("2024-07-01"));
        let longest = policy.longest_stays(&away(), on);
        assert_eq!((longest.len(), longest[0].longest, longest[0].remaining), (1, 6, 0));
        assert_eq!((longest[0].from, longest[0].to), (day("2024-06-01"), day("2024-06-06")));
        for (on, is_reached, reached_on) in [("2024-06-20", false, Some("2024-06-21")), ("2024-07-01", true, Some("2024-06-21"))] {
            let reached = policy.thresholds_reached(&away(), &policy.rolling_counts(&away(), day(on)), day(on));
            assert_eq!((reached.len(), reached[0].is_reached, reached[0].reached_on), (1, is_reached, reached_on.map(day)), "{on}");
        }
        let rows = policy.nights_by_setting(&away(), on);
        let rows: Vec<_> = rows.iter().map(|row| (row.provider_id.as_str(), row.counted, row.ahead)).collect();
        assert_eq!(rows, [("a", 6, 4), ("b", 2, 0)]);
    }

    #[test]
    fn nights_fall_into_their_months() {
        let stays = [(at("a", "2024-06-29", "2024-07-01"), true), (at("b", "2024-07-05", "2024-07-05"), false)];
        let rows = nights_by_month(stays.iter().map(|(nights, are_stayed)| (nights, *are_stayed)));
        let rows: Vec<_> = rows.iter().map(|row| (row.month.as_str(), row.stayed, row.booked)).collect();
        assert_eq!(rows, [("2024-06", 2, 0), ("2024-07", 1, 1)]);
    }

    fn count(counted: i64, passes_on: Option<&str>) -> RollingCount {
        RollingCount {
            provider_id: None,
            months: 12,
            most: 10,
            clause: "reg 48".to_owned(),
            window_from: day("2023-07-02"),
            counted,
            remaining: (10 - counted).max(0),
            highest: counted,
            highest_on: day("2024-07-01"),
            passes_on: passes_on.map(day),
        }
    }

    #[test]
    fn children_are_warned_of_at_a_threshold_and_on_the_way_to_a_limit() {
        let policy = policy(false);
        for (counts, is_warned) in [
            (vec![], false),
            (vec![count(7, None)], false),
            (vec![count(8, None)], true),
            (vec![count(1, Some("2024-08-01"))], true),
            (vec![count(1, None), count(8, None)], true),
        ] {
            assert_eq!(policy.is_warned_of(&counts), is_warned, "{counts:?}");
        }
        let warned = policy.warned_child("child".to_owned(), vec![count(7, None), count(9, None)], 2);
        assert_eq!((warned.rolling.map(|row| row.counted), warned.reached, warned.unacknowledged), (Some(9), vec![8], 2));
        assert_eq!(policy.warned_child("child".to_owned(), vec![count(7, None)], 0).reached, Vec::<i64>::new());
    }

    #[test]
    fn the_worst_come_first() {
        let child = |id: &str, rolling| WarnedChild { child_id: id.to_owned(), rolling, reached: Vec::new(), unacknowledged: 0 };
        let mut children = [
            child("no count", None),
            child("b few", Some(count(3, None))),
            child("a few", Some(count(3, None))),
            child("many", Some(count(9, None))),
            child("late", Some(count(9, Some("2024-09-01")))),
            child("soon", Some(count(3, Some("2024-08-01")))),
            child("above", Some(count(11, Some("2024-06-01")))),
            child("far above", Some(count(20, Some("2024-06-20")))),
        ];
        put_worst_first(&mut children);
        let order: Vec<_> = children.iter().map(|one| one.child_id.as_str()).collect();
        assert_eq!(order, ["far above", "above", "soon", "late", "many", "a few", "b few", "no count"]);
    }
}
