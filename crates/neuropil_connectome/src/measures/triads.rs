//! The triad census: how often each of the sixteen ways to wire three nodes occurs.
//!
//! Names are those of Holland and Leinhardt: numbers of mutual, one-way and absent pairs, then a letter (Down, Up, Transitive, Cyclic). Batagelj and Mrvar count
//! by walking over the neighbours of each pair. Here the same numbers come from two cheaper counts: at each node, how many pairs of its pairs there are of
//! each sort (a formula of three degrees), and all triangles. A pair of pairs whose ends are not connected is an open triad; each triangle holds three
//! that are closed. What is left over is not connected.
//!
//! # References
//! - Holland PW, Leinhardt S (1976). Local structure in social networks. Sociol Methodol 7:1-45. doi:10.2307/270703
//! - Batagelj V, Mrvar A (2001). A subquadratic triad census algorithm for large sparse networks with small maximum degree. Soc Networks 23:237-243.
//!   doi:10.1016/S0378-8733(01)00035-1

use super::triangles::{Counts, LABELS, reversed};
use super::wiring::{BACKWARD, FORWARD, MUTUAL, Pair};
use serde::Serialize;

/// Names of the triads, in the order of [`TriadCensus::counts`]: three that are not connected, then the thirteen that are.
pub const TRIADS: [&str; 16] =
    ["003", "012", "102", "021D", "021U", "021C", "111D", "111U", "030T", "030C", "201", "120D", "120U", "120C", "210", "300"];

/// The wiring of each connected triad, in the order of the last thirteen of [`TRIADS`].
pub const TRIAD_PICTURES: [&str; 13] = [
    "A ← B → C",
    "A → B ← C",
    "A → B → C",
    "A ↔ B ← C",
    "A ↔ B → C",
    "A → B → C, A → C",
    "A → B → C → A",
    "A ↔ B ↔ C",
    "A ← B → C, A ↔ C",
    "A → B ← C, A ↔ C",
    "A → B → C, A ↔ C",
    "A ↔ B ↔ C, A → C",
    "A ↔ B ↔ C ↔ A",
];

/// Triads that are not connected.
pub(super) const UNCONNECTED: usize = 3;

/// How often each triad occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub struct TriadCensus {
    /// Numbers of triads, in the order of [`TRIADS`].
    pub counts: [u128; 16],
}

impl TriadCensus {
    /// How often the triad of a name occurs; none if no triad has it.
    pub fn count(&self, name: &str) -> Option<u128> {
        TRIADS.iter().zip(self.counts).find(|(other, _)| **other == name).map(|(_, count)| count)
    }

    /// The connected triads, in the order of [`TRIAD_PICTURES`].
    pub fn connected(&self) -> &[u128] {
        &self.counts[UNCONNECTED..]
    }

    /// Of all pairs of connected pairs that share a node, the fraction whose ends are connected, whatever the directions.
    pub fn transitivity(&self) -> Option<f64> {
        let closed: u128 = TRIADS.iter().zip(self.counts).filter(|(name, _)| is_closed(name)).map(|(_, count)| 3 * count).sum();
        let open: u128 = self.connected().iter().sum::<u128>() - closed / 3;
        (open + closed > 0).then(|| closed as f64 / (open + closed) as f64)
    }

    /// From pairs and the triangles among them, of which those with a pair that is electrical only are no triads.
    pub(super) fn new(nodes: usize, pairs: &[Pair], triangles: &Counts) -> Self {
        let mut kinds = vec![[0u64; 4]; nodes];
        for pair in pairs {
            let label = pair.label & MUTUAL;
            kinds[pair.low as usize][usize::from(label)] += 1;
            kinds[pair.high as usize][usize::from(reversed(label))] += 1;
        }
        let two = |count: u64| u128::from(count) * u128::from(count.saturating_sub(1)) / 2;
        let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
        let mut counts = [0i128; 16];
        for [_, outward, inward, mutual] in kinds {
            let open = [
                (3, two(outward)),
                (4, two(inward)),
                (5, product(outward, inward)),
                (6, product(mutual, inward)),
                (7, product(mutual, outward)),
                (10, two(mutual)),
            ];
            open.into_iter().for_each(|(triad, more)| counts[triad] += more as i128);
        }
        for (code, &count) in triangles.iter().enumerate().filter(|(_, count)| **count > 0) {
            let label = |place: usize| (code / LABELS.pow(place as u32) % LABELS) as u8 & MUTUAL;
            let [first, second, third] = [0, 1, 2].map(label);
            // The two pairs at the lowest, middle and highest node.
            let corners = [(first, second), (reversed(first), third), (reversed(second), reversed(third))];
            let count = i128::from(count);
            if first != 0 && second != 0 && third != 0 {
                counts[closed_triad(corners)] += count;
                corners.into_iter().for_each(|(a, b)| counts[open_triad(a, b)] -= count);
            }
        }
        let labelled = |wanted: fn(u8) -> bool| pairs.iter().filter(|pair| wanted(pair.label & MUTUAL)).count() as i128;
        let one_way = labelled(|label| label == FORWARD || label == BACKWARD);
        let mutual = labelled(|label| label == MUTUAL);
        let others = nodes.saturating_sub(2) as i128;
        // The name of a triad begins with its numbers of mutual and of one-way pairs.
        let digit = |triad: usize, place: usize| i128::from(TRIADS[triad].as_bytes()[place] - b'0');
        let connected = |place: usize| (UNCONNECTED..16).map(|triad| digit(triad, place) * counts[triad]).sum::<i128>();
        let (with_one_way, with_mutual) = (connected(1), connected(0));
        counts[1] = one_way * others - with_one_way;
        counts[2] = mutual * others - with_mutual;
        let n = nodes as i128;
        let all = if n < 3 { 0 } else { n * (n - 1) / 2 * (n - 2) / 3 };
        counts[0] = all - counts[1..].iter().sum::<i128>();
        Self { counts: counts.map(|count| count.max(0) as u128) }
    }
}

/// Whether all three pairs of a triad are connected.
fn is_closed(name: &str) -> bool {
    name.as_bytes().get(2) == Some(&b'0')
}

/// The open triad whose middle node sees its two pairs so.
fn open_triad(a: u8, b: u8) -> usize {
    match (a.min(b), a.max(b)) {
        (FORWARD, FORWARD) => 3,
        (BACKWARD, BACKWARD) => 4,
        (FORWARD, BACKWARD) => 5,
        (BACKWARD, MUTUAL) => 6,
        (FORWARD, MUTUAL) => 7,
        _ => 10,
    }
}

/// The closed triad whose nodes see their two pairs so.
fn closed_triad(corners: [(u8, u8); 3]) -> usize {
    let mutual_corners = corners.iter().flat_map(|(a, b)| [a, b]).filter(|label| **label == MUTUAL).count();
    match mutual_corners / 2 {
        // Each node of a cycle has one arc that leaves it.
        0 if corners.iter().all(|(a, b)| a != b) => 9,
        0 => 8,
        1 => match corners.into_iter().find(|(a, b)| *a != MUTUAL && *b != MUTUAL) {
            Some((FORWARD, FORWARD)) => 11,
            Some((BACKWARD, BACKWARD)) => 12,
            _ => 13,
        },
        2 => 14,
        _ => 15,
    }
}
