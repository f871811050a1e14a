//! Pseudonyms: how a child, and what belongs to one child alone, is known in the warehouse.

use crate::error::{At, Error};
use crate::files::{parent, sync_directory};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const KEY_BYTES: usize = 32;
/// 128 bits: no two of a council's records will share one.
const PSEUDONYM_BYTES: usize = 16;

/// What a pseudonym stands for; equal ids of two kinds get different pseudonyms.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Child,
    Package,
    Line,
    Request,
    Decision,
    Authorisation,
    DirectPaymentAccount,
    Funding,
    Stay,
    Order,
    RequestLine,
    LedgerItem,
}

/// Turns ids into pseudonyms under the deployment's own key: the same id always gives the same, and nobody without the key
/// can tell which id it was.
pub(crate) struct Pseudonyms(Hmac<Sha256>);

impl Pseudonyms {
    /// Reads the key in a directory; none if there is none.
    pub(crate) fn open(keys: &Path) -> Result<Option<Self>, Error> {
        let path = key_path(keys);
        match std::fs::read(&path) {
            Ok(key) => Self::of_key(&key, path).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).at(&path),
        }
    }

    /// Makes the key, and its directory if need be, readable by their owner only. The caller holds the warehouse's lock, so
    /// that no two keys are made.
    pub(crate) fn make(keys: &Path) -> Result<Self, Error> {
        let path = key_path(keys);
        Self::of_key(&make(&path)?, path)
    }

    fn of_key(key: &[u8], path: PathBuf) -> Result<Self, Error> {
        if key.len() != KEY_BYTES {
            return Err(Error::BadKey(path));
        }
        Hmac::new_from_slice(key).map(Pseudonyms).map_err(|_| Error::BadKey(path))
    }

    /// The pseudonym of an id, 32 hexadecimal digits.
    pub(crate) fn of(&self, kind: Kind, id: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(match kind {
            Kind::Child => b"child:".as_slice(),
            Kind::Package => b"package:",
            Kind::Line => b"line:",
            Kind::Request => b"request:",
            Kind::Decision => b"decision:",
            Kind::Authorisation => b"authorisation:",
            Kind::DirectPaymentAccount => b"direct_payment_account:",
            Kind::Funding => b"funding:",
            Kind::Stay => b"stay:",
            Kind::Order => b"order:",
            Kind::RequestLine => b"request_line:",
            Kind::LedgerItem => b"ledger_item:",
        });
        mac.update(id.as_bytes());
        db::audit::hex(&mac.finalize().into_bytes()[..PSEUDONYM_BYTES])
    }
}

/// Where the key is in its directory.
pub(crate) fn key_path(keys: &Path) -> PathBuf {
    keys.join("pseudonym.key")
}

fn make(path: &Path) -> Result<Vec<u8>, Error> {
    let directory = parent(path);
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&directory).at(&directory)?;
    let mut key = vec![0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| Error::Random(error.to_string()))?;
    // Under a draft's name first: a run killed here must not leave half a key.
    let draft = directory.join(".pseudonym.key.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft).at(&draft)?;
    file.write_all(&key).and_then(|()| file.sync_all()).at(&draft)?;
    std::fs::rename(&draft, path).at(path)?;
    sync_directory(&directory)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept_private() {
        let directory = tempfile::tempdir().expect("a directory");
        let keys = directory.path().join("keys");
        assert!(Pseudonyms::open(&keys).expect("looked for").is_none());
        let first = Pseudonyms::make(&keys).expect("made").of(Kind::Child, "a");
        assert_eq!(first, Pseudonyms::open(&keys).expect("read").expect("there").of(Kind::Child, "a"));
        assert_eq!(first.len(), 32);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
            assert_eq!((mode(&keys), mode(&keys.join("pseudonym.key"))), (0o700, 0o600));
        }
    }

    #[test]
    fn kinds_and_keys_give_different_pseudonyms() {
        let (one, other) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let pseudonyms = Pseudonyms::make(one.path()).expect("made");
        assert_ne!(pseudonyms.of(Kind::Child, "a"), pseudonyms.of(Kind::Line, "a"));
        assert_ne!(pseudonyms.of(Kind::Child, "a"), Pseudonyms::make(other.path()).expect("made").of(Kind::Child, "a"));
    }

    #[test]
    fn a_damaged_key_is_refused_not_replaced() {
        let keys = tempfile::tempdir().expect("a directory");
        std::fs::write(keys.path().join("pseudonym.key"), b"short").expect("written");
        assert!(matches!(Pseudonyms::open(keys.path()), Err(Error::BadKey(_))));
    }
}
