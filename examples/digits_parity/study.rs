//! Teaching cells, and asking them afterwards.

use crate::cells::Kind;
use crate::digits::{Digit, PIXELS, Split};
use neuropil::core::random::{Purpose, stream};
use neuropil::dendrites::two_layer::*;
use neuropil::prelude::*;
use rand::seq::SliceRandom;

/// Images that are shown side by side in a lesson.
const LESSON: usize = 64;

/// How cells are taught.
#[derive(Clone, Copy, PartialEq)]
pub struct Course {
    /// Times that every image is shown.
    pub epochs: usize,
    /// Step size; a fifth of it in the last three tenths of the course.
    pub step: f32,
    /// How large changes are.
    pub steps: StepKind,
}

/// What changes take off weights and couplings, as a share of them in the gradient.
const DECAY: f32 = 1e-4;

impl Course {
    /// Adaptive steps of 0.01.
    pub const fn adaptive(epochs: usize) -> Self {
        Self { epochs, step: 0.01, steps: StepKind::Adaptive }
    }

    /// Steps in proportion to the gradient.
    pub const fn plain(epochs: usize) -> Self {
        Self { epochs, step: 0.5, steps: StepKind::Plain }
    }

    /// Step size in an epoch.
    pub fn step_in(&self, epoch: usize) -> f32 {
        if 10 * epoch >= 7 * self.epochs { 0.2 * self.step } else { self.step }
    }
}

/// Cells of one network; all see the same images in the same order.
pub struct School {
    app: App,
    patterns: Entity,
    pupils: Vec<Pupil>,
    seed: u64,
}

struct Pupil {
    cell: Entity,
    /// What it should say to each image.
    answers: Vec<f32>,
    course: Course,
}

/// Cells of which one should say yes: the one that is surest is taken at its word, so each is told what it says in excess of its share.
#[derive(Component)]
struct Contest(Vec<Entity>);

/// In place of [`Taught`]: what a cell in a contest should say.
#[derive(Component, Default)]
struct TaughtInContest(Vec<f32>);

type Contender = (&'static SomaticDrive, &'static TaughtInContest, &'static mut SomaticError);

/// Errors of cells in contests.
fn compare_in_contests(contests: Query<&Contest>, mut cells: Query<Contender, Without<Taught>>) {
    for contest in &contests {
        let patterns = contest.0.first().and_then(|cell| cells.get(*cell).ok()).map_or(0, |(drive, ..)| drive.0.len());
        let (mut most, mut sum) = (vec![f32::MIN; patterns], vec![0.0_f32; patterns]);
        for (drive, ..) in cells.iter_many(&contest.0) {
            most.iter_mut().zip(&drive.0).for_each(|(most, drive)| *most = most.max(*drive));
        }
        for (drive, ..) in cells.iter_many(&contest.0) {
            sum.iter_mut().zip(drive.0.iter().zip(&most)).for_each(|(sum, (drive, most))| *sum += (drive - most).exp());
        }
        let mut contenders = cells.iter_many_mut(&contest.0);
        while let Some((drive, taught, mut error)) = contenders.fetch_next() {
            error.0.clear();
            let values = drive.0.iter().zip(&taught.0).zip(most.iter().zip(&sum));
            error.0.extend(values.map(|((drive, target), (most, sum))| ((drive - most).exp() / sum - target) / patterns as f32));
        }
    }
}

impl School {
    /// A network without cells.
    pub fn new(seed: u64) -> Result<Self, TwoLayerError> {
        let mut app = App::new();
        app.add_plugins(TwoLayerPlugin).add_systems(Lesson, compare_in_contests.in_set(TwoLayerSystems::Errors));
        let nothing = Patterns::of(PIXELS, std::iter::empty())?;
        let patterns = app.world_mut().spawn(nothing).id();
        Ok(Self { app, patterns, pupils: Vec::new(), seed })
    }

    /// Adds a cell that is to say `answers`.
    pub fn add(&mut self, kind: &Kind, member: u64, answers: Vec<f32>, course: Course) -> Result<Entity, TwoLayerError> {
        let cell = self.add_pupil(kind, member, answers, course)?;
        self.app.world_mut().entity_mut(cell).insert(Taught::default());
        Ok(cell)
    }

    /// Adds a cell for each digit, of which that of the right one is to be surest.
    pub fn add_contest(&mut self, kind: &Kind, digits: &[Digit], course: Course) -> Result<Vec<Entity>, TwoLayerError> {
        let mut cells = Vec::new();
        for label in 0..10 {
            let answers = digits.iter().map(|digit| f32::from(u8::from(digit.label == label))).collect();
            let cell = self.add_pupil(kind, u64::from(label), answers, course)?;
            self.app.world_mut().entity_mut(cell).insert(TaughtInContest::default());
            cells.push(cell);
        }
        self.app.world_mut().spawn(Contest(cells.clone()));
        Ok(cells)
    }

    fn add_pupil(&mut self, kind: &Kind, member: u64, answers: Vec<f32>, course: Course) -> Result<Entity, TwoLayerError> {
        let cell = self.app.world_mut().add_two_layer_cell(kind.plan(self.seed, member), self.patterns)?;
        self.app.world_mut().entity_mut(cell).insert(LocalLearning::new(course.step, DECAY, course.steps));
        self.pupils.push(Pupil { cell, answers, course });
        Ok(cell)
    }

    fn show(&mut self, digits: &[Digit], numbers: &[usize]) -> Result<(), TwoLayerError> {
        let patterns = Patterns::of(PIXELS, numbers.iter().map(|number| &digits[*number].pixels[..]))?;
        self.app.world_mut().entity_mut(self.patterns).insert(patterns);
        Ok(())
    }

    /// Teaches all cells; each stops when its course ends.
    pub fn teach(&mut self, digits: &[Digit], split: &Split) -> Result<(), TwoLayerError> {
        let mut order = split.learn.clone();
        let mut random = stream(self.seed, Purpose::Value, 3, 0);
        for epoch in 0..self.pupils.iter().map(|pupil| pupil.course.epochs).max().unwrap_or(0) {
            for pupil in &self.pupils {
                let mut cell = self.app.world_mut().entity_mut(pupil.cell);
                if epoch == pupil.course.epochs {
                    cell.remove::<LocalLearning>();
                } else if let Some(mut learning) = cell.get_mut::<LocalLearning>() {
                    learning.step = pupil.course.step_in(epoch);
                }
            }
            order.shuffle(&mut random);
            for numbers in order.chunks(LESSON) {
                self.show(digits, numbers)?;
                let world = self.app.world_mut();
                for pupil in &self.pupils {
                    let answers = numbers.iter().map(|number| pupil.answers[*number]);
                    if let Some(mut taught) = world.get_mut::<Taught>(pupil.cell) {
                        taught.0.clear();
                        taught.0.extend(answers);
                    } else if let Some(mut taught) = world.get_mut::<TaughtInContest>(pupil.cell) {
                        taught.0.clear();
                        taught.0.extend(answers);
                    }
                }
                world.run_schedule(Lesson);
            }
        }
        Ok(())
    }

    /// What drives the soma of each cell when the images are shown, by cell.
    pub fn ask(&mut self, cells: &[Entity], digits: &[Digit], numbers: &[usize]) -> Result<Vec<Vec<f32>>, TwoLayerError> {
        self.show(digits, numbers)?;
        let world = self.app.world_mut();
        world.run_schedule(Recall);
        Ok(cells.iter().map(|cell| world.get::<SomaticDrive>(*cell).map(|drive| drive.0.clone()).unwrap_or_default()).collect())
    }

    /// A cell as it is now.
    pub fn describe(&self, cell: Entity) -> TwoLayerPlan {
        let world = self.app.world();
        let branches = world.get::<Branches>(cell).into_iter().flat_map(|branches| branches.iter()).map(|branch| {
            let weights = world.get::<SynapticWeights>(branch).map(|weights| weights.values().to_vec()).unwrap_or_default();
            BranchPlan {
                afferents: world.get::<Afferents>(branch).map(|afferents| afferents.channels().to_vec()).unwrap_or_default(),
                weights,
                threshold: world.get::<BranchThreshold>(branch).map_or(0.0, |threshold| threshold.0),
                coupling: world.get::<SomaticCoupling>(branch).map_or(0.0, |coupling| coupling.0),
                shape: world.get::<BranchShape>(branch).copied().unwrap_or_default(),
                plasticity: world.get::<Plasticity>(branch).copied().unwrap_or_default(),
            }
        });
        TwoLayerPlan { branches: branches.collect(), offset: world.get::<SomaticOffset>(cell).map_or(0.0, |offset| offset.0) }
    }
}

/// Share of images to which a drive above 0 says odd or even rightly.
pub fn right_parity(drive: &[f32], digits: &[Digit], numbers: &[usize]) -> f64 {
    let right = drive.iter().zip(numbers).filter(|(drive, number)| (**drive > 0.0) == (digits[**number].label % 2 == 1));
    right.count() as f64 / numbers.len() as f64
}

/// Share of images of which the majority of cells says odd or even rightly; cells are odd in number.
pub fn right_majority(drives: &[Vec<f32>], digits: &[Digit], numbers: &[usize]) -> f64 {
    let votes = |place: usize| drives.iter().map(|drive| if drive[place] > 0.0 { 1.0 } else { -1.0 }).sum();
    right_parity(&(0..numbers.len()).map(votes).collect::<Vec<f32>>(), digits, numbers)
}

/// Share of images of which the surest cell is that of the label.
pub fn right_label(drives: &[Vec<f32>], digits: &[Digit], numbers: &[usize]) -> f64 {
    let surest = |place: usize| (0..drives.len()).max_by(|a, b| drives[*a][place].total_cmp(&drives[*b][place]));
    let right = numbers.iter().enumerate().filter(|(place, number)| surest(*place) == Some(usize::from(digits[**number].label)));
    right.count() as f64 / numbers.len() as f64
}
