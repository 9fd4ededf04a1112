//! Any cells together: rows sorted by how far they are from the tips, so that neighbouring rows do not depend on each other.
//!
//! A node's level is its height above the deepest tip below it. Its *heavy* child is the one just a level below; heavy edges make paths that run from
//! every tip towards a root, one row a level. The paths of all cells are sorted by length, longest first: then level k is the contiguous run of those
//! longer than k, row (k, j) has its heavy child at (k-1, j) and its parent at (k+1, j), and elimination runs over plain slices. Only where a
//! path ends (one edge in ten) is the parent looked up.

use super::{Coefficients, Method};
use crate::real::Real;
use std::ops::Range;

/// The constants of a group of cells of any shapes, by row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pool<R = f64> {
    /// Rows of each level, from the tips on.
    levels: Vec<Range<usize>>,
    /// By level and path that ends there, in the order of paths: the row of the parent; its own row for a root.
    ends: Vec<Vec<u32>>,
    up: Vec<R>,
    down: Vec<R>,
    membrane: Vec<R>,
    constant: Vec<R>,
    capacity: Vec<R>,
    /// First place of each cell in `rows`.
    first: Vec<usize>,
    rows: Vec<u32>,
}

impl<R: Real> Pool<R> {
    /// Arranges cells.
    pub fn new(cells: &[&Coefficients]) -> Self {
        let mut first = vec![0];
        for cell in cells {
            first.push(first[first.len() - 1] + cell.len());
        }
        let nodes = first[first.len() - 1];
        let mut level = vec![0_u32; nodes];
        let mut heavy = vec![u32::MAX; nodes];
        for (cell, base) in cells.iter().zip(&first) {
            for node in (1..cell.len()).rev() {
                let (parent, node) = (base + cell.parent[node] as usize, base + node);
                if heavy[parent] == u32::MAX || level[node] + 1 > level[parent] {
                    (level[parent], heavy[parent]) = (level[node] + 1, node as u32);
                }
            }
        }
        // Paths by their last node: a root, or one that is not its parent's heavy child.
        let parent_of: Vec<u32> =
            cells.iter().zip(&first).flat_map(|(cell, base)| cell.parent.iter().map(move |p| (base + *p as usize) as u32)).collect();
        let mut paths: Vec<u32> = (0..nodes as u32)
            .filter(|node| {
                let parent = parent_of[*node as usize];
                parent == *node || heavy[parent as usize] != *node
            })
            .collect();
        paths.sort_by_key(|end| (std::cmp::Reverse(level[*end as usize]), *end));
        let count = paths.first().map_or(0, |end| level[*end as usize] as usize + 1);
        let mut levels = Vec::with_capacity(count);
        let mut start = 0;
        for k in 0..count {
            let width = paths.partition_point(|end| level[*end as usize] as usize >= k);
            levels.push(start..start + width);
            start += width;
        }
        let mut rows = vec![0_u32; nodes];
        for (j, end) in paths.iter().enumerate() {
            let mut node = *end;
            loop {
                rows[node as usize] = (levels[level[node as usize] as usize].start + j) as u32;
                match heavy[node as usize] {
                    u32::MAX => break,
                    next => node = next,
                }
            }
        }
        let mut ends: Vec<Vec<u32>> = vec![Vec::new(); count];
        for end in &paths {
            ends[level[*end as usize] as usize].push(rows[parent_of[*end as usize] as usize]);
        }
        let mut made = Self { levels, ends, first, rows, ..Self::default() };
        for column in [&mut made.up, &mut made.down, &mut made.membrane, &mut made.constant, &mut made.capacity] {
            column.resize(nodes, R::default());
        }
        for (cell, base) in cells.iter().zip(&made.first) {
            for node in 0..cell.len() {
                let row = made.rows[base + node] as usize;
                made.up[row] = R::from(cell.up[node]);
                made.down[row] = R::from(cell.down[node]);
                made.membrane[row] = R::from(cell.membrane(node));
                made.constant[row] = R::from(cell.constant[node]);
                made.capacity[row] = R::from(cell.capacity[node]);
            }
        }
        made
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row of a node of a cell.
    pub fn row(&self, cell: usize, node: usize) -> u32 {
        self.rows[self.first[cell] + node]
    }

    /// One step; the arguments are as in [`lanes::Cell::step`](super::lanes::Cell::step), one number a row.
    #[inline(always)]
    pub fn step(&self, method: Method, potential: &mut [R], conductance: &mut [R], current: &mut [R], work: &mut [R]) {
        let nodes = self.len();
        let (potential, conductance) = (&mut potential[..nodes], &mut conductance[..nodes]);
        let (current, work) = (&mut current[..nodes], &mut work[..nodes]);
        for (k, rows) in self.levels.iter().enumerate() {
            let next = self.levels.get(k + 1).map_or(0, ExactSizeIterator::len);
            let (g_own, g_next) = conductance.split_at_mut(rows.end);
            let (i_own, i_next) = current.split_at_mut(rows.end);
            let (g_own, i_own) = (&mut g_own[rows.start..], &mut i_own[rows.start..]);
            eliminate(self, rows.clone(), g_own, i_own, &mut work[rows.clone()], &potential[rows.clone()]);
            // Paths that go on: their parents are the next level, in the same order.
            let down = &self.down[rows.start..][..next];
            pass_on(down, &g_own[..next], &mut g_next[..next]);
            pass_on(down, &i_own[..next], &mut i_next[..next]);
            let ends = rows.start + next..rows.end;
            for (row, parent) in ends.zip(&self.ends[k]) {
                let parent = *parent as usize;
                if parent != row {
                    conductance[parent] = self.down[row].mul_add(conductance[row], conductance[parent]);
                    current[parent] = self.down[row].mul_add(current[row], current[parent]);
                }
            }
        }
        for (k, rows) in self.levels.iter().enumerate().rev() {
            let next = self.levels.get(k + 1).map_or(0, ExactSizeIterator::len);
            let (own, above) = current.split_at_mut(rows.end);
            let (own, above, f) = (&mut own[rows.start..][..next], &above[..next], &work[rows.start..][..next]);
            for j in 0..next {
                own[j] = f[j].mul_add(above[j], own[j]);
            }
            for (row, parent) in (rows.start + next..rows.end).zip(&self.ends[k]) {
                let parent = *parent as usize;
                if parent != row {
                    current[row] = work[row].mul_add(current[parent], current[row]);
                }
            }
        }
        match method {
            Method::BackwardEuler => potential.copy_from_slice(current),
            Method::CrankNicolson => potential.iter_mut().zip(&*current).for_each(|(v, solved)| *v = solved.mul_add(2.0, -*v)),
        }
    }
}

// The loops stand in functions of their own, whose arguments do not overlap: else they are not made into vectors.

/// Eliminates the rows of a level: `i` is then what was solved for, `f` the factor of the parent's potential, and `g` the part that stays.
#[inline(always)]
fn eliminate<R: Real>(pool: &Pool<R>, rows: Range<usize>, g: &mut [R], i: &mut [R], f: &mut [R], v: &[R]) {
    let count = rows.len();
    let (g, i, f, v) = (&mut g[..count], &mut i[..count], &mut f[..count], &v[..count]);
    let (membrane, constant) = (&pool.membrane[rows.clone()], &pool.constant[rows.clone()]);
    let (capacity, up) = (&pool.capacity[rows.clone()], &pool.up[rows]);
    for j in 0..count {
        let stays = g[j] + membrane[j];
        let inverse = R::from(1.0) / (stays + up[j]);
        i[j] = (i[j] + capacity[j].mul_add(v[j], constant[j])) * inverse;
        f[j] = up[j] * inverse;
        g[j] = stays * inverse;
    }
}

/// Adds what rows hand on to their parents.
#[inline(always)]
fn pass_on<R: Real>(down: &[R], from: &[R], to: &mut [R]) {
    let (from, to) = (&from[..down.len()], &mut to[..down.len()]);
    for j in 0..down.len() {
        to[j] = down[j].mul_add(from[j], to[j]);
    }
}
