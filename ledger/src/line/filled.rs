//! A comma inside a cell moves the cells after it. Where a line lacked its last cell, it is then as wide as the header, and looks well.

use super::trailing::{joined, without};
use super::{Lines, is_blank_cell};
use crate::amount;
use crate::date;
use crate::header::AmountAt;
use crate::noted::Noted;
use crate::picked::Wrong;
use crate::problem::{Problem, ProblemCode};
use crate::row::Row;

/// Picked lines with whole pounds in the amount's column, and three digits beside it: a comma may have parted one amount.
#[derive(Debug, Default)]
pub(super) struct Filled {
    parted: Noted,
    /// The first of them, and whether what stands beside it has pence, as its pounds have not.
    first: Option<u64>,
    has_pence_beside: bool,
    /// Other picked lines; those with a number beside their amount; those whose amount has no two decimals; those of at most three figures
    /// without any.
    others: i64,
    others_with_number: i64,
    others_without_pence: i64,
    others_as_short: i64,
}

impl Filled {
    /// Why such lines refuse the file, if they do: nothing else stands beside an amount here, or all other amounts are written with pence.
    /// Where other amounts are as short, and no pence stand beside, the two may well be what they seem.
    pub(super) fn problem(&self) -> Option<Problem> {
        let line = self.first?;
        let are_written_otherwise = self.others > 0 && self.others_without_pence == 0 && self.has_pence_beside;
        let nothing_is_beside = self.others_with_number == 0 && (self.has_pence_beside || (self.others > 0 && self.others_as_short == 0));
        if !are_written_otherwise && !nothing_is_beside {
            return None;
        }
        let detail = format!(
            "the amount is whole pounds and three digits stand beside it ({} such, {}): a comma inside an amount that is not in quotation marks \
             parts it; put the amount in quotation marks, or write it without commas and with its pence",
            self.parted.count,
            self.parted.places()
        );
        Some(Problem::of_line(line, ProblemCode::TooManyCells, detail))
    }
}

impl Lines<'_> {
    /// Looks at a line that is exactly as wide as the header. One that no rule picks is told where it is a payment of a rule's without a
    /// comma, and has no amount where the header has it.
    pub(super) fn check_filled(&mut self, row: &Row<'_>, picked: &[usize]) {
        let headers = self.cells.layout.headers.len();
        let AmountAt::Signed(amount) = &self.cells.layout.amount else { return };
        let at = amount.at;
        if self.width() == usize::MAX || row.cells.len() != headers {
            return;
        }
        if !picked.is_empty() {
            self.check_parted(row, picked, at);
            return;
        }
        let text = self.cells.text(row.cells, at);
        if text.is_empty() || amount::parse(&text).is_ok() || self.is_header_again(row.cells) {
            return;
        }
        let encoding = self.cells.encoding;
        if !joined(row.cells, 1, move |cell| is_blank_cell(cell, encoding)).any(|other| !self.picked_as_payment(&other).is_empty()) {
            return;
        }
        let detail = format!(
            "{headers} cells under {headers} headers, and no amount where the header has it: a comma inside a cell that is not in quotation \
             marks moves the cells after it, and this line is a payment without one; put such a cell in quotation marks"
        );
        self.problems.push(Problem::of_line(row.line, ProblemCode::TooManyCells, detail));
    }

    /// Notes a picked line whose amount may be half of one.
    fn check_parted(&mut self, row: &Row<'_>, picked: &[usize], at: usize) {
        let (pounds, beside) = (self.cells.text(row.cells, at), self.cells.text(row.cells, at + 1));
        let is_parted = (1..=3).contains(&pounds.trim_start_matches(['-', '£']).len())
            && pounds.trim_start_matches(['-', '£']).bytes().all(|byte| byte.is_ascii_digit())
            && beside.split('.').next().is_some_and(|whole| whole.len() == 3 && whole.bytes().all(|byte| byte.is_ascii_digit()))
            && amount::parse(&format!("{pounds},{beside}")).is_ok()
            && self.picked_as_payment(&without(row.cells, &[at])) == picked;
        if is_parted {
            self.filled.parted.add(row.line);
            self.filled.first.get_or_insert(row.line);
            self.filled.has_pence_beside |= beside.contains('.');
            return;
        }
        self.filled.others += 1;
        self.filled.others_with_number += i64::from(amount::parse(&beside).is_ok());
        let has_pence = pounds.trim_end_matches([')', '-']).split_once('.').is_some_and(|(_, pence)| pence.len() == 2);
        self.filled.others_without_pence += i64::from(!has_pence);
        self.filled.others_as_short += i64::from(!has_pence && pounds.bytes().filter(u8::is_ascii_digit).count() <= 3);
    }

    /// Notes a line that has an amount and nothing else, just below a picked one.
    pub(super) fn check_amount_alone(&mut self, row: &Row<'_>) {
        if !self.is_below_picked {
            return;
        }
        let encoding = self.cells.encoding;
        let filled: Vec<usize> = (0..row.cells.len()).filter(|at| !is_blank_cell(&row.cells[*at], encoding)).take(2).collect();
        let [at] = filled[..] else { return };
        let text = self.cells.text(row.cells, at);
        let has_pence = text.contains('£') || text.contains('.');
        if has_pence && amount::parse(&text).is_ok() {
            self.amounts_alone.add(row.line);
        }
    }

    /// Tells that a picked line has a day in the amount's column: written in figures alone it would be read as an amount.
    pub(super) fn check_day_as_amount(&self, row: &Row<'_>, wrong: &mut Wrong) {
        let AmountAt::Signed(column) = &self.cells.layout.amount else { return };
        let text = self.cells.text(row.cells, column.at);
        if !date::is_day_in_figures(&text) {
            return;
        }
        let detail = "found eight figures that are a day, expected an amount: a comma inside a cell moves the cells after it; if it is an \
                      amount, write it with its pence";
        wrong.tell(Some(column), ProblemCode::UnreadableAmount, detail);
    }
}
