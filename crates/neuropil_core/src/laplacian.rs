//! Networks of conductances, and the linear systems that they make.

/// Symmetric conductances between nodes: `(L x)_i = Σ_j g_ij (x_i - x_j)`.
#[derive(Clone, Debug, Default)]
pub struct Laplacian {
    /// Where each node's partners begin, and their end.
    starts: Vec<usize>,
    partners: Vec<u32>,
    conductances: Vec<f64>,
    /// Sum of each node's conductances.
    degrees: Vec<f64>,
}

/// A system that was not solved to the tolerance.
#[derive(thiserror::Error, Clone, Copy, Debug, PartialEq)]
#[error("conjugate gradients left a relative residual of {residual:.1e} after {iterations} iterations")]
pub struct NotSolved {
    /// Residual, relative to the right-hand side.
    pub residual: f64,
    /// Iterations done.
    pub iterations: usize,
}

/// Room for one solution.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    residual: Vec<f64>,
    direction: Vec<f64>,
    image: Vec<f64>,
    inverse: Vec<f64>,
}

impl Laplacian {
    /// Joins nodes 0 to `nodes` - 1; what is listed twice adds up, and a node's conductance to itself does nothing.
    pub fn new(nodes: usize, edges: &[(u32, u32, f64)]) -> Self {
        let mut both: Vec<(u32, u32, f64)> = Vec::with_capacity(2 * edges.len());
        for (a, b, g) in edges.iter().filter(|(a, b, g)| a != b && *g != 0.0) {
            both.extend([(*a, *b, *g), (*b, *a, *g)]);
        }
        both.sort_by_key(|(a, b, _)| (*a, *b));
        let mut laplacian = Self { starts: vec![0], degrees: vec![0.0; nodes], ..Self::default() };
        let mut node = 0;
        for equal in both.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
            let (a, b, _) = equal[0];
            let g: f64 = equal.iter().map(|(.., g)| g).sum();
            while node < a as usize {
                laplacian.starts.push(laplacian.partners.len());
                node += 1;
            }
            laplacian.partners.push(b);
            laplacian.conductances.push(g);
            laplacian.degrees[a as usize] += g;
        }
        laplacian.starts.resize(nodes + 1, laplacian.partners.len());
        laplacian
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.degrees.len()
    }

    /// Sum of the conductances of each node.
    pub fn degrees(&self) -> &[f64] {
        &self.degrees
    }

    /// Every pair of nodes that is joined, the lower first, and its conductance.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32, f64)> {
        (0..self.nodes()).flat_map(move |node| {
            let range = self.starts[node]..self.starts[node + 1];
            let partners = self.partners[range.clone()].iter().zip(&self.conductances[range]);
            partners.filter(move |(b, _)| node < **b as usize).map(move |(b, g)| (node as u32, *b, *g))
        })
    }

    /// `Σ_j g_ij x_j` of one node.
    #[inline(always)]
    fn gather(&self, node: usize, x: &[f64]) -> f64 {
        let range = self.starts[node]..self.starts[node + 1];
        let mut sum = 0.0;
        for (partner, g) in self.partners[range.clone()].iter().zip(&self.conductances[range]) {
            sum += g * x[*partner as usize];
        }
        sum
    }

    /// Current into each node, `Σ_j g_ij (x_j - x_i)`.
    pub fn currents(&self, x: &[f64], out: &mut [f64]) {
        for (node, out) in out.iter_mut().enumerate() {
            let range = self.starts[node]..self.starts[node + 1];
            let own = x[node];
            *out = 0.0;
            for (partner, g) in self.partners[range.clone()].iter().zip(&self.conductances[range]) {
                *out += g * (x[*partner as usize] - own);
            }
        }
    }

    /// Solves `(D + L) x = b` for the nodes that are not held, those that are having the `x` given; `x` is also where the search starts.
    ///
    /// Conjugate gradients, preconditioned by the diagonal, in a fixed order of sums, until the residual is `tolerance` of the right-hand
    /// side, both measured in the norm of the preconditioner. `D` must be positive.
    ///
    /// # Errors
    /// The tolerance was not reached in ten iterations a node, and a hundred.
    pub fn solve(
        &self,
        diagonal: &[f64],
        right: &[f64],
        held: &[bool],
        x: &mut [f64],
        tolerance: f64,
        work: &mut Workspace,
    ) -> Result<usize, NotSolved> {
        let nodes = self.nodes();
        let Workspace { residual, direction, image, inverse } = work;
        for buffer in [&mut *residual, direction, image, inverse] {
            buffer.resize(nodes, 0.0);
        }
        let (mut square, mut scale) = (0.0, 0.0);
        for i in 0..nodes {
            inverse[i] = if held[i] { 0.0 } else { 1.0 / (diagonal[i] + self.degrees[i]) };
            let around = self.gather(i, x);
            residual[i] = if held[i] { 0.0 } else { right[i] + around - (diagonal[i] + self.degrees[i]) * x[i] };
            direction[i] = residual[i] * inverse[i];
            square += residual[i] * direction[i];
            scale += right[i] * right[i] * inverse[i];
        }
        // Held nodes drive their partners even where the right-hand side is 0.
        let scale = scale.max(square);
        let enough = tolerance * tolerance * scale;
        let most = 10 * nodes + 100;
        let mut iterations = 0;
        while square > enough && square > 0.0 {
            if iterations == most {
                return Err(NotSolved { residual: (square / scale).sqrt(), iterations });
            }
            iterations += 1;
            let mut curvature = 0.0;
            for i in 0..nodes {
                let applied = (diagonal[i] + self.degrees[i]) * direction[i] - self.gather(i, direction);
                image[i] = if held[i] { 0.0 } else { applied };
                curvature += direction[i] * image[i];
            }
            if curvature.is_nan() || curvature <= 0.0 {
                return Err(NotSolved { residual: (square / scale).sqrt(), iterations });
            }
            let step = square / curvature;
            let mut next = 0.0;
            for i in 0..nodes {
                x[i] += step * direction[i];
                residual[i] -= step * image[i];
                next += residual[i] * residual[i] * inverse[i];
            }
            let turn = next / square;
            for i in 0..nodes {
                direction[i] = residual[i] * inverse[i] + turn * direction[i];
            }
            square = next;
        }
        Ok(iterations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: the solution satisfies the equations, with held nodes, duplicates and self-joins. Source: the definition, applied to the
    /// solution by a plain loop. Tolerance: 1e-9 of the largest term, from a residual of 1e-12.
    #[test]
    fn solutions_satisfy_their_equations() {
        let edges = [(0, 1, 2.0), (1, 0, 3.0), (1, 2, 0.5), (2, 3, 40.0), (3, 3, 9.0), (4, 0, 1e-3), (2, 4, 7.0)];
        let laplacian = Laplacian::new(6, &edges);
        let (diagonal, right) = ([1.0, 2.0, 0.1, 3.0, 1.0, 4.0], [1.0, -2.0, 3.0, 0.0, 5.0, 8.0]);
        let held = [false, false, false, true, false, false];
        let mut x = [0.0, 0.0, 0.0, -1.5, 0.0, 0.0];
        laplacian.solve(&diagonal, &right, &held, &mut x, 1e-12, &mut Workspace::default()).expect("solvable");
        assert_eq!(x[3], -1.5);
        for i in (0..6).filter(|i| !held[*i]) {
            let mut left = diagonal[i] * x[i];
            for (a, b, g) in edges {
                let (a, b) = (a as usize, b as usize);
                left += if a == i { g * (x[i] - x[b]) } else { 0.0 } + if b == i { g * (x[i] - x[a]) } else { 0.0 };
            }
            assert!((left - right[i]).abs() < 1e-9 * 40.0, "node {i}: {left}, expected {}", right[i]);
        }
        let mut out = [0.0; 6];
        laplacian.currents(&x, &mut out);
        assert!(out.iter().sum::<f64>().abs() < 1e-12, "what leaves one node enters another");
    }
}
