//! The keys that sign access tokens: made on first start, renewed with age, kept in a file only the server's user may read.

use super::{ACCESS_TOKEN_SECONDS, CallerKind, Claims};
use crate::problem::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use domain::Permission;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use records::people::password::new_secret;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

/// A key signs for so long; then a new one takes over and the old one only verifies what it signed.
const SIGNS_FOR: TimeDelta = TimeDelta::days(90);

#[derive(Clone, Serialize, Deserialize)]
struct Key {
    kid: String,
    secret: String,
    made_at: DateTime<Utc>,
}

/// The keys, newest last, as this process last read them.
pub struct SigningKeys {
    folder: PathBuf,
    keys: RwLock<Vec<Key>>,
}

impl SigningKeys {
    /// Reads the keys in `folder`, making or renewing them where needed.
    pub fn open(folder: &Path) -> io::Result<Self> {
        create_private_folder(folder)?;
        Ok(SigningKeys { folder: folder.to_owned(), keys: RwLock::new(read_or_renew(folder)?) })
    }

    /// Signs a token for `subject`.
    pub fn sign(&self, subject: &str, kind: CallerKind, permissions: Vec<Permission>) -> Result<String, Problem> {
        if self.newest().is_none_or(|newest| newest.is_old()) {
            self.read_again().map_err(Problem::internal)?;
        }
        let key = self.newest().ok_or_else(|| Problem::internal("no signing key"))?;
        let iat = Utc::now().timestamp();
        let claims = Claims { sub: subject.to_owned(), kind, permissions, iat, exp: iat + ACCESS_TOKEN_SECONDS };
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims, &EncodingKey::from_secret(key.secret.as_bytes())).map_err(Problem::internal)
    }

    /// What a token says, if one of the keys signed it and it has not expired.
    pub fn verify(&self, token: &str) -> Option<Claims> {
        let kid = decode_header(token).ok()?.kid?;
        let key = self.find(&kid).or_else(|| {
            // Another server on this folder may have renewed the keys. Only a well-formed id is worth a look at the file.
            let is_ours = kid.len() == 36 && self.read_again().is_ok();
            is_ours.then(|| self.find(&kid)).flatten()
        })?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        decode::<Claims>(token, &DecodingKey::from_secret(key.secret.as_bytes()), &validation).ok().map(|token| token.claims)
    }

    fn newest(&self) -> Option<Key> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).last().cloned()
    }

    fn find(&self, kid: &str) -> Option<Key> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).iter().find(|key| key.kid == kid).cloned()
    }

    fn read_again(&self) -> io::Result<()> {
        let keys = read_or_renew(&self.folder)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }
}

impl Key {
    fn is_old(&self) -> bool {
        Utc::now() - self.made_at > SIGNS_FOR
    }
}

fn read_or_renew(folder: &Path) -> io::Result<Vec<Key>> {
    // Two servers that start together on one folder must not each make a first key.
    let lock = File::create(folder.join("LOCK"))?;
    lock.lock()?;
    let path = folder.join("tokens.json");
    let mut keys: Vec<Key> = match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    if keys.last().is_none_or(Key::is_old) {
        // The one before stays: it signed tokens that are still good for some minutes.
        keys.drain(..keys.len().saturating_sub(1));
        let secret = new_secret().map_err(io::Error::other)?;
        keys.push(Key { kid: db::new_id(), secret, made_at: Utc::now() });
        write_private(&path, &serde_json::to_vec(&keys)?)?;
    }
    Ok(keys)
}

/// Makes a folder that only its owner may enter.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(unfinished, path)
}
