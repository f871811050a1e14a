//! Files that are either wholly there or not at all.

use crate::error::{At, Error};
use crate::manifest::TableFile;
use polars::prelude::{DataFrame, ParquetReader, ParquetWriter, SerReader};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

/// Writes a file so that a reader finds the old text or the new, never half of one, even after a power cut.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let parent = parent(path);
    // With the process's number, so that two processes writing the same file do not share the draft.
    let draft = parent.join(format!(".{name}.{}.new", std::process::id()));
    let write = |mut file: File| file.write_all(bytes).and_then(|()| file.sync_all());
    let written = File::create(&draft).and_then(write).and_then(|()| std::fs::rename(&draft, path));
    if written.is_err() {
        // What stopped the writing is told; a draft that cannot be removed either adds nothing to it.
        let _ = std::fs::remove_file(&draft);
    }
    written.at(path)?;
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

/// Reads one Parquet file whole, if its bytes are those the manifest names. [`Error::Damaged`] if they are not: the very
/// bytes that were proved are parsed, so nothing can change between.
pub(crate) fn read_parquet(directory: &Path, file: &TableFile) -> Result<DataFrame, Error> {
    let path = directory.join(&file.path);
    let bytes = std::fs::read(&path).at(&path)?;
    if db::audit::hex(&Sha256::digest(&bytes)) != file.sha256 {
        return Err(Error::Damaged(path));
    }
    Ok(ParquetReader::new(Cursor::new(bytes)).finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(directory: &Path) -> Vec<std::ffi::OsString> {
        let mut names: Vec<_> = std::fs::read_dir(directory).expect("read").map(|entry| entry.expect("read").file_name()).collect();
        names.sort();
        names
    }

    #[test]
    fn whoever_has_the_old_file_open_reads_all_of_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("report.csv");
        write_atomically(&path, b"the old text").expect("written");
        let mut reader = File::open(&path).expect("opened");
        let mut start = [0; 3];
        reader.read_exact(&mut start).expect("read");
        write_atomically(&path, b"new").expect("written");
        // A file written over in place would end here, or go on with the new text.
        let mut rest = String::new();
        reader.read_to_string(&mut rest).expect("read");
        assert_eq!((&start, rest.as_str()), (b"the", " old text"));
        assert_eq!(std::fs::read(&path).expect("read"), b"new");
        assert_eq!(names_in(directory.path()), ["report.csv"], "no draft is left");
    }

    #[test]
    fn a_file_that_stays_unfinished_is_never_at_the_path() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("report.csv");
        write_atomically(&path, b"the old text").expect("written");
        // In the draft's way: the writing cannot even begin, and the old file is none the worse for it.
        let draft = directory.path().join(format!(".report.csv.{}.new", std::process::id()));
        std::fs::create_dir(&draft).expect("made");
        assert!(write_atomically(&path, b"new").is_err());
        assert_eq!(std::fs::read(&path).expect("read"), b"the old text");
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_no_draft() {
        let directory = tempfile::tempdir().expect("a directory");
        // A directory that is not empty cannot be replaced by a file.
        let path = directory.path().join("report.csv");
        std::fs::create_dir_all(path.join("inside")).expect("made");
        assert!(matches!(write_atomically(&path, b"text"), Err(Error::Io { path: told, .. }) if told == path));
        assert_eq!(names_in(directory.path()), ["report.csv"]);
    }
}
