//! A connection to either database, and the pool's way of making one.

use crate::Error;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::sqlite::SqliteConnection;
use std::path::PathBuf;

/// A connection to SQLite or PostgreSQL; queries written once run on both.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// The embedded database.
    Sqlite(SqliteConnection),
    /// A server that speaks PostgreSQL's protocol.
    Postgres(PgConnection),
}

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
    /// `postgres://…`, as libpq reads it.
    Postgres(String),
}

impl std::str::FromStr for DatabaseUrl {
    type Err = Error;

    fn from_str(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(DatabaseUrl::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        match path {
            Some(path) if !path.is_empty() => Ok(DatabaseUrl::Sqlite(path.into())),
            // A URL may hold a password, so only its scheme is repeated.
            _ => Err(Error::BadUrl(url.split(':').next().unwrap_or_default().to_owned())),
        }
    }
}

impl DatabaseUrl {
    /// Opens a connection and sets what every connection of ours has set.
    pub fn connect(&self) -> Result<AnyConnection, Error> {
        match self {
            DatabaseUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&path.to_string_lossy()).map_err(|e| Error::Unreachable(e.to_string()))?;
                // busy_timeout first: even switching to WAL may have to wait for another process.
                connection.batch_execute(
                    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
                )?;
                Ok(AnyConnection::Sqlite(connection))
            }
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url).map_err(|e| Error::Unreachable(e.to_string()))?;
                connection.batch_execute("SET TIME ZONE 'UTC'; SET client_min_messages = warning; SET lock_timeout = '10s';")?;
                Ok(AnyConnection::Postgres(connection))
            }
        }
    }
}

impl ManageConnection for DatabaseUrl {
    type Connection = AnyConnection;
    type Error = Error;

    fn connect(&self) -> Result<AnyConnection, Error> {
        DatabaseUrl::connect(self)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), Error> {
        Ok(connection.ping()?)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        connection.is_broken()
    }
}
