//! Merged cells of a sheet: a person sees one text across all of them, and the file has it in the first.

use crate::row::{Unread, Why};
use calamine::Dimensions;
use csv::ByteRecord;
use std::collections::BTreeMap;

/// More of them than any sheet of payments has; they are held in memory.
pub(crate) const MOST_MERGED: i64 = 100_000;

/// The merged cells of one sheet, and what the rows so far have put into them.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    /// By first row and first column; the last ones.
    all: BTreeMap<(u32, u32), (u32, u32)>,
    /// Those that reach down to the row that is read, by first column.
    open: BTreeMap<u32, Open>,
    /// The first row that was not read yet.
    next_row: u32,
}

#[derive(Debug)]
struct Open {
    first_row: u32,
    last: (u32, u32),
    text: String,
}

impl Merged {
    pub(crate) fn new(cells: Vec<Dimensions>) -> Self {
        Merged { all: cells.into_iter().map(|merged| (merged.start, merged.end)).collect(), open: BTreeMap::new(), next_row: 0 }
    }

    /// Starts from the sheet's first row again.
    pub(crate) fn restart(&mut self) {
        self.open.clear();
        self.next_row = 0;
    }

    /// Gives a row's merged cells what a person sees in them, and says which they are. Only a row that has something of its own is read:
    /// the lines of a tall one are one line.
    pub(crate) fn fill(&mut self, row: u32, cells: &mut ByteRecord, unread: &mut Vec<Unread>) {
        self.open.retain(|_, open| open.last.0 >= row);
        for ((first_row, first), last) in self.all.range((self.next_row, 0)..=(row, u32::MAX)).filter(|(_, last)| last.0 >= row) {
            // One that starts in a row without cells has no text.
            let own = cells.get(index(*first)).filter(|_| *first_row == row);
            let text = own.map(|cell| String::from_utf8_lossy(cell).into_owned()).unwrap_or_default();
            self.open.insert(*first, Open { first_row: *first_row, last: *last, text });
        }
        self.next_row = row.saturating_add(1);
        let mut filled: BTreeMap<usize, &str> = BTreeMap::new();
        for (first, open) in &self.open {
            if open.first_row < row {
                let why = Why::Above { line: u64::from(open.first_row) + 1 };
                unread.push(Unread { first: index(*first), last: index(*first), why });
                filled.insert(index(*first), &open.text);
            }
            if open.last.1 > *first {
                unread.push(Unread { first: index(*first) + 1, last: index(open.last.1), why: Why::Across });
            }
        }
        if filled.values().any(|text| !text.is_empty()) {
            let width = cells.len().max(filled.keys().next_back().map_or(0, |last| last + 1));
            let whole: ByteRecord = (0..width)
                .map(|at| match (cells.get(at).filter(|cell| !cell.is_empty()), filled.get(&at)) {
                    (None, Some(text)) => text.as_bytes(),
                    (own, _) => own.unwrap_or_default(),
                })
                .collect();
            *cells = whole;
        }
    }

    /// The columns beside a column that a merged cell of this row covers too, from 0.
    pub(crate) fn beside(&self, row: u32, column: usize) -> std::ops::Range<usize> {
        let covers = |(first, last): (&(u32, u32), &(u32, u32))| (first.0..=last.0).contains(&row) && index(first.1) == column;
        let last = self.all.range(..=(row, u32::MAX)).filter(|merged| covers(*merged)).map(|(_, last)| index(last.1)).max();
        column + 1..last.map_or(column + 1, |last| last + 1)
    }
}

fn index(column: u32) -> usize {
    usize::try_from(column).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Place = (u32, u32);

    fn merged(cells: &[(Place, Place)]) -> Merged {
        Merged::new(cells.iter().map(|(start, end)| Dimensions { start: *start, end: *end }).collect())
    }

    fn fill(merged: &mut Merged, row: u32, cells: &[&str]) -> (Vec<String>, Vec<Unread>) {
        let (mut record, mut unread) = (cells.iter().collect::<ByteRecord>(), Vec::new());
        merged.fill(row, &mut record, &mut unread);
        (record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect(), unread)
    }

    #[test]
    fn a_text_stands_in_every_row_that_it_is_merged_over() {
        let mut down = merged(&[((1, 2), (3, 2)), ((1, 3), (2, 4))]);
        let above = |column| Unread { first: column, last: column, why: Why::Above { line: 2 } };
        let across = Unread { first: 4, last: 4, why: Why::Across };
        assert_eq!(fill(&mut down, 0, &["a"]), (vec!["a".to_owned()], vec![]));
        let (cells, unread) = fill(&mut down, 1, &["b", "1", "CWD10", "6401"]);
        assert_eq!((cells, unread), (["b", "1", "CWD10", "6401"].map(str::to_owned).to_vec(), vec![across]));
        let (cells, unread) = fill(&mut down, 2, &["c", "2"]);
        assert_eq!((cells, unread), (["c", "2", "CWD10", "6401"].map(str::to_owned).to_vec(), vec![above(2), above(3), across]));
        let (cells, unread) = fill(&mut down, 3, &["d", "4", "", "9"]);
        assert_eq!((cells, unread), (["d", "4", "CWD10", "9"].map(str::to_owned).to_vec(), vec![above(2)]));
        assert_eq!(fill(&mut down, 4, &["e"]), (vec!["e".to_owned()], vec![]));
    }

    #[test]
    fn the_columns_that_a_header_is_merged_across_are_known() {
        let header = merged(&[((2, 1), (2, 3)), ((1, 5), (2, 6))]);
        assert_eq!((header.beside(2, 1), header.beside(2, 5), header.beside(2, 0), header.beside(3, 1)), (2..4, 6..7, 1..1, 2..2));
    }
}
