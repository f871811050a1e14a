//! What a line that a rule picked says: its day, its amount, its numbers, and what identifies it; or all that is wrong with it.

use crate::amount::{self, Amount, NotAnAmount};
use crate::code::{as_recorded, has_lost_digits, has_lost_pence};
use crate::date::{self, DayZero, NotADate};
use crate::header::{AmountAt, Column, Layout, NET_AMOUNT};
use crate::mapping::Mapping;
use crate::problem::{Problem, ProblemCode};
use crate::row::{Row, Why};
use crate::same_line::{Cell, Dates, Role, line_hashes};
use crate::shown::shown;
use crate::text::{Encoding, tidy};
use chrono::NaiveDate;
use csv::ByteRecord;
use domain::money::MOST_PENCE;
use domain::{FinancialYear, Pence};

/// A transaction's or an order's number is not longer; a column of free text would be.
const MOST_REFERENCE_LETTERS: usize = 100;

const MOST_FORMATS_SHOWN: usize = 4;

/// How the cells of one file or sheet are read.
pub(crate) struct Cells<'c> {
    pub(crate) mapping: &'c Mapping,
    pub(crate) layout: Layout,
    pub(crate) encoding: Encoding,
    /// How a workbook counts its days.
    pub(crate) day_zero: DayZero,
}

/// What a picked line says.
pub(crate) struct Picked {
    pub(crate) posted_on: NaiveDate,
    pub(crate) year: FinancialYear,
    /// Credits are negative.
    pub(crate) amount: Amount,
    pub(crate) reference: Option<String>,
    pub(crate) purchase_order: Option<String>,
    pub(crate) line_hash: String,
    /// Its hash by the rules of earlier versions.
    pub(crate) earlier_hash: String,
    /// Whether a number of its own was cut to an exponent.
    pub(crate) has_lost_digits: bool,
    /// Whether there is a minus, or brackets, under the header of credits.
    pub(crate) has_minus_credit: bool,
}

/// What is wrong with one line.
pub(crate) struct Wrong {
    pub(crate) line: u64,
    pub(crate) problems: Vec<Problem>,
}

impl Wrong {
    pub(crate) fn tell(&mut self, column: Option<&Column>, code: ProblemCode, detail: impl Into<String>) {
        let column = column.map(|column| column.header.clone());
        self.problems.push(Problem { column, ..Problem::of_line(self.line, code, detail) });
    }
}

impl Cells<'_> {
    pub(crate) fn text(&self, row: &ByteRecord, at: usize) -> String {
        tidy(&self.encoding.decode(row.get(at).unwrap_or_default())).into_owned()
    }

    /// Whether a line of these cells would have a date and an amount where the header has them.
    pub(crate) fn looks_like_payment(&self, row: &ByteRecord) -> bool {
        let is_amount = |column: &Column| amount::parse(&self.text(row, column.at)).is_ok();
        let has_amount = match &self.layout.amount {
            AmountAt::Signed(column) => is_amount(column),
            AmountAt::DebitAndCredit(debit, credit) => is_amount(debit) || is_amount(credit),
        };
        has_amount && self.day(&self.text(row, self.layout.date.at)).is_ok()
    }

    pub(crate) fn day(&self, text: &str) -> Result<NaiveDate, NotADate> {
        date::parse(text, &self.mapping.date_formats, self.day_zero, self.mapping.zone)
    }

    /// Reads a picked line; what is wrong goes to `wrong`.
    pub(crate) fn read(&self, row: &Row<'_>, wrong: &mut Wrong) -> Option<Picked> {
        if !row.cells.iter().all(|cell| self.encoding.can_read(cell)) {
            let detail = "found bytes that are not UTF-8; if the file is from Windows, write encoding = \"windows-1252\" or \"auto\"";
            wrong.tell(None, ProblemCode::UnreadableText, detail);
        }
        let posted = self.posted_on(row, wrong);
        let amount = self.amount(row, wrong);
        let reference = self.number(row.cells, self.layout.reference.as_ref(), ("reference", "transaction number"), wrong);
        let purchase_order = self.number(row.cells, self.layout.purchase_order.as_ref(), ("purchase order", "order number"), wrong);
        let ((posted_on, year), amount) = (posted?, amount?);
        let (line_hash, earlier_hash) = self.line_hash(row.cells, posted_on, amount.pence, wrong);
        let pence = if self.mapping.is_sign_reversed { Pence(-amount.pence.0) } else { amount.pence };
        let has_lost_digits = self.has_lost_digits(row.cells);
        let has_minus_credit = self.has_minus_credit(row.cells);
        let amount = Amount { pence, ..amount };
        Some(Picked { posted_on, year, amount, reference, purchase_order, line_hash, earlier_hash, has_lost_digits, has_minus_credit })
    }

    fn posted_on(&self, row: &Row<'_>, wrong: &mut Wrong) -> Option<(NaiveDate, FinancialYear)> {
        let column = &self.layout.date;
        let found = self.text(row.cells, column.at);
        let posted_on = match self.day(&found) {
            Ok(day) => day,
            Err(NotADate::Unreadable) => {
                // The usual formats are many; the first few show what is meant.
                let formats = &self.mapping.date_formats;
                let others = (formats.len() > MOST_FORMATS_SHOWN).then_some("in another usual way");
                let formats: Vec<_> = formats.iter().take(MOST_FORMATS_SHOWN).map(|format| format.as_str()).chain(others).collect();
                let detail = format!("found {}, expected a date written {}", said(row, column, &found), formats.join(" or "));
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
        let Ok(year) = FinancialYear::of(posted_on) else {
            let detail = format!("found {}, expected a day in the financial years 1990-91 to 2098-99", shown(&found));
            wrong.tell(Some(column), ProblemCode::DateOutOfRange, detail);
            return None;
        };
        Some((posted_on, year))
    }

    /// The amount as the file has it, before any reversal of its sign.
    fn amount(&self, row: &Row<'_>, wrong: &mut Wrong) -> Option<Amount> {
        match &self.layout.amount {
            AmountAt::Signed(column) => self.one_amount(row, column, wrong),
            AmountAt::DebitAndCredit(debit, credit) => {
                let is_empty = |column: &Column| self.text(row.cells, column.at).is_empty() && row.unread(column.at).is_none();
                if is_empty(debit) && is_empty(credit) {
                    let detail =
                        format!("found nothing here nor under \u{201c}{}\u{201d}, expected an amount under one of them", credit.header);
                    wrong.tell(Some(debit), ProblemCode::UnreadableAmount, detail);
                    return None;
                }
                let side = |column: &Column, wrong: &mut Wrong| {
                    if is_empty(column) { Some(Amount::exact(Pence::ZERO)) } else { self.one_amount(row, column, wrong) }
                };
                let (debit_side, credit_side) = (side(debit, wrong), side(credit, wrong));
                let (debit_side, mut credit_side) = (debit_side?, credit_side?);
                if says_credit(&self.text(row.cells, credit.at)) {
                    // The column says so already.
                    credit_side.pence = Pence(-credit_side.pence.0);
                }
                let pence = debit_side.pence.checked_sub(credit_side.pence).ok()?;
                let is_rounded = debit_side.is_rounded || credit_side.is_rounded;
                Some(Amount { pence, is_rounded, loses: debit_side.loses || credit_side.loses })
            }
        }
    }

    fn one_amount(&self, row: &Row<'_>, column: &Column, wrong: &mut Wrong) -> Option<Amount> {
        // One amount for several lines, as a person sees it, is not the amount of each.
        if let Some(why @ Why::Above { .. }) = row.unread(column.at) {
            wrong.tell(Some(column), ProblemCode::UnreadableAmount, format!("found {}", why.found()));
            return None;
        }
        let found = self.text(row.cells, column.at);
        match amount::parse(&found) {
            Ok(amount) => return Some(amount),
            Err(NotAnAmount::Unreadable) => {
                let detail = format!("found {}, expected an amount such as 1,234.56 or -1234.56 or (1,234.56)", said(row, column, &found));
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
        let number = as_recorded(self.text(row, column.at));
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

    /// The day and the pence where the header has them, of what is to be compared.
    pub(crate) fn day_and_amount(&self, row: &ByteRecord) -> (Option<NaiveDate>, [Option<Pence>; 2]) {
        let pence = |column: &Column| amount::parse(&self.text(row, column.at)).ok().map(|amount| amount.pence);
        let amounts = match &self.layout.amount {
            AmountAt::Signed(amount) => [pence(amount), None],
            AmountAt::DebitAndCredit(debit, credit) => [pence(debit), pence(credit)],
        };
        (self.day(&self.text(row, self.layout.date.at)).ok(), amounts)
    }

    /// Whether there is a minus, or brackets, under the header of credits: which way it counts may be meant otherwise.
    fn has_minus_credit(&self, row: &ByteRecord) -> bool {
        let AmountAt::DebitAndCredit(_, credit) = &self.layout.amount else { return false };
        let text = self.text(row, credit.at);
        !says_credit(&text) && amount::parse(&text).is_ok_and(|amount| amount.pence < Pence::ZERO)
    }

    /// Whether a number that is the line's own was cut to an exponent. Without an `identity` only its amount, its reference and its order are
    /// its own.
    fn has_lost_digits(&self, row: &ByteRecord) -> bool {
        let layout = &self.layout;
        let is_cut = |at: usize| has_lost_digits(&self.text(row, at));
        let own = [&layout.reference, &layout.purchase_order].into_iter().flatten().any(|column| is_cut(column.at));
        let amounts = match &layout.amount {
            AmountAt::Signed(amount) => [Some(amount), None],
            AmountAt::DebitAndCredit(debit, credit) => [Some(debit), Some(credit)],
        };
        let is_amount_cut = amounts.into_iter().flatten().any(|column| has_lost_pence(&self.text(row, column.at)));
        own || is_amount_cut
            || (layout.is_identity_named && layout.identity.iter().any(|(_, at)| self.role(*at) == Role::Other && is_cut(*at)))
    }

    fn role(&self, at: usize) -> Role {
        match &self.layout.amount {
            _ if at == self.layout.date.at => Role::PostingDay,
            AmountAt::Signed(amount) if amount.at == at => Role::Amount,
            AmountAt::DebitAndCredit(debit, credit) if debit.at == at || credit.at == at => Role::Amount,
            AmountAt::Signed(_) | AmountAt::DebitAndCredit(..) => Role::Other,
        }
    }

    /// The hashes of what identifies the line: the one it gets, and the one it had by the rules of earlier versions.
    fn line_hash(&self, row: &ByteRecord, posted_on: NaiveDate, amount: Pence, wrong: &mut Wrong) -> (String, String) {
        let cells: Vec<Cell<'_>> = self
            .layout
            .identity
            .iter()
            .map(|(name, at)| match *at {
                NET_AMOUNT => Cell { name, role: Role::Amount, text: format!("{}E-2", amount.0) },
                at => Cell { name, role: self.role(at), text: self.text(row, at) },
            })
            .collect();
        let dates = Dates { posted_on, formats: &self.mapping.date_formats, zone: self.mapping.zone };
        line_hashes(&cells, &dates).unwrap_or_else(|| {
            let detail = "the cells that identify a line are all empty here; add a column to `identity`, or leave it out";
            wrong.tell(None, ProblemCode::NothingIdentifiesLine, detail);
            (String::new(), String::new())
        })
    }
}

/// Whether an amount says that it is a credit.
fn says_credit(text: &str) -> bool {
    text.get(text.len().saturating_sub(2)..).is_some_and(|end| end.eq_ignore_ascii_case("cr"))
}

/// What a cell has that cannot be read, in words.
fn said(row: &Row<'_>, column: &Column, found: &str) -> String {
    row.unread(column.at).map_or_else(|| shown(found), Why::found)
}
