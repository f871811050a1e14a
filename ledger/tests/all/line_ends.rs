//! Line ends of any kind, and cells over several lines.

use crate::support::{HEADER, MAPPING, desks};
use ledger::FileStatus;
use ledger::ProblemCode::{QuotesMeanSomething, TooFewCells, UnclearLineEnd, UnclosedQuote};

/// Three lines of a file, two of them payments, and what may stand between them.
fn files() -> Vec<(String, &'static str)> {
    let (header, lines) = (HEADER.trim_end(), ["2024-04-01,10,A1,DP01,6401,X", "2024-04-02,20,A2,XX,1,Y", "2024-04-03,30,A3,DP01,6401,Z"]);
    let mut files = Vec::new();
    for ends in ["\n\n\n\n", "\r\r\r\r", "\r\r\r\n", "\n\r\n\r", "\r\n\n\r", "\n\n\r\n", "\n\n\n\r", "\n\n\n"] {
        let mut text = header.to_owned();
        let mut ends = ends.chars();
        for line in lines {
            text.extend(ends.next());
            text.push_str(line);
        }
        text.extend(ends);
        files.push((text, "one sign each"));
    }
    for (first, other) in [("\r\n", "\r"), ("\r", "\r\n"), ("\n", "\r\n"), ("\u{85}", "\u{85}"), ("\r\r\n", "\r\r\n")] {
        files.push((format!("{header}{first}{}{first}{}{other}{}{first}", lines[0], lines[1], lines[2]), "mixed"));
    }
    files
}

#[test]
fn no_line_is_lost_whatever_ends_it() {
    for desk in desks() {
        for (text, kind) in files() {
            let report = desk.take(&text);
            assert_eq!(report.problems, [], "{kind}: {text:?}");
            assert_eq!((report.by_budget_line[0].amount_pence.0, report.counts.matched, report.counts.kept_out), (4_000, 2, 1), "{text:?}");
        }
        assert_eq!(desk.ledger().1, 4_000, "they are the same lines");
    }
}

#[test]
fn a_payment_behind_another_sign_of_a_line_end_is_told() {
    for desk in desks() {
        for sign in ["\u{85}", "\u{2028}", "\u{c}", "\u{b}", "\u{1e}"] {
            let text = format!("{HEADER}2024-04-01,10,A1,XX,1,X{sign}2024-04-02,20,A2,DP01,6401,Y\n");
            desk.refuses(MAPPING, &text, &[UnclearLineEnd]);
            // In a cell it is no line end, and hides nothing.
            let text = format!("{HEADER}2024-04-01,10,A1,DP01,6401,X{sign}Y\n");
            assert_eq!(desk.take(&text).status, FileStatus::Loaded, "{sign:?}");
        }
    }
}

#[test]
fn a_carriage_return_within_a_cell_breaks_no_payment_in_silence() {
    let mapping = MAPPING.replace("test ledger", "payee in the middle");
    let header = "Date,Ref,Payee,Cost Centre,Account,Amount\n";
    for desk in desks() {
        let report = desk.take_with(&mapping, format!("{header}2024-04-01,700001,Smith\rLtd,DP01,6401,10\n"));
        assert_eq!((report.counts.lines_with_too_few_cells, report.counts.matched), (1, 0), "{report:?}");
        assert!(
            report.warnings[0].contains("fewer cells than the header") && report.warnings[0].contains("line 2"),
            "{:?}",
            report.warnings
        );
        desk.refuses(&mapping, "Cost Centre,Date,Ref,Payee,Account,Amount\nDP01,2024-04-01,700001,Smith\rLtd,6401,10\n", &[TooFewCells]);
    }
}

const NOTES: &str = "Cost Centre,Note,Account,Ref,Payee,Date,Amount\r\n\
    DP01,\"First line of a note\nsecond line of it\nHall, High Street, AB1 2CD\",6401,X1,Example Ltd,15/08/2024,900.00\r\n\
    DP01,Plain,6401,X2,Example Ltd,16/08/2024,50.00\r\n";

#[test]
fn a_cell_over_several_lines_is_one_cell() {
    for desk in desks() {
        for text in [NOTES.to_owned(), NOTES.replace("\r\n", "\n"), NOTES.replace("\r\n", "\r"), NOTES.replace("it\n", "it\r\n")] {
            let report = desk.take(&text);
            assert_eq!(report.problems, [], "{text:?}");
            assert_eq!((report.counts.matched, report.by_budget_line[0].amount_pence.0), (2, 95_000));
        }
        // A note as the last cell, and one that has a day in it.
        let last = "Date,Amount,Ref,Cost Centre,Account,Payee\n2024-04-01,10,A1,DP01,6401,\"Paid on\n02/04/2024\nor so, 20\"\n";
        assert_eq!(desk.take(last).status, FileStatus::Loaded);
    }
}

#[test]
fn no_advice_loses_a_line() {
    let literal = format!("quotes = \"none\"\n{}", MAPPING.replace("test ledger", "literal"));
    for desk in desks() {
        for text in [NOTES.to_owned(), NOTES.replace("\nHall,", " Hall,"), NOTES.replace("it\nHall", "it\n\n\nHall")] {
            let report = desk.refuses(&literal, &text, &[TooFewCells, QuotesMeanSomething]);
            assert!(report.problems[1].detail.contains("take quotes = \"none\" out"), "{:?}", report.problems);
        }
        // Where the marks mean nothing the advice is right, and a cell in marks is read without them.
        let stray =
            format!("{HEADER}2024-04-01,10,A1,XX,1,\"Smith\n2024-04-02,20,A2,\"DP01\",6401,5\" pipe\n2024-04-03,30,A3,DP01,6401,Bob\"\n");
        let report = desk.refuses(MAPPING, &stray, &[UnclosedQuote]);
        assert!(report.problems[0].detail.contains("quotes = \"none\""), "{:?}", report.problems);
        let report = desk.take_with(&literal, &stray);
        assert_eq!((report.counts.matched, report.by_budget_line[0].amount_pence.0), (2, 5_000), "{report:?}");
    }
}

#[test]
fn what_is_said_of_marks_is_so() {
    let whole = "01/04/2024,A1,XX,5,\"Fred";
    for desk in desks() {
        let long = "x\n".repeat(60);
        for (lines, said) in [
            (format!("2024-04-01,10,A1,XX,1,\"{long}\"\n"), "make one line of"),
            ("2024-04-01,10,A1,XX,1,\"open\nfor ever\n".to_owned(), "is never closed"),
            ("2024-04-01,10,A1,XX,1,\"Fred\nand \"Bob\n".to_owned(), "closed in the middle of a cell"),
            ("2024-04-01,10,A1,XX,1,\"Fred\n2024-04-02,20,A2,DP01,6401,Bob\"\n".to_owned(), "stands between them"),
            (format!("{whole}\n02/04/2024,A2\",DP01,6401,Bob,20\n"), "cells under 6 headers"),
        ] {
            let report = desk.refuses(MAPPING, format!("{HEADER}{lines}"), &[UnclosedQuote]);
            assert!(report.problems[0].detail.contains(said), "{said}: {:?}", report.problems);
        }
    }
}
