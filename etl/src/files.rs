//! Files that are either wholly there or not at all.

use crate::error::{At, Error};
use polars::prelude::{DataFrame, ParquetReader, ParquetWriter, SerReader};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Writes a file so that a reader finds the old text or the new, never half of one, even after a power cut.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let parent = parent(path);
    // With the process's number, so that two processes writing the same file do not share the draft.
    let draft = parent.join(format!(".{name}.{}.new", std::process::id()));
    let mut file = File::create(&draft).at(&draft)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).at(&draft)?;
    std::fs::rename(&draft, path).at(path)?;
    sync_directory(&parent)
}

/// The directory a path is in; `.` for a bare name.
pub(crate) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes the names in a directory last, as `sync_all` does a file's content.
pub(crate) fn sync_directory(path: &Path) -> Result<(), Error> {
    // Only Unix lets a directory be opened and synced.
    if cfg!(unix) { File::open(path).and_then(|directory| directory.sync_all()).at(path) } else { Ok(()) }
}

/// SHA-256 of a file's bytes, in hexadecimal.
pub(crate) fn sha256(path: &Path) -> Result<String, Error> {
    let mut file = File::open(path).at(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer).at(path)?;
        if read == 0 {
            return Ok(db::audit::hex(&digest.finalize()));
        }
        digest.update(&buffer[..read]);
    }
}

/// Writes a table as one Parquet file, on disk when this returns.
pub(crate) fn write_parquet(path: &Path, table: &mut DataFrame) -> Result<(), Error> {
    let parent = parent(path);
    std::fs::create_dir_all(&parent).at(&parent)?;
    let file = File::create(path).at(path)?;
    ParquetWriter::new(&file).finish(table)?;
    file.sync_all().at(path)
}

/// Reads one Parquet file whole.
pub(crate) fn read_parquet(path: &Path) -> Result<DataFrame, Error> {
    let file = File::open(path).at(path)?;
    Ok(ParquetReader::new(file).finish()?)
}
