//! Quotation marks in CSV: whether a record that runs over several lines is one cell with line breaks, or several payments that
//! a stray mark has swallowed.

use csv::ByteRecord;

/// A quoted cell over more lines is a quotation mark that was never closed.
pub(crate) const MOST_LINES_OF_RECORD: u64 = 50;

/// A record over several lines, as the marks in it have made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marked {
    /// Every mark that opens a cell is closed at the cell's end.
    Closed {
        /// How many cells it has.
        cells: usize,
    },
    /// One is never closed.
    Open,
    /// One is closed in the middle of a cell.
    Astray,
}

/// How the quotation marks of a record stand. The reader itself takes `"Fred"Bob` for one cell, and so would make one of two lines that
/// each have a stray mark.
pub(crate) fn marked(record: &[u8], delimiter: u8) -> Marked {
    let (mut rest, mut cells) = (record, 1);
    loop {
        let Some(quoted) = rest.strip_prefix(b"\"") else {
            match rest.iter().position(|byte| *byte == delimiter) {
                Some(at) => (rest, cells) = (&rest[at + 1..], cells + 1),
                None => return Marked::Closed { cells },
            }
            continue;
        };
        let Some((_, after)) = closed(quoted) else { return Marked::Open };
        let spaces = after.iter().take_while(|byte| **byte != delimiter && matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        match after.get(spaces) {
            None => return Marked::Closed { cells },
            Some(byte) if *byte == delimiter => (rest, cells) = (&after[spaces + 1..], cells + 1),
            Some(_) => return Marked::Astray,
        }
    }
}

/// What stands in a cell up to the mark that closes it, and what follows; two marks together are one inside it.
fn closed(quoted: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let at = from + quoted[from..].iter().position(|byte| *byte == b'"')?;
        if quoted.get(at + 1) != Some(&b'"') {
            return Some((&quoted[..at], &quoted[at + 1..]));
        }
        from = at + 2;
    }
}

/// Whether a record over several lines, with all its marks closed, is rather several payments. One that stands whole between two marks was
/// swallowed by them. So was the second, where the first line is a payment by itself and a later one too.
pub(crate) fn swallows(record: &[u8], delimiter: u8, is_payment: &mut dyn FnMut(&ByteRecord) -> bool) -> bool {
    let mut rest = record;
    while !rest.is_empty() {
        let cell = match rest.strip_prefix(b"\"").and_then(closed) {
            Some((inside, after)) => {
                if lines(inside, delimiter).skip(1).any(|line| is_payment(&line)) {
                    return true;
                }
                after
            }
            None => rest,
        };
        rest = cell.iter().position(|byte| *byte == delimiter).map_or(&[][..], |at| &cell[at + 1..]);
    }
    let mut all = lines(record, delimiter);
    all.next().is_some_and(|first| is_payment(&first)) && all.any(|line| is_payment(&line))
}

/// The lines of a text, each split at every delimiter, as they would be without quotation marks.
fn lines(text: &[u8], delimiter: u8) -> impl Iterator<Item = ByteRecord> {
    text.split(|byte| *byte == b'\n').map(move |line| line.split(|byte| *byte == delimiter).map(bare).collect())
}

/// A cell without the marks around it.
fn bare(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let cell = cell.strip_prefix(b"\"").unwrap_or(cell);
    cell.strip_suffix(b"\"").unwrap_or(cell)
}

/// The record with the cells bare that stand in marks whole; None, no cell does.
pub(crate) fn without_marks(record: &ByteRecord) -> Option<ByteRecord> {
    let is_marked = |cell: &&[u8]| {
        let cell = cell.trim_ascii();
        cell.len() >= 2 && cell.starts_with(b"\"") && cell.ends_with(b"\"")
    };
    record.iter().any(|cell| is_marked(&cell)).then(|| record.iter().map(|cell| if is_marked(&cell) { bare(cell) } else { cell }).collect())
}

/// Watches the lines of a file whose quotation marks mean nothing, as the mapping says, for a cell whose marks do: one that opens on one
/// line, closes on a later one, and makes of them a record as wide as the header.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    lines: Vec<u8>,
    from: u64,
    count: u64,
}

impl Watch {
    /// Looks at the next line. The line where such a cell's record starts, and over how many it runs.
    pub(crate) fn line(
        &mut self,
        text: &[u8],
        line: u64,
        delimiter: u8,
        width: usize,
        is_payment: &mut dyn FnMut(&ByteRecord) -> bool,
    ) -> Option<(u64, u64)> {
        if self.count == 0 && !text.contains(&b'"') {
            return None;
        }
        if self.count > 0 {
            self.lines.extend_from_slice(text);
            self.count += 1;
            match marked(&self.lines, delimiter) {
                Marked::Open if self.count < MOST_LINES_OF_RECORD => return None,
                Marked::Closed { cells } if cells == width && !swallows(&self.lines, delimiter, is_payment) => {
                    let found = (self.from, self.count);
                    self.count = 0;
                    return Some(found);
                }
                _ => self.count = 0,
            }
        }
        if marked(text, delimiter) == Marked::Open {
            (self.from, self.count) = (line, 1);
            self.lines.clear();
            self.lines.extend_from_slice(text);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mark_must_be_closed_where_its_cell_ends() {
        for (record, cells) in [
            ("a,\"b\nc\",d\n", 3),
            ("\"Notes:\nnone\"", 1),
            ("\"say \"\"so\"\"\n\"\r\n", 1),
            ("a,\"\",\"x\n\" ,b", 4),
            ("5\" pipe,\"a\nb\"", 2),
        ] {
            assert_eq!(marked(record.as_bytes(), b','), Marked::Closed { cells }, "{record:?}");
        }
        for (record, expected) in [
            ("a,\"Fred\nb,\"Bob\n", Marked::Astray),
            ("\"Fred,5\n1,\"Bob\",5\n", Marked::Astray),
            ("a,\"open\n", Marked::Open),
            ("\"a\n\"\"\n", Marked::Open),
        ] {
            assert_eq!(marked(record.as_bytes(), b','), expected, "{record:?}");
        }
    }

    /// A line of a date, a code and an amount.
    fn is_payment(line: &ByteRecord) -> bool {
        line.get(0).is_some_and(|cell| cell.starts_with(b"2024")) && line.get(2).is_some_and(|cell| cell.starts_with(b"1"))
    }

    #[test]
    fn a_note_swallows_nothing_and_two_stray_marks_do() {
        for (record, is_swallowed) in [
            ("2024,A,10,\"a note\nof two lines\"\n", false),
            ("\"a note\n2024 was a good year\",2024,10\n", false),
            // The payment that the note belongs to, not one inside it.
            ("\"a note,\nin a hall, 2024\n2024\",B,10\n", false),
            ("2024,A,10,\"Fred\n2024,B,10,Bob\"\n", true),
            ("2024,A,10,\"Fred\n2024,B,10,X\n2024,C,10,\"\n", true),
            ("2024,\"A,10,Fred\n2024,B\",10,Bob\n", true),
        ] {
            assert_eq!(swallows(record.as_bytes(), b',', &mut |line| is_payment(line)), is_swallowed, "{record:?}");
        }
    }

    fn watched(text: &str, width: usize) -> Option<(u64, u64)> {
        let mut watch = Watch::default();
        (1..)
            .zip(text.split_inclusive('\n'))
            .find_map(|(number, line)| watch.line(line.as_bytes(), number, b',', width, &mut |line| is_payment(line)))
    }

    #[test]
    fn marks_that_mean_something_are_noticed() {
        assert_eq!(watched("2024,A,10,x\n2024,\"two\nlines\",10,y\n", 4), Some((2, 2)));
        assert_eq!(watched("2024,\"stray,10,x\n2024,\"two\nlines\",10,y\n", 4), Some((2, 2)), "behind a stray one");
        assert_eq!(watched("2024,\"three\nlines\nof it\",10,y\n", 4), Some((1, 3)));
        assert_eq!(watched("2024,A,10,\"Fred\n2024,B,10,Bob\"\n", 4), None, "two stray marks");
        assert_eq!(watched("2024,A,10,\"Fred\n2024,B,10,Bob\n", 4), None);
        assert_eq!(watched("2024,\"A\",10,5\" pipe\n", 4), None);
        assert_eq!(watched(&format!("2024,\"open\n{}", "x\n".repeat(80)), 4), None);
    }

    #[test]
    fn marks_around_a_whole_cell_are_taken_off() {
        let record: ByteRecord = ["\"CWD10\"", " \"a\" ", "\"open", "5\""].iter().collect();
        let bare: ByteRecord = ["CWD10", "a", "\"open", "5\""].iter().collect();
        assert_eq!(without_marks(&record), Some(bare.clone()));
        assert_eq!(without_marks(&bare), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(record in "[a\",\n ]{0,30}") {
            let _ = marked(record.as_bytes(), b',');
            let _ = swallows(record.as_bytes(), b',', &mut |_| false);
            let _ = watched(&record, 2);
        }
    }
}
