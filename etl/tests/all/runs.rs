//! Runs one after another: what is built on, what is kept, what a run that ends badly leaves.

use crate::common::{Fixture, LineVersion, day, noon, rows, value};
use etl::{Error, Extent, Options, Snapshot, Which};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

const MARTS: [&str; 8] = [
    "spend_by_month",
    "budget_position",
    "statement_figures",
    "panel_decisions",
    "panel_outcomes",
    "commitments_by_week",
    "forecast_outturn",
    "payment_settlement",
];

fn marts(snapshot: &Snapshot) -> Vec<Vec<String>> {
    MARTS.iter().map(|name| rows(&snapshot.table(name).unwrap())).collect()
}

/// A store with something in every table.
fn filled() -> impl Iterator<Item = Fixture> {
    Fixture::on_each_database().inspect(|fixture| {
        let provider = fixture.provider("star", "private", "in_borough");
        fixture.line(&LineVersion { provider: Some(provider.clone()), ..LineVersion::new(&fixture.package("1"), "2024-04-01") });
        fixture.movement("2024-25", "direct_payments", "original", 60_000);
        fixture.entries(&[("direct_payments", Some(&provider), day("2024-04-10"), 4_000), ("nursery", None, day("2023-05-01"), 70)]);
    })
}

#[test]
fn the_second_run_extracts_only_what_is_new() {
    for fixture in filled() {
        let first = fixture.run();
        assert_eq!((first.extent, first.ledger_entries, first.new_ledger_entries), (Extent::Full, 2, 2));
        fixture.entries(&[("nursery", None, day("2024-05-01"), 1)]);
        let second = fixture.run();
        assert_eq!((second.extent, second.ledger_entries, second.new_ledger_entries), (Extent::Incremental, 3, 1));
        let third = fixture.run();
        assert_eq!((third.extent, third.ledger_entries, third.new_ledger_entries), (Extent::Incremental, 3, 0));
        let full = fixture.run_full();
        assert_eq!((full.extent, full.new_ledger_entries), (Extent::Full, 3));
        assert_eq!(marts(&fixture.snapshot(&third)), marts(&fixture.snapshot(&full)));
    }
}

#[test]
fn control_totals_are_the_stores() {
    for fixture in filled() {
        fixture.run();
        let control = fixture.current().manifest().control_totals.clone();
        let ledger: Vec<_> = control.ledger.iter().map(|t| (&*t.financial_year, &*t.budget_line, t.entries, t.amount_pence)).collect();
        assert_eq!(ledger, [("2023-24", "nursery", 1, 70), ("2024-25", "direct_payments", 1, 4_000)]);
        assert_eq!((control.budget[0].amount_pence, control.package_lines), (60_000, 1));
    }
}

#[test]
fn a_store_of_another_history_is_not_built_on() {
    for (fixture, other) in filled().zip(filled()) {
        fixture.run();
        other.entries(&[("nursery", None, day("2024-05-01"), 5)]);
        let outcome = etl::run(&other.store, &other.profile, &fixture.warehouse(), &fixture.keys(), &Options::default()).unwrap();
        assert_eq!((outcome.extent, outcome.ledger_entries), (Extent::Full, 3));
    }
}

#[test]
fn a_damaged_or_missing_part_is_noticed_and_everything_read_again() {
    for damage in [|path: &Path| fs::write(path, b"not parquet").unwrap(), |path: &Path| fs::remove_file(path).unwrap()] {
        for fixture in filled() {
            let before = fixture.run();
            let before_marts = marts(&fixture.current());
            let snapshot = fixture.snapshot(&before);
            let part = &snapshot.manifest().table("fact_ledger_entries").unwrap().files[1];
            damage(&snapshot.directory().join(&part.path));
            let after = fixture.run();
            assert_eq!((after.extent, after.new_ledger_entries), (Extent::Full, 2));
            assert_eq!(marts(&fixture.current()), before_marts);
        }
    }
}

#[test]
fn a_snapshot_of_another_shape_or_with_a_spoilt_manifest_is_not_built_on() {
    for fixture in filled() {
        for spoil in [|text: String| text.replace("\"layout\": ", "\"layout\": 9"), |_: String| "{".to_owned()] {
            let path = fixture.snapshot(&fixture.run()).directory().join("manifest.json");
            fs::write(&path, spoil(fs::read_to_string(&path).unwrap())).unwrap();
            assert_eq!(fixture.run().extent, Extent::Full);
        }
    }
}

#[test]
fn what_a_killed_run_left_is_cleared_and_the_last_snapshot_stands() {
    for fixture in filled() {
        let first = fixture.run();
        let snapshots = fixture.warehouse().join("snapshots");
        fs::create_dir_all(snapshots.join(".building-half/facts/fact_ledger_entries")).unwrap();
        fs::write(snapshots.join(".building-half/facts/fact_ledger_entries/part.parquet"), b"PAR1").unwrap();
        fs::write(fixture.warehouse().join(".CURRENT.123.new"), b"01").unwrap();
        assert_eq!(fixture.current().id(), first.snapshot_id);
        let second = fixture.run();
        assert_eq!((second.extent, fixture.current().id()), (Extent::Incremental, &*second.snapshot_id));
        assert!(!snapshots.join(".building-half").exists());
        assert!(!fixture.warehouse().join(".CURRENT.123.new").exists());
    }
}

#[test]
fn a_run_that_fails_leaves_everything_as_it_was() {
    for fixture in filled() {
        let first = fixture.run();
        fixture.entries(&[("nursery", None, day("2024-05-01"), 1)]);
        fs::write(fixture.keys().join("pseudonym.key"), b"spoilt").unwrap();
        assert!(matches!(fixture.try_run(Options::default()), Err(Error::BadKey(_))));
        assert_eq!(fixture.current().id(), first.snapshot_id);
        // Two names only: the snapshot, and nothing that was being built.
        assert_eq!(fs::read_dir(fixture.warehouse().join("snapshots")).unwrap().count(), 1);
    }
}

#[test]
fn a_snapshot_that_does_not_add_up_is_not_published() {
    for fixture in filled() {
        let first = fixture.run();
        // A manifest that claims to have seen what it did not: the totals of the store give it away.
        fixture.entries(&[("nursery", None, day("2024-05-01"), 1)]);
        let seen = fixture.snapshot(&fixture.run());
        let (now, then) = (seen.manifest().watermark.clone(), fixture.snapshot(&first));
        let path = then.directory().join("manifest.json");
        let mut manifest = then.manifest().clone();
        manifest.watermark = now;
        fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
        fs::write(fixture.warehouse().join("CURRENT"), &first.snapshot_id).unwrap();
        let problems = match fixture.try_run(Options::default()) {
            Err(Error::Checks(problems)) => problems,
            other => panic!("{other:?}"),
        };
        assert!(problems.iter().any(|problem| problem.contains("nursery in 2024-25")), "{problems:?}");
        assert_eq!(fixture.current().id(), first.snapshot_id);
    }
}

#[test]
fn one_run_at_a_time() {
    for fixture in filled() {
        fixture.run();
        let lock = fs::File::options().write(true).open(fixture.warehouse().join("LOCK")).unwrap();
        lock.lock().unwrap();
        assert!(matches!(fixture.try_run(Options::default()), Err(Error::Busy)));
        drop(lock);
        fixture.run();
    }
}

#[test]
fn as_known_on_a_day_leaves_out_what_was_recorded_later_and_stands_aside() {
    for fixture in filled() {
        let line = LineVersion::new(&fixture.package("2"), "2024-04-01");
        fixture.line(&line);
        let then = marts(&fixture.snapshot(&fixture.run()));
        fixture.clock.set(noon("2024-07-16"));
        fixture.entries(&[("nursery", None, day("2024-05-01"), 1)]);
        fixture.movement("2024-25", "direct_payments", "adjustment", 9);
        fixture.line(&LineVersion { version: 2, state: "reversed", ..line });
        let now = fixture.run();
        let aside = fixture.run_as_known_on("2024-07-15");
        assert_eq!(marts(&fixture.snapshot(&aside)), then);
        assert_ne!(marts(&fixture.current()), then);
        assert_eq!((fixture.current().id(), fixture.snapshot(&aside).manifest().as_known_on), (&*now.snapshot_id, Some(day("2024-07-15"))));
        assert!(matches!(
            fixture.try_run(Options { extent: Extent::Incremental, as_known_on: Some(day("2024-07-17")) }),
            Err(Error::Future { .. })
        ));
        assert_eq!(fixture.run().extent, Extent::Incremental);
    }
}

#[test]
fn old_snapshots_go_and_those_that_stand_aside_are_counted_apart() {
    for fixture in filled() {
        let aside = fixture.run_as_known_on("2024-07-15");
        let first = fixture.run();
        for _ in 0..5 {
            fixture.run();
        }
        assert!(fixture.snapshot(&aside).table("budget_position").is_ok());
        assert!(matches!(Snapshot::open(&fixture.warehouse(), &Which::Id(first.snapshot_id)), Err(Error::UnknownSnapshot(_))));
        assert_eq!(fs::read_dir(fixture.warehouse().join("snapshots")).unwrap().count(), 6);
    }
}

#[test]
fn nothing_published_and_no_such_snapshot_are_said_plainly() {
    for fixture in Fixture::on_each_database() {
        assert!(matches!(Snapshot::open(&fixture.warehouse(), &Which::Current), Err(Error::NothingPublished)));
        fixture.run();
        for id in ["", "..", "../snapshots", "0198"] {
            assert!(matches!(Snapshot::open(&fixture.warehouse(), &Which::Id(id.to_owned())), Err(Error::UnknownSnapshot(_))), "{id}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn runs_after_each_batch_give_what_one_run_over_all_gives(
        batches in prop::collection::vec(prop::collection::vec((0_usize..3, 0_u64..900, -100_000_i64..100_000), 0..12), 1..5),
    ) {
        for fixture in Fixture::on_each_database() {
        let provider = fixture.provider("star", "private", "in_borough");
        let lines = ["nursery", "home_care", "chc_income"];
        for batch in &batches {
            let entry = |(line, offset, pence): &(usize, u64, i64)| {
                (lines[*line], (*line == 1).then_some(provider.as_str()), day("2022-10-01") + chrono::Days::new(*offset), *pence)
            };
            fixture.entries(&batch.iter().map(entry).collect::<Vec<_>>());
            fixture.run();
        }
        let incremental = fixture.current();
        let total: i64 = batches.iter().flatten().map(|(_, _, pence)| pence).sum();
        prop_assert_eq!(incremental.manifest().control_totals.ledger.iter().map(|t| t.amount_pence).sum::<i64>(), total);
        let full = fixture.run_full();
        prop_assert_eq!(marts(&incremental), marts(&fixture.snapshot(&full)));
        }
    }
}

#[test]
fn the_position_follows_the_ledger_from_run_to_run() {
    for fixture in filled() {
        let key = [("financial_year", "2024-25"), ("budget_line", "direct_payments")];
        for pence in [4_000, 5_500] {
            fixture.run();
            assert_eq!(value(&fixture.current().table("budget_position").unwrap(), &key, "actual_pence"), pence);
            fixture.entries(&[("direct_payments", None, day("2024-05-10"), 1_500)]);
        }
    }
}

#[test]
fn one_import_longer_than_a_chunk_is_extracted_whole_and_once() {
    use diesel::prelude::*;
    use diesel::sql_types::{BigInt, Date, Timestamp};
    for fixture in filled() {
        fixture.run();
        fixture.write(|write| {
            diesel::sql_query(
                "INSERT INTO ledger_entries (id, source, line_hash, occurrence, posted_on, year, budget_line, amount_pence, reason, \
             recorded_by, recorded_at, recorded_seq) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100001) \
             SELECT 'id-' || CAST(i AS TEXT), 'long', CAST(i AS TEXT), 1, $1, '2024-25', 'nursery', i, 'a reason', 'test', $2, $3 \
             FROM n",
            )
            .bind::<Date, _>(day("2024-06-01"))
            .bind::<Timestamp, _>(write.at)
            .bind::<BigInt, _>(write.seq())
            .execute(write.connection)
            .unwrap();
        });
        let outcome = fixture.run();
        assert_eq!((outcome.extent, outcome.new_ledger_entries), (Extent::Incremental, 100_001));
        let key = [("financial_year", "2024-25"), ("budget_line", "nursery")];
        let position = fixture.current().table("budget_position").unwrap();
        assert_eq!(value(&position, &key, "actual_pence"), 100_001 * 100_002 / 2);
        assert_eq!(fixture.run().new_ledger_entries, 0);
    }
}

#[test]
fn a_published_file_that_was_changed_or_lost_is_not_read_and_the_next_run_mends_it() {
    for damage in [
        // Whole and well formed, but another's.
        |path: &Path| assert!(fs::copy(path.with_file_name("spend_by_month.parquet"), path).unwrap() > 0),
        |path: &Path| fs::write(path, b"").unwrap(),
        |path: &Path| fs::remove_file(path).unwrap(),
    ] {
        for fixture in filled() {
            let before = marts(&fixture.snapshot(&fixture.run()));
            let path = fixture.current().directory().join("marts/budget_position.parquet");
            damage(&path);
            let error = fixture.current().table("budget_position").unwrap_err();
            assert!(matches!(&error, Error::Damaged(told) if *told == path), "{error}");
            assert!(error.to_string().contains("run `short-breaks etl`"), "{error}");
            assert!(fixture.current().table("spend_by_month").is_ok());
            fixture.run();
            assert_eq!(marts(&fixture.current()), before);
        }
    }
}

#[test]
fn a_current_file_that_names_no_snapshot_says_so_and_the_next_run_mends_it() {
    for fixture in filled() {
        let before = marts(&fixture.snapshot(&fixture.run()));
        let path = fixture.warehouse().join("CURRENT");
        for text in [&b""[..], b"\n", b"../elsewhere", b"0198", b"\xff\xfe"] {
            fs::write(&path, text).unwrap();
            let error = Snapshot::open(&fixture.warehouse(), &Which::Current).unwrap_err();
            assert!(matches!(&error, Error::DamagedCurrent(told) if *told == path), "{error}");
            let told = error.to_string();
            assert!(told.contains("CURRENT is damaged") && told.contains("run `short-breaks etl`"), "{told}");
            assert_eq!(fixture.run().extent, Extent::Full);
            assert_eq!(marts(&fixture.current()), before);
        }
    }
}

#[test]
fn a_key_that_is_gone_is_not_replaced_while_there_are_snapshots() {
    for fixture in filled() {
        let first = fixture.run();
        let key = fixture.keys().join("pseudonym.key");
        let kept = fs::read(&key).unwrap();
        fs::remove_file(&key).unwrap();
        for (extent, as_known_on) in [(Extent::Incremental, None), (Extent::Full, None), (Extent::Full, Some(day("2024-07-15")))] {
            let error = fixture.try_run(Options { extent, as_known_on }).unwrap_err();
            assert!(matches!(&error, Error::MissingKey { key: told, .. } if *told == key), "{error}");
            assert!(error.to_string().contains("put it back from a backup"), "{error}");
        }
        assert!(!key.exists());
        assert_eq!(fixture.current().id(), first.snapshot_id);
        fs::write(&key, kept).unwrap();
        assert_eq!(fixture.run().extent, Extent::Incremental);
        // The way out that the error names.
        fs::remove_file(&key).unwrap();
        fs::remove_dir_all(fixture.warehouse().join("snapshots")).unwrap();
        assert_eq!(fixture.run().extent, Extent::Full);
        assert!(key.exists());
    }
}

#[test]
fn a_snapshot_that_a_published_statement_names_is_never_removed() {
    for fixture in filled() {
        let (named, other) = (fixture.run().snapshot_id, fixture.run().snapshot_id);
        let aside = fixture.run_as_known_on("2024-07-01").snapshot_id;
        for snapshot in [&named, &aside] {
            fixture.name_in_a_published_statement(snapshot);
        }
        for _ in 0..6 {
            fixture.run();
            fixture.run_as_known_on("2024-07-02");
        }
        let is_there = |id: &str| fixture.warehouse().join("snapshots").join(id).exists();
        assert!(is_there(&named) && is_there(&aside), "what is published stays");
        assert!(!is_there(&other), "and what is not goes");
    }
}
