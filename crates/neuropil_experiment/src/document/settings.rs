//! Values from the command line, laid over those of the file.

use std::sync::Arc;

use neuropil_units::Span;
use serde::{Deserialize, Serialize};

use crate::{
    document::node::Node,
    error::ExperimentError,
    source::{Place, SourceText},
};

/// What the command line changes in an experiment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Name and value of each `--set`: a parameter, or a path such as `populations.excitatory.size`.
    pub set: Vec<(String, String)>,
    /// `--duration`, for example `2 s`.
    pub duration: Option<String>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// Each `--lesion`: a selector of neurons to silence.
    pub lesions: Vec<String>,
    /// Each `--stimulate`: a selector, and what drives its neurons.
    pub stimuli: Vec<String>,
}

impl Settings {
    /// Adds one `--set` as it is typed: `name=value`.
    ///
    /// # Errors
    /// If there is no `=`, or nothing before it.
    pub fn push(&mut self, assignment: &str) -> Result<(), ExperimentError> {
        match assignment.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                self.set.push((name.trim().to_owned(), value.trim().to_owned()));
                Ok(())
            }
            _ => {
                let source = SourceText::flag(format!("--set {assignment}"));
                let at = source.place(Span { start: "--set ".len(), end: source.text().len() });
                Err(ExperimentError::BadSetting { at, message: "expected `name=value`; for example --set size=4000".to_owned() })
            }
        }
    }

    /// The flags.
    pub(crate) fn flags(&self) -> Flags {
        let repeated = |name: &str, texts: &[String]| texts.iter().map(|text| Flag::new(name, "", " ", text, "")).collect();
        let (lesions, stimuli) = (repeated("--lesion", &self.lesions), repeated("--stimulate", &self.stimuli));
        let mut flags: Vec<Flag> = self.set.iter().map(|(name, value)| Flag::new("--set ", name, "=", value, name)).collect();
        flags.extend(self.duration.iter().map(|duration| Flag::new("--duration", "", " ", duration, "duration")));
        flags.extend(self.seed.iter().map(|seed| Flag::seed(*seed)));
        Flags { values: flags, lesions, stimuli }
    }
}

/// Everything that the command line changes, as it was typed.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    /// Values laid over those of the file, the last of each name in effect.
    pub values: Vec<Flag>,
    /// Selectors of neurons to silence.
    pub lesions: Vec<Flag>,
    /// Selectors with drives.
    pub stimuli: Vec<Flag>,
}

/// One flag that changes one value.
#[derive(Debug)]
pub(crate) struct Flag {
    /// The flag as typed.
    pub source: Arc<SourceText>,
    /// The path of the value in the document, or a parameter's name.
    pub path: String,
    name: Place,
    value: Span,
}

impl Flag {
    fn new(flag: &str, name: &str, separator: &str, value: &str, path: &str) -> Self {
        let name_span = Span { start: flag.len(), end: flag.len() + name.len() };
        let start = name_span.end + separator.len();
        let source = SourceText::flag(format!("{flag}{name}{separator}{value}"));
        Self { path: path.to_owned(), name: source.place(name_span), value: Span { start, end: start + value.len() }, source }
    }

    /// A setting that stands in a file, as those of an arm do.
    pub fn written(path: &str, name: &Place, value: &Place) -> Self {
        Self { source: Arc::clone(value.source()), path: path.to_owned(), name: name.clone(), value: value.span() }
    }

    /// A setting that a sweep makes; `name` is the place of the swept parameter.
    pub fn swept(path: &str, name: &Place, value: &str) -> Self {
        Self { name: name.clone(), ..Self::new("sweep ", path, "=", value, path) }
    }

    /// The seed of a point.
    pub fn seed(seed: u64) -> Self {
        Self::new("--seed", "", " ", &seed.to_string(), "seed")
    }

    /// The value.
    pub fn node(&self) -> Node<'_> {
        Node::flag(&self.source, self.value)
    }

    /// The place of the name.
    pub fn name_place(&self) -> Place {
        self.name.clone()
    }
}
