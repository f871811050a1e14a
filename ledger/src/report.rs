//! What an import says of itself: the same on the command line and over HTTP.

use domain::Pence;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Problems shown of one file; the rest are counted.
pub const MOST_SHOWN: usize = 50;

/// What an import did, file by file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// In the order they were given.
    pub files: Vec<FileReport>,
    /// All of them together, refused ones included.
    pub total: Totals,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileReport {
    /// Its name without its folders.
    pub file: String,
    /// SHA-256 of its bytes; null when it was not read to its end.
    pub sha256: Option<String>,
    /// Whether its lines are in the ledger now.
    pub status: FileStatus,
    /// How many lines of each kind it has.
    #[serde(flatten)]
    pub counts: Counts,
    /// The lines that rules picked, new or already present; for a refused file, those that could be read.
    pub by_budget_line: Vec<BudgetLineTotal>,
    /// Why it was refused: the first fifty.
    pub problems: Vec<Problem>,
    /// Problems beyond the first fifty.
    pub problems_not_shown: i64,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Taken, though perhaps with no line that the ledger did not have.
    Loaded,
    /// The very file was taken before, with the very mapping; nothing was done.
    AlreadyLoaded,
    /// It has problems; nothing of it was taken.
    Refused,
}

/// How many lines a file has of each kind: `lines_read` is `blank` + `matched` + `kept_out`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Lines after the header.
    pub lines_read: i64,
    /// Of which without anything in any cell.
    pub blank: i64,
    /// Of which a coding rule picked.
    pub matched: i64,
    /// Of which no rule picked.
    pub kept_out: i64,
    /// Picked lines that the ledger had already.
    pub already_present: i64,
    /// Picked lines whose amount was rounded to the penny.
    pub rounded: i64,
}

/// The picked lines of one budget line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetLineTotal {
    /// Its code.
    pub budget_line: String,
    /// How many.
    pub lines: i64,
    /// Their sum; credits are negative.
    pub amount_pence: Pence,
}

/// All files of an import together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Totals {
    /// Sums of the files' counts.
    #[serde(flatten)]
    pub counts: Counts,
    /// Sums of the files' budget lines.
    pub by_budget_line: Vec<BudgetLineTotal>,
    /// Files that were refused.
    pub files_refused: i64,
}

/// One reason to refuse a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LedgerFileProblem)]
pub struct Problem {
    /// The line of the file where the record starts, its first line being 1; null when it is about the whole file.
    pub line: Option<i64>,
    /// The column's header, where it is about one.
    pub column: Option<String>,
    /// What kind of problem.
    pub code: ProblemCode,
    /// What was found and what was expected.
    pub detail: String,
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
    /// A picked line has more cells than the header.
    TooManyCells,
    /// A picked line has text that is not in the mapping's encoding, or control characters in its reference.
    UnreadableText,
    /// A reference too long to be a transaction number.
    ReferenceTooLong,
    /// All the cells that identify a picked line are empty.
    NothingIdentifiesLine,
    /// A record longer than is read.
    LineTooLong,
    /// A quotation mark that seems never to be closed.
    UnclosedQuote,
    /// The ledger has the line under another budget line.
    Recoded,
    /// The ledger has the line with another date or amount.
    Changed,
}

/// Sums by budget line as lines are read.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, (i64, Pence)>);

impl Tally {
    /// Counts a line in.
    pub(crate) fn add(&mut self, budget_line: &str, lines: i64, amount: Pence) -> Result<(), domain::money::TooLarge> {
        // A lookup first: the key is copied once per budget line and not once per line.
        if !self.0.contains_key(budget_line) {
            self.0.insert(budget_line.to_owned(), (0, Pence::ZERO));
        }
        if let Some((count, sum)) = self.0.get_mut(budget_line) {
            *sum = sum.checked_add(amount)?;
            *count += lines;
        }
        Ok(())
    }

    pub(crate) fn totals(self) -> Vec<BudgetLineTotal> {
        self.0.into_iter().map(|(budget_line, (lines, amount_pence))| BudgetLineTotal { budget_line, lines, amount_pence }).collect()
    }
}

impl ImportReport {
    /// Adds the files up.
    pub(crate) fn of(files: Vec<FileReport>) -> Self {
        let mut total = Totals::default();
        let mut tally = Tally::default();
        for file in &files {
            total.counts.add(&file.counts);
            total.files_refused += i64::from(file.status == FileStatus::Refused);
            for line in &file.by_budget_line {
                // Past the range of an i64 the total stays where it was; each file's own sum is still right.
                let _ = tally.add(&line.budget_line, line.lines, line.amount_pence);
            }
        }
        total.by_budget_line = tally.totals();
        ImportReport { files, total }
    }

    /// The report of an import that did not begin, because the mapping cannot be used: every file refused for it.
    pub fn of_bad_mapping(files: impl IntoIterator<Item = String>, bad: &crate::BadMapping) -> Self {
        let problems = Problems::of(bad.0.iter().map(|detail| Problem {
            line: None,
            column: None,
            code: ProblemCode::BadMapping,
            detail: detail.clone(),
        }));
        Self::of(
            files.into_iter().map(|file| FileReport::refused(file, None, Counts::default(), Tally::default(), problems.clone())).collect(),
        )
    }

    /// Whether any file was refused.
    pub fn has_refusals(&self) -> bool {
        self.total.files_refused > 0
    }
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.lines_read += other.lines_read;
        self.blank += other.blank;
        self.matched += other.matched;
        self.kept_out += other.kept_out;
        self.already_present += other.already_present;
        self.rounded += other.rounded;
    }
}

impl FileReport {
    pub(crate) fn refused(file: String, sha256: Option<String>, counts: Counts, tally: Tally, problems: Problems) -> Self {
        FileReport {
            file,
            sha256,
            status: FileStatus::Refused,
            counts,
            by_budget_line: tally.totals(),
            problems: problems.shown,
            problems_not_shown: problems.not_shown,
        }
    }
}

/// The problems of one file: the first are kept, all are counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Problems {
    shown: Vec<Problem>,
    not_shown: i64,
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

    /// Counts problems that nobody has put into words.
    pub(crate) fn count_more(&mut self, more: i64) {
        self.not_shown += more;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}
