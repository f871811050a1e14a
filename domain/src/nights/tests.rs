//! Nights away, against a model that goes through the calendar day by day.

use super::*;
use crate::profile::NightsCounted;
use chrono::Days;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn at(setting: &str, first: &str, last: &str) -> NightsAt {
    NightsAt { setting: setting.to_owned(), first_night: day(first), last_night: day(last) }
}

fn limit(kind: NightLimitKind, most: u16, same_setting: bool) -> NightLimit {
    let months = (kind == NightLimitKind::Rolling).then_some(12);
    NightLimit { kind, most, months, same_setting, from: None, to: None, clause: format!("{} {most}", kind.as_str()) }
}

fn policy(unit: NightCounting, limits: Vec<NightLimit>) -> NightsPolicy {
    NightsPolicy { counts: Some(NightsCounted { unit, clause: "-".to_owned() }), limits, warnings: Vec::new(), acknowledged_by: None }
}

/// 75 in twelve months at all settings together, 17 in one stay at one.
fn usual(unit: NightCounting) -> NightsPolicy {
    policy(unit, vec![limit(NightLimitKind::Rolling, 75, false), limit(NightLimitKind::SingleStay, 17, true)])
}

fn passed(policy: &NightsPolicy, stays: &[NightsAt]) -> Vec<(NightLimitKind, i64, NaiveDate)> {
    let away = NightsAway::of(stays, policy.counting());
    policy.passed_by(&away, stays.last().expect("a stay")).into_iter().map(|one| (one.kind, one.counted, one.passed_on)).collect()
}

#[test]
fn twelve_months_end_with_the_day_and_leap_days_make_them_longer() {
    for (on, from, days) in [
        ("2024-03-31", "2023-04-01", 366),
        ("2023-03-31", "2022-04-01", 365),
        ("2024-02-29", "2023-03-01", 366),
        ("2025-02-28", "2024-03-01", 365),
        // The day after is 29 February, which 2023 lacks.
        ("2024-02-28", "2023-03-01", 365),
        ("2024-02-27", "2023-02-28", 365),
        ("2024-03-01", "2023-03-02", 366),
    ] {
        let starts = window_from(day(on), 12);
        assert_eq!((starts, (day(on) - starts).num_days() + 1), (day(from), days), "to {on}");
    }
    assert_eq!(window_from(NaiveDate::MIN, 12), NaiveDate::MIN);
    assert_eq!(window_from(NaiveDate::MAX, 12), NaiveDate::MIN);
}

#[test]
fn seventy_five_nights_count_across_the_years_end_two_settings_and_a_leap_day() {
    // 25 nights at one setting before the year's end, 50 at another that has a leap day in it.
    let mut stays = vec![at("a", "2023-12-01", "2023-12-10"), at("a", "2024-01-01", "2024-01-15"), at("b", "2024-02-15", "2024-04-04")];
    let policy = usual(NightCounting::Nights);
    let away = NightsAway::of(&stays, NightCounting::Nights);
    assert_eq!(away.count_on(None, day("2024-04-04"), 12), 75);
    assert_eq!((away.count_on(Some("a"), day("2024-04-04"), 12), away.count_on(Some("b"), day("2024-04-04"), 12)), (25, 50));
    assert_eq!(policy.passes_on(&away, None, day("2024-03-01")), None);
    stays.push(at("a", "2024-06-01", "2024-06-02"));
    let away = NightsAway::of(&stays, NightCounting::Nights);
    assert_eq!(policy.passes_on(&away, None, day("2024-03-01")), Some(day("2024-06-01")));
    assert_eq!(policy.passes_on(&away, None, day("2024-06-10")), Some(day("2024-06-01")), "since when");
    assert_eq!(passed(&policy, &stays), [(NightLimitKind::Rolling, 77, day("2024-06-01"))]);
    // The first nights leave the count a year later.
    assert_eq!(policy.passes_on(&away, None, day("2024-12-02")), None);
    assert_eq!(away.count_on(None, day("2024-12-02"), 12), 75);
}

#[test]
fn bookings_that_touch_are_one_stay_at_one_setting_and_not_at_two() {
    let policy = usual(NightCounting::Nights);
    let touching = [at("a", "2024-06-01", "2024-06-10"), at("a", "2024-06-19", "2024-06-20"), at("a", "2024-06-11", "2024-06-18")];
    assert_eq!(passed(&policy, &touching), [(NightLimitKind::SingleStay, 20, day("2024-06-18"))]);
    let elsewhere = [at("a", "2024-06-01", "2024-06-10"), at("b", "2024-06-11", "2024-06-20")];
    assert_eq!(passed(&policy, &elsewhere), []);
    let a_night_at_home = [at("a", "2024-06-01", "2024-06-10"), at("a", "2024-06-12", "2024-06-22")];
    assert_eq!(passed(&policy, &a_night_at_home), []);
}

#[test]
fn a_stay_has_a_day_more_than_nights_and_stays_that_touch_share_it() {
    let seventeen = [at("a", "2024-06-01", "2024-06-17")];
    assert_eq!(passed(&usual(NightCounting::Nights), &seventeen), []);
    assert_eq!(passed(&usual(NightCounting::Days), &seventeen), [(NightLimitKind::SingleStay, 18, day("2024-06-18"))]);
    let days = |stays: &[NightsAt]| NightsAway::of(stays, NightCounting::Days).count_on(None, day("2024-06-30"), 12);
    assert_eq!(days(&[at("a", "2024-06-01", "2024-06-02"), at("b", "2024-06-03", "2024-06-04")]), 5);
    assert_eq!(days(&[at("a", "2024-06-01", "2024-06-02"), at("b", "2024-06-04", "2024-06-05")]), 6);
}

#[test]
fn the_limit_is_that_of_the_night() {
    // No limit on one stay from 24 April to 24 September 2020, and a tighter one in twelve months from 1 May 2021.
    let until = NightLimit { to: Some(day("2020-04-24")), ..limit(NightLimitKind::SingleStay, 17, true) };
    let again = NightLimit { from: Some(day("2020-09-25")), ..limit(NightLimitKind::SingleStay, 17, true) };
    let first = NightLimit { to: Some(day("2021-05-01")), ..limit(NightLimitKind::Rolling, 75, false) };
    let then = NightLimit { from: Some(day("2021-05-01")), ..limit(NightLimitKind::Rolling, 40, false) };
    let policy = policy(NightCounting::Nights, vec![until, again, first, then]);
    let single = |first: &str, last: &str| passed(&policy, &[at("a", first, last)]);
    assert_eq!(single("2020-04-01", "2020-04-18"), [(NightLimitKind::SingleStay, 18, day("2020-04-18"))]);
    assert_eq!(single("2020-06-01", "2020-07-20"), []);
    assert_eq!(single("2020-09-01", "2020-09-24"), []);
    assert_eq!(single("2020-09-01", "2020-09-26"), [(NightLimitKind::SingleStay, 26, day("2020-09-25"))]);
    let stays = [at("a", "2020-08-01", "2020-09-14"), at("a", "2021-05-10", "2021-05-10")];
    assert_eq!(passed(&policy, &stays), [(NightLimitKind::Rolling, 46, day("2021-05-10"))]);
    assert!(policy.is_ready_on(day("2021-05-01")));
    assert!(!NightsPolicy::default().is_ready_on(day("2021-05-01")), "no limit is no authority");
}

#[test]
fn nights_lie_within_others_of_their_setting() {
    let others = at("a", "2024-06-10", "2024-06-20");
    for (nights, lie_within) in [
        (at("a", "2024-06-10", "2024-06-20"), true),
        (at("a", "2024-06-12", "2024-06-12"), true),
        (at("a", "2024-06-09", "2024-06-20"), false),
        (at("a", "2024-06-10", "2024-06-21"), false),
        (at("a", "2024-06-21", "2024-06-22"), false),
        (at("b", "2024-06-12", "2024-06-12"), false),
    ] {
        assert_eq!(nights.lie_within(&others), lie_within, "{nights:?}");
    }
}

#[test]
fn a_threshold_is_reached_and_a_state_told() {
    let mut policy = usual(NightCounting::Nights);
    policy.warnings.push(crate::profile::NightThreshold { at: 60, clause: "-".to_owned() });
    let away = NightsAway::of(&[at("a", "2024-01-01", "2024-02-28"), at("b", "2024-03-01", "2024-03-20")], NightCounting::Nights);
    assert_eq!(policy.reaches_on(&away, None, 60, day("2024-01-01")), Some(day("2024-03-01")));
    let state = |on: &str| policy.state_on(&away, day(on));
    assert_eq!(state("2024-02-28"), NightsState { counted: 59, is_at_warning: false, is_above_limit: false });
    assert_eq!(state("2024-03-01"), NightsState { counted: 60, is_at_warning: true, is_above_limit: false });
    assert_eq!(state("2024-03-31"), NightsState { counted: 79, is_at_warning: true, is_above_limit: true });
    assert_eq!(away.peak_from(None, day("2024-01-01"), 12), Some((day("2024-03-20"), 79)));
    let longest = away.longest_from(Some("a"), day("2024-02-01"));
    assert_eq!(longest, Some(LongStay { from: day("2024-01-01"), to: day("2024-02-28"), counted: 59 }));
    assert_eq!(away.longest_from(Some("c"), day("2024-02-01")), None);
}

#[test]
fn a_limit_of_each_setting_counts_no_other() {
    let mut policy = policy(NightCounting::Nights, vec![limit(NightLimitKind::Rolling, 10, true)]);
    policy.warnings.push(crate::profile::NightThreshold { at: 9, clause: "-".to_owned() });
    let stays = [at("a", "2024-06-01", "2024-06-08"), at("b", "2024-06-10", "2024-06-17"), at("a", "2024-06-20", "2024-06-22")];
    let away = NightsAway::of(&stays, NightCounting::Nights);
    assert_eq!(policy.passed_by(&away, &stays[1]), []);
    let passed = policy.passed_by(&away, &stays[2]);
    assert_eq!((passed.len(), passed[0].setting.as_deref(), passed[0].counted, passed[0].passed_on), (1, Some("a"), 11, day("2024-06-22")));
    assert_eq!(policy.passes_on(&away, Some("b"), day("2024-06-01")), None);
    assert_eq!(policy.passes_on(&away, None, day("2024-06-01")), None, "there is no limit on all of them together");
    let state = |on: &str| policy.state_on(&away, day(on));
    assert_eq!(state("2024-06-19"), NightsState { counted: 8, is_at_warning: false, is_above_limit: false });
    assert_eq!(state("2024-06-30"), NightsState { counted: 11, is_at_warning: true, is_above_limit: true });
}

#[test]
fn of_the_built_in_profiles_all_have_a_limit_and_one_its_own() {
    for (code, most) in [("tameside", 75), ("kirklees", 74), ("warwickshire", 75), ("manchester", 75), ("knowsley", 75)] {
        let policy = crate::Profile::bundled(code).expect("sound").nights;
        for (on, longest) in [("2020-04-23", Some(17)), ("2020-04-24", None), ("2020-09-24", None), ("2020-09-25", Some(17))] {
            assert!(policy.is_ready_on(day(on)), "{code}");
            assert_eq!(policy.limit_on(NightLimitKind::Rolling, day(on)).map(|limit| limit.most), Some(most), "{code}");
            assert_eq!(policy.limit_on(NightLimitKind::SingleStay, day(on)).map(|limit| limit.most), longest, "{code} on {on}");
        }
    }
}

/// Stays at two settings from 2023 on, without two in one night.
fn stays() -> impl Strategy<Value = Vec<NightsAt>> {
    proptest::collection::vec((0_u64..30, 1_u64..20, prop::bool::ANY), 1..30).prop_map(|drawn| {
        let mut next = day("2023-01-15");
        let stay = |(gap, nights, is_other): (u64, u64, bool)| {
            let first_night = next + Days::new(gap);
            next = first_night + Days::new(nights);
            NightsAt { setting: if is_other { "b" } else { "a" }.to_owned(), first_night, last_night: first_night + Days::new(nights - 1) }
        };
        drawn.into_iter().map(stay).collect()
    })
}

/// What counts, one by one: every night, and of days also the morning after a night.
fn model(stays: &[NightsAt], setting: Option<&str>, counting: NightCounting) -> BTreeSet<NaiveDate> {
    let mut all = BTreeSet::new();
    for stay in stays.iter().filter(|stay| setting.is_none_or(|wanted| stay.setting == wanted)) {
        let mut night = stay.first_night;
        while night <= stay.last_night {
            all.insert(night);
            if counting == NightCounting::Days {
                all.insert(night + Days::new(1));
            }
            night = night + Days::new(1);
        }
    }
    all
}

/// The day after the same day a year before: a year before 29 February there is the 28th.
fn twelve_months_to(on: NaiveDate) -> NaiveDate {
    let after_leap_day = on == day("2024-02-28") || on == day("2028-02-28");
    (on + Days::new(1)) - Months::new(12) + Days::new(u64::from(after_leap_day))
}

fn model_count(all: &BTreeSet<NaiveDate>, on: NaiveDate) -> i64 {
    let from = twelve_months_to(on);
    all.iter().filter(|one| **one >= from && **one <= on).count() as i64
}

proptest! {
    #[test]
    fn counts_and_projections_agree_with_the_calendar(
        stays in stays(),
        offset in 0_u64..900,
        most in 5_u16..80,
        is_of_days in prop::bool::ANY,
        at_one_setting in prop::bool::ANY,
    ) {
        let counting = if is_of_days { NightCounting::Days } else { NightCounting::Nights };
        let setting = at_one_setting.then_some("a");
        let policy = policy(counting, vec![limit(NightLimitKind::Rolling, most, at_one_setting)]);
        let away = NightsAway::of(&stays, counting);
        let (all, on) = (model(&stays, setting, counting), day("2023-01-01") + Days::new(offset));
        prop_assert_eq!(away.count_on(setting, on, 12), model_count(&all, on));
        let is_above = |on: NaiveDate| model_count(&all, on) > i64::from(most);
        let expected = if is_above(on) {
            (0..900).map(|back| on - Days::new(back)).take_while(|one| is_above(*one)).last()
        } else {
            (1..1_500).map(|ahead| on + Days::new(ahead)).find(|one| is_above(*one))
        };
        prop_assert_eq!(policy.passes_on(&away, setting, on), expected);
        let peak = (0..1_500).map(|ahead| model_count(&all, on + Days::new(ahead))).max().unwrap_or_default();
        let found = away.peak_from(setting, on, 12).map_or(0, |(_, count)| count);
        // Before the next night the count of the day itself may be the largest.
        prop_assert_eq!(found.max(away.count_on(setting, on, 12)), peak);
    }

    #[test]
    fn what_a_stay_passes_agrees_with_the_calendar(stays in stays(), most in 3_u16..80, longest in 1_u16..40, pick in 0_usize..30) {
        let counting = NightCounting::Nights;
        let policy = policy(counting, vec![limit(NightLimitKind::Rolling, most, false), limit(NightLimitKind::SingleStay, longest, true)]);
        let stay = stays[pick % stays.len()].clone();
        let found = policy.passed_by(&NightsAway::of(&stays, counting), &stay);
        let all = model(&stays, None, counting);
        // Every night whose twelve months hold a night of the stay.
        let holds = |on: NaiveDate| on >= stay.first_night && twelve_months_to(on) <= stay.last_night;
        let above: Vec<_> = all.iter().copied().filter(|on| holds(*on) && model_count(&all, *on) > i64::from(most)).collect();
        let rolling = found.iter().find(|one| one.kind == NightLimitKind::Rolling).map(|one| (one.passed_on, one.counted));
        let expected = above.first().map(|first| (*first, above.iter().map(|on| model_count(&all, *on)).max().unwrap_or_default()));
        prop_assert_eq!(rolling, expected);
        // The run of nights at the setting that the stay is in.
        let here = model(&stays, Some(&stay.setting), counting);
        let mut from = stay.first_night;
        while here.contains(&(from - Days::new(1))) {
            from = from - Days::new(1);
        }
        let length = (0..1_500_u64).take_while(|nights| here.contains(&(from + Days::new(*nights)))).count() as i64;
        let single = found.iter().find(|one| one.kind == NightLimitKind::SingleStay).map(|one| one.counted);
        prop_assert_eq!(single, (length > i64::from(longest)).then_some(length));
    }

    #[test]
    fn a_night_more_never_lowers_a_count(stays in stays(), offset in 0_u64..900) {
        let on = day("2023-01-01") + Days::new(offset);
        for counting in [NightCounting::Nights, NightCounting::Days] {
            let count = |stays: &[NightsAt]| NightsAway::of(stays, counting).count_on(None, on, 12);
            for taken in 1..=stays.len() {
                let (before, after) = (count(&stays[..taken - 1]), count(&stays[..taken]));
                let nights = (stays[taken - 1].last_night - stays[taken - 1].first_night).num_days() + 1;
                prop_assert!(before <= after && after <= before + nights + 1);
            }
        }
    }
}
