//! A PostgreSQL server of the tests' own: made on first use, gone with the process however that ends.

use db::DatabaseUrl;
use diesel::connection::SimpleConnection;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// A server that runs until the process ends.
pub(crate) struct Server {
    socket_folder: PathBuf,
    /// The database that others are copies of, once it is made.
    template: OnceLock<String>,
    /// Closed by the system when this process ends, which is the watchdog's sign to stop the server.
    _lifeline: ChildStdin,
}

/// The server; none where there are no PostgreSQL binaries, which is a failure when `REQUIRE_POSTGRES` is set.
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER
        .get_or_init(|| match binaries() {
            Some(binaries) => Some(Server::start(&binaries)),
            None => {
                assert!(std::env::var("REQUIRE_POSTGRES").is_err(), "REQUIRE_POSTGRES is set, and there is no initdb and pg_ctl");
                eprintln!("NOTE: no PostgreSQL binaries (initdb, pg_ctl) were found: only SQLite is tested.");
                None
            }
        })
        .as_ref()
}

/// Where `initdb` and `pg_ctl` are: in the path, or where Debian and its like put them, the newest version first.
fn binaries() -> Option<PathBuf> {
    let in_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let mut versions: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    versions.reverse();
    in_path.into_iter().chain(versions).find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}

/// The user and group that run the server where we are root, whom PostgreSQL refuses.
fn unprivileged() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let id = |flag: &str, user: &str| -> Option<u32> {
        let output = Command::new("id").args([flag, user]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    ["postgres", "nobody"].iter().find_map(|user| Some((id("-u", user)?, id("-g", user)?)))
}

fn run(program: PathBuf, arguments: &[&str], folder: &Path) {
    let mut command = Command::new(&program);
    command.args(arguments).current_dir(folder).env_remove("PGDATA").stdin(Stdio::null());
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    // Files and not pipes: the server outlives pg_ctl and would hold a pipe open.
    let said = folder.join("said.txt");
    let out = fs::File::create(&said).unwrap();
    let status = command.stdout(out.try_clone().unwrap()).stderr(out).status().unwrap();
    assert!(status.success(), "{} failed: {}", program.display(), fs::read_to_string(said).unwrap_or_default());
}

impl Server {
    fn start(binaries: &Path) -> Self {
        // Kept short, since a socket's path may have no more than about a hundred characters.
        let folder = TempDir::with_prefix_in("sbpg", crate::in_memory().unwrap_or(Path::new("/tmp"))).unwrap().keep();
        if let Some((user, group)) = unprivileged() {
            chown(&folder, Some(user), Some(group)).unwrap();
        }
        let data = folder.join("data");
        let path = data.to_str().unwrap();
        run(binaries.join("initdb"), &["-D", path, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], &folder);
        let lifeline = watchdog(binaries, &folder);
        let options = format!(
            "-k {} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 \
             -c shared_buffers=64MB",
            folder.display()
        );
        let log = folder.join("log.txt");
        run(binaries.join("pg_ctl"), &["start", "-w", "-D", path, "-l", log.to_str().unwrap(), "-o", &options], &folder);
        Server { socket_folder: folder, template: OnceLock::new(), _lifeline: lifeline }
    }

    /// Makes a database without anything in it, and answers with its URL.
    pub(crate) fn empty_database(&self) -> String {
        self.create("template1")
    }

    /// Makes a database that is up to date, and answers with its URL. It is a copy: the migrations take three times as long.
    pub(crate) fn new_database(&self) -> String {
        let template = self.template.get_or_init(|| {
            let url = self.empty_database();
            crate::bring_up_to_date(&url.parse().unwrap());
            name_of(&url).unwrap().to_owned()
        });
        self.create(template)
    }

    fn create(&self, template: &str) -> String {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let name = format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        self.url(&name)
    }

    /// Takes a database away, whoever is connected to it.
    pub(crate) fn drop_database(&self, url: &str) {
        if let Some(name) = name_of(url) {
            self.administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }

    fn administer(&self, statement: &str) {
        let url: DatabaseUrl = self.url("postgres").parse().unwrap();
        url.connect().unwrap().batch_execute(statement).unwrap();
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@/{database}?host={}", self.socket_folder.display())
    }
}

/// The database's name in one of our URLs.
fn name_of(url: &str) -> Option<&str> {
    url.rsplit('/').find_map(|part| part.split_once('?')).map(|(name, _)| name)
}

/// A shell that waits for our end, in a process group of its own so that Ctrl-C does not reach it, and then stops the server.
#[allow(clippy::zombie_processes, reason = "it outlives this process, on purpose")]
fn watchdog(binaries: &Path, folder: &Path) -> ChildStdin {
    let script = "cat >/dev/null; \"$0\" stop -m immediate -D \"$1/data\"; rm -rf \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(binaries.join("pg_ctl")).arg(folder).current_dir("/").process_group(0);
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap()
}
