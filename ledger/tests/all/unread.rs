//! Cells that do not hold what a person sees: merged cells, error values, formulas without a result, marks that cannot be seen.

use crate::support::books::{book, rows, with_part};
use crate::support::{Desk, HEADER, MAPPING, desks};
use ledger::ProblemCode::{DuplicateColumn, UnreadableAmount, UnreadableDate};
use ledger::{FileReport, FileStatus};
use rust_xlsxwriter::{Format, Worksheet};

const HEADERS: &[&str] = &["Date", "Amount", "Ref", "Cost Centre", "Account", "Payee"];

/// A sheet of these lines under the header, of which cells are merged: first row and column, last row and column, from 0.
fn merged(lines: &[&[&str]], merged: &[(u32, u16, u32, u16)]) -> Worksheet {
    let mut all = vec![HEADERS];
    all.extend(lines);
    let mut sheet = rows("April", &all);
    for (first_row, first, last_row, last) in merged {
        let text = all[*first_row as usize].get(*first as usize).copied().unwrap_or_default();
        sheet.merge_range(*first_row, *first, *last_row, *last, text, &Format::new()).expect("merged cells");
    }
    sheet
}

fn sum(report: &FileReport) -> i64 {
    report.by_budget_line.iter().map(|line| line.amount_pence.0).sum()
}

fn taken(desk: &Desk, sheet: Worksheet) -> FileReport {
    let report = desk.take(book([sheet]));
    assert_eq!((report.status, report.problems.as_slice()), (FileStatus::Loaded, [].as_slice()), "{:?}", desk.backend);
    report
}

#[test]
fn a_code_that_is_merged_over_several_payments_is_each_one_s() {
    let lines: &[&[&str]] =
        &[&["2024-04-01", "100", "A1", "DP01"], &["2024-04-02", "200", "A2"], &["2024-04-03", "400", "A3"], &["2024-04-04", "800", "A4"]];
    for desk in desks() {
        let report = taken(&desk, merged(lines, &[(1, 3, 3, 3)]));
        assert_eq!((sum(&report), report.counts.matched, report.counts.kept_out), (70_000, 3, 1));
        // A day that is merged is each one's too, and so is a code on a row of another merged cell.
        let lines: &[&[&str]] = &[&["2024-05-01", "100", "B1", "ON1", "6401"], &["", "200", "B2", "", ""], &["", "400", "B3", "", "6402"]];
        let report = taken(&desk, merged(lines, &[(1, 0, 3, 0), (1, 3, 3, 3), (1, 4, 2, 4)]));
        assert_eq!((sum(&report), report.counts.matched), (70_000, 3));
    }
}

#[test]
fn an_amount_that_is_merged_over_several_lines_is_not_each_one_s() {
    let lines: &[&[&str]] = &[&["2024-04-01", "100", "A1", "DP01"], &["2024-04-02", "", "A2", "DP01"]];
    // One payment on two rows of the sheet, all of it merged but the payee's address.
    let tall: &[&[&str]] = &[&["2024-04-01", "100", "A1", "DP01", "6401", "X"], &["", "", "", "", "", "in Town"]];
    for desk in desks() {
        let report = desk.refuses(MAPPING, book([merged(lines, &[(1, 1, 2, 1)])]), &[UnreadableAmount]);
        assert!(
            report.problems[0].line == Some(3) && report.problems[0].detail.contains("merged with that of line 2"),
            "{:?}",
            report.problems
        );
        let report = taken(&desk, merged(tall, &[(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 2, 3), (1, 4, 2, 4)]));
        assert_eq!((sum(&report), report.counts.matched), (10_000, 1), "one payment");
        let whole = merged(
            &[tall[0], &[], &["2024-04-02", "50", "A2", "DP01", "6401", "X"]],
            &[(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 2, 3), (1, 4, 2, 4), (1, 5, 2, 5)],
        );
        assert_eq!(sum(&taken(&desk, whole)), 15_000);
    }
}

#[test]
fn a_header_that_is_merged_across_columns_is_no_guess() {
    for desk in desks() {
        // The code stands under the second of them.
        let across = |cells: &[&str]| {
            let mut sheet = rows("April", &[&["Date", "Amount", "Ref", "Cost Centre", "", "Account"], cells]);
            sheet.merge_range(0, 3, 0, 4, "Cost Centre", &Format::new()).expect("a header");
            book([sheet])
        };
        let report = desk.refuses(MAPPING, across(&["2024-04-01", "100", "A1", "", "DP01", "6401"]), &[DuplicateColumn]);
        assert!(
            report.problems[0].detail.contains("column 5") && report.problems[0].column.as_deref() == Some("Cost Centre"),
            "{:?}",
            report.problems
        );
        assert_eq!(sum(&desk.take(across(&["2024-04-01", "100", "A1", "DP01", "", "6401"]))), 10_000, "where nothing is beside it");
        // A header on two rows.
        let mut two = rows(
            "April",
            &[
                &["Date", "Payment", "", "Cost Centre", "Account"],
                &["", "Amount", "Ref", "", ""],
                &["2024-04-02", "50", "A2", "DP01", "6401"],
            ],
        );
        for column in [0, 3, 4] {
            two.merge_range(0, column, 1, column, ["Date", "", "", "Cost Centre", "Account"][usize::from(column)], &Format::new())
                .expect("a header");
        }
        two.merge_range(0, 1, 0, 2, "Payment", &Format::new()).expect("a header");
        assert_eq!(sum(&taken(&desk, two)), 5_000);
    }
}

#[test]
fn a_code_that_is_merged_across_is_told() {
    for desk in desks() {
        let report = taken(
            &desk,
            merged(&[&["2024-04-01", "100", "all of it", "", "6401"], &["Total", "", "", "", "", "100"]], &[(1, 2, 1, 3), (2, 0, 2, 4)]),
        );
        assert_eq!((report.counts.matched, report.counts.lines_with_unclear_cells), (0, 1), "a total is no payment: {:?}", report.warnings);
        assert!(report.warnings[0].contains("line 2"), "{:?}", report.warnings);
    }
}

#[test]
fn an_error_value_in_a_code_is_told_and_in_an_amount_refused() {
    for desk in desks() {
        for error in ["#N/A", "#REF!", "#VALUE!", "#NAME?", "=VLOOKUP(A1;B:B;1)", "####"] {
            let text = format!("{HEADER}2024-04-01,10,A1,{error},6401,X\n2024-04-02,10,A2,XX,{error},X\n");
            let report = desk.take(&text);
            assert_eq!((report.counts.matched, report.counts.kept_out, report.counts.lines_with_unclear_cells), (0, 2, 1), "{error}");
            assert!(report.warnings[0].contains("(line 2)"), "{:?}", report.warnings);
        }
        let report = desk.refuses(MAPPING, format!("{HEADER}#REF!,#N/A,A1,DP01,6401,X\n"), &[UnreadableDate, UnreadableAmount]);
        assert!(report.problems[1].detail.contains("#N/A"), "{:?}", report.problems);
        // A reason to leave a line out that cannot be read leaves it in, and is told.
        let unless =
            MAPPING.replace("equals = \"DP01\" }]", "equals = \"DP01\" }]\nunless = [{ column = \"Account\", equals = \"9999\" }]");
        let report = desk.take_with(&unless, format!("{HEADER}2024-04-01,10,A1,DP01,#N/A,X\n2024-04-01,10,A2,DP01,9999,X\n"));
        assert_eq!((report.counts.matched, report.counts.lines_with_unclear_cells), (1, 1));
    }
}

/// A workbook of which cells are formulas without a stored result.
fn without_result(cells: &[&str]) -> Vec<u8> {
    let plain = book([rows(
        "April",
        &[HEADERS, &["2024-04-01", "100", "A1", "DP01", "6401", "X"], &["2024-04-02", "200", "A2", "DP01", "6401", "X"]],
    )]);
    with_part(&plain, "xl/worksheets/sheet1.xml", |xml| {
        let mut xml = xml.to_owned();
        for cell in cells {
            let from = xml.find(&format!("<c r=\"{cell}\"")).expect("the cell");
            let to = from + xml[from..].find("</c>").expect("its end");
            xml.replace_range(from..to, &format!("<c r=\"{cell}\"><f>VLOOKUP(A1,B:B,1)</f><v></v>"));
        }
        xml.into_bytes()
    })
}

#[test]
fn a_formula_without_a_result_in_a_code_is_told_and_in_an_amount_refused() {
    for desk in desks() {
        let report = desk.take(without_result(&["D3"]));
        assert_eq!((report.status, report.counts.matched, report.counts.lines_with_unclear_cells), (FileStatus::Loaded, 1, 1));
        assert!(report.warnings[0].contains("line 3"), "{:?}", report.warnings);
        // A line of nothing but formulas is not blank.
        let report = desk.take(without_result(&["A3", "B3", "C3", "D3", "E3", "F3"]));
        assert_eq!((report.counts.blank, report.counts.lines_with_unclear_cells), (0, 1));
        let report = desk.refuses(MAPPING, without_result(&["A3", "B3"]), &[UnreadableDate, UnreadableAmount]);
        assert!(report.problems[1].detail.contains("a formula without a stored result"), "{:?}", report.problems);
        assert_eq!(desk.take(without_result(&["F3"])).counts.lines_with_unclear_cells, 0, "where no rule looks");
    }
}

#[test]
fn what_cannot_be_seen_is_not_read() {
    for desk in desks() {
        for code in [
            "DP01\u{200e}",
            "\u{200f}DP01",
            "DP\u{200b}01",
            "\u{feff}DP01",
            "DP01\u{a0}",
            "'DP01",
            "\u{2018}DP01",
            "=\"DP01\"",
            "DP01\u{7}",
            "D\u{ad}P01",
        ] {
            let report = desk.take(format!("{HEADER}2024-04-01,10,A1,{code},6401,X\n"));
            assert_eq!((report.counts.matched, report.problems.len()), (1, 0), "{code:?}");
            let report = taken(&desk, rows("April", &[HEADERS, &["'2024-04-01\u{200e}", "10", "A1", code, "6401", "X"]]));
            assert_eq!(report.counts.already_present + report.counts.look_alike, 1, "{code:?}: the same line");
        }
        assert_eq!(
            desk.take(format!("{HEADER}'2024-04-01,'10,A2,DP01,6401,X\n").replace("Cost Centre", "Cost\u{200b} Centre\u{200e}"))
                .counts
                .matched,
            1
        );
    }
}
