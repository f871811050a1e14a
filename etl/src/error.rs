//! What can stop a run, or a look at a snapshot.

use polars::prelude::PolarsError;
use std::path::{Path, PathBuf};

/// Why a snapshot could not be built or read. No variant's text holds personal data.
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
    Year(#[from] domain::year::NotAYear),
    /// The key of the pseudonyms is damaged. It is never replaced silently: every pseudonym would change.
    #[error("the pseudonym key {} is damaged; put it back from a backup, or remove it and every pseudonym changes", .0.display())]
    BadKey(PathBuf),
    /// The machine gave no randomness for a new key.
    #[error("no random numbers could be had for the pseudonym key: {0}")]
    Random(String),
    /// A table or column that `columns.toml` does not class, or a mart whose checks cannot be read.
    #[error("the warehouse's definition is at fault: {0}")]
    Definition(String),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] db::Error),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A manifest is not what a run writes.
    #[error("the manifest {} cannot be read: {source}", path.display())]
    Manifest {
        /// Which manifest.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A table could not be computed or read.
    #[error("a table of the warehouse could not be computed or read: {0}")]
    Table(#[from] PolarsError),
}

impl Error {
    /// Whether a file or directory was not there: to a reader, a sign that its snapshot was cleared away meanwhile.
    pub fn is_missing(&self) -> bool {
        matches!(self, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Error::Store(error.into())
    }
}

/// Says which path an input or output error is about.
pub(crate) trait At<T> {
    /// The value, or the error with its path.
    fn at(self, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { path: path.to_owned(), source })
    }
}
