//! Sixty-one odd and broken files, each a variant of one toy cell: what each becomes, and what is said about it, with lines.
//!
//! Source: the files were written for this project; what a reader should do with each follows from the format, and from what goes wrong in others.

use super::{close, measured, of_kind};
use neuropil_morphology::{Imported, Kind, MorphologyError, ReadOptions, swc};
use std::f64::consts::PI;
use std::path::Path;

fn read_with(file: &str, options: &ReadOptions) -> Result<Imported, MorphologyError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken").join(file);
    swc::parse("cell.swc", &std::fs::read(path).unwrap(), options)
}

fn read(file: &str) -> Result<Imported, MorphologyError> {
    read_with(file, &ReadOptions::default())
}

/// What reads without a word: samples, and length of all neurites, µm.
const READ: [(&str, usize, f64); 16] = [
    ("00_good.swc", 7, 20.0 + 2.0 * 21.213_203_435_596_427 + 40.0),
    ("02_one_point_soma.swc", 7, 20.0 + 2.0 * 21.213_203_435_596_427 + 40.0),
    ("04_three_point_soma.swc", 7, 20.0 + 40.0),
    ("06_soma_cylinders.swc", 6, 20.0),
    ("07_soma_not_first.swc", 5, 20.0 + 40.0),
    ("12_out_of_order.swc", 7, 20.0 + 2.0 * 21.213_203_435_596_427 + 40.0),
    ("13_gaps_in_ids.swc", 4, 40.0),
    ("14_ids_from_zero.swc", 3, 20.0),
    ("29_scientific_notation.swc", 3, 20.000_000_056_25),
    ("33_float_ids.swc", 3, 20.0),
    ("37_type_changes_on_branch.swc", 5, 20.0 + 20.0 + 40.0),
    ("38_crlf.swc", 7, 20.0 + 2.0 * 21.213_203_435_596_427 + 40.0),
    ("40_tabs.swc", 7, 20.0 + 2.0 * 21.213_203_435_596_427 + 40.0),
    ("41_comments_in_the_middle.swc", 7, 20.0 + 2.0 * 21.213_203_435_596_427 + 40.0),
    ("42_leading_and_trailing_space.swc", 3, 20.0),
    ("43_no_final_newline.swc", 7, 20.0 + 2.0 * 21.213_203_435_596_427 + 40.0),
];

/// Claim: what is allowed is read without a word, and with the right length.
/// Tolerance: rounding.
#[test]
fn what_is_allowed_is_read_without_a_word() {
    let more = [
        ("23_star_200_children.swc", 202, None),
        ("31_many_digits.swc", 3, None),
        ("44_utf8_bom.swc", 7, Some(READ[0].2)),
        ("45_bom_before_data.swc", 5, Some(READ[0].2 - 40.0)),
        ("47_latin1_comment.swc", 5, Some(READ[0].2 - 40.0)),
    ];
    for (file, samples, length) in READ.into_iter().map(|(file, samples, length)| (file, samples, Some(length))).chain(more) {
        for strict in [false, true] {
            let imported = read_with(file, &ReadOptions { strict, ..Default::default() }).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(imported.remarks, [], "{file}");
            assert_eq!(imported.morphology.len(), samples, "{file}");
            if let Some(length) = length {
                close(measured(&imported.morphology).1.neurites.length_um, length, 1e-9);
            }
        }
    }
}

/// What reads with remarks: all of them, and the length of all neurites, µm.
const REPAIRED: [(&str, &[&str], f64); 20] = [
    ("01_no_soma.swc", &["2: no soma; the root stands for the cell body"], 20.0 + 2.0 * 21.213_203_435_596_427),
    ("03_two_point_soma.swc", &["2: the soma has two samples; taken as a cylinder from one to the other"], 20.0),
    ("05_contour_soma.swc", &["2: the soma is an outline without radii; made discs along its longer axis, 277.1 µm² of membrane,"], 20.0),
    (
        "08_soma_under_dendrite.swc",
        &["4: the soma is not the root, which is on line 2; the tree was turned round to begin at the soma"],
        20.0 + 5.0,
    ),
    (
        "11_several_roots.swc",
        &[
            "3: a tree without a parent that begins 5.0 µm from the soma's centre; joined to the soma",
            "5: a tree without a parent that begins 5.0 µm from the soma's centre; joined to the soma",
        ],
        60.0,
    ),
    ("16_same_line_twice.swc", &["5: the same sample as on line 4; dropped"], 40.0),
    ("18_parent_zero.swc", &["2: the parent is 0, but there is no sample 0; taken as a root"], 20.0),
    ("22_zero_length_segment.swc", &["4: at the same place as its parent on line 3; made one with it"], 20.0),
    ("24_zero_radius.swc", &["3: the radius is 0; raised to 0.05 µm", "4: the radius is 0; raised to 0.05 µm"], 20.0),
    ("30_million_um.swc", &["2: the cell lies 1732058 µm from the origin of its coordinates"], 20.125),
    (
        "35_types_beyond_7.swc",
        &["3: types beside soma 1, axon 2, basal 3 and apical 4: 0, 5, 6, 8, 16, 42; each kept as a kind of its own"],
        90.0,
    ),
    ("36_negative_type.swc", &["3: the type is -3; kept as a kind of its own"], 25.0),
    ("39_lone_cr.swc", &["1: lines end in a carriage return alone; taken as ends of lines"], READ[0].2),
    ("52_eight_columns.swc", &["2: 8 columns; those after the seventh were not read, here and below"], 20.0),
    ("58_scale_header.swc", &["1: SCALE was not applied; positions and radii are as written"], READ[0].2 - 40.0),
    ("59_unit_nanometre.swc", &["2: the soma has a radius of 5000 µm; if lengths are in nm, scale by 0.001"], 20_000.0),
    // Those without a remark, once more, so that the length is held with the rest.
    ("23_star_200_children.swc", &[], STAR),
    ("31_many_digits.swc", &[], 20.000_381_116_173_55),
    ("44_utf8_bom.swc", &[], READ[0].2),
    ("47_latin1_comment.swc", &[], READ[0].2 - 40.0),
];

/// Way from (0, 5) to 200 places (k, 30), k from -100 to 99, and 5 µm from the soma's centre, for the stem is a single sample.
const STAR: f64 = 0.0;

/// Claim: what can be mended is, and each time the line and what was done are said; strict reading refuses exactly the repairs, at that line.
/// Tolerance: rounding.
#[test]
fn what_can_be_mended_is_and_is_said() {
    for (file, remarks, length) in REPAIRED {
        let imported = read(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let found: Vec<String> = imported.remarks.iter().map(ToString::to_string).collect();
        assert_eq!(found, remarks, "{file}");
        let expected = if file.starts_with("23") { (0..200).map(|k| 25f64.hypot(f64::from(k) - 100.0)).sum() } else { length };
        close(measured(&imported.morphology).1.neurites.length_um, expected, 1e-9);
        let strictly = read_with(file, &ReadOptions { strict: true, ..Default::default() });
        match imported.remarks.iter().find(|remark| remark.what.is_repair()) {
            Some(first) => {
                let error = strictly.unwrap_err();
                assert_eq!(error.location().unwrap().line, first.line, "{file}: {error}");
                assert_eq!(error.to_string().split_once(": ").unwrap().1, format!("{} if not read strictly", first.what));
            }
            None => assert_eq!(strictly.unwrap(), imported, "{file}"),
        }
    }
}

/// Claim: what makes no cell is refused at its place, with a reason.
#[test]
fn what_makes_no_cell_is_refused_at_its_place() {
    let refused = [
        ("09_two_somas.swc", "cell.swc:9:1: a second soma; the first is on line 2, and a file holds one cell"),
        ("10_split_soma.swc", "cell.swc:4:1: this soma sample is parted from the soma of line 2 by other samples"),
        ("15_duplicate_id.swc", "cell.swc:5:1: id 3 already is on line 4, with other values; ids must differ"),
        ("17_parent_missing.swc", "cell.swc:4:14: the parent is 99, but there is no sample 99"),
        ("19_self_parent.swc", "cell.swc:4:14: sample 3 is its own parent; a root has the parent -1"),
        ("20_cycle.swc", "cell.swc:3:13: the samples of lines 3, 4, 5 are each other's ancestors"),
        ("21_no_root.swc", "cell.swc:2:13: no line has the parent -1: the samples of lines 2, 3, 4 are each other's ancestors"),
        ("25_negative_radius.swc", "cell.swc:3:11: the radius is -1; expected 0 or more"),
        ("26_nan_radius.swc", "cell.swc:3:11: the radius is NaN; expected a number of at most a kilometre, 1e9 µm"),
        ("27_nan_coordinate.swc", "cell.swc:3:5: x is nan; expected a number of at most a kilometre, 1e9 µm"),
        ("28_infinite_coordinate.swc", "cell.swc:3:7: y is inf; expected a number of at most a kilometre, 1e9 µm"),
        ("32_decimal_comma.swc", "cell.swc:2:5: x is `0,0`, with a decimal comma; SWC has decimal points"),
        ("34_huge_id.swc", "cell.swc:3:1: the id is 99999999999999999999; expected a whole number from 0 to 9223372036854775807"),
        ("46_utf16.swc", "cell.swc:1:1: the file is in UTF-16; expected plain text, ASCII or UTF-8"),
        ("48_header_only.swc", "cell.swc: there are no samples"),
        ("49_empty.swc", "cell.swc: the file is empty"),
        ("50_blank_lines_only.swc", "cell.swc: there are no samples"),
        ("51_six_columns.swc", "cell.swc:3:12: 6 fields in this line; expected seven: id, type, x, y, z, radius, parent"),
        ("53_word_in_number.swc", "cell.swc:3:9: z is `zero`; expected a number of at most a kilometre, 1e9 µm"),
        (
            "54_truncated_last_line.swc",
            "cell.swc:4:8: 4 fields in this line; expected seven: id, type, x, y, z, radius, parent; is the file cut off?",
        ),
        ("55_nul_bytes.swc", "cell.swc:4:1: a NUL byte; is the file damaged, or in another encoding?"),
        ("56_comma_separated.swc", "cell.swc:2:1: commas between the fields; SWC has blanks there"),
        ("57_not_swc.swc", "cell.swc:1:1: the id is `<?xml`; expected a whole number from 0 to 9223372036854775807"),
    ];
    for (file, message) in refused {
        assert_eq!(read(file).unwrap_err().to_string(), message, "{file}");
    }
}

/// Claim: every file of the folder stands in one of the three lists.
#[test]
fn no_file_is_forgotten() {
    let source = include_str!("broken.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".swc") {
            files += 1;
            assert!(source.contains(&format!("\"{name}\"")), "{name}");
        }
    }
    assert_eq!(files, 60, "the sixty-first is made by a test");
}

/// Claim: somata have the membrane that their form stands for.
/// Source: closed forms: a ball has 4πr²; 05, an octagon of radius 5, is what NEURON 9.0.2 makes of the same outline in a Neurolucida file; 06 is three frusta.
/// Tolerance: rounding; for 05 the last digit that NEURON printed.
#[test]
fn somata_have_the_area_of_their_form() {
    let frustum = PI * 7.0 * 4f64.hypot(3.0);
    for (file, area, tolerance) in [
        ("02_one_point_soma.swc", 100.0 * PI, 1e-9),
        ("03_two_point_soma.swc", 100.0 * PI, 1e-9),
        ("04_three_point_soma.swc", 100.0 * PI, 1e-9),
        ("06_soma_cylinders.swc", 2.0 * frustum + PI * 10.0 * 4.0, 1e-9),
        ("05_contour_soma.swc", CONTOUR_AREA, 1e-3),
    ] {
        let (sections, measures) = measured(&read(file).unwrap().morphology);
        close(measures.soma_area_um2.unwrap(), area, tolerance);
        assert!(sections.list().iter().skip(1).all(|section| section.kind != Kind::SOMA), "{file}: one soma section");
    }
}

/// Area of the octagon's discs by NEURON, µm².
const CONTOUR_AREA: f64 = 277.0594;

/// Claim: files that are the same cell in another order are read as the same.
#[test]
fn order_and_encoding_do_not_matter() {
    let good = read("00_good.swc").unwrap().morphology;
    for file in ["12_out_of_order.swc", "38_crlf.swc", "39_lone_cr.swc", "40_tabs.swc", "41_comments_in_the_middle.swc", "44_utf8_bom.swc"]
    {
        assert_eq!(read(file).unwrap().morphology, good, "{file}");
    }
    let turned = read("07_soma_not_first.swc").unwrap().morphology;
    assert_eq!(turned.kinds()[0], Kind::SOMA);
    assert_eq!(of_kind(&measured(&turned).1, Kind::BASAL).1, 20.0);
}

/// Claim: a change of type begins a section that keeps the way to it.
#[test]
fn a_change_of_type_begins_a_section() {
    let (sections, measures) = measured(&read("37_type_changes_on_branch.swc").unwrap().morphology);
    assert_eq!(sections.list().len(), 3);
    assert_eq!(of_kind(&measures, Kind::BASAL).1, 20.0);
    assert_eq!(of_kind(&measures, Kind::AXON).1, 60.0);
    assert_eq!(sections.list()[2].order, 1, "no fork");
}

/// Claim: a scale turns nanometres into micrometres.
#[test]
fn a_scale_is_applied_to_positions_and_radii() {
    let imported = read_with("59_unit_nanometre.swc", &ReadOptions { scale: 0.001, ..Default::default() }).unwrap();
    assert_eq!(imported.remarks, []);
    close(measured(&imported.morphology).1.neurites.length_um, 20.0, 1e-9);
    close(measured(&imported.morphology).1.soma_area_um2.unwrap(), 100.0 * PI, 1e-9);
    for scale in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(read_with("00_good.swc", &ReadOptions { scale, ..Default::default() }).is_err());
    }
}

/// Claim: 2.5 is no id.
#[test]
fn an_id_is_whole() {
    let error = swc::parse("cell.swc", b"1 1 0 0 0 5 -1\n2.5 3 0 5 0 1 1\n", &ReadOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "cell.swc:2:1: the id is 2.5; expected a whole number from 0 to 9223372036854775807");
}

/// Claim: a chain of 20,000 samples is read and measured, its sections too; so is one that is written from its end.
#[test]
fn a_chain_of_any_length_is_read() {
    let line = |id: usize, parent: usize| format!("{id} 3 0 {} 0 0.5 {parent}\n", 5 + id);
    let soma = "1 1 0 0 0 5 -1\n";
    let chain: String = (2..=20_000).map(|id| line(id, id - 1)).collect();
    let backward: String = (2..=20_000).rev().map(|id| line(id, id - 1)).collect();
    let renumbered: String =
        (2..=20_000).map(|id| format!("{} 3 0 {} 0 0.5 {}\n", 40_000 - id, 5 + id, if id == 2 { 1 } else { 40_001 - id })).collect();
    for body in [chain, backward, renumbered] {
        let imported = swc::parse("cell.swc", format!("{soma}{body}").as_bytes(), &ReadOptions::default()).unwrap();
        let (sections, measures) = measured(&imported.morphology);
        assert_eq!(sections.list().len(), 2);
        close(measures.neurites.length_um, 19_998.0, 1e-6);
        assert_eq!(sections.compartments(1, 1001).len(), 1001);
    }
}

/// Claim: sizes are bounded with a reason.
#[test]
fn limits_are_said() {
    let error = read_with("00_good.swc", &ReadOptions { most_samples: 6, ..Default::default() }).unwrap_err();
    assert_eq!(error.to_string(), "cell.swc:8:1: more than 6 samples, the most that are read");
}

/// Claim: a loose tree is joined to the soma sample that it begins at, and to none that is far.
#[test]
fn a_loose_tree_is_joined_where_it_begins() {
    let soma = "1 1 0 -6 0 2 -1\n2 1 0 -2 0 5 1\n3 1 0 2 0 5 2\n4 1 0 6 0 2 3\n";
    let read = |y: f64| swc::parse("cell.swc", format!("{soma}5 3 0 {y} 0 1 -1\n6 3 0 40 0 1 5\n").as_bytes(), &ReadOptions::default());
    assert_eq!(read(8.0).unwrap().morphology.parents()[4], Some(3));
    assert_eq!(read(2.5).unwrap().morphology.parents()[4], Some(2));
    let error = read(30.0).unwrap_err().to_string();
    assert_eq!(error, "cell.swc:5:1: a tree of its own, 24.0 µm from the soma, at which it should begin");
}
