//! Cells of one shape side by side: a row of each array is a node, a lane a cell.
//!
//! What is carried from a child to the parent just before it, and back, stays in registers; only forks, and nodes that something acts on, have sums
//! in memory.

use super::{Coefficients, Method};
use crate::real::Real;

/// Cells that are solved together. From 32 on, compilers turn a plain loop over the lanes into vectors that fill the processor; with 8 they unroll it
/// first, and it runs six times slower.
pub const LANES: usize = 32;

/// One number for each lane.
pub type Lanes<R = f64> = [R; LANES];

/// Clears the sums of those nodes that have some; the others are never read.
#[inline(always)]
pub fn clear<R: Real>(cell: &Coefficients<R>, conductance: &mut [Lanes<R>], current: &mut [Lanes<R>]) {
    for node in &cell.summed {
        conductance[*node as usize] = [R::default(); LANES];
        current[*node as usize] = [R::default(); LANES];
    }
}

/// One step. `conductance` and `current` hold what mechanisms added up (g, and g E with whatever is injected) at the nodes that
/// [`Coefficients::sums`] names, and are used up; `work` is scratch. Each has a row a node. Mark the caller's function with the instruction set that
/// is meant: everything here is inlined.
#[inline(always)]
pub fn step<R: Real>(
    cell: &Coefficients<R>,
    method: Method,
    potential: &mut [Lanes<R>],
    conductance: &mut [Lanes<R>],
    current: &mut [Lanes<R>],
    work: &mut [Lanes<R>],
) {
    let nodes = cell.len();
    if nodes == 0 {
        return;
    }
    let (potential, conductance) = (&mut potential[..nodes], &mut conductance[..nodes]);
    let (current, work) = (&mut current[..nodes], &mut work[..nodes]);
    // What comes from the child just after a node.
    let (mut g, mut i) = ([R::default(); LANES], [R::default(); LANES]);
    for node in (1..nodes).rev() {
        let parent = cell.parent[node] as usize;
        let v = &potential[node];
        if cell.sums[node] {
            add(&mut i, &current[node]);
        }
        let down = cell.down[node];
        if cell.passive[node] {
            let (inverse, capacity, constant) = (cell.inverse[node], cell.passive_capacity[node], cell.passive_constant[node]);
            eliminate_passive(&mut i, v, &mut current[node], [inverse, capacity, constant, down]);
        } else {
            if cell.sums[node] {
                add(&mut g, &conductance[node]);
            }
            let (up, diagonal, capacity, constant) = (cell.up[node], cell.diagonal[node], cell.capacity[node], cell.constant[node]);
            let constants = [diagonal, capacity, constant, up, down];
            eliminate(&mut i, &mut g, v, &mut current[node], &mut work[node], constants);
        }
        if parent + 1 != node {
            add(&mut current[parent], &i);
            i = [R::default(); LANES];
            if !cell.passive[node] {
                add(&mut conductance[parent], &g);
                g = [R::default(); LANES];
            }
        }
    }
    let mut above = [R::default(); LANES];
    for l in 0..LANES {
        let right = i[l] + current[0][l] + cell.capacity[0].mul_add(potential[0][l], cell.constant[0]);
        above[l] = right / (g[l] + conductance[0][l] + cell.diagonal[0]);
    }
    match method {
        Method::BackwardEuler => put_in::<false, R>(cell, above, potential, current, work),
        Method::CrankNicolson => put_in::<true, R>(cell, above, potential, current, work),
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
fn eliminate_passive<R: Real>(i: &mut Lanes<R>, v: &Lanes<R>, solved: &mut Lanes<R>, [inverse, capacity, constant, down]: [R; 4]) {
    for l in 0..LANES {
        let x = i[l].mul_add(inverse, v[l].mul_add(capacity, constant));
        solved[l] = x;
        i[l] = down * x;
    }
}

/// Eliminates a node.
#[inline(always)]
fn eliminate<R: Real>(
    i: &mut Lanes<R>,
    g: &mut Lanes<R>,
    v: &Lanes<R>,
    solved: &mut Lanes<R>,
    factors: &mut Lanes<R>,
    [diagonal, capacity, constant, up, down]: [R; 5],
) {
    for l in 0..LANES {
        let inverse = R::from(1.0) / (g[l] + diagonal);
        let x = (i[l] + capacity.mul_add(v[l], constant)) * inverse;
        let factor = up * inverse;
        solved[l] = x;
        factors[l] = factor;
        g[l] = -down * factor;
        i[l] = down * x;
    }
}

/// Puts potentials in from the root on, whose implicit potential is `above`.
#[inline(always)]
fn put_in<const EXTRAPOLATE: bool, R: Real>(
    cell: &Coefficients<R>,
    mut above: Lanes<R>,
    potential: &mut [Lanes<R>],
    current: &mut [Lanes<R>],
    work: &[Lanes<R>],
) {
    let put = |potential: &mut Lanes<R>, implicit: &Lanes<R>| {
        for l in 0..LANES {
            potential[l] = if EXTRAPOLATE { implicit[l].mul_add(2.0, -potential[l]) } else { implicit[l] };
        }
    };
    put(&mut potential[0], &above);
    // Where potentials are extrapolated, `current` keeps the implicit ones for the children.
    current[0] = above;
    for node in 1..potential.len() {
        let parent = cell.parent[node] as usize;
        if parent + 1 != node {
            above = if EXTRAPOLATE { current[parent] } else { potential[parent] };
        }
        let solved = &mut current[node];
        if cell.passive[node] {
            let factor = cell.factor[node];
            for l in 0..LANES {
                above[l] = factor.mul_add(above[l], solved[l]);
            }
        } else {
            let factors = &work[node];
            for l in 0..LANES {
                above[l] = factors[l].mul_add(above[l], solved[l]);
            }
        }
        if EXTRAPOLATE {
            *solved = above;
        }
        put(&mut potential[node], &above);
    }
}
