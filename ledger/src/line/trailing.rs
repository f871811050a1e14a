//! A comma inside a cell moves the cells after it, and the last of them beyond the header. Where that one is empty, the line looks well.

use super::{Lines, is_blank_cell};
use crate::noted::Noted;
use crate::problem::{Problem, ProblemCode};
use crate::row::Row;
use csv::ByteRecord;

/// Commas in one cell, or in two, that are looked for.
const MOST_COMMAS: usize = 3;
/// In a wider line only neighbouring cells are joined.
const MOST_CELLS_IN_PAIRS: usize = 40;

/// Lines whose last cells are empty, and beyond those of the header row.
#[derive(Debug, Default)]
pub(super) struct Trailing {
    /// How many.
    lines: i64,
    /// Of which a comma may have moved the cells: picked ones with the cells of the first, and kept-out ones.
    picked: Noted,
    first: Option<(u64, usize)>,
    pub(super) kept_out: Noted,
    /// The cells of every line, where all have as many.
    cells: Option<usize>,
    are_uneven: bool,
}

impl Trailing {
    /// A file whose every line trails as many empty cells has no stray comma, unless every line looks as if it had.
    pub(super) fn settle(&mut self) {
        if !self.are_uneven && self.picked.count + self.kept_out.count < self.lines {
            (self.picked, self.first, self.kept_out) = (Noted::default(), None, Noted::default());
        }
    }

    /// Why such lines refuse the file, if they do.
    pub(super) fn problem(&self, headers: usize) -> Option<Problem> {
        let (line, cells) = self.first?;
        let detail = format!(
            "{cells} cells under {headers} headers, the last of them empty ({} such, {}): a comma inside a cell that is not in quotation marks \
             moves the cells after it; put such a cell in quotation marks, or take the empty cells at the end away",
            self.picked.count,
            self.picked.places()
        );
        Some(Problem::of_line(line, ProblemCode::TooManyCells, detail))
    }
}

impl Lines<'_> {
    /// Notes a line that may say something else than its cells do, because a comma moved them.
    pub(super) fn check_trailing(&mut self, row: &Row<'_>, picked: &[usize]) {
        let (cells, headers) = (row.cells.len(), self.cells.layout.headers.len());
        if self.width() == usize::MAX {
            return;
        }
        self.trailing.are_uneven |= self.trailing.cells.is_some_and(|others| others != cells);
        self.trailing.cells = Some(cells);
        if cells <= headers {
            return;
        }
        self.trailing.lines += 1;
        let encoding = self.cells.encoding;
        let mut others = joined(row.cells, cells - headers, move |cell| is_blank_cell(cell, encoding));
        if !others.any(|other| self.says_otherwise(row.cells, picked, &other)) {
            return;
        }
        if picked.is_empty() {
            self.trailing.kept_out.add(row.line);
        } else {
            self.trailing.picked.add(row.line);
            self.trailing.first.get_or_insert((row.line, cells));
        }
    }

    /// Whether the cells, some of them joined, are a payment that a rule picks, and another one than the line is.
    fn says_otherwise(&mut self, row: &ByteRecord, picked: &[usize], joined: &ByteRecord) -> bool {
        let rules = self.picked_as_payment(joined);
        if rules.is_empty() {
            return false;
        }
        let mut numbers = [&self.cells.layout.reference, &self.cells.layout.purchase_order].into_iter().flatten();
        let differs = |at: usize| self.cells.text(row, at) != self.cells.text(joined, at);
        let has_other_number = numbers.any(|column| differs(column.at) && !self.cells.text(joined, column.at).is_empty());
        rules != picked || has_other_number || self.cells.day_and_amount(row) != self.cells.day_and_amount(joined)
    }
}

/// The records that a line was before commas parted its cells: `commas` of them or fewer, in one cell or in two. Only cells that hold
/// something are joined.
pub(super) fn joined<'r>(
    row: &'r ByteRecord,
    commas: usize,
    is_blank: impl Fn(&[u8]) -> bool + 'r,
) -> impl Iterator<Item = ByteRecord> + 'r {
    // Gaps between cells, by the cell before.
    let gaps: Vec<usize> = (1..row.len()).filter(|at| !is_blank(&row[at - 1]) && !is_blank(&row[*at])).map(|at| at - 1).collect();
    let runs: Vec<Vec<usize>> = (1..=commas.min(MOST_COMMAS))
        .flat_map(|length| gaps.windows(length).filter(move |run| run[length - 1] - run[0] == length - 1).map(<[usize]>::to_vec))
        .collect();
    let has_pairs = commas >= 2 && row.len() <= MOST_CELLS_IN_PAIRS;
    let pairs: Vec<Vec<usize>> = gaps
        .iter()
        .filter(|_| has_pairs)
        .flat_map(|one| gaps.iter().filter(move |other| **other > one + 1).map(move |other| vec![*one, *other]))
        .collect();
    runs.into_iter().chain(pairs).map(move |gaps| without(row, &gaps))
}

/// The record without these gaps between its cells.
pub(super) fn without(row: &ByteRecord, gaps: &[usize]) -> ByteRecord {
    let mut cells: Vec<Vec<u8>> = Vec::with_capacity(row.len());
    for (at, cell) in row.iter().enumerate() {
        match cells.last_mut() {
            Some(last) if at > 0 && gaps.contains(&(at - 1)) => {
                last.push(b',');
                last.extend_from_slice(cell);
            }
            _ => cells.push(cell.to_vec()),
        }
    }
    cells.iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_joined_where_a_comma_may_have_parted_them() {
        let record = |cells: &[&str]| cells.iter().collect::<ByteRecord>();
        let all = |cells: &[&str], commas| joined(&record(cells), commas, <[u8]>::is_empty).collect::<Vec<_>>();
        assert_eq!(all(&["a", "b", "", "c", ""], 1), [record(&["a,b", "", "c", ""])]);
        assert!(all(&["d", "X", "1", "234", "567.89", ""], 2).contains(&record(&["d", "X", "1,234,567.89", ""])));
        assert!(all(&["d", "Smith", "J", "X", "1", "234", "", ""], 2).contains(&record(&["d", "Smith,J", "X", "1,234", "", ""])));
        assert!(all(&["d", "X", "1", "234", "", ""], 2).contains(&record(&["d", "X", "1,234", "", ""])), "and one is of the file's own");
    }
}
