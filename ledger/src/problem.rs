//! Why a file is refused.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Problems shown of one file; the rest are counted.
pub const MOST_SHOWN: usize = 50;

/// One reason to refuse a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LedgerFileProblem)]
pub struct Problem {
    /// The workbook's sheet, where several are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The line of the file or the sheet where the record starts, its first line being 1; null when it is about the whole file.
    pub line: Option<i64>,
    /// The column's header, where it is about one.
    pub column: Option<String>,
    /// What kind of problem.
    pub code: ProblemCode,
    /// What was found and what was expected.
    pub detail: String,
}

impl Problem {
    /// A problem of the whole file.
    pub(crate) fn of_file(code: ProblemCode, detail: impl Into<String>) -> Self {
        Problem { sheet: None, line: None, column: None, code, detail: detail.into() }
    }

    /// The problem in words, with the header of its column.
    pub(crate) fn of_column(&self) -> String {
        format!("\u{201c}{}\u{201d} is not read: {}", self.column.as_deref().unwrap_or_default(), self.detail)
    }

    /// A problem of one line.
    pub(crate) fn of_line(line: u64, code: ProblemCode, detail: impl Into<String>) -> Self {
        Problem { line: i64::try_from(line).ok(), ..Problem::of_file(code, detail) }
    }
}

/// Kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The mapping itself cannot be used.
    BadMapping,
    /// The file cannot be opened or read.
    UnreadableFile,
    /// There is nothing in the file.
    EmptyFile,
    /// A spreadsheet that cannot be read, or a kind of file that is not read.
    UnreadableWorkbook,
    /// The workbook has no sheet of the mapping's name.
    SheetNotFound,
    /// Lines stand on more than one sheet of the workbook, and the mapping does not say which sheets to read.
    SeveralSheets,
    /// A sheet of the workbook is not read, and has what looks like payments.
    SheetNotRead,
    /// What looks like payments stands above the header.
    PaymentsAboveHeader,
    /// What looks like the header of another table, with columns in other places, stands below the header.
    OtherTable,
    /// A needed column has none of its headers in the file.
    MissingColumn,
    /// A needed column's header stands over two columns.
    DuplicateColumn,
    /// A picked line's date is no date.
    UnreadableDate,
    /// A picked line's date can be read as two days.
    AmbiguousDate,
    /// A picked line's date is in no supported financial year.
    DateOutOfRange,
    /// A picked line's amount is no amount.
    UnreadableAmount,
    /// A picked line's amount, or a sum, is more than can be recorded.
    AmountTooLarge,
    /// Two rules pick the line.
    TwoRules,
    /// Two providers fit the line.
    TwoProviders,
    /// A picked line has more cells than the header; told once for all of them.
    TooManyCells,
    /// A picked line has fewer cells than the header and cannot be read; told once for all of them.
    TooFewCells,
    /// A picked line has text that is not in the mapping's encoding, or control characters in its reference or order.
    UnreadableText,
    /// A reference too long to be a transaction number, or a purchase order too long to be an order's.
    ReferenceTooLong,
    /// All the cells that identify a picked line are empty.
    NothingIdentifiesLine,
    /// A record longer than is read.
    LineTooLong,
    /// A quotation mark that seems never to be closed.
    UnclosedQuote,
    /// Cells in quotation marks run over several lines, and the mapping says that the marks mean nothing.
    QuotesMeanSomething,
    /// A record with several payments, parted by what is no line end.
    UnclearLineEnd,
    /// The ledger has the line under another budget line.
    Recoded,
    /// The ledger has the line with another date or amount.
    Changed,
    /// The very file was loaded before, and entries of its lines count already, by another reading of it.
    LoadedOtherwise,
    /// A new line's year was closed, and no year is open after it.
    NoOpenYear,
    /// The store failed before the file was in the ledger.
    StoreFailed,
}

/// The problems of one file: the first are kept, all are counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Problems {
    pub(crate) shown: Vec<Problem>,
    pub(crate) not_shown: i64,
}

impl Problems {
    pub(crate) fn of(problems: impl IntoIterator<Item = Problem>) -> Self {
        let mut all = Problems::default();
        for problem in problems {
            all.push(problem);
        }
        all
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        if self.shown.len() < MOST_SHOWN {
            self.shown.push(problem);
        } else {
            self.not_shown += 1;
        }
    }

    /// Adds those of another part of the file.
    pub(crate) fn append(&mut self, others: Problems) {
        others.shown.into_iter().for_each(|problem| self.push(problem));
        self.not_shown += others.not_shown;
    }

    /// Says of each which sheet it is of.
    pub(crate) fn of_sheet(&mut self, sheet: &str) {
        self.shown.iter_mut().for_each(|problem| problem.sheet = Some(sheet.to_owned()));
    }

    /// Leaves the sheet away where the file's report names it.
    pub(crate) fn of_the_only_sheet(&mut self) {
        self.shown.iter_mut().for_each(|problem| problem.sheet = None);
    }

    /// Counts problems that nobody has put into words.
    pub(crate) fn count_more(&mut self, more: i64) {
        self.not_shown += more;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}
