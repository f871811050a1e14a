//! A process killed at any moment of a run leaves the last snapshot, and the next run completes.

use crate::common::{Fixture, LineVersion, day, noon};
use db::{Clock, Store};
use domain::Profile;
use etl::{Extent, Options};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Not a test of its own: what the killed process does, run after run until it is killed.
#[test]
#[ignore = "the other test starts it, and kills it"]
fn run_without_end() {
    let Ok(directory) = std::env::var("ETL_TEST_KILLED") else { return };
    let directory = Path::new(&directory);
    let store = Store::open(
        &std::env::var("ETL_TEST_STORE").unwrap().parse().unwrap(),
        Clock::stopped_at(noon("2024-07-15"), domain::TimeZone::default()),
    )
    .unwrap();
    let profile = Profile::bundled("tameside").unwrap();
    for extent in [Extent::Full, Extent::Incremental].into_iter().cycle() {
        let options = Options { extent, as_known_on: None };
        etl::run(&store, &profile, &directory.join("warehouse"), &directory.join("keys"), &options).unwrap();
    }
}

#[test]
fn a_process_killed_at_any_moment_leaves_the_last_snapshot() {
    for fixture in Fixture::on_each_database() {
        fixture.line(&LineVersion::new(&fixture.package("1"), "2024-04-01"));
        fixture.entries(&[("direct_payments", None, day("2024-04-10"), 4_000), ("nursery", None, day("2023-05-01"), 70)]);
        fixture.run();
        let expected = fixture.current().manifest().control_totals.clone();
        for round in 0..25_u64 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "killed::run_without_end"])
                .env("ETL_TEST_KILLED", fixture.directory.path())
                .env("ETL_TEST_STORE", &fixture.url)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // Moments spread over several runs; prime steps, so that they do not fall on one beat.
            std::thread::sleep(Duration::from_millis(60 + round * 37 % 400));
            assert!(child.try_wait().unwrap().is_none(), "the process ended of itself");
            child.kill().unwrap();
            child.wait().unwrap();
            let snapshot = fixture.current();
            assert_eq!(snapshot.manifest().control_totals, expected);
            for table in &snapshot.manifest().tables {
                for file in &table.files {
                    assert!(snapshot.directory().join(&file.path).exists(), "{} is missing", file.path);
                }
            }
            assert_eq!(snapshot.table("statement_figures").unwrap().height(), 18);
        }
        let last = fixture.run();
        assert_eq!((fixture.current().id(), last.ledger_entries), (&*last.snapshot_id, 2));
        let names = std::fs::read_dir(fixture.warehouse().join("snapshots")).unwrap();
        assert!(names.into_iter().all(|entry| !entry.unwrap().file_name().to_string_lossy().starts_with('.')));
    }
}
