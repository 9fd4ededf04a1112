//! What nodes and edges are, and which classes are wired to which.

use crate::column::MISSING;
use crate::{Column, Connectome, EdgeKind, TextColumn};
use serde::Serialize;

/// Columns of texts that have a fixed meaning, in the order in which a matrix of classes prefers them.
const TEXTS: [&str; 5] = ["class", "region", "type", "transmitter", "side"];

/// At most as many classes in a matrix; the smaller ones are taken together.
const MOST_CLASSES: usize = 32;

/// How many nodes or edges have each text of a column, most frequent first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mix {
    /// Name of the column.
    pub column: String,
    /// Rows without a text.
    pub missing: u64,
    /// Texts and how many rows have each.
    pub texts: Vec<(String, u64)>,
}

/// Connections between classes of nodes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassMatrix {
    /// The column the classes are from.
    pub column: String,
    /// Names of the classes, most frequent first; then `others` and `none` where there are.
    pub names: Vec<String>,
    /// Nodes of each class.
    pub nodes: Vec<u64>,
    /// Edges from the class of the row to that of the column; electrical ones count in both directions, autapses are left out.
    pub edges: Vec<Vec<u64>>,
    /// What was summed along edges: `count`, `weight`, or `edges` where there is neither.
    pub measure: String,
    /// The sum over these edges, divided by the number of pairs of different nodes; none where there is no such pair.
    pub mean: Vec<Vec<Option<f64>>>,
}

/// A column of texts of the nodes.
pub(super) fn text<'a>(connectome: &'a Connectome, name: &str) -> Option<&'a TextColumn> {
    match connectome.nodes().columns.get(name)? {
        Column::Text(column) => Some(column),
        Column::Number(_) => None,
    }
}

/// What nodes are, by each column of fixed meaning that has at least one text.
pub(super) fn node_mixes(connectome: &Connectome) -> Vec<Mix> {
    TEXTS.iter().filter_map(|name| Mix::of(name, text(connectome, name)?)).collect()
}

/// Which transmitters edges have.
pub(super) fn edge_transmitters(connectome: &Connectome) -> Option<Mix> {
    match connectome.edges().columns.get("transmitter")? {
        Column::Text(column) => Mix::of("transmitter", column),
        Column::Number(_) => None,
    }
}

impl Mix {
    fn of(name: &str, column: &TextColumn) -> Option<Self> {
        let counts = counts(column);
        let mut texts: Vec<(String, u64)> =
            column.names.iter().zip(&counts).filter(|(_, count)| **count > 0).map(|(text, count)| (text.to_string(), *count)).collect();
        texts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let missing = column.codes.len() as u64 - counts.iter().sum::<u64>();
        (!texts.is_empty()).then(|| Self { column: name.to_string(), missing, texts })
    }
}

/// How many rows have each text.
fn counts(column: &TextColumn) -> Vec<u64> {
    let mut counts = vec![0u64; column.names.len()];
    for &code in column.codes.iter().filter(|code| **code != MISSING) {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    counts
}

impl ClassMatrix {
    /// The matrix by the first column of `class`, `region`, `type`, `transmitter`, `side` that has two to 32 different texts, or else by
    /// the first that has at least two.
    pub fn of(connectome: &Connectome) -> Option<Self> {
        let used = |column: &TextColumn| counts(column).iter().filter(|count| **count > 0).count();
        let columns: Vec<(&str, &TextColumn)> = TEXTS.iter().filter_map(|name| Some((*name, text(connectome, name)?))).collect();
        let few = columns.iter().find(|(_, column)| (2..=MOST_CLASSES).contains(&used(column)));
        let (name, column) = few.or_else(|| columns.iter().find(|(_, column)| used(column) >= 2))?;
        let mix = Mix::of(name, column)?;
        let mut names: Vec<String> = mix.texts.iter().take(MOST_CLASSES).map(|(text, _)| text.clone()).collect();
        let listed = names.len();
        let others = (mix.texts.len() > listed).then_some(listed as u32);
        let none = (mix.missing > 0).then_some((listed + usize::from(others.is_some())) as u32);
        names.extend(others.map(|_| "others".to_string()));
        names.extend(none.map(|_| "none".to_string()));
        let place = |text: &str| names[..listed].iter().position(|name| name == text).map(|place| place as u32).or(others).unwrap_or(0);
        let place_of_code: Vec<u32> = column.names.iter().map(|text| place(text)).collect();
        let classes: Vec<usize> =
            column.codes.iter().map(|code| place_of_code.get(*code as usize).copied().or(none).unwrap_or(0) as usize).collect();
        let mut nodes = vec![0u64; names.len()];
        classes.iter().for_each(|class| nodes[*class] += 1);

        let edge_columns = &connectome.edges().columns;
        let number = |name: &'static str| match edge_columns.get(name) {
            Some(Column::Number(column)) => Some((name, &column.values)),
            _ => None,
        };
        let measured = number("count").or_else(|| number("weight"));
        let mut edges = vec![vec![0u64; names.len()]; names.len()];
        let mut sums = vec![vec![0.0; names.len()]; names.len()];
        let all = connectome.edges();
        for (row, (&source, &target)) in all.sources.iter().zip(all.targets.iter()).enumerate().filter(|(_, (a, b))| a != b) {
            let value = measured.map_or(1.0, |(_, values)| values.get(row).copied().unwrap_or(f64::NAN));
            let (from, to) = (classes[source as usize], classes[target as usize]);
            let back = (all.kinds[row] == EdgeKind::Electrical).then_some((to, from));
            for (from, to) in std::iter::once((from, to)).chain(back) {
                edges[from][to] += 1;
                sums[from][to] += if value.is_finite() { value } else { 0.0 };
            }
        }
        let mean = |from: usize, to: usize| {
            let pairs = nodes[from] * (nodes[to] - u64::from(from == to));
            (pairs > 0).then(|| sums[from][to] / pairs as f64)
        };
        let mean = (0..names.len()).map(|from| (0..names.len()).map(|to| mean(from, to)).collect()).collect();
        let measure = measured.map_or("edges", |(name, _)| name).to_string();
        Some(Self { column: name.to_string(), names, nodes, edges, measure, mean })
    }
}
