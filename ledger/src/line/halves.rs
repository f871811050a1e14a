//! A payment in two: a line end inside a cell that is not in quotation marks, or between two cells, makes short lines of it, neither of
//! which a rule picks.

use super::Lines;
use crate::problem::{Problem, ProblemCode};
use crate::row::Row;
use csv::ByteRecord;
use std::collections::VecDeque;

/// A cell has seldom more lines.
const MOST_LINES: usize = 8;
const MOST_BYTES: usize = 64 * 1024;

/// Short lines next to one another.
#[derive(Debug, Default)]
pub(super) struct Halves {
    lines: VecDeque<(u64, ByteRecord)>,
}

impl Halves {
    /// Forgets them: another line stands between.
    pub(super) fn clear(&mut self) {
        self.lines.clear();
    }

    /// Adds a line: the records of at most `width` cells that it makes with those before it, each with its first line.
    fn add(&mut self, line: u64, cells: &ByteRecord, width: usize) -> Vec<(u64, ByteRecord)> {
        if cells.as_slice().len() > MOST_BYTES {
            self.clear();
            return Vec::new();
        }
        if self.lines.len() == MOST_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back((line, cells.clone()));
        let (mut found, mut count) = (Vec::new(), cells.len());
        for from in (0..self.lines.len() - 1).rev() {
            // The last cell of one and the first of the next are one.
            count = (count + self.lines[from].1.len()).saturating_sub(1);
            if count > width {
                break;
            }
            let parts: Vec<&ByteRecord> = self.lines.range(from..).map(|(_, cells)| cells).collect();
            found.extend(["\n", ""].map(|between| (self.lines[from].0, joined(&parts, between))));
            // Or the line ends where a sign between cells should be.
            let apart: ByteRecord = parts.iter().flat_map(|part| part.iter()).collect();
            found.extend((apart.len() <= width).then(|| (self.lines[from].0, apart)));
        }
        found
    }
}

/// The parts as one record: the last cell of each and the first of the next are one cell, with `between` in it.
fn joined(parts: &[&ByteRecord], between: &str) -> ByteRecord {
    let mut cells: Vec<Vec<u8>> = Vec::new();
    for part in parts {
        let mut rest = part.iter();
        if let Some(last) = cells.last_mut() {
            last.extend_from_slice(between.as_bytes());
            last.extend_from_slice(rest.next().unwrap_or_default());
        }
        cells.extend(rest.map(<[u8]>::to_vec));
    }
    cells.iter().collect()
}

impl Lines<'_> {
    /// Refuses short lines that together are a payment which a rule would pick.
    pub(super) fn check_halves(&mut self, row: &Row<'_>) {
        let width = self.cells.layout.headers.len();
        let records = self.halves.add(row.line, row.cells, width);
        let Some((first, _)) = records.into_iter().find(|(_, cells)| !self.picked_as_payment(cells).is_empty()) else { return };
        self.halves.clear();
        let detail = format!(
            "the lines {first} to {} are one payment with a line end in it, and each of them has fewer cells than the header; take the \
             line end away, or put the cell that has it in quotation marks",
            row.line
        );
        self.problems.push(Problem::of_line(first, ProblemCode::TooFewCells, detail));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_are_joined_as_far_as_the_header_is_wide() {
        let record = |cells: &[&str]| cells.iter().collect::<ByteRecord>();
        let mut halves = Halves::default();
        assert!(halves.add(2, &record(&["1/4", "Fred"]), 4).is_empty());
        let found = halves.add(3, &record(&["Bloggs", "X", "10"]), 4);
        assert_eq!(found, [(2, record(&["1/4", "Fred\nBloggs", "X", "10"])), (2, record(&["1/4", "FredBloggs", "X", "10"]))]);
        halves.clear();
        assert!(halves.add(2, &record(&["1/4", "Fred"]), 4).is_empty());
        assert!(halves.add(3, &record(&["X", "10"]), 4).contains(&(2, record(&["1/4", "Fred", "X", "10"]))), "each end a cell's end");
        halves.clear();
        assert!(halves.add(2, &record(&["1/4", "Fred"]), 4).is_empty());
        assert_eq!(halves.add(3, &record(&["Bloggs", "X", "10"]), 4).len(), 2, "five cells are too many");
        assert!(halves.add(4, &record(&["a", "b", "c"]), 4).is_empty(), "too wide");
        halves.clear();
        let all: Vec<_> = (1..40).flat_map(|line| halves.add(line, &record(&["x"]), 4)).collect();
        assert!(all.len() <= 40 * MOST_LINES * 3 && halves.lines.len() == MOST_LINES);
    }
}
