//! Files that are written whole or not at all.

use crate::RecordError;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells apart temporary files of one process.
static FILES_BEGUN: AtomicU64 = AtomicU64::new(0);

/// Lets `write` fill a temporary file beside `path`, then gives it the name `path`. A reader sees the old content or the new
/// one; if anything fails the temporary file is removed and the error names `path`.
pub(crate) fn write_atomically(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), RecordError> {
    let temporary = temporary_beside(path)?;
    let outcome = fill(&temporary, write)
        .map_err(|(action, error)| RecordError::io(path, action, error))
        .and_then(|()| fs::rename(&temporary, path).map_err(|error| RecordError::io(path, "renaming the finished file", error)));
    if outcome.is_err() {
        // The first failure is the one to report; a leftover that cannot be removed either adds nothing.
        let _ = fs::remove_file(&temporary);
    }
    outcome
}

fn fill(temporary: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), (&'static str, io::Error)> {
    let file = File::create(temporary).map_err(|error| ("creating", error))?;
    let mut writer = BufWriter::with_capacity(1 << 18, file);
    write(&mut writer).and_then(|()| writer.flush()).map_err(|error| ("writing", error))
}

fn temporary_beside(path: &Path) -> Result<PathBuf, RecordError> {
    let name = path
        .file_name()
        .ok_or_else(|| RecordError::io(path, "creating", io::Error::new(io::ErrorKind::InvalidInput, "a file name is missing")))?;
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}-{}.partial", std::process::id(), FILES_BEGUN.fetch_add(1, Ordering::Relaxed)));
    Ok(path.with_file_name(temporary))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_failure_keeps_the_old_content_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        write_atomically(&path, |writer| writer.write_all(b"old")).unwrap();
        let error = write_atomically(&path, |writer| {
            writer.write_all(b"new")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        })
        .unwrap_err();
        assert!(error.to_string().ends_with("table.csv: no storage space while writing"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["table.csv"]);
        write_atomically(&path, |writer| writer.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn places_that_cannot_be_written_give_errors_that_name_them() {
        let folder = tempfile::tempdir().unwrap();
        let error = |path: &Path| write_atomically(path, |writer| writer.write_all(b"x")).unwrap_err().to_string();
        let inside_nothing = folder.path().join("no/such/table.csv");
        assert!(error(&inside_nothing).ends_with("no/such/table.csv: no such file or directory while creating"));
        fs::write(folder.path().join("file"), "x").unwrap();
        assert!(error(&folder.path().join("file/table.csv")).ends_with("not a directory while creating"));
        fs::create_dir(folder.path().join("folder")).unwrap();
        assert!(error(&folder.path().join("folder")).ends_with("is a directory while renaming the finished file"));
        assert!(error(Path::new("/")).contains("a file name is missing while creating"));
        assert_eq!(names(folder.path()).len(), 2);
    }
}
