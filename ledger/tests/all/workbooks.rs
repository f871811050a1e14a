//! Workbooks that would mislead: several sheets, formulas without results, other days to count from, and bombs.

use crate::support::{HEADER, MAPPING, desks};
use ledger::{FileStatus, ProblemCode};
use rust_xlsxwriter::Workbook;
use std::io::Write;

/// A workbook of these sheets, each with the header and one payment of an amount.
fn workbook(sheets: &[(&str, f64)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, amount) in sheets {
        let sheet = book.add_worksheet().set_name(*name).expect("a sheet");
        for (column, header) in HEADER.trim().split(',').enumerate() {
            sheet.write(0, column as u16, header).expect("a header");
        }
        sheet.write(1, 0, "2024-04-01").expect("a date").write(1, 1, *amount).expect("an amount");
        sheet.write(1, 2, "A1").expect("a reference").write(1, 3, "DP01").expect("a centre");
    }
    book.save_to_buffer().expect("a workbook")
}

/// The workbook with one of its parts rewritten, or a part added.
fn with_part(workbook: &[u8], part: &str, rewrite: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(std::io::Cursor::new(workbook)).expect("an archive");
    let mut to = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for place in 0..from.len() {
        let mut entry = from.by_index(place).expect("a part");
        let name = entry.name().expect("a name").to_string();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).expect("bytes");
        if name == part {
            bytes = rewrite(&String::from_utf8(bytes).expect("XML"));
        }
        to.start_file(name, options).expect("a part");
        to.write_all(&bytes).expect("bytes");
    }
    to.finish().expect("an archive").into_inner()
}

#[test]
fn of_several_sheets_none_is_passed_over() {
    let both = workbook(&[("April", 10.0), ("May", 20.0)]);
    for desk in desks() {
        let report = desk.refuses(MAPPING, &both, &[ProblemCode::SeveralSheets]);
        assert!(report.problems[0].detail.contains("April, May"), "{:?}", report.problems);
        for (sheet, amount) in [("April", 1_000), ("May", 2_000)] {
            let report = desk.take_with(&format!("sheet = \"{sheet}\"\n{MAPPING}"), &both);
            assert_eq!((report.sheet.as_deref(), report.by_budget_line[0].amount_pence.0), (Some(sheet), amount));
        }
        assert_eq!(desk.ledger().1, 3_000);
    }
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
    let book = with_part(&workbook(&[("April", 10.0)]), "xl/workbook.xml", |xml| {
        xml.replace("<workbookPr ", "<workbookPr date1904=\"1\" ").into_bytes()
    });
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
