use super::*;
use crate::Profile;
use chrono::Days;
use proptest::prelude::*;
use strum::VariantArray;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

fn line(from: &str, to: Option<&str>) -> Line {
    Line {
        quantity: Quantity(3_000),
        frequency: Frequency::Weekly,
        unit_rate: UnitRate(200_000),
        valid_from: day(from),
        valid_to: to.map(day),
    }
}

fn change(kind: VariationKind, from: &str, to: Option<&str>) -> Change {
    Change { kind, valid_from: day(from), valid_to: to.map(day), quantity: None, frequency: None, unit_rate: None, needs_new_line: false }
}

/// The fields with a mistake, and its kind.
fn codes(change: Change, line: &Line) -> Vec<String> {
    change.mistakes(&policy(), line).into_iter().map(|mistake| format!("{} {}", mistake.pointer, mistake.code)).collect()
}

#[test]
fn more_for_a_time_goes_back_to_what_it_was() {
    let line = line("2024-04-01", Some("2025-04-01"));
    let more = Change { quantity: Some(Quantity(5_000)), ..change(VariationKind::Increase, "2024-07-01", Some("2024-09-01")) };
    let varied = more.of(&line);
    assert_eq!(varied.original, Some(Line { valid_to: Some(day("2024-07-01")), ..line }));
    let changed = Line { quantity: Quantity(5_000), valid_from: day("2024-07-01"), valid_to: Some(day("2024-09-01")), ..line };
    assert_eq!((varied.changed, varied.resumed), (Some(changed), Some(Line { valid_from: day("2024-09-01"), ..line })));
    let for_good = Change { valid_to: None, ..more };
    assert_eq!(for_good.of(&line).changed, Some(Line { valid_to: line.valid_to, ..changed }));
    assert_eq!(for_good.of(&line).resumed, None);
}

#[test]
fn an_award_that_is_paid_whole_is_changed_on_its_anniversary() {
    use crate::profile::{PartYear, PartYearRule};
    let by = |value| CostingPolicy { part_year: Some(PartYearRule { value, clause: "-".to_owned() }), ..policy() };
    let award = Line { frequency: Frequency::PerYear, ..line("2024-06-01", None) };
    let dearer = |from, to| Change { unit_rate: Some(UnitRate(210_000)), ..change(VariationKind::Rate, from, to) };
    let stay = change(VariationKind::Suspension, "2024-07-01", Some("2024-09-01"));
    for (name, change, line, is_told) in [
        ("in the year that was paid", dearer("2024-09-01", None), award, true),
        ("from its own first day", dearer("2024-06-01", None), award, false),
        ("from the next financial year", dearer("2025-04-01", None), award, true),
        ("from its next year", dearer("2025-06-01", None), award, false),
        ("for one year", dearer("2025-06-01", Some("2026-06-01")), award, false),
        ("for part of a year", dearer("2025-06-01", Some("2025-12-01")), award, true),
        ("a stay in the year", stay, award, true),
        ("a stay over the year's end", Change { valid_to: Some(day("2025-06-01")), ..stay }, award, false),
        ("an end", change(VariationKind::End, "2024-09-01", None), award, false),
        ("of weeks", dearer("2024-09-01", None), line("2024-06-01", None), false),
    ] {
        let told = |policy: &CostingPolicy| change.mistakes(policy, &line).iter().any(|mistake| mistake.code == "paid_whole");
        assert_eq!(told(&by(PartYear::WholeYear)), is_told, "{name}");
        assert!(!told(&by(PartYear::Days)) && !told(&by(PartYear::WholeMonths)), "{name}");
    }
}

#[test]
fn from_the_first_day_the_line_is_reversed() {
    let line = line("2024-04-01", None);
    let stay = change(VariationKind::Suspension, "2024-04-01", Some("2024-04-15"));
    let resumed = Some(Line { valid_from: day("2024-04-15"), ..line });
    assert_eq!(stay.of(&line), Varied { original: None, changed: None, resumed });
    let never = change(VariationKind::End, "2024-04-01", None);
    assert_eq!(never.of(&line).lines().count(), 0);
}

#[test]
fn a_longer_line_is_the_same_line_unless_its_terms_change() {
    let line = line("2024-04-01", Some("2024-09-01"));
    let longer = change(VariationKind::Extension, "2024-09-01", None);
    assert_eq!(longer.of(&line), Varied { original: Some(Line { valid_to: None, ..line }), changed: None, resumed: None });
    let dearer = Change { unit_rate: Some(UnitRate(210_000)), ..longer };
    let varied = dearer.of(&line);
    assert_eq!((varied.original, varied.changed.map(|line| line.valid_from)), (Some(line), Some(day("2024-09-01"))));
    assert_eq!(codes(change(VariationKind::Extension, "2024-08-31", None), &line), ["/valid_from not_the_end"]);
    assert!(longer.is_increase(&policy(), &line).expect("costed"));
}

#[test]
fn a_correction_counts_from_the_day_that_is_right() {
    let line = line("2024-04-01", Some("2024-09-01"));
    let earlier = change(VariationKind::Correction, "2024-03-18", None);
    let right = Line { valid_from: day("2024-03-18"), ..line };
    assert_eq!(earlier.of(&line), Varied { original: None, changed: Some(right), resumed: None });
    assert!(earlier.is_increase(&policy(), &line).expect("costed"));
    let shorter = change(VariationKind::Correction, "2024-04-01", Some("2024-08-01"));
    assert!(!shorter.is_increase(&policy(), &line).expect("costed"));
    assert_eq!(codes(change(VariationKind::Correction, "2024-04-01", None), &line), ["/kind nothing_changes"]);
}

#[test]
fn each_kind_has_its_own_fields() {
    use VariationKind as K;
    let line = line("2024-04-01", Some("2025-04-01"));
    let on = |kind| change(kind, "2024-07-01", None);
    let quantity = |kind, quantity| Change { quantity: Some(Quantity(quantity)), ..on(kind) };
    let rate = |kind, rate| Change { unit_rate: Some(UnitRate(rate)), ..on(kind) };
    for (change, said) in [
        (on(K::Increase), vec!["/quantity_thousandths missing"]),
        (quantity(K::Increase, 3_000), vec!["/quantity_thousandths not_more"]),
        (quantity(K::Increase, 3_001), vec![]),
        (quantity(K::Decrease, 3_000), vec!["/quantity_thousandths not_less"]),
        (quantity(K::Decrease, 2_999), vec![]),
        (quantity(K::Rate, 1), vec!["/quantity_thousandths not_of_this_kind", "/unit_rate_ten_thousandths missing"]),
        (rate(K::Rate, 200_000), vec!["/unit_rate_ten_thousandths unchanged"]),
        (rate(K::Rate, 0), vec![]),
        (rate(K::End, 1), vec!["/unit_rate_ten_thousandths not_of_this_kind"]),
        (on(K::End), vec![]),
        (on(K::Suspension), vec!["/valid_to missing"]),
        (on(K::Uprating), vec!["/kind has_its_own_path"]),
        (change(K::End, "2024-07-01", Some("2024-08-01")), vec!["/valid_to not_of_this_kind"]),
        (change(K::Suspension, "2024-07-01", Some("2025-04-01")), vec!["/valid_to after_end"]),
        (change(K::Suspension, "2024-07-01", Some("2025-03-31")), vec![]),
    ] {
        assert_eq!(codes(change, &line), said, "{change:?}");
    }
    let open = Line { valid_to: None, ..line };
    assert_eq!(codes(change(K::Extension, "2024-07-01", None), &open), ["/kind no_end"]);
}

#[test]
fn what_is_bought_once_is_not_divided() {
    let once = Line { frequency: Frequency::OneOff, ..line("2024-04-01", None) };
    let dearer = |from| Change { unit_rate: Some(UnitRate(1)), ..change(VariationKind::Rate, from, None) };
    assert_eq!(codes(dearer("2024-04-02"), &once), ["/valid_from bought_once"]);
    assert_eq!(codes(dearer("2024-04-01"), &once), Vec::<String>::new());
    let once_more = Change { frequency: Some(Frequency::OneOff), ..change(VariationKind::Decrease, "2024-07-01", None) };
    assert_eq!(codes(once_more, &line("2024-04-01", None)), ["/frequency bought_once"]);
}

#[test]
fn what_is_bought_once_and_what_recurs_are_an_increase_of_each_other() {
    let line = line("2024-04-01", None);
    let once = Line { frequency: Frequency::OneOff, ..line };
    let to = |frequency| Change {
        frequency: Some(frequency),
        unit_rate: Some(UnitRate(1)),
        ..change(VariationKind::Correction, "2024-04-01", None)
    };
    assert!(to(Frequency::OneOff).is_increase(&policy(), &line).expect("costed"));
    assert!(to(Frequency::Weekly).is_increase(&policy(), &once).expect("costed"));
    assert!(!to(Frequency::OneOff).is_increase(&policy(), &once).expect("costed"));
}

#[test]
fn what_is_dearer_over_its_own_weeks_is_an_increase() {
    let line = line("2024-04-01", None);
    let summer = Change { quantity: Some(Quantity(6_000)), ..change(VariationKind::Increase, "2024-07-01", Some("2024-09-01")) };
    assert!(summer.is_increase(&policy(), &line).expect("costed"));
    let less = Change { quantity: Some(Quantity(2_000)), ..change(VariationKind::Decrease, "2024-07-01", None) };
    assert!(!less.is_increase(&policy(), &line).expect("costed"));
    assert!(!change(VariationKind::Suspension, "2024-07-01", Some("2024-08-01")).is_increase(&policy(), &line).expect("costed"));
}

#[test]
fn rates_rise_by_the_half_away_from_nought() {
    for (rate, percentage, new) in [
        (200_000, 42_500, Some(208_500)),
        (1, 500_000, Some(2)),
        (1, 499_999, Some(1)),
        (3, -500_000, Some(2)),
        (0, 1_000_000, Some(0)),
        (200_000, -1_000_000, Some(0)),
        (1_000_000, -1_000_001, None),
        (10_000_000_000, 1, None),
        (i64::MAX, i64::MAX, None),
    ] {
        assert_eq!(uprated(UnitRate(rate), percentage).ok(), new.map(UnitRate), "{rate} {percentage}");
    }
}

fn any_line() -> impl Strategy<Value = Line> {
    let frequency = Frequency::VARIANTS.iter().copied().filter(|frequency| *frequency != Frequency::OneOff).collect::<Vec<_>>();
    (1_i64..50_000, prop::sample::select(frequency), 0_i64..500_000, 0_u64..1_500, prop::option::of(1_u64..900)).prop_map(
        |(quantity, frequency, rate, from, days)| {
            // Across two years' ends and a leap day.
            let valid_from = day("2022-12-01") + Days::new(from);
            let valid_to = days.map(|days| valid_from + Days::new(days));
            Line { quantity: Quantity(quantity), frequency, unit_rate: UnitRate(rate), valid_from, valid_to }
        },
    )
}

/// A line, and a change that starts on one of its days.
fn any_change() -> impl Strategy<Value = (Line, Change)> {
    use VariationKind as K;
    let kinds = vec![K::Increase, K::Decrease, K::Rate, K::Provider, K::Suspension, K::End, K::Uprating];
    let terms = (prop::option::of(1_i64..50_000), prop::option::of(0_i64..500_000));
    (any_line(), prop::sample::select(kinds), 0_u64..900, prop::option::of(1_u64..400), terms).prop_map(
        |(line, kind, after, days, (quantity, rate))| {
            let length = line.valid_to.map_or(2_000, |ends| (ends - line.valid_from).num_days().unsigned_abs());
            let valid_from = line.valid_from + Days::new(after % length);
            let to = days.map(|days| valid_from + Days::new(days)).filter(|to| line.valid_to.is_none_or(|ends| *to <= ends));
            let valid_to = to.filter(|_| kind != K::End);
            let is_stopped = matches!(kind, K::Suspension | K::End);
            let change = Change {
                kind,
                valid_from,
                valid_to,
                quantity: quantity.map(Quantity).filter(|_| !is_stopped),
                frequency: None,
                unit_rate: rate.map(UnitRate).filter(|_| !is_stopped),
                needs_new_line: kind == K::Provider,
            };
            (line, change)
        },
    )
}

fn planned(lines: &[Line], from: NaiveDate, to: NaiveDate) -> i64 {
    lines.iter().map(|line| policy().cost_between(line, from.max(line.valid_from), to).expect("costed").0).sum()
}

proptest! {
    #[test]
    fn days_before_the_change_cost_as_before((line, change) in any_change(), from in 0_u64..2_500, days in 0_u64..400) {
        let after: Vec<Line> = change.of(&line).lines().collect();
        let from = day("2022-12-01") + Days::new(from);
        let to = (from + Days::new(days)).min(change.valid_from);
        prop_assert_eq!(planned(&after, from, to), planned(&[line], from, to));
    }

    #[test]
    fn every_day_of_the_line_is_in_one_line_after_or_in_none_where_it_stops((line, change) in any_change(), day_number in 0_u64..3_000) {
        let on = day("2022-11-01") + Days::new(day_number);
        let runs = |line: &Line| line.valid_from <= on && line.valid_to.is_none_or(|ends| on < ends);
        let within = on >= change.valid_from && change.valid_to.or(line.valid_to).is_none_or(|to| on < to);
        let is_stopped = matches!(change.kind, VariationKind::Suspension | VariationKind::End) && within;
        let expected = usize::from(runs(&line) && !is_stopped);
        prop_assert_eq!(change.of(&line).lines().filter(runs).count(), expected);
    }

    #[test]
    fn the_adjustment_adds_up_to_the_difference_over_its_days((line, change) in any_change(), until in 0_u64..2_500) {
        let (after, to) = (change.of(&line).lines().collect::<Vec<_>>(), day("2022-12-01") + Days::new(until));
        let months = adjustment(&policy(), &[line], &after, to).expect("costed");
        let first = day("2022-01-01");
        let sum: i64 = months.iter().map(|month| month.difference_pence.0).sum();
        prop_assert_eq!(sum, planned(&after, first, to) - planned(&[line], first, to));
        prop_assert!(months.iter().all(|month| month.difference_pence.0 != 0 && month.month < to));
    }

    #[test]
    fn a_rate_that_rises_never_falls_and_is_the_nearest(rate in 0_i64..1_000_000_000, percentage in 0_i64..1_000_000) {
        let new = uprated(UnitRate(rate), percentage).expect("in range").0;
        prop_assert!(new >= rate);
        let exact = i128::from(rate) * (1_000_000 + i128::from(percentage));
        prop_assert!((i128::from(new) * 1_000_000 - exact).abs() * 2 <= 1_000_000);
    }
}
