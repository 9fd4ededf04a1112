//! Where neurons are, and how far apart two populations can be.

use neuropil_units::{Dimension, Variable};

use crate::{
    document::node::{Node, Shape},
    error::{ExperimentError, NameKind},
    plan::{PopulationPlan, PositionsPlan},
    source::Place,
    validate::Validator,
};

const KINDS: [&str; 3] = ["Grid", "RandomIn", "Listed"];
const EXPECTED: &str = "positions such as Grid(shape: [10, 10], spacing: \"50 um\")";

/// The variables of weights, delays and probabilities, in this order: µm, target minus source.
pub(crate) fn distance_variables() -> [Variable; 4] {
    ["distance", "dx", "dy", "dz"].map(|name| Variable { name, dimension: Dimension::LENGTH })
}

impl<'t> Validator<'t> {
    /// Reads the positions of `size` neurons.
    pub(super) fn positions(&mut self, node: Node<'t>, path: &str, size: usize) -> Option<PositionsPlan> {
        let (name, name_node, constructor) = self.reader.constructor(node, EXPECTED)?;
        let known: &[&str] = match name {
            "Grid" => &["shape", "spacing"],
            "RandomIn" => &["extent"],
            "Listed" => &["points"],
            _ => {
                self.reader.unknown(name_node.place(), NameKind::Positions, name, KINDS);
                return None;
            }
        };
        let fields = self.reader.fields(name_node.place(), constructor, format!("`{name}`"), path, known);
        match name {
            "Grid" => {
                let shape = fields.require(&mut self.reader, "shape", "shape: [10, 10]")?;
                let spacing = fields.require(&mut self.reader, "spacing", "spacing: \"50 um\"")?;
                let shape = self.grid_shape(shape, &fields.path("shape"), size)?;
                let spacing = self.lengths(spacing, &fields.path("spacing"), Sign::Any)?;
                Some(PositionsPlan::Grid { shape, spacing })
            }
            "RandomIn" => {
                let extent = fields.require(&mut self.reader, "extent", "extent: [\"1 mm\", \"1 mm\", \"0 um\"]")?;
                let extent = self.lengths(extent, &fields.path("extent"), Sign::NotNegative)?;
                Some(PositionsPlan::RandomIn { extent })
            }
            _ => {
                let points = fields.require(&mut self.reader, "points", "[[\"0 um\", \"0 um\", \"0 um\"], …]")?;
                let elements = self.reader.accept(points.list())?;
                let path = fields.path("points");
                self.check_length(&points.place(), &path, elements.len(), size)?;
                self.count_listed(&points.place(), &path, size)?;
                let mut listed = Vec::with_capacity(size);
                for (index, element) in elements.into_iter().enumerate() {
                    if element.shape() != Shape::List {
                        self.reader.report(element.wrong_form("a point `[x, y, z]`"));
                        return None;
                    }
                    listed.push(self.lengths(element, &format!("{path}[{index}]"), Sign::Any)?);
                }
                Some(PositionsPlan::Listed(listed))
            }
        }
    }

    fn grid_shape(&mut self, node: Node<'t>, path: &str, size: usize) -> Option<[u32; 3]> {
        let elements = if node.shape() == Shape::List { self.reader.accept(node.list())? } else { vec![node] };
        self.check_axes(node, path, elements.len())?;
        let mut shape = [1_u32; 3];
        for (slot, element) in shape.iter_mut().zip(elements) {
            let points = self.reader.integer(element, &self.scope, (1, u64::from(u32::MAX)), path)?;
            *slot = u32::try_from(points).ok()?;
        }
        let product = shape.iter().try_fold(1_u128, |product, points| product.checked_mul(u128::from(*points)));
        if product == Some(size as u128) {
            return Some(shape);
        }
        self.reader.report(ExperimentError::WrongLength {
            at: node.place(),
            what: path.to_owned(),
            found: product.map_or("too many points".to_owned(), |product| format!("{product} points")),
            expected: format!("one for each of the {size} neurons"),
        });
        None
    }

    /// One to three lengths, µm: a single length counts for every axis, axes that are left out are 0.
    pub(super) fn lengths(&mut self, node: Node<'t>, path: &str, sign: Sign) -> Option<[f64; 3]> {
        let mut lengths = [0.0; 3];
        if node.shape() == Shape::List {
            let elements = self.reader.accept(node.list())?;
            self.check_axes(node, path, elements.len())?;
            for (slot, element) in lengths.iter_mut().zip(elements) {
                *slot = self.length(element, path, sign)?;
            }
        } else {
            lengths = [self.length(node, path, sign)?; 3];
        }
        Some(lengths)
    }

    fn length(&mut self, node: Node<'t>, path: &str, sign: Sign) -> Option<f64> {
        let length = self.reader.quantity(node, &self.scope, Dimension::LENGTH, path)?;
        if length >= 0.0 || sign == Sign::Any {
            return Some(length);
        }
        self.reader.report(ExperimentError::OutOfRange {
            at: node.place(),
            what: path.to_owned(),
            found: format!("{length} um"),
            expected: "a length of at least 0 is needed".to_owned(),
        });
        None
    }

    fn check_axes(&mut self, node: Node<'t>, path: &str, found: usize) -> Option<()> {
        if (1..=3).contains(&found) {
            return Some(());
        }
        self.reader.report(ExperimentError::WrongLength {
            at: node.place(),
            what: path.to_owned(),
            found: format!("{found} elements"),
            expected: "one for each axis, at most 3".to_owned(),
        });
        None
    }

    /// The ranges of distance, dx, dy and dz between two sets of populations; an error at `at` if one has no positions.
    pub(super) fn displacement_ranges(&mut self, from: &[usize], to: &[usize], at: &Place, path: &str) -> Option<[(f64, f64); 4]> {
        let bounds = |indices: &[usize]| -> Result<[(f64, f64); 3], Option<String>> {
            let mut all = [(f64::INFINITY, f64::NEG_INFINITY); 3];
            for population in self.valid_populations(indices).ok_or(None)? {
                let axes = extent(population).ok_or_else(|| Some(population.name.clone()))?;
                for (whole, part) in all.iter_mut().zip(axes) {
                    *whole = (whole.0.min(part.0), whole.1.max(part.1));
                }
            }
            Ok(all)
        };
        match (bounds(from), bounds(to)) {
            (Ok(from), Ok(to)) => Some(ranges(from, to)),
            (Err(missing), _) | (_, Err(missing)) => {
                if let Some(name) = missing {
                    let name = crate::error::shown(&name);
                    let message =
                        format!("{path} depends on the distance, and the population `{name}` has no positions; give it `positions`");
                    self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                }
                None
            }
        }
    }
}

/// Which lengths are allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Any,
    NotNegative,
}

/// The box that a population lies in: least and largest coordinate of each axis.
pub(crate) fn extent(population: &PopulationPlan) -> Option<[(f64, f64); 3]> {
    let mut axes = [(0.0, 0.0); 3];
    match population.positions.as_ref()? {
        PositionsPlan::Grid { shape, spacing } => {
            for ((axis, points), spacing) in axes.iter_mut().zip(shape).zip(spacing) {
                let last = f64::from(points.saturating_sub(1)) * spacing;
                *axis = (last.min(0.0), last.max(0.0));
            }
        }
        PositionsPlan::RandomIn { extent } => {
            for (axis, extent) in axes.iter_mut().zip(extent) {
                *axis = (0.0, *extent);
            }
        }
        PositionsPlan::Listed(points) => {
            axes = [(f64::INFINITY, f64::NEG_INFINITY); 3];
            for point in points {
                for (axis, coordinate) in axes.iter_mut().zip(point) {
                    *axis = (axis.0.min(*coordinate), axis.1.max(*coordinate));
                }
            }
        }
    }
    Some(axes)
}

fn ranges(from: [(f64, f64); 3], to: [(f64, f64); 3]) -> [(f64, f64); 4] {
    let [x, y, z] = [0, 1, 2].map(|axis: usize| {
        let (from, to) = (from.get(axis).copied().unwrap_or_default(), to.get(axis).copied().unwrap_or_default());
        (to.0 - from.1, to.1 - from.0)
    });
    let nearest = |(low, high): (f64, f64)| if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) };
    let farthest = |(low, high): (f64, f64)| low.abs().max(high.abs());
    let length = |parts: [f64; 3]| parts.iter().map(|part| part * part).sum::<f64>().sqrt();
    [(length([x, y, z].map(nearest)), length([x, y, z].map(farthest))), x, y, z]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: two boxes side by side, 100 um apart along x, are 100 um to sqrt(300² + 100² + 0) um apart. Source: geometry.
    #[test]
    fn distances_between_boxes_have_the_bounds_of_geometry() {
        let from = [(0.0, 100.0), (0.0, 100.0), (0.0, 0.0)];
        let to = [(200.0, 300.0), (0.0, 100.0), (0.0, 0.0)];
        let [distance, x, y, z] = ranges(from, to);
        assert_eq!(distance, (100.0, (300.0_f64 * 300.0 + 100.0 * 100.0).sqrt()));
        assert_eq!((x, y, z), ((100.0, 300.0), (-100.0, 100.0), (0.0, 0.0)));
    }
}
