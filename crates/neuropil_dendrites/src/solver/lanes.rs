//! Cells of one shape side by side: a row of each array is a node, a lane a cell.
//!
//! What is carried from a child to the parent just before it, and back, stays in registers; only forks, and nodes that something acts on, have sums
//! in memory. A backward Euler step puts what it has eliminated in the place of the old potential, so that it goes over one array where nothing conducts.

use super::{Coefficients, Method};
use crate::real::Real;
use std::ops::Range;

/// Cells that are solved together. From 32 on, compilers turn a plain loop over the lanes into vectors that fill the processor; with 8 they unroll it
/// first, and it runs six times slower.
pub const LANES: usize = 32;

/// One number for each lane.
pub type Lanes<R = f64> = [R; LANES];

/// The constants of cells of one shape, rounded to the numbers that they are solved with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell<R = f64> {
    nodes: Vec<Node<R>>,
    summed: Vec<Range<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Node<R> {
    parent: u32,
    /// Whether the parent is another than the node before.
    ends: bool,
    sums: bool,
    passive: bool,
    /// What does not go to the parent, capacity, constant, up and down; of a passive node 1 over the diagonal, capacity, constant and up over the diagonal, and down.
    factors: [R; 5],
}

impl<R: Real> Cell<R> {
    /// The constants of a cell.
    pub fn new(cell: &Coefficients) -> Self {
        let node = |node: usize| {
            let factors = if cell.passive[node] {
                [cell.inverse[node], cell.passive_capacity[node], cell.passive_constant[node], cell.factor[node], cell.down[node]]
            } else {
                [cell.own[node], cell.capacity[node], cell.constant[node], cell.up[node], cell.down[node]]
            };
            let parent = cell.parent[node];
            let ends = parent as usize + 1 != node;
            Node { parent, ends, sums: cell.sums[node], passive: cell.passive[node], factors: factors.map(R::from) }
        };
        let mut summed: Vec<Range<usize>> = Vec::new();
        for node in (0..cell.len()).filter(|node| cell.sums[*node]) {
            match summed.last_mut() {
                Some(run) if run.end == node * LANES => run.end += LANES,
                _ => summed.push(node * LANES..(node + 1) * LANES),
            }
        }
        Self { nodes: (0..cell.len()).map(node).collect(), summed }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Runs of rows (a node is [`LANES`] of them) that have sums, see [`Coefficients::sums`]; the sums of others are never read.
    pub fn summed(&self) -> &[Range<usize>] {
        &self.summed
    }

    /// One step. `conductance` and `current` hold what mechanisms added up (g, and g E with whatever is injected) at the nodes that have sums, and are
    /// used up; `work` is scratch. Each has a row a node. Mark the caller's function with the instruction set that is meant: everything here is inlined.
    #[inline(always)]
    pub fn step(
        &self,
        method: Method,
        potential: &mut [Lanes<R>],
        conductance: &mut [Lanes<R>],
        current: &mut [Lanes<R>],
        work: &mut [Lanes<R>],
    ) {
        match method {
            Method::BackwardEuler => self.solve::<false>(potential, conductance, current, work),
            Method::CrankNicolson => self.solve::<true>(potential, conductance, current, work),
        }
    }

    #[inline(always)]
    fn solve<const EXTRAPOLATE: bool>(
        &self,
        potential: &mut [Lanes<R>],
        conductance: &mut [Lanes<R>],
        current: &mut [Lanes<R>],
        work: &mut [Lanes<R>],
    ) {
        let count = self.nodes.len();
        let Some(root) = self.nodes.first() else { return };
        let (potential, conductance) = (&mut potential[..count], &mut conductance[..count]);
        let (current, work) = (&mut current[..count], &mut work[..count]);
        // What comes from the child just after a node.
        let (mut g, mut i) = ([R::default(); LANES], [R::default(); LANES]);
        for node in (1..count).rev() {
            let own = &self.nodes[node];
            if own.sums {
                add(&mut i, &current[node]);
            }
            let (v, solved) = (&mut potential[node], &mut current[node]);
            if own.passive {
                eliminate_passive::<EXTRAPOLATE, R>(&mut i, v, solved, own.factors);
            } else {
                if own.sums {
                    add(&mut g, &conductance[node]);
                }
                eliminate::<EXTRAPOLATE, R>(&mut i, &mut g, v, solved, &mut work[node], own.factors);
            }
            if own.ends {
                let parent = own.parent as usize;
                add(&mut current[parent], &i);
                i = [R::default(); LANES];
                if !own.passive {
                    add(&mut conductance[parent], &g);
                    g = [R::default(); LANES];
                }
            }
        }
        let [own, capacity, constant, ..] = root.factors;
        let mut above = [R::default(); LANES];
        for l in 0..LANES {
            let right = i[l] + current[0][l] + capacity.mul_add(potential[0][l], constant);
            above[l] = right / (g[l] + conductance[0][l] + own);
        }
        // From the root on. Where potentials are extrapolated, `current` keeps the implicit ones for the children.
        for l in 0..LANES {
            put::<EXTRAPOLATE, R>(&mut potential[0][l], &mut current[0][l], above[l]);
        }
        for node in 1..count {
            let own = &self.nodes[node];
            if own.ends {
                let parent = own.parent as usize;
                above = if EXTRAPOLATE { current[parent] } else { potential[parent] };
            }
            let (v, solved) = (&mut potential[node], &mut current[node]);
            if own.passive {
                put_in_passive::<EXTRAPOLATE, R>(&mut above, v, solved, own.factors[3]);
            } else {
                put_in::<EXTRAPOLATE, R>(&mut above, v, solved, &work[node]);
            }
        }
    }
}

// The loops stand in functions of their own, whose arguments do not overlap: else they are not made into vectors.

/// Adds one row to another.
#[inline(always)]
fn add<R: Real>(sum: &mut Lanes<R>, more: &Lanes<R>) {
    for l in 0..LANES {
        sum[l] += more[l];
    }
}

/// Eliminates a passive node: `i` is what comes from its children, and then what goes to its parent.
#[inline(always)]
fn eliminate_passive<const EXTRAPOLATE: bool, R: Real>(
    i: &mut Lanes<R>,
    v: &mut Lanes<R>,
    solved: &mut Lanes<R>,
    [inverse, capacity, constant, _, down]: [R; 5],
) {
    for l in 0..LANES {
        let x = i[l].mul_add(inverse, v[l].mul_add(capacity, constant));
        if EXTRAPOLATE {
            solved[l] = x;
        } else {
            v[l] = x;
        }
        i[l] = down * x;
    }
}

/// Eliminates a node.
#[inline(always)]
fn eliminate<const EXTRAPOLATE: bool, R: Real>(
    i: &mut Lanes<R>,
    g: &mut Lanes<R>,
    v: &mut Lanes<R>,
    solved: &mut Lanes<R>,
    factors: &mut Lanes<R>,
    [own, capacity, constant, up, down]: [R; 5],
) {
    for l in 0..LANES {
        let stays = g[l] + own;
        let inverse = R::from(1.0) / (stays + up);
        let x = (i[l] + capacity.mul_add(v[l], constant)) * inverse;
        let factor = up * inverse;
        if EXTRAPOLATE {
            solved[l] = x;
        } else {
            v[l] = x;
        }
        factors[l] = factor;
        g[l] = down * (stays * inverse);
        i[l] = down * x;
    }
}

/// Puts the implicit potential of a passive node in, from that of its parent, `above`, which becomes the node's own.
#[inline(always)]
fn put_in_passive<const EXTRAPOLATE: bool, R: Real>(above: &mut Lanes<R>, v: &mut Lanes<R>, solved: &mut Lanes<R>, factor: R) {
    for l in 0..LANES {
        let implicit = factor.mul_add(above[l], if EXTRAPOLATE { solved[l] } else { v[l] });
        above[l] = implicit;
        put::<EXTRAPOLATE, R>(&mut v[l], &mut solved[l], implicit);
    }
}

/// The same for any node.
#[inline(always)]
fn put_in<const EXTRAPOLATE: bool, R: Real>(above: &mut Lanes<R>, v: &mut Lanes<R>, solved: &mut Lanes<R>, factors: &Lanes<R>) {
    for l in 0..LANES {
        let implicit = factors[l].mul_add(above[l], if EXTRAPOLATE { solved[l] } else { v[l] });
        above[l] = implicit;
        put::<EXTRAPOLATE, R>(&mut v[l], &mut solved[l], implicit);
    }
}

/// The potential after the step, from the one that was solved for.
#[inline(always)]
fn put<const EXTRAPOLATE: bool, R: Real>(v: &mut R, solved: &mut R, implicit: R) {
    if EXTRAPOLATE {
        *v = implicit.mul_add(2.0, -*v);
        *solved = implicit;
    } else {
        *v = implicit;
    }
}
