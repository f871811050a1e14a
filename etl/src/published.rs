//! Reading a published snapshot.

use crate::error::Error;
use crate::files::read_parquet;
use crate::manifest::{LAYOUT, MANIFEST, Manifest};
use crate::warehouse::{current_id, current_path, is_id};
use polars::prelude::DataFrame;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Which snapshot to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Which {
    /// The one last published.
    #[default]
    Current,
    /// The one with that id, current or not.
    Id(String),
}

/// A complete, unchanging snapshot.
#[derive(Debug, Clone)]
pub struct Snapshot {
    directory: PathBuf,
    manifest: Manifest,
}

impl Snapshot {
    /// Opens a snapshot of the warehouse in a directory. Fails with [`Error::NothingPublished`], [`Error::UnknownSnapshot`],
    /// [`Error::DamagedCurrent`] or [`Error::Manifest`].
    pub fn open(warehouse: &Path, which: &Which) -> Result<Self, Error> {
        let id = match which {
            Which::Current => current_id(warehouse)?.ok_or(Error::NothingPublished)?,
            // It comes from outside.
            Which::Id(id) if !is_id(id) => return Err(Error::UnknownSnapshot(id.clone())),
            Which::Id(id) => id.clone(),
        };
        let directory = warehouse.join("snapshots").join(&id);
        match Manifest::read(&directory) {
            Ok(manifest) => Ok(Snapshot { directory, manifest }),
            // The current snapshot is never cleared away; one that was current a moment ago may be.
            Err(error) if error.is_missing() && *which == Which::Current && current_id(warehouse)?.as_ref() == Some(&id) => {
                Err(Error::DamagedCurrent(current_path(warehouse)))
            }
            Err(error) if error.is_missing() => Err(Error::UnknownSnapshot(id)),
            Err(error) => Err(error),
        }
    }

    /// Opens a snapshot and reads from it. When the current one is cleared away meanwhile, because later runs made it old,
    /// reads once more from the one that is current then.
    pub fn reading<T, E: From<Error>>(
        warehouse: &Path,
        which: &Which,
        read: impl Fn(&Snapshot) -> Result<T, E>,
        is_gone: impl Fn(&E) -> bool,
    ) -> Result<T, E> {
        let attempt = || Snapshot::open(warehouse, which).map_err(E::from).and_then(|snapshot| read(&snapshot));
        match attempt() {
            Err(error) if *which == Which::Current && is_gone(&error) => attempt(),
            outcome => outcome,
        }
    }

    /// The snapshot's id, also the `ETag` of every answer from it.
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// What the snapshot says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether its tables have the shape that this program reads and writes.
    pub fn has_own_layout(&self) -> bool {
        self.manifest.layout == LAYOUT
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A mart or dimension, whole. These are small; facts are for the marts' SQL. Fails with [`Error::Damaged`] if its file is
    /// not the one the run wrote, and with [`Error::NoTable`] if the snapshot has none of that name.
    pub fn table(&self, name: &str) -> Result<DataFrame, Error> {
        let unknown = || Error::NoTable { snapshot: self.id().to_owned(), table: name.to_owned() };
        let table = self.manifest.table(name).ok_or_else(unknown)?;
        match table.files.as_slice() {
            [file] => match read_parquet(&self.directory, file) {
                // A snapshot is cleared away whole, with its manifest first: a file that alone is missing was lost.
                Err(Error::Io { path, cause }) if cause.kind() == ErrorKind::NotFound && self.directory.join(MANIFEST).exists() => {
                    Err(Error::Damaged(path))
                }
                outcome => outcome,
            },
            _ => Err(unknown()),
        }
    }
}
