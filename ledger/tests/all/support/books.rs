//! Workbooks to import.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use std::io::Write;

/// A workbook of these sheets.
pub fn book(sheets: impl IntoIterator<Item = Worksheet>) -> Vec<u8> {
    let mut book = Workbook::new();
    for sheet in sheets {
        book.push_worksheet(sheet);
    }
    book.save_to_buffer().expect("a workbook")
}

/// A sheet of these rows of texts.
pub fn rows(name: &str, rows: &[&[&str]]) -> Worksheet {
    let mut sheet = Worksheet::new();
    sheet.set_name(name).expect("a name");
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write(row, column, *text).expect("a cell");
        }
    }
    sheet
}

/// A sheet of direct payments, each with its day, amount and reference, the amounts under a header.
pub fn payments(name: &str, amount: &str, lines: &[(&str, f64, &str)]) -> Worksheet {
    let mut sheet = rows(name, &[&["Date", amount, "Ref", "Cost Centre", "Account", "Payee"]]);
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (row, (date, amount, reference)) in (1..).zip(lines) {
        sheet.write_with_format(row, 0, ExcelDateTime::parse_from_str(date).expect("a date"), &day).expect("a date");
        sheet.write(row, 1, *amount).expect("an amount").write(row, 2, *reference).expect("a reference");
        sheet.write(row, 3, "DP01").expect("a centre");
    }
    sheet
}

/// The workbook with one of its parts rewritten, or a part added.
pub fn with_part(workbook: &[u8], part: &str, rewrite: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
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
