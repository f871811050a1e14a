//! One line at a time: which rule picks it, what it says, and what is wrong with it.

use crate::amount::{self, Amount, NotAnAmount};
use crate::date::{self, DayZero, NotADate};
use crate::header::{AmountAt, Column, Layout};
use crate::mapping::{Condition, Mapping};
use crate::report::{Counts, Problem, ProblemCode, Problems, Tally};
use crate::same_line::{Cell, Role, line_hash};
use crate::stage::{Stage, StagedLine};
use crate::text::{Encoding, fold, fold_cell, shown, tidy};
use chrono::NaiveDate;
use csv::ByteRecord;
use domain::money::MOST_PENCE;
use domain::{FinancialYear, Pence};
use std::collections::BTreeMap;

/// A transaction's or an order's number is not longer; a column of free text would be.
const MOST_REFERENCE_LETTERS: usize = 100;

const MOST_FORMATS_SHOWN: usize = 4;

/// The lines of one file on their way to the stage.
pub(crate) struct Lines<'l> {
    mapping: &'l Mapping,
    layout: Layout,
    encoding: Encoding,
    today: NaiveDate,
    /// How a workbook counts its days.
    pub(crate) day_zero: DayZero,
    provider_ids: &'l BTreeMap<String, String>,
    stage: &'l mut Stage,
    /// The cells that rules look at, folded; filled as rules ask, and empty again for each line.
    folded: Vec<Option<String>>,
    spare: Vec<String>,
    pub(crate) counts: Counts,
    pub(crate) tally: Tally,
    pub(crate) problems: Problems,
}

impl<'l> Lines<'l> {
    pub(crate) fn new(
        mapping: &'l Mapping,
        layout: Layout,
        encoding: Encoding,
        provider_ids: &'l BTreeMap<String, String>,
        today: NaiveDate,
        stage: &'l mut Stage,
    ) -> Self {
        let folded = vec![None; mapping.columns.len()];
        Lines {
            mapping,
            today,
            day_zero: DayZero::Of1900,
            layout,
            encoding,
            provider_ids,
            stage,
            folded,
            spare: Vec::new(),
            counts: Counts::default(),
            tally: Tally::default(),
            problems: Problems::default(),
        }
    }

    /// Counts lines with nothing in them.
    pub(crate) fn blank(&mut self, lines: u64) {
        let lines = i64::try_from(lines).unwrap_or(i64::MAX);
        self.counts.lines_read += lines;
        self.counts.blank += lines;
    }

    /// Takes a line: counted, and staged if a rule picks it.
    pub(crate) fn line(&mut self, row: &ByteRecord, line: u64) -> Result<(), db::Error> {
        if is_blank(row, self.encoding) {
            self.blank(1);
            return Ok(());
        }
        self.counts.lines_read += 1;
        for text in self.folded.iter_mut().filter_map(Option::take) {
            self.spare.push(text);
        }
        let mut picked = Vec::new();
        let mapping = self.mapping;
        for (place, rule) in mapping.rules.iter().enumerate() {
            if self.all_hold(&rule.when, row) && (rule.unless.is_empty() || !self.all_hold(&rule.unless, row)) {
                picked.push(place);
            }
        }
        if picked.is_empty() || self.is_header_again(row) {
            self.counts.kept_out += 1;
            self.counts.lines_with_too_many_cells += i64::from(self.cells(row) > self.layout.width);
            return Ok(());
        }
        self.counts.matched += 1;
        let line = i64::try_from(line).unwrap_or(i64::MAX);
        match self.staged(row, line, &picked) {
            Ok((staged, is_rounded)) => self.stage(staged, is_rounded),
            Err(problems) => {
                problems.into_iter().for_each(|problem| self.problems.push(problem));
                Ok(())
            }
        }
    }

    fn stage(&mut self, staged: StagedLine, is_rounded: bool) -> Result<(), db::Error> {
        self.counts.rounded += i64::from(is_rounded);
        self.counts.future_dated += i64::from(staged.posted_on > self.today);
        if self.tally.add(&staged.budget_line, 1, staged.amount_pence).is_err() {
            let detail = format!("the sum of {} is more than can be recorded", staged.budget_line);
            self.problems.push(Problem { line: Some(staged.line_number), column: None, code: ProblemCode::AmountTooLarge, detail });
        }
        // A file with a problem is refused, so its further lines need no room.
        if self.problems.is_empty() { self.stage.add(staged) } else { Ok(()) }
    }

    /// Whether all the conditions hold. Each cell is folded once, however many rules look at it.
    fn all_hold(&mut self, conditions: &[Condition], row: &ByteRecord) -> bool {
        conditions.iter().all(|condition| {
            let folded = self.folded[condition.column].get_or_insert_with(|| {
                let mut text = self.spare.pop().unwrap_or_default();
                let cell = row.get(self.layout.columns[condition.column]).unwrap_or_default();
                fold_cell(self.encoding, cell, &mut text);
                text
            });
            condition.holds(folded)
        })
    }

    /// A header printed again further down, as at the top of a page.
    fn is_header_again(&self, row: &ByteRecord) -> bool {
        let repeats = |column: &Column| fold(&self.text(row, column.at)) == fold(&column.header);
        repeats(&self.layout.date)
            && match &self.layout.amount {
                AmountAt::Signed(amount) => repeats(amount),
                AmountAt::DebitAndCredit(debit, credit) => repeats(debit) && repeats(credit),
            }
    }

    fn text(&self, row: &ByteRecord, at: usize) -> String {
        tidy(&self.encoding.decode(row.get(at).unwrap_or_default())).into_owned()
    }

    /// The picked line as the ledger will have it, and whether its amount was rounded; or all that is wrong with it.
    fn staged(&mut self, row: &ByteRecord, line: i64, picked: &[usize]) -> Result<(StagedLine, bool), Vec<Problem>> {
        let mut wrong = Wrong { line, problems: Vec::new() };
        self.check_shape(row, picked, &mut wrong);
        let posted = self.posted_on(row, &mut wrong);
        let amount = self.amount(row, &mut wrong);
        let reference = self.number(row, self.layout.reference.as_ref(), ("reference", "transaction number"), &mut wrong);
        let purchase_order = self.number(row, self.layout.purchase_order.as_ref(), ("purchase order", "order number"), &mut wrong);
        let provider_id = self.provider_id(row, &mut wrong);
        let (Some((posted_on, year)), Some(amount)) = (posted, amount) else { return Err(wrong.problems) };
        let line_hash = self.line_hash(row, posted_on, &mut wrong);
        if !wrong.problems.is_empty() {
            return Err(wrong.problems);
        }
        let amount_pence = if self.mapping.is_sign_reversed { Pence(-amount.pence.0) } else { amount.pence };
        let budget_line = self.mapping.rules[picked[0]].budget_line.clone();
        let id = db::new_id();
        let staged = StagedLine {
            id,
            line_number: line,
            line_hash,
            posted_on,
            year,
            budget_line,
            provider_id,
            reference,
            purchase_order,
            amount_pence,
        };
        Ok((staged, amount.is_rounded))
    }

    /// Cells up to the last that has something in it, where they are more than the headers; else their number.
    fn cells(&self, row: &ByteRecord) -> usize {
        let mut cells = row.len();
        while cells > self.layout.width && is_blank_cell(&row[cells - 1], self.encoding) {
            cells -= 1;
        }
        cells
    }

    /// Whether a line of these cells would have a date and an amount where the header has them.
    pub(crate) fn looks_like_payment(&self, row: &ByteRecord) -> bool {
        let is_amount = |column: &Column| amount::parse(&self.text(row, column.at)).is_ok();
        let has_amount = match &self.layout.amount {
            AmountAt::Signed(column) => is_amount(column),
            AmountAt::DebitAndCredit(debit, credit) => is_amount(debit) || is_amount(credit),
        };
        has_amount && date::parse(&self.text(row, self.layout.date.at), &self.mapping.date_formats, self.day_zero).is_ok()
    }

    fn check_shape(&self, row: &ByteRecord, picked: &[usize], wrong: &mut Wrong) {
        if picked.len() > 1 {
            let rules: Vec<_> =
                picked.iter().map(|place| format!("rule {} ({})", place + 1, self.mapping.rules[*place].budget_line)).collect();
            let detail =
                format!("picked by {}; a line belongs to one rule: make one narrower, for example with `unless`", rules.join(" and "));
            wrong.tell(None, ProblemCode::TwoRules, detail);
        }
        let cells = self.cells(row);
        if cells > self.layout.width {
            let detail = format!(
                "{cells} cells under {} headers: a comma inside a cell that is not in quotation marks moves the cells after it",
                self.layout.width
            );
            wrong.tell(None, ProblemCode::TooManyCells, detail);
        }
        if !row.iter().all(|cell| self.encoding.can_read(cell)) {
            let detail = "found bytes that are not UTF-8; if the file is from Windows, write encoding = \"windows-1252\" or \"auto\"";
            wrong.tell(None, ProblemCode::UnreadableText, detail.to_owned());
        }
    }

    fn posted_on(&self, row: &ByteRecord, wrong: &mut Wrong) -> Option<(NaiveDate, FinancialYear)> {
        let column = &self.layout.date;
        let found = self.text(row, column.at);
        let posted_on = match date::parse(&found, &self.mapping.date_formats, self.day_zero) {
            Ok(day) => day,
            Err(NotADate::Unreadable) => {
                // The usual formats are many; the first few show what is meant.
                let formats = &self.mapping.date_formats;
                let others = (formats.len() > MOST_FORMATS_SHOWN).then_some("in another usual way");
                let formats: Vec<_> = formats.iter().take(MOST_FORMATS_SHOWN).map(|format| format.as_str()).chain(others).collect();
                let detail = format!("found {}, expected a date written {}", shown(&found), formats.join(" or "));
                wrong.tell(Some(column), ProblemCode::UnreadableDate, detail);
                return None;
            }
            Err(NotADate::Ambiguous(one, other)) => {
                let detail =
                    format!("found {}, which the date formats read as {one} and as {other}; keep only the right one", shown(&found));
                wrong.tell(Some(column), ProblemCode::AmbiguousDate, detail);
                return None;
            }
        };
        match FinancialYear::of(posted_on) {
            Ok(year) => Some((posted_on, year)),
            Err(_) => {
                let detail = format!("found {}, expected a day in the financial years 1990-91 to 2098-99", shown(&found));
                wrong.tell(Some(column), ProblemCode::DateOutOfRange, detail);
                None
            }
        }
    }

    /// The amount as the file has it, before any reversal of its sign.
    fn amount(&self, row: &ByteRecord, wrong: &mut Wrong) -> Option<Amount> {
        match &self.layout.amount {
            AmountAt::Signed(column) => self.one_amount(row, column, wrong),
            AmountAt::DebitAndCredit(debit, credit) => {
                if self.text(row, debit.at).is_empty() && self.text(row, credit.at).is_empty() {
                    let detail = format!("found nothing here nor under {}, expected an amount under one of them", shown(&credit.header));
                    wrong.tell(Some(debit), ProblemCode::UnreadableAmount, detail);
                    return None;
                }
                let side = |column: &Column, wrong: &mut Wrong| {
                    let is_empty = self.text(row, column.at).is_empty();
                    if is_empty { Some(Amount { pence: Pence::ZERO, is_rounded: false }) } else { self.one_amount(row, column, wrong) }
                };
                let (debit_side, credit_side) = (side(debit, wrong)?, side(credit, wrong)?);
                let pence = debit_side.pence.checked_sub(credit_side.pence).ok()?;
                Some(Amount { pence, is_rounded: debit_side.is_rounded || credit_side.is_rounded })
            }
        }
    }

    fn one_amount(&self, row: &ByteRecord, column: &Column, wrong: &mut Wrong) -> Option<Amount> {
        let found = self.text(row, column.at);
        match amount::parse(&found) {
            Ok(amount) => return Some(amount),
            Err(NotAnAmount::Unreadable) => {
                let detail = format!("found {}, expected an amount such as 1,234.56 or -1234.56 or (1,234.56)", shown(&found));
                wrong.tell(Some(column), ProblemCode::UnreadableAmount, detail);
            }
            Err(NotAnAmount::TooLarge) => {
                let detail = format!("found {}, expected at most {}", shown(&found), Pence(MOST_PENCE));
                wrong.tell(Some(column), ProblemCode::AmountTooLarge, detail);
            }
        }
        None
    }

    /// The finance system's number for something: what its column is called, and what it holds.
    fn number(&self, row: &ByteRecord, column: Option<&Column>, (name, meaning): (&str, &str), wrong: &mut Wrong) -> Option<String> {
        let column = column?;
        let number = self.text(row, column.at);
        if number.chars().any(char::is_control) {
            wrong.tell(Some(column), ProblemCode::UnreadableText, format!("found control characters in the {name}"));
        }
        if number.chars().count() > MOST_REFERENCE_LETTERS {
            let detail = format!(
                "found {} letters, expected at most {MOST_REFERENCE_LETTERS}: the {name} is the finance system's {meaning}",
                number.chars().count()
            );
            wrong.tell(Some(column), ProblemCode::ReferenceTooLong, detail);
        }
        Some(number).filter(|number| !number.is_empty())
    }

    fn provider_id(&mut self, row: &ByteRecord, wrong: &mut Wrong) -> Option<String> {
        let mapping = self.mapping;
        let mut found: Option<&str> = None;
        for rule in &mapping.providers {
            if !self.all_hold(&rule.when, row) {
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

    /// The hash of what identifies the line.
    fn line_hash(&self, row: &ByteRecord, posted_on: NaiveDate, wrong: &mut Wrong) -> String {
        let role = |at: usize| match &self.layout.amount {
            _ if at == self.layout.date.at => Role::PostingDay,
            AmountAt::Signed(amount) if amount.at == at => Role::Amount,
            AmountAt::DebitAndCredit(debit, credit) if debit.at == at || credit.at == at => Role::Amount,
            AmountAt::Signed(_) | AmountAt::DebitAndCredit(..) => Role::Other,
        };
        let cells = self.layout.identity.iter().map(|(name, at)| Cell { name, role: role(*at), text: self.text(row, *at) });
        line_hash(cells, posted_on, &self.mapping.date_formats).unwrap_or_else(|| {
            let detail = "the cells that identify a line are all empty here; add a column to `identity`, or leave it out".to_owned();
            wrong.tell(None, ProblemCode::NothingIdentifiesLine, detail);
            String::new()
        })
    }
}

/// What is wrong with one line.
struct Wrong {
    line: i64,
    problems: Vec<Problem>,
}

impl Wrong {
    fn tell(&mut self, column: Option<&Column>, code: ProblemCode, detail: String) {
        let column = column.map(|column| column.header.clone());
        self.problems.push(Problem { line: Some(self.line), column, code, detail });
    }
}

fn is_blank_cell(cell: &[u8], encoding: Encoding) -> bool {
    let plain = cell.trim_ascii();
    plain.is_empty() || (!plain[0].is_ascii_graphic() && tidy(&encoding.decode(plain)).is_empty())
}

/// Whether a line has nothing in any cell.
pub(crate) fn is_blank(row: &ByteRecord, encoding: Encoding) -> bool {
    row.iter().all(|cell| is_blank_cell(cell, encoding))
}
