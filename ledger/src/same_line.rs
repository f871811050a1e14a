//! When two ledger lines are the same line: the one place that says so.
//!
//! Within one source (a mapping's name), a line is known by the hash of what identifies it and by its *occurrence*: the first, second,
//! third line with that hash in its file. A file with two equal lines adds two entries; loading it again, or another file that repeats
//! them, adds none; a file with three adds the third.
//!
//! [`line_hashes`] is what identifies a line. The statements do the counting and comparing where the lines are, in the database, so that
//! memory does not grow with the file.

use crate::amount;
use crate::date::{self, DateFormat, usual_formats};
use chrono::NaiveDate;
use db::audit::hex;
use domain::TimeZone;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::LazyLock;

/// How dates are read in cells that are not the day of posting, whatever the mapping's formats.
static USUAL: LazyLock<Vec<DateFormat>> = LazyLock::new(usual_formats);

/// Which rules a hash goes by.
const RULES: &str = "line 2";

/// A staged line that the ledger has by the hash of an earlier version keeps that hash. `$1` is the source.
pub(crate) const KEEP_EARLIER: &str = "UPDATE ledger_stage SET line_hash = earlier_hash WHERE EXISTS \
    (SELECT 1 FROM ledger_entries e WHERE e.source = $1 AND e.line_hash = ledger_stage.earlier_hash)";

/// The staged lines, each with its turn among equal ones: worked out once, and before the writers' lock is taken.
pub(crate) const NUMBER: &str = "DROP TABLE IF EXISTS ledger_numbered; CREATE TEMPORARY TABLE ledger_numbered AS \
    SELECT s.*, ROW_NUMBER() OVER (PARTITION BY s.line_hash ORDER BY s.sheet_number, s.line_number) AS occurrence FROM ledger_stage s;";

macro_rules! same_line {
    () => {
        "e.source = $1 AND e.line_hash = n.line_hash AND e.occurrence = n.occurrence"
    };
}

/// The entry `e` and the numbered line `n` of the source `$1` are the same line.
pub(crate) const SAME_LINE: &str = same_line!();

/// The numbered line `n` is one that neither the ledger nor an earlier file of a trial run has.
pub(crate) const IS_NEW: &str = concat!(
    "NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE ",
    same_line!(),
    ") AND NOT EXISTS (SELECT 1 FROM ledger_foreseen e WHERE ",
    same_line!(),
    ")"
);

/// What a column that identifies a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The day of posting.
    PostingDay,
    /// The amount, or one side of it.
    Amount,
    /// Anything else.
    Other,
}

/// A cell that identifies a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell<'c> {
    /// What the mapping calls its column.
    pub(crate) name: &'c str,
    pub(crate) role: Role,
    /// What it holds, tidied.
    pub(crate) text: String,
}

/// How a line's cells are read as dates.
pub(crate) struct Dates<'d> {
    pub(crate) posted_on: NaiveDate,
    pub(crate) formats: &'d [DateFormat],
    pub(crate) zone: TimeZone,
}

impl Cell<'_> {
    /// What the cell means, in one way of writing it.
    fn meaning(&self, dates: &Dates<'_>) -> Cow<'_, str> {
        // A mapping's own formats have no say: other cells mean what they mean when the mapping is put right.
        self.known(dates)
            .or_else(|| amount::normal_number(&self.text).or_else(|| date::normal(&self.text, &USUAL, dates.zone)).map(Cow::Owned))
            .unwrap_or(Cow::Borrowed(&self.text))
    }

    /// What it meant in earlier versions, by which stores may have lines: `12DR` was a number, and dates went by the mapping's formats.
    fn earlier_meaning(&self, dates: &Dates<'_>) -> Cow<'_, str> {
        self.known(dates)
            .or_else(|| amount::normal(&self.text).or_else(|| date::normal(&self.text, dates.formats, dates.zone)).map(Cow::Owned))
            .unwrap_or(Cow::Borrowed(&self.text))
    }

    /// What the day of posting and a readable amount mean.
    fn known(&self, dates: &Dates<'_>) -> Option<Cow<'_, str>> {
        match self.role {
            Role::PostingDay => Some(Cow::Owned(dates.posted_on.to_string())),
            Role::Amount => amount::parse(&self.text).ok().map(|amount| Cow::Owned(amount.pence.0.to_string())),
            // Elsewhere nothing may be rounded away, nor a time of day, and a number may be as large as it likes: lines that differ must not
            // become one.
            Role::Other => None,
        }
    }
}

/// The hash of these cells, and the one that earlier versions gave them. None, nothing identifies the line.
pub(crate) fn line_hashes(cells: &[Cell<'_>], dates: &Dates<'_>) -> Option<(String, String)> {
    // The two never read alike, so that a line of an earlier version is known by its hash alone.
    let hash = line_hash(Some(RULES), cells, |cell| cell.meaning(dates))?;
    Some((hash, line_hash(None, cells, |cell| cell.earlier_meaning(dates))?))
}

/// SHA-256 of what identifies a line: the rules, names and meanings, each preceded by its length so that no two lines read alike. Every cell
/// counts by what it means and empty cells not at all, so that a file saved anew has the same lines.
fn line_hash<'c, 'n>(rules: Option<&str>, cells: &'c [Cell<'n>], meaning: impl Fn(&'c Cell<'n>) -> Cow<'c, str>) -> Option<String> {
    let mut digest = Sha256::new();
    let mut feed = |part: &str| {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    };
    rules.into_iter().for_each(&mut feed);
    let mut has_any = false;
    for cell in cells.iter().filter(|cell| !cell.text.is_empty()) {
        has_any = true;
        feed(cell.name);
        feed(&meaning(cell));
    }
    has_any.then(|| hex(&digest.finalize()))
}

#[cfg(test)]
mod tests;
