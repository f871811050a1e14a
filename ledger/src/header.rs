//! The header of a file: which row it is, and which column is which.

use crate::columns::{AmountColumns, Columns};
use crate::line::is_blank;
use crate::mapping::Mapping;
use crate::mapping_file::ColumnNames;
use crate::noted::Noted;
use crate::payment_like::is_payment_like;
use crate::problem::{Problem, ProblemCode};
use crate::shown::is_plain_header;
use crate::text::{Encoding, fold, tidy};
use csv::ByteRecord;

/// Rows looked at for a header; titles and notes may stand above it.
pub(crate) const MOST_ROWS: usize = 1000;
/// In an identity, the amount of debit and credit together: no column's.
pub(crate) const NET_AMOUNT: usize = usize::MAX;
/// Headers that a message lists.
const MOST_HEADERS_SHOWN: usize = 40;

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
    /// Whether the mapping says what identifies a line; else every cell does.
    pub(crate) is_identity_named: bool,
    /// The headers as the file has them.
    pub(crate) headers: Vec<String>,
    /// Cells in the header row, up to its last header.
    pub(crate) width: usize,
    /// Columns that have no header of their own, as that of a needed column is merged across them.
    pub(crate) beside: Vec<(usize, String)>,
    /// What is to be said of columns that are not needed and cannot be told.
    pub(crate) doubtful: Vec<String>,
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

/// A search for the header, row by row from the file's start.
pub(crate) struct Search<'m> {
    mapping: &'m Mapping,
    encoding: Encoding,
    rows: usize,
    likeliest: Option<NotHeader>,
    /// Rows above the header that look like payments.
    pub(crate) payments_above: Vec<u64>,
}

impl<'m> Search<'m> {
    pub(crate) fn new(mapping: &'m Mapping, encoding: Encoding) -> Self {
        Search { mapping, encoding, rows: 0, likeliest: None, payments_above: Vec::new() }
    }

    /// Looks at the next row: the layout, if this is the header.
    pub(crate) fn row(&mut self, row: &ByteRecord, line: u64) -> Option<Layout> {
        if is_blank(row, self.encoding) {
            return None;
        }
        self.rows += 1;
        let is_wanted = match self.mapping.header_row {
            Some(wanted) => wanted == line,
            None => self.rows <= MOST_ROWS,
        };
        if is_wanted {
            for columns in &self.mapping.layouts {
                match Layout::of(columns, self.encoding, row, line, self.mapping.layouts.len() > 1) {
                    Ok(layout) => return Some(layout),
                    Err(other) if self.likeliest.as_ref().is_none_or(|best| other.hits > best.hits) => self.likeliest = Some(other),
                    Err(_) => {}
                }
            }
        }
        if is_payment_like(row, self.encoding, self.mapping) {
            self.payments_above.push(line);
        }
        None
    }

    /// Whether no further row can be the header.
    pub(crate) fn is_over(&self) -> bool {
        self.rows >= MOST_ROWS
    }

    /// Why a header with so much like payments above it is not trusted: another table may stand there. A mapping that names the row has
    /// seen it.
    pub(crate) fn refusal(&self, header_line: u64, payments_above: &[u64]) -> Option<Problem> {
        let (first, count) = (payments_above.first()?, payments_above.len());
        if count < 2 || self.mapping.header_row.is_some() {
            return None;
        }
        let detail = format!(
            "{count} lines that look like payments stand above the header, which is in line {header_line}, and would not be read; give their own \
             header to the mapping, or take them to a file of their own, or write header_row = {header_line} to leave them out"
        );
        Some(Problem::of_line(*first, ProblemCode::PaymentsAboveHeader, detail))
    }

    /// How many of the needed columns the likeliest row has.
    pub(crate) fn hits(&self) -> usize {
        self.likeliest.as_ref().map_or(0, |best| best.hits)
    }

    /// What the likeliest of the rows lacks.
    pub(crate) fn not_found(self) -> NotHeader {
        let (mapping, rows) = (self.mapping, self.rows);
        self.likeliest.unwrap_or_else(|| {
            let (code, detail) = match mapping.header_row {
                Some(row) if rows > 0 => (ProblemCode::MissingColumn, format!("`header_row` is {row}, and that line has nothing in it")),
                _ => (ProblemCode::EmptyFile, "there is nothing in the file".to_owned()),
            };
            NotHeader { hits: 0, problems: vec![Problem::of_file(code, detail)] }
        })
    }
}

/// What is said of lines above the header that look like payments.
pub(crate) fn payments_above(lines: &[u64]) -> Option<String> {
    let mut noted = Noted::default();
    lines.iter().for_each(|line| noted.add(*line));
    (noted.count > 0).then(|| format!("{} lines above the header look like payments and are not read ({})", noted.count, noted.places()))
}

impl Layout {
    /// The columns that needed headers are merged across, beside their own: `merged` tells them of one column.
    pub(crate) fn beside(&self, merged: impl Fn(usize) -> std::ops::Range<usize>) -> Vec<(usize, String)> {
        let amounts = match &self.amount {
            AmountAt::Signed(amount) => vec![amount],
            AmountAt::DebitAndCredit(debit, credit) => vec![debit, credit],
        };
        let named = [Some(&self.date), self.reference.as_ref(), self.purchase_order.as_ref()].into_iter().flatten().chain(amounts);
        let mut needed: Vec<(usize, String)> = named.map(|column| (column.at, column.header.clone())).collect();
        let others = self
            .columns
            .iter()
            .copied()
            .chain(self.identity.iter().map(|(_, at)| *at).filter(|at| self.is_identity_named && *at != NET_AMOUNT));
        needed.extend(others.map(|at| (at, self.headers.get(at).cloned().unwrap_or_default())));
        needed.into_iter().flat_map(|(at, header)| merged(at).map(move |beside| (beside, header.clone()))).collect()
    }

    /// Finds the needed columns in a row, or tells which it does not have.
    pub(crate) fn of(
        wanted: &Columns,
        encoding: Encoding,
        row: &ByteRecord,
        line: u64,
        is_one_of_several: bool,
    ) -> Result<Layout, NotHeader> {
        let headers: Vec<String> = row.iter().map(|cell| tidy(&encoding.decode(cell)).into_owned()).collect();
        let folded = headers.iter().map(|header| fold(header)).collect();
        let layout = wanted.layout.as_deref().filter(|_| is_one_of_several);
        let mut search = Headers { headers: &headers, folded, line, layout, hits: 0, problems: Vec::new() };
        let date = search.need(&wanted.date);
        let amount = match &wanted.amount {
            AmountColumns::Signed(amount) => search.need(amount).map(AmountAt::Signed),
            AmountColumns::DebitAndCredit { debit, credit } => {
                let (debit, credit) = (search.need(debit), search.need(credit));
                debit.zip(credit).map(|(debit, credit)| AmountAt::DebitAndCredit(debit, credit))
            }
        };
        let columns: Vec<_> = wanted.asked.iter().map(|column| search.need(column).map_or(0, |column| column.at)).collect();
        let named: Vec<_> = (1..)
            .zip(&wanted.identity)
            .map(|(place, column): (usize, _)| {
                let at = if column.folded.is_empty() { Some(NET_AMOUNT) } else { search.need(column).map(|column| column.at) };
                (place.to_string(), at.unwrap_or_default())
            })
            .collect();
        let problems = std::mem::take(&mut search.problems);
        // Not needed: without them a line has no reference or order, and that is all.
        let reference = wanted.reference.as_ref().and_then(|column| search.need(column));
        let purchase_order = wanted.purchase_order.as_ref().and_then(|column| search.need(column));
        let doubtful =
            search.problems.iter().filter(|problem| problem.code == ProblemCode::DuplicateColumn).map(Problem::of_column).collect();
        // Cells beyond the last header have no meaning: spreadsheets saved as CSV trail empty ones, and a stray comma moves others there.
        let width = headers.iter().rposition(|header| !header.is_empty()).map_or(0, |last| last + 1);
        match (date, amount) {
            (Some(date), Some(amount)) if problems.is_empty() => {
                let is_identity_named = !named.is_empty();
                let identity = if is_identity_named { named } else { every_cell(&search.folded[..width], &date, &amount) };
                Ok(Layout {
                    date,
                    amount,
                    reference,
                    purchase_order,
                    columns,
                    identity,
                    is_identity_named,
                    headers: search.headers.to_vec(),
                    width,
                    beside: Vec::new(),
                    doubtful,
                })
            }
            _ => Err(NotHeader { hits: search.hits, problems }),
        }
    }
}

/// One row as a header.
struct Headers<'s> {
    headers: &'s [String],
    folded: Vec<String>,
    line: u64,
    /// The layout that is tried, where there are several.
    layout: Option<&'s str>,
    hits: usize,
    problems: Vec<Problem>,
}

impl Headers<'_> {
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
        let layout = self.layout.map(|layout| format!("in layout {layout}: ")).unwrap_or_default();
        let detail = format!("{layout}no column for {}: looked for {}; {}", wanted.key, tried.join(", "), self.found());
        self.tell(None, ProblemCode::MissingColumn, detail);
        None
    }

    /// The row's headers. Only those made of the words of headers are repeated: the row may be a payment, and another may name a payee.
    fn found(&self) -> String {
        let all: Vec<(usize, &String)> =
            (1..).zip(self.headers).filter(|(_, header)| !header.is_empty()).take(MOST_HEADERS_SHOWN).collect();
        let plain: Vec<_> =
            all.iter().filter(|(_, header)| is_plain_header(header)).map(|(_, header)| format!("\u{201c}{header}\u{201d}")).collect();
        let others: Vec<_> = all.iter().filter(|(_, header)| !is_plain_header(header)).map(|(at, _)| at.to_string()).collect();
        let not_repeated = format!("what stands in its columns {} is not repeated here, as it may name somebody", others.join(", "));
        match (plain.is_empty(), others.is_empty()) {
            (true, true) => "this row is empty".to_owned(),
            (true, false) => format!("this row has none of the headers; {not_repeated}"),
            (false, true) => format!("this row has {}", plain.join(", ")),
            (false, false) => format!("this row has {}; {not_repeated}", plain.join(", ")),
        }
    }

    fn tell(&mut self, column: Option<String>, code: ProblemCode, detail: String) {
        let problem = Problem { column, ..Problem::of_line(self.line, code, detail) };
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
