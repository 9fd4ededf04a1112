//! A projection: which neurons are joined, by which rule, with which weights and delays.

use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::memory::available_bytes;
use neuropil_core::{Population, Populations, RunSettings, is_built};
use neuropil_units::{Dimension, Expression, ExpressionError, Program, Scope, Variable, suggestion};

/// Variables that weights, delays and probabilities may use, all in µm: the distance of the two neurons, and the components of the way from source to target.
pub const VARIABLES: [Variable; 4] = [
    Variable { name: "distance", dimension: Dimension::LENGTH },
    Variable { name: "dx", dimension: Dimension::LENGTH },
    Variable { name: "dy", dimension: Dimension::LENGTH },
    Variable { name: "dz", dimension: Dimension::LENGTH },
];

/// Whether something may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It may.
    Yes,
    /// It may not.
    No,
}

/// One synapse of an explicit list; indices count within the projection's sources and targets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExplicitSynapse {
    /// Index of the source.
    pub source: u32,
    /// Index of the target.
    pub target: u32,
    /// Weight in the receptor's unit, if not the projection's.
    pub weight: Option<f64>,
    /// Delay in ms, if not the projection's.
    pub delay: Option<f64>,
}

/// Who is joined to whom.
#[derive(Clone, Debug)]
pub enum ConnectionRule {
    /// Every source to every target.
    AllToAll,
    /// The i-th source to the i-th target.
    OneToOne,
    /// Every target draws this many sources.
    FixedInDegree(u64),
    /// Every source draws this many targets.
    FixedOutDegree(u64),
    /// This many synapses, source and target of each drawn uniformly.
    FixedTotalNumber(u64),
    /// Every pair with this probability.
    PairwiseBernoulli(f64),
    /// Every pair with a probability that depends on where the two neurons lie; values beyond 0 and 1 count as 0 and 1.
    DistanceDependent {
        /// Probability, over [`VARIABLES`].
        probability: Program,
        /// Length of a period along each axis, in µm; 0 where space does not close upon itself.
        periodic: [f64; 3],
    },
    /// The synapses listed.
    Explicit(Vec<ExplicitSynapse>),
}

/// What a projection's synapses pass on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transmission {
    /// Spikes: each adds the weight to the target's receptor after the delay.
    #[default]
    Spikes,
    /// The value that the source's model transmits in every step: weight times value is added to the target's receptor in every step, the
    /// delay later.
    Graded,
    /// Current between membranes: the weight is a conductance in nS. Each synapse couples both ways, so a gap junction is listed once; what
    /// is listed again, or the other way round, adds. Delay and receptor mean nothing.
    Electrical,
}

/// A projection to be made when the network is built, and afterwards the record of it. One entity each.
#[derive(Component, Clone, Debug)]
pub struct Projection {
    /// Name, unique in the network.
    pub name: String,
    /// Names of the source populations; their neurons are joined in this order.
    pub from: Vec<String>,
    /// Names of the target populations.
    pub to: Vec<String>,
    /// Who is joined to whom.
    pub rule: ConnectionRule,
    /// Weights in the receptor's unit, over [`VARIABLES`].
    pub weight: Program,
    /// Delays in ms, over [`VARIABLES`]; rounded to steps, half up, and at least one step.
    pub delay: Program,
    /// Name of the receptor; if `None`, the sign of each weight chooses.
    pub receptor: Option<String>,
    /// Whether a neuron may be joined to itself.
    pub autapses: Allowed,
    /// Whether a pair may be joined more than once.
    pub multapses: Allowed,
    /// What its synapses pass on.
    pub transmission: Transmission,
    /// Where on cells with dendrites its synapses are; needed where the receptor has several places.
    pub sites: Option<Sites>,
}

/// How synapses spread over the places of a receptor: each takes one at random, drawn anew for each synapse.
#[derive(Clone, Debug, PartialEq)]
pub struct Sites {
    /// By kind of cell, for each place of the receptor its share of the synapses; shares need not add up to 1.
    pub spread: Vec<Vec<f64>>,
    /// The kind of each target; empty if all are of the first.
    pub kind_of: Vec<u32>,
}

impl Projection {
    /// A projection with weights and delays from expressions such as `"0.1 mV"` or `"normal(1.5 ms, 0.1 ms)"`; autapses and multapses are allowed.
    ///
    /// `weight` must have the dimension given, that of the receptor: a current, conductance or potential. Its synapses pass on spikes, unless
    /// [`transmission`](Self::transmission) is set otherwise.
    ///
    /// # Errors
    /// The expression that cannot be read, with the place in it.
    pub fn new(
        name: &str,
        from: &[&str],
        to: &[&str],
        rule: ConnectionRule,
        weight: &str,
        dimension: Dimension,
        delay: &str,
    ) -> Result<Self, ExpressionError> {
        let program = |text: &str, dimension| Expression::parse(text)?.compile(&Scope::new(), &VARIABLES, dimension);
        Ok(Self {
            name: name.to_string(),
            from: from.iter().map(ToString::to_string).collect(),
            to: to.iter().map(ToString::to_string).collect(),
            rule,
            weight: program(weight, dimension)?,
            delay: program(delay, Dimension::TIME)?,
            receptor: None,
            autapses: Allowed::Yes,
            multapses: Allowed::Yes,
            transmission: Transmission::Spikes,
            sites: None,
        })
    }
}

/// Number of synapses of a projection, known once the network is built.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SynapseCount(pub u64);

/// Why a projection cannot be made.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ProjectionError {
    /// The network has been built.
    #[error("projection `{0}` cannot be added: the network has been built; add everything before it is first advanced")]
    Late(String),
    /// No such population or receptor.
    #[error("projection `{projection}`: unknown {kind} `{found}`{hint}")]
    Unknown {
        /// Name of the projection.
        projection: String,
        /// What was looked for.
        kind: &'static str,
        /// The name given.
        found: String,
        /// Valid names.
        hint: String,
    },
    /// Two projections of one name.
    #[error("there is already a projection `{0}`")]
    Duplicate(String),
    /// The rule cannot be carried out with these populations.
    #[error("projection `{projection}`: {problem}")]
    Rule {
        /// Name of the projection.
        projection: String,
        /// What is wrong, and what would do.
        problem: String,
    },
    /// More synapses than memory holds.
    #[error("{synapses:.3e} synapses need {needed_gib:.1} GiB; {available_gib:.1} GiB are available")]
    Memory {
        /// Synapses expected.
        synapses: f64,
        /// Memory that they need.
        needed_gib: f64,
        /// Memory that there is.
        available_gib: f64,
    },
}

/// Adding projections from Rust; implemented for [`App`] and [`World`].
pub trait Connect {
    /// Adds a projection between populations that were added before; its synapses are made when the network is built.
    ///
    /// # Errors
    /// See [`ProjectionError`].
    fn connect(&mut self, projection: Projection) -> Result<Entity, ProjectionError>;
}

impl Connect for App {
    fn connect(&mut self, projection: Projection) -> Result<Entity, ProjectionError> {
        self.world_mut().connect(projection)
    }
}

impl Connect for World {
    fn connect(&mut self, projection: Projection) -> Result<Entity, ProjectionError> {
        if is_built(self) {
            return Err(ProjectionError::Late(projection.name));
        }
        if self.query::<&Projection>().iter(self).any(|p| p.name == projection.name) {
            return Err(ProjectionError::Duplicate(projection.name));
        }
        let [from, to] = [&projection.from, &projection.to].map(|names| populations_of(self, &projection.name, names));
        let (from, to) = (from?, to?);
        crate::connect::check(&projection, &from, &to)?;
        let expected = crate::connect::expected_synapses(&projection, &from, &to);
        let mut settings = self.resource_mut::<RunSettings>();
        let synapses = settings.expected_synapses + expected;
        let (needed, available) = (synapses * 4.2, available_bytes().unwrap_or(f64::INFINITY));
        if needed > available {
            let gib = |bytes: f64| bytes / 1_073_741_824.0;
            return Err(ProjectionError::Memory { synapses, needed_gib: gib(needed), available_gib: gib(available) });
        }
        settings.expected_synapses = synapses;
        Ok(self.spawn(projection).id())
    }
}

fn populations_of(world: &World, projection: &str, names: &[String]) -> Result<Vec<Population>, ProjectionError> {
    let entities = world.resource::<Populations>().entities();
    let known: Vec<&Population> = entities.iter().filter_map(|e| world.get::<Population>(*e)).collect();
    if names.is_empty() {
        let problem = "it names no population; expected at least one on either side".to_string();
        return Err(ProjectionError::Rule { projection: projection.to_string(), problem });
    }
    names
        .iter()
        .map(|name| {
            known.iter().find(|p| p.name == *name).map(|p| (*p).clone()).ok_or_else(|| ProjectionError::Unknown {
                projection: projection.to_string(),
                kind: "population",
                found: name.clone(),
                hint: suggestion(name, known.iter().map(|p| p.name.as_str())),
            })
        })
        .collect()
}
