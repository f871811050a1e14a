//! What can stop a run, or a look at a snapshot.

use polars::prelude::PolarsError;
use std::path::{Path, PathBuf};

/// Why a snapshot could not be built or read. No variant's text holds personal data.
///
/// The text says the cause as well, and so no variant has a `source`: whoever prints the whole chain would say it twice.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the warehouse's lock.
    #[error("another run is under way; wait until it has ended and run `short-breaks etl` again")]
    Busy,
    /// The warehouse has no current snapshot.
    #[error("nothing has been published yet; run `short-breaks etl` first")]
    NothingPublished,
    /// No snapshot has that id; it never was, or it has been cleared away.
    #[error("there is no snapshot `{0}` in the warehouse")]
    UnknownSnapshot(String),
    /// A snapshot has no such table of one file: another version of the program made it.
    #[error("the snapshot `{snapshot}` has no table `{table}`; run `short-breaks etl` to publish a new one")]
    NoTable {
        /// The snapshot's id.
        snapshot: String,
        /// The table.
        table: String,
    },
    /// `CURRENT` is empty, or names a snapshot that is not there.
    #[error("{} is damaged and names no snapshot; run `short-breaks etl` to publish a new one", .0.display())]
    DamagedCurrent(PathBuf),
    /// A file of a published snapshot is missing, or its bytes are not those its run wrote.
    #[error("{} is damaged and is not read; run `short-breaks etl` to publish a new snapshot", .0.display())]
    Damaged(PathBuf),
    /// A snapshot as known on a day that has not come.
    #[error("the store cannot be shown as known on {day}: today is {today}")]
    Future {
        /// The day asked for.
        day: chrono::NaiveDate,
        /// The day it is.
        today: chrono::NaiveDate,
    },
    /// The new snapshot disagrees with the store or with itself, and was not published.
    #[error("the new snapshot was not published, because it failed its checks: {}", .0.join("; "))]
    Checks(Vec<String>),
    /// What a scenario assumes costs more than can be kept; by its place, from nought.
    #[error("what scenario {} assumes costs more than a record may carry", .0 + 1)]
    ScenarioTooLarge(usize),
    /// A package line whose cost cannot be planned, by its pseudonym.
    #[error("the package line with pseudonym {line} cannot be costed: {reason}")]
    Costing {
        /// The line's pseudonym.
        line: String,
        /// Why not.
        reason: domain::costing::CannotCost,
    },
    /// A date in the store that no supported financial year holds.
    #[error("a date in the store lies outside the supported years: {0}")]
    Year(domain::year::NotAYear),
    /// The key of the pseudonyms is damaged. It is never replaced silently: every pseudonym would change.
    #[error("the pseudonym key {} is damaged; put it back from a backup", .0.display())]
    BadKey(PathBuf),
    /// The key of the pseudonyms is gone, and snapshots made with it are there.
    #[error(
        "the pseudonym key {} is missing; put it back from a backup, or remove {} and the next run makes a new key, with which \
         every pseudonym changes", key.display(), snapshots.display()
    )]
    MissingKey {
        /// Where the key should be.
        key: PathBuf,
        /// The directory of the snapshots made with it.
        snapshots: PathBuf,
    },
    /// The machine gave no randomness for a new key.
    #[error("no random numbers could be had for the pseudonym key: {0}")]
    Random(String),
    /// A table or column that `columns.toml` does not class, or a mart whose checks cannot be read.
    #[error("the warehouse's definition is at fault: {0}")]
    Definition(String),
    /// The store did not answer.
    #[error("{0}")]
    Store(db::Error),
    /// A file could not be read or written.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A manifest is not what a run writes.
    #[error("the manifest {} is damaged; run `short-breaks etl` to publish a new snapshot: {cause}", path.display())]
    Manifest {
        /// Which manifest.
        path: PathBuf,
        /// What is wrong.
        cause: serde_json::Error,
    },
    /// A table could not be computed or read.
    #[error("a table of the warehouse could not be computed or read: {0}")]
    Table(PolarsError),
}

impl Error {
    /// Whether a file or directory was not there: to a reader, a sign that its snapshot was cleared away meanwhile.
    pub fn is_missing(&self) -> bool {
        matches!(self, Error::Io { cause, .. } if cause.kind() == std::io::ErrorKind::NotFound)
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Error::Store(error.into())
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Error::Store(error)
    }
}

impl From<records::Error> for Error {
    fn from(error: records::Error) -> Self {
        match error {
            records::Error::Store(error) => Error::Store(error),
            records::Error::Refused(_) | records::Error::Fault(_) => Error::Definition(error.to_string()),
        }
    }
}

impl From<domain::year::NotAYear> for Error {
    fn from(error: domain::year::NotAYear) -> Self {
        Error::Year(error)
    }
}

impl From<PolarsError> for Error {
    fn from(error: PolarsError) -> Self {
        Error::Table(error)
    }
}

/// Says which path an input or output error is about.
pub(crate) trait At<T> {
    /// The value, or the error with its path.
    fn at(self, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Error> {
        self.map_err(|cause| Error::Io { path: path.to_owned(), cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn a_cause_is_said_once() {
        let errors = [
            std::fs::read("no/such/file").map(drop).at(Path::new("no/such/file")).expect_err("not there"),
            Error::Table(PolarsError::NoData("the cause".into())),
            Error::from(diesel::result::Error::NotFound),
        ];
        for error in errors {
            assert!(error.source().is_none(), "`{error}` would be followed by its cause once more");
        }
    }
}
