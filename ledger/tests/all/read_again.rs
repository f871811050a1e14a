//! A file that was loaded and is read otherwise now, and amounts, days and numbers that are not what they look like.

use crate::support::books::{book, rows};
use crate::support::{Desk, HEADER, MAPPING, desks};
use db::schema::ledger_entries;
use diesel::prelude::*;
use ledger::FileStatus;
use ledger::ProblemCode::{LoadedOtherwise, SeveralSheets, UnreadableDate};
use test_databases::Backend;

const GL: &str = "source = \"GL\"\n[columns]\ndate = \"Date\"\namount = \"Gross\"\n[[rules]]\nbudget_line = \"direct_payments\"\nwhen = [{ column = \"Code\", equals = \"CWD10\" }]\n";
const FILE: &str = "Date,Code,Gross,Net\n02/04/2024,CWD10,120.00,100.00\n03/05/2024,XX,1.00,1.00\n";

fn entries(desk: &Desk) -> Vec<String> {
    let mut connection = desk.store.connection().expect("a connection");
    ledger_entries::table.filter(ledger_entries::file_id.is_not_null()).select(ledger_entries::id).load(&mut *connection).expect("entries")
}

#[test]
fn a_mapping_put_right_does_not_double_the_file() {
    for (first, then) in [
        (GL.to_owned(), GL.replace("Gross", "Net")),
        (format!("date_formats = \"MM/DD/YYYY\"\n{GL}"), GL.to_owned()),
        (GL.to_owned(), GL.replace("\"GL\"", "\"gl\"")),
        (GL.to_owned(), format!("identity = [\"date\", \"Code\"]\n{GL}")),
        (GL.to_owned(), format!("amount_sign = \"reversed\"\n{}", GL.replace("\"GL\"", "\"reversed\""))),
    ] {
        for desk in desks() {
            assert_eq!(desk.take_with(&first, FILE).status, FileStatus::Loaded);
            let report = desk.refuses(&then, FILE, &[LoadedOtherwise]);
            assert_eq!(report.problems[0].line, Some(2));
            assert!(report.problems[0].detail.contains("reverse the entries"), "{:?}", report.problems);
            let entry = entries(&desk).remove(0);
            // Recoded, it counts still; taken back, the file is read anew.
            let replacement = desk.correct(&entry, Some("home_care"));
            desk.refuses(&then, FILE, &[LoadedOtherwise]);
            desk.correct(&replacement, None);
            assert_eq!(desk.take_with(&then, FILE).status, FileStatus::Loaded, "{:?}", desk.backend);
            assert_eq!(entries(&desk).len(), 2);
        }
    }
}

#[test]
fn what_was_taken_back_and_counts_again_is_in_the_ledger() {
    for desk in desks() {
        desk.take_with(GL, FILE);
        let reversal = desk.correct(&entries(&desk)[0], None);
        let again = desk.correct(&reversal, None);
        desk.refuses(&GL.replace("Gross", "Net"), FILE, &[LoadedOtherwise]);
        // And taken back once more, it counts no longer.
        desk.correct(&again, None);
        assert_eq!(desk.take_with(&GL.replace("Gross", "Net"), FILE).status, FileStatus::Loaded, "{:?}", desk.backend);
    }
}

#[test]
fn a_rule_added_to_the_mapping_loads_what_it_picks_alone() {
    for desk in desks() {
        desk.take_with(GL, FILE);
        let more = GL.replace("equals = \"CWD10\"", "one_of = [\"CWD10\", \"XX\"]");
        let report = desk.take_with(&more, FILE);
        assert_eq!((report.status, report.counts.already_present, desk.ledger().0), (FileStatus::Loaded, 1, 2), "{:?}", report.problems);
    }
}

#[test]
fn a_sheet_that_repeats_another_with_a_column_more_is_told() {
    let all: &[&[&str]] = &[&["Date", "Code", "Gross"], &["02/04/2024", "CWD10", "100"], &["03/04/2024", "CWD10", "250"]];
    let again: &[&[&str]] =
        &[&["Date", "Code", "Gross", "Notes"], &["02/04/2024", "CWD10", "100", "checked"], &["03/04/2024", "CWD10", "250", "checked"]];
    let twice = book([rows("All", all), rows("CWD only", again)]);
    let one_of_two = book([rows("All", all), rows("May", &[again[0], again[1], &["04/05/2024", "CWD10", "7"]])]);
    for desk in desks() {
        for book in [&twice, &one_of_two] {
            desk.refuses(GL, book, &[SeveralSheets]);
        }
        let report = desk.take_with(&format!("sheet = [\"All\", \"CWD only\"]\n{GL}"), &twice);
        assert_eq!((report.status, desk.ledger().1), (FileStatus::Loaded, 70_000));
        assert!(
            report.warnings.iter().any(|warning| warning.contains("All (2 lines, £350.00), CWD only (2 lines, £350.00)")),
            "{:?}",
            report.warnings
        );
    }
    // Payments without a number may agree by chance.
    let march: &[&[&str]] = &[
        &["Date", "Code", "Gross", "Notes"],
        &["02/04/2024", "CWD10", "100", "x"],
        &["05/04/2024", "CWD10", "1", ""],
        &["06/04/2024", "CWD10", "2", ""],
    ];
    let chance = book([rows("A", march), rows("B", &[all[0], all[1], &["07/04/2024", "CWD10", "3"], &["08/04/2024", "CWD10", "4"]])]);
    for desk in desks() {
        let report = desk.take_with(GL, &chance);
        assert_eq!(report.status, FileStatus::Loaded, "{:?}", report.problems);
        assert!(report.warnings.iter().any(|warning| warning.starts_with("lines of 2 sheets count together")), "{:?}", report.warnings);
    }
}

#[test]
fn date_formats_put_right_repeat_the_lines_of_other_files() {
    let named = format!("date_formats = [\"DD/MM/YYYY\"]\n{MAPPING}");
    let line = |payee: &str| format!("{HEADER}02/05/2024,10,A1,DP01,6401,{payee}\n");
    for desk in desks() {
        desk.take_with(&named, line("2024/05/01"));
        let report = desk.take_with(MAPPING, line("2024/05/01 "));
        assert_eq!((report.counts.already_present, desk.ledger().0), (1, 1), "{:?}", desk.backend);
    }
}

/// Gives the only entry the identity that earlier versions gave a line of this day, amount and reference.
fn as_earlier(desk: &Desk, day: &str, pence: &str, reference: &str) {
    use sha2::{Digest, Sha256};
    let mut digest = Sha256::new();
    for part in ["1", reference, "2", day, "3", pence] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let hash: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut connection = desk.store.connection().expect("a connection");
    let guard = match desk.backend {
        Backend::Sqlite => "DROP TRIGGER ledger_entries_no_update",
        Backend::Postgres => "DROP TRIGGER ledger_entries_append_only ON ledger_entries",
    };
    diesel::sql_query(guard).execute(&mut *connection).expect("a ledger that may be changed");
    diesel::update(ledger_entries::table).set(ledger_entries::line_hash.eq(hash)).execute(&mut *connection).expect("an entry");
}

#[test]
fn lines_of_an_earlier_version_are_known() {
    let line = |reference: &str, payee: &str| format!("{HEADER}2024-05-02,10,{reference},DP01,6401,{payee}\n");
    let mapping = format!("identity = [\"reference\", \"date\", \"amount\"]\n{MAPPING}");
    for desk in desks() {
        desk.take_with(&mapping, line("12DR", "X"));
        // Then `12DR` and `12` were one number, in hundredths.
        as_earlier(&desk, "2024-05-02", "1000", "1200");
        let report = desk.take_with(&mapping, line("12DR", "Y"));
        assert_eq!((report.counts.already_present, desk.ledger().0), (1, 1), "{:?}", desk.backend);
        // A second of them is another payment.
        let report = desk.take_with(&mapping, format!("{}2024-05-02,10,12,DP01,6401,Z\n", line("12DR", "Z")));
        assert_eq!((report.counts.already_present, desk.ledger().0), (1, 2), "{:?}", desk.backend);
    }
    for desk in desks() {
        for reference in ["12DR", "12", "120000", "12E4", "GBP120000"] {
            desk.take_with(&mapping, line(reference, "X"));
        }
        assert_eq!(desk.ledger().0, 5, "{:?}: what no earlier version loaded stays apart", desk.backend);
    }
}

#[test]
fn a_year_to_date_file_that_was_edited_is_told() {
    for desk in desks() {
        let line = |month: u32, payee: &str| format!("2024-{month:02}-02,10,A{month},DP01,6401,{payee}\n");
        let first: String = (1..4).map(|month| line(month, "X")).collect();
        let to_date: String = (1..4).map(|month| line(month, "Y")).chain((4..13).map(|month| line(month, "Y"))).collect();
        desk.take(format!("{HEADER}{first}"));
        let report = desk.take(format!("{HEADER}{to_date}"));
        assert_eq!(report.counts.look_alike, 3);
        assert!(report.warnings.iter().any(|warning| warning.contains("loaded before in another form")), "{:?}", report.warnings);
        // The next month's alone look like nothing.
        let report = desk.take(format!("{HEADER}2025-01-02,10,A1,DP01,6401,X\n"));
        assert_eq!((report.counts.look_alike, report.warnings.len()), (0, 0));
    }
}

#[test]
fn an_amount_that_was_cut_and_one_that_was_rounded_are_told() {
    for desk in desks() {
        let report = desk.take(format!("{HEADER}2024-04-03,1.23E+03,A1,DP01,6401,X\n2024-04-03,1.2E+3,A2,DP01,6401,X\n"));
        assert_eq!(report.counts.lines_with_lost_digits, 1);
        assert!(report.warnings.iter().any(|warning| warning.contains("(line 2): an amount may have lost pence")), "{:?}", report.warnings);
        let report = desk.take(format!("{HEADER}2024-04-03,10.005,A1,DP01,6401,X\n2024-04-03,599.9600000000001,A2,DP01,6401,X\n"));
        assert_eq!(report.counts.rounded, 2);
        assert!(
            report.warnings.iter().any(|warning| warning.starts_with("1 picked amounts have more digits than pence")),
            "{:?}",
            report.warnings
        );
    }
}

#[test]
fn a_credit_that_is_marked_as_one_is_a_credit() {
    let two = GL.replace("amount = \"Gross\"", "debit = \"Debit\"\ncredit = \"Credit\"");
    for desk in desks() {
        for (debit, credit, pence, is_told) in [
            ("", "40.00", -4_000, false),
            ("", "40.00 CR", -4_000, false),
            ("", "40.00cr", -4_000, false),
            ("40.00 DR", "", 4_000, false),
            ("40.00 CR", "", -4_000, false),
            ("", "(40.00)", 4_000, true),
            ("", "-40.00", 4_000, true),
        ] {
            let mapping = two.replace("\"GL\"", &format!("\"{debit} {credit} of it\""));
            let report = desk.take_with(&mapping, format!("Date,Debit,Credit,Code\n02/04/2024,{debit},{credit},CWD10\n"));
            assert_eq!(report.by_budget_line[0].amount_pence.0, pence, "{debit} {credit}");
            let has_word = report.warnings.iter().any(|warning| warning.contains("a minus or brackets"));
            assert_eq!(has_word, is_told, "{:?}", report.warnings);
        }
    }
}

#[test]
fn old_days_are_told() {
    for desk in desks() {
        let report = desk.take(format!("{HEADER}24-04-05,10,A1,DP01,6401,X\n2024-04-05,10,A2,DP01,6401,X\n"));
        assert_eq!((report.counts.past_dated, report.counts.matched), (1, 2));
        assert!(
            report.warnings.iter().any(|warning| warning.starts_with("1 lines are posted more than ten years ago")),
            "{:?}",
            report.warnings
        );
        let six = format!("date_formats = \"DDMMYY\"\n{}", MAPPING.replace("test ledger", "six"));
        desk.refuses(&six, format!("{HEADER}40424,10,A1,DP01,6401,X\n"), &[UnreadableDate]);
    }
}

#[test]
fn a_reference_that_stands_twice_is_told() {
    for desk in desks() {
        let report = desk.take("Date,Amount,Ref,Cost Centre,Account,Ref\n2024-04-05,10,A2,DP01,6401,B2\n");
        assert_eq!(report.status, FileStatus::Loaded);
        assert!(report.warnings[0].contains("“Ref” is not read: columns 3 and 6"), "{:?}", report.warnings);
    }
}
