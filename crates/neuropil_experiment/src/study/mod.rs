//! All points of an experiment: every arm with every combination of swept values and every seed, each a run of its own.
//!
//! - `run`: points side by side over the cores; what a point gives
//! - `files`: finished points in a folder, so that a study goes on where it was; `merge`: parts of a study joined
//! - `table`: results as a table, and as groups over seeds; `figure`: their picture

mod figure;
mod files;
mod merge;
mod run;
mod table;

pub use files::{Shard, StudyFiles};
pub use merge::{Merged, merge};
pub use run::{PointFailure, PointRecord, PointResult, StudyOptions, StudyOutcome, run_study};
pub use table::{Claimed, Group, MeasureColumn, PointColumns, StudyTable};

use neuropil_units::Value;
use sha2::{Digest, Sha256};

use crate::{
    catalogue::Catalogue,
    contents::hexadecimal,
    design::{ArmSetting, AxisValue},
    document::settings::{Flag, Flags, Settings},
    error::ExperimentError,
    plan::Plan,
    read::read_point,
};

/// Sections that say what varies; what the command line changes in them is done when points are counted.
const SECTIONS: [&str; 6] = ["arms", "sweep", "seeds", "measures", "claims", "quick"];

/// An experiment with all its points.
pub struct Study {
    plan: Plan,
    settings: Settings,
    /// What its points have in common: a hash of the experiment's text, the files that it names, the settings and the program's version.
    identity: String,
}

/// One point: an arm, swept values and a seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its number, from 0.
    pub index: usize,
    /// The arm's name, if there are arms.
    pub arm: Option<String>,
    /// Swept parameters with their values.
    pub values: Vec<(String, Value)>,
    /// The seed.
    pub seed: u64,
}

impl Point {
    /// What tells it from others, for messages: `arm control, g = 4.5, seed 2`.
    pub fn describe(&self) -> String {
        let arm = self.arm.iter().map(|arm| format!("arm {arm}"));
        let values = self.values.iter().map(|(name, value)| format!("{name} = {value}"));
        arm.chain(values).chain([format!("seed {}", self.seed)]).collect::<Vec<_>>().join(", ")
    }
}

impl Study {
    /// The study of a plan that was read with these settings.
    pub fn new(plan: Plan, settings: Settings) -> Self {
        let mut hash = Sha256::new();
        hash.update(env!("CARGO_PKG_VERSION"));
        hash.update(plan.text.as_bytes());
        hash_flags(&mut hash, &settings.flags());
        for file in plan.files() {
            hash.update(format!("\0{}={}", file.name, file.sha256));
        }
        Self { plan, settings, identity: short(hash) }
    }

    /// The experiment without an arm.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Number of points, at least 1.
    pub fn points(&self) -> usize {
        self.plan.design.points()
    }

    /// Number of seeds of each combination.
    pub(crate) fn seeds(&self) -> usize {
        self.plan.design.seeds.len().max(1)
    }

    /// A point by its number; the seed varies fastest, then the last swept parameter.
    pub fn point(&self, index: usize) -> Point {
        let design = &self.plan.design;
        let combination = index / self.seeds();
        let values = design.axes.iter().zip(self.on_axes(combination)).map(|(axis, value)| (axis.name.clone(), value.value.clone()));
        Point {
            index,
            arm: design.arms.get(combination / design.grid().max(1)).map(|arm| arm.name.clone()),
            values: values.collect(),
            seed: design.seeds.get(index % self.seeds()).copied().unwrap_or(self.plan.seed),
        }
    }

    fn on_axes(&self, combination: usize) -> Vec<&AxisValue> {
        let design = &self.plan.design;
        let places = design.axes.iter().enumerate();
        places.filter_map(|(place, axis)| axis.values.get(design.on_axis(combination % design.grid().max(1), place))).collect()
    }

    /// The settings of a point in the order in which they are laid over the file.
    fn flags(&self, index: usize) -> Flags {
        let design = &self.plan.design;
        let is_own = |flag: &Flag| !SECTIONS.contains(&flag.path.split(['.', '[']).next().unwrap_or_default());
        let Flags { values, lesions, stimuli } = self.settings.flags();
        let mut flags: Vec<Flag> = values.into_iter().filter(is_own).collect();
        let combination = index / self.seeds();
        if let Some(arm) = design.arms.get(combination / design.grid().max(1)) {
            let written = |setting: &ArmSetting| Flag::written(&setting.path, &setting.name_place, &setting.value_place);
            flags.extend(arm.settings.iter().map(written));
        }
        for (axis, value) in design.axes.iter().zip(self.on_axes(combination)) {
            flags.push(match &value.written {
                Some(place) => Flag::written(&axis.name, &axis.place, place),
                None => Flag::swept(&axis.name, &axis.place, &value.value.to_string()),
            });
        }
        if let Some(seed) = design.seeds.get(index % self.seeds()) {
            flags.push(Flag::seed(*seed));
        }
        Flags { values: flags, lesions, stimuli }
    }

    /// The plan of a point.
    ///
    /// # Errors
    /// What its arm or its swept values make wrong, at their places.
    pub fn plan_of(&self, index: usize, catalogue: &dyn Catalogue) -> Result<Plan, Vec<ExperimentError>> {
        if self.plan.design.is_single() {
            return Ok(self.plan.clone());
        }
        read_point(&self.plan, &self.flags(index), catalogue)
    }

    /// Reads each arm, and the first and last value of each swept parameter: what is wrong there is known before anything runs.
    ///
    /// # Errors
    /// All that is wrong, each once.
    pub fn check(&self, catalogue: &dyn Catalogue) -> Result<(), Vec<ExperimentError>> {
        let design = &self.plan.design;
        let mut points: Vec<usize> = (0..design.arms.len().max(1)).map(|arm| arm * design.grid() * self.seeds()).collect();
        for place in 0..design.axes.len() {
            let stride: usize = design.axes.iter().skip(place + 1).map(|axis| axis.values.len()).product();
            let last = design.axes.get(place).map_or(0, |axis| axis.values.len() - 1);
            points.push(last * stride * self.seeds());
        }
        points.sort_unstable();
        points.dedup();
        let mut errors: Vec<ExperimentError> = Vec::new();
        for point in points {
            for error in self.plan_of(point, catalogue).err().into_iter().flatten() {
                if !errors.contains(&error) && errors.len() < 100 {
                    errors.push(error);
                }
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// What a point is known by: a hash of the experiment's text, the files that it names, the settings of the point, its seed, and the
    /// program's version. What an arm or a swept value names is not in it but in the point's summary: [`StudyFiles::finished`] looks there.
    pub(crate) fn key(&self, index: usize) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.identity);
        hash_flags(&mut hash, &self.flags(index));
        short(hash)
    }
}

fn hash_flags(hash: &mut Sha256, flags: &Flags) {
    for (kind, flags) in [("", &flags.values), ("lesion", &flags.lesions), ("stimulate", &flags.stimuli)] {
        for flag in flags {
            hash.update(format!("\0{kind}{}={}", flag.path, flag.node().text()));
        }
    }
}

fn short(hash: Sha256) -> String {
    hexadecimal(hash.finalize().into_iter().take(12))
}
