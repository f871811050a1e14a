//! What the marts say of requests and decisions.

use crate::common::{DecisionRow, Fixture, Said, cells, day, noon};
use etl::{Error, Options, Snapshot};
use polars::prelude::{DataFrame, ParquetReader, SerReader};

/// A fact, which snapshots give to nobody but the marts.
fn fact(snapshot: &Snapshot, name: &str) -> DataFrame {
    let path = snapshot.directory().join(format!("facts/{name}/part.parquet"));
    ParquetReader::new(std::fs::File::open(path).unwrap()).finish().unwrap()
}

fn filled() -> impl Iterator<Item = (Fixture, crate::common::Story)> {
    Fixture::on_each_database().map(|fixture| {
        let story = fixture.story();
        (fixture, story)
    })
}

/// Sorted, since decisions of one day are in the order of their pseudonyms.
fn decisions(snapshot: &Snapshot, columns: &[&str]) -> Vec<String> {
    let mut rows = cells(&snapshot.table("panel_decisions").unwrap(), columns);
    rows.sort();
    rows
}

fn problems(fixture: &Fixture) -> Vec<String> {
    match fixture.try_run(Options::default()) {
        Err(Error::Checks(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

#[test]
fn outcomes_are_counted_and_added_up_by_month_budget_line_and_decision() {
    for (fixture, _) in filled() {
        fixture.run();
        let outcomes = fixture.current().table("panel_outcomes").unwrap();
        let columns: Vec<_> = outcomes.get_column_names().into_iter().map(|name| name.as_str()).collect();
        assert_eq!(
            cells(&outcomes, &columns),
            [
                "2023-24|12|2024-03|home_care|approved|1|1560000|0|19|13",
                "2024-25|2|2024-05|direct_payments|approved|1|52000|39143|null|null",
                "2024-25|3|2024-06|direct_payments|approved|2|156000|117429|24|0",
                "2024-25|3|2024-06|direct_payments|approved_in_part|1|104000|78286|14|7",
                "2024-25|3|2024-06|direct_payments|deferred|1|104000|78286|13|null",
                "2024-25|3|2024-06|direct_payments|withdrawn|1|52000|39143|25|null",
                "2024-25|3|2024-06|home_care|approved_in_part|1|1560000|1174286|14|7",
                // 28 and 11 days: the half day of 19½ is dropped.
                "2024-25|3|2024-06|home_care|declined|2|2860000|2152857|19|null",
                "2024-25|3|2024-06|home_care|waiting|1|1560000|1174286|25|null",
                "2024-25|3|2024-06|nursery|signposted|1|52000|39143|null|null",
            ]
        );
    }
}

#[test]
fn a_decision_says_what_it_counts_as_and_from_when_it_has_authority() {
    for (fixture, _) in filled() {
        fixture.run();
        assert_eq!(
            decisions(&fixture.current(), &["decided_on", "kind", "decision", "outcome", "waits_for", "effective_on", "number", "is_last"]),
            [
                "2024-03-20|approved|approved|given|null|2024-04-02|1|1",
                "2024-05-02|approved|approved|given|null|2024-05-02|1|1",
                "2024-06-12|approved_in_part|approved_in_part|given|null|2024-06-19|1|1",
                "2024-06-12|approved|approved|given|null|2024-06-12|1|1",
                "2024-06-12|approved|declined|declined_at_authority|null|null|1|1",
                "2024-06-12|declined|declined|given|null|2024-06-14|1|1",
                "2024-06-12|deferred|deferred|given|null|2024-06-12|1|0",
                "2024-06-12|signposted|signposted|given|null|2024-06-12|1|1",
                "2024-06-26|approved|approved|given|null|2024-06-26|2|1",
                "2024-06-26|approved|waiting|waiting|authority|null|1|1",
                "2024-06-26|approved|withdrawn|withdrawn|null|null|1|1",
            ]
        );
    }
}

#[test]
fn a_decision_says_what_it_needed_and_what_it_costs() {
    for (fixture, _) in filled() {
        fixture.run();
        let columns = [
            "route",
            "decided_as",
            "kind",
            "needs_ratification",
            "needs_authority",
            "tier",
            "total_pence",
            "full_year_pence",
            "this_year_pence",
            "lines",
            // £7,000 in this profile.
            "is_above_reporting_threshold",
        ];
        assert_eq!(
            decisions(&fixture.current(), &columns),
            [
                "panel|chair|approved_in_part|0|1|head_of_service|1700000|1664000|1252572|2|1",
                "panel|chair|approved|0|0|service_unit_manager|104000|104000|78286|1|0",
                "panel|chair|approved|0|0|service_unit_manager|52000|52000|39143|1|0",
                "panel|chair|approved|0|1|assistant_director,director|2100000|1560000|1174286|1|1",
                "panel|chair|approved|0|1|assistant_director,director|2600000|2600000|1957143|1|1",
                "panel|chair|deferred|0|0|service_unit_manager|104000|104000|78286|1|0",
                "panel|chair|signposted|0|0|service_unit_manager|52000|52000|39143|1|0",
                "panel|deputy_chair|approved|1|0|service_unit_manager|52000|52000|39143|1|0",
                "panel|deputy_chair|approved|1|1|head_of_service|1560000|1560000|0|1|1",
                "panel|deputy_chair|declined|1|0|service_unit_manager|260000|260000|195714|1|0",
                "without_panel|team_manager|approved|0|0|null|52000|52000|39143|1|0",
            ]
        );
    }
}

#[test]
fn the_reporting_threshold_is_the_profiles_and_a_total_on_it_is_not_above() {
    for mut fixture in Fixture::on_each_database() {
        fixture.story();
        for (above_pence, marked) in [(103_999, 7), (104_000, 5), (1_559_999, 4), (2_600_000, 0)] {
            fixture.profile.delegation.reporting_thresholds[0].above_pence = above_pence;
            fixture.run();
            let table = fixture.current().table("panel_decisions").unwrap();
            let found: i64 = etl::integers(&table, "is_above_reporting_threshold").unwrap().iter().sum();
            assert_eq!(found, marked, "above {above_pence}");
        }
        fixture.profile.delegation.reporting_thresholds.clear();
        fixture.run();
    }
}

#[test]
fn requests_stand_where_their_transitions_led() {
    for (fixture, _) in filled() {
        fixture.run();
        let requests = fact(&fixture.current(), "fact_requests");
        let mut rows = cells(&requests, &["state", "assessment_kind", "assessment_authorised_on", "submitted_on", "decisions"]);
        rows.sort();
        assert_eq!(rows.len(), 12);
        assert_eq!(rows[0], "approved_in_part|child_and_family|2024-05-29|2024-07-15|1");
        assert!(rows.contains(&"approved|child_and_family|2024-05-30|2024-07-15|2".to_owned()), "deferred, then approved");
        assert!(rows.contains(&"draft|child_and_family|null|null|0".to_owned()));
        assert!(rows.contains(&"submitted|child_and_family|2024-07-01|2024-07-15|0".to_owned()));
        let children = fact(&fixture.current(), "fact_decisions");
        assert_eq!(cells(&children, &["child_key"]).len(), 11);
        assert_eq!(fact(&fixture.current(), "fact_authorisations").height(), 8);
        let states = fixture.current().manifest().control_totals.requests.requests.clone();
        assert_eq!(states.iter().map(|total| total.requests).sum::<i64>(), 12);
    }
}

#[test]
fn as_known_before_the_authorisation_a_decision_still_waits() {
    for (fixture, story) in filled() {
        let (_, decision) = &story.waiting;
        fixture.clock.set(noon("2024-07-16"));
        fixture.authorise(&story.user, decision, &Said::authority("director", "2024-07-03").after_waiting("given", "approved"));
        fixture.run();
        let one = |snapshot: &Snapshot| {
            let columns = ["total_pence", "decision", "outcome", "waits_for", "effective_on", "days_panel_to_authority"];
            decisions(snapshot, &columns).into_iter().find(|row| row.starts_with("2100000|")).unwrap()
        };
        assert_eq!(one(&fixture.current()), "2100000|approved|given|null|2024-07-03|7");
        let before = fixture.snapshot(&fixture.run_as_known_on("2024-07-15"));
        assert_eq!(one(&before), "2100000|waiting|waiting|authority|null|null");
        let states = |snapshot: &Snapshot| cells(&fact(snapshot, "fact_requests"), &["state"]);
        let waiting = |snapshot: &Snapshot| states(snapshot).iter().filter(|state| *state == "awaiting_authority").count();
        assert_eq!((waiting(&before), waiting(&fixture.current())), (1, 0));
        let outcomes = |snapshot: &Snapshot| cells(&snapshot.table("panel_outcomes").unwrap(), &["decision", "decisions"]);
        assert!(outcomes(&before).contains(&"waiting|1".to_owned()) && !outcomes(&fixture.current()).contains(&"waiting|1".to_owned()));
        let nothing_yet = fixture.snapshot(&fixture.run_as_known_on("2024-07-14"));
        assert_eq!(nothing_yet.table("panel_decisions").unwrap().height(), 0);
    }
}

#[test]
fn an_appeal_shows_on_the_decision_and_a_later_decision_overtakes_it() {
    for (fixture, story) in filled() {
        let (request, decision) = &story.signposted;
        let one = || {
            fixture.run();
            let mut rows = decisions(&fixture.current(), &["appeal", "kind", "number", "is_last", "days_assessment_to_panel"]);
            rows.retain(|row| row.contains("signposted") || row.contains("|2|"));
            rows
        };
        assert_eq!(one(), ["null|approved|2|1|27", "null|signposted|1|1|null"]);
        let appeal = fixture.appeal(request, decision, "signposted");
        assert_eq!(one(), ["null|approved|2|1|27", "open|signposted|1|1|null"]);
        fixture.appeal_outcome(request, &appeal, "upheld", "submitted");
        fixture.step(request, "book", "booked");
        let panel = fixture.panel("2024-07-10");
        let again = DecisionRow {
            request,
            number: 2,
            panel: Some(&panel),
            kind: "approved",
            decided_as: "chair",
            on: "2024-07-10",
            revision: 1,
            pence: [52_000, 52_000, 39_143],
            tier: Some("service_unit_manager"),
            to: "approved",
        };
        let second = fixture.decide(&story.user, &again);
        fixture.authorise(&story.user, &second, &Said::authority("service_unit_manager", "2024-07-10"));
        assert_eq!(one(), ["null|approved|2|1|27", "null|approved|2|1|null", "upheld|signposted|1|0|null"]);
    }
}

#[test]
fn a_decision_recorded_with_another_cost_than_its_lines_have_is_not_published() {
    for off_by in [[0, 1, 0], [0, 0, -1]] {
        for (fixture, story) in filled() {
            let first = fixture.run();
            let request = fixture.request(&story.user, None, &[("nursery", 10)]);
            let panel = fixture.panel("2024-07-10");
            let pence = [52_000, 52_000 + off_by[1], 39_143 + off_by[2]];
            let row = DecisionRow {
                request: &request,
                number: 1,
                panel: Some(&panel),
                kind: "signposted",
                decided_as: "chair",
                on: "2024-07-10",
                revision: 1,
                pence,
                tier: None,
                to: "signposted",
            };
            fixture.decide(&story.user, &row);
            let problems = problems(&fixture);
            assert!(problems[0].starts_with("fact_decision_lines has"), "{problems:?}");
            let told = problems.iter().find(|problem| problem.starts_with("the lines of the decision with pseudonym ")).unwrap();
            let says =
                format!("cost 52000 pence a full year and 39143 in its year, and it was recorded with {} and {}", pence[1], pence[2]);
            assert!(told.contains(&says), "{told}");
            // The mart that adds up lines disagrees with the store as well.
            assert!(problems.iter().any(|problem| problem.starts_with("panel_outcomes has")), "{problems:?}");
            assert_eq!(fixture.current().id(), first.snapshot_id);
        }
    }
}

#[test]
fn what_was_decided_costs_what_it_cost_then_whatever_becomes_of_the_profile() {
    for (mut fixture, _) in filled() {
        fixture.run();
        let lines = |fixture: &Fixture| cells(&fixture.current().table("fact_decision_lines").unwrap(), &["full_year_pence"]);
        let before = lines(&fixture);
        fixture.profile.costing.weeks_per_year.value = 50;
        fixture.run();
        assert_eq!(lines(&fixture), before);
    }
}

#[test]
fn two_wrong_decisions_that_cancel_out_are_still_found() {
    for (fixture, story) in filled() {
        let panel = fixture.panel("2024-07-10");
        for off_by in [1, -1] {
            let request = fixture.request(&story.user, None, &[("nursery", 10)]);
            let row = DecisionRow {
                request: &request,
                number: 1,
                panel: Some(&panel),
                kind: "signposted",
                decided_as: "chair",
                on: "2024-07-10",
                revision: 1,
                pence: [52_000, 52_000 + off_by, 39_143],
                tier: None,
                to: "signposted",
            };
            fixture.decide(&story.user, &row);
        }
        let problems = problems(&fixture);
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}

#[test]
fn an_approval_without_authority_and_a_state_without_its_transition_are_not_published() {
    use db::schema::requests;
    use diesel::prelude::*;
    for (fixture, story) in filled() {
        // The authority is given and nobody put it on record.
        fixture.step(&story.waiting.0, "authorise", "approved");
        let found = problems(&fixture);
        assert!(found[0].contains("stands and no post gave authority for it"), "{found:?}");
        fixture.authorise(&story.user, &story.waiting.1, &Said::authority("director", "2024-07-03"));
        fixture.run();
        fixture.write(|write| {
            let request = requests::table.find(&story.signposted.0);
            diesel::update(request).set(requests::state.eq("approved")).execute(write.connection).unwrap();
        });
        let found = problems(&fixture);
        assert!(found.iter().any(|problem| problem.starts_with("fact_requests has 1 requests in the state signposted")), "{found:?}");
        // As known yesterday only the transitions tell.
        fixture.clock.set(noon("2024-07-16"));
        fixture.run_as_known_on("2024-07-15");
    }
}

#[test]
fn the_calendar_reaches_the_years_of_the_decisions() {
    for (fixture, _) in filled() {
        fixture.run();
        let years = etl::texts(&fixture.current().table("dim_financial_year").unwrap(), "financial_year").unwrap();
        assert_eq!(years, [Some("2023-24".to_owned()), Some("2024-25".to_owned())]);
        let recorded = etl::dates(&fact(&fixture.current(), "fact_decisions"), "recorded_on").unwrap();
        assert!(recorded.iter().all(|on| *on == Some(day("2024-07-15"))));
    }
}

#[test]
fn an_empty_store_has_no_decisions_and_its_columns_have_their_types() {
    let mut types = Vec::new();
    for fixture in Fixture::on_each_database() {
        fixture.run();
        let of = |name: &str| {
            let table = fixture.current().table(name).unwrap();
            (table.height(), table.dtypes())
        };
        let empty = ["panel_decisions", "panel_outcomes"].map(of);
        fixture.story();
        fixture.run();
        for (name, empty) in ["panel_decisions", "panel_outcomes"].iter().zip(&empty) {
            assert_eq!((empty.0, &empty.1), (0, &of(name).1), "{name}");
        }
        types.push(empty.map(|(_, types)| types));
    }
    assert!(types.windows(2).all(|pair| pair[0] == pair[1]));
}
