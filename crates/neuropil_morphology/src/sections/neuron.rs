//! Sections as NEURON makes them of samples.

use super::{Attachment, Run, Runs};
use crate::morphology::{Kind, Morphology};

/// How a sample goes on from its parent.
enum Step {
    /// It belongs to its parent's section.
    On,
    /// It begins a section that hangs on its parent's.
    New { at: f64, wire: bool },
}

/// Where a section begins: how it hangs, its first sample, and whether more follow.
struct Beginning {
    parent: Option<Attachment>,
    sample: usize,
}

/// The runs of a cell.
pub(super) fn runs(morphology: &Morphology) -> Runs {
    let (kinds, parents) = (morphology.kinds(), morphology.parents());
    let samples = morphology.len();
    let cell = Cell::new(morphology);

    let mut section_of = vec![0u32; samples];
    let mut beginnings = vec![Beginning { parent: None, sample: 0 }];
    let mut sizes = vec![1usize];
    for sample in 1..samples {
        let Some(parent) = parents[sample].map(|parent| parent as usize) else { continue };
        if cell.three_sample_ball && kinds[sample].is_soma() {
            continue;
        }
        let on = section_of[parent];
        match cell.step(sample, parent, &beginnings[on as usize]) {
            Step::On => {
                section_of[sample] = on;
                sizes[on as usize] += 1;
            }
            Step::New { at, wire } => {
                section_of[sample] = beginnings.len() as u32;
                beginnings.push(Beginning { parent: Some(Attachment { section: on, at, wire }), sample });
                sizes.push(1);
            }
        }
    }
    lay_out(morphology, &cell, &section_of, &beginnings, &sizes)
}

/// Puts the points of each section one behind the other.
fn lay_out(morphology: &Morphology, cell: &Cell, section_of: &[u32], beginnings: &[Beginning], sizes: &[usize]) -> Runs {
    let (positions, radii, kinds) = (morphology.positions_um(), morphology.radii_um(), morphology.kinds());
    let mut runs = Runs::default();
    // Where the next own sample of each section goes.
    let mut next = Vec::with_capacity(beginnings.len());
    for (section, (beginning, &size)) in beginnings.iter().zip(sizes).enumerate() {
        let (first, start) = (beginning.sample, runs.positions_um.len());
        let kind = kinds[first];
        let mut parent = beginning.parent;
        if section == 0 && cell.root_is_ball {
            ball(&mut runs, positions[0], radii[0]);
            next.push(usize::MAX);
        } else {
            if let (Some(from), Some(parent)) = (cell.parents[first].map(|from| from as usize), &mut parent) {
                let leaves_soma = kinds[from].is_soma() && !kind.is_soma();
                parent.wire &= size > 1;
                // A repeated fork is the branch's own first cross-section.
                if !parent.wire && (positions[from] != positions[first] || size == 1) {
                    runs.positions_um.push(positions[from]);
                    runs.radii_um.push(if leaves_soma { radii[first] } else { radii[from] });
                }
            }
            next.push(runs.positions_um.len());
            runs.positions_um.resize(runs.positions_um.len() + size, positions[first]);
            runs.radii_um.resize(runs.radii_um.len() + size, radii[first]);
        }
        runs.runs.push(Run { kind, parent, points: start..runs.positions_um.len() });
    }
    for (sample, &section) in section_of.iter().enumerate() {
        if cell.three_sample_ball && sample > 0 && kinds[sample].is_soma() {
            continue;
        }
        if let Some(place) = next.get_mut(section as usize).filter(|place| **place != usize::MAX) {
            runs.positions_um[*place] = positions[sample];
            runs.radii_um[*place] = radii[sample];
            *place += 1;
        }
    }
    runs
}

/// A cylinder along x as long as it is thick: its lateral area is the ball's.
fn ball(runs: &mut Runs, [x, y, z]: [f64; 3], radius: f64) {
    for side in [-radius, 0.0, radius] {
        runs.positions_um.push([x + side, y, z]);
        runs.radii_um.push(radius);
    }
}

struct Cell<'c> {
    kinds: &'c [Kind],
    parents: &'c [Option<u32>],
    /// Number of children of each sample.
    children: Vec<u32>,
    /// Number of those that are soma.
    soma_children: Vec<u32>,
    /// The first child of each sample that is of its own kind.
    heirs: Vec<Option<u32>>,
    /// The root is a section by itself, a ball.
    root_is_ball: bool,
    /// Two further soma samples only say how large the ball is.
    three_sample_ball: bool,
}

impl<'c> Cell<'c> {
    fn new(morphology: &'c Morphology) -> Self {
        let (kinds, parents) = (morphology.kinds(), morphology.parents());
        let (mut children, mut soma_children, mut heirs) = (vec![0; kinds.len()], vec![0; kinds.len()], vec![None; kinds.len()]);
        for (child, parent) in parents.iter().enumerate() {
            let Some(parent) = parent.map(|parent| parent as usize) else { continue };
            children[parent] += 1;
            soma_children[parent] += u32::from(kinds[child].is_soma());
            if kinds[child] == kinds[parent] && heirs[parent].is_none() {
                heirs[parent] = Some(child as u32);
            }
        }
        let three_sample_ball = morphology.ball_soma() == Some(3);
        let root_is_ball = three_sample_ball || heirs[0].is_none();
        Self { kinds, parents, children, soma_children, heirs, root_is_ball, three_sample_ball }
    }

    fn step(&self, sample: usize, parent: usize, on: &Beginning) -> Step {
        let (kind, parent_kind) = (self.kinds[sample], self.kinds[parent]);
        let first_child = self.heirs[parent] == Some(sample as u32);
        if parent == 0 && self.root_is_ball {
            return Step::New { at: 0.5, wire: true };
        }
        if parent_kind.is_soma() {
            let forks = self.soma_children[parent] > 1;
            let is_start = parent == 0;
            if kind.is_soma() {
                return match (first_child, is_start || !forks) {
                    (true, true) => Step::On,
                    _ => Step::New { at: if is_start { 0.0 } else { 1.0 }, wire: false },
                };
            }
            if is_start {
                return Step::New { at: 0.0, wire: forks };
            }
            return match self.soma_children[parent] {
                1 => Step::New { at: 0.5, wire: true },
                _ => Step::New { at: 1.0, wire: forks },
            };
        }
        // Where the start of a section forks that is a root or hangs by a wire, one goes on, and the others begin there too.
        let is_start = on.sample == parent && on.parent.is_none_or(|attachment| attachment.wire) && self.heirs[parent].is_some();
        match first_child && (is_start || self.children[parent] == 1) {
            true => Step::On,
            false => Step::New { at: if is_start { 0.0 } else { 1.0 }, wire: false },
        }
    }
}
