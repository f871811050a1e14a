//! Databases of the tests' own, on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod server;

use db::{Clock, DatabaseUrl, Store};
use diesel::connection::SimpleConnection;
use domain::TimeZone;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A database that the program runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The embedded database.
    Sqlite,
    /// A server that this process starts for itself.
    Postgres,
}

impl Backend {
    /// Those there are on this machine. PostgreSQL is left out, and that is said, where its programs are not installed;
    /// it is a failure when `REQUIRE_POSTGRES` is set.
    pub fn all() -> Vec<Backend> {
        let postgres = server::server().map(|_| Backend::Postgres);
        [Backend::Sqlite].into_iter().chain(postgres).collect()
    }

    /// The URL of a database of one's own with every table and nothing recorded; an embedded one is in `folder`.
    pub fn new_database(self, folder: &Path) -> String {
        match self {
            Backend::Sqlite => {
                let url = self.empty_database(folder);
                fs::write(embedded(folder), &*UP_TO_DATE).unwrap();
                url
            }
            Backend::Postgres => server::server().expect("a server").new_database(),
        }
    }

    /// The URL of a database of one's own in which there is no table yet; an embedded one is in `folder`.
    pub fn empty_database(self, folder: &Path) -> String {
        match self {
            Backend::Sqlite => format!("sqlite:{}", embedded(folder).display()),
            Backend::Postgres => server::server().expect("a server").empty_database(),
        }
    }
}

/// Takes a database away, so that a run does not fill the disk with them. An embedded one goes with its folder.
pub fn drop_database(url: &str) {
    if let (Ok(DatabaseUrl::Postgres(url)), Some(server)) = (url.parse(), server::server()) {
        server.drop_database(&url);
    }
}

/// An embedded database that is up to date: copied in a moment, where the migrations take a hundred times as long.
static UP_TO_DATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = new_folder();
    let (migrated, whole) = (folder.path().join("migrated.sqlite"), folder.path().join("whole.sqlite"));
    let url = DatabaseUrl::Sqlite(migrated);
    bring_up_to_date(&url);
    // One file, with nothing left in a journal beside it.
    url.connect().unwrap().batch_execute(&format!("VACUUM INTO '{}'", whole.display())).unwrap();
    fs::read(whole).unwrap()
});

/// A folder of one's own for a test's files, gone when it is dropped.
pub fn new_folder() -> TempDir {
    in_memory().map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap()
}

/// Where the system keeps files in memory, if there is room: a test makes hundreds of files, and a disk is waited for at every commit.
fn in_memory() -> Option<&'static Path> {
    const ROOM_KIB: u64 = 4 << 20;
    static FOLDER: LazyLock<Option<&Path>> = LazyLock::new(|| {
        let folder = Path::new("/dev/shm");
        let output = Command::new("df").args(["-Pk", "/dev/shm"]).output().ok().filter(|output| output.status.success())?;
        let free = String::from_utf8(output.stdout).ok()?.lines().last()?.split_whitespace().nth(3)?.parse::<u64>().ok()?;
        (free >= ROOM_KIB && tempfile::tempdir_in(folder).is_ok()).then_some(folder)
    });
    *FOLDER
}

/// Runs the migrations, as the program does when it starts.
fn bring_up_to_date(url: &DatabaseUrl) {
    drop(Store::open(url, Clock::system(TimeZone::default())).unwrap());
}

fn embedded(folder: &Path) -> PathBuf {
    folder.join("short-breaks.sqlite")
}
