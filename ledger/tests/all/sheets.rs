//! A workbook's sheets: which are read, and that none with payments is passed over.

use crate::support::books::{book, payments, rows};
use crate::support::{Desk, MAPPING, desks};
use ledger::ProblemCode::{MissingColumn, PaymentsAboveHeader, SeveralSheets, SheetNotFound, SheetNotRead};
use ledger::{FileReport, FileStatus};
use rust_xlsxwriter::Worksheet;

fn april() -> Worksheet {
    payments("April", "Amount", &[("2024-04-02", 100.0, "A1")])
}

fn may(amount: &str) -> Worksheet {
    payments("May", amount, &[("2024-05-02", 250.0, "A2")])
}

fn hidden(mut sheet: Worksheet) -> Worksheet {
    sheet.set_hidden(true);
    sheet
}

fn very_hidden(mut sheet: Worksheet) -> Worksheet {
    sheet.set_very_hidden(true);
    sheet
}

fn loaded(desk: &Desk, mapping: &str, book: &[u8]) -> FileReport {
    let report = desk.take_with(mapping, book);
    assert_eq!((report.status, report.problems.as_slice()), (FileStatus::Loaded, [].as_slice()), "{:?}", desk.backend);
    report
}

fn sum(report: &FileReport) -> i64 {
    report.by_budget_line.iter().map(|line| line.amount_pence.0).sum()
}

/// The mapping for these sheets, of the same ledger: the very file would be refused under another.
fn of(sheet: &str) -> String {
    format!("sheet = {sheet}\n{MAPPING}")
}

#[test]
fn every_shown_sheet_with_the_header_is_read() {
    let notes = rows("Notes", &[&["Payments over £500"], &["Published", "May 2024"]]);
    let both = book([notes, april(), may("Net Amount (£)"), rows("Empty", &[])]);
    for desk in desks() {
        let report = loaded(&desk, MAPPING, &both);
        assert_eq!((sum(&report), report.counts.matched, desk.ledger().1), (35_000, 2, 35_000));
        assert_eq!((report.sheet.as_deref(), report.sheets_not_read.as_slice()), (Some("April, May"), ["Notes".to_owned()].as_slice()));
        assert!(report.warnings.iter().any(|warning| warning == "sheets that were not read: Notes"), "{:?}", report.warnings);
        assert_eq!(desk.sheets(), [Some("April".to_owned()), Some("May".to_owned())], "an entry is traced to its sheet");
    }
}

#[test]
fn a_sheet_with_payments_and_another_header_is_not_left_out() {
    let other_header = book([april(), may("Sum")]);
    let mut deep = rows("May", &[]);
    for (column, header) in (0..).zip(["Date", "Value", "Ref", "Cost Centre", "Account"]) {
        deep.write(45, column, header).expect("a header");
    }
    deep.write(46, 0, "02/05/2024").expect("a date").write(46, 1, 250.0).expect("an amount");
    let deep = book([april(), deep]);
    // No header at all, but a day and an amount.
    let bare = book([april(), rows("May", &[&["02/05/2024", "A2", "DP01", "£250.00"]])]);
    // Days that no program shows as such, under half of the header.
    let unformatted = book([april(), rows("May", &[&["Date", "Value", "Cost Centre"], &["45414", "250", "DP01"]])]);
    for desk in desks() {
        for (book, line) in [(&other_header, 2), (&deep, 47), (&bare, 1), (&unformatted, 2)] {
            let report = desk.refuses(MAPPING, book, &[SheetNotRead]);
            let problem = &report.problems[0];
            assert_eq!((problem.sheet.as_deref(), problem.line), (Some("May"), Some(line)));
            assert!(problem.detail.contains("sheet = \"April\""), "it says how to leave it out: {problem:?}");
            // And so it is done: it is named all the same.
            let report = desk.take_with(&of("\"april\""), book);
            assert_eq!((sum(&report), report.sheets_not_read.as_slice()), (10_000, ["May".to_owned()].as_slice()));
            assert!(report.warnings[0].contains("May, which has what looks like payments"), "{:?}", report.warnings);
        }
    }
}

#[test]
fn a_hidden_sheet_with_payments_is_not_left_out() {
    for desk in desks() {
        for (place, may) in [hidden(may("Amount")), very_hidden(may("Amount")), hidden(may("Sum"))].into_iter().enumerate() {
            let is_read = place < 2;
            let book = book([april(), may]);
            let report = desk.refuses(MAPPING, &book, &[SheetNotRead]);
            assert!(
                report.problems[0].detail.contains("hidden and would not be read") && report.problems[0].detail.contains("sheet = \"*\"")
            );
            assert_eq!(sum(&loaded(&desk, &of("\"April\""), &book)), 10_000);
            if is_read {
                assert_eq!(sum(&loaded(&desk, &of("\"*\""), &book)), 35_000);
                assert_eq!(sum(&loaded(&desk, &of("[\"April\", \"May\"]"), &book)), 35_000);
                assert_eq!(sum(&loaded(&desk, &of("\"May\""), &book)), 25_000);
            } else {
                desk.refuses(&of("\"*\""), &book, &[SheetNotRead]);
                desk.refuses(&of("[\"April\", \"May\"]"), &book, &[MissingColumn]);
            }
        }
        // Only hidden, or with a header alone, or with nothing like payments.
        let report = desk.refuses(
            MAPPING,
            book([rows("Notes", &[&["See the other sheet"]]), hidden(april())]),
            &[MissingColumn, MissingColumn, MissingColumn, MissingColumn, SheetNotRead],
        );
        assert_eq!(report.problems[4].sheet.as_deref(), Some("April"));
        let harmless = book([april(), hidden(rows("Codes", &[&["DP01", "Direct payments"]])), hidden(payments("Template", "Amount", &[]))]);
        let report = desk.take_with(&of("\"*\"").replace("test ledger", "harmless"), &harmless);
        assert_eq!((report.status, report.sheets_not_read.len()), (FileStatus::Loaded, 1));
        let report = desk.take_with(&MAPPING.replace("test ledger", "harmless"), &harmless);
        assert_eq!((report.status, report.sheets_not_read.len()), (FileStatus::Loaded, 2));
        assert!(report.warnings[0].contains("Codes, which is hidden; Template, which is hidden"), "{:?}", report.warnings);
    }
}

#[test]
fn a_sheet_that_repeats_another_counts_once() {
    let all = payments("All", "Amount", &[("2024-04-02", 100.0, "A1"), ("2024-05-02", 250.0, "A2")]);
    let repeated = book([all, april(), may("Amount")]);
    for desk in desks() {
        let report = desk.refuses(MAPPING, &repeated, &[SeveralSheets]);
        assert!(report.problems[0].detail.starts_with("2 lines stand on more than one sheet"), "{:?}", report.problems);
        desk.refuses(&of("\"*\""), &repeated, &[SeveralSheets]);
        assert_eq!(sum(&loaded(&desk, &of("\"All\""), &repeated)), 35_000);
        assert_eq!(sum(&loaded(&desk, &of("[\"April\", \"May\"]"), &repeated)), 35_000);
        // A mapping that names them all has seen it.
        let report = desk.take_with(&of("[\"All\", \"April\", \"May\"]"), &repeated);
        assert_eq!(sum(&report), 70_000);
        assert!(report.warnings[0].contains("count on each"), "{:?}", report.warnings);
    }
}

#[test]
fn sheets_that_are_not_there_are_all_told() {
    let book = book([april(), may("Amount")]);
    for desk in desks() {
        let report = desk.refuses(&of("[\"April\", \"June\", \"July\"]"), &book, &[SheetNotFound, SheetNotFound]);
        assert!(report.problems[0].detail.contains("called June; the sheets are: April, May"), "{:?}", report.problems);
    }
}

#[test]
fn problems_say_on_which_sheet_they_are() {
    let mut broken = may("Amount");
    broken.write(1, 1, "two hundred").expect("a cell");
    let book = book([april(), broken]);
    for desk in desks() {
        let report = desk.take(&book);
        assert_eq!((report.problems[0].sheet.as_deref(), report.problems[0].line), (Some("May"), Some(2)), "{report:?}");
    }
}

#[test]
fn another_table_above_the_header_is_not_left_out() {
    let two: &[&[&str]] = &[
        &["Day", "Sum", "Cost Centre"],
        &["02/04/2024", "100.00", "DP01"],
        &["03/04/2024", "250.00", "DP01"],
        &["Date", "Amount", "Ref", "Cost Centre", "Account"],
        &["04/04/2024", "50.00", "A3", "DP01", "6401"],
    ];
    let csv: String = two.iter().map(|cells| cells.join(",") + "\n").collect();
    let book = book([rows("April", two)]);
    for desk in desks() {
        for file in [csv.as_bytes(), &book] {
            let report = desk.refuses(MAPPING, file, &[PaymentsAboveHeader]);
            assert!(report.problems[0].detail.contains("header_row = 4"), "{:?}", report.problems);
            let report = desk.take_with(&format!("header_row = 4\n{MAPPING}"), file);
            assert_eq!(sum(&report), 5_000);
            assert!(
                report.warnings[0].contains("2 lines above the header look like payments and are not read (lines 2 and 3)"),
                "{:?}",
                report.warnings
            );
        }
        // Below the header it is told.
        let below = "Date,Amount,Ref,Cost Centre,Account\n2024-04-01,10,A1,XX,1\n2024-04-11,5,A2,XX,1\nCost Centre,Ref,Day,Sum,\n\
                     DP01,B1,02/04/2024,20,\nDP01,B2,03/04/2024,30,\nTotal,,,65,\n";
        let report = desk.take(below);
        assert_eq!((report.counts.kept_out, report.warnings.len()), (6, 1), "{:?}", report.warnings);
        assert!(
            report.warnings[0].starts_with("2 lines that no rule picked look like payments")
                && report.warnings[0].contains("lines 5 and 6")
        );
        // One line may be the title of a report.
        let titled = "Run on,02/04/2024,Total,350.00,\nDate,Amount,Ref,Cost Centre,Account\n04/05/2024,50.00,A4,DP01,6401\n";
        let report = desk.take(titled);
        assert_eq!((sum(&report), report.warnings.len()), (5_000, 1));
    }
}
