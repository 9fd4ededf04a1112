//! What a declared channel is: gates and a scheme of states as expressions, checked for names and dimensions.

use super::compile::{Checked, CheckedGate};
use neuropil_units::{
    CentimetersPerSecond, Dimension, Expression, ExpressionError, Kelvin, Millimolar, MillisiemensPerSquareCentimeter, Millivolts, Scope,
    Variable,
};
use std::fmt;

/// The names that expressions of a channel may use, beside those in scope.
pub const VARIABLES: [Variable; 3] = [
    Variable { name: "membrane_potential", dimension: Dimension::POTENTIAL },
    Variable { name: "calcium", dimension: Dimension::CONCENTRATION },
    Variable { name: "temperature", dimension: Dimension::TEMPERATURE },
];
/// States and gates that a channel may have.
const MOST_STATES: usize = 32;
/// Operations that its formulas may have in all.
const MOST_OPERATIONS: usize = 10_000;
/// The largest power of a gate.
const LARGEST_POWER: u32 = 16;

/// A channel that is declared, not programmed: gates, states and their rates are expressions.
///
/// Expressions may use `membrane_potential`, `calcium` (inside the compartment) and `temperature`.
///
/// # Equations
/// ```text
/// i = g (V - E)                        g = conductance · Π gateᵖᵒʷᵉʳ · Σ openₛ s; or by permeability, see `Conducts`
/// y' = q (α (1 - y) - β y)             a gate with rates
/// y' = q (y∞ - y)/τ                    a gate with a limit and a time constant
/// s' = q Σᵣ (rate(r → s) r - rate(s → r) s)      the states of a scheme, whose sum is 1
/// ```
/// q is the factor of temperature, 1 if there is none. Gates follow their equation exactly for a potential that stands still during a step, as those of
/// built-in channels do. States take one step of backward Euler in each compartment: of first order in the step, no share ever below 0, and the sum
/// kept to rounding.
///
/// ```
/// use neuropil_dendrites::declared::{Conducts, DeclaredChannel, Gate, Kinetics};
/// use neuropil_units::{Expression, MillisiemensPerSquareCentimeter, Millivolts, Scope};
///
/// let slow_potassium = DeclaredChannel {
///     name: "slow_potassium".into(),
///     conductance: MillisiemensPerSquareCentimeter(1.0),
///     conducts: Conducts::Ohmic(Millivolts(-90.0)),
///     gates: vec![Gate {
///         name: "n".into(),
///         power: 1,
///         kinetics: Kinetics::Limit {
///             steady_state: Expression::parse("1 / (1 + exp(-(membrane_potential + 35 mV) / (10 mV)))")?,
///             time_constant: Expression::parse("100 ms")?,
///         },
///     }],
///     ..Default::default()
/// };
/// let entry = slow_potassium.entry(&Scope::new()).map_err(|error| error.to_string());
/// assert_eq!(entry.map(|entry| entry.name.into_owned()), Ok("slow_potassium".to_owned()));
/// # Ok::<(), neuropil_units::ExpressionError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DeclaredChannel {
    /// Name, in messages and lists.
    pub name: String,
    /// Largest conductance where none is given with the painting; without meaning for a channel with a permeability.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// What its current depends on.
    pub conducts: Conducts,
    /// How much faster than written it is: an expression of `temperature`, without unit.
    pub temperature_factor: Option<Expression>,
    /// Gates; the channel is open as far as all are.
    pub gates: Vec<Gate>,
    /// A scheme of states.
    pub scheme: Option<Scheme>,
}

/// What the current through a channel depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Conducts {
    /// A reversal potential.
    Ohmic(Millivolts),
    /// The reversal potential of the compartment's calcium, which carries the current.
    Calcium,
    /// A reversal potential; calcium carries the current.
    CalciumAt(Millivolts),
    /// Concentrations of calcium, as Goldman, Hodgkin and Katz describe: see [`goldman_hodgkin_katz`](crate::calcium::goldman_hodgkin_katz).
    Permeable {
        /// Largest permeability where none is given with the painting.
        permeability: CentimetersPerSecond,
        /// Calcium outside where none is given.
        outside: Millimolar,
    },
}

impl Conducts {
    /// Whether calcium carries the current.
    pub(crate) fn carries_calcium(self) -> bool {
        !matches!(self, Self::Ohmic(_))
    }
}

impl Default for Conducts {
    fn default() -> Self {
        Self::Ohmic(Millivolts(0.0))
    }
}

/// A gate, which is open to a part from 0 to 1.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Name, in messages.
    pub name: String,
    /// How often it counts.
    pub power: u32,
    /// How it moves.
    pub kinetics: Kinetics,
}

/// How a gate moves.
#[derive(Clone, Debug)]
pub enum Kinetics {
    /// Rates, 1/ms.
    Rates {
        /// α, at which closed ones open.
        opening: Expression,
        /// β, at which open ones close.
        closing: Expression,
    },
    /// Where it goes, and how fast.
    Limit {
        /// y∞, from 0 to 1.
        steady_state: Expression,
        /// τ, ms.
        time_constant: Expression,
    },
}

/// States that channels are in, and rates between them.
#[derive(Clone, Debug, Default)]
pub struct Scheme {
    /// Names of the states.
    pub states: Vec<String>,
    /// From which state, to which, at what rate, 1/ms.
    pub rates: Vec<(usize, usize, Expression)>,
    /// States that conduct, and which part of the conductance; from 0 to 1.
    pub open: Vec<(usize, f64)>,
}

/// A part of a channel that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole.
    Channel,
    /// The factor of temperature.
    TemperatureFactor,
    /// α or y∞ of the gate of this number.
    GateFirst(usize),
    /// β or τ.
    GateSecond(usize),
    /// The power of a gate.
    GatePower(usize),
    /// The rate of this number.
    Rate(usize),
    /// The scheme's states.
    States,
    /// What conducts.
    Open,
}

/// Why a channel cannot be.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredError {
    /// The part of it.
    pub part: Part,
    /// What is wrong with it.
    pub kind: DeclaredErrorKind,
}

/// What is wrong with a part of a channel.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclaredErrorKind {
    /// An expression.
    Expression(ExpressionError),
    /// Something else, in a sentence.
    Other(String),
}

impl fmt::Display for DeclaredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DeclaredErrorKind::Expression(error) => write!(f, "{error}"),
            DeclaredErrorKind::Other(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for DeclaredError {}

pub(super) fn refuse(part: Part, message: impl Into<String>) -> DeclaredError {
    DeclaredError { part, kind: DeclaredErrorKind::Other(message.into()) }
}

impl DeclaredChannel {
    /// Checks names, dimensions and numbers; `scope` has the parameters that expressions may use.
    pub(crate) fn checked(&self, scope: &Scope) -> Result<Checked, DeclaredError> {
        let (mut sees_calcium, mut operations) = (false, 0);
        let mut formula = |part: Part, expression: &Expression, dimension: Dimension| {
            let program = expression.compile(scope, &VARIABLES, dimension);
            let program = program.map_err(|error| DeclaredError { part, kind: DeclaredErrorKind::Expression(error) })?;
            sees_calcium |= program.uses_variable(1);
            if part == Part::TemperatureFactor && (program.uses_variable(0) || program.uses_variable(1)) {
                return Err(refuse(part, "a factor of temperature is an expression of `temperature` alone"));
            }
            let steps = program.formula().ok_or_else(|| refuse(part, "a channel is not random; expected the same value in every step"))?;
            operations += steps.len();
            if operations > MOST_OPERATIONS {
                return Err(refuse(part, format!("the formulas of a channel have at most {MOST_OPERATIONS} operations in all")));
            }
            Ok(steps)
        };
        let factor =
            self.temperature_factor.as_ref().map(|factor| formula(Part::TemperatureFactor, factor, Dimension::NONE)).transpose()?;
        let mut gates = Vec::new();
        for (k, gate) in self.gates.iter().enumerate() {
            if gate.power == 0 || gate.power > LARGEST_POWER {
                return Err(refuse(Part::GatePower(k), format!("a gate counts from once to {LARGEST_POWER} times, not {}", gate.power)));
            }
            let (rates, first, second, dimensions) = match &gate.kinetics {
                Kinetics::Rates { opening, closing } => (true, opening, closing, [Dimension::FREQUENCY; 2]),
                Kinetics::Limit { steady_state, time_constant } => (false, steady_state, time_constant, [Dimension::NONE, Dimension::TIME]),
            };
            let first = formula(Part::GateFirst(k), first, dimensions[0])?;
            let second = formula(Part::GateSecond(k), second, dimensions[1])?;
            gates.push(CheckedGate { name: gate.name.clone(), power: gate.power, rates, first, second });
        }
        let scheme = self.scheme.clone().unwrap_or_default();
        let count = scheme.states.len();
        if self.scheme.is_some() && count < 2 {
            return Err(refuse(Part::States, "a scheme has at least two states"));
        }
        if count + gates.len() > MOST_STATES {
            return Err(refuse(Part::States, format!("a channel has at most {MOST_STATES} gates and states")));
        }
        if count + gates.len() == 0 {
            return Err(refuse(Part::Channel, "a channel has gates or a scheme of states; for a constant conductance there is `Passive`"));
        }
        let mut rates = Vec::new();
        for (k, (from, to, rate)) in scheme.rates.iter().enumerate() {
            if from == to || *from >= count || *to >= count {
                return Err(refuse(Part::Rate(k), "a rate leads from one state of the scheme to another"));
            }
            rates.push((*from, *to, formula(Part::Rate(k), rate, Dimension::FREQUENCY)?));
        }
        for (state, name) in scheme.states.iter().enumerate() {
            if !rates.iter().any(|(from, to, _)| *from == state || *to == state) {
                return Err(refuse(Part::States, format!("no rate leads to the state `{name}` or from it")));
            }
        }
        if self.scheme.is_some() && scheme.open.is_empty() {
            return Err(refuse(Part::Open, "no state conducts; expected at least one, such as {\"O\": 1}"));
        }
        if let Some((_, part)) = scheme.open.iter().find(|(state, part)| *state >= count || !(0.0..=1.0).contains(part)) {
            return Err(refuse(Part::Open, format!("a state conducts from 0 to 1 of the whole, not {part}")));
        }
        Ok(Checked {
            name: self.name.clone(),
            conductance: self.conductance,
            conducts: self.conducts,
            factor,
            gates,
            states: scheme.states,
            rates,
            open: scheme.open,
            sees_calcium,
        })
    }

    /// Checks it as [`entry`](Self::entry) does, and its values at one temperature: rates of at least 0, limits from 0 to 1, time constants above 0, all
    /// of them defined, from -150 to 150 mV and, where calcium is used, from 10 nM to 10 mM.
    ///
    /// # Errors
    /// Where that is not so.
    pub fn check_at(&self, scope: &Scope, temperature: Kelvin) -> Result<(), DeclaredError> {
        self.checked(scope)?.at(temperature).map(|_| ())
    }
}
