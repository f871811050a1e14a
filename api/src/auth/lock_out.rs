//! The names with wrong passwords, as this server has seen them: [`domain::people::lock_out`], shared among its threads.

use domain::Refusal;
use domain::people::lock_out::WrongPasswords;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The names with wrong passwords, as this server has seen them.
#[derive(Default)]
pub struct LockOut(Mutex<WrongPasswords>);

impl LockOut {
    /// Refuses a name that was tried with too many wrong passwords.
    pub fn refuse_guessing(&self, username: &str) -> Result<(), Refusal> {
        self.wrong().refuse_guessing(username, Instant::now())
    }

    /// Counts a wrong password.
    pub fn failed(&self, username: &str) {
        self.wrong().add(username, Instant::now());
    }

    /// Forgets a name's wrong passwords.
    pub fn succeeded(&self, username: &str) {
        self.wrong().forget(username);
    }

    fn wrong(&self) -> MutexGuard<'_, WrongPasswords> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
