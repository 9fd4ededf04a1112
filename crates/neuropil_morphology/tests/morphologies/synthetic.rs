//! Cells that are made.

use super::{close, measured, of_kind};
use neuropil_morphology::synthetic::{Growth, L5_PYRAMIDAL_SEED, ball, ball_and_stick, l5_pyramidal, l5_pyramidal_comment, rall_tree};
use neuropil_morphology::{Kind, ReadOptions, Rules, Sections, swc};
use std::f64::consts::PI;

/// Claim: Rall's tree of Rallpack 2 has 1,023 branches whose membrane is that of a cylinder 16 µm thick and 320 µm long.
/// Source: Rall 1962; Bhalla, Bilitch and Bower 1992.
/// Tolerance: rounding.
#[test]
fn rall_s_tree_is_a_cylinder() {
    let (sections, measures) = measured(&rall_tree(10, 32.0, 16.0).unwrap());
    assert_eq!(sections.list().len(), 1023);
    close(measures.neurites.area_um2, PI * 16.0 * 320.0, 1e-8);
    assert_eq!(measures.neurites.tips, 512);
    let leaf = sections.points(1022);
    close(leaf.length_um(), 4.0, 1e-9);
    close(2.0 * leaf.radii_um[0], 0.25, 1e-12);
}

/// Claim: with one compartment a branch, its steady potential under 0.1 nA into the root is that of the cylinder.
/// Source: Rallpack 2: 40,000 Ω·cm², 100 Ω·cm, rest -65 mV; steady state of the cable equation, -40.079 mV at the root's and -40.159 mV at the leaves' ends.
/// Tolerance: 0.02 mV: the potentials are those in the middle of branches of 0.008 space constants.
#[test]
fn rall_s_tree_has_the_potential_of_a_cylinder() {
    let sections = Sections::of(&rall_tree(10, 32.0, 16.0).unwrap(), Rules::Neuron).unwrap();
    let compartments: Vec<_> = (0..sections.list().len()).map(|at| sections.compartments(at, 1)[0]).collect();
    // A node in each middle and one without membrane at each end; parents come first.
    let nodes = 2 * compartments.len();
    let (mut diagonal, mut right, mut up) = (vec![0.0; nodes], vec![0.0; nodes], vec![(0usize, 0.0); nodes]);
    for (at, (section, compartment)) in sections.list().iter().zip(&compartments).enumerate() {
        let resistances = compartment.axial_resistances_mohm(100.0);
        diagonal[2 * at] += 1e-2 * compartment.area_um2 / 40_000.0;
        if let Some(parent) = section.parent {
            up[2 * at] = (2 * parent.section as usize + 1, 1.0 / resistances[0]);
        }
        up[2 * at + 1] = (2 * at, 1.0 / resistances[1]);
    }
    for (node, &(parent, conductance)) in up.iter().enumerate().skip(1) {
        diagonal[node] += conductance;
        diagonal[parent] += conductance;
    }
    right[0] = 0.1;
    for node in (1..nodes).rev() {
        let (parent, conductance) = up[node];
        let factor = conductance / diagonal[node];
        diagonal[parent] -= factor * conductance;
        right[parent] += factor * right[node];
    }
    let mut potential = vec![right[0] / diagonal[0]; nodes];
    for node in 1..nodes {
        let (parent, conductance) = up[node];
        potential[node] = (right[node] + conductance * potential[parent]) / diagonal[node];
    }
    close(potential[0] - 65.0, -40.079, 0.02);
    close(potential[nodes - 1] - 65.0, -40.159, 0.02);
}

/// Claim: balls and sticks have their closed forms, and what cannot be is refused.
/// Tolerance: rounding.
#[test]
fn balls_and_sticks() {
    close(measured(&ball(7.0).unwrap()).1.soma_area_um2.unwrap(), 4.0 * PI * 49.0, 1e-9);
    let (sections, measures) = measured(&ball_and_stick(7.0, 300.0, 1.5).unwrap());
    close(measures.neurites.area_um2, PI * 1.5 * 300.0, 1e-9);
    assert_eq!(sections.list()[1].parent.unwrap().at, 0.5);
    for error in [
        ball(0.0),
        ball(f64::NAN),
        ball(1e30),
        ball_and_stick(1.0, -1.0, 1.0),
        rall_tree(0, 1.0, 1.0),
        rall_tree(21, 1.0, 1.0),
        rall_tree(20, 1.0, 1e-3),
    ] {
        assert!(error.is_err());
    }
}

/// Claim: a grown cell has the stems, sections and total length that were asked for, for every seed, and its diameters obey the taper and Rall's rule at forks.
/// Tolerance: rounding.
#[test]
fn a_grown_cell_is_as_asked_for() {
    let growth = Growth { stems: 4, sections: 64, length_um: 4000.0, stem_diameter_um: 20.0, least_diameter_um: 1e-3, ..Growth::default() };
    for seed in 0..20 {
        let cell = growth.grow(seed).unwrap();
        let (sections, measures) = measured(&cell);
        assert_eq!((measures.neurites.sections, measures.neurites.stems, measures.neurites.tips), (64, 4, 34));
        close(measures.neurites.length_um, 4000.0, 1e-6);
        for (at, section) in sections.list().iter().enumerate().skip(1) {
            let points = sections.points(at);
            let (first, last) = (points.radii_um[0], points.radii_um[points.radii_um.len() - 1]);
            close(last / first, 0.8, 1e-9);
            let parent = section.parent.unwrap();
            if parent.section > 0 {
                let thick = *sections.points(parent.section as usize).radii_um.last().unwrap();
                close(2.0 * first.powf(1.5), thick.powf(1.5), 1e-9);
            }
        }
    }
    assert_ne!(growth.grow(1).unwrap(), growth.grow(2).unwrap());
    assert_eq!(growth.grow(1).unwrap(), growth.grow(1).unwrap());
}

/// Claim: the selection by order makes bushy trees or chains: with S = 2 the highest order is lower than with S = -1, for trees of the same size.
/// Source: van Pelt, Dityatev and Uylings 1997; 31 forks on one stem have at least six orders, at most 32.
/// Tolerance: none; means over twenty seeds.
#[test]
fn the_selection_by_order_shapes_the_tree() {
    let highest = |order_selection: f64| {
        let growth = Growth { stems: 1, sections: 63, order_selection, ..Growth::default() };
        (0..20).map(|seed| measured(&growth.grow(seed).unwrap()).1.neurites.highest_order).sum::<u32>() / 20
    };
    let (bushy, plain, chains) = (highest(2.0), highest(0.0), highest(-1.0));
    assert!(bushy >= 6 && bushy < plain && plain < chains && chains <= 32, "{bushy} {plain} {chains}");
}

/// Claim: numbers that do not go together are refused.
#[test]
fn growth_refuses_what_cannot_be() {
    let refused = [
        Growth { stems: 0, ..Growth::default() },
        Growth { stems: 5, sections: 40, ..Growth::default() },
        Growth { sections: 4_000_000_000, ..Growth::default() },
        Growth { taper: 1.0, ..Growth::default() },
        Growth { length_um: f64::NAN, ..Growth::default() },
        Growth { step_um: 1e-9, ..Growth::default() },
        Growth { order_selection: f64::NAN, ..Growth::default() },
        Growth { stem_diameter_um: 1e20, ..Growth::default() },
    ];
    for growth in refused {
        assert!(growth.grow(1).is_err(), "{growth:?}");
    }
    let tiny = Growth { length_um: 1e-6, ..Growth::default() };
    assert!(tiny.grow(1).is_ok());
    assert_eq!(Growth { kind: Kind::APICAL, stems: 1, sections: 1, ..Growth::default() }.grow(3).unwrap().kinds()[1], Kind::APICAL);
}

/// Claim: the pyramidal cell has the sections, lengths, membrane and reach of the cell of Hay et al., and its stems and tips, with the seed that ships and with others.
/// Source: NEURON 9.0.2, Import3d, of the reconstruction of ModelDB 139653, cell 1: soma 23.169 µm, 1131.39 µm²; 84 basal sections, 46 tips, 5133.49 µm, 8862.96 µm²; 109 apical
/// sections, 55 tips, 7440.91 µm, 21,009.33 µm², longest way 1300.53 µm; axon of the model 188.50 µm².
/// Tolerance: 0.01 µm, and 0.1 µm² of membrane, which is found by halving; sections and tips are exact.
#[test]
fn the_pyramidal_cell_has_the_measures_of_hay_s() {
    let mut grown = 0;
    for seed in 0..20 {
        // Some tufts come out too long, and say so.
        let Ok(cell) = l5_pyramidal(seed) else { continue };
        grown += 1;
        let (sections, measures) = measured(&cell);
        close(sections.points(0).length_um(), 23.169, 1e-6);
        close(measures.soma_area_um2.unwrap(), 1131.39, 0.1);
        let expected = [(Kind::AXON, 1, 60.0, 188.50), (Kind::BASAL, 84, 5133.49, 8862.96), (Kind::APICAL, 109, 7440.91, 21_009.33)];
        for (kind, number, length, area) in expected {
            let (found, length_found, area_found) = of_kind(&measures, kind);
            assert_eq!(found, number, "{kind:?}, seed {seed}");
            close(length_found, length, 0.01);
            close(area_found, area, 0.1);
        }
        assert_eq!((measures.neurites.stems, measures.neurites.tips), (8 + 1 + 1, 46 + 55 + 1));
        let apical = sections.list().iter().filter(|section| section.kind == Kind::APICAL);
        close(apical.map(|section| section.end_distance_um).fold(0.0, f64::max), 1300.53, 0.01);
    }
    assert!(grown >= 18, "{grown} of 20 seeds made a cell");
    assert_ne!(l5_pyramidal(1).unwrap(), l5_pyramidal(3).unwrap());
}

/// Claim: the file that ships is what the generator makes, and reading it back gives the same cell, without a remark.
/// Source: definition. Tolerance: none for the text; 0.1 % of lengths and areas for the cell, whose numbers the file rounds to 0.001 µm.
#[test]
fn the_pyramidal_cell_that_ships_is_the_one_that_is_made() {
    let shipped = include_str!("../../../../assets/morphologies/l5_pyramidal.swc");
    let cell = l5_pyramidal(L5_PYRAMIDAL_SEED).unwrap();
    assert!(swc::text(&cell, &l5_pyramidal_comment(L5_PYRAMIDAL_SEED)) == shipped, "the generator was changed; write the file anew");
    let read = swc::parse("l5_pyramidal.swc", shipped.as_bytes(), &ReadOptions { strict: true, ..ReadOptions::default() }).unwrap();
    assert!(read.remarks.is_empty(), "{:?}", read.remarks);
    let (made, read) = (measured(&cell).1, measured(&read.morphology).1);
    close(read.neurites.length_um, made.neurites.length_um, 1e-3 * made.neurites.length_um);
    close(read.neurites.area_um2, made.neurites.area_um2, 1e-3 * made.neurites.area_um2);
    assert_eq!(read.neurites.sections, made.neurites.sections);
}
