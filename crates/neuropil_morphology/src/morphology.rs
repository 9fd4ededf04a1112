//! A cell as a tree of samples.

use crate::error::{MorphologyError, Problem};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a sample is part of: the type of SWC files. Numbers beyond the four that have a name are kept as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kind(pub i32);

impl Kind {
    /// The cell body.
    pub const SOMA: Self = Self(1);
    /// The axon.
    pub const AXON: Self = Self(2);
    /// A basal dendrite; any dendrite of a cell that has no apical one.
    pub const BASAL: Self = Self(3);
    /// The apical dendrite.
    pub const APICAL: Self = Self(4);

    /// Whether it is the cell body.
    pub fn is_soma(self) -> bool {
        self == Self::SOMA
    }

    /// Its name: `soma`, `axon`, `basal`, `apical`, or `type 7`.
    pub fn name(self) -> String {
        match self {
            Self::SOMA => "soma".into(),
            Self::AXON => "axon".into(),
            Self::BASAL => "basal".into(),
            Self::APICAL => "apical".into(),
            Self(other) => format!("type {other}"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The largest coordinate and radius, µm: a kilometre. Squares of lengths then are far from the limits of numbers.
pub const LARGEST_UM: f64 = 1e9;

/// The smallest radius, µm: an atom's.
pub const SMALLEST_RADIUS_UM: f64 = 1e-4;

/// Samples as columns of equal length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// What each is part of.
    pub kinds: Vec<Kind>,
    /// Where each is, µm.
    pub positions_um: Vec<[f64; 3]>,
    /// Radius at each, µm.
    pub radii_um: Vec<f64>,
    /// The sample before each on the way to the root, by its place in the columns; only the first has none.
    pub parents: Vec<Option<u32>>,
}

impl Samples {
    /// Adds a sample and gives its place.
    pub fn push(&mut self, kind: Kind, position_um: [f64; 3], radius_um: f64, parent: Option<u32>) -> u32 {
        self.kinds.push(kind);
        self.positions_um.push(position_um);
        self.radii_um.push(radius_um);
        self.parents.push(parent);
        (self.kinds.len() - 1) as u32
    }
}

/// A cell as a tree of samples, each after its parent.
///
/// The first sample is the root: a soma sample where there is a soma. All numbers are finite, all radii positive.
///
/// ```
/// use neuropil_morphology::{Kind, Morphology, Samples};
///
/// let mut samples = Samples::default();
/// let soma = samples.push(Kind::SOMA, [0.0, 0.0, 0.0], 5.0, None);
/// let stem = samples.push(Kind::BASAL, [0.0, 5.0, 0.0], 1.0, Some(soma));
/// samples.push(Kind::BASAL, [0.0, 105.0, 0.0], 1.0, Some(stem));
/// let cell = Morphology::new(samples)?;
/// assert_eq!(cell.len(), 3);
/// # Ok::<(), neuropil_morphology::MorphologyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Samples", into = "Samples")]
pub struct Morphology {
    samples: Samples,
}

impl Morphology {
    /// Checks samples.
    ///
    /// # Errors
    /// If columns differ in length, there is no sample, a sample but the first has no parent before it, a coordinate is beyond [`LARGEST_UM`] or a
    /// radius not between [`SMALLEST_RADIUS_UM`] and that.
    pub fn new(samples: Samples) -> Result<Self, MorphologyError> {
        let length = samples.kinds.len();
        for (column, found) in
            [("positions_um", samples.positions_um.len()), ("radii_um", samples.radii_um.len()), ("parents", samples.parents.len())]
        {
            if found != length {
                return Err(MorphologyError::Request(format!("`{column}` has {found} samples, but `kinds` has {length}")));
            }
        }
        if length == 0 {
            return Err(MorphologyError::Request(Problem::Empty.to_string()));
        }
        if u32::try_from(length).is_err() {
            return Err(MorphologyError::Request(Problem::TooManySamples { most: u32::MAX as usize }.to_string()));
        }
        let wrong = |sample: usize, what: &'static str, found: String, expected: &'static str| {
            Err(MorphologyError::Sample { sample, problem: Problem::Number { what, found, expected } })
        };
        for (sample, position) in samples.positions_um.iter().enumerate() {
            if let Some(value) = position.iter().find(|value| value.is_nan() || value.abs() > LARGEST_UM) {
                return wrong(sample, "a coordinate", value.to_string(), "a number of at most a kilometre, 1e9 µm");
            }
        }
        for (sample, &radius) in samples.radii_um.iter().enumerate() {
            if !(SMALLEST_RADIUS_UM..=LARGEST_UM).contains(&radius) {
                return wrong(sample, "the radius", radius.to_string(), "a number from 1e-4 to 1e9 µm");
            }
        }
        for (sample, parent) in samples.parents.iter().enumerate() {
            match parent {
                None if sample == 0 => {}
                Some(parent) if (*parent as usize) < sample => {}
                None => return wrong(sample, "the parent", "missing".into(), "a sample before this one; only the first has none"),
                Some(parent) => return wrong(sample, "the parent", parent.to_string(), "a sample before this one"),
            }
        }
        Ok(Self { samples })
    }

    /// Number of samples, at least one.
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.samples.kinds.len()
    }

    /// The samples.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// What each sample is part of.
    pub fn kinds(&self) -> &[Kind] {
        &self.samples.kinds
    }

    /// Where each sample is, µm.
    pub fn positions_um(&self) -> &[[f64; 3]] {
        &self.samples.positions_um
    }

    /// Radius at each sample, µm.
    pub fn radii_um(&self) -> &[f64] {
        &self.samples.radii_um
    }

    /// Parent of each sample.
    pub fn parents(&self) -> &[Option<u32>] {
        &self.samples.parents
    }

    /// Whether there is a soma sample.
    pub fn has_soma(&self) -> bool {
        self.kinds().contains(&Kind::SOMA)
    }

    /// Lowest and highest coordinates, µm.
    pub fn bounds_um(&self) -> [[f64; 2]; 3] {
        let mut bounds = [[f64::INFINITY, f64::NEG_INFINITY]; 3];
        for position in self.positions_um() {
            for ([low, high], value) in bounds.iter_mut().zip(position) {
                (*low, *high) = (low.min(*value), high.max(*value));
            }
        }
        bounds
    }

    /// Whether the soma is given as a ball: by one sample, or by three of one radius, the second and third one radius away on either side of the first
    /// and without children (the convention of NeuroMorpho.Org). Gives the number of its samples.
    pub fn ball_soma(&self) -> Option<usize> {
        let somata: Vec<usize> = self.kinds().iter().enumerate().filter(|(_, kind)| kind.is_soma()).map(|(at, _)| at).take(4).collect();
        match somata[..] {
            [0] => Some(1),
            [0, second, third] => {
                let radius = self.radii_um()[0];
                let childless = |sample: usize| !self.parents().contains(&Some(sample as u32));
                let matches =
                    [second, third].iter().all(|&at| self.parents()[at] == Some(0) && self.radii_um()[at] == radius && childless(at));
                let span: f64 = [second, third].iter().map(|&at| distance(self.positions_um()[0], self.positions_um()[at])).sum();
                (matches && (span / (2.0 * radius) - 1.0).abs() < 0.01).then_some(3)
            }
            _ => None,
        }
    }
}

impl TryFrom<Samples> for Morphology {
    type Error = MorphologyError;

    fn try_from(samples: Samples) -> Result<Self, MorphologyError> {
        Self::new(samples)
    }
}

impl From<Morphology> for Samples {
    fn from(morphology: Morphology) -> Self {
        morphology.samples
    }
}

/// Distance of two places.
pub(crate) fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// A place on the way from one place to another, at a fraction of it.
pub(crate) fn between(a: [f64; 3], b: [f64; 3], fraction: f64) -> [f64; 3] {
    [0, 1, 2].map(|side| a[side] + fraction * (b[side] - a[side]))
}

/// Children of each sample, in order, as one list and where each sample's begin.
pub(crate) fn children(parents: &[Option<u32>]) -> (Vec<u32>, Vec<u32>) {
    let mut begins = vec![0u32; parents.len() + 1];
    for parent in parents.iter().flatten() {
        begins[*parent as usize + 1] += 1;
    }
    for at in 1..begins.len() {
        begins[at] += begins[at - 1];
    }
    let mut next = begins.clone();
    let mut list = vec![0u32; begins[parents.len()] as usize];
    for (child, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            let place = &mut next[*parent as usize];
            list[*place as usize] = child as u32;
            *place += 1;
        }
    }
    (list, begins)
}
