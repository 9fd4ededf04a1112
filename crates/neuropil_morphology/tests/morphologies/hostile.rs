//! Whatever is fed: a cell or an error, never a panic, and sections, compartments and measures of whatever is a cell.

use neuropil_morphology::{
    Format, Imported, Kind, Morphology, MorphologyError, ReadOptions, Rules, Sections, asc, measures, read_morphology, swc,
};
use proptest::prelude::*;

const GOOD: &str = include_str!("../broken/00_good.swc");
const NEUROLUCIDA: &str = "; a cell\n(\"CellBody\" (Color RGB (255, 0, 0)) (CellBody) (5 0 0 0) (0 5 0 0) (-5 0 0 0) (0 -5 0 0))\n\
    ((Dendrite) (Color Blue) (0 5 0 2) (0 25 0 2) <(0 26 1 0.5)> ( (0 25 0 1) (-15 40 0 1) Normal | (15 40 0 1) (Dot (15 40 0 0)) High ))\n\
    ((Axon) (0 -5 0 0.8) (0 -45 0 0.8) )\n";

/// Everything that is made of a cell holds together.
fn hold(imported: Result<Imported, MorphologyError>) {
    let Ok(Imported { morphology, .. }) = imported else { return };
    for rules in [Rules::Neuron, Rules::Arbor] {
        let Ok(sections) = Sections::of(&morphology, rules) else { continue };
        for (at, section) in sections.list().iter().enumerate() {
            let points = sections.points(at);
            assert!(points.length_um() > 0.0 && points.area_um2() > 0.0 && points.area_um2().is_finite());
            assert!(section.parent.is_none_or(|parent| (parent.section as usize) < at));
            for compartment in sections.compartments(at, 3) {
                assert!(compartment.area_um2.is_finite() && compartment.mean_diameter_um > 0.0);
                assert!(compartment.axial_integrals_per_um.iter().all(|integral| *integral > 0.0 && integral.is_finite()));
            }
        }
        let measures = measures::Measures::of(&morphology, &sections, Default::default(), None);
        assert!(measures.neurites.length_um.is_finite());
    }
    let text = serde_json::to_string(&morphology).unwrap();
    // JSON may lose the last digit.
    let again = serde_json::from_str::<Morphology>(&text).unwrap();
    assert_eq!((again.kinds(), again.parents()), (morphology.kinds(), morphology.parents()));
}

fn all(bytes: &[u8]) {
    for strict in [false, true] {
        let options = ReadOptions { strict, ..Default::default() };
        hold(swc::parse("cell.swc", bytes, &options));
        hold(asc::parse("cell.asc", bytes, &options));
    }
    Format::of_content(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Claim: random bytes make no reader panic.
    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        all(&bytes);
    }

    /// Claim: nor do letters that the formats are made of.
    #[test]
    fn random_letters(text in "[0-9 ()<>|\n\r.,;#\"eE+-]{0,300}") {
        all(text.as_bytes());
    }

    /// Claim: nor do good files in which pieces were changed, dropped or doubled.
    #[test]
    fn mutated_files(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..8), neurolucida in any::<bool>()) {
        let mut bytes = if neurolucida { NEUROLUCIDA } else { GOOD }.as_bytes().to_vec();
        for (place, byte, how) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                2 => bytes.insert(at, b"0123456789 \n().-"[byte as usize % 16]),
                _ => bytes.truncate(at),
            }
        }
        all(&bytes);
    }

    /// Claim: nor do lines whose numbers are any, such as samples in one place, rings, forests and all kinds.
    #[test]
    fn random_lines(rows in proptest::collection::vec((0..12i64, -1..6i32, -3..3i32, -3..3i32, 0..3u8, -1..12i64), 1..14)) {
        let text: String = rows.iter().map(|(id, kind, x, y, radius, parent)| format!("{id} {kind} {x} {y} 0 {radius} {parent}\n")).collect();
        all(text.as_bytes());
    }

    /// Claim: nor do trees of any shape with parents before children.
    #[test]
    fn random_trees(rows in proptest::collection::vec((1..4i32, -2..2i32, -2..2i32, 0..3u8, any::<prop::sample::Index>()), 1..40)) {
        let text: String = rows.iter().enumerate().map(|(at, (kind, x, y, radius, parent))| {
            let parent = if at == 0 { -1 } else { parent.index(at) as i64 };
            format!("{at} {kind} {x} {y} 0 {radius} {parent}\n")
        }).collect();
        all(text.as_bytes());
    }
}

/// Claim: whatever serialised columns say is checked.
#[test]
fn serialised_morphologies_are_checked() {
    let refused = [
        r#"{"kinds":[],"positions_um":[],"radii_um":[],"parents":[]}"#,
        r#"{"kinds":[1],"positions_um":[],"radii_um":[1],"parents":[null]}"#,
        r#"{"kinds":[1,3],"positions_um":[[0,0,0],[1,0,0]],"radii_um":[1,1],"parents":[null,1]}"#,
        r#"{"kinds":[1,3],"positions_um":[[0,0,0],[1,0,0]],"radii_um":[1,1],"parents":[1,null]}"#,
        r#"{"kinds":[1,3],"positions_um":[[0,0,0],[1,0,0]],"radii_um":[1,1],"parents":[null,4294967295]}"#,
        r#"{"kinds":[1],"positions_um":[[0,0,1e300]],"radii_um":[1],"parents":[null]}"#,
        r#"{"kinds":[1],"positions_um":[[0,0,0]],"radii_um":[0],"parents":[null]}"#,
    ];
    for text in refused {
        assert!(serde_json::from_str::<Morphology>(text).is_err(), "{text}");
    }
    let one = r#"{"kinds":[3],"positions_um":[[0,0,0]],"radii_um":[1],"parents":[null]}"#;
    assert_eq!(serde_json::from_str::<Morphology>(one).unwrap().kinds(), [Kind::BASAL]);
}

/// Claim: files that cannot be read are errors with their name.
#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: &std::path::Path, options: &ReadOptions| {
        read_morphology(path, options).unwrap_err().to_string().replace(&format!("{}/", folder.path().display()), "")
    };
    let path = |name: &str| folder.path().join(name);
    assert_eq!(error(&path("none.swc"), &Default::default()), "none.swc: cannot be read: no such file or directory");
    std::fs::create_dir(path("folder.swc")).unwrap();
    assert_eq!(error(&path("folder.swc"), &Default::default()), "folder.swc: cannot be read: is a directory");
    std::fs::write(path("large.swc"), GOOD).unwrap();
    assert_eq!(
        error(&path("large.swc"), &ReadOptions { most_bytes: 10, ..Default::default() }),
        "large.swc: larger than 10 bytes, the most that is read"
    );
    std::fs::write(path("text.txt"), "Dear reader").unwrap();
    assert_eq!(error(&path("text.txt"), &Default::default()), "text.txt: neither SWC nor Neurolucida ASC by its name or its first lines");
    std::fs::write(path("cell.txt"), GOOD).unwrap();
    assert_eq!(read_morphology(path("cell.txt"), &Default::default()).unwrap().morphology.len(), 7);
    let endless = std::path::Path::new("/dev/zero");
    if endless.exists() {
        assert_eq!(
            error(endless, &ReadOptions { most_bytes: 1000, ..Default::default() }),
            "/dev/zero: larger than 1000 bytes, the most that is read"
        );
    }
}

/// Claim: brackets of any depth, lines of any length and forests of any size end in an error or a cell, in bounded time.
#[test]
fn deep_long_and_wide() {
    all("(".repeat(200_000).as_bytes());
    all(format!("((Dendrite) (0 0 0 1) {}", "((0 1 0 1) ".repeat(50_000)).as_bytes());
    all("1 ".repeat(200_000).as_bytes());
    all("9".repeat(300_000).as_bytes());
    let roots: String = (1..60_000).map(|id| format!("{id} {} 0 0 0 1 -1\n", if id == 1 { 1 } else { 3 })).collect();
    all(roots.as_bytes());
    let star: String = (2..60_000).map(|id| format!("{id} 3 {id} 0 0 1 1\n")).collect();
    all(format!("1 1 0 0 0 1 -1\n{star}").as_bytes());
}
