//! Which neurons of a population a stimulus drives, and the values that it has for each of them.

use neuropil_core::random::{Purpose, stream};
use neuropil_core::{Accepts, Population};
use neuropil_units::{ExpressionError, Program, Scratch};

/// The driven neurons of one population.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rows {
    /// All of them.
    All(u32),
    /// These, ascending, by index within the population.
    Listed(Vec<u32>),
}

impl Rows {
    pub(crate) fn new(population: &Population, neurons: Option<&[u32]>) -> Self {
        match neurons {
            None => Self::All(population.size),
            Some(listed) => {
                let mut listed = listed.to_vec();
                listed.sort_unstable();
                Self::Listed(listed)
            }
        }
    }

    /// Number of driven neurons.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::All(size) => *size as usize,
            Self::Listed(listed) => listed.len(),
        }
    }

    /// Their indices, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        let (all, listed) = match self {
            Self::All(size) => (0..*size, [].as_slice()),
            Self::Listed(listed) => (0..0, listed.as_slice()),
        };
        all.chain(listed.iter().copied())
    }
}

/// One value for all driven neurons, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    Shared(f32),
    Each(Vec<f32>),
}

impl Column {
    /// The value of the `k`-th driven neuron.
    #[inline(always)]
    pub(crate) fn at(&self, k: usize) -> f32 {
        match self {
            Self::Shared(value) => *value,
            Self::Each(values) => values[k],
        }
    }

    /// The smallest value.
    pub(crate) fn least(&self) -> f32 {
        match self {
            Self::Shared(value) => *value,
            Self::Each(values) => values.iter().copied().fold(f32::INFINITY, f32::min),
        }
    }

    fn is_finite(&self) -> bool {
        match self {
            Self::Shared(value) => value.is_finite(),
            Self::Each(values) => values.iter().all(|v| v.is_finite()),
        }
    }
}

/// Draws the values of several programs for each driven neuron, from the neuron's own stream: (value, stimulus, neuron).
///
/// `Ok(None)` if a value is beyond the range of f32.
pub(crate) fn draw<const N: usize>(
    programs: [&Program; N],
    seed: u64,
    number: u32,
    population: &Population,
    rows: &Rows,
) -> Result<Option<[Column; N]>, ExpressionError> {
    let mut columns = programs.map(|program| match program.as_constant() {
        Some(value) => Column::Shared(value as f32),
        None => Column::Each(Vec::with_capacity(rows.len())),
    });
    if columns.iter().any(|c| matches!(c, Column::Each(_))) {
        let (mut scratch, mut value) = (Scratch::default(), [0.0]);
        for row in rows.iter() {
            let mut random = stream(seed, Purpose::Value, number, u64::from(population.first + row));
            for (program, column) in programs.iter().zip(&mut columns) {
                if let Column::Each(values) = column {
                    program.evaluate_block(&[], &mut random, &mut value, &mut scratch)?;
                    values.push(value[0] as f32);
                }
            }
        }
    }
    Ok(columns.iter().all(Column::is_finite).then_some(columns))
}

/// The channel that a weight goes to, and the factor with which it does; `None` where no receptor takes its sign.
pub(crate) fn route(population: &Population, receptor: Option<&str>, weight: f32) -> Option<(u32, f32)> {
    let fits = |accepts: Accepts| match accepts {
        Accepts::Any => true,
        Accepts::Positive => weight >= 0.0,
        Accepts::Negative => weight < 0.0,
        // A receptor that was named takes magnitudes of either sign.
        Accepts::NegativeMagnitude => weight < 0.0 || receptor.is_some(),
    };
    let mut receptors = population.receptors.iter().zip(&population.channel);
    let (found, channel) = receptors.find(|(r, _)| receptor.is_none_or(|name| r.name == name) && fits(r.accepts))?;
    let factor = if found.accepts == Accepts::NegativeMagnitude && weight < 0.0 { -1.0 } else { 1.0 };
    Some((*channel as u32, factor))
}
