//! Values from the command line, laid over those of the file.

use std::sync::Arc;

use neuropil_units::Span;

use crate::{document::node::Node, error::ExperimentError, source::SourceText};

/// What the command line changes in an experiment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
        flags.extend(self.seed.iter().map(|seed| Flag::new("--seed", "", " ", &seed.to_string(), "seed")));
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
    name: Span,
    value: Span,
}

impl Flag {
    fn new(flag: &str, name: &str, separator: &str, value: &str, path: &str) -> Self {
        let name_span = Span { start: flag.len(), end: flag.len() + name.len() };
        let start = name_span.end + separator.len();
        let source = SourceText::flag(format!("{flag}{name}{separator}{value}"));
        Self { source, path: path.to_owned(), name: name_span, value: Span { start, end: start + value.len() } }
    }

    /// The value.
    pub fn node(&self) -> Node<'_> {
        Node::flag(&self.source, self.value)
    }

    /// The place of the name.
    pub fn name_place(&self) -> crate::source::Place {
        self.source.place(self.name)
    }
}
