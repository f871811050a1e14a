//! The program itself, run as its users run it.

use super::Backend;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// A data folder and a database for the program, kept until the test ends.
pub struct Program {
    pub folder: TempDir,
    pub database_url: String,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    /// A place where nothing is yet.
    pub fn on(backend: Backend) -> Self {
        let folder = test_databases::new_folder();
        let database_url = backend.empty_database(folder.path());
        Program { folder, database_url }
    }

    /// The command with its settings, ready for arguments.
    pub fn command(&self) -> Command {
        let mut command = bare();
        command
            .current_dir(self.folder.path())
            .env("DATABASE_URL", &self.database_url)
            .env("SHORT_BREAKS_DATA_DIR", self.folder.path().join("data"))
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        run(self.command().args(arguments))
    }
}

/// The program without any settings of the machine the tests run on.
pub fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_short-breaks"));
    for name in ["DATABASE_URL", "SHORT_BREAKS_DATA_DIR", "SHORT_BREAKS_PROFILE", "SHORT_BREAKS_LISTEN", "SHORT_BREAKS_CONFIG", "RUST_LOG"]
    {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

impl Run {
    /// Fails the test, showing what was said, when the exit code is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// What it printed, as one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {}", self.stdout))
    }
}

/// The program, serving until it is stopped or dropped.
pub struct Serving {
    child: Child,
    stderr: Receiver<String>,
    /// Where it serves.
    pub base: String,
}

impl Serving {
    /// Serves a program's data on a free port, with these variables set.
    pub fn start(program: &Program, variables: &[(&str, &str)]) -> Self {
        let mut command = program.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]).envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, stderr) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
        let base = loop {
            let line = stderr.recv_timeout(Duration::from_secs(60)).expect("it serves within a minute");
            if let Some(rest) = line.strip_prefix("Serving on ") {
                break rest.split(' ').next().unwrap().to_owned();
            }
        };
        Serving { child, stderr, base }
    }

    /// Stops it; what it said on stderr since it served.
    pub fn stop(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.stderr.iter().map(|line| line + "\n").collect()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have been stopped before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
