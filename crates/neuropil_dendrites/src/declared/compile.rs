//! From a checked channel to its kernel at one temperature.

use super::channel::{Conducts, DeclaredError, Part, refuse};
use super::check::{agrees, value};
use super::graph::{Fraction, Graph, Operation, Value};
use super::kernel::{Advance, Kernel};
use crate::calcium::thermal_potential;
use crate::real::{Precision, Single};
use neuropil_units::expression::FormulaStep;
use neuropil_units::{Kelvin, MillisiemensPerSquareCentimeter};

/// A channel whose expressions are checked.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) name: String,
    pub(crate) conductance: MillisiemensPerSquareCentimeter,
    pub(crate) conducts: Conducts,
    pub(super) factor: Option<Vec<FormulaStep>>,
    pub(super) gates: Vec<CheckedGate>,
    pub(super) states: Vec<String>,
    pub(super) rates: Vec<(usize, usize, Vec<FormulaStep>)>,
    pub(super) open: Vec<(usize, f64)>,
    pub(crate) sees_calcium: bool,
}

#[derive(Clone, Debug)]
pub(super) struct CheckedGate {
    pub(super) name: String,
    pub(super) power: u32,
    /// Whether the two are rates, not a limit and a time constant.
    pub(super) rates: bool,
    pub(super) first: Vec<FormulaStep>,
    pub(super) second: Vec<FormulaStep>,
}

/// A channel at one temperature.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AtTemperature {
    /// In double precision, and in single, whose numbers overflow earlier.
    kernels: [Kernel; 2],
    /// How much faster than written it is.
    pub(crate) factor: f64,
    /// RT/F, mV.
    pub(crate) thermal: f64,
}

impl AtTemperature {
    /// The kernel for numbers of a precision.
    pub(crate) fn kernel(&self, precision: Precision) -> &Kernel {
        let [double, single] = &self.kernels;
        match precision {
            Precision::Double => double,
            Precision::Single => single,
        }
    }
}

impl Checked {
    /// Gates and states, in the order of the kernel's.
    pub(crate) fn states(&self) -> usize {
        self.gates.len() + self.states.len()
    }

    /// Names of gates and states.
    pub(crate) fn state_names(&self) -> impl Iterator<Item = &str> {
        self.gates.iter().map(|gate| gate.name.as_str()).chain(self.states.iter().map(String::as_str))
    }

    /// Where the kernel's steps towards the resting state begin: gates anywhere, channels in all states alike.
    pub(crate) fn unsettled(&self) -> Vec<f64> {
        let share = 1.0 / self.states.len().max(1) as f64;
        (0..self.states()).map(|state| if state < self.gates.len() { 0.5 } else { share }).collect()
    }

    /// Whether it has a scheme, whose resting state takes several long steps.
    pub(crate) fn has_scheme(&self) -> bool {
        !self.states.is_empty()
    }

    /// The kernel, after a look at all values.
    pub(crate) fn at(&self, temperature: Kelvin) -> Result<AtTemperature, DeclaredError> {
        let factor = match &self.factor {
            Some(steps) => value(steps, [0.0, 0.0, temperature.0]),
            None => 1.0,
        };
        if !(factor.is_finite() && factor > 0.0) {
            let message = format!("the factor of temperature is {factor} at {temperature}; expected more than 0");
            return Err(refuse(Part::TemperatureFactor, message));
        }
        self.check_values(temperature)?;
        // The fastest form that agrees with the formulas as they are written.
        let forms = [(true, true), (false, true), (false, false)].map(|(fractions, shared)| self.kernel(temperature, fractions, shared));
        let chosen = |agrees: fn(&Self, &Kernel, &Kernel) -> bool| {
            let [.., plain] = &forms;
            forms.iter().find(|kernel| agrees(self, kernel, plain)).unwrap_or(plain).clone()
        };
        let kernels = [chosen(agrees::<f64>), chosen(agrees::<Single>)];
        Ok(AtTemperature { kernels, factor, thermal: thermal_potential(temperature) })
    }

    fn kernel(&self, temperature: Kelvin, fractions: bool, shared: bool) -> Kernel {
        let mut graph = Graph::new(fractions);
        let potential = graph.value(Operation::Potential);
        let millimolar = graph.value(Operation::Calcium);
        let calcium = graph.affine(millimolar, 1e-3, 0.0);
        let variables = [potential, calcium, graph.constant(temperature.0)];
        let mut advances = Vec::new();
        for (state, gate) in self.gates.iter().enumerate() {
            let (first, second) = (graph.formula(&gate.first, &variables), graph.formula(&gate.second, &variables));
            let (limit, rate) = if gate.rates {
                let rate = graph.plus(first, second);
                (graph.over(first, rate), rate)
            } else {
                (first, graph.inverse(second))
            };
            let one = graph.constant(1.0);
            let limit = if fractions && gate.rates { reduced(&mut graph, first, second) } else { limit };
            let mut parts = |fraction: Fraction| {
                if fractions { (fraction.top, fraction.bottom.unwrap_or(one)) } else { (graph.settle(fraction), one) }
            };
            let (limit, rate) = (parts(limit), parts(rate));
            advances.push(Advance::Follow { state, limit, rate });
        }
        let mut open = None;
        for (state, share) in self.scheme(&mut graph, &variables).into_iter().enumerate() {
            advances.push(Advance::Set { state: self.gates.len() + state, value: share });
            if let Some((_, part)) = self.open.iter().find(|(of, _)| *of == state) {
                let conducting = graph.affine(share, *part, 0.0);
                open = Some(open.map_or(conducting, |open| graph.add(open, conducting)));
            }
        }
        for (state, gate) in self.gates.iter().enumerate() {
            let gate_value = graph.value(Operation::State(state));
            let power = graph.power(gate_value, gate.power);
            open = Some(open.map_or(power, |open| graph.multiply(open, power)));
        }
        let open = open.unwrap_or(potential);
        if !shared {
            return Kernel::new(&graph, &advances, open);
        }
        let mut wanted = vec![open];
        for advance in &advances {
            match *advance {
                Advance::Follow { limit, rate, .. } => wanted.extend([limit.0, limit.1, rate.0, rate.1]),
                Advance::Set { value, .. } => wanted.push(value),
            }
        }
        let (graph, moved) = graph.with_shared_exponentials(&wanted);
        let mut moved = moved.into_iter();
        let mut next = || moved.next().unwrap_or(0);
        let open = next();
        for advance in &mut advances {
            match advance {
                Advance::Follow { limit, rate, .. } => (*limit, *rate) = ((next(), next()), (next(), next())),
                Advance::Set { value, .. } => *value = next(),
            }
        }
        Kernel::new(&graph, &advances, open)
    }

    /// Shares of the states after a step of backward Euler, `(1 - h A) p = p₀`, by elimination that never subtracts.
    ///
    /// Flows out of a state are what its column of A sums to 0 with; instead of the diagonal the sum of each column is carried along, which stays positive
    /// (Grassmann, Taksar and Heyman 1985, doi:10.1287/opre.33.5.1107, do so for resting states). So shares are at least 0, and their sum is kept, to rounding.
    #[expect(clippy::needless_range_loop, reason = "an elimination is read by its rows and columns")]
    fn scheme(&self, graph: &mut Graph, variables: &[Value; 3]) -> Vec<Value> {
        let count = self.states.len();
        let step = graph.value(Operation::Step);
        // flow[i][j]: from j to i in a step.
        let mut flow: Vec<Vec<Option<Value>>> = vec![vec![None; count]; count];
        for (from, to, rate) in &self.rates {
            let rate = graph.formula(rate, variables);
            let rate = graph.settle(rate);
            let amount = graph.multiply(step, rate);
            flow[*to][*from] = Some(flow[*to][*from].map_or(amount, |known| graph.add(known, amount)));
        }
        let mut share: Vec<Value> = (0..count).map(|state| graph.value(Operation::State(self.gates.len() + state))).collect();
        let mut sum: Vec<Value> = vec![graph.constant(1.0); count];
        let mut inverse = sum.clone();
        for state in 0..count {
            let mut diagonal = sum[state];
            for row in state + 1..count {
                if let Some(amount) = flow[row][state] {
                    diagonal = graph.add(diagonal, amount);
                }
            }
            let one = graph.constant(1.0);
            inverse[state] = graph.divide(one, diagonal);
            for column in state + 1..count {
                let Some(inflow) = flow[state][column] else { continue };
                let part = graph.multiply(inflow, inverse[state]);
                let lost = graph.multiply(sum[state], part);
                sum[column] = graph.add(sum[column], lost);
                for row in (state + 1..count).filter(|row| *row != column) {
                    if let Some(amount) = flow[row][state] {
                        let through = graph.multiply(amount, part);
                        flow[row][column] = Some(flow[row][column].map_or(through, |known| graph.add(known, through)));
                    }
                }
            }
            let part = graph.multiply(share[state], inverse[state]);
            for row in state + 1..count {
                if let Some(amount) = flow[row][state] {
                    let through = graph.multiply(amount, part);
                    share[row] = graph.add(share[row], through);
                }
            }
        }
        for state in (0..count).rev() {
            let mut total = share[state];
            for column in state + 1..count {
                if let Some(inflow) = flow[state][column] {
                    let through = graph.multiply(inflow, share[column]);
                    total = graph.add(total, through);
                }
            }
            share[state] = graph.multiply(total, inverse[state]);
        }
        share
    }
}

/// `α/(α + β)` without the factors that both have.
fn reduced(graph: &mut Graph, opening: Fraction, closing: Fraction) -> Fraction {
    if opening.bottom == closing.bottom {
        return Fraction { top: opening.top, bottom: Some(graph.add(opening.top, closing.top)) };
    }
    let top = closing.bottom.map_or(opening.top, |bottom| graph.multiply(opening.top, bottom));
    let rest = opening.bottom.map_or(closing.top, |bottom| graph.multiply(closing.top, bottom));
    Fraction { top, bottom: Some(graph.add(top, rest)) }
}

#[cfg(test)]
mod tests {
    use super::super::channel::{DeclaredChannel, Gate, Kinetics};
    use super::*;
    use neuropil_units::{Expression, Scope};

    fn gate(opening: &str, closing: &str) -> Gate {
        let parse = |text| Expression::parse(text).unwrap();
        Gate { name: "y".into(), power: 1, kinetics: Kinetics::Rates { opening: parse(opening), closing: parse(closing) } }
    }

    /// Claim: the kernel of Hodgkin and Huxley's gates has the two exponentials of the built-in one, and no division but that of each gate; a steep gate, whose
    /// fractions would overflow, is divided as it is written. Source: slopes of 1/80, 1/20, 1/10 and 1/18 per mV, of which three are multiples of the first.
    #[test]
    fn exponentials_are_shared_and_divisions_put_off() {
        let kernel = |gates: Vec<Gate>| {
            let channel = DeclaredChannel { gates, ..Default::default() };
            channel.checked(&Scope::new()).unwrap().at(Kelvin(300.0)).unwrap().kernel(Precision::Double).clone()
        };
        let squid = kernel(vec![
            gate("(1/ms) * linoid((membrane_potential + 40 mV) / (10 mV))", "(4/ms) * exp(-(membrane_potential + 65 mV) / (18 mV))"),
            gate("(0.07/ms) * exp(-(membrane_potential + 65 mV) / (20 mV))", "(1/ms) / (1 + exp(-(membrane_potential + 35 mV) / (10 mV)))"),
            gate("(0.1/ms) * linoid((membrane_potential + 55 mV) / (10 mV))", "(0.125/ms) * exp(-(membrane_potential + 65 mV) / (80 mV))"),
        ]);
        assert_eq!(squid.costly(), (2, 0));
        let steep = "(1/ms) / (1 + exp((membrane_potential + 41 mV) / (0.5 mV)))";
        let steep = kernel(vec![gate(steep, "(1/ms) / (1 + exp(-(membrane_potential + 41 mV) / (0.5 mV)))")]);
        assert!(steep.costly().1 > 0, "{:?}", steep.costly());
    }
}
