//! The warehouse's directory: one run at a time, a snapshot built aside and published whole.
//!
//! Invariants: `CURRENT` always names a complete snapshot; a directory under `snapshots/` without a leading dot is complete
//! and never changes; everything else there is a leftover that the next run clears away.

use crate::error::{At, Error};
use crate::files::{sync_directory, write_atomically};
use crate::manifest::{MANIFEST, Manifest};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Snapshots kept of each sort: those that were current, and those as known on a day.
const KEPT: usize = 5;
const BUILDING: &str = ".building-";
const CURRENT: &str = "CURRENT";

/// A warehouse that this process alone may write to, until it is dropped.
pub(crate) struct Warehouse {
    directory: PathBuf,
    /// The lock goes with the open file, also when the process is killed.
    _lock: File,
}

/// A snapshot being built; its directory goes away unless it is published.
pub(crate) struct Building {
    pub(crate) id: String,
    pub(crate) directory: PathBuf,
}

impl Drop for Building {
    fn drop(&mut self) {
        // After publication the directory has another name and there is nothing here; if removing fails, the next run tries.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Warehouse {
    /// Takes the warehouse, making its directory if need be, and clears what a killed run left; [`Error::Busy`] if another
    /// process has it.
    pub(crate) fn take(directory: &Path) -> Result<Self, Error> {
        let snapshots = directory.join("snapshots");
        std::fs::create_dir_all(&snapshots).at(&snapshots)?;
        let path = directory.join("LOCK");
        let lock = OpenOptions::new().create(true).write(true).truncate(false).open(&path).at(&path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Busy),
            Err(TryLockError::Error(error)) => return Err(error).at(&path),
        }
        let warehouse = Warehouse { directory: directory.to_owned(), _lock: lock };
        warehouse.clear_leftovers()?;
        Ok(warehouse)
    }

    fn clear_leftovers(&self) -> Result<(), Error> {
        for name in names(&self.snapshots())?.iter().filter(|name| name.starts_with(BUILDING)) {
            log::info!("clearing away {name}, which a run that did not end left behind");
            let path = self.snapshots().join(name);
            std::fs::remove_dir_all(&path).at(&path)?;
        }
        for name in names(&self.directory)?.iter().filter(|name| name.starts_with(".CURRENT.")) {
            let path = self.directory.join(name);
            std::fs::remove_file(&path).at(&path)?;
        }
        Ok(())
    }

    /// The directory of the snapshots.
    pub(crate) fn snapshots(&self) -> PathBuf {
        self.directory.join("snapshots")
    }

    /// Whether there is any snapshot, current or aside.
    pub(crate) fn has_snapshots(&self) -> Result<bool, Error> {
        Ok(names(&self.snapshots())?.iter().any(|name| !name.starts_with('.')))
    }

    /// Starts a new snapshot.
    pub(crate) fn begin(&self) -> Result<Building, Error> {
        let id = db::new_id();
        let directory = self.snapshots().join(format!("{BUILDING}{id}"));
        std::fs::create_dir(&directory).at(&directory)?;
        Ok(Building { id, directory })
    }

    /// Gives a finished snapshot its name; returns its directory. It is not current yet.
    pub(crate) fn keep(&self, building: &Building, manifest: &Manifest) -> Result<PathBuf, Error> {
        let path = building.directory.join(MANIFEST);
        let text = serde_json::to_vec_pretty(manifest).map_err(|cause| Error::Manifest { path: path.clone(), cause })?;
        write_atomically(&path, &text)?;
        sync_tree(&building.directory)?;
        let directory = self.snapshots().join(&building.id);
        std::fs::rename(&building.directory, &directory).at(&directory)?;
        sync_directory(&self.snapshots())?;
        Ok(directory)
    }

    /// Makes a kept snapshot the one that readers get.
    pub(crate) fn make_current(&self, id: &str) -> Result<(), Error> {
        write_atomically(&self.directory.join(CURRENT), format!("{id}\n").as_bytes())
    }

    /// Removes the oldest snapshots beyond those kept, never the current one nor one of `named`, which published statements were made from.
    /// Best effort: what cannot be removed stays.
    pub(crate) fn prune(&self, named: &BTreeSet<String>) -> Result<(), Error> {
        let current = current_id(&self.directory)?;
        let (mut plain, mut as_known) = (BTreeSet::new(), BTreeSet::new());
        for name in names(&self.snapshots())? {
            // A directory without a manifest of ours is not ours to remove.
            match Manifest::read(&self.snapshots().join(&name)) {
                Ok(manifest) if manifest.as_known_on.is_some() => as_known.insert(name),
                Ok(_) => plain.insert(name),
                Err(_) => continue,
            };
        }
        for name in [plain, as_known].iter().flat_map(|names| names.iter().rev().skip(KEPT)) {
            if current.as_ref() == Some(name) || named.contains(name) {
                continue;
            }
            // Renamed first, so that a removal cut short leaves a leftover and not half a snapshot.
            let (path, doomed) = (self.snapshots().join(name), self.snapshots().join(format!("{BUILDING}{name}")));
            if let Err(error) = std::fs::rename(&path, &doomed).and_then(|()| std::fs::remove_dir_all(&doomed)) {
                log::warn!("the old snapshot {name} could not be removed: {error}");
            }
        }
        Ok(())
    }
}

/// The file that names the current snapshot.
pub(crate) fn current_path(warehouse: &Path) -> PathBuf {
    warehouse.join(CURRENT)
}

/// Whether a text could be a snapshot's id: it becomes part of a path.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The id in `CURRENT`; none before the first publication, [`Error::DamagedCurrent`] if what is there is no id.
pub(crate) fn current_id(warehouse: &Path) -> Result<Option<String>, Error> {
    let path = current_path(warehouse);
    match std::fs::read(&path) {
        Ok(bytes) => match str::from_utf8(&bytes).map(str::trim_ascii) {
            Ok(id) if is_id(id) => Ok(Some(id.to_owned())),
            _ => Err(Error::DamagedCurrent(path)),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).at(&path),
    }
}

fn names(directory: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).at(directory)? {
        names.push(entry.at(directory)?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

fn sync_tree(directory: &Path) -> Result<(), Error> {
    for entry in std::fs::read_dir(directory).at(directory)? {
        let path = entry.at(directory)?.path();
        if path.is_dir() {
            sync_tree(&path)?;
        }
    }
    sync_directory(directory)
}
