//! Passwords (argon2id) and the secrets we make ourselves.

use crate::error::Error;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use sha2::{Digest, Sha256};

/// Hashes a password with a salt of its own. Slow on purpose: call it off the event loop.
pub fn hash(password: &str) -> Result<String, Error> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(Error::fault)
}

/// Nobody's hash, of the same cost as everybody's.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRmb3Jub2JvZHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whether the password is the hash's. Without a hash it takes as long and says no, so that timing does not tell who has a log-in.
pub fn is_right(password: &str, stored: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(NOBODY)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && stored.is_some()
}

/// A new secret: 32 random bytes in hexadecimal.
pub fn new_secret() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(Error::fault)?;
    Ok(db::audit::hex(&bytes))
}

/// A new password that a person can copy: 20 letters and digits, none of which looks like another.
pub fn new_password() -> Result<String, Error> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(Error::fault)?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// What is kept of a secret we made: its SHA-256, enough for 256 random bits.
pub fn digest(secret: &str) -> String {
    db::audit::hex(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_password_and_no_other() {
        let stored = hash("correct horse battery").expect("hashed");
        assert!(is_right("correct horse battery", Some(&stored)));
        assert!(!is_right("Correct horse battery", Some(&stored)));
        assert!(!is_right("correct horse battery", None));
    }

    #[test]
    fn the_stand_in_hash_costs_what_everybodys_does() {
        // Were it malformed or cheaper, an unknown name would be refused sooner and timing would tell.
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert!(PasswordHash::new(NOBODY).is_ok());
        assert_eq!(cost(NOBODY), cost(&hash("anything at all").expect("hashed")));
    }
}
