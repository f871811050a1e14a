//! The older XLS workbooks: their merged cells, and the day that their days are counted from.

use crate::support::{MAPPING, desks};
use ledger::FileStatus;

/// A cell of a sheet.
enum Cell {
    Text(&'static str),
    Number(f64),
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut record = [kind.to_le_bytes(), u16::try_from(data.len()).expect("short").to_le_bytes()].concat();
    record.extend_from_slice(data);
    record
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A workbook of one sheet in the format of Excel 97, as its specification has it: a stream of records in a compound file.
fn workbook(rows: &[Vec<Cell>], counts_from_1904: bool, merged: &[[u16; 4]]) -> Vec<u8> {
    let begin = |kind: u16| record(0x0809, &words(&[0x0600, kind, 0, 0, 0, 0, 0, 0]));
    let end = record(0x000a, &[]);
    let mut globals = begin(0x0005);
    globals.extend(record(0x0022, &words(&[u16::from(counts_from_1904)])));
    let sheet_at = globals.len() + 4 + 8 + 5 + end.len();
    let mut sheet_name = u32::try_from(sheet_at).expect("small").to_le_bytes().to_vec();
    sheet_name.extend_from_slice(&[0, 0, 5, 0]);
    sheet_name.extend_from_slice(b"April");
    globals.extend(record(0x0085, &sheet_name));
    globals.extend(end.clone());
    assert_eq!(globals.len(), sheet_at);
    let mut stream = globals;
    stream.extend(begin(0x0010));
    for (row, cells) in (0_u16..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            let place = words(&[row, column, 0]);
            match cell {
                Cell::Text("") => {}
                Cell::Text(text) => {
                    let length = u16::try_from(text.len()).expect("short").to_le_bytes();
                    stream.extend(record(0x0204, &[&place[..], &length, &[0], text.as_bytes()].concat()));
                }
                Cell::Number(number) => stream.extend(record(0x0203, &[&place[..], &number.to_le_bytes()].concat())),
            }
        }
    }
    if !merged.is_empty() {
        let ranges: Vec<u16> = merged.iter().flatten().copied().collect();
        stream.extend(record(0x00e5, &[words(&[u16::try_from(merged.len()).expect("few")]), words(&ranges)].concat()));
    }
    stream.extend(end);
    compound(stream)
}

const SECTOR: usize = 512;
const END: u32 = 0xffff_fffe;

/// A compound file with one stream: a header, the table of sectors, the directory, the stream.
fn compound(mut stream: Vec<u8>) -> Vec<u8> {
    // A shorter stream would stand elsewhere.
    stream.resize(stream.len().max(4096).next_multiple_of(SECTOR), 0);
    let sectors = u32::try_from(stream.len() / SECTOR).expect("few");
    let mut header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    header.resize(24, 0);
    header.extend(words(&[0x3e, 3, 0xfffe, 9, 6, 0, 0, 0]));
    for number in [0, 1, 1, 0, 4096, END, 0, END, 0, 0] {
        header.extend(u32::to_le_bytes(number));
    }
    header.resize(SECTOR, 0xff);
    let mut table: Vec<u32> = vec![0xffff_fffd, END];
    table.extend((0..sectors).map(|sector| if sector + 1 == sectors { END } else { sector + 3 }));
    let mut table: Vec<u8> = table.into_iter().flat_map(u32::to_le_bytes).collect();
    table.resize(SECTOR, 0xff);
    let entry = |name: &str, kind: u8, child: u32, first: u32, size: u32| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry.resize(64, 0);
        entry.extend(words(&[u16::try_from(2 * (name.len() + 1)).expect("short")]));
        entry.extend([kind, 1]);
        for number in [u32::MAX, u32::MAX, child] {
            entry.extend(number.to_le_bytes());
        }
        entry.resize(116, 0);
        entry.extend(first.to_le_bytes());
        entry.extend(u64::from(size).to_le_bytes());
        entry
    };
    let mut directory = entry("Root Entry", 5, 1, END, 0);
    directory.extend(entry("Workbook", 2, u32::MAX, 2, u32::try_from(stream.len()).expect("small")));
    directory.resize(SECTOR, 0);
    [header, table, directory, stream].concat()
}

fn header() -> Vec<Cell> {
    ["Date", "Amount", "Ref", "Cost Centre", "Account"].map(Cell::Text).into()
}

#[test]
fn bare_day_numbers_count_from_the_workbook_s_own_day() {
    for desk in desks() {
        for (counts_from_1904, day) in [(false, 45_383.0), (true, 43_921.0)] {
            let line = vec![Cell::Number(day), Cell::Number(10.0), Cell::Text("A1"), Cell::Text("DP01"), Cell::Number(6401.0)];
            let report = desk.take(workbook(&[header(), line], counts_from_1904, &[]));
            assert_eq!((report.status, report.problems.as_slice()), (FileStatus::Loaded, [].as_slice()), "{report:?}");
            assert_eq!(report.counts.already_present, i64::from(counts_from_1904), "the same day");
        }
        assert_eq!(desk.days(), ["2024-04-01"]);
    }
}

#[test]
fn merged_cells_are_read_as_in_a_newer_workbook() {
    let line = |reference, centre| vec![Cell::Text("01/04/2024"), Cell::Number(10.0), Cell::Text(reference), Cell::Text(centre)];
    let merged = workbook(&[header(), line("A1", "DP01"), line("A2", ""), line("A3", "")], false, &[[1, 2, 3, 3]]);
    for desk in desks() {
        let report = desk.take_with(&MAPPING.replace("test ledger", "merged"), &merged);
        assert_eq!((report.counts.matched, report.counts.kept_out, report.problems.len()), (2, 1, 0), "{report:?}");
    }
}
