//! The program killed in the middle of its work, at moments nobody chose.

use crate::support::Backend;
use crate::support::ledger_files::{Expected, write_file, write_mapping};
use crate::support::program::Program;
use db::AnyConnection;
use diesel::RunQueryDsl;
use serde_json::{Value, json};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

const LINES: i64 = 20_000;
const KILLS: u32 = 6;

/// A moment within a stretch of time, another each time.
fn random_moment(within: Duration) -> Duration {
    let thousandths = u32::try_from(RandomState::new().hash_one(0_u8) % 1000).unwrap();
    within * thousandths / 1000
}

/// Starts the program and kills it after a while; tells whether it had ended by itself.
fn kill_after(program: &Program, arguments: &[&str], after: Duration) -> bool {
    let mut child = program.command().args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(after);
    let had_ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    had_ended
}

fn number(connection: &mut AnyConnection, query: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    diesel::sql_query(query).get_result::<Number>(connection).unwrap().n
}

fn import_arguments<'a>(file: &'a Path, mapping: &'a Path) -> [&'a str; 6] {
    ["import", "ledger", file.to_str().unwrap(), "--mapping", mapping.to_str().unwrap(), "--json"]
}

#[test]
fn a_killed_import_leaves_no_half_loaded_file_and_the_next_completes() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let folder = program.folder.path();
        let mapping = write_mapping(folder);
        let (first, _) = write_file(folder, "first", LINES);
        let started = Instant::now();
        program.run(&import_arguments(&first, &mapping)).expect(0);
        let usual = started.elapsed();
        let url: db::DatabaseUrl = program.database_url.parse().unwrap();
        let mut killed = 0;
        for turn in 0..KILLS {
            let (file, _) = write_file(folder, &format!("turn-{turn}"), LINES);
            let after = random_moment(usual);
            println!("{backend:?}: killed after {after:?} of about {usual:?}");
            killed += u32::from(!kill_after(&program, &import_arguments(&file, &mapping), after));
            let mut connection = url.connect().unwrap();
            let files = number(&mut connection, "SELECT COUNT(*) AS n FROM ledger_files");
            let entries = number(&mut connection, "SELECT COUNT(*) AS n FROM ledger_entries");
            let matched = (LINES + 2) / 3 + (LINES + 1) / 3;
            assert_eq!(entries, files * matched, "a file is there whole or not at all");
            program.run(&["audit", "verify"]).expect(0);
            let again = program.run(&import_arguments(&file, &mapping)).expect(0).json();
            assert!(["loaded", "already_loaded"].contains(&again["files"][0]["status"].as_str().unwrap()));
            assert_eq!(number(&mut connection, "SELECT COUNT(*) AS n FROM ledger_files"), i64::from(turn) + 2);
            assert_eq!(number(&mut connection, "SELECT COUNT(*) AS n FROM ledger_entries"), (i64::from(turn) + 2) * matched);
        }
        assert!(killed > 0, "no run was killed before its end");
    }
}

/// The spend of a report, told apart by how many files of `each` it must come from.
fn assert_whole(report: &Value, each: Expected, files: &[i64]) -> i64 {
    let rows = |count: i64| {
        let row = |line: &str, (entries, pence): (i64, i64)| json!({ "budget_line": line, "actual_pence": count * pence, "entries": count * entries });
        json!([row("direct_payments", each.direct_payments), row("overnight_respite", each.overnight_respite)])
    };
    *files.iter().find(|count| rows(**count) == report["rows"]).unwrap_or_else(|| panic!("half a snapshot: {report}"))
}

#[test]
fn a_killed_run_of_the_warehouse_leaves_the_last_snapshot_and_the_next_completes() {
    for backend in Backend::all() {
        let program = Program::on(backend);
        let folder = program.folder.path();
        let mapping = write_mapping(folder);
        let (first, each) = write_file(folder, "first", LINES);
        program.run(&import_arguments(&first, &mapping)).expect(0);
        let started = Instant::now();
        program.run(&["etl"]).expect(0);
        let usual = started.elapsed();
        let report = || program.run(&["report", "spend", "--year", "2023-24", "--group-by", "budget_line"]).expect(0).json();
        let mut served = report();
        let mut published = assert_whole(&served, each, &[1]);
        let mut killed = 0;
        for turn in 0..i64::from(KILLS) {
            let (file, _) = write_file(folder, &format!("turn-{turn}"), LINES);
            program.run(&import_arguments(&file, &mapping)).expect(0);
            let after = random_moment(usual);
            println!("{backend:?}: killed after {after:?} of about {usual:?}");
            let arguments = if turn % 2 == 0 { &["etl"][..] } else { &["etl", "--full"] };
            killed += u32::from(!kill_after(&program, arguments, after));
            let now = report();
            let loaded = turn + 2;
            if assert_whole(&now, each, &[published, loaded]) == published {
                assert_eq!(now, served, "the last snapshot is served as it was");
            }
            if turn % 3 == 2 {
                program.run(&["etl"]).expect(0);
                assert_whole(&report(), each, &[loaded]);
            }
            served = report();
            published = assert_whole(&served, each, &[published, loaded]);
        }
        program.run(&["etl"]).expect(0);
        assert_whole(&report(), each, &[i64::from(KILLS) + 1]);
        assert!(killed > 0, "no run was killed before its end");
        let unfinished = std::fs::read_dir(folder.join("data/warehouse")).unwrap().count();
        assert!(unfinished < 20, "what killed runs left behind is cleared away");
    }
}
