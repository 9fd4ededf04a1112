//! Dendrites grown at random to given numbers.

use super::directions::{across, even, fork_plane, normal, sum, turned};
use super::positive;
use crate::error::MorphologyError;
use crate::morphology::{Kind, Morphology, Samples};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std::f64::consts::TAU;

/// Sections at most.
const MOST_SECTIONS: u32 = 20_000;
/// Samples at most.
const MOST_SAMPLES: f64 = 5e6;

/// What a grown cell shall be like. Number of stems and sections and the total length come out exactly, branch orders and lengths of sections by chance.
///
/// - Forks: terminal sections fork one after the other until there are enough sections; one of order γ is chosen with a probability in proportion to 2^(-S γ) (van Pelt J, Dityatev AE,
///   Uylings HBM (1997). Natural variability in the number of dendritic segments: model-based inferences about branching during neurite outgrowth. J Comp Neurol 387:325-340).
///   S = 0: all terminals alike; above: bushy, low orders; below: long chains of high order.
/// - Lengths of sections: of a gamma distribution of shape 2, those that end a branch so many times longer than the others as given, scaled so that their sum is as given.
/// - Diameters: a section loses the given part of its diameter from start to end, evenly; at a fork d^e = d₁^e + d₂^e with equal d₁ and d₂ (Rall's exponent e is 3/2). None becomes
///   thinner than the least diameter.
/// - Directions: stems leave the ball evenly in all directions; sections wander, bend towards where they are drawn, and turn away from each other at forks.
///
/// ```
/// use neuropil_morphology::{Rules, Sections, synthetic::Growth};
///
/// let growth = Growth { stems: 5, sections: 45, length_um: 3000.0, ..Growth::default() };
/// let cell = growth.grow(7)?;
/// let sections = Sections::of(&cell, Rules::Neuron)?;
/// assert_eq!(sections.list().len(), 1 + 45);
/// assert_eq!(cell, growth.grow(7)?);
/// # Ok::<(), neuropil_morphology::MorphologyError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// Radius of the soma, a ball, µm.
    pub soma_radius_um: f64,
    /// What grows.
    pub kind: Kind,
    /// Sections that leave the soma.
    pub stems: u32,
    /// Sections in all, soma not counted: stems and two for each fork.
    pub sections: u32,
    /// Their total length, µm.
    pub length_um: f64,
    /// Diameter of the stems where they begin, µm.
    pub stem_diameter_um: f64,
    /// Part of its diameter that a section loses from start to end, 0 to below 1.
    pub taper: f64,
    /// Exponent e of the diameters at forks.
    pub fork_exponent: f64,
    /// Least diameter, µm.
    pub least_diameter_um: f64,
    /// S: how much rarer sections of high order fork, -1 to 2.
    pub order_selection: f64,
    /// How many times longer sections that end are than those that fork, on average.
    pub terminal_length_ratio: f64,
    /// Distance of samples, µm; each section has at least two pieces.
    pub step_um: f64,
    /// How much sections wander: standard deviation of the turn at each sample, radians.
    pub wander: f64,
    /// What is added to the direction, of length 1, at each sample.
    pub drawn_to: [f64; 3],
}

impl Default for Growth {
    /// About a basal tree of a rodent's cortical cell: 6 stems, 40 sections, 2,500 µm.
    fn default() -> Self {
        Self {
            soma_radius_um: 7.0,
            kind: Kind::BASAL,
            stems: 6,
            sections: 40,
            length_um: 2500.0,
            stem_diameter_um: 2.0,
            taper: 0.2,
            fork_exponent: 1.5,
            least_diameter_um: 0.4,
            order_selection: 0.0,
            terminal_length_ratio: 1.0,
            step_um: 5.0,
            wander: 0.15,
            drawn_to: [0.0; 3],
        }
    }
}

/// A section while it is being decided upon.
pub(super) struct Branch {
    parent: Option<u32>,
    /// In units that are not settled yet.
    length: f64,
}

/// The total length of branches, and that of the longest way from where each stem begins.
pub(super) fn lengths(branches: &[Branch]) -> (f64, Vec<f64>) {
    // By branch: its stem, and the way to its end.
    let mut ways: Vec<(usize, f64)> = Vec::with_capacity(branches.len());
    let mut longest = Vec::new();
    for branch in branches {
        let (stem, before) = match branch.parent {
            Some(parent) => ways[parent as usize],
            None => {
                longest.push(0.0);
                (longest.len() - 1, 0.0)
            }
        };
        ways.push((stem, before + branch.length));
        longest[stem] = f64::max(longest[stem], before + branch.length);
    }
    (branches.iter().map(|branch| branch.length).sum(), longest)
}

/// Where a stem begins.
pub(super) struct Start {
    /// The sample that it leaves.
    pub sample: u32,
    /// Where its own first sample is, µm.
    pub position_um: [f64; 3],
    /// Where it goes, of length 1.
    pub direction: [f64; 3],
}

impl Growth {
    pub(super) fn check(&self) -> Result<(), MorphologyError> {
        for (name, value) in [
            ("the radius of the soma", self.soma_radius_um),
            ("the total length", self.length_um),
            ("the diameter of the stems", self.stem_diameter_um),
            ("the exponent at forks", self.fork_exponent),
            ("the least diameter", self.least_diameter_um),
            ("the distance of samples", self.step_um),
            ("how many times longer ends are", self.terminal_length_ratio),
        ] {
            positive(name, value)?;
        }
        let refuse = |problem: String| Err(MorphologyError::Request(problem));
        let in_range = |name: &str, value: f64, low: f64, high: f64| match (low..=high).contains(&value) {
            true => Ok(()),
            false => Err(MorphologyError::Request(format!("{name} is {value}; expected {low} to {high}"))),
        };
        in_range("the taper", self.taper, 0.0, 0.99)?;
        in_range("the selection by order", self.order_selection, -1.0, 2.0)?;
        in_range("the wander", self.wander, 0.0, 3.0)?;
        for part in self.drawn_to {
            in_range("a part of where it is drawn to", part, -10.0, 10.0)?;
        }
        if self.stems == 0 || self.sections < self.stems || self.sections > MOST_SECTIONS {
            return refuse(format!(
                "{} sections with {} stems; expected at least one stem, and from as many sections as stems to {MOST_SECTIONS}",
                self.sections, self.stems
            ));
        }
        if !(self.sections - self.stems).is_multiple_of(2) {
            return refuse(format!(
                "{} sections with {} stems; each fork adds two, so both must be even or both odd",
                self.sections, self.stems
            ));
        }
        if self.length_um / self.step_um > MOST_SAMPLES {
            return refuse(format!("{} µm in steps of {} µm; that is more than {MOST_SAMPLES:e} samples", self.length_um, self.step_um));
        }
        Ok(())
    }

    /// Grows a cell; the same one for the same seed.
    ///
    /// # Errors
    /// If the numbers do not go together.
    pub fn grow(&self, seed: u64) -> Result<Morphology, MorphologyError> {
        self.check()?;
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let branches = self.branches(&mut random);
        let (sum, _) = lengths(&branches);
        let unit = if sum > 0.0 { self.length_um / sum } else { 0.0 };

        let mut samples = Samples::default();
        let soma = samples.push(Kind::SOMA, [0.0; 3], self.soma_radius_um, None);
        let start = |number, random: &mut Xoshiro256PlusPlus| {
            let direction = even(number, self.stems, random);
            Start { sample: soma, position_um: direction.map(|value| value * self.soma_radius_um), direction }
        };
        self.lay(&mut samples, &branches, unit, start, &mut random, seed);
        Morphology::new(samples)
    }

    /// Sections and their lengths, in a unit that is not settled.
    pub(super) fn branches(&self, random: &mut Xoshiro256PlusPlus) -> Vec<Branch> {
        let mut branches = self.forks(random);
        let mut ends = vec![true; branches.len()];
        for parent in branches.iter().filter_map(|branch| branch.parent) {
            ends[parent as usize] = false;
        }
        let uniform = |random: &mut Xoshiro256PlusPlus| 1.0 - random.random::<f64>();
        for (branch, end) in branches.iter_mut().zip(ends) {
            branch.length = -(uniform(random) * uniform(random)).ln() * if end { self.terminal_length_ratio } else { 1.0 };
        }
        branches
    }

    /// Lays sections into space, from where their stems begin; `unit` is that of their lengths, µm.
    pub(super) fn lay(
        &self,
        samples: &mut Samples,
        branches: &[Branch],
        unit: f64,
        mut start: impl FnMut(u32, &mut Xoshiro256PlusPlus) -> Start,
        random: &mut Xoshiro256PlusPlus,
        seed: u64,
    ) {
        // Last sample, diameter and direction at the end of each branch, and how many of its children have begun.
        let mut ends: Vec<(u32, f64, [f64; 3])> = Vec::with_capacity(branches.len());
        let mut begun = vec![0u32; branches.len()];
        let mut stems = 0;
        for branch in branches {
            let (mut last, mut diameter, mut direction);
            match branch.parent {
                None => {
                    let start = start(stems, random);
                    stems += 1;
                    (diameter, direction) = (self.stem_diameter_um, start.direction);
                    last = samples.push(self.kind, start.position_um, diameter / 2.0, Some(start.sample));
                }
                Some(parent) => {
                    let (fork, thick, along) = ends[parent as usize];
                    let side = if begun[parent as usize] == 0 { 1.0 } else { -1.0 };
                    begun[parent as usize] += 1;
                    diameter = (thick * 0.5f64.powf(1.0 / self.fork_exponent)).max(self.least_diameter_um);
                    direction = turned(along, side * (0.45 + 0.2 * (1.0 - random.random::<f64>())), fork_plane(along, parent, seed));
                    // The branch's own diameter where it begins.
                    let place = samples.positions_um[fork as usize];
                    last = if diameter == thick { fork } else { samples.push(self.kind, place, diameter / 2.0, Some(fork)) };
                }
            }
            let length = branch.length * unit;
            let pieces = (length / self.step_um).ceil().max(2.0);
            let end_diameter = (diameter * (1.0 - self.taper)).max(self.least_diameter_um.min(diameter));
            let start_diameter = diameter;
            for piece in 1..=pieces as u32 {
                let angle = self.wander * normal(random);
                direction = turned(direction, angle, across(direction, TAU * (1.0 - random.random::<f64>())));
                if self.drawn_to != [0.0; 3] {
                    direction = sum(direction, self.drawn_to);
                }
                let from = samples.positions_um[last as usize];
                let to = [0, 1, 2].map(|side| from[side] + direction[side] * length / pieces);
                diameter = start_diameter + (end_diameter - start_diameter) * f64::from(piece) / pieces;
                last = samples.push(self.kind, to, diameter / 2.0, Some(last));
            }
            ends.push((last, diameter, direction));
        }
    }

    /// Which section forks, one after the other; parents come before children.
    fn forks(&self, random: &mut Xoshiro256PlusPlus) -> Vec<Branch> {
        let mut branches: Vec<Branch> = (0..self.stems).map(|_| Branch { parent: None, length: 0.0 }).collect();
        // Terminal sections by order.
        let mut terminals: Vec<Vec<u32>> = vec![Vec::new(), (0..self.stems).collect()];
        while branches.len() < self.sections as usize {
            let weight = |order: usize, of: &Vec<u32>| of.len() as f64 * 2f64.powf(-self.order_selection * order as f64);
            let total: f64 = terminals.iter().enumerate().map(|(order, of)| weight(order, of)).sum();
            let mut rest = random.random::<f64>() * total;
            // The last order that has terminals, if rounding leaves something over.
            let mut chosen = terminals.iter().rposition(|of| !of.is_empty()).unwrap_or(0);
            for (order, of) in terminals.iter().enumerate().filter(|(_, of)| !of.is_empty()) {
                rest -= weight(order, of);
                if rest < 0.0 {
                    chosen = order;
                    break;
                }
            }
            let place = random.random_range(0..terminals[chosen].len().max(1));
            let parent = terminals[chosen].swap_remove(place);
            if terminals.len() == chosen + 1 {
                terminals.push(Vec::new());
            }
            for _ in 0..2 {
                terminals[chosen + 1].push(branches.len() as u32);
                branches.push(Branch { parent: Some(parent), length: 0.0 });
            }
        }
        branches
    }
}
