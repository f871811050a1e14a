//! Quotation marks in CSV: whether a record that runs over several lines is one cell with line breaks, or several payments that
//! a stray mark has swallowed.

use csv::ByteRecord;

/// Whether every quotation mark that opens a cell of this record is closed at that cell's end. The reader itself takes
/// `"Fred"Bob` for one cell, and so would make one of two lines that each have a stray mark.
pub(crate) fn are_closed(record: &[u8], delimiter: u8) -> bool {
    let mut rest = record;
    loop {
        let Some(quoted) = rest.strip_prefix(b"\"") else {
            match rest.iter().position(|byte| *byte == delimiter) {
                Some(at) => rest = &rest[at + 1..],
                None => return true,
            }
            continue;
        };
        let Some(after) = after_closing(quoted) else { return false };
        let spaces = after.iter().take_while(|byte| **byte != delimiter && matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        match after.get(spaces) {
            None => return true,
            Some(byte) if *byte == delimiter => rest = &after[spaces + 1..],
            Some(_) => return false,
        }
    }
}

/// What follows the mark that closes a cell; two marks together are one inside it.
fn after_closing(quoted: &[u8]) -> Option<&[u8]> {
    let mut rest = quoted;
    loop {
        let at = rest.iter().position(|byte| *byte == b'"')?;
        rest = &rest[at + 1..];
        match rest.strip_prefix(b"\"") {
            Some(further) => rest = further,
            None => return Some(rest),
        }
    }
}

/// The lines of a record after its first, each split at every delimiter, as they would be without quotation marks.
pub(crate) fn inner_lines(record: &[u8], delimiter: u8) -> impl Iterator<Item = ByteRecord> {
    record.split(|byte| *byte == b'\n').skip(1).map(move |line| line.split(|byte| *byte == delimiter).map(bare).collect())
}

fn bare(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let cell = cell.strip_prefix(b"\"").unwrap_or(cell);
    cell.strip_suffix(b"\"").unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mark_must_be_closed_where_its_cell_ends() {
        for record in ["a,\"b\nc\",d\n", "\"Notes:\nnone\"", "\"say \"\"so\"\"\n\"\r\n", "a,\"\",\"x\n\" ,b", "5\" pipe,\"a\nb\""] {
            assert!(are_closed(record.as_bytes(), b','), "{record:?}");
        }
        for record in ["a,\"Fred\nb,\"Bob\n", "\"Fred,5\n1,\"Bob\",5\n", "a,\"open\n", "\"a\n\"\"\n"] {
            assert!(!are_closed(record.as_bytes(), b','), "{record:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(record in "[a\",\n ]{0,30}") {
            let _ = are_closed(record.as_bytes(), b',');
            let _ = inner_lines(record.as_bytes(), b',').count();
        }
    }
}
