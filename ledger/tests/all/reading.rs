//! Files as councils publish them: encodings, line ends, titles above the header, spreadsheets.

use crate::support::{Desk, HEADER, MAPPING, desks};
use ledger::{FileReport, FileStatus, ProblemCode};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn loaded(desk: &Desk, mapping: &str, bytes: impl AsRef<[u8]>) -> FileReport {
    let report = desk.take_with(mapping, bytes);
    assert_eq!((report.status, report.problems.as_slice()), (FileStatus::Loaded, [].as_slice()), "{:?}", desk.backend);
    report
}

/// (lines read, blank, matched, kept out)
fn counts(report: &FileReport) -> (i64, i64, i64, i64) {
    (report.counts.lines_read, report.counts.blank, report.counts.matched, report.counts.kept_out)
}

#[test]
fn every_line_end_gives_the_same_lines() {
    let text = format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n\n2024-04-02,20,A2,DP01,6401,\"Y\nand Z\"\n\n\nbad,30,A3,DP01,6401,X");
    for desk in desks() {
        for (end, name) in [("\n", "LF"), ("\r\n", "CRLF"), ("\r", "CR")] {
            let text = text.replace('\n', end);
            for text in [text.clone(), format!("{text}{end}"), format!("{text}{end}{end}")] {
                let more = i64::from(text.ends_with(&end.repeat(2)));
                let report = desk.take(&text);
                assert_eq!(counts(&report), (6 + more, 3 + more, 3, 0), "{name} {text:?}");
                let lines: Vec<_> = report.problems.iter().map(|problem| problem.line).collect();
                assert_eq!(lines, [Some(8)], "{name}: the line where the record starts");
            }
        }
    }
}

#[test]
fn windows_1252_and_utf_8_name_the_same_columns() {
    let text = "Paid On,Net Amount (£),Ref,Cost Centre,Account,Payee\n01/04/2024,£10,A1,DP01,6401,Café\n";
    let windows: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
    for desk in desks() {
        assert_eq!(loaded(&desk, MAPPING, text).counts.matched, 1);
        assert_eq!(loaded(&desk, MAPPING, format!("\u{feff}{text}")).counts.already_present, 1);
        assert_eq!(loaded(&desk, MAPPING, &windows).counts.already_present, 1, "the same line, whatever its bytes");
        assert_eq!(loaded(&desk, &format!("encoding = \"windows-1252\"\n{MAPPING}"), &windows).counts.already_present, 1);
        let marked = format!("\u{feff}{text}");
        assert_eq!(loaded(&desk, &format!("encoding = \"windows-1252\"\n{MAPPING}"), marked).counts.already_present, 1);
    }
}

#[test]
fn the_header_is_found_below_titles_and_passed_over_when_it_comes_again() {
    let mapping =
        format!("{MAPPING}\n[[rules]]\nbudget_line = \"nursery\"\nwhen = [{{ column = \"Payee\", matches = \"payee|nursery\" }}]\n");
    let text = format!(
        "Example Council,,,,,\n\"Payments over £500,\nApril 2024\",,,,,\n\n{HEADER}2024-04-01,10,A1,DP01,6401,X\n{HEADER}2024-04-02,20,A2,DP01,6401,X\nTotal,30,,,,\n"
    );
    for desk in desks() {
        assert_eq!(counts(&loaded(&desk, &mapping, &text)), (4, 0, 2, 2));
        let (named, text) = (mapping.replace("test ledger", "another"), text.replace(",X\n", ",Y\n"));
        assert_eq!(counts(&loaded(&desk, &format!("header_row = 5\n{named}"), &text)), (4, 0, 2, 2));
        assert_eq!(desk.take_with(&format!("header_row = 1\n{named}"), &text).problems[0].code, ProblemCode::MissingColumn);
    }
}

#[test]
fn the_delimiter_is_found() {
    for desk in desks() {
        for (place, delimiter) in [";", "\t", "|", ","].iter().enumerate() {
            let text = format!("{HEADER}2024-04-01,\"1,000\",A{place},DP01,6401,X\n")
                .replace("1,000", "1@000")
                .replace(',', delimiter)
                .replace('@', ",");
            let text = if *delimiter == "\t" { text.replace('"', "") } else { text };
            assert_eq!(loaded(&desk, MAPPING, text).by_budget_line[0].amount_pence.0, 100_000, "{delimiter:?}");
        }
        let mapping = format!("delimiter = \"tab\"\n{MAPPING}").replace("test ledger", "tabs");
        assert_eq!(loaded(&desk, &mapping, format!("{HEADER}2024-04-01,5,B,DP01,6401,X\n").replace(',', "\t")).counts.matched, 1);
    }
}

#[test]
fn debit_and_credit_columns_and_reversed_signs_are_read() {
    let two = MAPPING.replace("amount = [\"Amount\", \"Net Amount (£)\"]", "debit = \"Debit\"\ncredit = \"Credit\"");
    let text = "Date,Debit,Credit,Ref,Cost Centre,Account\n2024-04-01,10.00,,A1,DP01,1\n2024-04-01,,4.00,A2,DP01,1\n";
    for desk in desks() {
        assert_eq!(loaded(&desk, &two, text).by_budget_line[0].amount_pence.0, 600);
        let report = desk.take_with(&two, "Date,Debit,Credit,Ref,Cost Centre,Account\n2024-04-01,,,A3,DP01,1\n");
        assert_eq!(report.problems[0].code, ProblemCode::UnreadableAmount);
        let reversed = format!("amount_sign = \"reversed\"\n{MAPPING}").replace("test ledger", "reversed");
        assert_eq!(loaded(&desk, &reversed, format!("{HEADER}2024-04-01,(10),A1,DP01,6401,X\n")).by_budget_line[0].amount_pence.0, 1_000);
    }
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Notes").expect("a sheet").write(0, 0, "Payments over £500").expect("a cell");
    let sheet = book.add_worksheet().set_name("April 2024").expect("a sheet");
    sheet.write(0, 0, "Example Council").expect("a title");
    for (column, header) in HEADER.trim().split(',').enumerate() {
        sheet.write(2, column as u16, header).expect("a header");
    }
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let cells = [(3, 1_000.5, "A1"), (5, 599.960_000_000_000_1, "A2"), (6, -12.0, "A3")];
    for (row, amount, reference) in cells {
        let date = ExcelDateTime::from_ymd(2024, 4, 1).expect("a date");
        sheet.write_with_format(row, 0, &date, &day).expect("a date");
        sheet.write(row, 1, amount).expect("an amount");
        sheet.write(row, 2, reference).expect("a reference");
        sheet.write(row, 3, "DP01").expect("a centre");
        sheet.write(row, 4, 6401).expect("an account");
        sheet.write(row, 5, "SOMEBODY").expect("a payee");
        sheet.write(row, 7, "a note beside the table").expect("a note");
    }
    sheet.write(7, 0, 45_383).expect("a day number");
    sheet.write(7, 1, "£1,234.56").expect("a text");
    sheet.write(7, 3, "ON7").expect("a centre");
    sheet.write(7, 4, "6401").expect("an account");
    sheet.write(8, 0, "Total").expect("a total");
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn a_workbook_is_read_as_a_csv_file_is() {
    // Made once: a workbook holds the second in which it was made.
    let book = workbook();
    for desk in desks() {
        let report = loaded(&desk, MAPPING, book.clone());
        assert_eq!(counts(&report), (6, 1, 4, 1));
        assert_eq!(report.counts.rounded, 1);
        let lines: Vec<_> = report.by_budget_line.iter().map(|line| (line.budget_line.as_str(), line.lines, line.amount_pence.0)).collect();
        assert_eq!(lines, [("direct_payments", 3, 158_846), ("overnight_respite", 1, 123_456)]);
        let csv = format!("{HEADER}01/04/2024,599.96,A2,DP01,6401,SOMEBODY\n01/04/2024,12.00-,A3,DP01,6401,SOMEBODY\n");
        let csv = loaded(&desk, &format!("identity = [\"date\", \"amount\", \"reference\"]\n{MAPPING}"), csv);
        assert_eq!(csv.counts.already_present, 0, "another identity, other lines");
        assert_eq!(desk.take(book.clone()).status, FileStatus::AlreadyLoaded);
    }
}

#[test]
fn a_workbook_and_a_csv_file_of_the_same_lines_add_them_once() {
    for desk in desks() {
        let mapping = format!("identity = [\"date\", \"amount\", \"reference\"]\n{MAPPING}");
        loaded(&desk, &mapping, workbook());
        let csv = format!("{HEADER}01/04/2024,599.96,A2,DP01,6401,SOMEBODY\n01/04/2024,12.00-,A3,DP01,6401,SOMEBODY\n");
        assert_eq!(loaded(&desk, &mapping, csv).counts.already_present, 2);
    }
}

#[test]
fn a_sheet_can_be_named() {
    for desk in desks() {
        let named = |sheet: &str| format!("sheet = \"{sheet}\"\n{MAPPING}");
        assert_eq!(loaded(&desk, &named("april 2024"), workbook()).counts.matched, 4);
        assert_eq!(desk.take_with(&named("May"), workbook()).problems[0].code, ProblemCode::SheetNotFound);
        assert_eq!(desk.take_with(&named("Notes"), workbook()).problems[0].code, ProblemCode::MissingColumn);
    }
}

#[test]
fn the_report_has_the_documented_shape() {
    for desk in desks() {
        let files = [desk.file("april.csv", format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\nnever,1,A2,DP01,1,X\n"))];
        let report = serde_json::to_value(desk.import(MAPPING, &files)).expect("JSON");
        let keys = |value: &serde_json::Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&report), ["files", "total", "refused"]);
        let counts = [
            "lines_read",
            "blank",
            "matched",
            "kept_out",
            "already_present",
            "rounded",
            "reversed",
            "provider_differs",
            "look_alike",
            "future_dated",
            "past_dated",
            "lines_with_too_many_cells",
            "lines_with_too_few_cells",
            "lines_with_unclear_cells",
            "lines_with_lost_digits",
            "moved_to_open_year",
            "by_budget_line",
        ];
        let file = [
            ["file", "sha256", "file_id", "sheet", "sheets_not_read", "status"].as_slice(),
            &counts,
            &["warnings", "problems", "problems_not_shown"],
        ]
        .concat();
        assert_eq!(keys(&report["files"][0]), file);
        assert_eq!(keys(&report["refused"]), keys(&report["total"]));
        assert_eq!(keys(&report["total"]), [counts.as_slice(), &["files_refused"]].concat());
        assert_eq!(keys(&report["files"][0]["by_budget_line"][0]), ["budget_line", "lines", "amount_pence"]);
        assert_eq!(keys(&report["files"][0]["problems"][0]), ["line", "column", "code", "detail"]);
        assert_eq!(report["files"][0]["status"], "refused");
        assert_eq!(report["files"][0]["problems"][0]["code"], "unreadable_date");
    }
}
