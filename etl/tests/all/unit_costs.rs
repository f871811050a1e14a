//! What the mart of unit costs says: all of the ledger's spend, divided by activity where there is one unit to divide it by.

use crate::common::{Fixture, LineVersion, day, noon};
use polars::prelude::DataFrame;
use std::collections::BTreeMap;

/// A row of the mart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    spend: Option<i64>,
    activity: Option<i64>,
    cost: Option<i64>,
    why: Option<String>,
    comparables: i64,
    median: Option<i64>,
    outlier: String,
}

/// Financial year, budget line, provider, unit; nothing for a null.
type Key = [String; 4];

fn rows(fixture: &Fixture) -> BTreeMap<Key, Row> {
    let mart: DataFrame = fixture.current().table("unit_costs").unwrap();
    let words = |column| etl::texts(&mart, column).unwrap();
    let numbers = |column| etl::optional_integers(&mart, column).unwrap();
    let keys = [words("financial_year"), words("budget_line"), words("provider_code"), words("unit")];
    let (spend, activity, costs, medians) =
        (numbers("spend_pence"), numbers("activity_thousandths"), numbers("unit_cost_pence"), numbers("median_unit_cost_pence"));
    let (why, comparables, outliers) = (words("why_no_cost"), numbers("comparables"), words("outlier"));
    let row = |n: usize| Row {
        spend: spend[n],
        activity: activity[n],
        cost: costs[n],
        why: why[n].clone(),
        comparables: comparables[n].unwrap(),
        median: medians[n],
        outlier: outliers[n].clone().unwrap(),
    };
    (0..mart.height()).map(|n| (keys.each_ref().map(|column| column[n].clone().unwrap_or_default()), row(n))).collect()
}

fn key(year: &str, line: &str, provider: &str, unit: &str) -> Key {
    [year, line, provider, unit].map(str::to_owned)
}

#[test]
fn spend_is_divided_by_the_units_planned_and_a_year_under_way_counts_to_the_snapshots_day() {
    for fixture in Fixture::on_each_database() {
        fixture.run();
        assert!(rows(&fixture).is_empty());
        let agency = fixture.provider("agency", "private", "in_borough");
        // One hour a week: 52 weeks and two days in the whole year before, and in this one 106 days up to 15 July.
        let line = LineVersion::new(&fixture.package("1"), "2023-04-01");
        fixture.line(&LineVersion { budget_line: "home_care", provider: Some(agency.clone()), ..line });
        fixture.entries(&[
            ("home_care", Some(&agency), day("2023-06-30"), 60_000),
            ("home_care", Some(&agency), day("2024-03-31"), -8_000),
            ("home_care", Some(&agency), day("2024-05-31"), 15_000),
        ]);
        fixture.run();
        let rows = rows(&fixture);
        let before = &rows[&key("2023-24", "home_care", "agency", "hour")];
        assert_eq!((before.spend, before.activity, before.cost), (Some(52_000), Some(52_286), Some(995)));
        let now = &rows[&key("2024-25", "home_care", "agency", "hour")];
        // 15 weeks and a day; 15,000,000 / 15,143 = 990.6.
        assert_eq!((now.spend, now.activity, now.cost), (Some(15_000), Some(15_143), Some(991)));
        assert_eq!((now.comparables, now.outlier.as_str()), (1, "not_judged"));
    }
}

#[test]
fn what_has_no_unit_cost_says_why() {
    for fixture in Fixture::on_each_database() {
        let (agency, club, trust) = (
            fixture.provider("agency", "private", "in_borough"),
            fixture.provider("club", "voluntary", "in_borough"),
            fixture.provider("trust", "other_public", "in_borough"),
        );
        let year = "2023-24";
        let line = |package: &str, budget_line, provider: &str| {
            let line = LineVersion::new(&fixture.package(package), "2023-04-01");
            fixture.line(&LineVersion { budget_line, provider: Some(provider.to_owned()), to: Some("2024-04-01"), ..line });
        };
        line("1", "home_care", &agency);
        line("2", "targeted_outreach", &agency);
        line("3", "chc_income", &agency);
        line("4", "voluntary_sector_grants", &club);
        let grant = fixture.grant(&club, "2023-04-01", "2024-04-01", 100_000, None);
        fixture.grant_return(&grant, "2023-04-01", "2023-07-01", 420, None);
        fixture.activity(&trust, "2023-04-01", "2023-07-01", 500);
        fixture.entries(&[
            ("home_care", Some(&agency), day("2023-06-30"), -500),
            ("chc_income", Some(&agency), day("2023-06-30"), -900),
            ("voluntary_sector_grants", Some(&club), day("2023-06-30"), 100_000),
            ("nursery", Some(&agency), day("2023-06-30"), 70),
            ("nursery", None, day("2023-06-30"), 30),
        ]);
        fixture.run();
        let found = rows(&fixture);
        let expected = [
            (key(year, "home_care", "agency", "hour"), "net_credit", Some(-500)),
            (key(year, "targeted_outreach", "agency", "hour"), "no_spend", Some(0)),
            (key(year, "chc_income", "agency", "hour"), "income", Some(-900)),
            (key(year, "voluntary_sector_grants", "club", "hour"), "several_units", None),
            (key(year, "voluntary_sector_grants", "club", "session"), "several_units", None),
            (key(year, "voluntary_sector_grants", "club", ""), "several_units", Some(100_000)),
            (key(year, "", "trust", "session"), "no_budget_line", Some(0)),
            (key(year, "nursery", "agency", ""), "no_activity", Some(70)),
            (key(year, "nursery", "", ""), "no_activity", Some(30)),
        ];
        assert_eq!(found.keys().filter(|key| key[0] == year).count(), expected.len(), "{found:#?}");
        for (key, why, spend) in expected {
            let row = &found[&key];
            assert_eq!((row.why.as_deref(), row.spend, row.cost), (Some(why), spend, None), "{key:?}");
        }
        assert_eq!(found[&key(year, "voluntary_sector_grants", "club", "session")].activity, Some(42_000));
        // Paid on one budget line, the trust's sessions are put beside it.
        fixture.clock.set(noon("2024-07-16"));
        fixture.entries(&[("community_short_breaks", Some(&trust), day("2023-09-30"), 100_000)]);
        fixture.run();
        let row = rows(&fixture).remove(&key(year, "community_short_breaks", "trust", "session")).unwrap();
        assert_eq!((row.spend, row.activity, row.cost, row.why), (Some(100_000), Some(500_000), Some(200), None));
    }
}

/// Rounded half away from zero, of positives.
fn divided(a: i64, b: i64) -> i64 {
    (2 * a + b) / (2 * b)
}

#[test]
fn what_is_far_from_the_median_of_its_like_stands_out() {
    for mut fixture in Fixture::on_each_database() {
        let mut expected: BTreeMap<Key, (i64, &str)> = BTreeMap::new();
        let mut by_line: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        let mut seed = 7_u64;
        // Two, three, four and nine providers to compare.
        for (budget_line, count) in [("nursery", 2), ("targeted_outreach", 3), ("home_care", 4), ("overnight_respite", 9)] {
            for number in 0..count {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let pence = i64::try_from(seed >> 40).unwrap() % 90_000 + 1;
                let code = format!("{budget_line}_{number}");
                let provider = fixture.provider(&code, "private", "in_borough");
                let line = LineVersion::new(&fixture.package(&code), "2023-04-01");
                fixture.line(&LineVersion { budget_line, provider: Some(provider.clone()), to: Some("2024-04-01"), ..line });
                fixture.entries(&[(budget_line, Some(&provider), day("2023-06-30"), pence)]);
                let cost = divided(pence * 1000, 52_286);
                expected.insert(key("2023-24", budget_line, &code, "hour"), (cost, budget_line));
                by_line.entry(budget_line).or_default().push(cost);
            }
        }
        fixture.run();
        let found = rows(&fixture);
        for (key, (cost, budget_line)) in &expected {
            let costs = by_line.get_mut(budget_line).unwrap();
            costs.sort_unstable();
            let twice_median = costs[(costs.len() - 1) / 2] + costs[costs.len() / 2];
            let outlier = match () {
                () if costs.len() < 3 => "not_judged",
                () if cost * 200 > twice_median * 150 => "high",
                () if cost * 2 * 150 < twice_median * 100 => "low",
                () => "no",
            };
            let row = &found[key];
            assert_eq!((row.cost, row.comparables), (Some(*cost), i64::try_from(costs.len()).unwrap()), "{key:?}");
            assert_eq!((row.median, row.outlier.as_str()), (Some((twice_median + 1) / 2), outlier), "{key:?}");
        }
        let words: std::collections::BTreeSet<_> = found.values().map(|row| row.outlier.as_str()).collect();
        assert!(words.len() > 2, "{words:?}");
        // Without a rule nothing stands out.
        fixture.profile.unit_costs.outlier = None;
        fixture.run();
        assert!(rows(&fixture).values().all(|row| row.outlier == "not_judged"));
    }
}

#[test]
fn all_of_the_ledgers_spend_is_in_it() {
    for fixture in Fixture::on_each_database() {
        fixture.story();
        let near = fixture.provider("near", "private", "in_borough");
        let lines = ["direct_payments", "home_care", "chc_income", "nursery"];
        let entry = |number: i64| {
            let posted_on = day("2022-12-01") + chrono::Days::new((number * 37) as u64 % 700);
            (
                lines[(number % 4) as usize],
                [Some(near.as_str()), None][(number % 2) as usize],
                posted_on,
                (number * 7_919) % 90_001 - 30_000,
            )
        };
        fixture.entries(&(0..80).map(entry).collect::<Vec<_>>());
        fixture.line(&LineVersion { provider: Some(near.clone()), ..LineVersion::new(&fixture.package("1"), "2022-11-15") });
        fixture.run();
        let spend: i64 = rows(&fixture).values().filter_map(|row| row.spend).sum();
        let ledger: i64 = fixture.current().manifest().control_totals.ledger.iter().map(|total| total.amount_pence).sum();
        assert_eq!(spend, ledger);
    }
}
