//! `--stimulate "SELECTOR at AMOUNT"`: a drive from the command line.
//!
//! `name in ['PLML', 'PLMR'] at 2 nA` injects a current from the start; `class == 'sugar' at 150 Hz with 0.1 nA` gives each neuron Poisson
//! spikes of its own, of that weight; `into NAME` behind it names the receptor.

use neuropil_units::{Dimension, Program, Span};

use crate::{
    document::{node::Node, settings::Flag},
    error::ExperimentError,
    plan::{InputPlan, RateStep, SourcePlan},
    validate::Validator,
};

const FORM: &str = "expected `SELECTOR at CURRENT`, or `SELECTOR at RATE with WEIGHT`, such as \"name == 'PLML' at 2 nA\"";

/// The parts of one drive.
struct Parts<'t> {
    selector: Node<'t>,
    amount: Node<'t>,
    weight: Option<Node<'t>>,
    receptor: Option<Node<'t>>,
}

/// Splits a text at words, the last of each; `None` if there is no ` at `.
fn parts(flag: &Flag) -> Option<Parts<'_>> {
    let whole = flag.node();
    let (text, start) = (whole.text(), whole.span().start);
    let node = |from: usize, to: usize| {
        let part = text.get(from..to).unwrap_or_default();
        let from = from + (part.len() - part.trim_start().len());
        Node::flag(&flag.source, Span { start: start + from, end: start + from + part.trim().len() })
    };
    let at = text.rfind(" at ")?;
    let behind = at + " at ".len();
    let find = |word: &str, from: usize| text.get(from..).and_then(|rest| rest.find(word)).map(|k| from + k);
    let with = find(" with ", behind);
    let into = find(" into ", with.unwrap_or(behind));
    let end_of_amount = with.or(into).unwrap_or(text.len());
    Some(Parts {
        selector: node(0, at),
        amount: node(behind, end_of_amount),
        weight: with.map(|with| node(with + " with ".len(), into.unwrap_or(text.len()))),
        receptor: into.map(|into| node(into + " into ".len(), text.len())),
    })
}

impl<'t> Validator<'t> {
    /// The drives of the command line.
    pub(super) fn stimuli(&mut self, flags: &'t [Flag]) -> Vec<InputPlan> {
        let mut plans = Vec::new();
        for (number, flag) in flags.iter().enumerate() {
            match parts(flag) {
                Some(parts) => {
                    self.drive(number + 1, &parts, &mut plans);
                }
                None => self.reader.report(ExperimentError::Conflict { at: flag.node().place(), message: FORM.to_owned() }),
            }
        }
        plans
    }

    fn drive(&mut self, number: usize, parts: &Parts<'t>, plans: &mut Vec<InputPlan>) -> Option<()> {
        let path = "--stimulate";
        let all: Vec<usize> = (0..self.populations.len()).collect();
        let chosen = self.select_neurons(parts.selector, path, &all)?;
        let at = parts.amount.place();
        let written = self.reader.expression(parts.amount, path, "a current or a rate")?;
        for (index, neurons) in chosen.into_iter().enumerate().filter(|(_, neurons)| !neurons.is_empty()) {
            let model = self.description_of(index)?;
            let rate = written.expression().quantity(&self.scope, Dimension::FREQUENCY);
            let target = self.ordered_names.get(index).map_or("", String::as_str);
            let (name, receptor) =
                (format!("stimulus {number}: {target}"), parts.receptor.map(|node| (node.text().to_owned(), node.place())));
            let (delay_ms, place) = (self.time_step_ms, at.clone());
            let plan = |source, weight, receptor: Option<(String, _)>| InputPlan {
                name,
                place,
                to: vec![index],
                sites: Vec::new(),
                neurons: Some(neurons),
                source,
                weight,
                delay_ms,
                receptor: receptor.map(|(name, _)| name),
            };
            let plan = match (rate, parts.weight) {
                (Ok(rate_per_ms), Some(weight)) => {
                    let dimension = self.weight_dimension(&[index], receptor.as_ref(), &at)?;
                    let weight = self.reader.quantity(weight, &self.scope, dimension, path)?;
                    if rate_per_ms < 0.0 {
                        let (what, found) = (path.to_owned(), written.expression().text().to_owned());
                        let expected = "a rate of at least 0 is needed".to_owned();
                        self.reader.report(ExperimentError::OutOfRange { at: at.clone(), what, found, expected });
                        return None;
                    }
                    plan(
                        SourcePlan::Poisson { schedule: vec![RateStep { start_ms: 0.0, rate_per_ms }] },
                        Some(Program::constant(weight)),
                        receptor,
                    )
                }
                (Ok(_), None) => {
                    let message = format!("spikes need a weight; {FORM}");
                    self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                    return None;
                }
                (Err(_), Some(weight)) => {
                    let message = format!("only a rate has a weight; {FORM}");
                    self.reader.report(ExperimentError::Conflict { at: weight.place(), message });
                    return None;
                }
                (Err(_), None) => {
                    let amplitude = self.reader.quantity(parts.amount, &self.scope, model.current, path)?;
                    plan(SourcePlan::StepCurrent { amplitude: Program::constant(amplitude), start_ms: 0.0, stop_ms: None }, None, None)
                }
            };
            plans.push(plan);
        }
        Some(())
    }
}
