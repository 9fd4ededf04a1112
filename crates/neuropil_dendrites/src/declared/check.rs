//! Looks at the values of a declared channel: that they make sense, and that its kernel gives what its formulas say.

use super::channel::{DeclaredError, Part, refuse};
use super::compile::Checked;
use super::kernel::{Kernel, KernelScratch, ROWS, Run};
use crate::real::{MOST_POTENTIAL, Precision, Real};
use neuropil_core::Simd;
use neuropil_core::simd::vectorise;
use neuropil_units::expression::FormulaStep;
use neuropil_units::{Kelvin, Millimolar, Millivolts};

/// How far outside 0 to 1 a gate may rest by rounding.
const ROUNDING: f64 = 1e-9;
/// Concentrations of calcium at which values are looked at, mM.
const CONCENTRATIONS: [f64; 13] = [1e-5, 3e-5, 5e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 10.0];

/// Concentration where a channel does not see calcium.
const UNSEEN: [f64; 1] = [5e-5];

impl Checked {
    pub(super) fn check_values(&self, temperature: Kelvin) -> Result<(), DeclaredError> {
        let calcium: &[f64] = if self.sees_calcium { &CONCENTRATIONS } else { &UNSEEN };
        let expect = |part: Part, what: &str, steps: &[FormulaStep], (least, strictly, most): (f64, bool, f64), unit: &str| {
            let grid = (-300..=300).map(|half| f64::from(half) / 2.0).flat_map(|potential| calcium.iter().map(move |c| (potential, *c)));
            for (potential, calcium) in grid {
                let found = value(steps, [potential, calcium * 1e-3, temperature.0]);
                let is_well = found.is_finite() && (if strictly { found > least } else { found >= least }) && found <= most;
                if !is_well {
                    let at = if self.sees_calcium {
                        format!("{} and {} of calcium", Millivolts(potential), Millimolar(calcium))
                    } else {
                        Millivolts(potential).to_string()
                    };
                    let expected = match (strictly, most.is_finite()) {
                        (true, _) => "more than 0",
                        (false, false) => "at least 0",
                        (false, true) => "a number from 0 to 1",
                    };
                    let hint = if found.is_nan() { "; x / (1 - exp(-x)) is `linoid(x)`, which is 1 at 0" } else { "" };
                    let found = if found.is_nan() { "undefined".to_owned() } else { format!("{found}{unit}") };
                    return Err(refuse(part, format!("{what} is {found} at {at}; expected {expected}{hint}")));
                }
            }
            Ok(())
        };
        for (k, gate) in self.gates.iter().enumerate() {
            let name = &gate.name;
            if gate.rates {
                expect(Part::GateFirst(k), &format!("the opening rate of `{name}`"), &gate.first, (0.0, false, f64::INFINITY), "/ms")?;
                expect(Part::GateSecond(k), &format!("the closing rate of `{name}`"), &gate.second, (0.0, false, f64::INFINITY), "/ms")?;
                let mut grid =
                    (-300..=300).map(|half| f64::from(half) / 2.0).flat_map(|potential| calcium.iter().map(move |c| (potential, *c)));
                let of = |steps: &[FormulaStep], potential: f64, calcium: f64| value(steps, [potential, calcium * 1e-3, temperature.0]);
                if let Some((v, _)) = grid.find(|(v, c)| of(&gate.first, *v, *c) + of(&gate.second, *v, *c) == 0.0) {
                    let message = format!("both rates of `{name}` are 0 at {}; expected one that is more", Millivolts(v));
                    return Err(refuse(Part::GateSecond(k), message));
                }
            } else {
                let range = (-ROUNDING, false, 1.0 + ROUNDING);
                expect(Part::GateFirst(k), &format!("the steady state of `{name}`"), &gate.first, range, "")?;
                expect(Part::GateSecond(k), &format!("the time constant of `{name}`"), &gate.second, (0.0, true, f64::INFINITY), " ms")?;
            }
        }
        for (k, (from, to, rate)) in self.rates.iter().enumerate() {
            let what = format!("the rate `{} -> {}`", self.states[*from], self.states[*to]);
            expect(Part::Rate(k), &what, rate, (0.0, false, f64::INFINITY), "/ms")?;
        }
        Ok(())
    }
}

/// Whether a kernel gives what another does that computes formulas as they are written in double precision, in short and in long steps: in double precision
/// to a billionth, from -200 to 200 mV and at some potentials that a runaway cell may reach; in single to some of its last bits, at all potentials that its
/// kernels see.
pub(super) fn agrees<R: Real>(channel: &Checked, kernel: &Kernel, plain: &Kernel) -> bool {
    let calcium: &[f64] = if channel.sees_calcium { &CONCENTRATIONS } else { &UNSEEN };
    let (widest, runaway, tolerance): (_, &[i32], _) = match R::PRECISION {
        Precision::Double => (200, &[-1000, -500, -300, 300, 500, 1000], (1e-9, 1e-12)),
        Precision::Single => (MOST_POTENTIAL as i32, &[], (1e-5, 2e-6)),
    };
    let potentials = (-widest..=widest).chain(runaway.iter().copied()).map(f64::from);
    let grid: Vec<(f64, f64)> = potentials.flat_map(|potential| calcium.iter().map(move |calcium| (potential, *calcium))).collect();
    let start = channel.unsettled();
    for step in [0.025, 1.0, 30.0, 1000.0] {
        let alike = |(found, expected): (&f64, &f64)| {
            !expected.is_finite() || (found - expected).abs() <= tolerance.0 * expected.abs() + tolerance.1
        };
        let agree = |rows: &[(f64, f64)]| {
            states_after::<R>(kernel, rows, &start, step).iter().zip(&states_after::<f64>(plain, rows, &start, step)).all(alike)
        };
        if !grid.chunks(ROWS).all(agree) {
            return false;
        }
    }
    true
}

/// States after a step at potentials (mV) and concentrations of calcium (mM), state after state.
fn states_after<R: Real>(kernel: &Kernel, rows: &[(f64, f64)], start: &[f64], step: f64) -> Vec<f64> {
    let (potential, calcium): (Vec<R>, Vec<R>) = rows.iter().map(|(potential, calcium)| (R::from(*potential), R::from(*calcium))).unzip();
    let mut states: Vec<R> = start.iter().flat_map(|state| std::iter::repeat_n(R::from(*state), rows.len())).collect();
    let mut scratch = KernelScratch::default();
    kernel.prepare(&mut scratch, step);
    let run =
        Run { kernel, scratch: &mut scratch, potential: &potential, calcium: &calcium, states: &mut states, stride: rows.len(), offset: 0 };
    vectorise(Simd::Portable, run);
    states.into_iter().map(R::to_f64).collect()
}

/// A formula's value.
pub(super) fn value(steps: &[FormulaStep], variables: [f64; 3]) -> f64 {
    let mut values: Vec<f64> = Vec::with_capacity(steps.len());
    for step in steps {
        let known = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let value = match *step {
            FormulaStep::Constant(value) => value,
            FormulaStep::Variable(index) => variables.get(index).copied().unwrap_or(f64::NAN),
            FormulaStep::Unary(function, x) => function.apply(known(x)),
            FormulaStep::Binary(operation, a, b) => operation.apply(known(a), known(b)),
            FormulaStep::Select(condition, a, b) => known(if known(condition) != 0.0 { a } else { b }),
        };
        values.push(value);
    }
    values.last().copied().unwrap_or(f64::NAN)
}
