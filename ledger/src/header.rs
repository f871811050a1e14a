//! The header of a file: which row it is, and which column is which.

use crate::amount;
use crate::date::{self, DayZero, usual_formats};
use crate::line::is_blank;
use crate::mapping::{AmountColumns, Mapping};
use crate::mapping_file::ColumnNames;
use crate::report::{Problem, ProblemCode};
use crate::text::{Encoding, fold, shown, tidy};
use csv::ByteRecord;

/// Rows looked at for a header; titles and notes may stand above it.
pub(crate) const MOST_ROWS: usize = 30;

/// Which column is which in one file.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) date: Column,
    pub(crate) amount: AmountAt,
    pub(crate) reference: Option<Column>,
    pub(crate) purchase_order: Option<Column>,
    /// By a condition's column number.
    pub(crate) columns: Vec<usize>,
    /// What goes into a line's identity, in an order that the file's own order of columns does not change.
    pub(crate) identity: Vec<(String, usize)>,
    /// Cells in the header row, up to its last header.
    pub(crate) width: usize,
}

/// A column of the file.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) at: usize,
    /// Its header as the file has it.
    pub(crate) header: String,
}

/// Where a line's amount stands.
#[derive(Debug, Clone)]
pub(crate) enum AmountAt {
    Signed(Column),
    DebitAndCredit(Column, Column),
}

/// A row that is not the header, and what it would need.
#[derive(Debug, Clone)]
pub(crate) struct NotHeader {
    /// Needed columns that it has.
    pub(crate) hits: usize,
    pub(crate) problems: Vec<Problem>,
}

/// Finds the header among a file's first rows, each with its line; or tells what the likeliest of them lacks.
pub(crate) fn find(mapping: &Mapping, encoding: Encoding, rows: &[(ByteRecord, u64)]) -> Result<(Layout, u64), NotHeader> {
    let mut likeliest: Option<NotHeader> = None;
    let is_wanted = |line: u64| mapping.header_row.is_none_or(|row| row == line);
    for (row, line) in rows.iter().filter(|(row, line)| is_wanted(*line) && !is_blank(row, encoding)) {
        match Layout::of(mapping, encoding, row, *line) {
            Ok(layout) => return Ok((layout, *line)),
            Err(other) if likeliest.as_ref().is_none_or(|best| other.hits > best.hits) => likeliest = Some(other),
            Err(_) => {}
        }
    }
    Err(likeliest.unwrap_or_else(|| {
        let (code, detail) = match mapping.header_row {
            Some(row) if !rows.is_empty() => {
                (ProblemCode::MissingColumn, format!("`header_row` is {row}, and that line has nothing in it"))
            }
            _ => (ProblemCode::EmptyFile, "there is nothing in the file".to_owned()),
        };
        NotHeader { hits: 0, problems: vec![Problem { line: None, column: None, code, detail }] }
    }))
}

impl Layout {
    /// Finds the needed columns in a row, or tells which it does not have.
    pub(crate) fn of(mapping: &Mapping, encoding: Encoding, row: &ByteRecord, line: u64) -> Result<Layout, NotHeader> {
        let headers: Vec<String> = row.iter().map(|cell| tidy(&encoding.decode(cell)).into_owned()).collect();
        let mut search =
            Search { headers: &headers, folded: headers.iter().map(|header| fold(header)).collect(), line, hits: 0, problems: Vec::new() };
        let date = search.need(&mapping.date);
        let amount = match &mapping.amount {
            AmountColumns::Signed(amount) => search.need(amount).map(AmountAt::Signed),
            AmountColumns::DebitAndCredit { debit, credit } => {
                let (debit, credit) = (search.need(debit), search.need(credit));
                debit.zip(credit).map(|(debit, credit)| AmountAt::DebitAndCredit(debit, credit))
            }
        };
        let columns: Vec<_> = mapping.columns.iter().map(|column| search.need(column).map_or(0, |column| column.at)).collect();
        let named: Vec<_> = (1..)
            .zip(&mapping.identity)
            .map(|(place, column): (usize, _)| (place.to_string(), search.need(column).map_or(0, |column| column.at)))
            .collect();
        let problems = std::mem::take(&mut search.problems);
        // Not needed: without them a line has no reference or order, and that is all.
        let reference = mapping.reference.as_ref().and_then(|column| search.need(column));
        let purchase_order = mapping.purchase_order.as_ref().and_then(|column| search.need(column));
        // Cells beyond the last header have no meaning: spreadsheets saved as CSV trail empty ones, and a stray comma moves others there.
        let width = headers.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1);
        match (date, amount) {
            (Some(date), Some(amount)) if problems.is_empty() => {
                let identity = if named.is_empty() { every_cell(&search.folded[..width], &date, &amount) } else { named };
                Ok(Layout { date, amount, reference, purchase_order, columns, identity, width })
            }
            _ => Err(NotHeader { hits: search.hits, problems }),
        }
    }
}

struct Search<'s> {
    headers: &'s [String],
    folded: Vec<String>,
    line: u64,
    hits: usize,
    problems: Vec<Problem>,
}

impl Search<'_> {
    /// The column under the first of the names that the row has.
    fn need(&mut self, wanted: &ColumnNames) -> Option<Column> {
        for name in &wanted.folded {
            let mut places = self.folded.iter().enumerate().filter(|(_, header)| *header == name).map(|(at, _)| at);
            match (places.next(), places.next()) {
                (None, _) => {}
                (Some(at), None) => {
                    self.hits += 1;
                    return Some(Column { at, header: self.headers[at].clone() });
                }
                (Some(first), Some(second)) => {
                    self.hits += 1;
                    let detail = format!(
                        "columns {} and {} both have this header; rename one of them, or map another header",
                        first + 1,
                        second + 1
                    );
                    self.tell(Some(self.headers[first].clone()), ProblemCode::DuplicateColumn, detail);
                    return None;
                }
            }
        }
        let tried: Vec<_> = wanted.alternatives.iter().map(|name| format!("\u{201c}{name}\u{201d}")).collect();
        let detail = format!("no column for {}: looked for {}; {}", wanted.key, tried.join(", "), self.found());
        self.tell(None, ProblemCode::MissingColumn, detail);
        None
    }

    /// The row's headers, unless it is a line of payments rather than a header: a payee's name is not repeated.
    fn found(&self) -> String {
        let is_payment = |header: &String| amount::parse(header).is_ok() || date::parse(header, &usual_formats(), DayZero::Of1900).is_ok();
        if self.headers.iter().any(is_payment) {
            return "this row has none of the headers, and looks like a payment".to_owned();
        }
        let found: Vec<_> = self.headers.iter().filter(|header| !header.is_empty()).take(40).map(|header| shown(header)).collect();
        format!("this row has {}", found.join(", "))
    }

    fn tell(&mut self, column: Option<String>, code: ProblemCode, detail: String) {
        let problem = Problem { line: i64::try_from(self.line).ok(), column, code, detail };
        // A column may be needed twice, by a rule and for the identity.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// Every column, by its header: two under one header are told apart by their turn. Date and amount go by what they are, as
/// their headers differ from year to year; other columns do not, so that a rule added later leaves identities as they were.
fn every_cell(folded: &[String], date: &Column, amount: &AmountAt) -> Vec<(String, usize)> {
    let mut identity: Vec<(String, usize)> = folded.iter().cloned().zip(0..).collect();
    let mut name = |column: &Column, role: &str| identity[column.at].0 = role.to_owned();
    name(date, "date");
    match amount {
        AmountAt::Signed(amount) => name(amount, "amount"),
        AmountAt::DebitAndCredit(debit, credit) => {
            name(debit, "debit");
            name(credit, "credit");
        }
    }
    identity.sort();
    identity
}
