//! Payments that a program hid from their rule: none is lost or changed without a word.

use crate::support::books::{book, rows};
use crate::support::{Desk, desks};
use ledger::ProblemCode::{OtherTable, TooFewCells, TooManyCells, UnreadableAmount};
use ledger::{FileReport, FileStatus};

const MAPPING: &str = r#"
source = "GL"
[columns]
date = "Date"
amount = "Amount"
[[rules]]
budget_line = "direct_payments"
when = [{ column = "Code", equals = "CWD10" }]
"#;

fn sum(report: &FileReport) -> i64 {
    report.by_budget_line.iter().map(|line| line.amount_pence.0).sum()
}

fn loaded(desk: &Desk, mapping: &str, bytes: impl AsRef<[u8]>) -> FileReport {
    let report = desk.take_with(mapping, bytes);
    assert_eq!((report.status, report.problems.as_slice()), (FileStatus::Loaded, [].as_slice()), "{:?}", desk.backend);
    report
}

/// With another column for the reference.
fn with_reference() -> String {
    MAPPING.replace("amount = \"Amount\"", "amount = \"Amount\"\nreference = \"Ref\"")
}

#[test]
fn a_comma_that_moves_cells_is_told_though_the_last_cell_is_empty() {
    for desk in desks() {
        for text in [
            "Date,Code,Amount,Notes\n02/04/2024,CWD10,1,234.56,\n",
            "Date,Code,Amount,Notes\n02/04/2024,CWD10,250.00,\n03/04/2024,CWD10,1,234.56,\n",
            "Date,Code,Amount,Notes,More\n02/04/2024,CWD10,250.00,,,\n03/04/2024,CWD10,1,234,567.89,,\n",
            "Date,Payee,Code,Amount,Notes,\n02/04/2024,X,CWD10,1,234.56,,\n",
        ] {
            let report = desk.refuses(MAPPING, text, &[TooManyCells]);
            assert!(report.problems[0].detail.contains("the last of them empty"), "{:?}", report.problems);
        }
        let other_number = "Date,Code,Amount,Payee,Ref,Notes\n02/04/2024,CWD10,250.00,Smith, J,R1,\n03/04/2024,CWD10,250.00,X,R2,\n";
        desk.refuses(&with_reference(), other_number, &[TooManyCells]);
        for text in [
            "Date,Payee,Code,Amount,Notes\n02/04/2024,Smith, J,CWD10,250.00,\n",
            "Date,Payee,Code,Amount,Notes\n02/04/2024,X,XX,250.00,\n03/04/2024,Smith, J,CWD10,250.00,\n",
        ] {
            let report = loaded(&desk, MAPPING, text);
            assert_eq!((report.counts.kept_out, report.counts.lines_with_too_many_cells > 0), (report.counts.lines_read, true));
            assert!(report.warnings.iter().any(|warning| warning.contains("the last of them empty")), "{:?}", report.warnings);
        }
    }
}

#[test]
fn a_comma_that_moves_cells_is_told_though_the_line_is_as_wide_as_the_header() {
    for desk in desks() {
        for (text, lines) in [
            // Read as £1.00.
            ("Date,Code,Amount,Notes\n02/04/2024,CWD10,1,234.56\n", &[2][..]),
            ("Date,Code,Amount,Notes\n02/04/2024,CWD10,250.00,ok\n03/04/2024,CWD10,1,234\n", &[3]),
            ("Date,Code,Amount,Balance\n02/04/2024,CWD10,250.00,900.00\n03/04/2024,CWD10,-1,234.56\n", &[3]),
            // Hidden from its rule.
            ("Date,Payee,Code,Amount,Notes\n02/04/2024,X,CWD10,1.00,\n03/04/2024,Smith, J,CWD10,250.00\n", &[3]),
        ] {
            let report = desk.refuses(MAPPING, text, &[TooManyCells]);
            assert_eq!(report.problems.iter().filter_map(|told| told.line).collect::<Vec<_>>(), lines, "{:?}", report.problems);
            assert!(!format!("{report:?}").contains("Smith"));
        }
        // No amount where one should be, and a day there, which is no amount however it is written.
        for text in [
            "Date,Code,Payee,Amount,Notes\n02/04/2024,CWD10,Smith, J,250.00\n",
            "Date,Code,Payee,Paid,Amount,Notes\n02/04/2024,CWD10,Smith, J,03/04/2024,250.00\n",
            "Date,Code,Payee,Paid,Amount,Notes\n20240402,CWD10,Smith, J,20240403,250.00\n",
            "Date,Code,Payee,Paid,Amount,Notes\n02/04/2024,CWD10,Smith, J,03042024,250.00\n",
        ] {
            let report = desk.refuses(MAPPING, text, &[UnreadableAmount]);
            assert_eq!(report.problems[0].line, Some(2), "{:?}", report.problems);
        }
        // Two columns of figures, and a code that is no rule's.
        for (text, pence) in [
            ("Date,Code,Amount,VAT\n02/04/2024,CWD10,100,120.75\n03/04/2024,CWD10,90.5,18\n", 19_050),
            ("Date,Code,Amount,Units\n02/04/2024,CWD10,100,250\n", 10_000),
            ("Date,Code,Amount,VAT\n02/04/2024,CWD10,250,\n03/04/2024,CWD10,600,120\n", 85_000),
            ("Date,Payee,Code,Amount,Notes\n02/04/2024,X,CWD10,1.00,\n03/04/2024,Smith, J,XX,250.00\n", 100),
        ] {
            assert_eq!(sum(&loaded(&desk, MAPPING, text)), pence, "{text}");
        }
    }
}

#[test]
fn one_payment_is_not_on_both_sides() {
    let two = MAPPING.replace("amount = \"Amount\"", "debit = \"Debit\"\ncredit = \"Credit\"");
    assert_ne!(two, MAPPING);
    for desk in desks() {
        for text in [
            "Date,Code,Debit,Credit\n02/04/2024,CWD10,1,234.56\n",
            "Date,Code,Debit,Credit\n02/04/2024,CWD10,250.00,\n03/04/2024,CWD10,1,234\n",
            "Date,Code,Debit,Credit,Notes\n02/04/2024,CWD10,1,234.56,\n",
            // Parted under credit.
            "Date,Code,Debit,Credit,Notes\n02/04/2024,CWD10,250.00,,\n03/04/2024,CWD10,,1,234.56\n",
        ] {
            desk.refuses(&two, text, &[TooManyCells]);
        }
        desk.refuses(&two, "Date,Code,Debit,Credit\n02/04/2024,CWD10,,03042024\n", &[UnreadableAmount]);
        assert_eq!(sum(&loaded(&desk, &two, "Date,Code,Debit,Credit\n02/04/2024,CWD10,1234.56,\n03/04/2024,CWD10,,34.50\n")), 120_006);
    }
}

#[test]
fn an_amount_alone_below_a_payment_is_told() {
    for desk in desks() {
        for lines in
            ["02/04/2024,X,CWD10,250.00\n,,,99.50\n", "02/04/2024,X,CWD10,250.00\n99.50\n", "02/04/2024,X,CWD10,250.00\n,,£99.50\n"]
        {
            let report = loaded(&desk, MAPPING, format!("Date,Payee,Code,Amount\n{lines}"));
            assert!(report.warnings.iter().any(|told| told.contains("an amount and nothing else") && told.contains("line 3")), "{lines}");
        }
        let report = loaded(&desk, MAPPING, "Date,Payee,Code,Amount\n02/04/2024,X,CWD10,250.00\nTotal,,,250.00\n1\n");
        assert!(!report.warnings.iter().any(|told| told.contains("an amount and nothing else")), "{:?}", report.warnings);
    }
}

#[test]
fn a_line_end_in_the_place_of_a_comma_loses_no_payment() {
    for desk in desks() {
        let report = desk.refuses(MAPPING, "Date,Payee,Code,Amount\n02/04/2024,Fred\nCWD10,250.00\n", &[TooFewCells]);
        assert!(report.problems[0].line == Some(2) && report.problems[0].detail.contains("one payment"), "{:?}", report.problems);
    }
}

#[test]
fn empty_cells_at_the_end_are_no_fault() {
    for desk in desks() {
        for text in [
            "Date,Code,Amount,Notes\n01/04/2024,CWD10,100.00,,\n",
            "Date,Code,Amount,Notes\n02/04/2024,CWD10,100.00,ok,,,\n03/04/2024,XX,100.00,\n",
            "Date,Code,Amount,Account\n04/04/2024,CWD10,12,640,\n05/04/2024,CWD10,12,6401,\n",
        ] {
            let report = loaded(&desk, MAPPING, text);
            assert_eq!(report.warnings, [] as [&str; 0], "{text}");
        }
    }
}

#[test]
fn a_line_end_inside_a_cell_loses_no_payment() {
    for desk in desks() {
        for lines in [
            "01/04/2024,Fred\nBloggs,CWD10,250.00\n",
            "01/04/2024,Fred\n\nBloggs,CWD10,250.00\n",
            "01/04/2024,Fred\nof the\nHall,CWD10,250.00\n",
            "01/04/2024,Fred,CW\nD10,250.00\n",
            "01/04/2024,Fred\r\nBloggs,CWD10,250.00\r\n",
        ] {
            let report = desk.refuses(MAPPING, format!("Date,Payee,Code,Amount\n{lines}"), &[TooFewCells]);
            assert!(report.problems[0].line == Some(2) && report.problems[0].detail.contains("one payment"), "{:?}", report.problems);
            assert!(!format!("{report:?}").contains("Bloggs"));
        }
        // No payment of ours, titles and totals.
        for lines in [
            "01/04/2024,Fred\nBloggs,XX,250.00\n",
            "Page 1\n\nPrinted 01/04/2024\n02/04/2024,X,CWD10,250.00\nTotal,,,250.00\n",
            "02/04/2024,X,CWD10,250.00\nTotal\n250.00\n",
        ] {
            assert_eq!(loaded(&desk, MAPPING, format!("Date,Payee,Code,Amount\n{lines}")).problems, []);
        }
    }
}

#[test]
fn a_payment_in_one_cell_is_told() {
    for desk in desks() {
        for text in [
            "Date,Code,Payee,Amount\n02/04/2024,CWD10,X,1.00\n\"02/04/2024,CWD10,\"\"Smith, J\"\",250.00\"\n",
            "Date,Code,Payee,Amount\n02/04/2024,CWD10,X,1.00\n\"02/04/2024,CWD10,\"\"Smith, J\"\",250.00\",,,\n",
            "Date,Code,Amount\n02/04/2024,CWD10,1.00\n02/04/2024;CWD10;250.00\n",
            "Date,Code,Amount\n02/04/2024,CWD10,1.00\n02/04/2024;CWD10;1,250.00\n",
            "Date,Code,Amount\n02/04/2024,CWD10,1.00\n02/04/2024\tCWD10\t250.00\n",
            "Date;Code;Amount\n02/04/2024;CWD10;1.00\n02/04/2024|CWD10|250.00\n",
            "Date,Code,Amount\n02/04/2024,CWD10,1.00\n02/04/2024;CWD10;250,00\n",
            "Date,Code,Amount\n02/04/2024,CWD10,1.00\n02/04/2024\tCWD10\t1.250,00\n",
            "Date,Payee,Code,Amount\n01/04/2024,X,CWD10,1.00\n01/04/2024,\"Fred,CWD10,\"250.00\n",
        ] {
            let report = desk.refuses(MAPPING, text, &[TooFewCells]);
            assert!(report.problems[0].line == Some(3) && report.problems[0].detail.contains("split otherwise"), "{:?}", report.problems);
        }
        let sheet = book([rows("April", &[&["Date", "Code", "Amount"], &["02/04/2024", "CWD10", "1.00"], &["02/04/2024,CWD10,250.00"]])]);
        desk.refuses(MAPPING, sheet, &[TooFewCells]);
        let notes = "Date,Code,Amount\n02/04/2024,CWD10,1.00\n\"Notes; see 02/04/2024, page 5\"\nTotal;1.00\n02/04/2024;XX;250.00\n";
        assert_eq!(sum(&loaded(&desk, MAPPING, notes)), 100);
    }
}

#[test]
fn another_table_below_is_not_left_out() {
    for desk in desks() {
        for second in [
            &[&["Date", "Amount", "Code"][..], &["02/04/2024", "250.00", "CWD10"]][..],
            &[&["Paid", "Net", "Centre"], &["02/04/2024", "250.00", "CWD10"]],
            &[&["", "Code", "Date", "Amount"], &["", "CWD10", "02/04/2024", "250.00"]],
        ] {
            let mut all: Vec<&[&str]> = vec![&["Date", "Code", "Amount"], &["01/04/2024", "CWD10", "100.00"]];
            all.extend(second);
            let csv: String = all.iter().map(|cells| cells.join(",") + "\n").collect();
            for file in [csv.into_bytes(), book([rows("April", &all)])] {
                let report = desk.take_with(MAPPING, file);
                assert_eq!((report.status, desk.ledger().0), (FileStatus::Refused, 0), "{report:?}");
                // What stands below it may also have more cells than the header, and is told first.
                assert!(report.problems.iter().any(|told| (told.code, told.line) == (OtherTable, Some(3))), "{report:?}");
            }
        }
    }
    for desk in desks() {
        // The header again, a heading, and a table of totals.
        let text = "Date,Code,Amount\n01/04/2024,CWD10,100.00\nDate,Code,Amount\n02/04/2024,CWD10,250.00\nAdult,Services\n\
                    03/04/2024,CWD10,1.00\nMonth,Total\n30/04/2024,351.00\n";
        assert_eq!(sum(&loaded(&desk, MAPPING, text)), 35_100);
    }
}

#[test]
fn a_code_that_a_rule_cannot_see_is_read_or_told() {
    let of = |test: &str| MAPPING.replace("equals = \"CWD10\"", test).replace("GL", test.split('"').nth(1).unwrap_or("x"));
    for desk in desks() {
        for (test, code) in
            [("equals = \"6401\"", "6.401E+03"), ("one_of = [\"6401\"]", "\"6,401\""), ("matches = \"^64\"", "\"6,401.00\"")]
        {
            let text = format!("Date,Code,Amount\n01/04/2024,{code},100.00\n");
            assert_eq!(sum(&desk.take_with(&of(test), text)), 10_000, "{code}");
        }
        let text = "Date,Code,Amount\n01/04/2024,401,100.00\n02/04/2024,501,100.00\n";
        for test in ["starts_with = \"04\"", "equals = \"0401\"", "matches = \"^04\"", "contains = \"040\""] {
            let report = loaded(&desk, &of(test), text);
            assert_eq!((report.counts.matched, report.counts.lines_with_unclear_cells), (0, 1), "{test}");
        }
        let strict = format!("encoding = \"utf-8\"\n{MAPPING}");
        let report = desk.take_with(&strict, b"Date,Code,Amount\n01/04/2024,CWD10\xa0,100.00\n");
        assert_eq!((report.counts.kept_out, report.counts.lines_with_unclear_cells), (1, 1));
    }
}

#[test]
fn a_code_that_is_printed_once_is_told() {
    let lines: &[&[&str]] = &[
        &["Code", "Date", "Amount"],
        &["CWD10", "01/04/2024", "100.00"],
        &["", "02/04/2024", "250.00"],
        &["Code", "Date", "Amount"],
        &["", "03/04/2024", "1.00"],
        &["", "Total", "351.00"],
        &["XX", "01/04/2024", "5.00"],
        &["", "04/04/2024", "5.00"],
    ];
    let csv: String = lines.iter().map(|cells| cells.join(",") + "\n").collect();
    for desk in desks() {
        for file in [csv.clone().into_bytes(), book([rows("April", lines)])] {
            let report = desk.take_with(MAPPING, file);
            assert_eq!((sum(&report), report.counts.lines_with_unclear_cells), (10_000, 2), "{:?}", desk.backend);
            assert!(report.warnings.iter().any(|warning| warning.contains("lines 3 and 5")), "{:?}", report.warnings);
        }
    }
}
