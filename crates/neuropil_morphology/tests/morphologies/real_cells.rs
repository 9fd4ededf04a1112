//! Cells that others have counted.
//!
//! Source: `neuron_facts.csv`: what NEURON 9.0.2 makes of the files with its Import3d; see `assets/morphologies/SOURCE.md` for the one that comes with
//! the project.

use super::{close, measured, of_kind};
use neuropil_morphology::{Kind, Measures, Morphology, ReadOptions, Rules, Sections, read_morphology};
use std::path::{Path, PathBuf};

/// Sections, length and area of soma, axon, basal and apical dendrite.
struct Counted {
    file: &'static str,
    sections: [usize; 4],
    lengths_um: [f64; 4],
    areas_um2: [f64; 4],
}

const fn counted(file: &'static str, sections: [usize; 4], lengths_um: [f64; 4], areas_um2: [f64; 4]) -> Counted {
    Counted { file, sections, lengths_um, areas_um2 }
}

const CELLS: [Counted; 9] = [
    counted("ca1_pyramidal_rat_c91662.swc", [1, 1, 58, 134], [17.74, 557.46, 4804.72, 9966.19], [988.17, 525.40, 5155.73, 12836.24]),
    // NEURON has one basal section more: a sample follows its parent elsewhere in the file, which ends the parent's section there.
    counted("ca1_pyramidal_rat_n120.swc", [2, 0, 100, 53], [20.80, 0.0, 7459.61, 4429.69], [933.97, 0.0, 19730.05, 11829.45]),
    counted(
        "hippocampal_pyramidal_rat_nmo49821.swc",
        [1, 3, 83, 133],
        [8.93, 214.93, 3745.02, 5990.74],
        [250.74, 504.08, 7441.20, 11526.13],
    ),
    counted(
        "human_cortex_H16.06.012.11.08.04.swc",
        [1, 138, 66, 84],
        [18.67, 16610.54, 6499.81, 7697.48],
        [1095.37, 12345.87, 11267.65, 16891.79],
    ),
    counted("interneuron_pvalb_mouse_469628681.swc", [1, 1, 40, 0], [10.39, 6.48, 1498.49, 0.0], [339.43, 15.36, 2287.77, 0.0]),
    counted("interneuron_sst_mouse_491119181.swc", [1, 1, 33, 0], [12.09, 41.02, 1543.94, 0.0], [459.50, 68.60, 2198.86, 0.0]),
    counted("l4_spiny_mouse_scnn1a_473845048.swc", [1, 3, 80, 39], [10.89, 125.69, 3104.46, 1484.85], [372.27, 187.57, 4361.98, 2193.03]),
    counted("l5_pyramidal_rat_hay2011_cell1.swc", [1, 1, 84, 109], [18.98, 44.61, 5133.49, 7440.91], [1131.39, 176.18, 8981.00, 21192.69]),
    counted("purkinje_guinea_pig_rapp1994.swc", [1, 0, 945, 0], [29.80, 0.0, 12029.67, 0.0], [2789.86, 0.0, 71179.27, 0.0]),
];

fn hold(cell: &Counted, measures: &Measures) {
    for (place, kind) in [Kind::SOMA, Kind::AXON, Kind::BASAL, Kind::APICAL].into_iter().enumerate() {
        let (sections, length, area) = of_kind(measures, kind);
        assert_eq!(sections, cell.sections[place], "sections of {} of {}", kind.name(), cell.file);
        close(length, cell.lengths_um[place], 0.011);
        // NEURON keeps points in single precision and sums areas segment by segment.
        close(area, cell.areas_um2[place], 0.011 + 2e-4 * cell.areas_um2[place]);
    }
}

fn asset() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/morphologies/l4_mouse_nr5a1_471087815.swc")
}

fn read(path: &Path) -> Morphology {
    let imported = read_morphology(path, &ReadOptions { strict: true, ..Default::default() }).unwrap();
    assert_eq!(imported.remarks, [], "{}", path.display());
    imported.morphology
}

/// Claim: the cell that comes with the project has the sections, lengths and areas that NEURON gives it.
/// Source: NEURON 9.0.2, Import3d, run on the file.
/// Tolerance: the last printed digit, and what single precision makes of areas.
#[test]
fn the_cell_that_comes_with_the_project_is_as_neuron_has_it() {
    let (sections, measures) = measured(&read(&asset()));
    let areas = [521.2708, 44.6251, 1960.3144, 1199.3641];
    hold(&counted("l4_mouse_nr5a1_471087815.swc", [1, 1, 27, 9], [12.8812, 24.9209, 1171.3754, 693.3012], areas), &measures);
    assert_eq!(sections.list()[0].kind, Kind::SOMA);
}

/// Claim: so do nine other reconstructions, from five laboratories and with somata of one, three and twelve samples.
/// Source: `neuron_facts.csv`; the folder is named by `NEUROPIL_MORPHOLOGIES`, for the cells may not be passed on.
/// Tolerance: as above.
#[test]
#[ignore = "needs the folder of reconstructions in NEUROPIL_MORPHOLOGIES"]
fn nine_reconstructions_are_as_neuron_has_them() {
    let folder = PathBuf::from(std::env::var_os("NEUROPIL_MORPHOLOGIES").expect("NEUROPIL_MORPHOLOGIES names the folder"));
    for cell in &CELLS {
        hold(cell, &measured(&read(&folder.join(cell.file))).1);
    }
}

/// Claim: however a section is cut, its compartments have its area, length and resistance, and their distances rise along it.
/// Source: they are integrals over its parts.
/// Tolerance: rounding of some thousand sums in double precision.
#[test]
fn compartments_have_the_area_and_resistance_of_their_section() {
    let sections = Sections::of(&read(&asset()), Rules::Neuron).unwrap();
    for (at, section) in sections.list().iter().enumerate() {
        let points = sections.points(at);
        for count in [1, 2, 3, 10, 101] {
            let cut = sections.compartments(at, count);
            assert_eq!(cut.len(), count);
            let sum = |of: fn(&neuropil_morphology::Compartment) -> f64| cut.iter().map(of).sum::<f64>();
            close(sum(|c| c.area_um2), points.area_um2(), 1e-9 * points.area_um2());
            close(sum(|c| c.axial_integrals_per_um[0] + c.axial_integrals_per_um[1]), points.axial_integral_per_um(), 1e-9);
            if !section.kind.is_soma() {
                assert!(cut.windows(2).all(|pair| pair[1].distance_um > pair[0].distance_um));
                close(
                    f64::midpoint(cut[0].distance_um, cut[count - 1].distance_um),
                    f64::midpoint(section.start_distance_um, section.end_distance_um),
                    1e-9,
                );
            }
        }
    }
}

/// Claim: Arbor's rules give dendrites that leave the soma the soma's radius, and refuse a soma of one sample.
/// Source: Arbor's documentation of SWC.
#[test]
fn arbor_refuses_a_soma_of_one_sample() {
    let error = Sections::of(&read(&asset()), Rules::Arbor).unwrap_err().to_string();
    assert!(error.contains("a soma of one sample is not read there"), "{error}");
}
