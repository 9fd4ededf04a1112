//! Cells of one shape side by side: a row of each array is a node, a lane a cell.

use super::{Coefficients, Method};

/// Cells that are solved together. From 32 on, compilers turn a plain loop over the lanes into vectors that fill the processor; with 8 they unroll it
/// first, and it runs six times slower.
pub const LANES: usize = 32;

/// One number for each lane.
pub type Lanes = [f64; LANES];

/// One step. `conductance` and `current` hold what mechanisms added up (g, and g E with whatever is injected) and are used up; `work` is scratch, one
/// row a node. Mark the caller's function with the instruction set that is meant: everything here is inlined.
#[inline(always)]
pub fn step(
    cell: &Coefficients,
    method: Method,
    potential: &mut [Lanes],
    conductance: &mut [Lanes],
    current: &mut [Lanes],
    work: &mut [Lanes],
) {
    let nodes = cell.len();
    if nodes == 0 {
        return;
    }
    let (potential, conductance) = (&mut potential[..nodes], &mut conductance[..nodes]);
    let (current, work) = (&mut current[..nodes], &mut work[..nodes]);
    for node in (1..nodes).rev() {
        let parent = cell.parent[node] as usize;
        let (down, capacity, constant) = (cell.down[node], cell.capacity[node], cell.constant[node]);
        let (upper, lower) = current.split_at_mut(node);
        let (own, above, v) = (&mut lower[0], &mut upper[parent], &potential[node]);
        if cell.passive[node] {
            let inverse = cell.inverse[node];
            for l in 0..LANES {
                let solved = (own[l] + capacity.mul_add(v[l], constant)) * inverse;
                own[l] = solved;
                above[l] = down.mul_add(solved, above[l]);
            }
        } else {
            let (up, diagonal) = (cell.up[node], cell.diagonal[node]);
            let (upper, lower) = conductance.split_at_mut(node);
            let (g, g_above, factors) = (&lower[0], &mut upper[parent], &mut work[node]);
            for l in 0..LANES {
                let inverse = 1.0 / (g[l] + diagonal);
                let solved = (own[l] + capacity.mul_add(v[l], constant)) * inverse;
                let factor = up * inverse;
                own[l] = solved;
                factors[l] = factor;
                g_above[l] = (-down).mul_add(factor, g_above[l]);
                above[l] = down.mul_add(solved, above[l]);
            }
        }
    }
    match method {
        Method::BackwardEuler => put_in::<false>(cell, potential, conductance, current, work),
        Method::CrankNicolson => put_in::<true>(cell, potential, conductance, current, work),
    }
}

/// Solves the root and puts potentials in from there.
#[inline(always)]
fn put_in<const EXTRAPOLATE: bool>(
    cell: &Coefficients,
    potential: &mut [Lanes],
    conductance: &[Lanes],
    current: &mut [Lanes],
    work: &[Lanes],
) {
    for l in 0..LANES {
        let right = current[0][l] + cell.capacity[0].mul_add(potential[0][l], cell.constant[0]);
        let solved = right / (conductance[0][l] + cell.diagonal[0]);
        if EXTRAPOLATE {
            current[0][l] = solved;
            potential[0][l] = 2.0f64.mul_add(solved, -potential[0][l]);
        } else {
            potential[0][l] = solved;
        }
    }
    for (node, factors) in work.iter().enumerate().take(potential.len()).skip(1) {
        let parent = cell.parent[node] as usize;
        let (before, own) = potential.split_at_mut(node);
        let own = &mut own[0];
        let (implicit_before, implicit) = current.split_at_mut(node);
        // Where potentials are extrapolated, `current` keeps the implicit ones.
        let above = if EXTRAPOLATE { &implicit_before[parent] } else { &before[parent] };
        let (solved, constant) = (&mut implicit[0], cell.factor[node]);
        for l in 0..LANES {
            let factor = if cell.passive[node] { constant } else { factors[l] };
            let value = factor.mul_add(above[l], solved[l]);
            if EXTRAPOLATE {
                solved[l] = value;
                own[l] = 2.0f64.mul_add(value, -own[l]);
            } else {
                own[l] = value;
            }
        }
    }
}
