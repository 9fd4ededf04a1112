//! All triangles of a graph, each once.
//!
//! Nodes are ranked by how many partners they have, and each pair belongs to its node of lower rank; a triangle is found at its lowest node. With e
//! pairs no node owns more than √(2e), so the work is at most of order e^1.5, also for stars (Latapy M (2008). Main-memory triangle
//! computations for very large (sparse (power-law)) graphs. Theor Comput Sci 407:458-473. doi:10.1016/j.tcs.2008.07.017).

use super::wiring::{BACKWARD, FORWARD, Pair};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lowest nodes that a worker takes at a time.
const CHUNK: usize = 64;

/// At most as many workers, each of which keeps a byte and more for every node.
const MOST_WORKERS: usize = 16;

/// How many different labels a pair can have.
pub(super) const LABELS: usize = 8;

/// Triangles by the labels of their pairs: entry a + 8 b + 64 c counts those whose lowest and middle node are joined as `a` says, lowest and highest
/// as `b`, middle and highest as `c`, each seen from the node of lower rank.
pub(super) type Counts = [u64; LABELS * LABELS * LABELS];

/// Pairs by their node of lower rank.
pub(super) struct Ranked {
    /// Where the pairs of each rank begin, and where the last end.
    offsets: Vec<usize>,
    targets: Vec<u32>,
    labels: Vec<u8>,
    /// The row of each rank.
    rows: Vec<u32>,
}

/// What a node is in: triangles, and the sum over these of the product of the numbers of arcs in their three pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AtNode {
    pub(super) triangles: u64,
    pub(super) directed: u64,
}

/// Swaps the two directions of a label.
pub(super) fn reversed(label: u8) -> u8 {
    (label & !(FORWARD | BACKWARD)) | ((label & FORWARD) << 1) | ((label & BACKWARD) >> 1)
}

impl Ranked {
    /// Ranks the nodes of a graph with `partners` of each node.
    pub(super) fn new(pairs: &[Pair], partners: &[u32]) -> Self {
        let mut rows: Vec<u32> = (0..partners.len() as u32).collect();
        rows.sort_unstable_by_key(|&row| (partners[row as usize], row));
        let mut ranks = vec![0u32; rows.len()];
        for (rank, &row) in (0..).zip(&rows) {
            ranks[row as usize] = rank;
        }
        let placed = |pair: &Pair| {
            let (low, high) = (ranks[pair.low as usize], ranks[pair.high as usize]);
            if low < high { (low, high, pair.label) } else { (high, low, reversed(pair.label)) }
        };
        let mut offsets = vec![0usize; rows.len() + 1];
        for pair in pairs {
            offsets[placed(pair).0 as usize + 1] += 1;
        }
        for rank in 0..rows.len() {
            offsets[rank + 1] += offsets[rank];
        }
        let mut next = offsets.clone();
        let (mut targets, mut labels) = (vec![0u32; pairs.len()], vec![0u8; pairs.len()]);
        for pair in pairs {
            let (low, high, label) = placed(pair);
            let place = &mut next[low as usize];
            (targets[*place], labels[*place]) = (high, label);
            *place += 1;
        }
        Self { offsets, targets, labels, rows }
    }

    /// How many candidates the search looks at.
    pub(super) fn work(&self) -> u64 {
        let owned = |rank: u32| (self.offsets[rank as usize + 1] - self.offsets[rank as usize]) as u64;
        self.targets.iter().map(|&rank| owned(rank)).sum()
    }

    /// Counts triangles by label, on one thread.
    pub(super) fn count(&self) -> Box<Counts> {
        let mut search = Search::new(self, None);
        (0..self.rows.len()).for_each(|rank| search.at(rank));
        search.counts
    }

    /// Counts triangles by label, and what each node is in, on all threads.
    pub(super) fn count_at_nodes(&self) -> (Box<Counts>, Vec<AtNode>) {
        let nodes = self.rows.len();
        let next = AtomicUsize::new(0);
        let workers = rayon::current_num_threads().min(MOST_WORKERS).min(nodes.div_ceil(CHUNK)).max(1);
        // Sums of integers: which worker takes what makes no difference.
        let work = |_| {
            let mut search = Search::new(self, Some(vec![AtNode::default(); nodes]));
            loop {
                let first = next.fetch_add(CHUNK, Ordering::Relaxed);
                if first >= nodes {
                    return (search.counts, search.nodes.unwrap_or_default());
                }
                (first..nodes.min(first + CHUNK)).for_each(|rank| search.at(rank));
            }
        };
        let parts: Vec<_> = (0..workers).into_par_iter().map(work).collect();
        let mut counts = Box::new([0; LABELS * LABELS * LABELS]);
        let mut at_rows = vec![AtNode::default(); nodes];
        for (part, at_ranks) in parts {
            counts.iter_mut().zip(part.iter()).for_each(|(sum, more)| *sum += more);
            for (&row, more) in self.rows.iter().zip(&at_ranks) {
                let sum = &mut at_rows[row as usize];
                sum.triangles += more.triangles;
                sum.directed += more.directed;
            }
        }
        (counts, at_rows)
    }
}

/// A worker's search.
struct Search<'a> {
    graph: &'a Ranked,
    /// The label of the pair that the lowest node forms with each node; 0 where there is none.
    marks: Vec<u8>,
    counts: Box<Counts>,
    /// By rank.
    nodes: Option<Vec<AtNode>>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Ranked, nodes: Option<Vec<AtNode>>) -> Self {
        Self { graph, marks: vec![0; graph.rows.len()], counts: Box::new([0; LABELS * LABELS * LABELS]), nodes }
    }

    /// Finds the triangles whose lowest node is `lowest`.
    fn at(&mut self, lowest: usize) {
        let Ranked { offsets, targets, labels, .. } = self.graph;
        let own = offsets[lowest]..offsets[lowest + 1];
        if own.len() < 2 {
            return;
        }
        for place in own.clone() {
            self.marks[targets[place] as usize] = labels[place];
        }
        for place in own.clone() {
            let (middle, first) = (targets[place] as usize, labels[place]);
            let (mut triangles, mut directed) = (0, 0);
            let own = offsets[middle]..offsets[middle + 1];
            for (&highest, &third) in targets[own.clone()].iter().zip(&labels[own]) {
                let second = self.marks[highest as usize];
                if second == 0 {
                    continue;
                }
                self.counts[usize::from(first) + LABELS * usize::from(second) + LABELS * LABELS * usize::from(third)] += 1;
                if let Some(nodes) = &mut self.nodes {
                    let at = &mut nodes[highest as usize];
                    let product = arcs(second) * arcs(third);
                    at.triangles += 1;
                    at.directed += arcs(first) * product;
                    triangles += 1;
                    directed += arcs(first) * product;
                }
            }
            if let Some(nodes) = &mut self.nodes {
                for node in [lowest, middle] {
                    nodes[node].triangles += triangles;
                    nodes[node].directed += directed;
                }
            }
        }
        for place in own {
            self.marks[targets[place] as usize] = 0;
        }
    }
}

/// Number of arcs of a pair.
fn arcs(label: u8) -> u64 {
    u64::from((label & (FORWARD | BACKWARD)).count_ones())
}
