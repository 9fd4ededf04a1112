//! Cells with dendrites as pictures show them: a piece in space for each compartment.

use std::sync::Arc;

use neuropil_morphology::{Kind, PathPoint, Sections};
use neuropil_record::Branch;

use crate::cells::Part;

/// What the compartments of a shape were made from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// Sections, each cut into so many compartments.
    Traced { sections: Arc<Sections>, counts: Vec<usize> },
    /// Compartments that are listed, without a place in space.
    Listed(Vec<Part>),
}

/// A shape in space.
pub(crate) struct Drawing {
    /// A piece for each compartment, µm.
    pub pieces: Vec<Branch>,
    /// Whether y points down in a picture in which the apical dendrite points up: files from images count y downwards.
    pub y_down: bool,
    /// Whether the places are made up, and lengths and diameters alone mean something.
    pub is_schematic: bool,
}

impl Origin {
    /// The pieces of all compartments.
    pub fn drawing(&self) -> Drawing {
        match self {
            Self::Traced { sections, counts } => traced(sections, counts),
            Self::Listed(parts) => Drawing { pieces: schematic(parts), y_down: false, is_schematic: true },
        }
    }
}

fn traced(sections: &Sections, counts: &[usize]) -> Drawing {
    let mut pieces = Vec::new();
    let (mut root, mut apical) = (None, 0.0);
    for (number, section) in sections.list().iter().enumerate() {
        for path in sections.paths(number, counts.get(number).copied().unwrap_or(1)) {
            let start = path.first().map_or(0.0, |point| point.position_um[1]);
            let root = *root.get_or_insert(start);
            if section.kind == Kind::APICAL {
                apical += path.iter().map(|point| point.position_um[1] - root).sum::<f64>();
            }
            pieces.push(Branch {
                class: 0,
                positions: path.iter().map(|point| point.position_um).collect(),
                radii: path.iter().map(|point: &PathPoint| point.radius_um).collect(),
                solid: section.kind.is_soma(),
            });
        }
    }
    Drawing { pieces, y_down: apical < 0.0, is_schematic: false }
}

/// Parts as a diagram: each as long and thick as it is, from the end of the one that it hangs on upwards, and beside one another where several hang on one.
fn schematic(parts: &[Part]) -> Vec<Branch> {
    let parent = |number: usize| parts.get(number).and_then(|part| part.parent).map(|parent| parent as usize);
    // Tips above each part; parents stand before their children.
    let mut tips = vec![0usize; parts.len()];
    for number in (0..parts.len()).rev() {
        let own = tips[number].max(1);
        tips[number] = own;
        if let Some(parent) = parent(number).filter(|parent| *parent < number) {
            tips[parent] += own;
        }
    }
    let longest = parts.iter().map(|part| part.length_um).fold(0.0, f64::max);
    let thickest = parts.iter().map(|part| part.diameter_um).fold(0.0, f64::max);
    // Tips side by side, as far apart as fans them out and keeps them clear of one another.
    let apart = (2.0 * longest / tips.first().map_or(1.0, |tips| *tips as f64).max(2.0)).max(1.5 * thickest);
    let mut taken = vec![0usize; parts.len()];
    let mut first_tip = vec![0usize; parts.len()];
    let mut ends = vec![[0.0; 3]; parts.len()];
    let mut pieces = Vec::with_capacity(parts.len());
    for (number, part) in parts.iter().enumerate() {
        let start = match parent(number).filter(|parent| *parent < number) {
            Some(parent) => {
                first_tip[number] = first_tip[parent] + taken[parent];
                taken[parent] += tips[number];
                ends[parent]
            }
            None => [(tips[number] as f64 - 1.0) / 2.0 * apart, 0.0, 0.0],
        };
        let x = (first_tip[number] as f64 + (tips[number] as f64 - 1.0) / 2.0) * apart;
        // Its own length is kept: it leans as far as its tips lie aside, but never lies down.
        let aside = (x - start[0]).clamp(-0.9 * part.length_um, 0.9 * part.length_um);
        let up = (part.length_um * part.length_um - aside * aside).max(0.0).sqrt();
        let end = [start[0] + aside, start[1] + up, 0.0];
        ends[number] = end;
        let radius = part.diameter_um / 2.0;
        pieces.push(Branch { class: 0, positions: vec![start, end], radii: vec![radius; 2], solid: part.parent.is_none() });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(parent: Option<u32>, length_um: f64) -> Part {
        Part { name: String::new(), parent, length_um, diameter_um: 2.0, area_um2: None, coupling_ns: None }
    }

    /// Claim: parts keep their lengths, begin where the one they hang on ends, and two on one part from each other.
    /// Source: the definition of the diagram. Tolerance: rounding.
    #[test]
    fn parts_are_as_long_as_they_are_and_hang_together() {
        let parts = [part(None, 20.0), part(Some(0), 300.0), part(Some(1), 100.0), part(Some(1), 100.0), part(Some(0), 150.0)];
        let pieces = schematic(&parts);
        for (piece, part) in pieces.iter().zip(&parts) {
            let [start, end] = piece.positions[..] else { panic!("two ends") };
            assert!(((end[0] - start[0]).hypot(end[1] - start[1]) - part.length_um).abs() < 1e-9);
            assert!(part.parent.is_none_or(|parent| pieces[parent as usize].positions[1] == start));
        }
        assert!((pieces[2].positions[1][0] - pieces[3].positions[1][0]).abs() > 10.0);
    }
}
