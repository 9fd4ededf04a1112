//! Cells that one thread advances together: 32 of one plan side by side, or a pool of any.

use crate::calcium::resting_reversal;
use crate::plan::CellPlan;
use crate::real::Real;
use crate::solver::lanes::{self, LANES};
use crate::solver::levels::Pool;
use crate::solver::{Coefficients, Membrane, Method};
use std::ops::Range;
use std::sync::Arc;

/// 1 pA over 1 µm² in µA/cm².
const PICOAMPERES_PER_AREA: f64 = 100.0;

/// Cells that are advanced together, and the rows of their nodes.
pub(crate) struct Group<R> {
    /// Cells, counted within the population.
    pub(crate) cells: Range<u32>,
    /// First row, counted within the population.
    pub(crate) start: usize,
    pub(crate) rows: usize,
    pub(crate) shape: Shape<R>,
    pub(crate) detectors: Detectors<R>,
    /// By place and cell: the row, and what 1 pA there is in µA/cm².
    pub(crate) electrodes: Vec<Vec<(u32, R)>>,
    pub(crate) method: Method,
    /// By row: reversal potential of calcium where there is no pool, mV. Empty if no mechanism of the population uses calcium.
    pub(crate) calcium_reversal: Vec<R>,
}

/// Where the cells of a group spike: rows within the group, and thresholds, mV, as potentials are stored.
pub(crate) enum Detectors<R> {
    /// Neighbouring rows from this one on, one a cell, with one threshold.
    Alike(u32, R),
    /// By cell.
    Each(Vec<(u32, R)>),
}

/// How rows lie.
pub(crate) enum Shape<R> {
    /// `row = node * 32 + cell`.
    Lanes {
        /// Number of the plan.
        plan: usize,
        cell: Arc<lanes::Cell<R>>,
    },
    /// As the pool says.
    Pool {
        /// Number of the plan of each cell.
        plans: Vec<usize>,
        pool: Box<Pool<R>>,
        /// Rows of forks, which have no membrane, ascending.
        forks: Vec<u32>,
    },
}

impl<R: Real> Group<R> {
    /// The row of a node of a cell, both counted within the group.
    pub(crate) fn row(&self, cell: usize, node: u32) -> usize {
        match &self.shape {
            Shape::Lanes { .. } => node as usize * LANES + cell,
            Shape::Pool { pool, .. } => pool.row(cell, node as usize) as usize,
        }
    }

    /// Number of the plan of a cell of the group.
    pub(crate) fn plan_of(&self, cell: usize) -> usize {
        match &self.shape {
            Shape::Lanes { plan, .. } => *plan,
            Shape::Pool { plans, .. } => plans[cell],
        }
    }

    /// The groups of a population whose cells have these plans.
    pub(crate) fn all(plans: &[CellPlan], plan_of: &[u32]) -> Vec<Self> {
        let coefficients = |plan: &CellPlan| {
            let stored = |membrane: &Membrane| Membrane { reversal: membrane.reversal - R::REFERENCE, ..*membrane };
            let membrane: Vec<Membrane> = plan.membrane.iter().map(stored).collect();
            Coefficients::new(&plan.tree, &membrane, plan.method.implicit_step(plan.time_step))
        };
        let made: Vec<Coefficients> = plans.iter().map(coefficients).collect();
        let lanes: Vec<Arc<lanes::Cell<R>>> = made.iter().map(|made| Arc::new(lanes::Cell::new(made))).collect();
        let mut start = 0;
        let mut groups = Vec::new();
        for (number, own) in plan_of.chunks(LANES).enumerate() {
            let first = (number * LANES) as u32;
            let alike = own.len() == LANES && own.iter().all(|plan| *plan == own[0]);
            let (shape, rows) = if alike {
                let plan = own[0] as usize;
                (Shape::Lanes { plan, cell: lanes[plan].clone() }, made[plan].len() * LANES)
            } else {
                let cells: Vec<&Coefficients> = own.iter().map(|plan| &made[*plan as usize]).collect();
                let pool = Box::new(Pool::new(&cells));
                let rows = pool.len();
                let mut forks = Vec::new();
                for (cell, plan) in own.iter().enumerate() {
                    let areas = plans[*plan as usize].tree.area.iter().enumerate();
                    forks.extend(areas.filter(|(_, area)| **area <= 0.0).map(|(node, _)| pool.row(cell, node)));
                }
                forks.sort_unstable();
                (Shape::Pool { plans: own.iter().map(|plan| *plan as usize).collect(), pool, forks }, rows)
            };
            let method = plans[own[0] as usize].method;
            let mut group = Self {
                cells: first..first + own.len() as u32,
                start,
                rows,
                shape,
                detectors: Detectors::Each(Vec::new()),
                electrodes: Vec::new(),
                method,
                calcium_reversal: Vec::new(),
            };
            let electrodes = plans[own[0] as usize].electrodes.len();
            group.electrodes = (0..=electrodes)
                .map(|place| {
                    let of_cell = |(cell, plan): (usize, &u32)| {
                        let plan = &plans[*plan as usize];
                        let node = place.checked_sub(1).map_or(plan.detector, |k| plan.electrodes[k]);
                        (group.row(cell, node) as u32, R::from(PICOAMPERES_PER_AREA / plan.tree.area[node as usize]))
                    };
                    own.iter().enumerate().map(of_cell).collect()
                })
                .collect();
            if plans.iter().any(CellPlan::uses_calcium) {
                group.calcium_reversal.resize(rows, R::default());
                for (cell, plan) in own.iter().enumerate() {
                    let plan = &plans[*plan as usize];
                    for node in 0..plan.tree.len() as u32 {
                        let row = group.row(cell, node);
                        group.calcium_reversal[row] = R::from(resting_reversal(plan.temperature));
                    }
                }
            }
            let threshold = |plan: &CellPlan| R::from(plan.threshold - R::REFERENCE);
            let of_cell = |(cell, plan): (usize, &u32)| {
                let plan = &plans[*plan as usize];
                (group.row(cell, plan.detector) as u32, threshold(plan))
            };
            group.detectors = match &group.shape {
                Shape::Lanes { plan, .. } => Detectors::Alike(group.row(0, plans[*plan].detector) as u32, threshold(&plans[*plan])),
                Shape::Pool { .. } => Detectors::Each(own.iter().enumerate().map(of_cell).collect()),
            };
            start += rows;
            groups.push(group);
        }
        groups
    }
}
