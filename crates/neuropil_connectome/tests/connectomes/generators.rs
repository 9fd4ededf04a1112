//! The optic lobe as it was published.

use neuropil_connectome::{Column, read_connectome};
use std::path::Path;

/// Claim: the optic lobe with 15 columns from its centre to a corner has 721 columns, 45,669 cells and 1,513,231 connections.
/// Source: Lappalainen et al. 2024, doi:10.1038/s41586-024-07939-3. Tolerance: none, these are counts.
#[test]
fn the_optic_lobe_has_the_published_size() {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/connectomes/optic_lobe/optic_lobe.plan.ron");
    let connectome = read_connectome(plan).unwrap();
    assert_eq!((connectome.node_count(), connectome.edge_count()), (45_669, 1_513_231));
    let Column::Text(types) = &connectome.nodes().columns["type"] else { panic!("types are texts") };
    assert_eq!(types.names.len(), 65);
    let of = |name: &str| (0..connectome.node_count()).filter(|row| types.get(*row) == Some(name)).count();
    assert_eq!(of("T4a"), 721);
    let Column::Number(filled) = &connectome.edges().columns["filled"] else { panic!("filled is a number") };
    assert_eq!(filled.values.iter().filter(|filled| **filled == 0.0).count(), 1_357_269);
    assert!(connectome.nodes().names.iter().any(|name| &**name == "T4a(3,-2)"));
}
