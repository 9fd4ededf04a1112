//! One implicit step of the cable equation on a tree, without fill (Hines M (1984). Int J Biomed Comput 15:69-76. doi:10.1016/0020-7101(84)90008-4).
//!
//! # Equations
//! Per node i with children and parent j, membrane conductances linearised to `g_i (V - E)`, everything per area of its membrane:
//!
//! ```text
//! (c/h + leak + g_i + Σ_j a_ij) V'_i - Σ_j a_ij V'_j = c/h V_i + leak E_leak + (g E)_i + injected
//! ```
//!
//! with `h = dt` and `V ← V'` (backward Euler, of first order), or `h = dt/2` and `V ← 2 V' - V` (Crank and Nicolson, of second order where gates
//! live half a step aside). Leaves are eliminated first, the root is solved, and potentials are put in from there.
//!
//! What is carried along of the diagonal is the part `e_i` that does not go to the parent: conductance of the membrane, and that of children in series with
//! their axial conductance, `Σ a_ci e_c/(e_c + a_c)`. Sums of positive numbers lose nothing, where a membrane's conductance, a millionth of the axial
//! ones in fine compartments, would vanish in the difference that elimination is usually written as (Grassmann WK, Taksar MI, Heyman DP (1985). Oper Res
//! 33:1107-1116. doi:10.1287/opre.33.5.1107).
//!
//! # Units
//! mS/cm² for conductances, µA/cm² for currents, µF/cm² for capacitances, mV, ms. A junction has no membrane; its equation is scaled to an area of
//! 1 µm².
//!
//! # Layouts
//! [`lanes`]: 32 cells of one shape side by side. [`levels`]: any cells, sorted so that neighbouring rows do not depend on each other.

pub mod lanes;
pub mod levels;

use crate::tree::CableTree;

/// 1 µS over 1 µm² in mS/cm².
const PER_AREA: f64 = 1e5;

/// How a step is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Backward Euler: first order, damps whatever is fast.
    #[default]
    BackwardEuler,
    /// Crank and Nicolson, staggered: second order; rings where something jumps.
    CrankNicolson,
}

impl Method {
    /// The `h` of the equation for a step of `dt`.
    pub fn implicit_step(self, dt: f64) -> f64 {
        match self {
            Self::BackwardEuler => dt,
            Self::CrankNicolson => dt / 2.0,
        }
    }
}

/// What is constant in the membrane of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Membrane {
    /// Capacitance, µF/cm².
    pub capacitance: f64,
    /// Conductance of the leak, mS/cm².
    pub leak: f64,
    /// Its reversal potential, mV.
    pub reversal: f64,
    /// Whether nothing else ever conducts here: no channel and no receptor.
    pub passive: bool,
    /// Whether currents are injected here.
    pub injected: bool,
}

/// The constants of the equations of one cell, by node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coefficients {
    /// Parent of each node.
    pub parent: Vec<u32>,
    /// Conductance to the parent over the node's own area.
    pub up: Vec<f64>,
    /// The same over the parent's area.
    pub down: Vec<f64>,
    /// `c/h + leak`, and what passive children bring: the part of the diagonal that does not go to the parent.
    pub own: Vec<f64>,
    /// `leak E_leak`.
    pub constant: Vec<f64>,
    /// `c/h`.
    pub capacity: Vec<f64>,
    /// Whether a node and all below it are passive: what elimination divides by is then constant.
    pub passive: Vec<bool>,
    /// Of passive nodes: 1 over the diagonal, which is `own + up`.
    pub inverse: Vec<f64>,
    /// Of passive nodes: `up` over the diagonal.
    pub factor: Vec<f64>,
    /// Of passive nodes: `capacity` over the diagonal.
    pub passive_capacity: Vec<f64>,
    /// Of passive nodes: `constant` over the diagonal.
    pub passive_constant: Vec<f64>,
    /// Whether something may add to the sums of a node: a mechanism, an electrode, or a child that is not just after it.
    pub sums: Vec<bool>,
    membrane: Vec<f64>,
}

impl Coefficients {
    /// The constants of a cell, for a membrane given by node, and an implicit step of `h` ms.
    pub fn new(tree: &CableTree, membrane: &[Membrane], h: f64) -> Self {
        let nodes = tree.len();
        let area: Vec<f64> = tree.area.iter().map(|area| if *area > 0.0 { *area } else { 1.0 }).collect();
        let has_membrane = |node: usize| f64::from(u8::from(tree.area[node] > 0.0));
        let of = |f: fn(&Membrane) -> f64| -> Vec<f64> { (0..nodes).map(|node| has_membrane(node) * f(&membrane[node])).collect() };
        let capacity: Vec<f64> = of(|m| m.capacitance).iter().map(|c| c / h).collect();
        let leak = of(|m| m.leak);
        let mut made = Self {
            parent: tree.parent.clone(),
            up: (0..nodes).map(|node| tree.axial[node] / area[node] * PER_AREA).collect(),
            down: (0..nodes).map(|node| tree.axial[node] / area[tree.parent[node] as usize] * PER_AREA).collect(),
            own: capacity.iter().zip(&leak).map(|(c, g)| c + g).collect(),
            constant: of(|m| m.leak * m.reversal),
            capacity,
            passive: membrane.iter().map(|m| m.passive).collect(),
            inverse: vec![0.0; nodes],
            factor: vec![0.0; nodes],
            passive_capacity: vec![0.0; nodes],
            passive_constant: vec![0.0; nodes],
            sums: membrane.iter().map(|m| !m.passive || m.injected).collect(),
            membrane: Vec::new(),
        };
        made.sums.iter_mut().take(1).for_each(|root| *root = true);
        for node in 1..nodes {
            let parent = made.parent[node] as usize;
            made.sums[parent] |= parent + 1 != node;
        }
        made.membrane = made.own.clone();
        // The root is solved for, not eliminated.
        made.passive.iter_mut().take(1).for_each(|root| *root = false);
        for node in (1..nodes).rev() {
            let parent = made.parent[node] as usize;
            if made.passive[node] {
                made.inverse[node] = 1.0 / (made.own[node] + made.up[node]);
                made.factor[node] = made.up[node] * made.inverse[node];
                made.passive_capacity[node] = made.capacity[node] * made.inverse[node];
                made.passive_constant[node] = made.constant[node] * made.inverse[node];
                made.own[parent] += made.down[node] * (made.own[node] * made.inverse[node]);
            } else {
                made.passive[parent] = false;
            }
        }
        made
    }

    /// `c/h + leak` of a node.
    pub fn membrane(&self, node: usize) -> f64 {
        self.membrane[node]
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }
}
