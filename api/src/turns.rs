//! How much may be under way at once, so that a flood of one kind leaves room for the others.

use crate::problem::Problem;
use actix_web::rt::time::timeout;
use domain::Code;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);
/// The turns of one server.
pub struct Turns {
    /// Writers take turns in the store; more of them waiting there would only hold connections that readers need.
    writing: Semaphore,
    /// Each hash takes 19 MiB and tens of milliseconds of a processor, on purpose.
    hashing: Semaphore,
    /// Each import reads a whole file.
    importing: Semaphore,
    /// Each statement holds a thread for seconds, while it is laid out for print; so does the next year, planned for many scenarios.
    composing: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        Turns {
            writing: Semaphore::new(2),
            hashing: Semaphore::new(2),
            importing: Semaphore::new(2),
            composing: Arc::new(Semaphore::new(2)),
        }
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

    /// Waits to compose a statement or to plan a year. The turn goes with the work, which goes on when the asker leaves.
    pub async fn to_compose(&self) -> Result<OwnedSemaphorePermit, Problem> {
        given(timeout(PATIENCE, self.composing.clone().acquire_owned()).await)
    }

    /// Waits to import a file.
    pub async fn to_import(&self) -> Result<SemaphorePermit<'_>, Problem> {
        wait(&self.importing).await
    }
}

async fn wait(turns: &Semaphore) -> Result<SemaphorePermit<'_>, Problem> {
    given(timeout(PATIENCE, turns.acquire()).await)
}

/// The turn that was waited for; 503 where the wait was too long.
fn given<T, E>(waited: Result<Result<T, AcquireError>, E>) -> Result<T, Problem> {
    match waited {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(closed)) => Err(Problem::internal(closed)),
        Err(_) => Err(Problem::new(Code::Unavailable, "Too much is under way; try again in a moment.")),
    }
}
