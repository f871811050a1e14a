//! Another table below the first, whose columns stand in other places.

use super::{Lines, is_blank_cell};
use crate::header::{AmountAt, Layout};
use crate::payment_like::is_payment_like;
use crate::problem::{Problem, ProblemCode};
use crate::row::Row;
use crate::shown::is_plain_header;
use csv::ByteRecord;

/// A payment has a day, an amount and a code, so its table has at least so many headers.
const FEWEST_HEADERS: usize = 3;

impl Lines<'_> {
    /// Refuses a kept-out line that is a header with the columns in other places, or one that is made of the words of headers and has below
    /// it what looks like a payment but not by the file's own header.
    pub(super) fn check_other_table(&mut self, row: &Row<'_>, has_day: bool) {
        if let Some(header) = self.other_header
            && is_payment_like(row.cells, self.cells.encoding, self.mapping)
            && !self.cells.looks_like_payment(row.cells)
        {
            self.tell_table(header);
            self.other_header = None;
        }
        if has_day || !self.has_words_alone(row.cells) {
            return;
        }
        let (mapping, encoding) = (self.mapping, self.cells.encoding);
        let found = mapping.layouts.iter().find_map(|columns| Layout::of(columns, encoding, row.cells, row.line, false).ok());
        match found {
            Some(layout) if places(&layout) == places(&self.cells.layout) => self.other_header = None,
            Some(_) => self.tell_table(row.line),
            None if self.is_made_of_headers(row.cells) => self.other_header = Some(row.line),
            None => {}
        }
    }

    fn tell_table(&mut self, line: u64) {
        let detail = "this line looks like the header of another table, with columns in other places, and what stands below it would not be read \
                      by it; take that table to a file of its own, or put its columns in the order of the first";
        self.problems.push(Problem::of_line(line, ProblemCode::OtherTable, detail));
    }

    /// Whether a line has two cells or more, and no figure in any.
    fn has_words_alone(&self, row: &ByteRecord) -> bool {
        !row.as_slice().iter().any(u8::is_ascii_digit)
            && row.iter().filter(|cell| !is_blank_cell(cell, self.cells.encoding)).nth(1).is_some()
    }

    /// Whether a line is made of the words of headers, and those in other places than the file's own.
    fn is_made_of_headers(&self, row: &ByteRecord) -> bool {
        let filled: Vec<(usize, String)> =
            (0..row.len()).map(|at| (at, self.cells.text(row, at))).filter(|(_, text)| !text.is_empty()).collect();
        let others = filled.iter().filter(|(at, text)| self.cells.layout.headers.get(*at) != Some(text)).count();
        filled.len() >= FEWEST_HEADERS && others >= 2 && filled.iter().all(|(_, text)| is_plain_header(text))
    }
}

/// The places of the date, the amounts, the rules' columns, and the numbers.
type Places<'l> = (usize, (usize, Option<usize>), &'l [usize], [Option<usize>; 2]);

/// Where a layout has what a payment is read from.
fn places(layout: &Layout) -> Places<'_> {
    let amount = match &layout.amount {
        AmountAt::Signed(amount) => (amount.at, None),
        AmountAt::DebitAndCredit(debit, credit) => (debit.at, Some(credit.at)),
    };
    let numbers = [&layout.reference, &layout.purchase_order].map(|column| column.as_ref().map(|column| column.at));
    (layout.date.at, amount, layout.columns.as_slice(), numbers)
}
