//! What a day costs: of a line, worked out from the days of its period, and of what is spread evenly over days.

use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// What is bought, at what price, from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// In thousandths.
    pub quantity: i128,
    /// As the API has it.
    pub frequency: &'static str,
    /// In ten-thousandths of a pound.
    pub rate: i128,
    pub provider: Option<String>,
}

/// On each day the line in force and its terms.
pub type Days = BTreeMap<NaiveDate, (usize, Terms)>;

/// The first of April that a day's year starts with.
pub fn year_start(of: NaiveDate) -> NaiveDate {
    let year = if of.month() >= 4 { of.year() } else { of.year() - 1 };
    NaiveDate::from_ymd_opt(year, 4, 1).expect("a date")
}

/// The days of the same week and month around a day, no cut among them: the first, and the first after.
pub fn stretch(one: NaiveDate, cuts: &BTreeSet<NaiveDate>) -> (NaiveDate, NaiveDate) {
    let starts = |day: NaiveDate| day.weekday() == chrono::Weekday::Mon || day.day() == 1 || cuts.contains(&day);
    let mut from = one;
    while !starts(from) {
        from = from.pred_opt().expect("a day");
    }
    let mut to = one.succ_opt().expect("a day");
    while !starts(to) {
        to = to.succ_opt().expect("a day");
    }
    (from, to)
}

/// The period of a line that a day lies in: its first day, how many days it has, and how often the rate is paid for them, in an authority
/// of 38 weeks of school term and 14 of holidays.
fn period(frequency: &str, first: NaiveDate, one: NaiveDate) -> (NaiveDate, i64, i128) {
    let weeks = |weeks: i64| {
        let into = (one - first).num_days() % (7 * weeks);
        (one - chrono::TimeDelta::days(into), 7 * weeks, 1)
    };
    let month = one.with_day(1).expect("a first");
    let year = year_start(one);
    let of_year = |times| (year, (year_after(year) - year).num_days(), times);
    match frequency {
        "weekly" => weeks(1),
        "fortnightly" => weeks(2),
        "four_weekly" => weeks(4),
        "monthly" => (month, (month.checked_add_months(chrono::Months::new(1)).expect("a month") - month).num_days(), 1),
        "term_time_weeks" => of_year(38),
        "holiday_weeks" => of_year(14),
        "per_year" => {
            let (from, to) = own_year(first, one);
            (from, (to - from).num_days(), 1)
        }
        other => panic!("{other}"),
    }
}

/// The year of its own that a line with this first day is in: walked from anniversary to anniversary. There being no 29 February, it is
/// the day after the 28th.
fn own_year(first: NaiveDate, one: NaiveDate) -> (NaiveDate, NaiveDate) {
    let anniversary = |years: i32| {
        let year = first.year() + years;
        let is_there = NaiveDate::from_ymd_opt(year, first.month(), first.day());
        is_there.unwrap_or_else(|| NaiveDate::from_ymd_opt(year, 2, 28).expect("a date").succ_opt().expect("a day"))
    };
    let years = (1..).find(|years| anniversary(*years) > one).expect("a year");
    (anniversary(years - 1), anniversary(years))
}

/// All of a cost, in ten-thousandths of a per cent.
pub const ALL: i128 = 1_000_000;

/// What a day costs of a line with this first day: what the days of its period come to with it, less what they come to without. Each is
/// rounded to the penny, so the days of a whole period add up to what was agreed for it.
pub fn pence_of_day(terms: &Terms, first: NaiveDate, one: NaiveDate) -> i128 {
    share_of_day(terms, ALL, first, one)
}

/// What a share of a day's cost comes to, in ten-thousandths of a per cent: as a line costs whose rate is that part of the rate.
pub fn share_of_day(terms: &Terms, share: i128, first: NaiveDate, one: NaiveDate) -> i128 {
    let (parts, per_penny) = (terms.quantity * terms.rate * share, 100_000 * ALL);
    if terms.frequency == "one_off" {
        return if one == first { rounded(parts, per_penny) } else { 0 };
    }
    let (starts, length, times) = period(terms.frequency, first, one);
    let up_to = |days: i64| rounded(parts * times * i128::from(days), per_penny * i128::from(length));
    let before = (one - starts.max(first)).num_days();
    up_to(before + 1) - up_to(before)
}

/// Half away from nought.
pub fn rounded(numerator: i128, denominator: i128) -> i128 {
    numerator.signum() * ((2 * numerator.abs() + denominator) / (2 * denominator))
}

/// What a day has of an amount that is spread evenly from a day to the day before another.
pub fn spread_on_day(pence: i128, (from, to): (NaiveDate, NaiveDate), one: NaiveDate) -> i128 {
    let up_to = |day: NaiveDate| {
        let days = (day - from).num_days().clamp(0, (to - from).num_days());
        rounded(pence * i128::from(days), i128::from((to - from).num_days()))
    };
    up_to(one.succ_opt().expect("a day")) - up_to(one)
}

/// What is bought on a day, and the first day of its line.
pub struct Bought {
    pub line: usize,
    pub terms: Terms,
    pub first: NaiveDate,
}

/// The days of the financial year that starts on a day.
pub fn bought_in(days: &Days, starts: NaiveDate) -> BTreeMap<NaiveDate, Bought> {
    let mut firsts: BTreeMap<usize, NaiveDate> = BTreeMap::new();
    for (one, (line, _)) in days {
        firsts.entry(*line).or_insert(*one);
    }
    let bought =
        |(one, (line, terms)): (&NaiveDate, &(usize, Terms))| (*one, Bought { line: *line, terms: terms.clone(), first: firsts[line] });
    days.range(starts..year_after(starts)).map(bought).collect()
}

pub fn year_after(starts: NaiveDate) -> NaiveDate {
    starts.with_year(starts.year() + 1).expect("a first of April")
}

pub fn days_between(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    from.iter_days().take_while(move |one| *one < to)
}

/// The days of the financial year that starts on a day.
pub fn days_of(starts: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    days_between(starts, year_after(starts))
}

/// 0 is April.
pub fn month_of(one: NaiveDate) -> usize {
    (one.month0() as usize + 9) % 12
}
