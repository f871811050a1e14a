//! One line at a time: which rule picks it, and whether it is staged, kept out, or told.

mod filled;
mod finish;
mod halves;
mod hidden;
mod other_table;
mod picking;
mod trailing;

use crate::date::DayZero;
use crate::header::Layout;
use crate::import::Asked;
use crate::mapping::Mapping;
use crate::noted::Noted;
use crate::payment_like::is_payment_like;
use crate::picked::{Cells, Picked, Wrong};
use crate::problem::{Problem, ProblemCode, Problems};
use crate::report::{Counts, Tally};
use crate::row::{Row, Why};
use crate::shape::Misshapen;
use crate::stage::{Stage, StagedLine};
use crate::text::{Encoding, tidy};
use chrono::{Months, NaiveDate};
use csv::ByteRecord;
use filled::Filled;
use halves::Halves;
use std::collections::BTreeMap;
use trailing::Trailing;

/// Ways of writing days that are remembered.
const MOST_DAY_SHAPES: usize = 8;
/// A line of a ledger that is loaded is seldom older: a day misread by its century or its parts is.
const MONTHS_AGO: u32 = 120;

/// The lines of one file or sheet on their way to the stage.
pub(crate) struct Lines<'l> {
    cells: Cells<'l>,
    mapping: &'l Mapping,
    today: NaiveDate,
    /// Picked lines of an earlier day are told.
    long_ago: NaiveDate,
    provider_ids: &'l BTreeMap<String, String>,
    stage: &'l mut Stage,
    /// A workbook's sheet, with its number among those that are read.
    sheet: Option<(i64, String)>,
    /// The cells that rules look at, folded; filled as rules ask, and empty again for each line.
    folded: Vec<Option<String>>,
    spare: Vec<String>,
    /// What stood last in each of the columns that rules look at.
    above: Vec<Vec<u8>>,
    pub(crate) problems: Problems,
    counts: Counts,
    tally: Tally,
    too_many: Misshapen,
    too_few: Misshapen,
    unclear: Noted,
    lost_digits: Noted,
    /// Picked lines whose amount was rounded by more than the noise of a spreadsheet.
    rounded: Noted,
    /// Picked lines with a minus or brackets under the header of credits.
    minus_credits: Noted,
    /// Lines whose last cells are empty, and beyond those of the header row.
    trailing: Trailing,
    /// Lines as wide as the header whose amount may be half of one.
    filled: Filled,
    /// Lines with an amount and nothing else, below a code that a rule picks.
    amounts_alone: Noted,
    /// Whether a rule picked the line before.
    is_below_picked: bool,
    /// Lines that were kept out just before, each shorter than the header.
    halves: Halves,
    /// The last line that was kept out and is made of the words of headers.
    other_header: Option<u64>,
    /// Lines that look like payments, but not where the header has date and amount.
    elsewhere: Noted,
    /// How days were written so far, digits as `0`: most lines are written as the last.
    day_shapes: Vec<Vec<u8>>,
    is_beside_told: bool,
}

/// What the lines of a file or a sheet came to.
#[derive(Debug, Default)]
pub(crate) struct LinesRead {
    pub(crate) counts: Counts,
    pub(crate) tally: Tally,
    pub(crate) problems: Problems,
    pub(crate) warnings: Vec<String>,
}

impl<'l> Lines<'l> {
    pub(crate) fn new(asked: Asked<'l>, stage: &'l mut Stage, layout: Layout, encoding: Encoding) -> Self {
        let Asked { mapping, provider_ids, today } = asked;
        Lines {
            cells: Cells { mapping, layout, encoding, day_zero: DayZero::Of1900 },
            mapping,
            today,
            long_ago: today.checked_sub_months(Months::new(MONTHS_AGO)).unwrap_or(today),
            provider_ids,
            stage,
            sheet: None,
            folded: vec![None; mapping.columns_asked],
            spare: Vec::new(),
            above: vec![Vec::new(); mapping.columns_asked],
            problems: Problems::default(),
            counts: Counts::default(),
            tally: Tally::default(),
            too_many: Misshapen::default(),
            too_few: Misshapen::default(),
            unclear: Noted::default(),
            lost_digits: Noted::default(),
            rounded: Noted::default(),
            minus_credits: Noted::default(),
            trailing: Trailing::default(),
            filled: Filled::default(),
            amounts_alone: Noted::default(),
            is_below_picked: false,
            halves: Halves::default(),
            other_header: None,
            elsewhere: Noted::default(),
            day_shapes: Vec::new(),
            is_beside_told: false,
        }
    }

    /// As [`Lines::new`], of a workbook's sheet.
    pub(crate) fn of_sheet(self, number: i64, name: &str, day_zero: DayZero) -> Self {
        Lines { sheet: Some((number, name.to_owned())), cells: Cells { day_zero, ..self.cells }, ..self }
    }

    /// Counts lines with nothing in them.
    pub(crate) fn blank(&mut self, lines: u64) {
        let lines = i64::try_from(lines).unwrap_or(i64::MAX);
        self.counts.lines_read += lines;
        self.counts.blank += lines;
    }

    /// Whether a line of these cells would have a date and an amount where the header has them.
    pub(crate) fn looks_like_payment(&self, row: &ByteRecord) -> bool {
        self.cells.looks_like_payment(row)
    }

    /// The number of cells up to the last header.
    pub(crate) fn width(&self) -> usize {
        self.cells.layout.width
    }

    /// Takes a line: counted, and staged if a rule picks it.
    pub(crate) fn line(&mut self, row: &Row<'_>) -> Result<(), db::Error> {
        let has_formula = row.unread.iter().any(|cells| cells.why == Why::NoResult);
        if !has_formula && is_blank(row.cells, self.cells.encoding) {
            self.blank(1);
            return Ok(());
        }
        self.counts.lines_read += 1;
        self.forget_folded();
        self.check_beside(row);
        let (picked, is_unclear) = self.picked_by(row);
        self.remember_above(row.cells);
        let is_header = !picked.is_empty() && (self.is_header_again(row.cells) || self.goes_on_from_above(row));
        if is_unclear && !is_header {
            self.unclear.add(row.line);
        }
        let cells = self.count_cells(row.cells);
        if cells <= self.width() && !is_header {
            self.check_trailing(row, &picked);
            self.check_filled(row, &picked);
        }
        if picked.is_empty() || is_header {
            self.keep_out(row, cells);
            self.is_below_picked = false;
            return Ok(());
        }
        self.counts.matched += 1;
        self.is_below_picked = true;
        self.halves.clear();
        self.other_header = None;
        if cells > self.width() {
            // What its cells say is not what their headers say.
            self.too_many.add(row.line, cells, true);
            return Ok(());
        }
        let mut wrong = Wrong { line: row.line, problems: Vec::new() };
        self.check_rules(&picked, &mut wrong);
        let provider_id = self.provider_id(row, &mut wrong);
        self.check_day_as_amount(row, &mut wrong);
        let read = self.cells.read(row, &mut wrong);
        let is_short = row.cells.len() < self.width() && self.width() < usize::MAX;
        if is_short {
            self.too_few.add(row.line, row.cells.len(), read.is_none());
        }
        match read {
            Some(read) if wrong.problems.is_empty() => self.stage(read, row.line, picked[0], provider_id),
            None if is_short => Ok(()),
            _ => {
                for problem in wrong.problems {
                    self.problems.push(problem);
                }
                Ok(())
            }
        }
    }

    /// Counts a line that is not taken, and notes it where its shape may be why.
    fn keep_out(&mut self, row: &Row<'_>, cells: usize) {
        self.counts.kept_out += 1;
        let width = self.width();
        let is_short = width < usize::MAX && cells < width;
        if !is_short {
            self.halves.clear();
        }
        let has_day = self.has_day(row.cells);
        let is_payment = || is_payment_like(row.cells, self.cells.encoding, self.mapping);
        if cells > width {
            self.counts.lines_with_too_many_cells += 1;
            self.too_many.add(row.line, cells, false);
        } else if is_short && (has_day || is_payment()) {
            self.too_few.add(row.line, cells, false);
        } else if !has_day && is_payment() {
            self.elsewhere.add(row.line);
        }
        if is_short {
            self.check_halves(row);
        }
        self.check_hidden(row, is_short);
        self.check_amount_alone(row);
        self.check_other_table(row, has_day);
    }

    /// Whether a line has a day where the header has it. Looked at for lines that no rule picks, which most are, so a way of writing days is
    /// read once.
    fn has_day(&mut self, row: &ByteRecord) -> bool {
        let at = self.cells.layout.date.at;
        let cell = row.get(at).unwrap_or_default();
        let is_shape = |shape: &Vec<u8>| {
            shape.len() == cell.len()
                && shape.iter().zip(cell).all(|(shape, byte)| *shape == if byte.is_ascii_digit() { b'0' } else { *byte })
        };
        if self.day_shapes.iter().any(is_shape) {
            return true;
        }
        let is_day = self.cells.day(&self.cells.text(row, at)).is_ok();
        if is_day && self.day_shapes.len() < MOST_DAY_SHAPES {
            self.day_shapes.push(cell.iter().map(|byte| if byte.is_ascii_digit() { b'0' } else { *byte }).collect());
        }
        is_day
    }

    fn stage(&mut self, read: Picked, line: u64, rule: usize, provider_id: Option<String>) -> Result<(), db::Error> {
        self.counts.rounded += i64::from(read.amount.is_rounded);
        self.counts.future_dated += i64::from(read.posted_on > self.today);
        self.counts.past_dated += i64::from(read.posted_on < self.long_ago);
        for (is_so, noted) in [
            (read.has_lost_digits, &mut self.lost_digits),
            (read.amount.loses, &mut self.rounded),
            (read.has_minus_credit, &mut self.minus_credits),
        ] {
            if is_so {
                noted.add(line);
            }
        }
        let budget_line = self.mapping.rules[rule].budget_line.clone();
        if self.tally.add(&budget_line, 1, read.amount.pence).is_err() {
            let detail = format!("the sum of {budget_line} is more than can be recorded");
            self.problems.push(Problem::of_line(line, ProblemCode::AmountTooLarge, detail));
        }
        // A file with a problem is refused, so its further lines need no room.
        if !self.problems.is_empty() || self.too_many.is_refused() || self.too_few.is_refused() {
            return Ok(());
        }
        self.stage.add(StagedLine {
            id: db::new_id(),
            sheet_number: self.sheet.as_ref().map_or(0, |(number, _)| *number),
            sheet: self.sheet.as_ref().map(|(_, name)| name.clone()),
            line_number: i64::try_from(line).unwrap_or(i64::MAX),
            line_hash: read.line_hash,
            earlier_hash: read.earlier_hash,
            posted_on: read.posted_on,
            year: read.year,
            budget_line,
            provider_id,
            reference: read.reference,
            purchase_order: read.purchase_order,
            amount_pence: read.amount.pence,
        })
    }

    /// Cells up to the last that has something in it, where they are more than the headers; else their number.
    fn count_cells(&self, row: &ByteRecord) -> usize {
        let mut cells = row.len();
        while cells > self.width() && is_blank_cell(&row[cells - 1], self.cells.encoding) {
            cells -= 1;
        }
        cells
    }

    /// Something under a header that is merged across columns: which of them the header names cannot be told.
    fn check_beside(&mut self, row: &Row<'_>) {
        if self.is_beside_told {
            return;
        }
        let is_filled = |at: usize| row.cells.get(at).is_some_and(|cell| !is_blank_cell(cell, self.cells.encoding));
        let Some((at, header)) = self.cells.layout.beside.iter().find(|(at, _)| is_filled(*at)) else { return };
        let detail = format!(
            "this header is merged across columns, and there is something in column {} under it; unmerge the header and give each column its \
             own",
            at + 1
        );
        let problem = Problem { column: Some(header.clone()), ..Problem::of_line(row.line, ProblemCode::DuplicateColumn, detail) };
        self.problems.push(problem);
        self.is_beside_told = true;
    }
}

fn is_blank_cell(cell: &[u8], encoding: Encoding) -> bool {
    let plain = cell.trim_ascii();
    plain.is_empty() || ((!plain[0].is_ascii_graphic() || plain[0] == b'\'') && tidy(&encoding.decode(plain)).is_empty())
}

/// Whether a line has nothing in any cell.
pub(crate) fn is_blank(row: &ByteRecord, encoding: Encoding) -> bool {
    row.iter().all(|cell| is_blank_cell(cell, encoding))
}
