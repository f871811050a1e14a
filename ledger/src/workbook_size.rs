//! How much memory a workbook would take, found out before any of it is held: every part is unpacked once, as a stream.
//!
//! A sheet is later read cell by cell, so its size bounds time, but one cell's text is held whole; the shared texts and every
//! other part are held altogether. What the archive says of its parts' sizes proves nothing.

use crate::merged::MOST_MERGED;
use std::fs::File;
use std::io::{BufReader, Read};
use zip::ZipArchive;

/// All sheets together, unpacked.
const MOST_SHEET_BYTES: u64 = 4 << 30;
/// Any other part, the shared texts above all.
const MOST_PART_BYTES: u64 = 64 << 20;
/// All other parts together, as unpacking takes time.
const MOST_OTHER_BYTES: u64 = 1 << 30;
/// A cell's text is at most 32,767 letters, and its formatting some more.
const MOST_CELL_BYTES: u64 = 1 << 20;
/// Each shared text takes memory even if it is empty.
const MOST_SHARED_TEXTS: u64 = 2_000_000;

/// A sheet's last row and its last column, XFD.
const MOST_ROWS: u32 = 1_048_576;
const MOST_COLUMNS: u32 = 16_384;

/// What a workbook is made of.
#[derive(Debug, Default)]
pub(crate) struct Size {
    /// Formulas without a stored result.
    pub(crate) formulas_without_result: i64,
    /// Cells that are merged.
    pub(crate) merged: i64,
}

/// Unpacks the archive's parts and measures them, or says why the workbook is not read.
pub(crate) fn check(file: &File) -> Result<Size, String> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())?;
    let (mut size, mut is_xlsx, mut left_of_sheets, mut left_of_others) = (Size::default(), false, MOST_SHEET_BYTES, MOST_OTHER_BYTES);
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|error| error.to_string())?;
        let name = part.name().map_err(|error| error.to_string())?.to_ascii_lowercase();
        is_xlsx |= name == "[content_types].xml";
        let is_sheet = name.starts_with("xl/worksheets/") && name.ends_with(".xml");
        let (left, most) = if is_sheet { (&mut left_of_sheets, MOST_SHEET_BYTES) } else { (&mut left_of_others, MOST_PART_BYTES) };
        let mut meter = Meter { is_sheet: is_sheet || name.ends_with("sharedstrings.xml"), ..Meter::default() };
        let mut buffer = vec![0; 64 * 1024];
        let mut bytes = 0;
        loop {
            let count = part.read(&mut buffer).map_err(|error| error.to_string())?;
            if count == 0 {
                break;
            }
            bytes += count as u64;
            *left = left.saturating_sub(count as u64);
            if bytes > most || *left == 0 {
                return Err(format!("its part {} is too large", name.escape_default()));
            }
            if meter.is_sheet {
                meter.take(&buffer[..count]).map_err(|problem| format!("its part {} has {problem}", name.escape_default()))?;
            }
        }
        size.formulas_without_result += meter.formulas_without_result;
        size.merged += meter.merged;
    }
    if is_xlsx { Ok(size) } else { Err("it is not XLSX, XLS or CSV".to_owned()) }
}

/// Measures cells and shared texts in the XML of a part as it streams by.
#[derive(Debug, Default)]
struct Meter {
    is_sheet: bool,
    state: State,
    /// The start of the tag's name.
    name: Vec<u8>,
    last: u8,
    since_mark: u64,
    shared_texts: u64,
    is_past_cells: bool,
    has_formula: bool,
    is_text: bool,
    has_result: bool,
    in_result: bool,
    formulas_without_result: i64,
    merged: i64,
    /// The name of the attribute that is read, and of its value the start.
    attribute: Vec<u8>,
    value: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Name,
    Tag,
    /// In an attribute's value, which ends with this mark.
    Value(u8),
}

impl Meter {
    fn take(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        for byte in bytes.iter().copied() {
            self.since_mark += 1;
            match (self.state, byte) {
                (State::Text, b'<') => {
                    self.name.clear();
                    self.state = State::Name;
                }
                (State::Text, _) => self.has_result |= self.in_result && !byte.is_ascii_whitespace(),
                (State::Name | State::Tag, b'>') => self.end_tag()?,
                (State::Name, b' ' | b'\t' | b'\r' | b'\n') => {
                    self.attribute.clear();
                    self.state = State::Tag;
                }
                // Comments and raw text could hide what is counted here; no spreadsheet program writes them.
                (State::Name, b'!') if self.name.is_empty() => return Err("a comment or raw text in it"),
                (State::Name, _) if self.name.len() < 64 => self.name.push(byte),
                (State::Tag, b'"' | b'\'') => {
                    self.value.clear();
                    self.state = State::Value(byte);
                }
                (State::Tag, b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'/') => {}
                (State::Tag, _) if self.attribute.len() < 8 => self.attribute.push(byte),
                (State::Value(mark), _) if mark == byte => self.end_value()?,
                (State::Value(_), _) if self.value.len() < 64 => self.value.push(byte),
                _ => {}
            }
            self.last = byte;
            if self.since_mark > MOST_CELL_BYTES && !self.is_past_cells {
                return Err("a cell with more text than a cell can have");
            }
        }
        Ok(())
    }

    /// A place in the sheet must be one: where it is not, whatever reads it might take it for another.
    fn end_value(&mut self) -> Result<(), &'static str> {
        self.state = State::Tag;
        let attribute = std::mem::take(&mut self.attribute);
        // A formula may well come to an empty text.
        self.is_text |= local_name(&self.name) == b"c" && attribute == b"t" && self.value == b"str";
        let is_place = match local_name(&self.name) {
            b"c" | b"row" => attribute == b"r",
            b"dimension" | b"mergeCell" | b"f" => attribute == b"ref",
            _ => false,
        };
        if is_place && !is_within_sheet(&self.value) {
            return Err("a cell beyond a sheet's last row or column");
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), &'static str> {
        self.state = State::Text;
        let (is_empty, is_closing) = (self.last == b'/', self.name.first() == Some(&b'/'));
        if self.name.first() == Some(&b'?') && self.last != b'?' {
            return Err("an instruction that is not understood");
        }
        match local_name(&self.name) {
            b"c" if !is_closing => {
                (self.has_formula, self.has_result, self.in_result) = (false, false, false);
                self.since_mark = 0;
                if is_empty {
                    self.is_text = false;
                }
            }
            b"c" => {
                self.formulas_without_result += i64::from(self.has_formula && !self.has_result);
                self.since_mark = 0;
                self.is_text = false;
            }
            b"f" => self.has_formula = true,
            b"v" => {
                self.in_result = !is_closing && !is_empty;
                self.has_result |= self.is_text;
            }
            b"row" => self.since_mark = 0,
            b"mergeCell" => {
                self.merged += i64::from(!is_closing);
                if self.merged > MOST_MERGED {
                    return Err("more merged cells than are read");
                }
            }
            b"si" => {
                self.shared_texts += u64::from(!is_closing);
                self.since_mark = 0;
                if self.shared_texts > MOST_SHARED_TEXTS {
                    return Err("more texts than are read");
                }
            }
            // What follows the cells is not read.
            b"sheetData" => self.is_past_cells = is_closing || is_empty,
            _ => {}
        }
        Ok(())
    }
}

/// A tag's name without its mark of closing and its prefix.
fn local_name(name: &[u8]) -> &[u8] {
    let name = name.strip_prefix(b"/").unwrap_or(name);
    let name = name.strip_suffix(b"/").unwrap_or(name);
    name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
}

/// Whether `B7`, `7` or `B7:C9` lies in a sheet, and the second of two is not before the first. What is no such thing is left to the reader.
fn is_within_sheet(place: &[u8]) -> bool {
    let mut before = (0, 0);
    for cell in place.split(|byte| *byte == b':') {
        let letters = cell.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (column, row) = cell.split_at(letters);
        if column.len() > 3 || row.len() > 7 {
            return false;
        }
        let column = column.iter().fold(0, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
        let row = row.iter().filter(|byte| byte.is_ascii_digit()).fold(0, |row, digit| row * 10 + u32::from(digit - b'0'));
        if column > MOST_COLUMNS || row > MOST_ROWS || column < before.0 || row < before.1 {
            return false;
        }
        before = (column, row);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(xml: &str) -> Result<Meter, &'static str> {
        let mut meter = Meter { is_sheet: true, ..Meter::default() };
        // In small pieces, as a stream may come.
        for piece in xml.as_bytes().chunks(7) {
            meter.take(piece)?;
        }
        Ok(meter)
    }

    #[test]
    fn formulas_without_a_result_are_counted() {
        let xml = "<?xml version=\"1.0\"?><worksheet><sheetData><row r=\"1\"><c r=\"A1\"><f>1+1</f><v></v></c><c r=\"B1\"><f>1+1</f><v>2</v></c>\
                   <x:c r=\"C1\"><x:f>A1</x:f><x:v/></x:c><c r=\"D1\"/><c r=\"E1\"><f>1</f></c><c r=\"F1\" t=\"str\"><f>A1</f><v></v></c></row></sheetData></worksheet>";
        assert_eq!(measure(xml).map(|meter| meter.formulas_without_result), Ok(3));
    }

    #[test]
    fn a_place_beyond_the_sheet_is_refused() {
        for place in ["A1", "XFD1048576", "A1:XFD1048576", "AA10", "7", "B2:B2"] {
            assert!(is_within_sheet(place.as_bytes()), "{place}");
        }
        for place in ["XFE1", "AAAA1", "A1048577", "A12345678", "ZZZZZZZZZZ1", "B2:A1", "A2:B1", "A1:XFE2", "99999999"] {
            assert!(!is_within_sheet(place.as_bytes()), "{place}");
        }
        for beyond in [
            "<c r=\"ZZZZZZZ1\"><v>1</v></c>",
            "<c s=\"1\" r=\"A4294967297\"/>",
            "<row spans='1:2' r = '1048577'>",
            "<x:c t=\"s\"\nr='XFE1'>",
            "<mergeCell ref=\"B2:A1\"/>",
            "<dimension ref=\"A1:ZZZZZZZZ9\"/>",
            "<c r=\"A1\"><f t=\"shared\" ref=\"A1:AAAAAAAA1\">",
        ] {
            assert!(measure(&format!("<worksheet><sheetData>{beyond}")).is_err(), "{beyond}");
        }
        let within =
            "<c r=\"A1\" s=\"99999999\" t=\"str\"><v>1</v></c></sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:B2\"/></mergeCells>";
        assert_eq!(measure(&format!("<worksheet><sheetData>{within}")).map(|meter| meter.merged), Ok(1));
    }

    #[test]
    fn a_cell_of_any_make_is_bounded() {
        let long = "x".repeat(2 << 20);
        for cell in [format!("<c><is><t>{long}"), format!("<c r=\"{}\"/>", "<c>".repeat(1 << 19)), "<t>x</t>".repeat(1 << 18)] {
            assert!(measure(&format!("<worksheet><sheetData>{cell}")).is_err());
        }
        assert!(measure(&format!("<sheetData></sheetData><x>{long}</x>")).is_ok(), "what follows the cells is not read");
        assert!(measure(&"<c><v>1</v></c>".repeat(200_000)).is_ok());
        assert!(measure(&"<si/>".repeat(2_000_001)).is_err());
        assert!(measure("<sheetData><![CDATA[<c>]]>").is_err() && measure("<?x > <c>?>").is_err());
    }
}
