//! How much may be under way at once, so that a flood of one kind leaves room for the others.

use crate::problem::{Code, Problem};
use actix_web::rt::time::timeout;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);
/// Wrong passwords for one name before it has to wait.
const MOST_FAILURES: u32 = 10;
/// How long it then waits.
const PAUSE: Duration = Duration::from_secs(300);
/// Names remembered; past it all are forgotten, since a flood of names is no attack on one of them.
const MOST_NAMES: usize = 10_000;

/// The turns of one server.
pub struct Turns {
    /// Writers take turns in the store; more of them waiting there would only hold connections that readers need.
    writing: Semaphore,
    /// Each hash takes 19 MiB and tens of milliseconds of a processor, on purpose.
    hashing: Semaphore,
    /// Each import reads a whole file.
    importing: Semaphore,
    failures: Mutex<HashMap<String, (u32, Instant)>>,
}

impl Default for Turns {
    fn default() -> Self {
        Turns { writing: Semaphore::new(2), hashing: Semaphore::new(2), importing: Semaphore::new(2), failures: Mutex::default() }
    }
}

impl Turns {
    /// Waits to write.
    pub async fn to_write(&self) -> Result<SemaphorePermit<'_>, Problem> {
        wait(&self.writing).await
    }

    /// Waits to hash a password.
    pub async fn to_hash(&self) -> Result<SemaphorePermit<'_>, Problem> {
        wait(&self.hashing).await
    }

    /// Waits to import a file.
    pub async fn to_import(&self) -> Result<SemaphorePermit<'_>, Problem> {
        wait(&self.importing).await
    }

    /// Refuses a name that was tried with too many wrong passwords.
    pub fn refuse_guessing(&self, username: &str) -> Result<(), Problem> {
        match self.failures.lock().unwrap_or_else(PoisonError::into_inner).get(username) {
            Some((count, last)) if *count >= MOST_FAILURES && last.elapsed() < PAUSE => {
                Err(Problem::new(Code::TooManyAttempts, "Too many wrong passwords for this name; wait five minutes."))
            }
            _ => Ok(()),
        }
    }

    /// Counts a wrong password.
    pub fn failed(&self, username: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST_NAMES {
            failures.clear();
        }
        let entry = failures.entry(username.to_owned()).or_insert((0, Instant::now()));
        *entry = (entry.0 + 1, Instant::now());
    }

    /// Forgets a name's wrong passwords.
    pub fn succeeded(&self, username: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(username);
    }
}

async fn wait(turns: &Semaphore) -> Result<SemaphorePermit<'_>, Problem> {
    match timeout(PATIENCE, turns.acquire()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(closed)) => Err(Problem::internal(closed)),
        Err(_) => Err(Problem::new(Code::Unavailable, "Too much is under way; try again in a moment.")),
    }
}
