//! What is written is read again, in every format.

use crate::imported;
use neuropil_connectome::formats::{binary, text};
use neuropil_connectome::{About, Column, Connectome, EdgeKind, EdgeRecord, ImportOptions, NodeRecord, NumberColumn, Tag, TextColumn};
use neuropil_units::Dimension;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9_ .+-]{1,6}", "\\PC{1,4}", Just("\"quoted\", \n\\ line".to_owned()), Just("007".to_owned())]
        .prop_filter("not blank", |word| !word.trim().is_empty())
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-1000..1000).prop_map(f64::from),
        (-90_000i32..90_000).prop_map(|n| f64::from(n) / 1000.0),
        -1e300..1e300,
        any::<f32>().prop_filter("finite", |value| value.is_finite()).prop_map(f64::from)
    ]
}

fn tags() -> impl Strategy<Value = BTreeMap<String, Tag>> {
    (proptest::option::of(number()), proptest::option::of(word())).prop_map(|(first, second)| {
        let number = first.map(|value| ("age".to_owned(), Tag::Number(value)));
        number.into_iter().chain(second.map(|text| ("birth place".to_owned(), Tag::Text(text)))).collect()
    })
}

fn node() -> impl Strategy<Value = NodeRecord> {
    let position = proptest::option::of([number(), number(), number()]);
    (word(), proptest::option::of(word()), proptest::option::of(word()), position, tags())
        .prop_map(|(name, class, side, position, tags)| NodeRecord { name, class, side, position, tags, ..Default::default() })
}

fn edge() -> impl Strategy<Value = EdgeRecord> {
    let kind = prop_oneof![Just(EdgeKind::Chemical), Just(EdgeKind::Electrical), Just(EdgeKind::Tract)];
    (kind, 0..70_000u32, proptest::option::of(number()), proptest::option::of(-1i8..=1), proptest::option::of(word()), tags()).prop_map(
        |(kind, count, weight, sign, transmitter, tags)| EdgeRecord {
            count: Some(f64::from(count)),
            weight,
            sign: sign.map(f64::from),
            transmitter,
            tags,
            ..EdgeRecord::new(kind)
        },
    )
}

/// A graph whose names and edges differ.
pub fn graph() -> impl Strategy<Value = StableDiGraph<NodeRecord, EdgeRecord>> {
    (proptest::collection::vec(node(), 0..8), proptest::collection::vec((any::<u32>(), any::<u32>(), edge()), 0..20)).prop_map(
        |(nodes, edges)| {
            let mut graph = StableDiGraph::new();
            for (place, node) in nodes.into_iter().enumerate() {
                let name = format!("{}#{place}", node.name);
                graph.add_node(NodeRecord { name, ..node });
            }
            let count = graph.node_count() as u32;
            let mut seen = std::collections::HashSet::new();
            for (source, target, edge) in edges.into_iter().filter(|_| count > 0) {
                let (source, target) = (source % count, target % count);
                if seen.insert((source, target, edge.kind)) {
                    graph.add_edge(NodeIndex::new(source as usize), NodeIndex::new(target as usize), edge);
                }
            }
            graph
        },
    )
}

pub fn about() -> About {
    About {
        title: "A \"test\"".into(),
        description: "Two\nlines, \\ and µ".into(),
        references: vec!["doi:10.1/x".into(), String::new()],
        source: "here".into(),
        licence: "CC0-1.0".into(),
    }
}

/// The same with a column that has a unit, which records do not keep.
fn with_unit(connectome: &Connectome) -> Connectome {
    let (mut nodes, edges) = (connectome.nodes().clone(), connectome.edges().clone());
    let radii: Vec<f64> = (0..connectome.node_count()).map(|row| row as f64 + 0.5).collect();
    nodes.columns.insert("radius".into(), Column::Number(NumberColumn::new(radii, Dimension::LENGTH)));
    let rates: Vec<f64> = (0..connectome.node_count()).map(|row| row as f64).collect();
    nodes.columns.insert("drift".into(), Column::Number(NumberColumn::new(rates, Dimension::POTENTIAL.divide(Dimension::TIME))));
    Connectome::new(connectome.about().clone(), nodes, edges).unwrap()
}

proptest! {
    /// Claim: every connectome is read as it was written, compressed and as text. Source: equality. Tolerance: none.
    #[test]
    fn formats_give_back_what_was_written(graph in graph()) {
        let connectome = with_unit(&Connectome::from_graph(&graph, about()).unwrap());
        let bytes = binary::write(&connectome).unwrap();
        let read = binary::parse("a.connectome", &bytes).unwrap();
        prop_assert_eq!(&read, &connectome);
        prop_assert_eq!(binary::write(&read).unwrap(), bytes);
        let written = text::write(&connectome).unwrap();
        let read = text::parse("a.ron", &written).map_err(|error| TestCaseError::fail(format!("{error}\n{written}")))?;
        prop_assert_eq!(&read, &connectome);
        prop_assert_eq!(binary::write(&read).unwrap(), binary::write(&connectome).unwrap());
    }

    /// Claim: a graph and its connectome hold the same; edges come in one order, whatever the order in which they were added.
    /// Source: equality. Tolerance: none.
    #[test]
    fn graphs_give_connectomes_and_back(graph in graph()) {
        let connectome = Connectome::from_graph(&graph, about()).unwrap();
        let back = connectome.to_graph();
        prop_assert_eq!(Connectome::from_graph(&back, about()).unwrap(), connectome.clone());
        let mut other: StableDiGraph<NodeRecord, EdgeRecord> = StableDiGraph::new();
        graph.node_weights().for_each(|node| { other.add_node(node.clone()); });
        for edge in graph.edge_indices().rev() {
            let (source, target) = graph.edge_endpoints(edge).unwrap();
            other.add_edge(source, target, graph[edge].clone());
        }
        let other = Connectome::from_graph(&other, about()).unwrap();
        prop_assert_eq!(binary::write(&other).unwrap(), binary::write(&connectome).unwrap());
        let keys: Vec<_> = (0..connectome.edge_count()).map(|row| (connectome.edges().sources[row], connectome.edges().targets[row], connectome.edges().kinds[row])).collect();
        prop_assert!(keys.is_sorted());
        prop_assert_eq!(connectome.topology().edge_count(), graph.edge_count());
    }

    /// Claim: tables hold what a connectome holds. Source: tables written cell by cell here. Tolerance: none; floats are printed so that they
    /// read the same.
    #[test]
    fn tables_give_what_they_hold(graph in graph()) {
        let connectome = Connectome::from_graph(&graph, About::default()).unwrap();
        let quoted = |text: &str| format!("\"{}\"", text.trim().replace('"', "\"\""));
        let cell = |column: Option<&Column>, row: usize| match column {
            Some(Column::Number(numbers)) if !numbers.values[row].is_nan() => format!("{:?}", numbers.values[row]),
            Some(Column::Text(texts)) => texts.get(row).map(quoted).unwrap_or_default(),
            _ => String::new(),
        };
        let (nodes, edges) = (connectome.nodes(), connectome.edges());
        let columns = ["class", "side", "x", "y", "z"];
        let mut text = format!("name,{}\r\n", columns.join(","));
        for row in 0..connectome.node_count() {
            let cells: Vec<String> = columns.iter().map(|name| cell(nodes.columns.get(*name), row)).collect();
            text += &format!("{},{}\r\n", quoted(&nodes.names[row]), cells.join(","));
        }
        let columns = ["count", "weight", "sign", "transmitter"];
        let mut edge_text = format!("source;target;kind;{}\n\n", columns.join(";"));
        for row in 0..connectome.edge_count() {
            let cells: Vec<String> = columns.iter().map(|name| cell(edges.columns.get(*name), row)).collect();
            let name = |row: u32| quoted(&nodes.names[row as usize]);
            edge_text += &format!("{};{};{};{}\n", name(edges.sources[row]), name(edges.targets[row]), edges.kinds[row].name(), cells.join(";"));
        }
        let read = imported(&[("nodes.csv", text.as_bytes()), ("edges.csv", edge_text.as_bytes())], &Default::default()).map_err(TestCaseError::fail)?.connectome;
        let trimmed = |texts: &TextColumn| (0..texts.codes.len()).map(|row| texts.get(row).map(|text| text.trim().to_owned())).collect::<Vec<_>>();
        prop_assert_eq!(&read.edges().sources, &edges.sources);
        prop_assert_eq!(&read.edges().targets, &edges.targets);
        prop_assert_eq!(&read.edges().kinds, &edges.kinds);
        for name in ["class", "side"] {
            match (read.nodes().columns.get(name), nodes.columns.get(name)) {
                (Some(Column::Text(read)), Some(Column::Text(own))) => prop_assert_eq!(trimmed(read), trimmed(own)),
                (read, own) => prop_assert_eq!(read, own),
            }
        }
        for name in ["x", "y", "z"] {
            prop_assert_eq!(read.nodes().columns.get(name), nodes.columns.get(name));
        }
        for name in ["count", "weight", "sign"] {
            prop_assert_eq!(read.edges().columns.get(name), edges.columns.get(name));
        }
    }
}

/// Claim: a column of edges that is called `name`, as that of nodes is, comes back in every format, with the names of the nodes beside it; a further
/// `name` of nodes is refused. Source: equality. Tolerance: none.
#[test]
fn columns_called_name_are_read_again() {
    let nodes = "root_id,class\n007,inter\n\"a, \"\"b\"\"\",motor\n";
    let edges = "source,target,name,count\n007,\"a, \"\"b\"\"\",first synapse,1\n\"a, \"\"b\"\"\",007,,2\n";
    let connectome = imported(&[("nodes.csv", nodes.as_bytes()), ("edges.csv", edges.as_bytes())], &Default::default()).unwrap().connectome;
    for read in [
        binary::parse("a.connectome", &binary::write(&connectome).unwrap()).unwrap(),
        text::parse("a.ron", &text::write(&connectome).unwrap()).unwrap(),
    ] {
        assert_eq!(read, connectome);
        assert_eq!([0, 1].map(|row| &*read.nodes().names[row]), ["007", "a, \"b\""]);
        let Column::Text(names) = &read.edges().columns["name"] else { panic!("texts") };
        assert_eq!([0, 1].map(|row| names.get(row)), [Some("first synapse"), None]);
    }
    let both = "root_id,name\n007,A\n008,B\n";
    let options = ImportOptions { columns: [("name".to_owned(), "root_id".to_owned())].into(), ..Default::default() };
    let refused = imported(&[("nodes.csv", both.as_bytes()), ("edges.csv", b"source,target\n007,008\n")], &options).unwrap_err();
    assert_eq!(refused, "nodes.csv:1:9: this column would be a second `name`; rename it, or choose with --columns");
}

#[test]
fn a_dense_connectome_in_few_bytes_is_read_again() {
    let count = 1000u32;
    let names = (0..count).map(|row| row.to_string().into()).collect();
    let pairs = || (0..count).flat_map(|source| (0..count).map(move |target| (source, target)));
    let columns = BTreeMap::from([("count".to_owned(), Column::Number(NumberColumn::new(vec![1.0; 1_000_000], Dimension::NONE)))]);
    let edges = neuropil_connectome::Edges {
        sources: pairs().map(|(source, _)| source).collect(),
        targets: pairs().map(|(_, target)| target).collect(),
        kinds: vec![EdgeKind::Chemical; 1_000_000].into(),
        columns,
    };
    let nodes = neuropil_connectome::Nodes { names, ..Default::default() };
    let connectome = Connectome::new(About::default(), nodes, edges).unwrap();
    let bytes = binary::write(&connectome).unwrap();
    assert!(bytes.len() < 20_000, "{}", bytes.len());
    assert_eq!(binary::parse("dense.connectome", &bytes).unwrap(), connectome);
}
