//! Measures and claims: expressions over what will be recorded, checked before anything runs.

use std::collections::HashSet;

use neuropil_units::{Dimension, Expression, ExpressionErrorKind, Scope, Value};

use crate::{
    design::{ClaimPlan, Expectation, MeasurePlan, Unit},
    document::{
        leaf::Written,
        node::{Node, Shape},
        reader::Fields,
    },
    error::{ExperimentError, NameKind, shown},
    measure::{
        functions::functions,
        host::{Quantity, RunHost, StudyHost, placeholder, scope},
    },
    plan::Plan,
    validate::Validator,
};

const CLAIM_FIELDS: [&str; 10] = ["claim", "when", "measure", "published", "tolerance", "at_least", "at_most", "between", "source", "note"];
/// Claims and measures that an experiment may have.
const MOST: usize = 1000;

impl<'t> Validator<'t> {
    /// Reads `measures`, which need a plan to be checked against.
    pub(super) fn read_measures(&mut self, node: Node<'t>, plan: &Plan) -> Vec<MeasurePlan> {
        let mut measures = Vec::new();
        let mut taken: HashSet<String> = ["arm", "seed"].map(str::to_owned).into();
        taken.extend(plan.design.axes.iter().map(|axis| axis.name.clone()));
        for entry in self.reader.entries(node, "measures", "measure").into_iter().take(MOST) {
            if taken.contains(&entry.name) || entry.name.trim().is_empty() {
                let reason = if entry.name.trim().is_empty() { "it is empty" } else { "another column of the table has it" };
                let found = shown(&entry.name);
                self.reader.report(ExperimentError::BadName { at: entry.place.clone(), kind: NameKind::Measure, found, reason });
                continue;
            }
            let Some(written) = self.measured(entry.value, &entry.path) else { continue };
            let host = RunHost::new(plan, self.catalogue, None);
            let value = written.expression().evaluate_with(&scope(plan), &host);
            if let Some(dimension) = self.measured_dimension(&written, value, &entry.path, entry.value) {
                let unit = Unit::of(dimension);
                measures.push(MeasurePlan { name: entry.name, unit, expression: written.expression().clone() });
            }
        }
        measures
    }

    fn measured(&mut self, node: Node<'t>, path: &str) -> Option<Written> {
        self.reader.expression_with(node, path, "a measure such as \"rate(excitatory)\"", functions())
    }

    /// The dimension of a measure by what it gives for stand-ins; errors that depend on their values do not count.
    fn measured_dimension(
        &mut self,
        written: &Written,
        value: Result<Value, neuropil_units::ExpressionError>,
        path: &str,
        node: Node<'t>,
    ) -> Option<Dimension> {
        match value {
            Ok(Value::Number { dimension, .. }) => Some(dimension),
            Ok(Value::List(_)) => {
                self.reader.report(node.wrong_form("one number; of the points of a sweep it takes one, max(…), mean(…) or slope(…)"));
                None
            }
            Ok(_) => {
                self.reader.report(node.wrong_form("a measure that gives a number"));
                None
            }
            Err(error) if depends_on_values(&error.kind) => Some(Dimension::NONE),
            Err(error) => {
                self.reader.report(written.error(path, error));
                None
            }
        }
    }

    /// Reads `claims`.
    pub(super) fn read_claims(&mut self, node: Node<'t>, plan: &Plan) -> Vec<ClaimPlan> {
        let Some(nodes) = self.reader.accept(node.list()) else { return Vec::new() };
        if nodes.is_empty() {
            let expected =
                "claims such as [(claim: \"…\", measure: \"rate(excitatory)\", published: \"5 Hz\", tolerance: \"10 %\", source: \"…\")]";
            self.reader.report(ExperimentError::WrongForm {
                at: node.place(),
                expected: expected.to_owned(),
                found: "an empty list".to_owned(),
            });
        }
        if nodes.len() > MOST {
            self.reader.report(node.wrong_form(format!("at most {MOST} claims")));
            return Vec::new();
        }
        let mut claims: Vec<ClaimPlan> = Vec::new();
        for (index, node) in nodes.into_iter().enumerate() {
            if self.reader.is_full() {
                break;
            }
            claims.extend(self.claim(node, index, plan));
        }
        claims
    }

    fn claim(&mut self, node: Node<'t>, index: usize, plan: &Plan) -> Option<ClaimPlan> {
        let owner = format!("claim {}", index + 1);
        let fields = self.reader.structure(node, owner, &format!("claims[{index}]"), "", &CLAIM_FIELDS)?;
        let claim = fields.require(&mut self.reader, "claim", "claim: \"the rate of the excitatory neurons\"");
        let claim = claim.and_then(|node| self.said(node, "what is claimed"));
        let source = fields.require(&mut self.reader, "source", "source: \"Brunel N (2000), figure 8C. doi:10.1023/A:1008925309027\"");
        let source = source.and_then(|node| self.said(node, "where the number comes from"));
        let note = fields.get("note").and_then(|node| self.reader.text(node, "a note"));
        let measure_node = fields.require(&mut self.reader, "measure", "measure: \"rate(excitatory)\"");
        let measured = measure_node.and_then(|node| self.claim_measure(node, &fields.path("measure"), plan));
        let (written, dimension, quantities) = measured?;
        let (expectation, published_number, tolerance, unit) = self.expectation(&fields, dimension)?;
        let (claim, source) = (claim?, source?);
        // A claim that does not hold for these parameters is read, but not checked.
        if let Some(node) = fields.get("when")
            && !self.reader.boolean(node, &self.scope, &fields.path("when"))?
        {
            return None;
        }
        Some(ClaimPlan {
            claim,
            published_number,
            tolerance,
            source,
            note: note.unwrap_or_default(),
            expectation,
            unit,
            place: node.head(),
            expression: written.expression().clone(),
            quantities,
        })
    }

    /// A text that says something.
    fn said(&mut self, node: Node<'t>, what: &str) -> Option<String> {
        let text = self.reader.text(node, what)?;
        if text.trim().is_empty() {
            self.reader.report(ExperimentError::WrongForm {
                at: node.place(),
                expected: what.to_owned(),
                found: "an empty text".to_owned(),
            });
            return None;
        }
        Some(text)
    }

    fn claim_measure(&mut self, node: Node<'t>, path: &str, plan: &Plan) -> Option<(Written, Dimension, Vec<Quantity>)> {
        let written = self.measured(node, path)?;
        // Twice with different stand-ins: what is asked for must not depend on them.
        let ask = |salt: usize| {
            let count = std::cell::Cell::new(salt);
            let answer = |_: usize, _: &Quantity| {
                count.set(count.get() + 1);
                placeholder(count.get())
            };
            let host = StudyHost::new(plan, self.catalogue, &answer);
            let value = written.expression().evaluate_with(&host.scope(), &host);
            (value, host.asked())
        };
        let (value, quantities) = ask(0);
        let (_, again) = ask(7919);
        let dimension = self.measured_dimension(&written, value, path, node)?;
        if quantities.iter().map(|quantity| &quantity.key).ne(again.iter().map(|quantity| &quantity.key)) {
            let message = "the times of a measure are constants; they cannot depend on another measure".to_owned();
            self.reader.report(ExperimentError::Conflict { at: written.whole(), message });
            return None;
        }
        if quantities.is_empty() {
            self.reader.report(node.wrong_form("a measure of a population or a recorder, such as rate(excitatory)"));
            return None;
        }
        Some((written, dimension, quantities))
    }

    /// A published number with a tolerance, or a bound.
    fn expectation(&mut self, fields: &Fields<'t>, dimension: Dimension) -> Option<(Expectation, Option<f64>, String, Unit)> {
        let published_node = fields.get("published");
        let published = match published_node {
            Some(node) => Some(self.reader.quantity(node, &self.scope, dimension, &fields.path("published"))?),
            None => None,
        };
        let bounds: Vec<&str> = ["at_least", "at_most", "between"].into_iter().filter(|name| fields.get(name).is_some()).collect();
        let text = |name: &str| fields.get(name).map_or(String::new(), |node| shown_value(node));
        let first = published_node.or_else(|| bounds.first().and_then(|name| fields.get(name)));
        let Some(first) = first else {
            self.reader.report(ExperimentError::MissingField {
                at: fields.head.clone(),
                owner: fields.owner.clone(),
                field: "`published` with a `tolerance`, or a bound: `at_least`, `at_most` or `between`".to_owned(),
            });
            return None;
        };
        let unit = match first.shape() {
            Shape::Text => Unit::written(&shown_value(first), dimension),
            _ => Unit::of(dimension),
        };
        if let Some(node) = fields.get("tolerance") {
            if let Some(bound) = bounds.first() {
                let at = fields.name_place(bound).unwrap_or(&fields.head).clone();
                let message = format!("a claim has a `tolerance` or `{bound}`, not both");
                self.reader.report(ExperimentError::Conflict { at, message });
                return None;
            }
            let Some(published) = published else {
                self.reader.report(ExperimentError::MissingField {
                    at: fields.head.clone(),
                    owner: fields.owner.clone(),
                    field: "`published`, which the tolerance is around; for example published: \"5 Hz\"".to_owned(),
                });
                return None;
            };
            let tolerance = self.tolerance(node, &fields.path("tolerance"), published, dimension)?;
            return Some((Expectation::Near { published, tolerance }, Some(published), text("tolerance"), unit));
        }
        if bounds.is_empty() {
            self.reader.report(ExperimentError::MissingField {
                at: fields.head.clone(),
                owner: fields.owner.clone(),
                field: "`tolerance`; for example tolerance: \"1 Hz\" or tolerance: \"10 %\"".to_owned(),
            });
            return None;
        }
        let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut words = Vec::new();
        for name in bounds {
            let (Some(node), path) = (fields.get(name), fields.path(name)) else { continue };
            match name {
                "between" => {
                    let ends = self.reader.accept(node.list())?;
                    let &[low, high] = ends.as_slice() else {
                        self.reader.report(node.wrong_form("two bounds, as in [\"1 Hz\", \"2 Hz\"]"));
                        return None;
                    };
                    least = least.max(self.reader.quantity(low, &self.scope, dimension, &path)?);
                    most = most.min(self.reader.quantity(high, &self.scope, dimension, &path)?);
                    words.push(format!("between {} and {}", shown_value(low), shown_value(high)));
                }
                _ => {
                    let bound = self.reader.quantity(node, &self.scope, dimension, &path)?;
                    if name == "at_least" {
                        least = least.max(bound);
                    } else {
                        most = most.min(bound);
                    }
                    words.push(format!("{} {}", name.replace('_', " "), shown_value(node)));
                }
            }
        }
        if least > most {
            let message = "no number is within these bounds; the lower one is above the upper one".to_owned();
            self.reader.report(ExperimentError::Conflict { at: fields.head.clone(), message });
            return None;
        }
        Some((Expectation::Within { least, most }, published, words.join(" and "), unit))
    }

    /// A tolerance in coherent units: a quantity, or a percentage of what is published.
    fn tolerance(&mut self, node: Node<'t>, path: &str, published: f64, dimension: Dimension) -> Option<f64> {
        let percent = node.string_or_word().ok().and_then(|text| text.trim().strip_suffix('%').map(str::to_owned));
        let tolerance = match percent {
            Some(share) => match Expression::parse(share.trim()).and_then(|share| share.quantity(&Scope::new(), Dimension::NONE)) {
                Ok(share) => share / 100.0 * published.abs(),
                Err(error) => {
                    self.reader.report(ExperimentError::Expression { at: node.place(), context: path.to_owned(), kind: error.kind });
                    return None;
                }
            },
            None => self.reader.quantity(node, &self.scope, dimension, path)?,
        };
        if tolerance >= 0.0 && tolerance.is_finite() {
            return Some(tolerance);
        }
        self.reader.report(ExperimentError::OutOfRange {
            at: node.place(),
            what: path.to_owned(),
            found: shown_value(node),
            expected: "at least 0 is needed".to_owned(),
        });
        None
    }
}

/// A value as it is written, without its quotes.
fn shown_value(node: Node<'_>) -> String {
    shown(&node.string_or_word().unwrap_or_default())
}

/// Errors that a stand-in can cause and a measured number need not.
fn depends_on_values(kind: &ExpressionErrorKind) -> bool {
    matches!(
        kind,
        ExpressionErrorKind::DivisionByZero
            | ExpressionErrorKind::NotFinite { .. }
            | ExpressionErrorKind::IndexOutOfRange { .. }
            | ExpressionErrorKind::BadArgument { .. }
            | ExpressionErrorKind::NotWhole { .. }
    )
}
