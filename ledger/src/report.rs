//! What an import says of itself: the same on the command line and over HTTP.

pub use crate::problem::{MOST_SHOWN, Problem, ProblemCode};

use crate::problem::Problems;
use domain::Pence;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What an import did, file by file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// In the order they were given.
    pub files: Vec<FileReport>,
    /// Those together that were taken, now or before.
    pub total: Totals,
    /// Those together that were refused: nothing of it is in the ledger by them.
    pub refused: Totals,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileReport {
    /// Its name without its folders.
    pub file: String,
    /// SHA-256 of its bytes; null when it was not read to its end.
    pub sha256: Option<String>,
    /// Its id among the loaded files, when it was loaded now or before.
    pub file_id: Option<String>,
    /// The workbook's sheet that was read, or the sheets, parted by commas; null for a CSV file.
    pub sheet: Option<String>,
    /// Sheets of the workbook that hold cells and were not read.
    pub sheets_not_read: Vec<String>,
    /// Whether its lines are in the ledger now.
    pub status: FileStatus,
    /// How many lines of each kind it has.
    #[serde(flatten)]
    pub counts: Counts,
    /// The lines that rules picked, new or already present, without `reversed` ones; for a refused file, those that could be read.
    pub by_budget_line: Vec<BudgetLineTotal>,
    /// What did not stop it but should be looked at, in words.
    pub warnings: Vec<String>,
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
    /// Picked lines that the ledger had already, and counts.
    pub already_present: i64,
    /// Picked lines whose amount was rounded to the penny.
    pub rounded: i64,
    /// Picked lines whose entries were taken back and not recoded: they are not loaded again, and do not count.
    pub reversed: i64,
    /// Lines already present that the mapping now gives another provider than their entries have.
    pub provider_differs: i64,
    /// New lines that agree with an entry of the ledger in day, amount, reference and budget line.
    pub look_alike: i64,
    /// Picked lines posted later than today.
    pub future_dated: i64,
    /// Picked lines posted more than ten years ago.
    pub past_dated: i64,
    /// Lines that no rule picked and that have more cells than the header.
    pub lines_with_too_many_cells: i64,
    /// Lines that have fewer cells than the header, and that a rule picked, that look like payments, or that have a day where the header has it.
    pub lines_with_too_few_cells: i64,
    /// Lines that a rule might pick, or leave out, if a cell could be read: an error value, a formula without a result, a merged cell, a
    /// code that lost digits or the noughts before it, letters in another encoding, or nothing under a code that may stand for several lines.
    pub lines_with_unclear_cells: i64,
    /// Picked lines whose own number, or amount, was cut to an exponent, as 1.2E+11.
    pub lines_with_lost_digits: i64,
    /// New lines posted in a year that was closed: they count in the next open year.
    pub moved_to_open_year: i64,
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

/// Files of an import together.
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

    /// Adds the sums of another part of the file.
    pub(crate) fn append(&mut self, other: Tally) -> Result<(), domain::money::TooLarge> {
        other.0.into_iter().try_for_each(|(budget_line, (lines, amount))| self.add(&budget_line, lines, amount))
    }

    /// Takes lines out again.
    pub(crate) fn take_out(&mut self, budget_line: &str, lines: i64, amount: Pence) {
        let Some((count, sum)) = self.0.get_mut(budget_line) else { return };
        *count -= lines;
        // Both were added before, so what is left is in range.
        *sum = sum.checked_sub(amount).unwrap_or(*sum);
        if *count == 0 {
            self.0.remove(budget_line);
        }
    }

    pub(crate) fn totals(self) -> Vec<BudgetLineTotal> {
        self.0.into_iter().map(|(budget_line, (lines, amount_pence))| BudgetLineTotal { budget_line, lines, amount_pence }).collect()
    }
}

impl ImportReport {
    /// Adds the files up.
    pub fn of(files: Vec<FileReport>) -> Self {
        let (taken, not): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.status != FileStatus::Refused);
        let (mut total, refused) = (Totals::of(&taken), Totals::of(&not));
        total.files_refused = refused.files_refused;
        ImportReport { files, total, refused }
    }

    /// The report of an import that did not begin, because the mapping cannot be used: every file refused for it.
    pub fn of_bad_mapping(files: impl IntoIterator<Item = String>, bad: &crate::BadMapping) -> Self {
        let problems = Problems::of(bad.0.iter().map(|mistake| Problem::of_file(ProblemCode::BadMapping, mistake)));
        Self::of(
            files.into_iter().map(|file| FileReport::refused(file, None, Counts::default(), Tally::default(), problems.clone())).collect(),
        )
    }

    /// The report of an import that the store stopped short: these files were finished, those were not.
    pub fn of_stopped(finished: Vec<FileReport>, others: impl IntoIterator<Item = String>) -> Self {
        let detail = "the store failed before this file was finished; put the store right and import it again: a file that did get in \
            is told \
                      as loaded before";
        let problems = Problems::of([Problem::of_file(ProblemCode::StoreFailed, detail)]);
        let mut files = finished;
        let refused = |file| FileReport::refused(file, None, Counts::default(), Tally::default(), problems.clone());
        files.extend(others.into_iter().map(refused));
        Self::of(files)
    }

    /// Whether any file was refused.
    pub fn has_refusals(&self) -> bool {
        self.total.files_refused > 0
    }
}

impl Totals {
    fn of(files: &[&FileReport]) -> Self {
        let (mut total, mut tally) = (Totals::default(), Tally::default());
        for file in files {
            total.counts.add(&file.counts);
            total.files_refused += i64::from(file.status == FileStatus::Refused);
            for line in &file.by_budget_line {
                // Past the range of an i64 the total stays where it was; each file's own sum is still right.
                let _ = tally.add(&line.budget_line, line.lines, line.amount_pence);
            }
        }
        Totals { by_budget_line: tally.totals(), ..total }
    }
}

impl Counts {
    /// What should be looked at though it stops nothing.
    /// `on_loaded_days` is how many new lines are of days that the ledger has entries of: a file of the year to date has others too.
    pub(crate) fn warnings(&self, on_loaded_days: i64) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut warn = |lines: i64, words: &str| {
            if lines > 0 {
                warnings.push(format!("{lines} {words}"));
            }
        };
        warn(
            self.reversed,
            "lines are in the ledger as reversed entries and were not loaded again; reverse the reversal to count them again",
        );
        if self.look_alike > on_loaded_days / 2 {
            warn(
                self.look_alike,
                "new lines have the day, amount, reference and budget line of entries in the ledger. The file may have been loaded \
                 before in another form, and would then count twice. Check that first. Name an `identity` in the mapping before the first import",
            );
        }
        warn(
            self.provider_differs,
            "lines are in the ledger with another provider than the mapping now gives, or with none; an entry keeps the provider it was \
             loaded with",
        );
        warn(self.future_dated, "lines are posted later than today; are the date formats right?");
        warn(self.past_dated, "lines are posted more than ten years ago; are the date formats right?");
        warn(
            self.moved_to_open_year,
            "new lines are posted in a year that was closed; they count in the next open year, under their own dates",
        );
        warnings
    }

    pub(crate) fn add(&mut self, other: &Counts) {
        self.lines_read += other.lines_read;
        self.blank += other.blank;
        self.matched += other.matched;
        self.kept_out += other.kept_out;
        self.already_present += other.already_present;
        self.rounded += other.rounded;
        self.reversed += other.reversed;
        self.provider_differs += other.provider_differs;
        self.look_alike += other.look_alike;
        self.future_dated += other.future_dated;
        self.past_dated += other.past_dated;
        self.lines_with_too_many_cells += other.lines_with_too_many_cells;
        self.lines_with_too_few_cells += other.lines_with_too_few_cells;
        self.lines_with_unclear_cells += other.lines_with_unclear_cells;
        self.lines_with_lost_digits += other.lines_with_lost_digits;
        self.moved_to_open_year += other.moved_to_open_year;
    }
}

/// What a file's form gives cause to tell.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// The workbook's sheets that were read.
    pub(crate) sheet: Option<String>,
    pub(crate) sheets_not_read: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

impl FileReport {
    /// The report with what the file's form adds to it.
    pub(crate) fn with_form(mut self, form: Form) -> Self {
        let Form { sheet, sheets_not_read, mut warnings } = form;
        warnings.append(&mut self.warnings);
        FileReport { sheet, sheets_not_read, warnings, ..self }
    }

    pub(crate) fn refused(file: String, sha256: Option<String>, counts: Counts, tally: Tally, problems: Problems) -> Self {
        FileReport {
            file,
            sha256,
            file_id: None,
            sheet: None,
            sheets_not_read: Vec::new(),
            status: FileStatus::Refused,
            counts,
            by_budget_line: tally.totals(),
            warnings: counts.warnings(0),
            problems: problems.shown,
            problems_not_shown: problems.not_shown,
        }
    }
}
