//! What holds of every scenario, however lines and assumptions fall.

use super::samples::{day, policy, rise, version, year};
use super::*;
use crate::commitments::{Known, LineVersion, Recorded};
use crate::{FinancialYear, Pence};
use chrono::Days;
use proptest::prelude::*;

const LINES: [&str; 3] = ["care", "other", "third"];

fn any_terms() -> impl Strategy<Value = Line> {
    let frequency = prop::sample::select(vec![
        Frequency::Weekly,
        Frequency::FourWeekly,
        Frequency::Monthly,
        Frequency::TermTimeWeeks,
        Frequency::PerYear,
        Frequency::OneOff,
    ]);
    (1_i64..9_000, frequency, 0_i64..300_000, 0_u64..800, prop::option::of(1_u64..500)).prop_map(
        |(quantity, frequency, rate, from, length)| {
            let valid_from = day("2024-02-01") + Days::new(from);
            let valid_to = length.map(|days| valid_from + Days::new(days));
            Line { quantity: Quantity(quantity), frequency, unit_rate: UnitRate(rate), valid_from, valid_to }
        },
    )
}

fn any_books() -> impl Strategy<Value = Recorded> {
    let line = (any_terms(), prop::sample::select(LINES.to_vec()), prop::option::of(prop::sample::select(vec!["p", "q"])));
    prop::collection::vec(line, 0..8).prop_map(|lines| {
        let version = |(place, (terms, budget_line, provider)): (usize, (Line, &str, Option<&str>))| LineVersion {
            terms,
            // Every two lines are one arrangement.
            arrangement: format!("l{}", place - place % 2),
            ..version(&format!("l{place}"), budget_line, provider)
        };
        Recorded { versions: lines.into_iter().enumerate().map(version).collect(), ..Recorded::default() }
    })
}

fn any_uprating() -> impl Strategy<Value = AssumedUprating> {
    let line = prop::option::of(prop::sample::select(LINES.to_vec()));
    let provider = prop::option::of(prop::sample::select(vec!["p", "q"]));
    (line, provider, -500_000_i64..500_000, prop::option::of(0_u64..700)).prop_map(|(line, provider, percentage, from)| AssumedUprating {
        from: from.map(|days| day("2024-04-01") + Days::new(days)),
        ..rise(line, provider, percentage)
    })
}

fn any_demand() -> impl Strategy<Value = AssumedDemand> {
    (any_terms(), prop::sample::select(LINES.to_vec()), 1_i64..20).prop_map(|(terms, budget_line, packages)| AssumedDemand {
        budget_line: budget_line.to_owned(),
        about: None,
        packages,
        quantity_thousandths: terms.quantity,
        frequency: terms.frequency,
        unit_rate_ten_thousandths: terms.unit_rate,
        from: Some(terms.valid_from),
        to: terms.valid_to,
    })
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    (prop::collection::vec(any_uprating(), 0..4), prop::collection::vec(any_demand(), 0..3)).prop_map(|(upratings, new_demand)| Scenario {
        name: "any".to_owned(),
        about: None,
        upratings,
        new_demand,
    })
}

fn needed(recorded: &Recorded, scenario: &Scenario) -> Vec<Need> {
    let plain = planned(&Known::on(recorded, None), &policy(), year(), LINES).expect("costed");
    let needs = needs(recorded, &policy(), year(), &plain, scenario).expect("costed");
    assert_eq!(needs.len(), LINES.len());
    needs.into_values().flatten().collect()
}

fn sum(needs: &[Need], of: fn(&Need) -> Pence) -> i64 {
    needs.iter().map(|need| of(need).0).sum()
}

proptest! {
    /// Months and budget lines add up to what the lines cost in the year, each costed whole.
    #[test]
    fn months_and_lines_add_up_to_the_whole(recorded in any_books(), scenario in any_scenario()) {
        let needs = needed(&recorded, &scenario);
        let whole = |terms: &Line| policy().cost_in(terms, year()).expect("costed").0;
        prop_assert_eq!(sum(&needs, |need| need.in_force), recorded.versions.iter().map(|version| whole(&version.terms)).sum::<i64>());
        let demand = scenario.new_demand.iter().map(|demand| demand.packages * whole(&demand.line(year().starts_on())));
        prop_assert_eq!(sum(&needs, |need| need.new_demand), demand.sum::<i64>());
        let after = raised(&recorded, &policy(), year(), &scenario.upratings).expect("costed");
        let more = after.versions.iter().map(|version| whole(&version.terms)).sum::<i64>() - sum(&needs, |need| need.in_force);
        prop_assert_eq!(sum(&needs, |need| need.uprating), more);
    }

    /// A scenario that assumes nothing needs what is planned of what is in force.
    #[test]
    fn an_empty_scenario_needs_what_is_in_force(recorded in any_books()) {
        let empty = Scenario { name: "empty".to_owned(), about: None, upratings: vec![], new_demand: vec![] };
        let books = Known::on(&recorded, None);
        let planned = LINES.iter().flat_map(|line| in_force(&books, &policy(), year(), line).expect("costed"));
        let needs = needed(&recorded, &empty);
        prop_assert_eq!(needs.iter().map(|need| need.needed().expect("small")).collect::<Vec<_>>(), planned.collect::<Vec<_>>());
        prop_assert!(needs.iter().all(|need| (need.uprating, need.new_demand) == (Pence::ZERO, Pence::ZERO)));
    }

    /// What drives the difference between two scenarios adds up to it, in every month of every budget line.
    #[test]
    fn drivers_add_up_to_the_difference(recorded in any_books(), one in any_scenario(), other in any_scenario()) {
        for (one, other) in needed(&recorded, &one).iter().zip(needed(&recorded, &other)) {
            let difference = one.needed().expect("small").0 - other.needed().expect("small").0;
            let drivers = one.less(&other).expect("small");
            prop_assert_eq!(drivers.in_force, Pence::ZERO, "the records are the same");
            prop_assert_eq!(drivers.needed().expect("small"), Pence(difference));
        }
    }

    /// One rise for all is a rise for each budget line, and the order in which rises are listed does not matter.
    #[test]
    fn rises_are_for_lines_and_not_for_lists(recorded in any_books(), percentage in -500_000_i64..500_000, mut scenario in any_scenario()) {
        let with = |upratings| Scenario { upratings, ..scenario.clone() };
        let all = needed(&recorded, &with(vec![rise(None, None, percentage)]));
        prop_assert_eq!(all, needed(&recorded, &with(LINES.map(|line| rise(Some(line), None, percentage)).to_vec())));
        scenario.upratings.sort_by_key(|uprating| (uprating.budget_line.clone(), uprating.provider.clone()));
        scenario.upratings.dedup_by_key(|uprating| (uprating.budget_line.clone(), uprating.provider.clone()));
        let listed = needed(&recorded, &scenario);
        scenario.upratings.reverse();
        prop_assert_eq!(listed, needed(&recorded, &scenario));
    }

    /// The year before and the effects add up to the year, in every month.
    #[test]
    fn effects_add_up_to_the_year(recorded in any_books()) {
        let (books, before) = (Known::on(&recorded, None), FinancialYear::starting(2024).expect("a year"));
        for line in LINES {
            let plans = |year| books.plans(&policy(), year, line).expect("costed");
            let months = year_on(&policy(), (before, &plans(before)), (year(), &plans(year()))).expect("costed");
            let (then, now) = (in_force(&books, &policy(), before, line).expect("costed"), in_force(&books, &policy(), year(), line).expect("costed"));
            for ((month, then), now) in months.into_iter().zip(then).zip(now) {
                prop_assert_eq!((month.before, month.in_force), (then, now));
                prop_assert_eq!(month.before.0 + month.full_year_effect.0 + month.known_ends.0 + month.changes.0, month.in_force.0);
                prop_assert!(month.full_year_effect.0 >= 0 && month.known_ends.0 <= 0);
            }
        }
    }
}
