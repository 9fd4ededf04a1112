//! The parts of a study joined: the table, the picture and the claims of a run that was not parted.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    catalogue::Catalogue,
    contents::in_provenance,
    error::ExperimentError,
    evidence::Evidence,
    read::read_text,
    study::{
        PointResult, Shard, Study, StudyFiles, StudyTable,
        files::{failed, read_json},
    },
};

/// Points that a message lists.
const MOST_LISTED: usize = 12;

/// A study joined from parts.
#[derive(Debug)]
pub struct Merged {
    /// What varies and what is measured.
    pub table: StudyTable,
    /// All its points.
    pub results: Vec<PointResult>,
}

impl Merged {
    /// All claims of the experiment beside what its points gave, as the run of all points would have them; none if the experiment has
    /// none, or nothing was recorded.
    ///
    /// # Errors
    /// If the experiment cannot be read again, since a file that it names is elsewhere or has changed.
    pub fn evidence(&self, catalogue: &dyn Catalogue) -> Result<Vec<Evidence>, String> {
        let Some(asked) = self.table.claimed.as_ref().filter(|_| self.results.iter().all(|result| result.point.recorded)) else {
            return Ok(Vec::new());
        };
        let first = |errors: Vec<ExperimentError>| errors.first().map_or_else(String::new, ExperimentError::to_string);
        let plan = read_text(&self.table.experiment, &asked.text, &asked.settings, catalogue).map_err(first)?;
        let study = Study::new(plan, asked.settings.clone());
        if study.identity != self.table.study {
            let changed = study.table().files.into_iter().find(|(name, hash)| self.table.files.get(name) != Some(hash));
            let changed = changed.map_or_else(|| "the experiment".to_owned(), |(name, _)| name);
            return Err(format!("{changed} is no longer as it was when the points ran"));
        }
        Ok(study.evidence(&self.results, catalogue))
    }

    /// Whether the command line changed the experiment that the claims are of.
    pub fn is_changed(&self) -> bool {
        self.table.claimed.as_ref().is_some_and(|asked| !asked.settings.set.is_empty() || asked.settings.duration.is_some())
    }
}

/// What is known of the parts that were read so far.
#[derive(Default)]
struct Parts<'p> {
    first: Option<(StudyTable, &'p Path)>,
    /// Points by number: the result, its folder, and the part that it is in.
    points: BTreeMap<usize, (PointResult, PathBuf, &'p Path)>,
    /// Files that points were made from: the hash, and a part that has such a point.
    files: BTreeMap<String, (String, &'p Path)>,
    /// Which part each folder is; `None` for one that ran all points.
    shards: Vec<Option<Shard>>,
}

/// Joins the parts of one study, which must have every point exactly once, into a folder of their own.
///
/// # Errors
/// If a part cannot be read, is of another study or was made from files with other contents, or a point is missing or in two parts;
/// nothing is written then.
pub fn merge(out: &Path, folders: &[PathBuf]) -> Result<Merged, String> {
    let same = |a: &Path, b: &Path| a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
    let mut parts = Parts::default();
    for folder in folders {
        if same(out, folder) {
            return Err(format!("{}: the result needs a folder of its own, and this is one of the parts", out.display()));
        }
        parts.add(folder)?;
    }
    parts.check_complete()?;
    let Some((table, _)) = parts.first else { return Err("no parts are named; for example neuropil merge all part1 part2".to_owned()) };
    let table = StudyTable { shard: None, ..table };
    let files = StudyFiles::create(out, &table)?;
    let mut results = Vec::with_capacity(parts.points.len());
    for (result, from, _) in parts.points.into_values() {
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

impl<'p> Parts<'p> {
    /// Reads a part.
    fn add(&mut self, folder: &'p Path) -> Result<(), String> {
        let table: StudyTable = read_json(&folder.join("study.json"))?;
        self.shards.push(table.shard);
        let (known, other) = self.first.get_or_insert((table.clone(), folder));
        if known.study != table.study {
            return Err(another_study((folder, &table), (other, known)));
        }
        let (study, count) = (known.study.clone(), known.points());
        let listed = fs::read_dir(folder.join("points")).map_err(|error| failed(&folder.join("points"), "read", &error))?;
        let mut entries: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
        entries.sort();
        for entry in entries {
            // What is not whole, or of another study that was in this folder before, does not count.
            let Ok(result) = read_json::<PointResult>(&entry.join("summary.json")) else { continue };
            if result.point.study != study || result.point.index >= count {
                continue;
            }
            if let Some((_, _, other)) = self.points.get(&result.point.index) {
                return Err(format!(
                    "point {} ({}) is in {} and in {}; every point may be in one part only",
                    result.point.index,
                    result.point.description,
                    other.display(),
                    folder.display()
                ));
            }
            for (name, hash) in in_provenance(&result.summary.provenance) {
                let (known, other) = self.files.entry(name.to_owned()).or_insert_with(|| (hash.to_owned(), folder));
                if *known != hash {
                    return Err(other_contents(name, folder, other));
                }
            }
            self.points.insert(result.point.index, (result, entry, folder));
        }
        Ok(())
    }

    /// An error that says which points are missing, and of which part they are.
    fn check_complete(&self) -> Result<(), String> {
        let Some((table, _)) = &self.first else { return Ok(()) };
        let missing: Vec<usize> = (0..table.points()).filter(|index| !self.points.contains_key(index)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        // How many parts there are is known where all say the same.
        let of = self.shards.first().copied().flatten().map(|shard| shard.of);
        let of = of.filter(|of| self.shards.iter().all(|shard| shard.is_some_and(|shard| shard.of == *of)));
        let mut message = format!(
            "{} of {} points are missing; run what is missing again, each part with its own --out, and merge then",
            missing.len(),
            table.points()
        );
        let listed = |points: &[usize]| {
            let shown: Vec<String> = points.iter().take(MOST_LISTED).map(usize::to_string).collect();
            let more = points.len().saturating_sub(MOST_LISTED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let first = points.first().map(|point| format!("; point {point} is {}", table.describe(*point))).unwrap_or_default();
            format!("point{} {}{more}{first}", if points.len() == 1 { "" } else { "s" }, shown.join(", "))
        };
        match of {
            None => message += &format!("\n  {}", listed(&missing)),
            Some(of) => {
                for shard in (1..=of).map(|part| Shard { part, of }) {
                    let own: Vec<usize> = missing.iter().copied().filter(|point| shard.has(*point)).collect();
                    if !own.is_empty() {
                        message += &format!("\n  --shard {shard}: {}", listed(&own));
                    }
                }
            }
        }
        Err(message)
    }
}

fn other_contents(name: &str, folder: &Path, other: &Path) -> String {
    format!(
        "{}: a point was made from other contents of {name} than one in {}; run the part whose file is out of date again with its own --out",
        folder.display(),
        other.display()
    )
}

/// Why two parts are none of one study.
fn another_study((folder, table): (&Path, &StudyTable), (other, known): (&Path, &StudyTable)) -> String {
    let changed = table.files.iter().find(|(name, hash)| known.files.get(*name).is_some_and(|known| known != *hash));
    let why = match changed {
        Some((name, _)) => format!("; {name} had other contents when it ran"),
        None => "; parts come from one file with the same settings".to_owned(),
    };
    format!(
        "{}: a part of another study ({}, {}) than {} ({}, {}){why}",
        folder.display(),
        table.experiment,
        table.study,
        other.display(),
        known.experiment,
        known.study
    )
}
