use super::*;
use crate::profile::Term;
use crate::{Frequency, Profile, Quantity, UnitRate};
use chrono::{Days, Months};
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

/// Term from 5 January to 31 March, 15 April to 20 July, 4 September to 20 December.
fn policy_with_calendar() -> CostingPolicy {
    let terms = (2022..2028).flat_map(|y| {
        [
            (format!("{y}-01-05"), format!("{y}-03-31")),
            (format!("{y}-04-15"), format!("{y}-07-20")),
            (format!("{y}-09-04"), format!("{y}-12-20")),
        ]
    });
    CostingPolicy { terms: terms.map(|(from, to)| Term { from: day(&from), to: day(&to) }).collect(), ..policy() }
}

fn line(frequency: Frequency, rate: i64, from: &str, to: Option<&str>) -> Line {
    Line { quantity: Quantity(1000), frequency, unit_rate: UnitRate(rate), valid_from: day(from), valid_to: to.map(day) }
}

fn percent(share: i64, from: &str, to: Option<&str>) -> Funding {
    Funding { share: Share::Percentage(share), valid_from: day(from), valid_to: to.map(day) }
}

fn fixed(pence: i64, every: ShareFrequency, from: &str, to: Option<&str>) -> Funding {
    Funding { share: Share::Fixed { amount: Pence(pence), every }, valid_from: day(from), valid_to: to.map(day) }
}

fn income(arrangement: &FundedLines<'_>, from: &str, to: &str) -> i64 {
    arrangement.split_between(day(from), day(to)).expect("split").income.0
}

/// £3,660 a year: £10 a day in the leap year 2023-24.
fn ten_pounds_a_day() -> Line {
    line(Frequency::PerYear, 36_600_000, "2023-04-01", None)
}

#[test]
fn a_half_is_half_and_net_is_the_rest() {
    let policy = policy();
    let half = FundedLines::new(&policy, vec![ten_pounds_a_day()], vec![percent(500_000, "2023-04-01", None)]);
    let split = half.split_between(day("2024-02-29"), day("2024-03-01")).expect("split");
    assert_eq!((split.gross, split.income, split.net), (Pence(1000), Pence(500), Pence(500)));
    let whole = half.full_year(day("2023-06-01")).expect("split");
    assert_eq!((whole.gross, whole.income, whole.net), (Pence(366_000), Pence(183_000), Pence(183_000)));
    assert_eq!(half.full_year(day("2023-03-31")).expect("split").income, Pence(0), "nobody pays before the share starts");
}

#[test]
fn a_share_counts_on_its_own_days_alone() {
    let policy = policy();
    let some = FundedLines::new(&policy, vec![ten_pounds_a_day()], vec![percent(WHOLE, "2023-06-15", Some("2023-07-10"))]);
    assert_eq!(income(&some, "2023-04-01", "2024-04-01"), 25_000);
    assert_eq!((income(&some, "2023-06-01", "2023-07-01"), income(&some, "2023-07-01", "2023-08-01")), (16_000, 9_000));
    let ended = FundedLines::new(&policy, vec![Line { valid_to: Some(day("2023-07-01")), ..ten_pounds_a_day() }], some.fundings.clone());
    assert_eq!(income(&ended, "2023-04-01", "2026-04-01"), 16_000);
}

#[test]
fn a_fixed_share_is_whole_in_each_period_and_cut_to_the_cost() {
    let policy = policy();
    let weekly = |pence| vec![fixed(pence, ShareFrequency::Weekly, "2023-04-01", None)];
    let part = FundedLines::new(&policy, vec![ten_pounds_a_day()], weekly(3_660));
    for (from, to, pence) in
        [("2023-04-01", "2023-04-08", 3_660), ("2023-05-29", "2023-06-05", 3_660), ("2023-04-01", "2023-04-11", 3_660 + 1_569)]
    {
        assert_eq!(income(&part, from, to), pence, "{from} to {to}");
    }
    let more = FundedLines::new(&policy, vec![ten_pounds_a_day()], weekly(100_000));
    let split = more.split_between(day("2023-04-01"), day("2023-05-01")).expect("split");
    assert_eq!((split.income, split.net), (Pence(30_000), Pence(0)));
    // Four weeks and two days of £1,000.00, less what was paid.
    assert_eq!(split.withheld, Pence(428_571 - 30_000));
    assert_eq!(more.full_year(day("2023-04-01")).expect("split").withheld, Pence(5_200_000 - 366_000));
}

#[test]
fn a_fixed_share_rests_while_the_line_does() {
    let policy = policy();
    let lines = vec![
        Line { valid_to: Some(day("2023-04-11")), ..ten_pounds_a_day() },
        Line { valid_from: day("2023-04-21"), ..ten_pounds_a_day() },
    ];
    let part = FundedLines::new(&policy, lines, vec![fixed(3_660, ShareFrequency::Weekly, "2023-04-01", None)]);
    // A week and three days, twice.
    assert_eq!(income(&part, "2023-04-01", "2023-05-01"), 2 * 5_229);
    assert_eq!(income(&part, "2023-04-11", "2023-04-21"), 0);
}

#[test]
fn nothing_is_asked_for_a_month_that_costs_nothing() {
    let policy = policy_with_calendar();
    let school = line(Frequency::TermTimeWeeks, 100_000, "2024-04-01", None);
    let monthly = FundedLines::new(&policy, vec![school], vec![fixed(1_000, ShareFrequency::Monthly, "2024-04-01", None)]);
    assert_eq!(income(&monthly, "2024-08-01", "2024-09-01"), 0);
    assert_eq!(income(&monthly, "2024-10-01", "2024-11-01"), 1_000);
}

#[test]
fn percentages_come_first_and_earlier_amounts_before_later() {
    let policy = policy();
    let amount = |pence| fixed(pence, ShareFrequency::PerYear, "2023-04-01", None);
    let several = vec![amount(200_000), amount(100_000), percent(300_000, "2023-04-01", None)];
    let shared = FundedLines::new(&policy, vec![ten_pounds_a_day()], several);
    let parts = shared.parts_between(day("2023-04-01"), day("2024-04-01")).expect("parts");
    let told: Vec<_> = parts.iter().map(|part| (part.income.0, part.withheld.0)).collect();
    assert_eq!(told, [(200_000, 0), (56_200, 43_800), (109_800, 0)]);
}

#[test]
fn shares_of_a_hundred_per_cent_never_make_a_penny_too_much() {
    let policy = policy();
    let penny = line(Frequency::OneOff, 100, "2024-02-29", None);
    let halves = vec![percent(500_000, "2023-04-01", None); 2];
    let parts = FundedLines::new(&policy, vec![penny], halves).parts_between(day("2024-02-29"), day("2024-03-01")).expect("parts");
    assert_eq!(parts.iter().map(|part| part.income.0).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_percentage_is_of_the_cost_before_it_is_rounded_and_equal_periods_bring_alike() {
    let policy = policy();
    // £21.075 a week, of which seven tenths are £14.7525; of £21.08 they would be £14.756.
    let weekly = Line { quantity: Quantity(1_500), ..line(Frequency::Weekly, 140_500, "2023-04-03", None) };
    let shared = FundedLines::new(&policy, vec![weekly], vec![percent(700_000, "2023-04-03", None)]);
    for week in 0..104 {
        let from = day("2023-04-03") + Days::new(7 * week);
        let split = shared.split_between(from, from + Days::new(7)).expect("split");
        assert_eq!((split.gross, split.income), (Pence(2_108), Pence(1_475)), "{from}");
    }
    // A full year: 52 × £21.075 is £1,095.90.
    let full = shared.full_year(day("2023-04-03")).expect("split");
    assert_eq!((full.gross, full.income), (Pence(109_590), Pence(76_713)));
    // Two halves of a line of odd pence never come to more than all of it.
    let halves = FundedLines::new(&policy, vec![weekly], vec![percent(500_000, "2023-04-03", None); 2]);
    let parts = halves.parts_between(day("2023-04-03"), day("2023-04-10")).expect("parts");
    assert_eq!(parts.iter().map(|part| part.income.0).collect::<Vec<_>>(), [1_054, 1_054]);
}

#[test]
fn percentages_that_pass_the_whole_are_noticed_on_their_first_day() {
    let half = percent(500_000, "2023-04-01", Some("2023-10-01"));
    assert_eq!(first_day_past_whole(&[half, percent(500_000, "2023-05-01", None)]), None);
    assert_eq!(first_day_past_whole(&[half, percent(500_001, "2023-09-30", None)]), Some((day("2023-09-30"), 1_000_001)));
    assert_eq!(first_day_past_whole(&[half, percent(WHOLE, "2023-10-01", None)]), None);
    assert_eq!(first_day_past_whole(&[percent(WHOLE, "2023-04-01", None), fixed(1, ShareFrequency::Weekly, "2023-04-01", None)]), None);
}

#[test]
fn a_debt_ages_by_the_day() {
    let due = day("2024-01-31");
    for (on, band) in [
        ("2023-12-31", 0),
        ("2024-01-31", 0),
        ("2024-02-01", 1),
        // 30 days over the leap day.
        ("2024-03-01", 1),
        ("2024-03-02", 2),
        ("2024-03-31", 2),
        ("2024-04-01", 3),
        ("2024-04-30", 3),
        ("2024-05-01", 4),
        ("2034-05-01", 4),
    ] {
        assert_eq!(band_of(&[30, 60, 90], due, day(on)), band, "{on}");
    }
    assert_eq!((band_of(&[], due, due), band_of(&[], due, day("2024-02-01"))), (0, 1));
}

fn asked(from: &str, to: &str, pence: i64) -> Asked {
    Asked { from: day(from), to: day(to), amount: Pence(pence) }
}

fn unborne(arrangement: &FundedLines<'_>, asked: &[Asked]) -> i64 {
    arrangement.bearing(asked).expect("a cost").unborne(asked).0
}

#[test]
fn days_bear_what_they_cost_and_no_more() {
    let policy = policy();
    let ten_a_day = FundedLines::new(&policy, vec![ten_pounds_a_day()], Vec::new());
    assert_eq!(unborne(&ten_a_day, &[]), 0);
    let whole = asked("2023-04-01", "2023-05-01", 30_000);
    assert_eq!(unborne(&ten_a_day, &[whole]), 0);
    assert_eq!(unborne(&ten_a_day, &[Asked { amount: Pence(30_001), ..whole }]), 1);
    // What is asked of the month beside its first half finds room in the second, as far as that goes.
    let half = asked("2023-04-01", "2023-04-16", 15_000);
    assert_eq!(unborne(&ten_a_day, &[half, Asked { amount: Pence(15_000), ..whole }]), 0);
    assert_eq!(unborne(&ten_a_day, &[half, Asked { amount: Pence(15_001), ..whole }]), 1);
    assert_eq!(unborne(&ten_a_day, &[half, half]), 15_000);
    // Days without a line bear nothing, and an amount below nothing makes no room.
    assert_eq!(unborne(&ten_a_day, &[asked("2023-03-01", "2023-04-01", 1)]), 1);
    assert_eq!(unborne(&ten_a_day, &[half, asked("2023-04-01", "2023-04-16", -15_000), asked("2023-04-15", "2023-04-16", 1)]), 1);
}

#[test]
fn of_an_amount_that_was_too_much_for_its_days_later_days_take_no_harm() {
    let policy = policy();
    let lines = vec![
        Line { valid_to: Some(day("2023-04-21")), ..ten_pounds_a_day() },
        Line { valid_from: day("2023-05-01"), ..ten_pounds_a_day() },
    ];
    let broken = FundedLines::new(&policy, lines, Vec::new());
    let (april, may) = (asked("2023-04-01", "2023-05-01", 30_000), asked("2023-05-01", "2023-06-01", 31_000));
    assert_eq!((unborne(&broken, &[april]), unborne(&broken, &[april, may])), (10_000, 10_000));
}

fn any_asked() -> impl Strategy<Value = Asked> {
    (0_u64..40, 1_u64..25, -50_i64..400).prop_map(|(from, length, pence)| {
        let from = day("2024-03-20") + Days::new(from);
        Asked { from, to: from + Days::new(length), amount: Pence(pence) }
    })
}

/// The same the slow way: of stretches that do not overlap, the most that is asked inside them beyond what they cost.
fn most_beyond(arrangement: &FundedLines<'_>, asked: &[Asked]) -> i64 {
    let days: Vec<NaiveDate> = day("2024-03-20").iter_days().take(70).collect();
    let mut best = vec![0_i64; days.len()];
    for end in 1..days.len() {
        best[end] = best[end - 1];
        for start in 0..end {
            let inside = asked.iter().filter(|one| one.from >= days[start] && one.to <= days[end] && one.amount > Pence::ZERO);
            let inside: i64 = inside.map(|one| one.amount.0).sum();
            if inside > 0 {
                let cost = arrangement.gross_between(days[start], days[end]).expect("a cost").0;
                best[end] = best[end].max(best[start] + inside - cost);
            }
        }
    }
    best.last().copied().unwrap_or_default()
}

fn any_line() -> impl Strategy<Value = Line> {
    let frequency = prop::sample::select(vec![Frequency::Weekly, Frequency::Monthly, Frequency::TermTimeWeeks, Frequency::OneOff]);
    (frequency, 1_i64..5_000_000, 0_u64..900, prop::option::of(1_u64..900)).prop_map(|(frequency, rate, from, length)| {
        let valid_from = day("2022-09-01") + Days::new(from);
        let valid_to = length.map(|days| valid_from + Days::new(days));
        Line { quantity: Quantity(1000), frequency, unit_rate: UnitRate(rate), valid_from, valid_to }
    })
}

fn any_share() -> impl Strategy<Value = Share> {
    let every =
        prop::sample::select(vec![ShareFrequency::Weekly, ShareFrequency::FourWeekly, ShareFrequency::Monthly, ShareFrequency::PerYear]);
    prop_oneof![
        // Three of them are the whole at most.
        (1_i64..333_333).prop_map(Share::Percentage),
        (1_i64..200_000, every).prop_map(|(pence, every)| Share::Fixed { amount: Pence(pence), every }),
    ]
}

fn any_funding() -> impl Strategy<Value = Funding> {
    (any_share(), 0_u64..900, prop::option::of(1_u64..700)).prop_map(|(share, from, length)| {
        let valid_from = day("2022-09-01") + Days::new(from);
        Funding { share, valid_from, valid_to: length.map(|days| valid_from + Days::new(days)) }
    })
}

proptest! {
    #[test]
    fn days_add_up_to_months_and_months_to_the_year(
        lines in prop::collection::vec(any_line(), 1..3), fundings in prop::collection::vec(any_funding(), 1..4), start in 2022_i32..2026,
    ) {
        let (policy, year) = (policy_with_calendar(), FinancialYear::starting(start).expect("a year"));
        let arrangement = FundedLines::new(&policy, lines, fundings);
        let sum = |stretches: Vec<(NaiveDate, NaiveDate)>| {
            stretches.into_iter().fold(vec![FunderPart::default(); arrangement.fundings.len()], |sums, (from, to)| {
                let parts = arrangement.parts_between(from, to).expect("parts");
                sums.into_iter().zip(parts).map(|(sum, part)| added(sum, FunderPart::default(), part).expect("small")).collect()
            })
        };
        let whole = arrangement.parts_between(year.starts_on(), year.next_starts_on()).expect("parts");
        let months: Vec<_> = Period::all().map(|p| year.period_starts_on(p)).map(|from| (from, from + Months::new(1))).collect();
        prop_assert_eq!(&sum(months.clone()), &whole);
        prop_assert_eq!(&sum((0..year.days()).map(|n| year.starts_on() + Days::new(n as u64)).map(|d| (d, d + Days::new(1))).collect()), &whole);
        for ((_, parts), (from, to)) in arrangement.parts_by_month(year).expect("parts").into_iter().zip(months) {
            prop_assert_eq!(parts, arrangement.parts_between(from, to).expect("parts"));
        }
    }

    #[test]
    fn no_month_brings_more_than_it_costs_and_net_is_exact(
        lines in prop::collection::vec(any_line(), 1..3), fundings in prop::collection::vec(any_funding(), 0..4), start in 2022_i32..2026,
    ) {
        let (policy, year) = (policy_with_calendar(), FinancialYear::starting(start).expect("a year"));
        let arrangement = FundedLines::new(&policy, lines, fundings);
        for from in Period::all().map(|p| year.period_starts_on(p)) {
            let split = arrangement.split_between(from, from + Months::new(1)).expect("split");
            prop_assert!(split.income >= Pence::ZERO && split.income <= split.gross && split.withheld >= Pence::ZERO, "{:?}", split);
            prop_assert_eq!(split.income.0 + split.net.0, split.gross.0);
        }
        let full = arrangement.full_year(day("2024-01-01")).expect("split");
        prop_assert!(full.income >= Pence::ZERO && full.income <= full.gross);
    }

    #[test]
    fn a_percentage_of_any_days_lies_between_nothing_and_their_cost_but_for_a_penny(line in any_line(), share in 0_i64..=WHOLE, at in 0_u64..900, length in 1_u64..60) {
        let policy = policy_with_calendar();
        let from = day("2022-09-01") + Days::new(at);
        let funding = Funding { share: Share::Percentage(share), valid_from: day("2022-04-01"), valid_to: None };
        let split = FundedLines::new(&policy, vec![line], vec![funding]).split_between(from, from + Days::new(length)).expect("split");
        prop_assert!(split.income >= Pence(-1) && split.income.0 <= split.gross.0 + 1);
        prop_assert!(share != 0 || split.income == Pence::ZERO);
        prop_assert!(share != WHOLE || split.income == split.gross);
    }

    #[test]
    fn a_line_that_is_carried_on_brings_the_same_to_a_penny(line in any_line(), share in 1_i64..900_000, at in 1_u64..900) {
        // Of pennies a month the cap may take one.
        prop_assume!(line.frequency != Frequency::OneOff && line.unit_rate.0 > 100_000);
        let (policy, split) = (policy_with_calendar(), line.valid_from + Days::new(at));
        prop_assume!(line.valid_to.is_none_or(|ends| split < ends));
        let funding = Funding { share: Share::Percentage(share), valid_from: day("2022-04-01"), valid_to: None };
        let total = |lines| FundedLines::new(&policy, lines, vec![funding]).split_between(day("2022-04-01"), day("2027-04-01")).expect("split").income.0;
        let carried = vec![Line { valid_to: Some(split), ..line }, Line { valid_from: split, ..line }];
        prop_assert!((total(vec![line]) - total(carried)).abs() <= 1);
    }

    #[test]
    fn what_days_cannot_bear_is_what_the_slow_way_finds(
        rates in prop::collection::vec((1_i64..2_000_000, 0_u64..50, prop::option::of(1_u64..40)), 1..4),
        amounts in prop::collection::vec(any_asked(), 0..8), more in any_asked(),
    ) {
        let policy = policy_with_calendar();
        let lines = rates.into_iter().map(|(rate, from, length)| {
            let valid_from = day("2024-03-15") + Days::new(from);
            let valid_to = length.map(|days| valid_from + Days::new(days));
            Line { quantity: Quantity(1000), frequency: Frequency::PerYear, unit_rate: UnitRate(rate), valid_from, valid_to }
        });
        let arrangement = FundedLines::new(&policy, lines.collect(), Vec::new());
        let found = unborne(&arrangement, &amounts);
        prop_assert_eq!(found, most_beyond(&arrangement, &amounts));
        // The order is nothing to it, and one amount more adds nothing below nought and no more than itself.
        let mut turned: Vec<_> = amounts.iter().rev().copied().collect();
        prop_assert_eq!(unborne(&arrangement, &turned), found);
        turned.push(more);
        let with = unborne(&arrangement, &turned);
        prop_assert!(with >= found && with <= found + more.amount.0.max(0));
    }

    #[test]
    fn what_shares_pay_by_the_month_is_always_borne(lines in prop::collection::vec(any_line(), 1..3), fundings in prop::collection::vec(any_funding(), 1..4)) {
        let (policy, year) = (policy_with_calendar(), FinancialYear::starting(2023).expect("a year"));
        let arrangement = FundedLines::new(&policy, lines, fundings);
        let mut amounts = Vec::new();
        for (period, parts) in arrangement.parts_by_month(year).expect("parts") {
            let from = year.period_starts_on(period);
            prop_assume!(parts.iter().all(|part| part.income >= Pence::ZERO));
            amounts.extend(parts.iter().map(|part| Asked { from, to: from + Months::new(1), amount: part.income }));
        }
        prop_assert_eq!(unborne(&arrangement, &amounts), 0);
    }
}

#[test]
fn days_that_nobody_is_paid_for_bring_nothing() {
    let (policy, pause) = (policy(), Stretch { from: day("2023-06-21"), to: Some(day("2023-07-11")) });
    let closed = Stretch { from: day("2023-09-01"), to: None };
    for (share, a_day) in [(percent(500_000, "2023-04-01", None), 500), (fixed(3_500, ShareFrequency::Weekly, "2023-04-01", None), 500)] {
        let whole = FundedLines::new(&policy, vec![ten_pounds_a_day()], vec![share]);
        let part = whole.clone().without(vec![pause, closed]);
        let income = |lines: &FundedLines<'_>, from: &str, to: &str| lines.split_between(day(from), day(to)).expect("split").income.0;
        assert_eq!(income(&whole, "2023-06-01", "2023-07-01"), 30 * a_day, "{share:?}");
        assert_eq!(income(&part, "2023-06-01", "2023-07-01"), 20 * a_day, "{share:?}");
        assert_eq!(income(&part, "2023-06-25", "2023-07-01"), 0, "{share:?}");
        assert_eq!(income(&part, "2023-07-01", "2023-08-01"), 21 * a_day, "{share:?}");
        assert_eq!(income(&part, "2023-09-01", "2023-12-01"), 0, "{share:?}");
        assert_eq!(part.gross_between(day("2023-06-01"), day("2023-07-01")).expect("costed"), Pence(20_000), "{share:?}");
    }
}
