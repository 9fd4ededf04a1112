//! The k-core decomposition: peel off nodes with few partners until none is left.

use super::wiring::Wiring;
use serde::Serialize;

/// The cores of a graph, whatever the kind and direction of edges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cores {
    /// The largest k for which there are nodes that all have k partners among themselves.
    pub innermost: u32,
    /// Nodes of that innermost core.
    pub innermost_nodes: u64,
    /// Nodes whose core number is 0, 1, 2, … (the k of the innermost core that a node is in).
    pub nodes_by_core: Vec<u64>,
}

impl Cores {
    /// The cores of a graph; none if it has no nodes.
    pub fn of(wiring: &Wiring) -> Option<Self> {
        let numbers = core_numbers(wiring);
        let innermost = *numbers.iter().max()?;
        let mut nodes_by_core = vec![0u64; innermost as usize + 1];
        numbers.iter().for_each(|number| nodes_by_core[*number as usize] += 1);
        Some(Self { innermost, innermost_nodes: nodes_by_core[innermost as usize], nodes_by_core })
    }
}

/// The core number of each node, in time that grows with the number of pairs (Batagelj V, Zaversnik M (2003). An O(m) algorithm for cores
/// decomposition of networks. arXiv:cs/0310049).
pub(super) fn core_numbers(wiring: &Wiring) -> Vec<u32> {
    let nodes = wiring.nodes;
    let mut offsets = vec![0usize; nodes + 1];
    for (row, partners) in wiring.partners.iter().enumerate() {
        offsets[row + 1] = offsets[row] + *partners as usize;
    }
    let mut next = offsets.clone();
    let mut neighbours = vec![0u32; 2 * wiring.pairs.len()];
    for pair in &wiring.pairs {
        for (from, to) in [(pair.low, pair.high), (pair.high, pair.low)] {
            let place = &mut next[from as usize];
            neighbours[*place] = to;
            *place += 1;
        }
    }
    // Nodes in the order of the partners they have left; where those with each number begin; where each node stands.
    let mut left = wiring.partners.clone();
    let most = left.iter().max().map_or(0, |most| *most as usize);
    let mut begins = vec![0usize; most + 2];
    left.iter().for_each(|partners| begins[*partners as usize + 1] += 1);
    for number in 0..=most {
        begins[number + 1] += begins[number];
    }
    let mut order: Vec<u32> = (0..nodes as u32).collect();
    order.sort_by_key(|&row| left[row as usize]);
    let mut places = vec![0usize; nodes];
    order.iter().enumerate().for_each(|(place, row)| places[*row as usize] = place);
    for place in 0..nodes {
        let peeled = order[place] as usize;
        for &neighbour in &neighbours[offsets[peeled]..offsets[peeled + 1]] {
            let (other, number) = (neighbour as usize, left[neighbour as usize]);
            if number > left[peeled] {
                // The neighbour changes places with the first of its number, and that number begins one later.
                let front = begins[number as usize];
                let swapped = order[front];
                order.swap(front, places[other]);
                (places[swapped as usize], places[other]) = (places[other], front);
                begins[number as usize] += 1;
                left[other] -= 1;
            }
        }
    }
    left
}
