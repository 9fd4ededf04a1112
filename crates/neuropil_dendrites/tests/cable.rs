//! The solver against dense elimination, closed forms of the cable equation, and its own order.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]
#![allow(clippy::needless_range_loop, clippy::too_many_arguments, reason = "matrices are written as they are in books")]

use neuropil_dendrites::solver::lanes::{Cell, LANES, Lanes};
use neuropil_dendrites::solver::levels::Pool;
use neuropil_dendrites::solver::{Coefficients, Membrane, Method};
use neuropil_dendrites::tree::{Attachment, CableTree, Cut, CutSection, NodeKind};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::f64::consts::PI;

/// A cylinder in pieces of equal length: diameter and length in µm, axial resistivity in Ω cm.
fn cylinder(parent: Option<(usize, Attachment)>, diameter: f64, length: f64, resistivity: f64, pieces: usize) -> CutSection {
    let piece = length / pieces as f64;
    // R = 4e-2 Ra l / (π d²) MΩ.
    let half = 4e-2 * resistivity * (piece / 2.0) / (PI * diameter * diameter);
    let cut = Cut { area: PI * diameter * piece, resistance_before: half, resistance_after: half };
    CutSection { parent, cuts: vec![cut; pieces] }
}

/// Current of 1 nA into a membrane of some µm², in µA/cm².
fn per_area(current: f64, area: f64) -> f64 {
    current / area * 1e5
}

fn random_cell(random: &mut Xoshiro256PlusPlus, sections: usize) -> CableTree {
    let cut = |section: usize, random: &mut Xoshiro256PlusPlus| {
        let parent = (section > 0).then(|| {
            let parent = random.random_range(0..section);
            let place = match random.random_range(0..4) {
                0 => Attachment::Start,
                1 => Attachment::Compartment(0),
                _ => Attachment::End,
            };
            (parent, place)
        });
        let pieces = random.random_range(1..5);
        let cuts = (0..pieces)
            .map(|_| Cut {
                area: random.random_range(5.0..500.0),
                resistance_before: random.random_range(0.5..50.0),
                resistance_after: random.random_range(0.5..50.0),
            })
            .collect();
        CutSection { parent, cuts }
    };
    CableTree::new(&(0..sections).map(|section| cut(section, random)).collect::<Vec<_>>())
}

/// One step by dense elimination with pivots, from absolute conductances.
fn dense(tree: &CableTree, membrane: &[Membrane], method: Method, dt: f64, v: &[f64], g: &[f64], i: &[f64]) -> Vec<f64> {
    let n = tree.len();
    let h = method.implicit_step(dt);
    let mut matrix = vec![vec![0.0; n + 1]; n];
    for node in 0..n {
        let area = tree.area[node] / 1e5;
        let m = membrane[node];
        let has_membrane = area > 0.0;
        if has_membrane {
            matrix[node][node] += area * (m.capacitance / h + m.leak + g[node]);
            matrix[node][n] += area * (m.capacitance / h * v[node] + m.leak * m.reversal + i[node]);
        }
        let parent = tree.parent[node] as usize;
        if parent != node {
            let axial = tree.axial[node];
            matrix[node][node] += axial;
            matrix[parent][parent] += axial;
            matrix[node][parent] -= axial;
            matrix[parent][node] -= axial;
        }
    }
    for k in 0..n {
        let pivot = (k..n).max_by(|a, b| matrix[*a][k].abs().total_cmp(&matrix[*b][k].abs())).unwrap();
        matrix.swap(k, pivot);
        for row in 0..n {
            if row != k {
                let f = matrix[row][k] / matrix[k][k];
                for column in k..=n {
                    matrix[row][column] -= f * matrix[k][column];
                }
            }
        }
    }
    let weight = if method == Method::CrankNicolson { 2.0 } else { 1.0 };
    (0..n).map(|k| v[k] + weight * (matrix[k][n] / matrix[k][k] - v[k])).collect()
}

/// Claim: both layouts solve the equations of the tree. Source: dense elimination with pivots, in absolute conductances. Tolerance: 1e-9 mV for
/// potentials of some 100 mV, f64 rounding over some hundred eliminations.
#[test]
fn layouts_agree_with_dense_elimination() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for method in [Method::BackwardEuler, Method::CrankNicolson] {
        for passive_share in [0.0, 0.7, 1.0] {
            let mut pooled = Vec::new();
            for size in [1, 2, 7, 40] {
                let tree = random_cell(&mut random, size);
                let membrane: Vec<Membrane> = (0..tree.len())
                    .map(|_| Membrane {
                        capacitance: random.random_range(0.5..2.0),
                        leak: random.random_range(0.01..0.5),
                        reversal: random.random_range(-80.0..-50.0),
                        passive: random.random_bool(passive_share),
                        injected: random.random_bool(0.5),
                    })
                    .collect();
                let dt = 0.025;
                let cell = Coefficients::new(&tree, &membrane, method.implicit_step(dt));
                let mut columns: [Vec<Lanes>; 4] = std::array::from_fn(|_| vec![[0.0; LANES]; tree.len()]);
                for node in 0..tree.len() {
                    let conducts = tree.area[node] > 0.0 && !membrane[node].passive;
                    for lane in 0..LANES {
                        columns[0][node][lane] = random.random_range(-90.0..50.0);
                        columns[1][node][lane] = if conducts { random.random_range(0.0..40.0) } else { 0.0 };
                        let injected = tree.area[node] > 0.0 && (conducts || membrane[node].injected);
                        columns[2][node][lane] = if injected { random.random_range(-900.0..900.0) } else { 0.0 };
                    }
                }
                let lane = |column: &[Lanes], lane: usize| column.iter().map(|row| row[lane]).collect::<Vec<_>>();
                let before = columns.clone();
                let [v, g, i, work] = &mut columns;
                Cell::new(&cell).step(method, v, g, i, work);
                for number in [0, 13, LANES - 1] {
                    let [v0, g0, i0] = [0, 1, 2].map(|c| lane(&before[c], number));
                    let expected = dense(&tree, &membrane, method, dt, &v0, &g0, &i0);
                    for (node, (found, expected)) in lane(v, number).iter().zip(&expected).enumerate() {
                        assert!((found - expected).abs() < 1e-9, "{method:?}, {size} sections, node {node}: {found} for {expected}");
                    }
                    pooled.push((cell.clone(), v0, g0, i0, expected));
                }
            }
            let cells: Vec<&Coefficients> = pooled.iter().map(|(cell, ..)| cell).collect();
            let pool: Pool = Pool::new(&cells);
            let mut columns: [Vec<f64>; 4] = std::array::from_fn(|_| vec![0.0; pool.len()]);
            for (number, (cell, v, g, i, _)) in pooled.iter().enumerate() {
                for node in 0..cell.len() {
                    let row = pool.row(number, node) as usize;
                    [columns[0][row], columns[1][row], columns[2][row]] = [v[node], g[node], i[node]];
                }
            }
            let [v, g, i, work] = &mut columns;
            pool.step(method, v, g, i, work);
            for (number, (cell, .., expected)) in pooled.iter().enumerate() {
                for node in 0..cell.len() {
                    let found = v[pool.row(number, node) as usize];
                    assert!(
                        (found - expected[node]).abs() < 1e-9,
                        "{method:?}, pooled cell {number}, node {node}: {found} for {}",
                        expected[node]
                    );
                }
            }
        }
    }
}

/// The passive membrane of the Rallpacks: 4 Ω m², 1 µF/cm², -65 mV.
const RALLPACK: Membrane = Membrane { capacitance: 1.0, leak: 0.025, reversal: -65.0, passive: true, injected: true };

/// Runs a cell with a current in nA into one node; gives the potentials of two nodes after every step.
fn run(
    tree: &CableTree,
    membrane: Membrane,
    method: Method,
    dt: f64,
    steps: usize,
    current: f64,
    into: usize,
    watched: [usize; 2],
) -> Vec<[f64; 2]> {
    let cell = Coefficients::new(tree, &vec![membrane; tree.len()], method.implicit_step(dt));
    let pool = Pool::new(&[&cell]);
    let row = |node: usize| pool.row(0, node) as usize;
    let mut potential = vec![membrane.reversal; pool.len()];
    let [mut g, mut i, mut work]: [Vec<f64>; 3] = std::array::from_fn(|_| vec![0.0; pool.len()]);
    (0..steps)
        .map(|_| {
            g.fill(0.0);
            i.fill(0.0);
            i[row(into)] = per_area(current, tree.area[into]);
            pool.step(method, &mut potential, &mut g, &mut i, &mut work);
            watched.map(|node| potential[row(node)])
        })
        .collect()
}

/// Potential of a sealed cable of electrotonic length `b` with a constant current into its end, at `x` of it: `ir` is current times r, mV; times in ms.
fn sealed_cable(b: f64, ir: f64, time_constant: f64, x: f64, t: f64) -> f64 {
    let (position, time) = (x * b, t / time_constant);
    let terms = (1..4000).map(|k| {
        let k = f64::from(k) * PI / b;
        (k * position).cos() * (-(1.0 + k * k) * time).exp() / (1.0 + k * k)
    });
    let sum: f64 = terms.sum();
    -65.0 + ir * ((b - position).cosh() / b.sinh() - (-time).exp() / b - 2.0 / b * sum)
}

/// Mean over both sites of the rms difference over the range of both curves.
fn rallpack_error(found: &[[f64; 2]], dt: f64, exact: impl Fn(usize, f64) -> f64) -> f64 {
    let site = |site: usize| {
        let pairs: Vec<(f64, f64)> = found.iter().enumerate().map(|(k, v)| (v[site], exact(site, dt * (k + 1) as f64))).collect();
        let all = pairs.iter().flat_map(|(a, b)| [*a, *b]);
        let (low, high) = all.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        (pairs.iter().map(|(a, b)| (a - b).powi(2)).sum::<f64>() / pairs.len() as f64).sqrt() / (high - low)
    };
    (site(0) + site(1)) / 2.0
}

/// Claim: Rallpack 1, a passive cable of 1000 compartments. Source: closed form; Bhalla US, Bilitch DH, Bower JM (1992). Trends Neurosci 15:453-458.
/// doi:10.1016/0166-2236(92)90009-W. Tolerance: 0.1 %, the limit of the nsuite benchmarks.
#[test]
fn rallpack_1() {
    let tree = CableTree::new(&[cylinder(None, 1.0, 1000.0, 100.0, 1000)]);
    // r = 4 RA λ / (π d²) = 127.3 MΩ for λ = 1 mm; the middle of the first and the last compartment, where the current enters and is measured.
    let ir = 0.1 * 4e-2 * 100.0 * 1000.0 / PI;
    let found = run(&tree, RALLPACK, Method::CrankNicolson, 0.05, 5000, 0.1, 0, [0, 999]);
    let error = rallpack_error(&found, 0.05, |site, t| sealed_cable(1.0, ir, 40.0, [0.0, 1.0][site], t));
    assert!(error < 1e-3, "{error:e}");
}

/// Claim: Rallpack 2, a binary tree of 1023 compartments that equals a cylinder. Source and tolerance: as for Rallpack 1.
#[test]
fn rallpack_2() {
    let mut sections = Vec::new();
    for k in 0..10_i32 {
        for branch in 0..1_usize << k {
            let parent = (k > 0).then(|| ((1 << (k - 1)) - 1 + branch / 2, Attachment::End));
            let (length, diameter) = (32.0 * 2f64.powf(-f64::from(k) / 3.0), 16.0 * 2f64.powf(-2.0 * f64::from(k) / 3.0));
            sections.push(cylinder(parent, diameter, length, 100.0, 1));
        }
    }
    let tree = CableTree::new(&sections);
    assert_eq!(tree.kind.iter().filter(|kind| **kind != NodeKind::Junction).count(), 1023);
    let [root, leaf] = [0, 1022].map(|section| tree.node(section, 0).unwrap() as usize);
    let ir = 0.1 * 4e-2 * 100.0 * 4000.0 / (PI * 256.0);
    let found = run(&tree, RALLPACK, Method::CrankNicolson, 0.05, 5000, 0.1, root, [root, leaf]);
    let error = rallpack_error(&found, 0.05, |site, t| sealed_cable(0.08, ir, 40.0, [0.0, 1.0][site], t));
    assert!(error < 1e-3, "{error:e}");
    // Reciprocity: a current into the tip moves the root as a current into the root moves the tip.
    let reversed = run(&tree, RALLPACK, Method::BackwardEuler, 0.05, 5000, 0.1, leaf, [root, leaf]);
    let forward = run(&tree, RALLPACK, Method::BackwardEuler, 0.05, 5000, 0.1, root, [root, leaf]);
    for (a, b) in reversed.iter().zip(&forward) {
        assert!((a[0] - b[1]).abs() < 1e-8);
    }
}

/// Claim: backward Euler is of first order in the time step, Crank and Nicolson of second. Source: their theory. Tolerance: 8 % of the ratio of errors that
/// halving the step should give, for higher orders still count a little.
#[test]
fn orders_in_time() {
    let tree = CableTree::new(&[cylinder(None, 1.0, 1000.0, 100.0, 50)]);
    let after = |method, steps: usize| run(&tree, RALLPACK, method, 10.0 / steps as f64, steps, 0.1, 0, [0, 49])[steps - 1][0];
    let exact = after(Method::CrankNicolson, 100_000);
    for (method, ratio) in [(Method::BackwardEuler, 2.0), (Method::CrankNicolson, 4.0)] {
        let errors = [400, 800, 1600].map(|steps| (after(method, steps) - exact).abs());
        for pair in errors.windows(2) {
            assert!((pair[0] / pair[1] / ratio - 1.0).abs() < 0.08, "{method:?}: {errors:?}");
        }
    }
}

/// Claim: second order in the length of compartments. Source: steady state of a sealed cable, `V = I r cosh(b - X) / sinh b`. Tolerance: 5 % of the ratio.
#[test]
fn order_in_space() {
    let ir = 0.1 * 4e-2 * 100.0 * 1000.0 / PI;
    let error = |pieces: usize| {
        let tree = CableTree::new(&[cylinder(None, 1.0, 1000.0, 100.0, pieces)]);
        // Steps of 1 s: the implicit step then gives the steady state.
        let found = run(&tree, RALLPACK, Method::BackwardEuler, 1e3, 40, 0.1, 0, [0, pieces - 1])[39][1];
        (found - (-65.0 + ir * (0.5 / pieces as f64).cosh() / 1f64.sinh())).abs()
    };
    let errors = [10, 20, 40, 80].map(error);
    for pair in errors.windows(2) {
        assert!((pair[0] / pair[1] / 4.0 - 1.0).abs() < 0.05, "{errors:?}");
    }
}
