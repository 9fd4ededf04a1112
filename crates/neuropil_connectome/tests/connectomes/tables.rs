//! What tables become, and where their mistakes are found.

use crate::imported;
use neuropil_connectome::importers::{Duplicates, Ends};
use neuropil_connectome::{Column, Connectome, EdgeKind, ImportOptions};

const NODES: &str = "name,class\nAVAL,command\nAVBL,command\nVA01,motor\n";

fn numbers(connectome: &Connectome, name: &str) -> Vec<f64> {
    match connectome.edges().columns.get(name).or(connectome.nodes().columns.get(name)) {
        Some(Column::Number(numbers)) => numbers.values.to_vec(),
        other => panic!("{name}: {other:?}"),
    }
}

fn read(nodes: &str, edges: &str) -> Connectome {
    imported(&[("nodes.csv", nodes.as_bytes()), ("edges.csv", edges.as_bytes())], &Default::default()).unwrap().connectome
}

fn refusal(nodes: &str, edges: &str, options: ImportOptions) -> String {
    imported(&[("nodes.csv", nodes.as_bytes()), ("edges.csv", edges.as_bytes())], &options).unwrap_err()
}

fn edge_refusal(edges: &str) -> String {
    refusal(NODES, edges, ImportOptions::default())
}

#[test]
fn mistakes_in_edges_are_found_at_their_place() {
    let with = |row: &str| edge_refusal(&format!("source,target,kind,count\nAVAL,AVBL,chemical,3\n\n{row}\n"));
    let cases = [
        ("AVAL,nowhere,chemical,2", "edges.csv:4:6: there is no node `nowhere`; the table of nodes has 3 others"),
        ("AVAL,VA1,chemical,2", "edges.csv:4:6: there is no node `VA1`; did you mean `VA01`?"),
        ("AVAL,VA01,chemical,-2", "edges.csv:4:20: the count is -2; expected a number of at least 0"),
        ("AVAL,VA01,chemical,two", "edges.csv:4:20: the count is `two`; expected a number"),
        ("AVAL,VA01,chemical,inf", "edges.csv:4:20: the count is `inf`; expected a number"),
        ("AVAL,VA01,chemical,", "edges.csv:4:20: the count is missing; expected a number of at least 0"),
        ("AVAL,VA01,chemcal,2", "edges.csv:4:11: `chemcal` is no kind of edge; did you mean `chemical`?"),
        ("AVAL,VA01", "edges.csv:4:6: this line has 2 cells, but the first line names 4 columns; missing: `kind`, `count`"),
        ("AVAL,VA01,chemical,2,9", "edges.csv:4:22: this line has 5 cells, but the first line names 4 columns"),
        (",VA01,chemical,2", "edges.csv:4:1: the source is missing; expected the name of a node"),
        ("\"AVAL,VA01,chemical,2", "edges.csv:4:1: this quote is never closed; is the file cut off?"),
    ];
    for (row, message) in cases {
        assert_eq!(with(row), message);
    }
}

#[test]
fn mistakes_in_nodes_are_found_at_their_place() {
    let edges = "source,target\nA,B\n";
    let cases = [
        ("name\nA\nB\nA\n", "nodes.csv:4:1: there already is a node `A`, in line 2; names must differ"),
        ("name,class\nA,x\n,y\n", "nodes.csv:3:1: the node has no name; every node needs one of its own"),
        ("name,x,y,z\nA,1,2,3\nB,1,,3\n", "nodes.csv:3:3: the position has only some of x, y and z; give all three or none"),
        ("name,x,y,z\nA,1,2,3\nB,1,north,3\n", "nodes.csv:3:5: the y is `north`; expected a number"),
        (
            "class\nA\n",
            "nodes.csv:1:1: no column is the name: none is called name, id, root_id, index, label, neuron, body_id, bodyid; the columns are `class`; say which with --columns name=COLUMN",
        ),
        ("name,class,class\nA,1,2\n", "nodes.csv:1:12: there already is a column `class`; names of columns must differ"),
        ("name,\nA,1\n", "nodes.csv:1:6: this column has no name; the first line must name every column"),
    ];
    for (nodes, message) in cases {
        assert_eq!(refusal(nodes, edges, ImportOptions::default()), message);
    }
}

#[test]
fn bytes_that_are_no_text_are_found_at_their_place() {
    let with = |bytes: &[u8]| imported(&[("nodes.csv", NODES.as_bytes()), ("edges.csv", bytes)], &Default::default()).unwrap_err();
    assert_eq!(with(b"source,target\nAVAL,AVB\xe9\n"), "edges.csv:2:9: byte 0xe9 is not UTF-8 text; save the file as UTF-8");
    assert_eq!(with(b"\xff\xfes\0o\0"), "edges.csv:1:1: this is UTF-16 text; save the file as UTF-8");
    assert_eq!(with(b"source,target\nA\0,B"), "edges.csv:2:2: byte 0 occurs in no text; this looks like a binary file");
    assert_eq!(with(b" \n"), "edges.csv: the file is empty");
}

#[test]
fn rows_that_occur_twice_are_merged_with_a_notice_or_refused() {
    let edges = "source,target,count,layer\nAVAL,AVBL,3,fast\nVA01,AVAL,1,fast\nAVAL,AVBL,4,slow\n";
    let read = imported(&[("n.csv", NODES.as_bytes()), ("e.csv", edges.as_bytes())], &Default::default()).unwrap();
    assert_eq!(numbers(&read.connectome, "count"), [7.0, 1.0]);
    assert!(
        read.notices.iter().any(|notice| notice.0.starts_with("1 row of edges") && notice.0.contains("of `layer`, which differ")),
        "{:?}",
        read.notices
    );
    let refused = refusal(NODES, edges, ImportOptions { duplicates: Duplicates::Refuse, ..Default::default() });
    assert_eq!(refused, "edges.csv:4:1: this chemical edge from `AVAL` to `AVBL` already is in line 2; make one of the two");
}

#[test]
fn identifiers_of_64_bits_keep_every_digit() {
    let read = read(
        "root_id,age\n720575940660219265,1\n720575940660219266,2\n",
        "pre_root_id,post_root_id,partner\n720575940660219265,720575940660219266,9007199254740993\n",
    );
    assert_eq!(&*read.nodes().names[0], "720575940660219265");
    let Column::Text(partner) = &read.edges().columns["partner"] else { panic!("a text") };
    assert_eq!(partner.get(0), Some("9007199254740993"));
}

#[test]
fn columns_are_found_by_name_unit_or_choice() {
    let connectome = read(
        "\u{feff}ID\tcell_type\tx_mm\ty_mm\tz_mm\tcode\n1\tT4a\t0.3\t-0.1\t1\t007\n2\tT5\t\t\t\t008\n",
        "from;to;n_syn;delay_s;type\r\n1;2;4;0.0015;apical\r\n",
    );
    assert_eq!(numbers(&connectome, "x")[0], 300.0);
    assert_eq!(numbers(&connectome, "y")[0], -100.0);
    assert!(numbers(&connectome, "z")[1].is_nan());
    assert_eq!((numbers(&connectome, "count"), numbers(&connectome, "delay")), (vec![4.0], vec![1.5]));
    assert_eq!(connectome.edges().kinds[0], EdgeKind::Chemical);
    assert!(matches!((&connectome.edges().columns["type"], &connectome.nodes().columns["code"]), (Column::Text(_), Column::Text(_))));
    let chosen = [("source", "a"), ("target", "b"), ("weight", "w")].map(|(meaning, column)| (meaning.to_owned(), column.to_owned()));
    let options = ImportOptions { columns: chosen.into(), kind: Some(EdgeKind::Electrical), ..Default::default() };
    let read = imported(&[("edges.csv", b"a,b,w\nP,Q,0.5\n")], &options).unwrap().connectome;
    assert_eq!((read.node_count(), read.edges().kinds[0], numbers(&read, "weight")), (2, EdgeKind::Electrical, vec![0.5]));
    let options = ImportOptions { columns: [("source".to_owned(), "sorce".to_owned())].into(), ..Default::default() };
    let refused = refusal(NODES, "source,target\nAVAL,AVBL\n", options);
    assert_eq!(refused, "--columns source=sorce: there is no column `sorce`; did you mean `source`?");
}

#[test]
fn ends_of_text_tables_are_names_unless_rows_are_asked_for() {
    let edges = "source,target\n0,2\n1,1\n";
    assert!(
        edge_refusal(edges).contains("edges.csv:2:1: there is no node `0`; if ends are the rows of nodes, counted from 0, say --ends rows")
    );
    let options = ImportOptions { ends: Ends::Rows, ..Default::default() };
    let read = imported(&[("n.csv", NODES.as_bytes()), ("e.csv", edges.as_bytes())], &options).unwrap().connectome;
    assert_eq!((&*read.edges().sources, &*read.edges().targets), (&[0, 1][..], &[2, 1][..]));
    assert_eq!(read.notices()[0].0, "1 self-loop is kept");
    let beyond = refusal(NODES, "source,target\n0,3\n", options);
    assert_eq!(beyond, "edges.csv:2:3: the row of the target is 3, but there are 3 nodes, whose rows count from 0");
}

#[test]
fn signs_may_be_words() {
    let edges = "source,target,sign\nAVAL,AVBL,+\nAVBL,AVAL,-\nVA01,AVAL,complex\nVA01,AVBL,\n";
    let signs = numbers(&read(NODES, edges), "sign");
    assert_eq!(signs[..3], [1.0, -1.0, 0.0]);
    assert!(signs[3].is_nan());
    assert_eq!(edge_refusal("source,target,sign\nAVAL,AVBL,2\n"), "edges.csv:2:11: the sign is 2; expected -1, 0 or 1");
    assert!(edge_refusal("source,target,sign\nAVAL,AVBL,inhibitry\n").contains("did you mean `inhibitory`?"));
}
