//! What is taken, and that it is taken once.

use crate::support::{HEADER, MAPPING, desks, example_mapping, real_files};
use ledger::{FileStatus, Input, Mode, ProblemCode};

#[test]
fn a_file_is_loaded_and_counted() {
    for desk in desks() {
        let text = format!(
            "{HEADER}01/04/2024,\"£1,000.50\",A1,DP01,6401,SOMEBODY\n\
             2024-04-02 00:00:00,599.9600000000001,A2, on12 ,6402,A HOME\n\
             ,,,,,\n\nnot a date,not an amount,A3,XX,6401,ANYONE\n\
             Total,1600.46,,,,\n"
        );
        let report = desk.take(text);
        assert_eq!(report.problems, [], "{:?}", desk.backend);
        assert_eq!(report.status, FileStatus::Loaded);
        let counts = report.counts;
        assert_eq!((counts.lines_read, counts.blank, counts.matched, counts.kept_out, counts.rounded), (6, 2, 2, 2, 1));
        let lines: Vec<_> = report.by_budget_line.iter().map(|line| (line.budget_line.as_str(), line.lines, line.amount_pence.0)).collect();
        assert_eq!(lines, [("direct_payments", 1, 100_050), ("overnight_respite", 1, 59_996)]);
        assert_eq!(desk.ledger().0, 2);
        assert_eq!(desk.ledger().1, 160_046);
    }
}

#[test]
fn the_same_file_again_changes_nothing_at_all() {
    for desk in desks() {
        let file = desk.file("april.csv", format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n"));
        desk.import(MAPPING, std::slice::from_ref(&file));
        let before = desk.ledger();
        let report = desk.import(MAPPING, &[file]).files.remove(0);
        assert_eq!((report.status, report.counts.already_present), (FileStatus::AlreadyLoaded, 1));
        assert_eq!(desk.ledger(), before, "{:?}", desk.backend);
    }
}

#[test]
fn a_file_that_repeats_lines_adds_only_the_new_ones() {
    for desk in desks() {
        desk.take(format!("{HEADER}2024-04-01,1000,A1,DP01,6401,X\n2024-04-02,20,A2,DP01,6401,Y\n"));
        // Other bytes: line ends, order of lines and columns, spelling of dates and amounts, quotation marks, an empty column.
        let again = "Payee,Ref,Cost Centre,Account,Paid On,Net Amount (£),Notes\r\n\
            Y,A2,DP01,6401,02/04/2024,20.00,\r\nZ,A3,DP01,6401,03/04/2024,30,\r\n\"X\",A1,DP01, 6401 ,01/04/2024 00:00,\"£1,000.00\",\r\n";
        let report = desk.take(again);
        assert_eq!((report.status, report.counts.matched, report.counts.already_present), (FileStatus::Loaded, 3, 2), "{:?}", desk.backend);
        assert_eq!((desk.ledger().0, desk.ledger().1), (3, 105_000));
    }
}

#[test]
fn equal_lines_of_one_file_are_all_kept_and_repeated_ones_never_added() {
    for desk in desks() {
        let line = "2024-04-01,10,A1,DP01,6401,X\n";
        assert_eq!(desk.take(format!("{HEADER}{line}{line}")).counts.already_present, 0);
        assert_eq!(desk.ledger().0, 2, "{:?}: two equal lines are two payments", desk.backend);
        assert_eq!(desk.take(format!("{HEADER}{line}2024-05-01,5,B1,DP01,6401,Y\n{line}")).counts.already_present, 2);
        assert_eq!(desk.ledger().0, 3);
        assert_eq!(desk.take(format!("{HEADER}{line}{line}{line}")).counts.already_present, 2);
        assert_eq!(desk.ledger().0, 4, "the third of three is new");
        assert_eq!(desk.take(format!("{HEADER}{line}")).counts.already_present, 1);
        assert_eq!(desk.ledger().0, 4);
    }
}

#[test]
fn lines_are_the_same_only_within_one_ledger() {
    for desk in desks() {
        let text = format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n");
        desk.take(&text);
        // Other bytes: the very same file is refused, as a source written otherwise would double it.
        let other = MAPPING.replace("test ledger", "another ledger");
        desk.refuses(&other, &text, &[ProblemCode::LoadedOtherwise]);
        desk.take_with(&other, format!("{text}\n"));
        assert_eq!(desk.ledger().0, 2);
    }
}

#[test]
fn what_identifies_a_line_can_be_said() {
    for desk in desks() {
        let mapping = format!("identity = [\"reference\", \"amount\"]\n{MAPPING}");
        desk.take_with(&mapping, format!("{HEADER}2024-04-01,10,A1,DP01,6401,SOMEBODY\n"));
        let redacted = desk.take_with(&mapping, format!("{HEADER}2024-04-01,10.00,A1,DP01,6401,REDACTED\n"));
        assert_eq!(redacted.counts.already_present, 1);
        assert_eq!(desk.ledger().0, 1);
    }
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    for desk in desks() {
        desk.take(format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n"));
        let before = desk.ledger();
        let files = [
            desk.file("a.csv", format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n2024-04-02,20,A2,DP01,6401,X\n")),
            desk.file("b.csv", format!("{HEADER}2024-04-02,20,A2,DP01,6401,X\n2024-04-03,nothing,A3,DP01,6401,X\n")),
            desk.file("c.csv", format!("{HEADER}2024-04-02,20,A2,DP01,6401,X\n2024-04-03,30,A3,DP01,6401,X\n")),
        ];
        let files = [files[0].clone(), files[1].clone(), files[2].clone(), files[0].clone()];
        let foreseen = desk.run(MAPPING, &files, Mode::DryRun);
        assert_eq!(desk.ledger(), before);
        let mut loaded = desk.run(MAPPING, &files, Mode::Load);
        assert!(loaded.files[0].file_id.is_some() && loaded.files[0].file_id == loaded.files[3].file_id, "{loaded:#?}");
        loaded.files.iter_mut().for_each(|file| file.file_id = None);
        assert_eq!(foreseen, loaded, "{:?}", desk.backend);
        let statuses: Vec<_> = loaded.files.iter().map(|file| file.status).collect();
        use FileStatus::{AlreadyLoaded, Loaded, Refused};
        assert_eq!(statuses, [Loaded, Refused, Loaded, AlreadyLoaded]);
        assert_eq!((desk.ledger().0, loaded.total.files_refused), (3, 1));
    }
}

#[test]
fn a_provider_is_recognised_and_the_payee_forgotten() {
    use db::schema::{ledger_entries, ledger_files};
    use diesel::prelude::*;
    for desk in desks() {
        desk.provider("the_lodge");
        let mapping =
            format!("{MAPPING}\n[[providers]]\nprovider = \"the_lodge\"\nwhen = [{{ column = \"Payee\", contains = \"lodge\" }}]\n");
        desk.take_with(&mapping, format!("{HEADER}2024-04-01,10,A1,DP01,6401,The LODGE Ltd\n2024-04-01,10,A2,DP01,6401,Else\n"));
        let mut connection = desk.store.connection().expect("a connection");
        let entries: Vec<(Option<String>, Option<String>)> = ledger_entries::table
            .select((ledger_entries::provider_id, ledger_entries::reference))
            .order(ledger_entries::line_number)
            .load(&mut *connection)
            .expect("entries");
        assert_eq!(entries, [(Some("p1".to_owned()), Some("A1".to_owned())), (None, Some("A2".to_owned()))]);
        let file: String = ledger_files::table.select(ledger_files::file_name).first(&mut *connection).expect("a file");
        assert_eq!(file, "file.csv");
    }
}

#[test]
fn memory_and_batches_do_not_limit_a_file() {
    for desk in desks() {
        let mut text = HEADER.to_owned();
        for number in 0..2500 {
            text.push_str(&format!("2024-04-01,1,A{},DP01,6401,X\n", number / 2));
        }
        assert_eq!(desk.take(&text).counts.matched, 2500);
        assert_eq!(desk.ledger().0, 2500);
        text.push_str("2024-04-01,1,NEW,DP01,6401,X\n");
        assert_eq!(desk.take(&text).counts.already_present, 2500);
        assert_eq!(desk.ledger().0, 2501);
    }
}

#[test]
fn a_store_that_fails_part_way_leaves_the_report_of_what_is_loaded() {
    use diesel::connection::SimpleConnection;
    for desk in desks() {
        let text = format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n");
        let files = ["a.csv", "b.csv", "c.csv"].map(|name| desk.file(name, text.replace("A1", name)));
        let mapping = ledger::Mapping::parse(MAPPING).expect("a mapping");
        let (mut read, mut settled) = (0, Vec::new());
        let mut fail_at_the_second = |bytes: u64| {
            let is_second = |read: u64| read > text.len() as u64 * 3 / 2;
            let was_second = is_second(read);
            read += bytes;
            if !was_second && is_second(read) {
                let mut connection = desk.store.connection().expect("a connection");
                connection.batch_execute("ALTER TABLE ledger_files RENAME TO gone").expect("a failure to come");
            }
        };
        let actor = db::Actor::system("test");
        let imported = ledger::import_each(&desk.store, &actor, &mapping, &files, Mode::Load, &mut fail_at_the_second, &mut settled);
        assert!(matches!(imported, Err(ledger::Error::Store(_))), "{:?}: {imported:?}", desk.backend);
        let report = ledger::ImportReport::of_stopped(settled, files[1..].iter().map(|file| file.name().to_owned()));
        let told: Vec<_> = report.files.iter().map(|file| (file.file.as_str(), file.status)).collect();
        assert_eq!(told, [("a.csv", FileStatus::Loaded), ("b.csv", FileStatus::Refused), ("c.csv", FileStatus::Refused)]);
        assert_eq!(report.files[1].problems[0].code, ledger::ProblemCode::StoreFailed);
    }
}

fn real(folder: &str, mapping: &str, lines: i64, expected: &[(&str, i64, i64)]) {
    let Some(files) = real_files(folder) else { return };
    let inputs: Vec<Input> = files.into_iter().map(Input::new).collect();
    for desk in desks() {
        let mapping = example_mapping(mapping);
        let report = desk.import(&mapping, &inputs);
        let found: Vec<_> =
            report.total.by_budget_line.iter().map(|line| (line.budget_line.as_str(), line.lines, line.amount_pence.0)).collect();
        assert_eq!((report.total.counts.lines_read, found.as_slice(), report.has_refusals()), (lines, expected, false));
        let entries: i64 = expected.iter().map(|line| line.1).sum();
        assert_eq!((desk.ledger().0, desk.ledger().1), (entries, expected.iter().map(|line| line.2).sum()));
        let again = desk.import(&mapping, &inputs);
        assert!(again.files.iter().all(|file| file.status == FileStatus::AlreadyLoaded));
        assert_eq!(desk.ledger().0, entries, "{:?}", desk.backend);
    }
}

#[test]
fn devon_adds_up() {
    real("devon", "devon.toml", 141_524, &[("direct_payments", 252, 199_199_472), ("overnight_respite", 143, 49_377_847)]);
}

#[test]
fn sheffield_adds_up() {
    let expected = [
        ("community_short_breaks", 475, 18_906_275),
        ("direct_payments", 1254, 104_717_612),
        ("nursery", 58, 6_373_437),
        ("targeted_outreach", 287, 60_375_616),
    ];
    real("sheffield", "sheffield.toml", 84_873, &expected);
}

#[test]
fn the_made_up_council_adds_up() {
    let file = Input::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/ledger/april-2024.csv"));
    for desk in desks() {
        let report = desk.import(&example_mapping("example.toml"), std::slice::from_ref(&file)).files.remove(0);
        assert_eq!(report.problems, []);
        let lines: Vec<_> = report.by_budget_line.iter().map(|line| (line.budget_line.as_str(), line.lines, line.amount_pence.0)).collect();
        let expected = [("community_short_breaks", 1, 64_000), ("direct_payments", 2, 240_960), ("overnight_respite", 2, 210_000)];
        assert_eq!(lines, expected);
        assert_eq!((report.counts.lines_read, report.counts.blank, report.counts.kept_out, report.counts.rounded), (9, 1, 3, 1));
    }
}
