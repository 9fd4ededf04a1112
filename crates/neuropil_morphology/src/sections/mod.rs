//! Sections: unbranched runs of one kind, as cables are made of.
//!
//! A section is a row of points, each with position, radius and arc length; between two points the cell is a frustum. A section hangs on a place of
//! its parent, 0 being the start, 1 the end and 0.5 the middle, and begins with the point of the sample that it leaves, unless it hangs by a wire.
//!
//! # Rules
//! [`Rules::Neuron`] makes the sections that NEURON makes of an SWC file (its Import3d, version 9), with two exceptions that are named below:
//!
//! - A section ends where it forks or where the kind changes. A soma goes on where dendrites leave it; it ends only where it forks itself.
//! - A soma that is a ball, of one sample or in the three-sample form ([`Morphology::ball_soma`]), is a cylinder along x as long as it is thick, whose lateral
//!   area, 4πr², is the ball's. What leaves the soma hangs at its middle.
//! - What leaves another soma hangs at the start or the end of a soma section if it leaves from its first or last sample, else at the middle.
//! - A section that leaves a soma never has the soma's diameter; its first point has the diameter of its own first sample. Where it leaves a ball, the
//!   inside of a soma section, or a place where the soma forks, it hangs by a wire: the way from the soma's sample counts for nothing. A section of a single
//!   sample is drawn from the soma's sample all the same.
//! - Where the first sample of a section that hangs by a wire forks, or the root of a cell without soma does, one child goes on, and the others hang at the
//!   section's start.
//!
//! Exceptions: where a fork's sample is repeated with a diameter of the branch's own, the branch begins with that one, so that the step between the diameters
//! has no membrane; and a single child that does not follow its parent in the order of the file goes on as any other.
//!
//! [`Rules::Arbor`] makes what Arbor 0.10 makes of SWC by its own rules: a frustum from each sample's parent to it, with the radii of both. So a dendrite begins
//! with the soma's radius. A soma of one sample is an error there, as in Arbor.
//!
//! Sections have a length above zero: one that has none is left out, and its children hang where it hung.
//!
//! # References
//! - Hines ML, Carnevale NT (1997). The NEURON simulation environment. Neural Comput 9:1179-1209. doi:10.1162/neco.1997.9.6.1179
//! - Cannon RC, Turner DA, Pyapali GK, Wheal HV (1998). An on-line archive of reconstructed hippocampal neurons. J Neurosci Methods 84:49-54.
//!   doi:10.1016/S0165-0270(98)00091-0

mod arbor;
mod axon;
mod compartments;
mod geometry;
mod neuron;
mod paths;

pub use compartments::Compartment;
pub use geometry::{Frustum, d_lambda_compartments, electrotonic_length, space_constant_um};
pub use paths::PathPoint;

use crate::error::MorphologyError;
use crate::morphology::{Kind, Morphology, distance};
use std::ops::Range;

/// How samples become sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// As NEURON does it.
    #[default]
    Neuron,
    /// As Arbor does it.
    Arbor,
}

/// Where a section hangs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attachment {
    /// The section it hangs on, one of those before it.
    pub section: u32,
    /// Where on that: 0 its start, 0.5 its middle, 1 its end.
    pub at: f64,
    /// Whether by a wire without resistance: its first point is not at that place.
    pub wire: bool,
}

/// An unbranched run of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What it is part of.
    pub kind: Kind,
    /// Where it hangs; only the first section hangs nowhere.
    pub parent: Option<Attachment>,
    /// Forks between it and the soma, one more for the soma itself: sections that leave the soma are of order 1, the soma is of order 0.
    pub order: u32,
    /// Way along sections from the middle of the soma (without soma, from the root) to its start, µm. Wires count nothing.
    pub start_distance_um: f64,
    /// The same to its end, µm.
    pub end_distance_um: f64,
    points: Range<usize>,
}

/// The sections of a cell, each after the one it hangs on.
#[derive(Clone, Debug, PartialEq)]
pub struct Sections {
    list: Vec<Section>,
    positions_um: Vec<[f64; 3]>,
    radii_um: Vec<f64>,
    arcs_um: Vec<f64>,
}

/// A section with its points.
#[derive(Clone, Copy, Debug)]
pub struct SectionPoints<'s> {
    /// Where each point is, µm.
    pub positions_um: &'s [[f64; 3]],
    /// Radius at each, µm.
    pub radii_um: &'s [f64],
    /// Way along the section to each, µm; 0 at the first.
    pub arcs_um: &'s [f64],
}

impl Sections {
    /// The sections of a cell.
    ///
    /// ```
    /// use neuropil_morphology::{Rules, Sections, synthetic};
    ///
    /// let cell = synthetic::ball_and_stick(10.0, 200.0, 2.0)?;
    /// let sections = Sections::of(&cell, Rules::Neuron)?;
    /// let (soma, dendrite) = (sections.points(0), sections.points(1));
    /// assert_eq!(soma.area_um2(), 4.0 * std::f64::consts::PI * 10.0 * 10.0);
    /// assert_eq!(dendrite.length_um(), 200.0);
    /// // 100 Ω·cm, cut into five: each half a compartment is 20 µm long.
    /// let compartments = sections.compartments(1, 5);
    /// let halves = compartments[2].axial_resistances_mohm(100.0);
    /// assert!((halves[0] - 1e-2 * 100.0 * 20.0 / std::f64::consts::PI).abs() < 1e-12);
    /// # Ok::<(), neuropil_morphology::MorphologyError>(())
    /// ```
    ///
    /// # Errors
    /// By Arbor's rules, if the root has no child of its own kind.
    pub fn of(morphology: &Morphology, rules: Rules) -> Result<Self, MorphologyError> {
        let runs = match rules {
            Rules::Neuron => neuron::runs(morphology),
            Rules::Arbor => arbor::runs(morphology)?,
        };
        Ok(Self::from_runs(runs))
    }

    /// Joins runs to sections: leaves out those without length, adds arc lengths, orders and distances.
    fn from_runs(mut runs: Runs) -> Self {
        runs.give_root_length();
        let arcs_um = runs.arcs();
        runs.leave_out_empty(&arcs_um);
        let Runs { positions_um, radii_um, runs } = runs;
        let mut sections = Self { list: Vec::with_capacity(runs.len()), positions_um, radii_um, arcs_um };
        // Children at the end of each section, or at its middle.
        let mut at_end = vec![0u32; runs.len()];
        for parent in runs.iter().filter_map(|run| run.parent).filter(|parent| parent.at == 1.0) {
            at_end[parent.section as usize] += 1;
        }
        for run in runs {
            let mut section = Section {
                kind: run.kind,
                parent: run.parent,
                order: u32::from(!run.kind.is_soma()),
                start_distance_um: 0.0,
                end_distance_um: 0.0,
                points: run.points.clone(),
            };
            let length = sections.arcs_um.get(run.points.end.wrapping_sub(1)).copied().unwrap_or(0.0);
            if let Some(parent) = run.parent {
                let on = &sections.list[parent.section as usize];
                section.start_distance_um = match parent.at {
                    0.0 => on.start_distance_um,
                    1.0 => on.end_distance_um,
                    // A soma's middle: the origin if it is the root.
                    _ if on.parent.is_none() && on.kind.is_soma() => 0.0,
                    _ => f64::midpoint(on.start_distance_um, on.end_distance_um),
                };
                section.end_distance_um = section.start_distance_um + length;
                let forks = parent.at == 1.0 && at_end[parent.section as usize] > 1;
                section.order = match (on.kind.is_soma(), section.kind.is_soma()) {
                    (_, true) => 0,
                    (true, false) => 1,
                    (false, false) => on.order + u32::from(forks),
                };
            } else if section.kind.is_soma() {
                (section.start_distance_um, section.end_distance_um) = (length / 2.0, length / 2.0);
            } else {
                section.end_distance_um = length;
            }
            sections.list.push(section);
        }
        sections
    }

    /// The sections.
    pub fn list(&self) -> &[Section] {
        &self.list
    }

    /// The points of a section, at least two.
    pub fn points(&self, section: usize) -> SectionPoints<'_> {
        let range = self.list[section].points.clone();
        SectionPoints {
            positions_um: &self.positions_um[range.clone()],
            radii_um: &self.radii_um[range.clone()],
            arcs_um: &self.arcs_um[range],
        }
    }

    /// Sections that end a branch: nothing hangs at their end.
    pub fn tips(&self) -> Vec<bool> {
        let mut tips: Vec<bool> = self.list.iter().map(|section| !section.kind.is_soma()).collect();
        for parent in self.list.iter().filter_map(|section| section.parent).filter(|parent| parent.at > 0.0) {
            tips[parent.section as usize] = false;
        }
        tips
    }
}

/// Points of all runs, and the runs.
#[derive(Default)]
struct Runs {
    positions_um: Vec<[f64; 3]>,
    radii_um: Vec<f64>,
    runs: Vec<Run>,
}

/// A section in the making.
struct Run {
    kind: Kind,
    parent: Option<Attachment>,
    points: Range<usize>,
}

impl Runs {
    /// A first run whose points are all in one place becomes a ball: as long as it is thick.
    fn give_root_length(&mut self) {
        let Some(Range { start, end }) = self.runs.first().map(|root| root.points.clone()) else { return };
        let (place, radius) = (self.positions_um[start], self.radii_um[start]);
        if end > start + 1 && self.positions_um[start..end].iter().all(|position| *position == place) {
            self.positions_um[start][0] -= radius;
            self.positions_um[end - 1][0] += radius;
        }
    }

    /// Way along its run to each point.
    fn arcs(&self) -> Vec<f64> {
        let mut arcs = vec![0.0; self.positions_um.len()];
        for run in &self.runs {
            for at in run.points.clone().skip(1) {
                arcs[at] = arcs[at - 1] + distance(self.positions_um[at - 1], self.positions_um[at]);
            }
        }
        arcs
    }

    /// Takes runs without length away and hangs their children where they hung. The first run always has a length.
    fn leave_out_empty(&mut self, arcs: &[f64]) {
        // Place of each run that stays; or for one that goes, where its children go.
        let mut moved: Vec<Result<u32, Attachment>> = Vec::with_capacity(self.runs.len());
        let mut kept: Vec<Run> = Vec::with_capacity(self.runs.len());
        for mut run in std::mem::take(&mut self.runs) {
            if let Some(parent) = run.parent {
                run.parent = Some(match moved[parent.section as usize] {
                    Ok(section) => Attachment { section, ..parent },
                    Err(place) => Attachment { wire: parent.wire || place.wire, ..place },
                });
            }
            let length = run.points.clone().next_back().map_or(0.0, |last| arcs[last]);
            match run.parent {
                Some(place) if length <= 0.0 => moved.push(Err(place)),
                _ => {
                    moved.push(Ok(kept.len() as u32));
                    kept.push(run);
                }
            }
        }
        self.runs = kept;
    }
}
