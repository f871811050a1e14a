//! Costs by tables of cases, and what holds of any line.

use super::*;
use crate::profile::{PartYear, PartYearRule, Term};
use crate::{Period, Profile};
use chrono::Months;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn year(text: &str) -> FinancialYear {
    text.parse().expect("a year")
}

fn policy() -> CostingPolicy {
    Profile::bundled("tameside").expect("sound").costing
}

/// The policy with a made-up school calendar from 2023 to 2027: term from the 4th of September to the 20th of July,
/// less two weeks at Christmas and two at Easter.
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

fn line(quantity: i64, frequency: Frequency, rate: i64, from: &str, to: Option<&str>) -> Line {
    Line { quantity: Quantity(quantity), frequency, unit_rate: UnitRate(rate), valid_from: day(from), valid_to: to.map(day) }
}

#[test]
fn a_year_in_force_costs_a_little_more_than_a_full_year_of_52_weeks() {
    let weekly = line(3000, Frequency::Weekly, 175_000, "2024-04-01", None);
    let cost = policy().cost(&weekly, year("2024-25")).expect("costed");
    // 52 weeks and a day of £52.50.
    assert_eq!((cost.full_year_pence, cost.this_year_pence, cost.later_years_pence), (Pence(273_000), Pence(273_750), None));
    let every_four_weeks = line(36_000, Frequency::FourWeekly, 145_000, "2024-04-01", None);
    let cost = policy().cost(&every_four_weeks, year("2024-25")).expect("costed");
    // £522.00 thirteen times, and a twenty-eighth of it.
    assert_eq!((cost.full_year_pence, cost.this_year_pence), (Pence(678_600), Pence(678_600 + 1_864)));
    let said = policy().why_years_differ();
    assert!(said.contains("52 weeks") && said.contains("365 or 366 days"), "{said}");
}

#[test]
fn a_whole_period_costs_what_was_agreed_for_it_and_part_of_one_its_days() {
    use Frequency as F;
    // £36.25 each time, which is no whole penny by the day.
    for (frequency, from, to, pence) in [
        (F::Weekly, "2024-02-07", "2024-02-14", 3_625),
        // The leap day and the year's end change nothing, and the weeks run on from the line's own first day.
        (F::Weekly, "2024-02-26", "2024-03-04", 3_625),
        (F::Weekly, "2024-03-27", "2024-04-03", 3_625),
        (F::Weekly, "2024-02-07", "2024-02-08", 518),
        (F::Weekly, "2024-02-07", "2024-02-10", 1_554),
        (F::Fortnightly, "2024-03-20", "2024-04-03", 3_625),
        (F::Fortnightly, "2024-02-07", "2024-02-14", 1_813),
        (F::FourWeekly, "2024-03-06", "2024-04-03", 3_625),
        (F::FourWeekly, "2024-02-07", "2024-02-14", 906),
        (F::Monthly, "2024-02-07", "2024-03-01", 2_875),
        (F::Monthly, "2024-03-01", "2024-04-01", 3_625),
        (F::Monthly, "2024-04-01", "2024-05-01", 3_625),
        (F::Monthly, "2024-04-01", "2024-04-11", 1_208),
        (F::PerYear, "2024-02-07", "2025-02-07", 3_625),
        (F::PerYear, "2025-02-07", "2026-02-07", 3_625),
        (F::PerYear, "2027-02-07", "2028-02-07", 3_625),
        // Financial years have parts of two years of its own: 312 of 366 days and 53 of 365, and the other way round.
        (F::PerYear, "2024-04-01", "2025-04-01", 3_616),
        (F::PerYear, "2027-04-01", "2028-04-01", 3_634),
        // 54 of 366 days, and 10 of them.
        (F::PerYear, "2024-02-07", "2024-04-01", 535),
        (F::PerYear, "2024-04-01", "2024-04-11", 99),
        (F::OneOff, "2024-02-07", "2024-02-08", 3_625),
        (F::OneOff, "2024-02-08", "2034-02-08", 0),
    ] {
        let line = line(2_500, frequency, 145_000, "2024-02-07", None);
        assert_eq!(policy().cost_between(&line, day(from), day(to)), Ok(Pence(pence)), "{frequency} from {from} to {to}");
    }
}

#[test]
fn thirteen_payments_of_four_weeks_are_alike_and_a_fourteenth_follows() {
    let line = line(36_000, Frequency::FourWeekly, 145_000, "2024-04-15", None);
    for number in 0..14 {
        let from = day("2024-04-15") + Days::new(28 * number);
        assert_eq!(policy().cost_between(&line, from, from + Days::new(28)), Ok(Pence(52_200)), "{number}");
    }
}

#[test]
fn part_of_a_year_costs_as_the_profile_says() {
    let by = |value| CostingPolicy { part_year: Some(PartYearRule { value, clause: "-".to_owned() }), ..policy() };
    let (days, months) = (by(PartYear::Days), by(PartYear::WholeMonths));
    assert_eq!(CostingPolicy { part_year: None, ..policy() }.part_year(), PartYear::Days);
    // £1,200.00 a year.
    let line = line(1000, Frequency::PerYear, 12_000_000, "2024-09-15", Some("2026-01-20"));
    for (from, to, by_days, by_months) in [
        ("2024-09-15", "2024-10-01", 5_260, 0),
        ("2024-10-01", "2024-10-02", 329, 10_000),
        ("2024-10-02", "2024-11-01", 9_863, 0),
        ("2024-09-15", "2025-04-01", 65_096, 60_000),
        ("2025-04-01", "2026-04-01", 96_657, 100_000),
        ("2026-01-20", "2026-04-01", 0, 0),
    ] {
        let cost = |policy: &CostingPolicy| policy.cost_between(&line, day(from), day(to)).expect("costed").0;
        assert_eq!((cost(&days), cost(&months)), (by_days, by_months), "from {from} to {to}");
    }
    // A yearly award pays exactly its amount in each year of its own, however few its days.
    let award = by(PartYear::WholeYear);
    for (from, to, pence) in [
        ("2024-09-15", "2024-09-16", 120_000),
        ("2024-09-16", "2025-04-01", 0),
        ("2024-09-15", "2025-04-01", 120_000),
        ("2025-04-01", "2026-04-01", 120_000),
        ("2026-01-01", "2026-04-01", 0),
        ("2024-04-01", "2030-04-01", 240_000),
    ] {
        assert_eq!(award.cost_between(&line, day(from), day(to)), Ok(Pence(pence)), "from {from} to {to}");
    }
    assert_eq!(award.cost_in(&line, year("2024-25")), award.full_year(&line));
    // A month that two lines share is paid once.
    let (first, second) = (Line { valid_to: Some(day("2024-12-10")), ..line }, Line { valid_from: day("2024-12-10"), ..line });
    let cost = |line| months.cost_in(line, year("2024-25")).expect("costed").0;
    assert_eq!((cost(&first), cost(&second)), (30_000, 30_000));
    let whole = Line { valid_from: day("2024-04-01"), valid_to: None, ..line };
    assert_eq!((days.cost_in(&whole, year("2024-25")), months.cost_in(&whole, year("2024-25"))), (Ok(Pence(120_000)), Ok(Pence(120_000))));
}

#[test]
fn a_share_is_of_the_cost_before_it_is_rounded_and_equal_periods_have_equal_shares() {
    // £21.075 a week, which is £21.08 by itself.
    let line = line(1_500, Frequency::Weekly, 140_500, "2024-04-01", None);
    let share = |share, from: &str, to: &str| policy().share_between(&line, share, day(from), day(to)).expect("costed").0;
    for number in 0..60 {
        let from = (day("2024-04-01") + Days::new(number)).to_string();
        let to = (day("2024-04-01") + Days::new(number + 7)).to_string();
        assert_eq!((share(500_000, &from, &to), share(1_000_000, &from, &to)), (1_054, 2_108), "{from}");
        // Seven tenths of £21.075 are £14.7525; of £21.08 they would be £14.756.
        assert_eq!(share(700_000, &from, &to), 1_475, "{from}");
    }
}

#[test]
fn frequencies_divide_the_profiles_weeks() {
    for (frequency, pence) in [
        (Frequency::Fortnightly, 26_000),
        (Frequency::FourWeekly, 13_000),
        (Frequency::Monthly, 12_000),
        (Frequency::TermTimeWeeks, 38_000),
        (Frequency::HolidayWeeks, 14_000),
        (Frequency::PerYear, 1000),
        (Frequency::OneOff, 1000),
    ] {
        let ten_pounds = line(1000, frequency, 100_000, "2023-04-01", None);
        assert_eq!(policy().full_year(&ten_pounds).expect("costed"), Pence(pence), "{frequency}");
    }
}

#[test]
fn a_yearly_award_of_twelve_months_costs_its_amount_over_whichever_leap_day() {
    let by = |value| CostingPolicy { part_year: Some(PartYearRule { value, clause: "-".to_owned() }), ..policy() };
    for (from, to) in [
        ("2023-04-01", "2024-04-01"),
        ("2023-09-01", "2024-09-01"),
        ("2023-03-01", "2024-03-01"),
        ("2024-02-28", "2025-02-28"),
        ("2024-02-29", "2025-03-01"),
        ("2025-09-01", "2026-09-01"),
    ] {
        for value in [PartYear::Days, PartYear::WholeMonths, PartYear::WholeYear] {
            let award = line(1000, Frequency::PerYear, 12_000_000, from, Some(to));
            assert_eq!(by(value).cost_between(&award, day(from), day("2030-04-01")), Ok(Pence(120_000)), "{from} {value:?}");
            let open = Line { valid_to: None, ..award };
            assert_eq!(by(value).cost_between(&open, day(from), day(to)), Ok(Pence(120_000)), "{from} {value:?}");
        }
        // All but its last day costs all but that.
        let part =
            by(PartYear::Days).cost_between(&line(1000, Frequency::PerYear, 12_000_000, from, None), day(from), day(to) - Days::new(1));
        assert!(part == Ok(Pence(119_671)) || part == Ok(Pence(119_672)), "{from} {part:?}");
    }
}

#[test]
fn a_leap_year_spreads_the_same_money_over_one_more_day() {
    let flat = line(1000, Frequency::PerYear, 36_600_000, "2023-04-01", None);
    assert_eq!(policy().cost_between(&flat, day("2024-02-29"), day("2024-03-01")).expect("costed"), Pence(1000));
    assert_eq!(policy().cost_in(&flat, year("2023-24")), policy().cost_in(&flat, year("2024-25")));
}

#[test]
fn later_years_end_with_the_line() {
    let ends = line(1000, Frequency::PerYear, 3_650_000, "2024-10-01", Some("2025-04-11"));
    let cost = policy().cost(&ends, year("2024-25")).expect("costed");
    assert_eq!((cost.this_year_pence, cost.later_years_pence), (Pence(18_200), Some(Pence(1000))));
}

#[test]
fn what_is_bought_once_costs_nothing_in_the_years_after_it() {
    for (from, to, this_year, later) in [
        ("2024-04-01", None, 1000, 0),
        ("2025-03-31", None, 1000, 0),
        ("2024-03-31", None, 0, 0),
        ("2025-04-01", None, 0, 1000),
        ("2025-03-31", Some("2025-09-01"), 1000, 0),
    ] {
        let once = line(1000, Frequency::OneOff, 100_000, from, to);
        let cost = policy().cost(&once, year("2024-25")).expect("costed");
        assert_eq!((cost.this_year_pence, cost.later_years_pence), (Pence(this_year), Some(Pence(later))), "{from}");
    }
}

#[test]
fn term_time_counts_actual_weeks_where_the_calendar_is_known() {
    let school = line(1000, Frequency::TermTimeWeeks, 100_000, "2024-09-02", Some("2024-09-30"));
    // Mondays in force: 2 (still holiday), 9, 16 and 23 September.
    assert_eq!(policy_with_calendar().cost_in(&school, year("2024-25")), Ok(Pence(3000)));
    let holiday = Line { frequency: Frequency::HolidayWeeks, ..school };
    assert_eq!(policy_with_calendar().cost_in(&holiday, year("2024-25")), Ok(Pence(1000)));
}

#[test]
fn the_last_supported_year_can_be_costed_to_its_end() {
    let last = line(1000, Frequency::PerYear, 3_650_000, "2098-05-01", Some("2099-04-01"));
    assert_eq!(policy().cost_between(&last, last.valid_from, day("2099-04-01")), policy().cost_in(&last, year("2098-99")));
}

#[test]
fn more_than_a_record_may_carry_is_refused() {
    let vast = line(100_000_000, Frequency::Weekly, 10_000_000_000, "2023-04-01", None);
    assert_eq!(policy().full_year(&vast), Err(CannotCost::TooLarge));
}

fn any_line() -> impl Strategy<Value = Line> {
    let frequency = prop::sample::select(vec![
        Frequency::Weekly,
        Frequency::Fortnightly,
        Frequency::FourWeekly,
        Frequency::Monthly,
        Frequency::TermTimeWeeks,
        Frequency::HolidayWeeks,
        Frequency::PerYear,
        Frequency::OneOff,
    ]);
    (1_i64..50_000, frequency, 0_i64..5_000_000, 0_u64..1500, prop::option::of(1_u64..1500)).prop_map(
        |(quantity, frequency, rate, from, length)| {
            let valid_from = day("2022-04-01") + Days::new(from);
            Line {
                quantity: Quantity(quantity),
                frequency,
                unit_rate: UnitRate(rate),
                valid_from,
                valid_to: length.map(|days| valid_from + Days::new(days)),
            }
        },
    )
}

fn sum(costs: impl Iterator<Item = Pence>) -> Pence {
    Pence::checked_sum(costs).expect("small")
}

proptest! {
    #[test]
    fn days_and_months_add_up_to_the_year(line in any_line(), start in 2022_i32..2027) {
        let (policy, year) = (policy_with_calendar(), FinancialYear::starting(start).expect("a year"));
        let between = |from, to| policy.cost_between(&line, from, to).expect("costed");
        let whole = policy.cost_in(&line, year).expect("costed");
        let days = sum((0..year.days()).map(|n| year.starts_on() + Days::new(n as u64)).map(|d| between(d, d + Days::new(1))));
        let months = sum(Period::all().map(|p| between(year.period_starts_on(p), year.period_starts_on(p) + chrono::Months::new(1))));
        prop_assert_eq!(days, whole);
        prop_assert_eq!(months, whole);
    }

    #[test]
    fn every_year_of_its_own_costs_what_was_agreed_for_it(line in any_line(), years in 0_i64..6) {
        let line = Line { frequency: Frequency::PerYear, valid_to: None, ..line };
        let (from, to) = own_year(line.valid_from, line.valid_from + Days::new((years * 366) as u64));
        prop_assert_eq!(policy().cost_between(&line, from, to), policy().full_year(&line));
        let so_far = policy().cost_between(&line, line.valid_from, from).expect("costed").0;
        let whole = i64::from(chrono::Datelike::year(&from) - chrono::Datelike::year(&line.valid_from));
        prop_assert_eq!(so_far, whole * policy().full_year(&line).expect("costed").0);
    }

    #[test]
    fn splitting_a_line_changes_its_total_by_a_penny_at_most(line in any_line(), at in 1_u64..1500) {
        prop_assume!(line.frequency != Frequency::OneOff);
        let (policy, end) = (policy_with_calendar(), day("2031-04-01"));
        let split = line.valid_from + Days::new(at);
        prop_assume!(line.valid_to.is_none_or(|ends| split < ends));
        let (first, second) = (Line { valid_to: Some(split), ..line }, Line { valid_from: split, ..line });
        let cost = |line: &Line| policy.cost_between(line, line.valid_from, end).expect("costed").0;
        // The years of the second line of a yearly one have a leap day where the first's had none, or the other way round.
        let leap_days = if line.frequency == Frequency::PerYear { policy.full_year(&line).expect("costed").0 * 2 / 365 + 1 } else { 0 };
        prop_assert!((cost(&first) + cost(&second) - cost(&line)).abs() <= 1 + leap_days);
    }

    #[test]
    fn a_line_wholly_outside_a_year_costs_nothing_in_it(line in any_line(), start in 2022_i32..2035) {
        let year = FinancialYear::starting(start).expect("a year");
        prop_assume!(line.valid_from >= year.next_starts_on() || line.valid_to.is_some_and(|ends| ends <= year.starts_on()));
        prop_assert_eq!(policy_with_calendar().cost_in(&line, year), Ok(Pence::ZERO));
    }

    #[test]
    fn a_whole_period_costs_quantity_times_rate_whatever_comes_before_it(line in any_line(), at in 0_u64..1500) {
        let line = Line { valid_to: None, ..line };
        let from = line.valid_from + Days::new(at);
        let year = FinancialYear::of(from).expect("a year").next().expect("a year");
        let month = first_of_month(from) + Months::new(1);
        let (from, to) = match line.frequency {
            Frequency::Weekly => (from, from + Days::new(7)),
            Frequency::Fortnightly => (from, from + Days::new(14)),
            Frequency::FourWeekly => (from, from + Days::new(28)),
            Frequency::Monthly => (month, month + Months::new(1)),
            Frequency::OneOff => (line.valid_from, day("2040-01-01")),
            Frequency::PerYear => own_year(line.valid_from, from),
            _ => (year.starts_on(), year.next_starts_on()),
        };
        let each = Line { frequency: Frequency::OneOff, ..line };
        let whole = match line.frequency {
            Frequency::TermTimeWeeks | Frequency::HolidayWeeks => policy().full_year(&line),
            _ => policy().full_year(&each),
        };
        prop_assert_eq!(policy().cost_between(&line, from, to), whole);
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    use chrono::Datelike;
    day.with_day(1).expect("a first")
}
