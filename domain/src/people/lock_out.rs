//! The lock-out after wrong passwords: ten for one name, and the name waits five minutes.

use crate::{Code, Refusal};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Wrong passwords for one name before it has to wait.
const MOST_FAILURES: u32 = 10;
/// How long it then waits.
const PAUSE: Duration = Duration::from_secs(300);
/// Names remembered; past it all are forgotten, since a flood of names is no attack on one of them.
const MOST_NAMES: usize = 10_000;

/// The names with wrong passwords: how many, and when the last was given.
#[derive(Debug, Default)]
pub struct WrongPasswords(HashMap<String, (u32, Instant)>);

impl WrongPasswords {
    /// Refuses a name that was tried with too many wrong passwords.
    pub fn refuse_guessing(&self, username: &str, now: Instant) -> Result<(), Refusal> {
        match self.0.get(username) {
            Some((count, last)) if *count >= MOST_FAILURES && now.duration_since(*last) < PAUSE => {
                Err(Refusal::new(Code::TooManyAttempts, "Too many wrong passwords for this name; wait five minutes."))
            }
            _ => Ok(()),
        }
    }

    /// Counts a wrong password.
    pub fn add(&mut self, username: &str, now: Instant) {
        if self.0.len() >= MOST_NAMES {
            self.0.clear();
        }
        let entry = self.0.entry(username.to_owned()).or_insert((0, now));
        *entry = (entry.0 + 1, now);
    }

    /// Forgets a name's wrong passwords, since the right one came.
    pub fn forget(&mut self, username: &str) {
        self.0.remove(username);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(times: u32, name: &str, at: Instant) -> WrongPasswords {
        let mut wrong = WrongPasswords::default();
        for _ in 0..times {
            wrong.add(name, at);
        }
        wrong
    }

    #[test]
    fn ten_wrong_passwords_lock_that_name_for_five_minutes() {
        let start = Instant::now();
        for (times, name, seconds, is_locked) in [
            (0, "ada", 0, false),
            (9, "ada", 0, false),
            (10, "ada", 0, true),
            (11, "ada", 0, true),
            (10, "ben", 0, false),
            (10, "ada", 299, true),
            (10, "ada", 300, false),
        ] {
            let now = start + Duration::from_secs(seconds);
            let refused = given(times, "ada", start).refuse_guessing(name, now).err();
            let expected = is_locked.then_some(Code::TooManyAttempts);
            assert_eq!(refused.map(|refusal| refusal.code), expected, "{times} for ada, then {name} after {seconds} seconds");
        }
    }

    #[test]
    fn one_more_wrong_password_after_the_pause_locks_again() {
        let start = Instant::now();
        let mut wrong = given(10, "ada", start);
        let later = start + PAUSE;
        wrong.add("ada", later);
        assert!(wrong.refuse_guessing("ada", later).is_err());
    }

    #[test]
    fn a_right_password_forgets_the_wrong_ones() {
        let start = Instant::now();
        let mut wrong = given(10, "ada", start);
        wrong.forget("ada");
        assert_eq!(wrong.refuse_guessing("ada", start), Ok(()));
    }

    #[test]
    fn a_flood_of_names_is_forgotten() {
        let start = Instant::now();
        let mut wrong = given(10, "ada", start);
        for number in 1..MOST_NAMES {
            wrong.add(&number.to_string(), start);
        }
        assert!(wrong.refuse_guessing("ada", start).is_err(), "as many names as are remembered");
        wrong.add("one more", start);
        assert_eq!(wrong.0.len(), 1);
    }
}
