//! A comma inside a cell moves the cells after it. Where a line lacked its last cell, it is then as wide as the header, and looks well.

use super::trailing::{joined, without};
use super::{Lines, is_blank_cell};
use crate::amount;
use crate::date;
use crate::header::{AmountAt, Column};
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
        if self.width() == usize::MAX || row.cells.len() != headers {
            return;
        }
        let columns = self.amount_columns();
        let filled: Vec<usize> = columns.iter().copied().filter(|at| !self.cells.text(row.cells, *at).is_empty()).collect();
        if !picked.is_empty() {
            match filled[..] {
                // One payment is not on both sides.
                [debit, credit] if credit == debit + 1 && self.is_parted(row, picked, debit) => self.tell_both_sides(row),
                _ => filled.into_iter().for_each(|at| self.check_parted(row, picked, at)),
            }
            return;
        }
        let is_amount = |at: &usize| amount::parse(&self.cells.text(row.cells, *at)).is_ok();
        if filled.is_empty() || filled.iter().any(is_amount) || self.is_header_again(row.cells) {
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

    /// The columns in which an amount stands: one, or that of debits and that of credits.
    fn amount_columns(&self) -> Vec<usize> {
        match &self.cells.layout.amount {
            AmountAt::Signed(amount) => vec![amount.at],
            AmountAt::DebitAndCredit(debit, credit) => vec![debit.at, credit.at],
        }
    }

    /// Whether what stands in a column and in the next one may be one amount.
    fn is_parted(&mut self, row: &Row<'_>, picked: &[usize], at: usize) -> bool {
        let (pounds, beside) = (self.cells.text(row.cells, at), self.cells.text(row.cells, at + 1));
        let is_bare = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        let whole_pounds = pounds.trim_start_matches(['-', '£']);
        (1..=3).contains(&whole_pounds.len())
            && is_bare(whole_pounds)
            && beside.split('.').next().is_some_and(|whole| whole.len() == 3 && is_bare(whole))
            && amount::parse(&format!("{pounds},{beside}")).is_ok()
            && self.picked_as_payment(&without(row.cells, &[at])) == picked
    }

    /// Tells a line with a debit and a credit that are one amount, parted by its comma.
    fn tell_both_sides(&mut self, row: &Row<'_>) {
        let detail = "whole pounds under debit and three digits under credit: a comma inside an amount that is not in quotation marks parts \
                      it; put the amount in quotation marks, or write it without commas and with its pence";
        self.problems.push(Problem::of_line(row.line, ProblemCode::TooManyCells, detail));
    }

    /// Notes a picked line whose amount may be half of one.
    fn check_parted(&mut self, row: &Row<'_>, picked: &[usize], at: usize) {
        let (pounds, beside) = (self.cells.text(row.cells, at), self.cells.text(row.cells, at + 1));
        if self.is_parted(row, picked, at) {
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
        let is_money = text.contains('£') || text.contains('.');
        if is_money && amount::parse(&text).is_ok() {
            self.amounts_alone.add(row.line);
        }
    }

    /// Tells that a picked line has a day in the amount's column: written in figures alone it would be read as an amount.
    pub(super) fn check_day_as_amount(&self, row: &Row<'_>, wrong: &mut Wrong) {
        let is_day = |column: &&Column| date::is_day_in_figures(&self.cells.text(row.cells, column.at));
        let column = match &self.cells.layout.amount {
            AmountAt::Signed(amount) => Some(amount).filter(is_day),
            AmountAt::DebitAndCredit(debit, credit) => [debit, credit].into_iter().find(is_day),
        };
        if column.is_none() {
            return;
        }
        let detail = "found eight figures that are a day, expected an amount: a comma inside a cell moves the cells after it; if it is an \
                      amount, write it with its pence";
        wrong.tell(column, ProblemCode::UnreadableAmount, detail);
    }
}
