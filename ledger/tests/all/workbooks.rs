//! Workbooks that would mislead: formulas without results, other days to count from, and bombs.

use crate::support::books::{book, payments, rows, with_part};
use crate::support::{MAPPING, desks};
use ledger::{FileStatus, ProblemCode};

fn workbook(sheets: &[(&str, f64)]) -> Vec<u8> {
    let sheets: Vec<_> = sheets.iter().map(|(name, amount)| payments(name, "Amount", &[("2024-04-01", *amount, "A1")])).collect();
    book(sheets)
}

#[test]
fn formulas_without_a_stored_result_are_told() {
    let book = with_part(&workbook(&[("April", 10.0)]), "xl/worksheets/sheet1.xml", |xml| {
        let row = "<row r=\"3\"><c r=\"A3\"><f>TODAY()</f><v></v></c><c r=\"B3\"><f>1+1</f></c></row></sheetData>";
        xml.replace("</sheetData>", row).into_bytes()
    });
    let picked = with_part(&book, "xl/worksheets/sheet1.xml", |xml| {
        xml.replace("</row></sheetData>", "<c r=\"D3\" t=\"inlineStr\"><is><t>DP01</t></is></c></row></sheetData>").into_bytes()
    });
    for desk in desks() {
        let report = desk.take(&book);
        assert_eq!(report.status, FileStatus::Loaded, "{:?}", report.problems);
        assert!(report.warnings.iter().any(|warning| warning.starts_with("2 formulas")), "{:?}", report.warnings);
        let report = desk.refuses(MAPPING, &picked, &[ProblemCode::UnreadableDate, ProblemCode::UnreadableAmount]);
        assert!(report.warnings.iter().any(|warning| warning.starts_with("2 formulas")), "{:?}", report.warnings);
    }
}

#[test]
fn days_counted_from_1904_are_read_as_meant() {
    let book = with_part(
        &book([rows("April", &[&["Date", "Amount", "Ref", "Cost Centre", "Account"], &["2024-04-01", "10", "A1", "DP01"]])]),
        "xl/workbook.xml",
        |xml| xml.replace("<workbookPr ", "<workbookPr date1904=\"1\" ").into_bytes(),
    );
    let book = with_part(&book, "xl/worksheets/sheet1.xml", |xml| {
        let row = "<row r=\"3\"><c r=\"A3\"><v>43921</v></c><c r=\"B3\"><v>2</v></c><c r=\"D3\" t=\"inlineStr\"><is><t>DP01</t></is></c></row></sheetData>";
        xml.replace("</sheetData>", row).into_bytes()
    });
    for desk in desks() {
        use db::schema::ledger_entries;
        use diesel::prelude::*;
        assert_eq!(desk.take(&book).counts.matched, 2);
        let mut connection = desk.store.connection().expect("a connection");
        let days: Vec<chrono::NaiveDate> = ledger_entries::table.select(ledger_entries::posted_on).load(&mut *connection).expect("days");
        assert!(days.iter().all(|day| day.to_string() == "2024-04-01"), "{days:?}");
    }
}

#[test]
fn a_workbook_that_unpacks_to_more_than_memory_holds_is_refused() {
    let plain = workbook(&[("April", 10.0)]);
    let long_cell = with_part(&plain, "xl/worksheets/sheet1.xml", |xml| {
        let row = format!("<row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>{}</t></is></c></row></sheetData>", "x".repeat(8 << 20));
        xml.replace("</sheetData>", &row).into_bytes()
    });
    let texts = with_part(&plain, "xl/sharedStrings.xml", |xml| {
        xml.replace("</sst>", &("<si><t/></si>".repeat(2_100_000) + "</sst>")).into_bytes()
    });
    let large_part = with_part(&plain, "xl/styles.xml", |xml| [xml.as_bytes(), &vec![b' '; 65 << 20]].concat());
    for desk in desks() {
        for bomb in [&long_cell, &texts, &large_part] {
            assert!(bomb.len() < 1 << 20, "it is small as a file");
            desk.refuses(MAPPING, bomb, &[ProblemCode::UnreadableWorkbook]);
        }
    }
}

#[test]
fn a_cell_beyond_the_sheet_s_last_column_is_no_other_cell() {
    let plain = workbook(&[("April", 10.0)]);
    let with = |row: &str| {
        with_part(&plain, "xl/worksheets/sheet1.xml", |xml| xml.replace("</sheetData>", &format!("{row}</sheetData>")).into_bytes())
    };
    for desk in desks() {
        for row in [
            "<row r=\"3\"><c r=\"XFE3\"><v>1</v></c></row>",
            "<row r=\"3\"><c r=\"AAAAAAAB3\"><v>1</v></c></row>",
            // Counted round, this is B3.
            "<row r=\"3\"><c r=\"MWLQKWV3\"><v>1</v></c></row>",
            "<row r=\"3\"><c r=\"B4294967299\"><v>1</v></c></row>",
            "<row r=\"4294967299\"><c><v>1</v></c></row>",
        ] {
            let report = desk.refuses(MAPPING, with(row), &[ProblemCode::UnreadableWorkbook]);
            assert!(report.problems[0].detail.contains("beyond a sheet's last row or column"), "{:?}", report.problems);
        }
        let dimension = with_part(&plain, "xl/worksheets/sheet1.xml", |xml| {
            let from = xml.find("<dimension").expect("a dimension");
            let to = from + xml[from..].find("/>").expect("its end");
            format!("{}<dimension ref=\"B2:A1\"{}", &xml[..from], &xml[to..]).into_bytes()
        });
        desk.refuses(MAPPING, dimension, &[ProblemCode::UnreadableWorkbook]);
        assert_eq!(desk.take(with("<row r=\"3\"><c r=\"XFD3\"><v>1</v></c></row>")).status, FileStatus::Loaded, "the last column is one");
    }
}
