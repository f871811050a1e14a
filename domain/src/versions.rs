//! Changes of what has versions: whoever changes it says which version they read.

use crate::{Code, Refusal};

/// Refuses a change of another version than the last: whoever makes it has not read what they would replace.
pub fn refuse_stale(read: i64, current: i64) -> Result<(), Refusal> {
    if read == current {
        return Ok(());
    }
    let detail = format!("It is at version {current}, and you changed version {read}. Read it again and change that.");
    Err(Refusal::new(Code::StaleVersion, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_version_is_changed() {
        for (read, current, refused) in [(1, 1, false), (0, 0, false), (1, 2, true), (3, 2, true), (0, 1, true)] {
            let code = refuse_stale(read, current).err().map(|refusal| refusal.code);
            assert_eq!(code, refused.then_some(Code::StaleVersion), "{read} {current}");
        }
    }
}
