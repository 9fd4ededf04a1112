//! Neurolucida files.

use super::{close, measured, of_kind};
use neuropil_morphology::{Imported, Kind, MorphologyError, ReadOptions, Sections, asc};

const OCTAGON: [(f64, f64); 8] =
    [(5.0, 0.0), (3.5355, 3.5355), (0.0, 5.0), (-3.5355, 3.5355), (-5.0, 0.0), (-3.5355, -3.5355), (0.0, -5.0), (3.5355, -3.5355)];

/// A pear-shaped outline, turned by half a radian.
const PEAR: [(f64, f64); 10] =
    [(8.0, 1.0), (6.0, 4.0), (1.0, 6.0), (-4.0, 5.5), (-9.0, 2.0), (-10.0, -1.0), (-6.0, -4.0), (0.0, -5.0), (5.0, -3.5), (7.0, -1.5)];

const DENDRITE: &str = "((Dendrite)\n  (0 5 0 2)\n  (0 25 0 2)\n  (\n    (0 25 0 1)\n    (-15 40 0 1)\n    Normal\n  |\n    (3 28 0 0.8)\n    (15 40 0 0.6)\n    Normal\n  )\n)\n";

const AXON: &str = "((Axon)\n  (0 -5 0 0.8)\n  (0 -45 0 0.8)\n  Normal\n)\n";

fn outline(points: impl IntoIterator<Item = (f64, f64)>, z: f64) -> String {
    let points: String = points.into_iter().map(|(x, y)| format!("  ({x:.4} {y:.4} {z} 0)\n")).collect();
    format!("(\"CellBody\"\n  (Color Red)\n  (CellBody)\n{points})\n")
}

fn read(text: &str) -> Result<Imported, MorphologyError> {
    asc::parse("cell.asc", text.as_bytes(), &ReadOptions::default())
}

fn remarks(imported: &Imported) -> Vec<String> {
    imported.remarks.iter().map(ToString::to_string).collect()
}

/// Claim: an outline becomes a soma with the length and area that NEURON gives it, and trees hang at its middle by wires.
/// Source: NEURON 9.0.2, Import3d, run on the same text.
/// Tolerance: the last printed digits; the outline's coordinates are single precision there.
#[test]
fn outlines_become_the_soma_that_neuron_makes() {
    let imported = read(&format!("{}{DENDRITE}{AXON}", outline(OCTAGON, 0.0))).unwrap();
    assert_eq!(imported.remarks, []);
    let (sections, measures) = measured(&imported.morphology);
    close(sections.points(0).length_um(), 9.2388, 1e-4);
    close(measures.soma_area_um2.unwrap(), 277.0594, 1e-3);
    let (count, length, area) = of_kind(&measures, Kind::BASAL);
    assert_eq!(count, 3);
    close(length, 62.4264, 1e-4);
    close(area, 240.2907, 1e-3);
    close(of_kind(&measures, Kind::AXON).2, 100.531, 1e-3);
    let hang: Vec<_> = sections.list().iter().filter_map(|section| section.parent).map(|parent| (parent.at, parent.wire)).collect();
    assert_eq!(hang, [(0.5, true), (1.0, false), (1.0, false), (0.5, true)]);

    let turned = PEAR.map(|(x, y): (f64, f64)| {
        let (sine, cosine) = 0.5f64.sin_cos();
        (x * cosine - y * sine + 20.0, x * sine + y * cosine - 7.0)
    });
    let apical = "((Apical)\n  (21 0 3 3)\n  (22 40 3 1)\n  Normal\n)\n";
    let imported = read(&format!("{}{apical}", outline(turned, 3.0))).unwrap();
    let (sections, measures) = measured(&imported.morphology);
    close(sections.points(0).length_um(), 17.7545, 2e-3);
    close(measures.soma_area_um2.unwrap(), 491.9344, 0.05);
    close(of_kind(&measures, Kind::APICAL).2, 251.4844, 1e-3);
}

/// Claim: outlines one above the other become a disc each.
/// Source: NEURON 9.0.2, Import3d: 6.0303 µm long, 184.0075 µm².
/// Tolerance: the last printed digits.
#[test]
fn a_stack_of_outlines_becomes_a_disc_each() {
    let stack: String = [(0.0, 0.5), (2.0, 0.9), (4.0, 1.0), (6.0, 0.6)]
        .into_iter()
        .map(|(z, size)| outline(OCTAGON.map(|(x, y)| (x * size, y * size)), z))
        .collect();
    let (sections, measures) = measured(&read(&format!("{stack}{DENDRITE}")).unwrap().morphology);
    close(sections.points(0).length_um(), 6.0303, 1e-3);
    close(measures.soma_area_um2.unwrap(), 184.0075, 0.02);
    assert_eq!(sections.list()[1].parent.unwrap().at, 0.5);
}

/// Claim: markers, spines, other outlines and texts are left out, with a remark at the line of the first.
#[test]
fn what_is_no_part_of_the_cell_is_left_out_and_said() {
    let text = "; Neurolucida\n(ImageCoords 1 1 (0 0))\n(\"Slice\" (Closed) (0 0 0 1) (9 0 0 1) (0 9 0 1))\n\
        ((Axon) (Color RGB (255, 0, 0)) (0 0 0 1) <(1 1 0 0.3)>\n(Dot (Color Blue) (1 2 3 0)) (0, 9, 0, 1 S2) (Cross (1 2 3 0)) Incomplete )\n";
    let imported = read(text).unwrap();
    assert_eq!(
        remarks(&imported),
        [
            "2: `ImageCoords` is no part of the cell; left out",
            "3: the outline `Slice` is no cell body; left out",
            "4: 1 spine, left out",
            "4: no soma; the root stands for the cell body",
            "5: 2 markers, left out",
        ]
    );
    assert_eq!(imported.morphology.kinds(), [Kind::AXON, Kind::AXON]);
    assert_eq!(Sections::of(&imported.morphology, Default::default()).unwrap().points(0).length_um(), 9.0);
}

/// Claim: a tree that does not begin at the soma is joined to it, which is said; strict reading refuses.
#[test]
fn a_tree_beside_the_soma_is_joined_to_it() {
    let text = format!("{}((Axon) (50 0 0 1) (60 0 0 1))", outline(OCTAGON, 0.0));
    let imported = read(&text).unwrap();
    assert_eq!(remarks(&imported).len(), 1);
    assert!(remarks(&imported)[0].starts_with("13: a tree without a parent that begins 50.6"), "{:?}", remarks(&imported));
    let error = asc::parse("cell.asc", text.as_bytes(), &ReadOptions { strict: true, ..Default::default() }).unwrap_err();
    assert!(error.to_string().starts_with("cell.asc:13:1: a tree without a parent"), "{error}");
}

/// Claim: what is no cell is refused at its place.
#[test]
fn what_is_no_cell_is_refused_at_its_place() {
    let two = format!("{}{}", outline(OCTAGON, 0.0), outline(OCTAGON.map(|(x, y)| (x + 100.0, y)), 0.0));
    let refused = [
        ("", "cell.asc: the file is empty"),
        ("; nothing\n", "cell.asc: there is neither a tree nor a cell body"),
        ("1 1 0 0 0 5 -1\n", "cell.asc:1:1: found `1`; expected `(`: a Neurolucida file is a row of blocks in brackets"),
        ("((Axon) (0 0 0 1)\n  (0 1 0 1)", "cell.asc:1:1: this bracket is never closed; is the file cut off?"),
        ("((Axon) (0 0 0 1)\n  ((0 1 0 1) |", "cell.asc:2:3: this bracket is never closed; is the file cut off?"),
        ("((Axon) (0 0 0 1) (0 x 0 1))", "cell.asc:1:22: found `x`; expected a number or `)`"),
        ("((Axon) (0 0 0 1) (0 1.2.3 0 1))", "cell.asc:1:22: `1.2.3` is no number"),
        ("((Axon) (0 0 0 1) (5))", "cell.asc:1:19: a point of one number; expected x, y, z and the diameter"),
        ("((Axon) (0 0 0 -1))", "cell.asc:1:16: the diameter is -1; expected 0 or more"),
        ("((Axon) (0 0 0 1) (0 1e99 0 1))", "cell.asc:1:22: a coordinate is 1e99; expected a number of at most a kilometre, 1e9 µm"),
        ("((Axon) (0 0 0 1) | (0 1 0 1))", "cell.asc:1:19: a bar between branches, but no fork is open here"),
        (
            "((Axon) (0 0 0 1) (0 1 0 1))\n((Axon) (0 0 0 1) (0 1 0 1))",
            "cell.asc:2:1: a second tree; the first begins on line 1, and there is no soma that could join them",
        ),
        (
            "(\"Soma\" (CellBody) (0 0 0 0) (1 1 0 0) (2 2 0 0))",
            "cell.asc:1:1: this outline of the cell body encloses nothing: its points lie on a line, or upright in z",
        ),
        ("(\"Axon", "cell.asc:1:2: this quotation mark is never closed; is the file cut off?"),
        ("((Axon) (0 0 0 1) <(1 1 1 1)", "cell.asc:1:19: this `<` is never closed; is the file cut off?"),
        (&two, "cell.asc:13:1: a second soma; the first is on line 1, and a file holds one cell"),
    ];
    for (text, message) in refused {
        match read(text) {
            Err(error) => {
                assert_eq!(error.to_string(), message)
            }
            Ok(_) => panic!("read: {text}"),
        }
    }
}
