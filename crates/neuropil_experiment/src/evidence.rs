//! Evidence: every claim of an experiment beside what was measured.

use neuropil_units::Value;
use serde::Serialize;

use crate::{
    catalogue::Catalogue,
    design::{ClaimPlan, Expectation},
    measure::host::{Quantity, StudyHost},
    study::{PointResult, Study},
};

/// A claim and what was measured of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The experiment's file.
    pub experiment: String,
    /// What is claimed, in words.
    pub claim: String,
    /// What was measured, in `unit`, the mean over seeds; `None` where it is undefined.
    pub measured: Option<f64>,
    /// The standard error of that mean; `None` with one seed.
    pub standard_error: Option<f64>,
    /// The unit of the numbers; empty for a number without unit.
    pub unit: String,
    /// The published number in `unit`; `None` where only a bound is.
    pub published: Option<f64>,
    /// The tolerance or the bound, as it is written.
    pub tolerance: String,
    /// Whether the claim holds.
    pub held: bool,
    /// Where the number comes from.
    pub source: String,
    /// What else a reader should know.
    pub note: String,
    /// Seeds over which it was measured.
    pub seeds: usize,
}

impl Study {
    /// All claims of the experiment beside what its points gave; a point that is missing makes what needs it undefined.
    pub fn evidence(&self, results: &[PointResult], catalogue: &dyn Catalogue) -> Vec<Evidence> {
        self.plan().claims.iter().map(|claim| self.evidence_of(claim, results, catalogue)).collect()
    }

    fn evidence_of(&self, claim: &ClaimPlan, results: &[PointResult], catalogue: &dyn Catalogue) -> Evidence {
        let seeds = self.seeds();
        let of_seed = |seed: usize| {
            let answer = |combination: usize, quantity: &Quantity| {
                let index = combination * seeds + seed;
                let place = results.binary_search_by_key(&index, |result| result.point.index).ok();
                let result = place.and_then(|place| results.get(place));
                result.and_then(|result| result.point.quantities.get(&quantity.key).copied().flatten()).unwrap_or(f64::NAN)
            };
            let host = StudyHost::new(self.plan(), catalogue, &answer);
            match claim.expression.evaluate_with(&host.scope(), &host) {
                Ok(Value::Number { value, .. }) => value,
                _ => f64::NAN,
            }
        };
        let values: Vec<f64> = (0..seeds).map(of_seed).collect();
        let mean = values.iter().sum::<f64>() / seeds as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let error = (seeds > 1).then(|| (squares / (seeds as f64 - 1.0) / seeds as f64).sqrt());
        let in_unit = |value: f64| Some(claim.unit.in_unit(value)).filter(|value| value.is_finite());
        let published = match claim.expectation {
            Expectation::Near { published, .. } => in_unit(published),
            Expectation::Within { .. } => claim.published_number.and_then(in_unit),
        };
        Evidence {
            experiment: self.plan().path.display().to_string(),
            claim: claim.claim.clone(),
            measured: in_unit(mean),
            standard_error: error.and_then(in_unit),
            unit: claim.unit.symbol.clone(),
            published,
            tolerance: claim.tolerance.clone(),
            held: claim.expectation.holds(mean),
            source: claim.source.clone(),
            note: claim.note.clone(),
            seeds,
        }
    }
}
