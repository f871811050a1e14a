//! What can go wrong between a query and its answer.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failure of the store. Its text is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL names no database we know.
    #[error("`{0}` names no database: write sqlite:PATH or postgres://USER@HOST/NAME")]
    BadUrl(String),
    /// No connection could be had.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The migrations did not run.
    #[error("the database could not be brought up to date: {0}")]
    Migration(String),
    /// A query failed.
    #[error("a query failed: {0}")]
    Query(#[from] DieselError),
    /// The store is another authority's.
    #[error(
        "this store belongs to the authority `{owner}`, and the profile is that of `{profile}`. Give the profile of `{owner}` with --profile \
         or SHORT_BREAKS_PROFILE, or another store with --data-dir or --database-url"
    )]
    OtherAuthority {
        /// The code of the profile that it belongs to.
        owner: String,
        /// The code of the profile it was opened with.
        profile: String,
    },
    /// The profile and the store disagree about a budget line.
    #[error("the profile has the budget line `{0}` the other way round than the store: it is not this authority's profile")]
    OtherDirection(String),
    /// A write recorded no audit event: a fault of ours.
    #[error("a write left no audit event and was taken back")]
    NotAudited,
}

impl Error {
    /// The unique key that a write collided with, by PostgreSQL's name for it (`providers_code_key`), on either database.
    pub fn unique_key(&self) -> Option<String> {
        let Error::Query(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)) = self else {
            return None;
        };
        if let Some(name) = info.constraint_name() {
            return Some(name.to_owned());
        }
        // SQLite names the columns: `UNIQUE constraint failed: providers.code`.
        let columns = info.message().rsplit(": ").next()?;
        let table = columns.split('.').next()?;
        let names: Vec<_> = columns.split(", ").filter_map(|column| column.split('.').nth(1)).collect();
        Some(format!("{table}_{}_key", names.join("_")))
    }

    /// Whether another writer held the database too long: trying again may help.
    pub fn is_busy(&self) -> bool {
        let Error::Query(DieselError::DatabaseError(kind, info)) = self else { return false };
        let waited = ["database is locked", "lock timeout"].iter().any(|text| info.message().contains(text));
        waited || matches!(kind, DatabaseErrorKind::ClosedConnection)
    }

    /// Whether a reference pointed at no row.
    pub fn is_foreign_key(&self) -> bool {
        matches!(self, Error::Query(DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)))
    }
}
