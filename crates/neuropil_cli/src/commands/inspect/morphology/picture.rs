//! The picture of a cell.

use super::Cell;
use crate::table::{figure, grouped, plural};
use neuropil_morphology::{Kind, Morphology, Sections};
use neuropil_record::{Branch, BranchClass, Figure, PlotOptions, RecordError, Theme, Tree};

/// Colours of kinds, by their place among those of series: the soma is dark on white and light on dark.
const SOMA: usize = 6;
const AXON: usize = 2;
const BASAL: usize = 0;
const APICAL: usize = 1;
/// Kinds without a name share these.
const CUSTOM: [usize; 4] = [3, 4, 5, 7];

/// Draws a cell.
pub(super) fn picture(cell: &Cell, morphology: &Morphology, sections: &Sections, name: &str, theme: Theme) -> Result<Figure, RecordError> {
    // Dendrites over the axon, the soma over all.
    let kinds: Vec<Kind> = cell.measures.kinds.iter().map(|of| Kind(of.kind)).collect();
    let rank = |kind: &Kind| match *kind {
        Kind::AXON => 0,
        Kind::BASAL => 2,
        Kind::APICAL => 3,
        Kind::SOMA => 4,
        _ => 1,
    };
    let mut drawn = kinds.clone();
    drawn.sort_by_key(rank);
    let mut custom = CUSTOM.iter().cycle();
    let classes = drawn.iter().map(|kind| BranchClass {
        name: kind.name(),
        colour: match *kind {
            Kind::SOMA => SOMA,
            Kind::AXON => AXON,
            Kind::BASAL => BASAL,
            Kind::APICAL => APICAL,
            _ => custom.next().copied().unwrap_or(CUSTOM[0]),
        },
    });
    let classes = classes.collect();
    let class_of = |kind: Kind| drawn.iter().position(|other| *other == kind).unwrap_or(0);
    let mut branches = Vec::with_capacity(sections.list().len());
    for (at, section) in sections.list().iter().enumerate() {
        let points = sections.points(at);
        let solid = section.kind.is_soma();
        let class = class_of(section.kind);
        branches.push(match solid && morphology.ball_soma().is_some() {
            true => Branch { class, positions: vec![morphology.positions_um()[0]], radii: vec![morphology.radii_um()[0]], solid },
            false => Branch { class, positions: points.positions_um.to_vec(), radii: points.radii_um.to_vec(), solid },
        });
    }
    let neurites = &cell.measures.neurites;
    let caption = format!(
        "{} sections, {} tips, {} µm of neurites, {} µm²; longest way from the soma {} µm, highest branch order {}",
        grouped(neurites.sections as u64),
        grouped(neurites.tips as u64),
        figure(neurites.length_um),
        figure(neurites.area_um2),
        figure(neurites.longest_path_um),
        neurites.highest_order,
    );
    let caption = match neurites.sections {
        0 => format!("{} sample{}, no neurites", grouped(cell.measures.samples as u64), plural(cell.measures.samples as u64)),
        _ => caption,
    };
    let tree = Tree { branches, classes, unit: "µm".to_string(), caption, y_down: apical_points_down(morphology) };
    Figure::tree(&tree, &PlotOptions { title: name.to_string(), theme, ..Default::default() })
}

/// Whether most of the apical dendrite has a lower y than the soma: files from images count y downwards, and the apical dendrite is to point up.
fn apical_points_down(morphology: &Morphology) -> bool {
    let root = morphology.positions_um()[0][1];
    let apical = morphology.kinds().iter().zip(morphology.positions_um()).filter(|(kind, _)| **kind == Kind::APICAL);
    apical.map(|(_, position)| position[1] - root).sum::<f64>() < 0.0
}
