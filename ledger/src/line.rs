//! One line at a time: which rule picks it, and whether it is staged, kept out, or told.

use crate::condition::{Condition, Holds};
use crate::date::DayZero;
use crate::header::{AmountAt, Column, Layout};
use crate::import::Asked;
use crate::mapping::{Mapping, Rule};
use crate::noted::Noted;
use crate::payment_like::is_payment_like;
use crate::picked::{Cells, Picked, Wrong};
use crate::problem::{Problem, ProblemCode, Problems};
use crate::report::{Counts, Tally};
use crate::row::{Row, Why};
use crate::shape::Misshapen;
use crate::stage::{Stage, StagedLine};
use crate::text::{Encoding, fold, fold_cell, tidy};
use chrono::NaiveDate;
use csv::ByteRecord;
use std::collections::BTreeMap;

/// Ways of writing days that are remembered.
const MOST_DAY_SHAPES: usize = 8;

/// The lines of one file or sheet on their way to the stage.
pub(crate) struct Lines<'l> {
    cells: Cells<'l>,
    mapping: &'l Mapping,
    today: NaiveDate,
    provider_ids: &'l BTreeMap<String, String>,
    stage: &'l mut Stage,
    /// A workbook's sheet, with its number among those that are read.
    sheet: Option<(i64, String)>,
    /// The cells that rules look at, folded; filled as rules ask, and empty again for each line.
    folded: Vec<Option<String>>,
    spare: Vec<String>,
    pub(crate) problems: Problems,
    counts: Counts,
    tally: Tally,
    too_many: Misshapen,
    too_few: Misshapen,
    unclear: Noted,
    lost_digits: Noted,
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
            provider_ids,
            stage,
            sheet: None,
            folded: vec![None; mapping.columns_asked],
            spare: Vec::new(),
            problems: Problems::default(),
            counts: Counts::default(),
            tally: Tally::default(),
            too_many: Misshapen::default(),
            too_few: Misshapen::default(),
            unclear: Noted::default(),
            lost_digits: Noted::default(),
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
        for text in self.folded.iter_mut().filter_map(Option::take) {
            self.spare.push(text);
        }
        self.check_beside(row);
        let (picked, is_unclear) = self.picked_by(row);
        let is_header = !picked.is_empty() && (self.is_header_again(row.cells) || self.goes_on_from_above(row));
        if is_unclear && !is_header {
            self.unclear.add(row.line);
        }
        let cells = self.count_cells(row.cells);
        if picked.is_empty() || is_header {
            self.keep_out(row, cells);
            return Ok(());
        }
        self.counts.matched += 1;
        if cells > self.width() {
            // What its cells say is not what their headers say.
            self.too_many.add(row.line, cells, true);
            return Ok(());
        }
        let mut wrong = Wrong { line: row.line, problems: Vec::new() };
        self.check_rules(&picked, &mut wrong);
        let provider_id = self.provider_id(row, &mut wrong);
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
        if cells > width {
            self.counts.lines_with_too_many_cells += 1;
            self.too_many.add(row.line, cells, false);
        } else if width < usize::MAX && cells < width && is_payment_like(row.cells, self.cells.encoding, self.mapping) {
            self.too_few.add(row.line, cells, false);
        } else if !self.has_day(row.cells) && is_payment_like(row.cells, self.cells.encoding, self.mapping) {
            self.elsewhere.add(row.line);
        }
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
        if read.has_lost_digits {
            self.lost_digits.add(line);
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
            posted_on: read.posted_on,
            year: read.year,
            budget_line,
            provider_id,
            reference: read.reference,
            purchase_order: read.purchase_order,
            amount_pence: read.amount.pence,
        })
    }

    /// The rules that pick a line, and whether one more might if a cell could be read, or one fewer.
    fn picked_by(&mut self, row: &Row<'_>) -> (Vec<usize>, bool) {
        let (mapping, mut picked, mut is_unclear) = (self.mapping, Vec::new(), false);
        for (place, rule) in mapping.rules.iter().enumerate() {
            let Rule { when, unless, .. } = rule;
            let when = self.all_hold(when, row);
            if when == Holds::No {
                continue;
            }
            match if unless.is_empty() { Holds::No } else { self.all_hold(unless, row) } {
                Holds::Yes => continue,
                Holds::Unclear => is_unclear = true,
                Holds::No => {}
            }
            match when {
                Holds::Yes => picked.push(place),
                _ => is_unclear = true,
            }
        }
        (picked, is_unclear)
    }

    /// Whether all the conditions hold. Each cell is folded once, however many rules look at it.
    fn all_hold(&mut self, conditions: &[Condition], row: &Row<'_>) -> Holds {
        Holds::all(conditions.iter().map(|condition| {
            let at = self.cells.layout.columns[condition.column];
            let encoding = self.cells.encoding;
            let folded = self.folded[condition.column].get_or_insert_with(|| {
                let mut text = self.spare.pop().unwrap_or_default();
                fold_cell(encoding, row.cells.get(at).unwrap_or_default(), &mut text);
                text
            });
            match (condition.holds(folded), row.unread(at)) {
                (Holds::No, Some(Why::NoResult)) => Holds::Unclear,
                // A title or a total may run across columns; a payment is a payment whatever is merged in it.
                (Holds::No, Some(Why::Across)) if self.cells.looks_like_payment(row.cells) => Holds::Unclear,
                (holds, _) => holds,
            }
        }))
    }

    /// A header printed again further down, as at the top of a page.
    fn is_header_again(&self, row: &ByteRecord) -> bool {
        let repeats = |column: &Column| fold(&self.cells.text(row, column.at)) == fold(&column.header);
        repeats(&self.cells.layout.date)
            && match &self.cells.layout.amount {
                AmountAt::Signed(amount) => repeats(amount),
                AmountAt::DebitAndCredit(debit, credit) => repeats(debit) && repeats(credit),
            }
    }

    /// A further line of a payment whose day, amount and coding are merged over several lines.
    fn goes_on_from_above(&self, row: &Row<'_>) -> bool {
        let is_merged = |at: usize| matches!(row.unread(at), Some(Why::Above { .. }));
        let layout = &self.cells.layout;
        let has_amount = match &layout.amount {
            AmountAt::Signed(amount) => !is_merged(amount.at),
            AmountAt::DebitAndCredit(debit, credit) => [debit, credit].iter().any(|side| !is_merged(side.at)),
        };
        !has_amount && is_merged(layout.date.at) && layout.columns.iter().all(|at| is_merged(*at))
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

    fn check_rules(&self, picked: &[usize], wrong: &mut Wrong) {
        if picked.len() > 1 {
            let rules: Vec<_> =
                picked.iter().map(|place| format!("rule {} ({})", place + 1, self.mapping.rules[*place].budget_line)).collect();
            let detail =
                format!("picked by {}; a line belongs to one rule: make one narrower, for example with `unless`", rules.join(" and "));
            wrong.tell(None, ProblemCode::TwoRules, detail);
        }
    }

    fn provider_id(&mut self, row: &Row<'_>, wrong: &mut Wrong) -> Option<String> {
        let mapping = self.mapping;
        let mut found: Option<&str> = None;
        for rule in &mapping.providers {
            if self.all_hold(&rule.when, row) != Holds::Yes {
                continue;
            }
            match found {
                Some(other) if other != rule.provider => {
                    let detail = format!("the providers `{other}` and `{}` of the mapping both fit this line", rule.provider);
                    wrong.tell(None, ProblemCode::TwoProviders, detail);
                }
                _ => found = Some(&rule.provider),
            }
        }
        self.provider_ids.get(found?).cloned()
    }

    /// All that the lines came to.
    pub(crate) fn finish(self) -> LinesRead {
        let (width, mut counts) = (self.width(), self.counts);
        let all = counts.lines_read - counts.blank;
        let shape = [self.too_many.too_many(width, all), self.too_few.too_few(width)];
        let mut problems = Problems::of(shape.into_iter().flatten());
        problems.append(self.problems);
        counts.lines_with_too_few_cells = self.too_few.count();
        counts.lines_with_unclear_cells = self.unclear.count;
        counts.lines_with_lost_digits = self.lost_digits.count;
        let mut warnings = Vec::new();
        warnings.extend(self.too_many.warning(
            "lines that no rule picked have more cells than the header: a comma in a cell without quotation marks moves the cells after it, \
             and may have hidden a payment from its rule",
        ));
        warnings.extend(self.too_few.warning(
            "lines have fewer cells than the header: a missing comma, or a line end inside a cell, moves the cells after it, and may have hidden \
             a payment from its rule",
        ));
        if self.unclear.count > 0 {
            warnings.push(format!(
                "{} lines have a cell that cannot be read where a rule looks, and might belong to it: an error value such as #N/A, a formula \
                 without a stored result, a merged cell, or a code that lost digits or the noughts before it ({}); put the cells right and import \
                 again",
                self.unclear.count,
                self.unclear.places()
            ));
        }
        if self.elsewhere.count > 0 {
            warnings.push(format!(
                "{} lines that no rule picked look like payments, but not where the header has date and amount ({}): is there another table, with \
                 another header? Take it to a file of its own",
                self.elsewhere.count,
                self.elsewhere.places()
            ));
        }
        if self.lost_digits.count > 0 {
            warnings.push(format!(
                "{} picked lines have a number of their own that was cut to an exponent, such as 1.2E+11 ({}): lines that differ may be taken for \
                 one; save the file anew with that column as text",
                self.lost_digits.count,
                self.lost_digits.places()
            ));
        }
        let mut read = LinesRead { counts, tally: self.tally, problems, warnings };
        if let Some((_, sheet)) = &self.sheet {
            read.problems.of_sheet(sheet);
        }
        read
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
