//! Nights away from home: how many, against which limit, and when booked nights will pass it.
//!
//! Nights are counted one by one. A stay from its first to its last night, both included, has so many nights; counted in days it has
//! one more, since the child is still away on the day after the last night. Nights that follow one another without a night at home
//! are one stay, however they were booked, and share that last day.
//!
//! The rolling count on a day is of the months that end with the day: it begins as many months before the day after. Twelve months to
//! 31 March 2024 begin on 1 April 2023; to 29 February 2024, on 1 March 2023. Where the day after is one that the month lacks, as
//! 29 February is in most years, the last of that month takes its place: twelve months to 28 February 2024 begin on 28 February
//! 2023, a day more, so that nothing is missed.
//!
//! A limit is tested on every night away, and is the one in force on that night.

mod counts;
mod stay;
mod waiting;
mod who_acknowledges;
pub(crate) mod words;

pub use counts::{
    LongestStay, MonthOfNights, RollingCount, SettingNights, ThresholdReached, WarnedChild, nights_by_month, put_worst_first,
};
pub use stay::{MOST_NIGHTS, SaidStayed, booking_mistake, night_mistakes, nothing_passed, refuse_shared_night, stayed_mistakes};
pub use waiting::{Earlier, PassedBefore, PassingsChecked, PassingsRefused, SaidOfLimits, check_passings};
pub use who_acknowledges::{WouldAcknowledge, acknowledgers, refuse_unread, who_may_acknowledge};
pub use words::{NightCounting, NightLimitKind};

use crate::column::word_column;
use crate::profile::{NightLimit, NightsPolicy};
use chrono::{Datelike, Months, NaiveDate};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// How far a stay has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[derive(EnumString, IntoStaticStr, VariantArray, ToSchema, AsExpression, FromSqlRow)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
pub enum StayState {
    /// Booked; it counts, also when its nights are past and nobody has confirmed them.
    Booked,
    /// The nights that were stayed are known.
    Stayed,
    /// It did not come about.
    Cancelled,
    /// It was recorded by mistake.
    Reversed,
}

impl StayState {
    /// Whether the nights count.
    pub fn counts(self) -> bool {
        matches!(self, StayState::Booked | StayState::Stayed)
    }
}

word_column!(StayState);

/// Nights at one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightsAt {
    /// The setting, by its id.
    pub setting: String,
    /// The first night.
    pub first_night: NaiveDate,
    /// The last night, not before the first.
    pub last_night: NaiveDate,
}

impl NightsAt {
    /// Whether every one of the nights is one of these others, at the same setting.
    pub fn lie_within(&self, others: &NightsAt) -> bool {
        self.setting == others.setting && others.first_night <= self.first_night && self.last_night <= others.last_night
    }
}

/// The first day of the months that end with a day, this included. Where the month they begin in has no such day, they begin on the first of
/// the next: twelve months that end on 28 February of a leap year begin on 1 March.
pub fn window_from(day: NaiveDate, months: u16) -> NaiveDate {
    let starts = |after: NaiveDate| {
        let same_day = after.checked_sub_months(Months::new(u32::from(months)))?;
        if same_day.day() < after.day() { same_day.succ_opt() } else { Some(same_day) }
    };
    day.succ_opt().and_then(starts).unwrap_or(NaiveDate::MIN)
}

/// A night, or day, that counts, and the first of the stay that it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Away {
    on: NaiveDate,
    since: NaiveDate,
}

impl Away {
    /// How manieth of its stay it is.
    fn place(self) -> i64 {
        (self.on - self.since).num_days() + 1
    }
}

/// A stay as it is counted: what follows without a night at home is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongStay {
    /// The first night.
    pub from: NaiveDate,
    /// The last night, or day, that counts.
    pub to: NaiveDate,
    /// How many count.
    pub counted: i64,
}

/// A limit that a stay passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitPassed {
    /// Of what it is.
    pub kind: NightLimitKind,
    /// The setting whose nights are counted; none, those of all settings together.
    pub setting: Option<String>,
    /// The most there may be.
    pub most: i64,
    /// The largest count that the stay leads to.
    pub counted: i64,
    /// The first night, or day, above the limit.
    pub passed_on: NaiveDate,
    /// Where the limit is written.
    pub clause: String,
}

/// A child's count against the limit on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NightsState {
    /// The rolling count; where settings are counted by themselves, the largest of them.
    pub counted: i64,
    /// Whether it has reached a threshold that is warned of.
    pub is_at_warning: bool,
    /// Whether it is above the limit.
    pub is_above_limit: bool,
}

/// A child's nights away, as they are counted.
#[derive(Debug, Clone)]
pub struct NightsAway {
    all: Vec<Away>,
    by_setting: BTreeMap<String, Vec<Away>>,
}

impl NightsAway {
    /// Counts these nights; one that is given twice counts once.
    pub fn of(stays: &[NightsAt], counting: NightCounting) -> Self {
        let mut by_setting: BTreeMap<String, Vec<NaiveDate>> = BTreeMap::new();
        for stay in stays {
            let nights = stay.first_night.iter_days().take_while(|night| *night <= stay.last_night);
            by_setting.entry(stay.setting.clone()).or_default().extend(nights);
        }
        let all = counted(by_setting.values().flatten().copied().collect(), counting);
        NightsAway { all, by_setting: by_setting.into_iter().map(|(setting, nights)| (setting, counted(nights, counting))).collect() }
    }

    /// The settings that there are nights at.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        self.by_setting.keys().map(String::as_str)
    }

    /// How many count in the months that end with a day, at one setting or at all.
    pub fn count_on(&self, setting: Option<&str>, day: NaiveDate, months: u16) -> i64 {
        self.count_between(setting, window_from(day, months), day)
    }

    /// How many count from a day to a day, both included.
    pub fn count_between(&self, setting: Option<&str>, from: NaiveDate, to: NaiveDate) -> i64 {
        let away = self.at(setting);
        let (start, end) = (away.partition_point(|one| one.on < from), away.partition_point(|one| one.on <= to));
        i64::try_from(end.saturating_sub(start)).unwrap_or(i64::MAX)
    }

    /// The largest rolling count there is from a day on, and the first day that has it; none where no night comes after the day.
    pub fn peak_from(&self, setting: Option<&str>, from: NaiveDate, months: u16) -> Option<(NaiveDate, i64)> {
        let days = self.at(setting).iter().map(|one| one.on).filter(|day| *day >= from);
        days.map(|day| (day, self.count_on(setting, day, months))).reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    /// The longest stay that reaches a day or comes after it, the first of several.
    pub fn longest_from(&self, setting: Option<&str>, from: NaiveDate) -> Option<LongStay> {
        let away = self.at(setting).iter().filter(|one| one.on >= from);
        let stays = away.map(|one| LongStay { from: one.since, to: one.on, counted: one.place() });
        stays.reduce(|best, next| if next.counted > best.counted { next } else { best })
    }

    fn at(&self, setting: Option<&str>) -> &[Away] {
        match setting {
            None => &self.all,
            Some(setting) => self.by_setting.get(setting).map(Vec::as_slice).unwrap_or_default(),
        }
    }

    /// The day on which something that can only come true with a night away does: if it is true on the day itself, since when it has been
    /// without a break; else the first such night after the day.
    fn turns(&self, setting: Option<&str>, day: NaiveDate, is_true: impl Fn(NaiveDate) -> bool) -> Option<NaiveDate> {
        if !is_true(day) {
            return self.at(setting).iter().map(|one| one.on).find(|on| *on > day && is_true(*on));
        }
        let mut since = day;
        while let Some(before) = since.pred_opt().filter(|before| is_true(*before)) {
            since = before;
        }
        Some(since)
    }
}

/// What counts of some nights, in order: of days, also the one after the last night of each stay.
fn counted(mut nights: Vec<NaiveDate>, counting: NightCounting) -> Vec<Away> {
    nights.sort_unstable();
    nights.dedup();
    let mut away: Vec<Away> = Vec::with_capacity(nights.len());
    let mut since = None;
    for (index, night) in nights.iter().copied().enumerate() {
        let begun = since.unwrap_or(night);
        away.push(Away { on: night, since: begun });
        let goes_on = night.succ_opt().is_some_and(|next| nights.get(index + 1) == Some(&next));
        if let (false, NightCounting::Days, Some(home)) = (goes_on, counting, night.succ_opt()) {
            away.push(Away { on: home, since: begun });
        }
        since = goes_on.then_some(begun);
    }
    away
}

impl NightsPolicy {
    /// What is counted; nights, where the profile does not say.
    pub fn counting(&self) -> NightCounting {
        self.counts.as_ref().map_or(NightCounting::Nights, |counts| counts.unit)
    }

    /// The limit of a kind on a day.
    pub fn limit_on(&self, kind: NightLimitKind, day: NaiveDate) -> Option<&NightLimit> {
        self.limits.iter().find(|limit| limit.kind == kind && limit.is_in_force(day))
    }

    /// Whether nights can be counted against a limit on a day. Where they cannot, none may be booked.
    pub fn is_ready_on(&self, day: NaiveDate) -> bool {
        self.counts.is_some() && self.limit_on(NightLimitKind::Rolling, day).is_some()
    }

    /// The limit of a kind on a day, if it is of one setting's nights, or of those of all settings, as asked.
    fn limit_at(&self, kind: NightLimitKind, setting: Option<&str>, day: NaiveDate) -> Option<&NightLimit> {
        self.limit_on(kind, day).filter(|limit| limit.same_setting == setting.is_some())
    }

    /// The day on which the rolling count passes its limit: if it is above it on the day asked for, since when; else the first night
    /// after it, with what is booked.
    pub fn passes_on(&self, away: &NightsAway, setting: Option<&str>, day: NaiveDate) -> Option<NaiveDate> {
        self.reaches(away, setting, day, |limit| i64::from(limit.most) + 1)
    }

    /// The day on which the rolling count reaches a threshold; read as [`NightsPolicy::passes_on`].
    pub fn reaches_on(&self, away: &NightsAway, setting: Option<&str>, at: u16, day: NaiveDate) -> Option<NaiveDate> {
        self.reaches(away, setting, day, |_| i64::from(at))
    }

    fn reaches(&self, away: &NightsAway, setting: Option<&str>, day: NaiveDate, least: impl Fn(&NightLimit) -> i64) -> Option<NaiveDate> {
        away.turns(setting, day, |on| {
            let limit = self.limit_at(NightLimitKind::Rolling, setting, on);
            limit.is_some_and(|limit| {
                let counted = away.count_on(setting, on, limit.months.unwrap_or_default());
                // A count of nothing reaches nothing, whatever the threshold: else there would be no first day.
                counted > 0 && counted >= least(limit)
            })
        })
    }

    /// Every limit that a stay passes, or goes on passing: some night of it is in a count that is above the limit. `away` has the stay's
    /// own nights too.
    pub fn passed_by(&self, away: &NightsAway, stay: &NightsAt) -> Vec<LimitPassed> {
        let last = match self.counting() {
            NightCounting::Nights => stay.last_night,
            NightCounting::Days => stay.last_night.succ_opt().unwrap_or(stay.last_night),
        };
        let mut passed: Vec<LimitPassed> = Vec::new();
        for kind in [NightLimitKind::Rolling, NightLimitKind::SingleStay] {
            for setting in [None, Some(stay.setting.as_str())] {
                let nights = away.at(setting);
                let own = nights.iter().find(|one| one.on == stay.first_night).map(|one| one.since);
                let mut found: Option<LimitPassed> = None;
                for one in nights.iter().filter(|one| one.on >= stay.first_night) {
                    let Some(limit) = self.limit_at(kind, setting, one.on) else { continue };
                    let months = limit.months.unwrap_or_default();
                    let counted = match kind {
                        NightLimitKind::Rolling if window_from(one.on, months) <= last => away.count_on(setting, one.on, months),
                        NightLimitKind::SingleStay if own == Some(one.since) => one.place(),
                        _ => continue,
                    };
                    if counted <= i64::from(limit.most) {
                        continue;
                    }
                    let first = found.get_or_insert_with(|| LimitPassed {
                        kind,
                        setting: setting.map(str::to_owned),
                        most: i64::from(limit.most),
                        counted,
                        passed_on: one.on,
                        clause: limit.clause.clone(),
                    });
                    first.counted = first.counted.max(counted);
                }
                passed.extend(found);
            }
        }
        passed
    }

    /// A child's count against the limit on a day.
    pub fn state_on(&self, away: &NightsAway, day: NaiveDate) -> NightsState {
        let Some(limit) = self.limit_on(NightLimitKind::Rolling, day) else {
            return NightsState { counted: 0, is_at_warning: false, is_above_limit: false };
        };
        let count = |setting: Option<&str>| away.count_on(setting, day, limit.months.unwrap_or_default());
        let counted = if limit.same_setting { away.settings().map(|one| count(Some(one))).max().unwrap_or_default() } else { count(None) };
        NightsState {
            counted,
            is_at_warning: self.warnings.iter().any(|threshold| counted >= i64::from(threshold.at)),
            is_above_limit: counted > i64::from(limit.most),
        }
    }
}

#[cfg(test)]
mod tests;
