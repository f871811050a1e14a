//! Packages by what they are grouped by, ages as bands at the year's end, birthdays that move children on, and what the next year bears.

use crate::common::{DecisionRow, Fixture, LineVersion, Said, cells, noon, value};
use db::schema::request_lines;
use diesel::prelude::*;
use etl::{Snapshot, integers, texts};
use polars::prelude::{ParquetReader, SerReader};

const GROUPS: [&str; 6] = ["grouped_by", "group_code", "children", "arrangements", "children_at_end", "full_year_pence"];

/// Four children: one of 13 at the year's end, one who becomes 16 in the year, one whose support ends on its 18th birthday, and one whose line nobody
/// has agreed.
fn filled(fixture: &Fixture) {
    let star = fixture.provider("star", "voluntary", "in_borough");
    let thirteen = fixture.package_born("1", "2011-11-11");
    let sixteen = fixture.package_born("2", "2008-06-01");
    let eighteen = fixture.package_born("3", "2006-09-15");
    fixture.confirmed_line(&LineVersion::new(&thirteen, "2024-04-01"));
    fixture.confirmed_line(&LineVersion {
        budget_line: "home_care",
        provider: Some(star),
        rate: 4_000_000,
        ..LineVersion::new(&sixteen, "2024-04-01")
    });
    let (to, by_age) = (Some("2024-09-15"), Some("2024-09-15"));
    fixture.confirmed_line(&LineVersion { rate: 3_000_000, to, by_age, ..LineVersion::new(&eighteen, "2024-04-01") });
    fixture.line(&LineVersion::new(&fixture.package_born("4", "2012-01-01"), "2024-04-01"));
}

fn groups(snapshot: &Snapshot, of: &str) -> Vec<String> {
    let rows = cells(&snapshot.table("packages_by_group").unwrap(), &GROUPS);
    rows.into_iter().filter_map(|row| row.strip_prefix(&format!("{of}|")).map(str::to_owned)).collect()
}

#[test]
fn packages_count_by_each_grouping_and_a_line_that_nobody_agreed_counts_in_none() {
    for fixture in Fixture::on_each_database() {
        filled(&fixture);
        fixture.run();
        let snapshot = fixture.current();
        for (of, expected) in [
            ("service", vec!["support|3|3|2|2132000"]),
            ("budget_line", vec!["direct_payments|2|2|1|52000", "home_care|1|1|1|2080000"]),
            ("provider", vec!["none|2|2|1|52000", "star|1|1|1|2080000"]),
            ("sector", vec!["none|2|2|1|52000", "voluntary|1|1|1|2080000"]),
            ("age_band", vec!["10_to_13|1|1|1|52000", "16_to_17|1|1|1|2080000", "18_and_over|1|1|0|0"]),
            ("cost_band", vec!["above_2000000|1|1|1|2080000", "none|1|1|0|0", "up_to_700000|1|1|1|52000"]),
            ("tier", vec!["assistant_director,director|1|1|1|2080000", "none|1|1|0|0", "service_unit_manager|1|1|1|52000"]),
        ] {
            assert_eq!(groups(&snapshot, of), expected, "{of}");
        }
        let labels = cells(&snapshot.table("packages_by_group").unwrap(), &["group_code", "label"]);
        for expected in ["16_to_17|16 to 17", "up_to_700000|up to £7,000.00", "assistant_director,director|Assistant director or Director"]
        {
            assert!(labels.contains(&expected.to_owned()), "{expected}: {labels:?}");
        }
    }
}

#[test]
fn each_grouping_adds_up_to_what_agreed_lines_are_planned_to_cost() {
    for fixture in Fixture::on_each_database() {
        filled(&fixture);
        fixture.run();
        let snapshot = fixture.current();
        let mart = snapshot.table("packages_by_group").unwrap();
        let rows = texts(&mart, "grouped_by").unwrap().into_iter().zip(integers(&mart, "planned_pence").unwrap());
        let mut sums = std::collections::BTreeMap::<String, i64>::new();
        rows.for_each(|(of, pence)| *sums.entry(of.unwrap()).or_default() += pence);
        let effect = snapshot.table("full_year_effect").unwrap();
        let planned: i64 = integers(&effect, "planned_pence").unwrap().into_iter().sum();
        // £10 and £400 a week for the year of 52 weeks and a day, £300 for 23 weeks and 6 days.
        assert!((planned - (52_143 + 2_085_714 + 715_714)).abs() <= 24, "{planned}");
        assert_eq!(sums.len(), 7);
        assert!(sums.values().all(|sum| *sum == planned), "{sums:?}");
        let of = |line: &str, column: &str| value(&effect, &[("financial_year", "2024-25"), ("budget_line", line)], column);
        assert_eq!(of("home_care", "full_year_pence"), 2_080_000);
        assert_eq!(of("direct_payments", "full_year_pence"), 52_000);
        for line in ["home_care", "direct_payments", "nursery"] {
            assert_eq!(of(line, "effect_pence"), of(line, "full_year_pence") - of(line, "planned_pence"), "{line}");
        }
    }
}

#[test]
fn birthdays_that_move_children_on_are_counted_in_the_year_and_the_next() {
    for fixture in Fixture::on_each_database() {
        filled(&fixture);
        fixture.run();
        let rows = cells(&fixture.current().table("transitions").unwrap(), &["birthday", "falls", "children", "full_year_pence"]);
        assert_eq!(
            rows,
            [
                "14|in_year|0|0",
                "14|next_year|1|52000",
                "16|in_year|1|2080000",
                "16|next_year|0|0",
                // Its support ended on that birthday: what it cost on the day before.
                "18|in_year|1|1560000",
                "18|next_year|0|0",
            ]
        );
    }
}

#[test]
fn snapshots_of_the_days_around_a_birthday_are_alike() {
    for fixture in Fixture::on_each_database() {
        filled(&fixture);
        let on = |text: &str| {
            fixture.clock.set(noon(text));
            fixture.run();
            let snapshot = fixture.current();
            let marts = ["packages_by_group", "transitions"].map(|mart| crate::common::rows(&snapshot.table(mart).unwrap()));
            let facts = ["fact_child_years", "fact_transitions", "fact_line_years"].map(|name| {
                let path = snapshot.directory().join(format!("facts/{name}/part.parquet"));
                crate::common::rows(&ParquetReader::new(std::fs::File::open(path).unwrap()).finish().unwrap())
            });
            (marts, facts)
        };
        assert_eq!(on("2024-09-14"), on("2024-09-16"));
    }
}

#[test]
fn a_decision_tells_the_days_from_the_panel_to_the_first_day_of_support() {
    for fixture in Fixture::on_each_database() {
        let user = fixture.user("WHO-DECIDED");
        let panel = fixture.panel("2024-06-12");
        let request = fixture.request(&user, Some("2024-05-22"), &[("direct_payments", 10)]);
        for (action, to) in [("submit", "submitted"), ("book", "booked")] {
            fixture.step(&request, action, to);
        }
        let decision = fixture.decide(
            &user,
            &DecisionRow {
                request: &request,
                number: 1,
                panel: Some(&panel),
                kind: "approved",
                decided_as: "chair",
                on: "2024-06-12",
                revision: 1,
                pence: [52_000, 52_000, 39_143],
                tier: Some("service_unit_manager"),
                to: "approved",
            },
        );
        fixture.authorise(&user, &decision, &Said::authority("service_unit_manager", "2024-06-12"));
        let days = || {
            fixture.run();
            cells(&fixture.current().table("panel_decisions").unwrap(), &["days_panel_to_start"])
        };
        assert_eq!(days(), ["null"]);
        let line: String = fixture
            .store
            .read(|connection| {
                let lines = request_lines::table.filter(request_lines::request_id.eq(&request)).select(request_lines::id);
                Ok::<_, db::Error>(lines.first(connection)?)
            })
            .unwrap();
        fixture.line_with(&LineVersion::new(&fixture.package("9"), "2024-07-01"), None, None, Some(&line));
        assert_eq!(days(), ["19"]);
    }
}
