//! The pool, and the two ways in: reading, and writing in turn.

use crate::audit::{self, Actor, Event};
use crate::{AnyConnection, Clock, DatabaseUrl, Error, arrangements, unconfirmed};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::r2d2::{Pool, PooledConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use domain::TimeZone;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Any number will do, as long as it is always the same: writers of one database take turns by it.
const WRITERS_LOCK: &str = "SELECT pg_advisory_xact_lock(7302917)";
const MIGRATIONS_LOCK: &str = "SELECT pg_advisory_xact_lock(7302918)";

type TransactionOf = <AnyConnection as Connection>::TransactionManager;

/// The store. Copies share one pool.
#[derive(Clone)]
pub struct Store {
    pool: Pool<DatabaseUrl>,
    clock: Clock,
}

impl Store {
    /// Connects, and brings the database up to date.
    pub fn open(url: &DatabaseUrl, clock: Clock) -> Result<Self, Error> {
        migrate(url)?;
        fill_in(url, clock.zone())?;
        let pool = Pool::builder()
            .max_size(8)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(10))
            .build(url.clone())
            .map_err(|error| Error::Unreachable(error.to_string()))?;
        Ok(Store { pool, clock })
    }

    /// The clock that dates what is written.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// A connection of one's own.
    pub fn connection(&self) -> Result<PooledConnection<DatabaseUrl>, Error> {
        self.pool.get().map_err(|error| Error::Unreachable(error.to_string()))
    }

    /// Reads on one unchanging picture of the store, whatever is written meanwhile.
    pub fn read<T, E: From<Error>>(&self, reading: impl FnOnce(&mut AnyConnection) -> Result<T, E>) -> Result<T, E> {
        let mut pooled = self.connection()?;
        let connection: &mut AnyConnection = &mut pooled;
        begin(connection, "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").map_err(Error::from)?;
        let outcome = reading(connection);
        // Nothing was written; a failed ROLLBACK shows when the pool next looks at the connection.
        let _ = TransactionOf::rollback_transaction(connection);
        outcome
    }

    /// Writes in a transaction of its own, one writer at a time. All of it stays, or on an error none of it.
    ///
    /// Fails with [`Error::NotAudited`] when the closure recorded no event.
    pub fn write<T, E: From<Error>>(&self, actor: &Actor, writing: impl FnOnce(&mut Write<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut pooled = self.connection()?;
        self.write_on(&mut pooled, actor, writing)
    }

    /// As [`Store::write`], on a connection that holds something the write needs, such as a temporary table.
    pub fn write_on<T, E: From<Error>>(
        &self,
        connection: &mut AnyConnection,
        actor: &Actor,
        writing: impl FnOnce(&mut Write<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        begin(connection, "BEGIN IMMEDIATE", "BEGIN").map_err(Error::from)?;
        let outcome = self.write_within(connection, actor, writing);
        match outcome {
            Ok(value) => {
                TransactionOf::commit_transaction(connection).map_err(Error::from)?;
                Ok(value)
            }
            Err(error) => {
                // The first error is the one to tell; the rollback happens with the connection's end if not here.
                let _ = TransactionOf::rollback_transaction(connection);
                Err(error)
            }
        }
    }

    fn write_within<T, E: From<Error>>(
        &self,
        connection: &mut AnyConnection,
        actor: &Actor,
        writing: impl FnOnce(&mut Write<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if let AnyConnection::Postgres(server) = connection {
            server.batch_execute(WRITERS_LOCK).map_err(Error::from)?;
        }
        let last = audit::last(connection).map_err(Error::from)?;
        let mut write = Write { first_seq: last.0 + 1, last, at: self.clock.now(), zone: self.clock.zone(), actor, connection };
        let value = writing(&mut write)?;
        if write.last.0 < write.first_seq { Err(Error::NotAudited.into()) } else { Ok(value) }
    }
}

/// A write under way: its connection, its instant and number, and who does it.
pub struct Write<'w> {
    /// The connection, in the transaction.
    pub connection: &'w mut AnyConnection,
    /// The instant that every row of this write carries.
    pub at: NaiveDateTime,
    /// The time zone whose days are the authority's.
    pub zone: TimeZone,
    /// Who writes.
    pub actor: &'w Actor,
    first_seq: i64,
    last: (i64, String),
}

impl Write<'_> {
    /// The write's number, which every row of it carries: that of its first audit event.
    pub fn seq(&self) -> i64 {
        self.first_seq
    }

    /// The day of the write, in the authority's time zone.
    pub fn today(&self) -> NaiveDate {
        self.zone.day_of(self.at)
    }

    /// Records what was done, in the same transaction.
    pub fn record(&mut self, event: Event) -> Result<(), Error> {
        let last = std::mem::take(&mut self.last);
        self.last = audit::append(self.connection, last, self.at, self.actor, event)?;
        Ok(())
    }
}

fn begin(connection: &mut AnyConnection, sqlite: &str, postgres: &str) -> diesel::QueryResult<()> {
    match connection {
        AnyConnection::Sqlite(file) => AnsiTransactionManager::begin_transaction_sql(file, sqlite),
        AnyConnection::Postgres(server) => AnsiTransactionManager::begin_transaction_sql(server, postgres),
    }
}

/// Runs the migrations that are missing, all or none; processes that start together wait for one another.
fn migrate(url: &DatabaseUrl) -> Result<(), Error> {
    if let DatabaseUrl::Sqlite(path) = url {
        // Made before SQLite would make it: whatever the folder's mode, nobody else may read it. Its journals take its mode.
        create_private_file(path).map_err(|error| Error::Unreachable(error.to_string()))?;
    }
    let ran = match url.connect()? {
        AnyConnection::Sqlite(mut file) => file.immediate_transaction(|file| file.run_pending_migrations(SQLITE).map(drop)),
        AnyConnection::Postgres(mut server) => server.transaction(|server| {
            server.batch_execute(MIGRATIONS_LOCK)?;
            server.run_pending_migrations(POSTGRES).map(drop)
        }),
    };
    ran.map_err(|error: Box<dyn std::error::Error + Send + Sync>| Error::Migration(error.to_string()))
}

/// Writes down what follows from history and was not known when a row was written: no record of its own, so no event.
fn fill_in(url: &DatabaseUrl, zone: TimeZone) -> Result<(), Error> {
    let mut connection = url.connect()?;
    // Nothing to write is the rule: then nobody waits for a writer.
    if arrangements::rows_without_agreed_on(&mut connection, zone)?.is_empty() && !unconfirmed::has_unlooked(&mut connection)? {
        return Ok(());
    }
    begin(&mut connection, "BEGIN IMMEDIATE", "BEGIN")?;
    if let AnyConnection::Postgres(server) = &mut connection {
        server.batch_execute(WRITERS_LOCK)?;
    }
    // On an error the connection ends, and with it the transaction.
    arrangements::fill_in_agreed_on(&mut connection, zone)?;
    unconfirmed::fill_in_unconfirmed(&mut connection, zone)?;
    Ok(TransactionOf::commit_transaction(&mut connection)?)
}

fn create_private_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
