//! Random graphs with the same in- and out-degrees, by switching arcs.
//!
//! Two arcs A → B and C → D, drawn at random, become A → D and C → B, unless that would make an autapse or an arc that is there already; then the graph
//! stays as it is, and the attempt counts. Every node keeps its in-degree and its out-degree exactly. After many attempts an arc each graph with these degrees
//! is about equally likely (Milo R, Kashtan N, Itzkovitz S, Newman MEJ, Alon U (2003). On the uniform generation of random graphs with prescribed degree
//! sequences. arXiv:cond-mat/0312028). A cycle of three arcs cannot be turned round by switching two at a time; in graphs of more than a few arcs this
//! hardly matters (Roberts ES, Coolen ACC (2012). Phys Rev E 85:046103. doi:10.1103/PhysRevE.85.046103).

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// Attempts to switch, for each arc of the graph.
pub const ATTEMPTS_PER_ARC: usize = 10;

/// A node with more outgoing arcs than this fraction of all nodes has them as a row of bits too, so that asking for one stays cheap and the rows take at most
/// 64 bytes an arc. The others' arcs are looked through: a hash table of all took ten times as long with 133,436 nodes and 2.3 M arcs (AMD EPYC).
const FEW: usize = 512;

/// Without success after so many attempts, and one an arc, no more are made.
const VAIN_ATTEMPTS: usize = 10_000;

/// Attempts that are drawn together, so that what they need is fetched from memory at the same time.
const TOGETHER: usize = 64;

/// A graph whose arcs were switched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shuffled {
    /// Distinct (source, target), in the order of the sources that was given.
    pub arcs: Vec<(u32, u32)>,
    /// How many attempts succeeded.
    pub switches: u64,
}

/// Switches the arcs of a graph, which are distinct, no autapses, and in ascending order. Each `number` of a `seed` is a random stream of its own.
pub fn shuffled(arcs: &[(u32, u32)], seed: u64, number: u32) -> Shuffled {
    let mut switches = 0;
    if arcs.len() < 2 {
        return Shuffled { arcs: arcs.to_vec(), switches };
    }
    let (sources, targets) = arcs.iter().copied().unzip();
    let mut graph = Switched::new(sources, targets);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..number).for_each(|_| random.jump());
    let attempts = ATTEMPTS_PER_ARC * arcs.len();
    let mut drawn = [(0, 0); TOGETHER];
    for begun in (0..attempts).step_by(TOGETHER) {
        if switches == 0 && begun > VAIN_ATTEMPTS.max(arcs.len()) {
            break;
        }
        let drawn = &mut drawn[..TOGETHER.min(attempts - begun)];
        drawn.fill_with(|| (random.random_range(0..arcs.len()), random.random_range(0..arcs.len())));
        graph.touch(drawn);
        switches += drawn.iter().filter(|(first, second)| graph.switch(*first, *second)).count() as u64;
    }
    Shuffled { arcs: graph.sources.into_iter().zip(graph.targets).collect(), switches }
}

/// Arcs, by source.
struct Switched {
    sources: Vec<u32>,
    targets: Vec<u32>,
    /// Where the arcs of each source begin, and where the last end.
    offsets: Vec<usize>,
    /// Where the bits of each source begin in `bits`; none for sources with few arcs.
    rows: Vec<Option<usize>>,
    bits: Vec<u64>,
}

impl Switched {
    fn new(sources: Vec<u32>, targets: Vec<u32>) -> Self {
        let nodes = sources.iter().chain(&targets).max().map_or(0, |last| *last as usize + 1);
        let mut offsets = vec![0usize; nodes + 1];
        sources.iter().for_each(|source| offsets[*source as usize + 1] += 1);
        for node in 0..nodes {
            offsets[node + 1] += offsets[node];
        }
        let mut words = 0;
        let rows = offsets.windows(2).map(|ends| {
            let many = ends[1] - ends[0] > nodes / FEW;
            many.then(|| {
                words += nodes.div_ceil(64);
                words - nodes.div_ceil(64)
            })
        });
        let mut graph = Self { rows: rows.collect(), bits: vec![0; words], sources, targets, offsets };
        for arc in 0..graph.targets.len() {
            graph.mark(graph.sources[arc], graph.targets[arc]);
        }
        graph
    }

    /// Reads what attempts will need; changes nothing.
    fn touch(&self, drawn: &[(usize, usize)]) {
        let mut read = 0;
        for &(first, second) in drawn {
            for arc in [first, second] {
                read ^= self.targets[arc] ^ self.targets[self.offsets[self.sources[arc] as usize]];
            }
        }
        std::hint::black_box(read);
    }

    fn has(&self, source: u32, target: u32) -> bool {
        match self.rows[source as usize] {
            Some(row) => self.bits[row + target as usize / 64] >> (target % 64) & 1 == 1,
            None => self.targets[self.offsets[source as usize]..self.offsets[source as usize + 1]].contains(&target),
        }
    }

    /// Sets the bit of an arc that comes, or clears that of one that goes.
    fn mark(&mut self, source: u32, target: u32) {
        if let Some(row) = self.rows[source as usize] {
            self.bits[row + target as usize / 64] ^= 1 << (target % 64);
        }
    }

    /// Swaps the targets of two arcs if that makes a graph that may be.
    fn switch(&mut self, first: usize, second: usize) -> bool {
        let (a, b, c, d) = (self.sources[first], self.targets[first], self.sources[second], self.targets[second]);
        // With A = C or B = D nothing would change.
        if a == c || b == d || a == d || c == b || self.has(a, d) || self.has(c, b) {
            return false;
        }
        for (source, target) in [(a, b), (c, d), (a, d), (c, b)] {
            self.mark(source, target);
        }
        (self.targets[first], self.targets[second]) = (d, b);
        true
    }
}
