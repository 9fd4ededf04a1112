//! Whatever bytes a file has, the answer is a connectome or one error.

use crate::imported;
use crate::round_trips::{about, graph};
use neuropil_connectome::Connectome;
use neuropil_connectome::formats::{binary, text};
use proptest::prelude::*;

const NODES: &str = "name,class,x,y,z\nA,\"in\"\"ter\",1,2,3\nB,motor,,,\n";
const EDGES: &str = "source,target,kind,count,delay_ms\nA,B,chemical,3,0.5\nB,A,electrical,2,\n";
const GRAPHML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="class" attr.type="string"><default>inter</default></key>
<key id="d1" for="edge" attr.name="count" attr.type="int"/>
<graph edgedefault="directed"><node id="A"><data key="d0">sensory &amp; motor</data></node><node id="B"/>
<edge source="A" target="B"><data key="d1">3</data></edge></graph></graphml>
"#;
const RON: &str = r#"Connectome(nodes: [(name: "A", position: (1, 2.5, 3)), (name: "B", tags: {"age": 3})],
    edges: [(source: "A", target: "B", kind: electrical, count: 5, sign: -1)])"#;
const PLAN: &str = r#"ColumnPlan(extent: 2, types: [(name: "A"), (name: "B", stride: (2, 1))],
    edges: [(source: "A", target: "B", sign: 1, offsets: [(0, 0, 2), (1, -1, 0.5)], filled: [(0, 1)])])"#;
const MATRIX: &str = ",A,B\nA,0,2\nB,1.5,0\n";

/// A change of one byte, of several, or a cut.
fn spoil(bytes: &[u8], changes: &[(usize, u8)], cut: Option<usize>) -> Vec<u8> {
    let mut spoiled = bytes.to_vec();
    for (place, byte) in changes {
        let length = spoiled.len();
        spoiled[place % length] = *byte;
    }
    if let Some(cut) = cut {
        spoiled.truncate(cut % bytes.len());
    }
    spoiled
}

fn changes() -> impl Strategy<Value = (Vec<(usize, u8)>, Option<usize>)> {
    (proptest::collection::vec((any::<usize>(), any::<u8>()), 0..4), proptest::option::of(any::<usize>()))
}

/// Claim: what a parser quotes of a file, line breaks and all, does not break an error over lines. Source: definition. Tolerance: none.
#[test]
fn errors_are_in_one_line() {
    let spoiled = GRAPHML.replacen("</", "</\n\u{1b}[31m", 1);
    let error = imported(&[("a.graphml", spoiled.as_bytes())], &Default::default()).unwrap_err();
    assert!(error.starts_with("a.graphml:") && !error.contains(char::is_control), "{error:?}");
}

proptest! {
    /// Claim: a compressed connectome with any byte changed, or cut, is refused. Source: equality with what was written. Tolerance: none.
    #[test]
    fn a_changed_byte_is_refused(graph in graph(), (changes, cut) in changes()) {
        let connectome = Connectome::from_graph(&graph, about()).unwrap();
        let bytes = binary::write(&connectome).unwrap();
        let spoiled = spoil(&bytes, &changes, cut);
        match binary::parse("a.connectome", &spoiled) {
            Ok(read) => prop_assert!(spoiled == bytes && read == connectome),
            Err(error) => {
                prop_assert!(spoiled != bytes);
                prop_assert!(error.to_string().starts_with("a.connectome: "), "{}", error);
            }
        }
    }

    #[test]
    fn any_bytes_give_a_connectome_or_an_error((changes, cut) in changes(), kind in 0..6usize) {
        let files: [&[(&str, &str)]; 6] = [
            &[("nodes.csv", NODES), ("edges.csv", EDGES)],
            &[("a.graphml", GRAPHML)],
            &[("a.ron", RON)],
            &[("a.plan.ron", PLAN)],
            &[("a.csv", MATRIX)],
            &[("edges.tsv", EDGES)],
        ];
        let (name, last) = files[kind].last().unwrap();
        let spoiled = spoil(last.as_bytes(), &changes, cut);
        let mut all: Vec<(&str, &[u8])> = files[kind].iter().map(|(name, content)| (*name, content.as_bytes())).collect();
        *all.last_mut().unwrap() = (name, &spoiled);
        if let Err(error) = imported(&all, &Default::default()) {
            prop_assert!(!error.is_empty() && !error.contains('\n'), "{}", error);
        }
    }

    #[test]
    fn noise_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(binary::parse("a.connectome", &bytes).is_err());
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(text::parse("a.ron", &text).is_err());
        prop_assert!(imported(&[("a.graphml", &bytes)], &Default::default()).is_err());
    }
}

#[test]
fn unspoiled_files_are_read() {
    for files in [
        vec![("nodes.csv", NODES), ("edges.csv", EDGES)],
        vec![("a.graphml", GRAPHML)],
        vec![("a.ron", RON)],
        vec![("a.plan.ron", PLAN)],
        vec![("a.csv", MATRIX)],
        vec![("edges.csv", EDGES)],
    ] {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (*name, content.as_bytes())).collect();
        let read = imported(&files, &Default::default()).unwrap();
        assert!(read.connectome.edge_count() > 0, "{files:?}");
    }
}

/// A file with a valid checksum that claims what it does not hold.
fn forged(change: impl FnOnce(&mut Vec<u8>)) -> String {
    use std::hash::Hasher;
    let connectome = text::parse("a.ron", RON).unwrap();
    let mut bytes = binary::write(&connectome).unwrap();
    change(&mut bytes);
    let mut hasher = twox_hash::XxHash3_64::new();
    hasher.write(&bytes[..28]);
    hasher.write(&bytes[36..]);
    bytes[28..36].copy_from_slice(&hasher.finish().to_le_bytes());
    match binary::parse("a.connectome", &bytes) {
        Ok(_) => "read".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn claims_beyond_the_size_of_the_file_take_no_memory() {
    assert_eq!(forged(|_| {}), "read");
    let nodes = forged(|bytes| bytes[12..20].copy_from_slice(&1_000_000_000u64.to_le_bytes()));
    assert!(nodes.contains("damaged"), "{nodes}");
    let edges = forged(|bytes| bytes[20..28].copy_from_slice(&u64::MAX.to_le_bytes()));
    assert!(edges.contains("damaged"), "{edges}");
    let version = forged(|bytes| bytes[8] = 9);
    assert!(version.contains("has version 9"), "{version}");
    let longer = forged(|bytes| bytes.push(1));
    assert!(longer.contains("damaged"), "{longer}");
}

#[test]
fn a_bomb_is_refused_by_the_size_of_its_file() {
    // A valid prefix whose first texts claim a gigabyte of zeros, which Zstandard packs into some kilobytes.
    let bomb = forged(|bytes| {
        let packed = zstd::bulk::compress(&vec![0u8; 1 << 30], 3).unwrap();
        assert!(packed.len() < 200_000);
        bytes[12..20].copy_from_slice(&(1u64 << 30).to_le_bytes());
        bytes.truncate(36);
        bytes.extend((1u64 << 30).to_le_bytes());
        bytes.push(1);
        bytes.extend((1u64 << 30).to_le_bytes());
        bytes.extend((packed.len() as u64).to_le_bytes());
        bytes.extend(packed);
    });
    assert!(bomb.contains("far more than its size allows"), "{bomb}");
}

#[test]
fn deep_documents_do_not_overflow_the_stack() {
    let brackets = "[".repeat(100_000);
    let ron = format!("Connectome(nodes: {brackets}");
    let error = imported(&[("a.ron", ron.as_bytes())], &Default::default()).unwrap_err();
    assert!(error.starts_with("a.ron:1:"), "{error}");
    let xml = format!("<graphml>{}", "<a>".repeat(100_000));
    let error = imported(&[("a.graphml", xml.as_bytes())], &Default::default()).unwrap_err();
    assert!(error.starts_with("a.graphml:1:"), "{error}");
}
