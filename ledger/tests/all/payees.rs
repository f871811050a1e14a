//! A payee is never repeated in a message, wherever a moved cell has put it.

use crate::support::books::{book, rows};
use crate::support::{Desk, HEADER, MAPPING, desks};
use ledger::ProblemCode::TooFewCells;
use ledger::{BadMapping, FileReport, Mapping};

/// Says nothing of the name; what it says.
fn silent(report: &FileReport) -> String {
    let said = format!("{:?} {:?}", report.problems, report.warnings);
    assert!(!report.problems.is_empty(), "nothing was refused");
    for part in ["Ann", "Example", "ANN", "Fitzgerald"] {
        assert!(!said.contains(part), "a payee was repeated: {said}");
    }
    said
}

fn of(desk: &Desk, text: &str) -> String {
    silent(&desk.take(text))
}

#[test]
fn not_where_a_cell_has_moved() {
    for desk in desks() {
        for line in [
            "Ann Example,10,A1,DP01,6401,X",
            "2024-04-01,Ann Example,A1,DP01,6401,X",
            "2024-04-01 Ann Example,10,A1,DP01,6401,X",
            "Ann Example 2024-04-01,10 Fitzgerald,A1,DP01,6401,X",
            "2024-04-01,\"10, Ann Example\",A1,DP01,6401,X",
            "2024-04-01,=Ann,A1,DP01,6401,X",
            "2024-04-01,10,A1,DP01,6401,Ann,Example",
            "2024-04-01 A1,10 Ann,X,DP01",
            "May Example,10,A1,DP01,6401,X",
        ] {
            of(&desk, &format!("{HEADER}{line}\n"));
        }
        // What is no name is shown.
        assert!(of(&desk, &format!("{HEADER}31/02/2024,#N/A,A1,DP01,6401,Ann\n")).contains("31/02/2024"));
    }
}

#[test]
fn not_in_what_is_said_of_a_header() {
    for desk in desks() {
        for text in [
            // No header, with and without anything that looks like a payment.
            "Code,Ann Example,DP01,Fitzgerald\nAnn Example,DP01,Ref,Fitzgerald\n",
            "6401,Direct payment,02/04/2024 700002,100.00,Ann Example\n",
            // The header and the first line in one.
            "Date,Amount,Ref,Cost CentreAnn Example,DP01,Ann\n",
            "Date,Ann Example,Amount,Ref\n2024-04-01,Ann Example,10,A1\n",
        ] {
            assert!(of(&desk, text).contains("may name somebody"), "{text}");
        }
        of(&desk, &format!("{HEADER}2024-04-01,10,A1,DP01,6401,Ann Example\n").replace("Date", "Day of Ann"));
        let named = format!("header_row = 2\n{MAPPING}");
        silent(&desk.take_with(&named, format!("{HEADER}2024-04-01,10,A1,DP01,6401,Ann Example\n")));
        silent(&desk.take(book([rows("April", &[&["Ann Example", "Date", "Fitzgerald"], &["Ann Example", "2024-04-01", "10"]])])));
    }
}

#[test]
fn a_line_that_is_too_short_is_told_as_such() {
    let mapping = MAPPING
        .replace("equals = \"DP01\"", "starts_with = \"64\"")
        .replace("\"Cost Centre\"", "\"Code\"")
        .replace("column = \"Account\"", "column = \"centre\"");
    for desk in desks() {
        let text = "Code,Expense Type,Date,Ref,Amount,Supplier Name\n6401,Direct payment,02/04/2024,700001,100.00,Ann Example\n\
                    6401,Direct payment,02/04/2024 700002,100.00,Ann Example\n";
        let report = desk.refuses(&mapping, text, &[TooFewCells]);
        assert!(report.problems[0].line == Some(3) && silent(&report).contains("5 cells under 6 headers"), "{report:?}");
    }
}

#[test]
fn not_from_the_mapping_either() {
    for broken in
        [MAPPING.replace("equals = \"DP01\"", "equals = \"Ann Example"), MAPPING.replace("equals = \"DP01\"", "matches = \"(Ann Example\"")]
    {
        let Err(BadMapping(problems)) = Mapping::parse(&broken) else { panic!("it is broken") };
        assert!(!problems.concat().contains("Ann"), "{problems:?}");
    }
}
