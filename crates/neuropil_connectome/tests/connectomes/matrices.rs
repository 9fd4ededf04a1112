//! What matrices, sets of tracts and GraphML become.

use crate::imported;
use neuropil_connectome::importers::MatrixRows;
use neuropil_connectome::{Column, EdgeKind, ImportOptions, NodeRecord};

const WEIGHTS: &[u8] = b"region,A,B,C\nA,0.5,2,0\nB,2,0,1\nC,0,1,0\n";
const LENGTHS: &[u8] = b"region,A,B,C\nA,3,50.929,0\nB,50.929,0,0\nC,0,0,0\n";
const REGIONS: &[u8] = b"index,name,hemisphere,x_mm,y_mm,z_mm,area_mm2\n0,C,L,1,2,3,\n1,A,R,4,5,6,\n2,B,R,7,8,9,\n";

fn edge_names(connectome: &neuropil_connectome::Connectome) -> Vec<String> {
    let name = |row: u32| connectome.nodes().names[row as usize].to_string();
    connectome
        .edges()
        .sources
        .iter()
        .zip(connectome.edges().targets.iter())
        .map(|(source, target)| format!("{}{}", name(*source), name(*target)))
        .collect()
}

#[test]
fn tracts_join_regions_in_both_directions() {
    let read =
        imported(&[("regions.csv", REGIONS), ("weights_x.csv", WEIGHTS), ("lengths_mm_x.csv", LENGTHS)], &Default::default()).unwrap();
    let connectome = &read.connectome;
    assert_eq!(edge_names(connectome), ["CB", "AB", "BC", "BA"]);
    assert!(connectome.edges().kinds.iter().all(|kind| *kind == EdgeKind::Tract));
    let Column::Number(lengths) = &connectome.edges().columns["length"] else { panic!("numbers") };
    assert_eq!(lengths.values[1], 50_929.0);
    assert!(lengths.values[0].is_nan());
    let first = connectome.node(0).unwrap();
    assert_eq!((first.side.as_deref(), first.position), (Some("L"), Some([1000.0, 2000.0, 3000.0])));
    let notices: Vec<&str> = read.notices.iter().map(|notice| notice.0.as_str()).collect();
    assert_eq!(
        notices,
        ["1 diagonal value is left out: a tract joins two regions", "2 edges have the length 0, which counts as not known"]
    );
}

#[test]
fn rows_of_a_matrix_are_sources_or_targets() {
    let matrix: &[u8] = b",A,B\nA,0,2\nB,0,3\n";
    let read = |options: &ImportOptions| imported(&[("m.csv", matrix)], options).unwrap().connectome;
    assert_eq!(edge_names(&read(&Default::default())), ["AB", "BB"]);
    let targets = ImportOptions { matrix_rows: MatrixRows::Targets, ..Default::default() };
    assert_eq!(edge_names(&read(&targets)), ["BA", "BB"]);
    let weights = ImportOptions { columns: [("weight".to_owned(), "values".to_owned())].into(), ..Default::default() };
    assert!(read(&weights).edges().columns.contains_key("weight") && read(&Default::default()).edges().columns.contains_key("count"));
}

#[test]
fn a_matrix_of_gap_junctions_gives_one_edge_a_pair() {
    let electrical = ImportOptions { kind: Some(EdgeKind::Electrical), ..Default::default() };
    let read = imported(&[("m.csv", b",A,B\nA,1,2\nB,2,0\n")], &electrical).unwrap();
    assert_eq!(edge_names(&read.connectome), ["AA", "AB"]);
    let error = imported(&[("m.csv", b",A,B\nA,0,2\nB,3,0\n")], &electrical).unwrap_err();
    assert_eq!(error, "m.csv:2:5: 2 here but 3 in the mirrored cell; a matrix of gap junctions must be symmetric");
}

#[test]
fn mistakes_in_matrices_are_found_at_their_place() {
    let with = |matrix: &[u8]| imported(&[("m.csv", matrix)], &Default::default()).unwrap_err();
    assert_eq!(with(b",A,B\nA,0,2\nC,1,0\n"), "m.csv:3:1: this row is `C`; expected `B`, as the columns are ordered");
    assert_eq!(with(b",A,B\nA,0,-2\nB,1,0\n"), "m.csv:2:5: the count is -2; expected a number of at least 0");
    assert_eq!(with(b",A,B\nA,0,\nB,1,0\n"), "m.csv:2:5: this cell is missing; 0 is no edge");
    assert_eq!(with(b",A,B\nA,0,1\n"), "m.csv:1:1: the matrix has 1 rows and 2 columns; expected as many of each");
    let unknown = imported(&[("regions.csv", REGIONS), ("weights.csv", b",A,Z\nA,0,1\nZ,1,0\n")], &Default::default()).unwrap_err();
    assert_eq!(unknown, "weights.csv:3:1: there is no node `Z`; did you mean `A`?");
}

#[test]
fn graphml_data_become_columns() {
    let text = r#"<graphml><key id="k0" for="node" attr.name="name"/><key id="k1" for="edge" attr.name="kind"><default>chemical</default></key>
<key id="k2" for="node" attr.name="soma" attr.type="double"/>
<graph edgedefault="undirected"><node id="n0"><data key="k0">A &lt;1&gt; &#945;</data><data key="k2">2.5</data></node><node id="n1"><data key="k0">B</data></node>
<edge source="n0" target="n1"/><edge source="n1" target="n0"><data key="k1">electrical</data></edge>
</graph></graphml>"#;
    let connectome = imported(&[("a.graphml", text.as_bytes())], &Default::default()).unwrap().connectome;
    assert_eq!(connectome.node(0).unwrap().name, "A <1> α");
    assert!(matches!(connectome.node(1), Some(NodeRecord { tags, .. }) if tags.is_empty()));
    let kinds: Vec<&str> = connectome.edges().kinds.iter().map(|kind| kind.name()).collect();
    assert_eq!(kinds, ["chemical", "chemical", "electrical"]);
    let error = imported(&[("a.graphml", text.replace("target=\"n1\"", "target=\"n7\"").as_bytes())], &Default::default()).unwrap_err();
    assert!(error.starts_with("a.graphml:4:1: there is no node `n7`"), "{error}");
    let error = imported(&[("a.graphml", &text.as_bytes()[..text.len() - 10])], &Default::default()).unwrap_err();
    assert!(error.contains("never closed") || error.contains("no XML"), "{error}");
}
