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
/// 64 bytes an arc.
const MANY: usize = 512;

/// A node with so many outgoing arcs or fewer has them looked through. Between the two it has a hash table of its own, of at most 16 bytes an arc. One table
/// for all nodes took ten times as long with 133,436 nodes and 2.3 M arcs (AMD EPYC).
const FEW: usize = 512;

/// A place in a table that is free; no row of a node.
const FREE: u32 = u32::MAX;

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
    lookups: Vec<Lookup>,
    bits: Vec<u64>,
    /// Tables of targets, with linear probing.
    slots: Vec<u32>,
}

/// How the arcs of a source are found.
#[derive(Clone, Copy)]
enum Lookup {
    /// They are looked through.
    Through,
    /// By a row of bits that begins there in `bits`.
    Bits { first: usize },
    /// By a table of 2^(32 - `shift`) places that begins there in `slots`.
    Table { first: usize, shift: u32 },
}

impl Switched {
    fn new(sources: Vec<u32>, targets: Vec<u32>) -> Self {
        let nodes = sources.iter().chain(&targets).max().map_or(0, |last| *last as usize + 1);
        let mut offsets = vec![0usize; nodes + 1];
        sources.iter().for_each(|source| offsets[*source as usize + 1] += 1);
        for node in 0..nodes {
            offsets[node + 1] += offsets[node];
        }
        let (mut words, mut places) = (0, 0);
        let lookups = offsets.windows(2).map(|ends| match ends[1] - ends[0] {
            arcs if arcs > nodes / MANY => {
                words += nodes.div_ceil(64);
                Lookup::Bits { first: words - nodes.div_ceil(64) }
            }
            arcs if arcs > FEW => {
                let length = (2 * arcs).next_power_of_two();
                places += length;
                Lookup::Table { first: places - length, shift: 32 - length.trailing_zeros() }
            }
            _ => Lookup::Through,
        });
        let lookups = lookups.collect();
        let mut graph = Self { lookups, bits: vec![0; words], slots: vec![FREE; places], sources, targets, offsets };
        for arc in 0..graph.targets.len() {
            graph.add(graph.sources[arc], graph.targets[arc]);
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
        match self.lookups[source as usize] {
            Lookup::Through => self.targets[self.offsets[source as usize]..self.offsets[source as usize + 1]].contains(&target),
            Lookup::Bits { first } => self.bits[first + target as usize / 64] >> (target % 64) & 1 == 1,
            Lookup::Table { first, shift } => self.slots[first + self.place(first, shift, target)] == target,
        }
    }

    /// Where a table has a target, or the free place where it would be put.
    fn place(&self, first: usize, shift: u32, target: u32) -> usize {
        let mut place = home(target, shift);
        // Half of a table is free.
        while ![target, FREE].contains(&self.slots[first + place]) {
            place = (place + 1) & last(shift);
        }
        place
    }

    fn add(&mut self, source: u32, target: u32) {
        match self.lookups[source as usize] {
            Lookup::Through => (),
            Lookup::Bits { first } => self.bits[first + target as usize / 64] |= 1 << (target % 64),
            Lookup::Table { first, shift } => {
                let place = self.place(first, shift, target);
                self.slots[first + place] = target;
            }
        }
    }

    fn remove(&mut self, source: u32, target: u32) {
        match self.lookups[source as usize] {
            Lookup::Through => (),
            Lookup::Bits { first } => self.bits[first + target as usize / 64] &= !(1 << (target % 64)),
            Lookup::Table { first, shift } => {
                // What follows moves up unless that would be in front of where it belongs (Knuth, The Art of Computer Programming 3, 6.4 R).
                let last = last(shift);
                let mut free = self.place(first, shift, target);
                let mut place = free;
                loop {
                    place = (place + 1) & last;
                    let follower = self.slots[first + place];
                    if follower == FREE {
                        break;
                    }
                    let from_home = place.wrapping_sub(home(follower, shift)) & last;
                    if from_home >= place.wrapping_sub(free) & last {
                        self.slots[first + free] = follower;
                        free = place;
                    }
                }
                self.slots[first + free] = FREE;
            }
        }
    }

    /// Swaps the targets of two arcs if that makes a graph that may be.
    fn switch(&mut self, first: usize, second: usize) -> bool {
        let (a, b, c, d) = (self.sources[first], self.targets[first], self.sources[second], self.targets[second]);
        // With A = C or B = D nothing would change.
        if a == c || b == d || a == d || c == b || self.has(a, d) || self.has(c, b) {
            return false;
        }
        self.remove(a, b);
        self.remove(c, d);
        self.add(a, d);
        self.add(c, b);
        (self.targets[first], self.targets[second]) = (d, b);
        true
    }
}

/// Where a target belongs in a table.
fn home(target: u32, shift: u32) -> usize {
    (target.wrapping_mul(0x9E37_79B1) >> shift) as usize
}

/// The last place of a table.
fn last(shift: u32) -> usize {
    (u32::MAX >> shift) as usize
}
