//! Sections, compartments and measures of cells whose numbers follow from their geometry.

use super::{close, measured};
use neuropil_morphology::sections::{Frustum, d_lambda_compartments, electrotonic_length, space_constant_um};
use neuropil_morphology::{Kind, Morphology, ReadOptions, Rules, Samples, Sections, measures, swc, synthetic};
use std::f64::consts::PI;

/// A cell of (kind, x, y, radius, parent).
fn cell(rows: &[(i32, f64, f64, f64, Option<u32>)]) -> Morphology {
    let mut samples = Samples::default();
    for &(kind, x, y, radius, parent) in rows {
        samples.push(Kind(kind), [x, y, 0.0], radius, parent);
    }
    Morphology::new(samples).unwrap()
}

/// Claim: a frustum has the lateral area, volume and resistance of a truncated cone.
/// Source: closed forms; the resistance of one of diameters 2 and 1 µm, 10 µm long, 100 Ω·cm, is 4·10⁻²·100·10/(π·2·1) MΩ.
/// Tolerance: rounding.
#[test]
fn frusta_have_the_closed_forms() {
    let frustum = Frustum { length_um: 10.0, radii_um: [1.0, 0.5] };
    close(frustum.area_um2(), PI * 1.5 * 10f64.hypot(0.5), 1e-12);
    close(frustum.volume_um3(), PI * 10.0 * (4.0 + 2.0 + 1.0) / 12.0, 1e-12);
    close(1e-2 * 100.0 * frustum.axial_integral_per_um(), 40.0 / (2.0 * PI), 1e-12);
    // Against a sum over a thousand thin cylinders.
    let thin: f64 = (0..1000).map(|k| 0.01 / (PI * (1.0 - 0.5 * (f64::from(k) + 0.5) / 1000.0).powi(2))).sum();
    close(frustum.axial_integral_per_um(), thin, 1e-6);
}

/// Claim: a dendrite hangs on a soma of several samples at its start, middle or end, by a wire in the middle, and has its own diameter where it begins.
/// Source: NEURON 9.0.2's Import3d on the same samples: parts (0, 0.5, 1), lengths 8, 7.5 and 5 µm.
/// Tolerance: none.
#[test]
fn dendrites_hang_on_a_row_of_soma_samples() {
    let cell = cell(&[
        (1, 0.0, -6.0, 2.0, None),
        (1, 0.0, -2.0, 5.0, Some(0)),
        (1, 0.0, 2.0, 5.0, Some(1)),
        (1, 0.0, 6.0, 2.0, Some(2)),
        // At the start: 3 µm to its first sample, and 5 more.
        (3, 0.0, -9.0, 1.0, Some(0)),
        (3, 0.0, -14.0, 1.0, Some(4)),
        // At the middle.
        (3, 5.0, -2.0, 1.0, Some(1)),
        (3, 12.5, -2.0, 1.0, Some(6)),
        // At the end.
        (2, 0.0, 8.0, 0.5, Some(3)),
        (2, 0.0, 11.0, 0.5, Some(8)),
    ]);
    let sections = Sections::of(&cell, Rules::Neuron).unwrap();
    let hang: Vec<_> = sections.list().iter().skip(1).map(|section| section.parent.unwrap()).collect();
    assert_eq!(hang.iter().map(|parent| (parent.at, parent.wire)).collect::<Vec<_>>(), [(0.0, false), (0.5, true), (1.0, false)]);
    let lengths: Vec<f64> = (1..4).map(|at| sections.points(at).length_um()).collect();
    assert_eq!(lengths, [8.0, 7.5, 5.0]);
    assert_eq!(sections.points(1).radii_um, [1.0, 1.0, 1.0], "its own diameter, not the soma's");
    let starts: Vec<f64> = sections.list().iter().map(|section| section.start_distance_um).collect();
    assert_eq!(starts, [6.0, 6.0, 0.0, 6.0]);
}

/// Claim: where the soma itself forks, dendrites hang by wires, and the soma has a section for each branch.
/// Source: NEURON 9.0.2's Import3d on the same samples.
#[test]
fn a_soma_that_forks_has_several_sections() {
    let cell = cell(&[
        (1, 0.0, 0.0, 5.0, None),
        (1, 0.0, -4.0, 3.0, Some(0)),
        (1, 0.0, 6.0, 4.0, Some(0)),
        (3, 7.0, 0.0, 1.0, Some(0)),
        (3, 17.0, 0.0, 1.0, Some(3)),
        (3, 0.0, 9.0, 1.0, Some(2)),
        (3, 0.0, 19.0, 1.0, Some(5)),
    ]);
    let sections = Sections::of(&cell, Rules::Neuron).unwrap();
    let kinds: Vec<i32> = sections.list().iter().map(|section| section.kind.0).collect();
    assert_eq!(kinds, [1, 1, 3, 3]);
    let lengths: Vec<f64> = (0..4).map(|at| sections.points(at).length_um()).collect();
    assert_eq!(lengths, [4.0, 6.0, 10.0, 13.0]);
    assert_eq!(sections.list()[2].parent.unwrap().at, 0.0);
    assert!(sections.list()[2].parent.unwrap().wire);
}

/// Claim: a step of the diameter at a fork has no membrane; the branch begins with its repeated sample.
#[test]
fn a_repeated_fork_is_the_branch_s_own_beginning() {
    let cell = cell(&[
        (3, 0.0, 0.0, 2.0, None),
        (3, 0.0, 10.0, 2.0, Some(0)),
        (3, 0.0, 10.0, 1.0, Some(1)),
        (3, 5.0, 10.0, 1.0, Some(2)),
        (3, -5.0, 10.0, 1.0, Some(1)),
    ]);
    let sections = Sections::of(&cell, Rules::Neuron).unwrap();
    close(sections.points(1).area_um2(), 2.0 * PI * 5.0, 1e-12);
    close(sections.points(2).area_um2(), PI * 3.0 * 5f64.hypot(1.0), 1e-12);
}

/// Claim: sections without length are left out, and what hangs on them hangs where they hung.
#[test]
fn sections_without_length_are_left_out() {
    let cell = cell(&[
        (3, 0.0, 0.0, 1.0, None),
        (3, 0.0, 10.0, 1.0, Some(0)),
        (2, 0.0, 10.0, 1.0, Some(1)),
        (3, 0.0, 20.0, 1.0, Some(2)),
        (4, 0.0, 30.0, 1.0, Some(2)),
    ]);
    let sections = Sections::of(&cell, Rules::Neuron).unwrap();
    assert_eq!(sections.list().len(), 3);
    assert!(sections.list().iter().skip(1).all(|section| section.parent.unwrap().section == 0 && section.parent.unwrap().at == 1.0));
    for place in [[0.0; 3], [1e9, 0.0, 0.0]] {
        let mut samples = Samples::default();
        samples.push(Kind::BASAL, place, 1e-4, None);
        samples.push(Kind::BASAL, place, 1e-4, Some(0));
        let sections = Sections::of(&Morphology::new(samples).unwrap(), Rules::Neuron).unwrap();
        assert!(sections.points(0).length_um() > 0.0);
    }
}

/// Claim: by Arbor's rules dendrites begin at the soma's sample with its radius.
/// Source: Arbor's documentation: a segment from every sample's parent to it.
#[test]
fn arbor_begins_dendrites_with_the_soma_s_radius() {
    let cell = cell(&[
        (1, 0.0, 0.0, 5.0, None),
        (1, 0.0, 5.0, 5.0, Some(0)),
        (3, 0.0, 10.0, 1.0, Some(1)),
        (3, 0.0, 20.0, 1.0, Some(2)),
        (2, 5.0, 0.0, 1.0, Some(0)),
    ]);
    let sections = Sections::of(&cell, Rules::Arbor).unwrap();
    assert_eq!(sections.list().len(), 3);
    assert_eq!(sections.points(1).radii_um, [5.0, 1.0, 1.0]);
    assert_eq!(sections.points(2).radii_um, [5.0, 1.0]);
    assert_eq!(sections.list()[2].parent.unwrap().at, 0.0, "all that leave the root meet there");
}

/// Claim: space constants, electrotonic lengths and the d-lambda rule have their closed forms.
/// Source: Rallpack 1: 1 µm, 40,000 Ω·cm², 100 Ω·cm: λ is 1 mm; NEURON's λ at 100 Hz of 1 µm, 100 Ω·cm, 1 µF/cm² is 282.09 µm, so that 282.09 µm have 11 compartments.
/// Tolerance: rounding.
#[test]
fn electrotonic_lengths_have_the_closed_forms() {
    close(space_constant_um(1.0, 40_000.0, 100.0), 1000.0, 1e-9);
    let cable = cell(&[(3, 0.0, 0.0, 0.5, None), (3, 0.0, 282.0, 0.5, Some(0))]);
    let sections = Sections::of(&cable, Rules::Neuron).unwrap();
    close(electrotonic_length(&sections.points(0), 40_000.0, 100.0), 0.282, 1e-12);
    // 282/28.209 + 0.9 is 10.9: five pairs and one.
    assert_eq!(d_lambda_compartments(&sections.points(0), 100.0, 1.0, 100.0, 0.1), 11);
    assert_eq!(d_lambda_compartments(&sections.points(0), 100.0, 1.0, 100.0, 1e-30), 32_767);
    assert_eq!(d_lambda_compartments(&sections.points(0), f64::NAN, 1.0, 100.0, 0.1), 1);
}

/// Claim: compartments of a taper have the integrals of their pieces, their middles the right place.
/// Source: closed forms of a cone cut in three.
/// Tolerance: rounding.
#[test]
fn compartments_of_a_taper() {
    let sections = Sections::of(&cell(&[(3, 0.0, 0.0, 2.0, None), (3, 0.0, 30.0, 0.5, Some(0))]), Rules::Neuron).unwrap();
    let cut = sections.compartments(0, 3);
    let radius = |y: f64| 2.0 - 1.5 * y / 30.0;
    for (number, compartment) in cut.iter().enumerate() {
        let (from, to) = (10.0 * number as f64, 10.0 * (number + 1) as f64);
        close(compartment.area_um2, PI * (radius(from) + radius(to)) * 10f64.hypot(0.5), 1e-10);
        close(compartment.mean_diameter_um, radius(from) + radius(to), 1e-12);
        close(compartment.axial_integrals_per_um[0], 5.0 / (PI * radius(from) * radius(from + 5.0)), 1e-12);
        close(compartment.axial_integrals_per_um[1], 5.0 / (PI * radius(from + 5.0) * radius(to)), 1e-12);
        close(compartment.position_um[1], from + 5.0, 1e-9);
        close(compartment.distance_um, from + 5.0, 1e-9);
    }
}

/// Claim: Sholl's profile counts each crossing once, also where a neurite comes nearer again.
/// Source: a straight dendrite crosses every sphere once; a chord whose nearest point is 30 µm away crosses those beyond that twice.
#[test]
fn sholl_counts_crossings() {
    let straight = synthetic::ball_and_stick(5.0, 100.0, 1.0).unwrap();
    let profile = measures::sholl(&straight, &Sections::of(&straight, Rules::Neuron).unwrap(), Some(10.0));
    assert_eq!(profile.crossings, [1; 10]);
    // (40, 0) → (-40, 0) seen from the root at (0, -30) after a way there.
    let chord = cell(&[(3, 0.0, -30.0, 1.0, None), (3, 40.0, 0.0, 1.0, Some(0)), (3, -40.0, 0.0, 1.0, Some(1))]);
    let profile = measures::sholl(&chord, &Sections::of(&chord, Rules::Neuron).unwrap(), Some(12.0));
    assert_eq!(profile.crossings, [1, 1, 3, 3]);
}

/// Claim: orders, tips, stems and longest ways of a small tree.
#[test]
fn orders_tips_and_ways() {
    let cell = cell(&[
        (1, 0.0, 0.0, 5.0, None),
        (3, 0.0, 5.0, 1.0, Some(0)),
        (3, 0.0, 25.0, 1.0, Some(1)),
        (3, -30.0, 65.0, 1.0, Some(2)),
        (3, 30.0, 65.0, 1.0, Some(2)),
        (2, 0.0, -5.0, 0.5, Some(0)),
        (2, 0.0, -45.0, 0.5, Some(5)),
    ]);
    let (sections, measures) = measured(&cell);
    assert_eq!(sections.list().iter().map(|section| section.order).collect::<Vec<_>>(), [0, 1, 2, 2, 1]);
    assert_eq!((measures.neurites.tips, measures.neurites.stems, measures.neurites.highest_order), (3, 2, 2));
    close(measures.neurites.longest_path_um, 70.0, 1e-9);
    assert_eq!(measures.orders.iter().map(|of| of.sections).collect::<Vec<_>>(), [2, 2]);
}

/// Claim: a new axon takes the place of the old one and of what hangs on it, at the middle of the soma; the dendrites stay as they were.
/// Source: a cylinder's area, πdℓ. Tolerance: rounding.
#[test]
fn an_axon_is_replaced() {
    let file = b"1 1 0 0 0 8 -1\n2 2 0 -8 0 1 1\n3 2 0 -40 0 1 2\n4 3 10 -60 0 1 3\n5 2 0 -90 0 1 3\n6 3 0 8 0 1 1\n7 3 0 100 0 1 6\n8 3 40 150 0 1 7\n9 3 -40 150 0 1 7\n";
    let cell = swc::parse("cell.swc", file, &ReadOptions::default()).unwrap().morphology;
    let before = Sections::of(&cell, Rules::Neuron).unwrap();
    assert_eq!(before.list().len(), 7);
    let after = before.clone().with_axon(2, 30.0, 1.0).unwrap();
    let kinds: Vec<Kind> = after.list().iter().map(|section| section.kind).collect();
    assert_eq!(kinds, [Kind::SOMA, Kind::BASAL, Kind::BASAL, Kind::BASAL, Kind::AXON, Kind::AXON]);
    let parent = |section: usize| after.list()[section].parent.unwrap();
    assert_eq!((parent(2).section, parent(3).section, parent(4).section, parent(4).at), (1, 1, 0, 0.5));
    assert_eq!((parent(5).section, parent(5).at, after.list()[5].start_distance_um), (4, 1.0, 30.0));
    close(after.points(4).area_um2() + after.points(5).area_um2(), std::f64::consts::PI * 60.0, 1e-9);
    for (old, new) in [(4, 1), (5, 2), (6, 3)] {
        assert_eq!(before.points(old).positions_um, after.points(new).positions_um);
        assert_eq!(before.list()[old].end_distance_um, after.list()[new].end_distance_um);
    }
    for refused in [before.clone().with_axon(0, 30.0, 1.0), before.clone().with_axon(1, -1.0, 1.0), before.with_axon(1, 30.0, f64::NAN)] {
        assert!(refused.is_err());
    }
    let no_soma = Sections::of(&neuropil_morphology::synthetic::rall_tree(2, 10.0, 1.0).unwrap(), Rules::Neuron).unwrap();
    assert!(no_soma.with_axon(1, 30.0, 1.0).unwrap_err().to_string().contains("no soma"));
}
