//! A study in a folder: each finished point under its key, so that a study that was ended goes on where it was, and its parts can be joined.
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

use crate::study::{PointResult, Study, StudyTable};

/// A file larger than this was not written by this program, bytes.
const LARGEST_FILE: u64 = 256 << 20;

/// A part of a study: of `of` parts the one numbered `part`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Shard {
    /// Whether a point belongs to the part; neighbours go to different parts, so that parts take about the same time.
    pub fn has(&self, point: usize) -> bool {
        point % self.of == self.part - 1
    }
}

/// The folder of a study.
pub struct StudyFiles {
    folder: PathBuf,
}

impl StudyFiles {
    /// Opens a folder that exists, and notes there what the study is.
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

    /// The points of a study that are finished already; what another experiment, other settings or another version left is not taken.
    pub fn finished(&self, study: &Study, points: &[usize]) -> Vec<PointResult> {
        let of = |index: &usize| {
            let key = study.key(*index);
            let result = read_json::<PointResult>(&self.folder_of(*index, &key).join("summary.json")).ok()?;
            (result.point.key == key && result.point.index == *index).then_some(result)
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

/// A study joined from parts.
#[derive(Debug)]
pub struct Merged {
    /// What varies and what is measured.
    pub table: StudyTable,
    /// All its points.
    pub results: Vec<PointResult>,
}

/// Joins the parts of one study, which must have every point exactly once, into a folder of their own.
///
/// # Errors
/// If a part cannot be read, is of another study, or a point is missing or in two parts; nothing is written then.
pub fn merge(out: &Path, parts: &[PathBuf]) -> Result<Merged, String> {
    let mut first: Option<(StudyTable, &PathBuf)> = None;
    let mut points: BTreeMap<usize, (PointResult, PathBuf, &PathBuf)> = BTreeMap::new();
    let same = |a: &Path, b: &Path| a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    for folder in parts {
        if same(out, folder) {
            return Err(format!("{}: the result needs a folder of its own, and this is one of the parts", out.display()));
        }
        let table: StudyTable = read_json(&folder.join("study.json"))?;
        match &first {
            None => first = Some((table, folder)),
            Some((known, _)) if known.study == table.study => {}
            Some((known, other)) => {
                return Err(format!(
                    "{}: a part of another study ({}, {}) than {} ({}, {}); parts come from one file with the same settings",
                    folder.display(),
                    table.experiment,
                    table.study,
                    other.display(),
                    known.experiment,
                    known.study
                ));
            }
        }
        let Some((known, _)) = &first else { continue };
        let listed = fs::read_dir(folder.join("points")).map_err(|error| failed(&folder.join("points"), "read", &error))?;
        let mut entries: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
        entries.sort();
        for entry in entries {
            // What is not whole, or of another study that was in this folder before, does not count.
            let Ok(result) = read_json::<PointResult>(&entry.join("summary.json")) else { continue };
            if result.point.study != known.study || result.point.index >= known.points() {
                continue;
            }
            if let Some((_, _, other)) = points.get(&result.point.index) {
                return Err(format!(
                    "point {} ({}) is in {} and in {}; every point may be in one part only",
                    result.point.index,
                    result.point.description,
                    other.display(),
                    folder.display()
                ));
            }
            points.insert(result.point.index, (result, entry, folder));
        }
    }
    let Some((table, _)) = first else { return Err("no parts are named; for example neuropil merge all part1 part2".to_owned()) };
    let wanted = table.points();
    if let Some(missing) = (0..wanted).find(|index| !points.contains_key(index)) {
        let count = wanted - points.len();
        return Err(format!(
            "{count} of {wanted} points are missing, point {missing} the first; run the part that has it with its own --out again"
        ));
    }
    let files = StudyFiles::create(out, &table)?;
    let mut results = Vec::with_capacity(points.len());
    for (result, from, _) in points.into_values() {
        let to = files.folder_of(result.point.index, &result.point.key);
        fs::create_dir_all(&to).map_err(|error| failed(&to, "made", &error))?;
        let listed = fs::read_dir(&from).map_err(|error| failed(&from, "read", &error))?;
        for entry in listed.filter_map(Result::ok).filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())) {
            let target = to.join(entry.file_name());
            fs::copy(entry.path(), &target).map_err(|error| failed(&target, "written", &error))?;
        }
        results.push(result);
    }
    Ok(Merged { table, results })
}

fn failed(path: &Path, done: &str, error: &io::Error) -> String {
    format!("{}: cannot be {done}: {error}", path.display())
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
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
