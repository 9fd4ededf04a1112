//! Sections as Arbor makes them of samples.

use super::{Attachment, Run, Runs};
use crate::error::MorphologyError;
use crate::morphology::{Morphology, children};

/// The runs of a cell: each begins with its parent sample as it is.
pub(super) fn runs(morphology: &Morphology) -> Result<Runs, MorphologyError> {
    let (kinds, parents) = (morphology.kinds(), morphology.parents());
    let (positions, radii) = (morphology.positions_um(), morphology.radii_um());
    let (list, begins) = children(parents);
    let of = |sample: usize| &list[begins[sample] as usize..begins[sample + 1] as usize];
    if !of(0).iter().any(|&child| kinds[child as usize] == kinds[0]) {
        return Err(MorphologyError::Request(format!(
            "by Arbor's rules the root needs a child of its own kind, {}; a soma of one sample is not read there",
            kinds[0].name()
        )));
    }
    let mut section_of = vec![u32::MAX; morphology.len()];
    let mut beginnings: Vec<(usize, Option<Attachment>)> = Vec::new();
    let mut sizes: Vec<usize> = Vec::new();
    for sample in 1..morphology.len() {
        let Some(parent) = parents[sample].map(|parent| parent as usize) else { continue };
        if parent != 0 && of(parent).len() == 1 && kinds[parent] == kinds[sample] {
            section_of[sample] = section_of[parent];
            sizes[section_of[parent] as usize] += 1;
            continue;
        }
        section_of[sample] = beginnings.len() as u32;
        let attachment = match parent {
            // All that leave the root meet there, at the start of the first.
            0 if beginnings.is_empty() => None,
            0 => Some(Attachment { section: 0, at: 0.0, wire: false }),
            _ => Some(Attachment { section: section_of[parent], at: 1.0, wire: false }),
        };
        beginnings.push((sample, attachment));
        sizes.push(1);
    }
    let mut runs = Runs::default();
    let mut next = Vec::with_capacity(beginnings.len());
    for (&(first, parent), &size) in beginnings.iter().zip(&sizes) {
        let start = runs.positions_um.len();
        if let Some(from) = parents[first] {
            runs.positions_um.push(positions[from as usize]);
            runs.radii_um.push(radii[from as usize]);
        }
        next.push(runs.positions_um.len());
        runs.positions_um.resize(start + 1 + size, positions[first]);
        runs.radii_um.resize(start + 1 + size, radii[first]);
        runs.runs.push(Run { kind: kinds[first], parent, points: start..start + 1 + size });
    }
    for sample in 1..morphology.len() {
        let place = &mut next[section_of[sample] as usize];
        runs.positions_um[*place] = positions[sample];
        runs.radii_um[*place] = radii[sample];
        *place += 1;
    }
    Ok(runs)
}
