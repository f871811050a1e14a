//! What is refused, and that nothing of it stays.

use crate::support::{HEADER, MAPPING, desks};
use db::Actor;
use ledger::ProblemCode::*;
use ledger::{FileStatus, Input, Mapping, Mode};

#[test]
fn every_problem_of_a_file_is_told_with_its_line() {
    for desk in desks() {
        let text = format!(
            "{HEADER}2024-04-01,10,A1,DP01,6401,GOOD\n31/02/2024,10,A2,DP01,6401,SECRET PAYEE\n2024-04-01,ten,A3,DP01,6401,SECRET PAYEE\n\
             1890-04-01,10,A4,DP01,6401,SECRET PAYEE\n2024-04-01,1000000001,A5,DP01,6401,SECRET PAYEE\n,,A6,DP01,6401,SECRET PAYEE\n"
        );
        let codes = [UnreadableDate, UnreadableAmount, DateOutOfRange, AmountTooLarge, UnreadableDate, UnreadableAmount];
        let report = desk.refuses(MAPPING, text, &codes);
        let lines: Vec<_> = report.problems.iter().map(|problem| problem.line.expect("a line")).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7, 7]);
        assert_eq!(report.problems[0].column.as_deref(), Some("Date"));
        assert!(report.problems[0].detail.contains("31/02/2024") && report.problems[0].detail.contains("DD/MM/YYYY"));
        assert!(!format!("{report:?}").contains("SECRET"), "a payee was repeated");
        assert_eq!((report.counts.lines_read, report.counts.matched), (6, 6));
    }
}

#[test]
fn a_line_that_two_rules_pick_names_both() {
    for desk in desks() {
        let mapping =
            format!("{MAPPING}\n[[rules]]\nbudget_line = \"nursery\"\nwhen = [{{ column = \"Account\", matches = \"^64\\\\d\\\\d$\" }}]\n");
        let report = desk.refuses(&mapping, format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n"), &[TwoRules]);
        assert!(report.problems[0].detail.contains("rule 1 (direct_payments) and rule 3 (nursery)"), "{:?}", report.problems);
        let narrower = mapping.replace(
            "matches = \"^64\\\\d\\\\d$\" }]",
            "matches = \"^64\\\\d\\\\d$\" }]\nunless = [{ column = \"centre\", equals = \"dp01\" }]",
        );
        assert_ne!(narrower, mapping);
        assert_eq!(desk.take_with(&narrower, format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n")).status, FileStatus::Loaded);
    }
}

#[test]
fn fifty_problems_are_shown_and_the_rest_counted() {
    for desk in desks() {
        let mut text = HEADER.to_owned();
        (0..70).for_each(|_| text.push_str("never,10,A1,DP01,6401,X\n"));
        let report = desk.refuses(MAPPING, text, &[UnreadableDate; 50]);
        assert_eq!(report.problems_not_shown, 20);
    }
}

#[test]
fn a_missing_column_is_told_with_what_was_looked_for_and_what_was_found() {
    for desk in desks() {
        let report = desk.refuses(MAPPING, "Dated,Amount,Ref,Cost Centre\n2024-04-01,10,A1,DP01\n", &[MissingColumn, MissingColumn]);
        assert!(report.problems[0].detail.contains("“Date”, “Paid On”") && report.problems[0].detail.contains("“Dated”"));
        assert!(report.problems[1].detail.contains("Account"));
        let report = desk.refuses(MAPPING, "Date,Amount,Ref,Cost Centre,Account,AMOUNT\n", &[DuplicateColumn]);
        assert_eq!(report.problems[0].column.as_deref(), Some("Amount"));
        // No header at all: a payment is not repeated.
        let report = desk.refuses(MAPPING, "2024-04-01,10,A1,DP01,6401,SECRET PAYEE\n", &[MissingColumn; 4]);
        assert!(!format!("{report:?}").contains("SECRET"));
        desk.refuses(&format!("header_row = 2\n{MAPPING}"), HEADER, &[MissingColumn]);
    }
}

#[test]
fn files_that_are_no_ledger_are_refused_plainly() {
    for desk in desks() {
        desk.refuses(MAPPING, "", &[EmptyFile]);
        desk.refuses(MAPPING, "\n\n\r\n", &[EmptyFile]);
        desk.refuses(MAPPING, "\u{feff}", &[EmptyFile]);
        desk.refuses(MAPPING, b"\xff\xfeD\0a\0t\0e\0", &[UnreadableText]);
        desk.refuses(MAPPING, b"Date,Am\0ount", &[UnreadableText]);
        desk.refuses(MAPPING, b"PK\x03\x04 and nothing else", &[UnreadableWorkbook]);
        desk.refuses(MAPPING, b"\xd0\xcf\x11\xe0 and nothing else", &[UnreadableWorkbook]);
        let missing = Input::new(desk.folder.path().join("no such file.csv"));
        let folder = Input::new(desk.folder.path());
        for file in desk.import(MAPPING, &[missing, folder]).files {
            assert_eq!((file.problems[0].code, &file.sha256), (UnreadableFile, &None));
        }
        assert_eq!(desk.ledger().0, 0);
    }
}

#[test]
fn a_header_alone_is_a_month_without_payments() {
    for desk in desks() {
        assert_eq!((desk.take(HEADER).status, desk.ledger().0), (FileStatus::Loaded, 0));
    }
}

#[test]
fn shifted_cells_and_open_quotes_are_refused() {
    for desk in desks() {
        desk.refuses(MAPPING, format!("{HEADER}2024-04-01,10,A1,DP01,6401,Smith, Jones\n"), &[TooManyCells]);
        // In a line that no rule picks, a stray comma is nobody's business; empty cells at the end never are.
        assert_eq!(desk.take(format!("{HEADER}2024-04-01,10,A1,XX,1,Smith, Jones\n2024-04-01,10,A1,DP01,6401,X,,,\n")).counts.matched, 1);
        // Headers end with the last that says something, whatever empty cells trail it; a moved cell must not be read as an amount.
        let trailing = "Date,Cost Centre,Account,Payee,Ref,Amount,,\n";
        desk.refuses(MAPPING, format!("{trailing}01/04/2024,DP01,1,Smith, Jones,10023,5.00\n"), &[TooManyCells]);
        // A quotation mark that swallows lines could hide some that a rule would pick.
        let open = format!("{HEADER}2024-04-01,10,A1,XX,1,\"Smith\n2024-04-01,10,A2,DP01,6401,X\n");
        desk.refuses(MAPPING, &open, &[UnclosedQuote]);
        desk.refuses(MAPPING, format!("{HEADER}2024-04-01,\"10,A1,XX,1,S\n2024-04-01,10,A2,DP01,6401,X\n"), &[UnclosedQuote]);
        let literal = desk.take_with(&format!("quotes = \"none\"\n{MAPPING}"), &open);
        assert_eq!((literal.status, literal.counts.matched, literal.counts.kept_out), (FileStatus::Loaded, 1, 1));
    }
}

#[test]
fn stray_quotation_marks_that_would_swallow_a_payment_are_refused() {
    for desk in desks() {
        for lines in [
            // Two stray marks, in the last cell and before it.
            "2024-04-01,10,A1,XX,1,\"Fred\n2024-04-02,20,A2,DP01,6401,\"Bob\n",
            "2024-04-01,10,A1,XX,\"1,Fred\n2024-04-02,20,A2,DP01,\"6401\",Bob\n",
            // The second closes the first as if it were meant.
            "2024-04-01,10,A1,XX,1,\"Fred\n2024-04-02,20,A2,DP01,6401,Bob\"\n",
            "2024-04-01,10,A1,XX,1,\"Fred\n2024-04-02,20,A2,DP01,6401,X\n2024-04-03,30,A3,DP01,6401,\"\n",
        ] {
            desk.refuses(MAPPING, format!("{HEADER}{lines}"), &[UnclosedQuote]);
            desk.refuses(MAPPING, format!("{HEADER}{lines}").replace('\n', "\r\n"), &[UnclosedQuote]);
        }
        // Notes and page numbers over several lines hide nothing, and neither does a payee's address.
        let lines = [
            "2024-04-01,10,A1,DP01,6401,\"The \"\"Lodge\"\"\n1, High Street\n01/04/2024\"",
            "\"Page 1\nof 2\",,",
            "",
            "\"Notes:\nexcludes payments under £500\"",
        ];
        let harmless = format!("{HEADER}{}\n", lines.join("\n"));
        let report = desk.take(harmless);
        assert_eq!((report.status, report.counts.matched, report.counts.kept_out, report.counts.blank), (FileStatus::Loaded, 1, 2, 1));
    }
}

#[test]
fn an_endless_line_is_refused_without_being_held() {
    for desk in desks() {
        let mut text = format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n\"").into_bytes();
        text.resize(4 << 20, b'x');
        let report = desk.refuses(MAPPING, text, &[LineTooLong]);
        assert!(report.sha256.is_some(), "it is hashed to its end all the same");
        assert_eq!(report.problems[0].line, Some(3));
    }
}

#[test]
fn a_strict_encoding_and_a_strange_reference_are_refused() {
    for desk in desks() {
        let strict = format!("encoding = \"utf-8\"\n{MAPPING}");
        desk.refuses(&strict, [HEADER.as_bytes(), b"2024-04-01,10,A1,DP01,6401,CAF\xc9\n"].concat(), &[UnreadableText]);
        assert_eq!(desk.take_with(&strict, [HEADER.as_bytes(), b"2024-04-01,10,A1,XX,6401,CAF\xc9\n"].concat()).counts.kept_out, 1);
        desk.refuses(MAPPING, format!("{HEADER}2024-04-01,10,{},DP01,6401,X\n", "A".repeat(101)), &[ReferenceTooLong]);
        let named = format!("identity = [\"Ref\"]\n{MAPPING}");
        desk.refuses(&named, format!("{HEADER}2024-04-01,10,,DP01,6401,X\n"), &[NothingIdentifiesLine]);
    }
}

#[test]
fn a_line_that_the_ledger_has_otherwise_is_not_passed_over() {
    for desk in desks() {
        let text = format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n");
        desk.take(&text);
        let report = desk.refuses(&MAPPING.replace("\"direct_payments\"", "\"home_care\""), &text, &[Recoded]);
        assert!(report.problems[0].detail.contains("under direct_payments") && report.problems[0].detail.contains("under home_care"));
        assert_eq!(report.problems[0].line, Some(2));
        let by_reference = format!("identity = [\"Ref\"]\n{MAPPING}").replace("test ledger", "by reference");
        // The very same file under another source would be refused.
        assert_eq!(desk.take_with(&by_reference, format!("{text}\n")).status, FileStatus::Loaded);
        desk.refuses(&by_reference, format!("{HEADER}2024-04-01,11,A1,DP01,6401,X\n"), &[Changed]);
        // Another mapping of the same coding, with a remark added, finds everything present.
        let report = desk.take_with(&format!("# a remark\n{MAPPING}"), &text);
        assert_eq!((report.status, report.counts.already_present), (FileStatus::Loaded, 1));
    }
}

#[test]
fn codes_that_the_store_does_not_have_stop_an_import_before_it_begins() {
    for desk in desks() {
        let mapping = MAPPING.replace("\"direct_payments\"", "\"direct_paymnets\"")
            + "[[providers]]\nprovider = \"nobody\"\nwhen = [{ column = \"Payee\", equals = \"X\" }]\n";
        let mapping = Mapping::parse(&mapping).expect("well formed");
        let file = desk.file("a.csv", HEADER);
        let error = ledger::import(&desk.store, &Actor::system("test"), &mapping, &[file], Mode::Load, &mut |_| {}).expect_err("two codes");
        let ledger::Error::Mapping(bad) = error else { panic!("{error}") };
        assert_eq!(bad.0.len(), 2, "{bad}");
        assert!(bad.0[0].contains("direct_paymnets") && bad.0[0].contains("nursery") && bad.0[1].contains("nobody"));
    }
}
