//! A study in a folder: each finished point under its key, so that a study that was ended goes on where it was.
//!
//! ```text
//! study.json                    what varies and what is measured
//! points/000012-1f3a…/summary.json   a finished point: the summary of its run, and its measures
//! table.parquet, table.csv      all points, a row each
//! ```

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

use crate::{
    contents::{FileRead, in_provenance},
    study::{PointResult, Study, StudyTable},
};

/// A file larger than this was not written by this program, bytes.
const LARGEST_FILE: u64 = 256 << 20;

/// A part of a study: of `of` parts the one numbered `part`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub part: usize,
    /// Parts in all.
    pub of: usize,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("`{text}` is no part such as 2/8: which one, counted from 1, and how many there are");
        let (part, of) = text.split_once('/').ok_or_else(expected)?;
        let (part, of) = (part.trim().parse().map_err(|_| expected())?, of.trim().parse().map_err(|_| expected())?);
        if part >= 1 && part <= of { Ok(Self { part, of }) } else { Err(expected()) }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.part, self.of)
    }
}

impl Shard {
    /// Whether a point belongs to the part; neighbours go to different parts, so that parts take about the same time.
    pub fn has(&self, point: usize) -> bool {
        point % self.of == self.part - 1
    }
}

/// What is now in the files that points were made from.
struct Contents<'s> {
    folder: &'s Path,
    /// For each name its hash; `None` for what cannot be read.
    known: BTreeMap<String, Option<String>>,
}

impl<'s> Contents<'s> {
    fn new(study: &'s Study) -> Self {
        let known = study.plan().files().map(|file| (file.name.clone(), Some(file.sha256.clone())));
        Self { folder: study.plan().path.parent().unwrap_or(Path::new("")), known: known.collect() }
    }

    /// Whether the files of a point are as they were when it ran, those among them that only its arm or its swept values name.
    fn are_as(&mut self, result: &PointResult) -> bool {
        in_provenance(&result.summary.provenance).all(|(name, hash)| {
            let now = self
                .known
                .entry(name.to_owned())
                .or_insert_with(|| FileRead::at(name, &self.folder.join(name)).ok().map(|file| file.sha256));
            now.as_deref() == Some(hash)
        })
    }
}

/// The folder of a study.
pub struct StudyFiles {
    folder: PathBuf,
}

impl StudyFiles {
    /// Opens a folder that exists, and notes there what the study is, and which part of it.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn create(folder: &Path, table: &StudyTable) -> Result<Self, String> {
        let files = Self { folder: folder.to_owned() };
        fs::create_dir_all(folder.join("points")).map_err(|error| failed(&folder.join("points"), "made", &error))?;
        write_json(&folder.join("study.json"), table)?;
        Ok(files)
    }

    /// The folder of a point.
    pub fn folder_of(&self, index: usize, key: &str) -> PathBuf {
        self.folder.join("points").join(format!("{index:06}-{key}"))
    }

    /// The points of a study that are finished already; what another experiment, other settings, another version or other contents of a
    /// file that the experiment names left is not taken. With `recorded`, neither is a point that nothing was recorded of.
    pub fn finished(&self, study: &Study, points: &[usize], recorded: bool) -> Vec<PointResult> {
        let mut contents = Contents::new(study);
        let of = |index: &usize| {
            let key = study.key(*index);
            let result = read_json::<PointResult>(&self.folder_of(*index, &key).join("summary.json")).ok()?;
            let is_same = result.point.key == key && result.point.index == *index && contents.are_as(&result);
            (is_same && (result.point.recorded || !recorded)).then_some(result)
        };
        points.iter().filter_map(of).collect()
    }

    /// Keeps a finished point, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep(&self, result: &PointResult) -> Result<(), String> {
        let folder = self.folder_of(result.point.index, &result.point.key);
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, "made", &error))?;
        write_json(&folder.join("summary.json"), result)
    }
}

pub(super) fn failed(path: &Path, done: &str, error: &io::Error) -> String {
    format!("{}: cannot be {done}: {error}", path.display())
}

pub(super) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let metadata = fs::metadata(path).map_err(|error| failed(path, "read", &error))?;
    if !metadata.is_file() || metadata.len() > LARGEST_FILE {
        return Err(format!("{}: this is no file of a study", path.display()));
    }
    let bytes = fs::read(path).map_err(|error| failed(path, "read", &error))?;
    serde_json::from_slice(&bytes).map_err(|error| format!("{}: not written by a study: {error}", path.display()))
}

/// Writes a file whole or not at all.
fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), String> {
    static BEGUN: AtomicU64 = AtomicU64::new(0);
    let temporary = path.with_file_name(format!(".{}-{}.partial", std::process::id(), BEGUN.fetch_add(1, Ordering::Relaxed)));
    let write = || {
        let mut file = io::BufWriter::new(fs::File::create(&temporary)?);
        serde_json::to_writer_pretty(&mut file, value)?;
        file.write_all(b"\n")?;
        file.flush()?;
        drop(file);
        fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        // The first failure is the one to report.
        let _ = fs::remove_file(&temporary);
        failed(path, "written", &error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_from_one() {
        let shard: Shard = "2/3".parse().unwrap();
        assert_eq!((0..7).filter(|point| shard.has(*point)).collect::<Vec<_>>(), [1, 4]);
        for text in ["0/3", "4/3", "1", "a/b", "1/0", "-1/2", ""] {
            assert!(text.parse::<Shard>().unwrap_err().contains("no part such as 2/8"), "{text}");
        }
    }
}
