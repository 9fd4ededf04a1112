//! Why an experiment cannot be read. Each variant carries data, so a caller can match and an editor can underline.
//!
//! `Display` is one line, for logs: `file:line:column: finding; way out`. [`ExperimentError::render`] shows the same with the
//! source line.

use std::fmt;

use neuropil_units::{ExpressionErrorKind, suggestion};

use crate::source::{Location, Place, SourceText, printable};

/// Why an experiment cannot be read.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExperimentError {
    /// There is no such file.
    #[error("{file}: there is no such file; paths are relative to the current folder")]
    Missing {
        /// The path as given.
        file: String,
    },
    /// The path is a folder, a device or a pipe.
    #[error("{file}: this is {found}, not a file{}", if *.found == "a folder" { "; name the .ron file in it" } else { "" })]
    NotAFile {
        /// The path as given.
        file: String,
        /// What it is.
        found: &'static str,
    },
    /// The operating system refuses.
    #[error("{file}: cannot be read: {reason}")]
    Unreadable {
        /// The path as given.
        file: String,
        /// The system's words.
        reason: String,
    },
    /// The file is larger than any experiment.
    #[error("{file}: {bytes} bytes are more than the {limit} a file may have; put long lists into a table (ExplicitFile, SpikeFile)")]
    TooLarge {
        /// The path as given.
        file: String,
        /// Its size.
        bytes: u64,
        /// The largest size accepted.
        limit: u64,
    },
    /// There is nothing in the file.
    #[error("{file}: the file is empty; an experiment begins with `Experiment(`")]
    Empty {
        /// The path as given.
        file: String,
    },
    /// The bytes are no text.
    #[error("{at}: byte {byte:#04x} is not UTF-8 text; save the file as UTF-8")]
    NotText {
        /// The first wrong byte.
        at: Place,
        /// Its value.
        byte: u8,
    },
    /// A control character, as binary files have them.
    #[error("{at}: unexpected control character {}; this looks like a binary file", .character.escape_default())]
    ControlCharacter {
        /// Where it is.
        at: Place,
        /// Which one.
        character: char,
    },
    /// The text is not RON.
    #[error("{at}: {message}")]
    Syntax {
        /// Where reading stopped.
        at: Place,
        /// What was found and expected.
        message: String,
    },
    /// A bracket, quote or comment is never closed.
    #[error("{at}: `{opening}` is never closed; is the file cut off?")]
    NeverClosed {
        /// The opening mark.
        at: Place,
        /// Its text.
        opening: &'static str,
    },
    /// A closing bracket that fits no opening one.
    #[error("{at}: `{found}` closes nothing{}", expected_bracket(*.expected))]
    WrongBracket {
        /// The closing bracket.
        at: Place,
        /// Which one.
        found: char,
        /// The one that would fit, if a bracket is open.
        expected: Option<char>,
    },
    /// Too many brackets inside one another.
    #[error("{at}: more than {limit} brackets are open here; an experiment needs about 8")]
    TooDeep {
        /// The bracket that is one too many.
        at: Place,
        /// The most that may be open.
        limit: usize,
    },
    /// A value of the wrong form: a list where a name is needed, say.
    #[error("{at}: expected {expected}, found {found}")]
    WrongForm {
        /// The value.
        at: Place,
        /// The form it must have.
        expected: String,
        /// What it is.
        found: String,
    },
    /// A field that the thing does not have.
    #[error("{at}: {owner} has no field `{found}`{}", suggestion(.found, .known.iter().map(String::as_str)))]
    UnknownField {
        /// The field's name.
        at: Place,
        /// What was being read, for example "a population".
        owner: String,
        /// The name.
        found: String,
        /// The fields there are.
        known: Vec<String>,
    },
    /// The same key twice.
    #[error("{at}: {what} `{name}` is given twice; the first is at line {first}")]
    Duplicate {
        /// The second one.
        at: Place,
        /// "field", "population", …
        what: &'static str,
        /// The key.
        name: String,
        /// The line of the first.
        first: usize,
    },
    /// Something needed is not there.
    #[error("{at}: {owner} needs {field}")]
    MissingField {
        /// The entry.
        at: Place,
        /// What was being read.
        owner: String,
        /// The field, with an example.
        field: String,
    },
    /// Two fields that exclude each other, or one that does not belong there.
    #[error("{at}: {message}")]
    Conflict {
        /// The field that is one too many.
        at: Place,
        /// Why, and what to do.
        message: String,
    },
    /// A name of something that does not exist.
    #[error("{at}: unknown {kind} `{found}`{}", suggestion(.found, .known.iter().map(String::as_str)))]
    UnknownName {
        /// The name.
        at: Place,
        /// What it should name.
        kind: NameKind,
        /// The name.
        found: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A name that cannot be used.
    #[error("{at}: `{found}` cannot be the name of a {kind}: {reason}")]
    BadName {
        /// The name.
        at: Place,
        /// What it should name.
        kind: NameKind,
        /// The name.
        found: String,
        /// Why not.
        reason: &'static str,
    },
    /// An expression does not evaluate to what is needed.
    #[error("{at}: {context}: {}", printable(&.kind.to_string(), 500))]
    Expression {
        /// The part of the expression.
        at: Place,
        /// The path of the value, for example `populations.excitatory.size`.
        context: String,
        /// What is wrong.
        kind: ExpressionErrorKind,
    },
    /// An experiment for a connectome that the user brings, and none is named.
    #[error("{at}: no connectome is given; name a file that `neuropil convert` made, with `--set connectome=FILE`")]
    NeedsConnectome {
        /// The empty path.
        at: Place,
    },
    /// A selector that holds for nothing.
    #[error("{at}: {context} selects no {what}{detail}")]
    NothingSelected {
        /// The part of the selector that is to blame, or all of it.
        at: Place,
        /// What it should select: a node, an edge or a neuron.
        what: String,
        /// The path of the selector.
        context: String,
        /// Why, as far as it is known, and what there is.
        detail: String,
    },
    /// A number outside its range.
    #[error("{at}: {what} is {found}; {expected}")]
    OutOfRange {
        /// The value.
        at: Place,
        /// The path of the value.
        what: String,
        /// The number.
        found: String,
        /// The range, with a way out where there is one.
        expected: String,
    },
    /// A list of the wrong length.
    #[error("{at}: {what} has {found}; expected {expected}")]
    WrongLength {
        /// The list.
        at: Place,
        /// The path of the value.
        what: String,
        /// What there is.
        found: String,
        /// What there should be.
        expected: String,
    },
    /// A delay that is less than a step, or would be zero steps.
    #[error("{at}: {what} {found}; the smallest delay is {smallest}{advice}")]
    DelayTooShort {
        /// The delay.
        at: Place,
        /// The path of the value.
        what: String,
        /// The delay, or the smallest one that can be drawn.
        found: String,
        /// The smallest delay that is allowed, and what it is.
        smallest: String,
        /// The way out.
        advice: String,
    },
    /// The synapses do not fit.
    #[error(
        "{at}: {neurons} neurons and {} synapses need at least {needed_gib:.3} GiB, and {available_gib:.1} GiB are free; reduce sizes or degrees",
        count(*synapses)
    )]
    TooMuchMemory {
        /// The projection with most synapses.
        at: Place,
        /// Neurons in all.
        neurons: usize,
        /// Synapses in all.
        synapses: f64,
        /// What they need.
        needed_gib: f64,
        /// What there is.
        available_gib: f64,
    },
    /// A flag that is no setting.
    #[error("{at}: {message}")]
    BadSetting {
        /// The flag.
        at: Place,
        /// What is wrong with it.
        message: String,
    },
    /// A table beside the experiment that cannot be used.
    #[error("{at}: the table {file} cannot be read: {reason}")]
    Table {
        /// Where the table is named.
        at: Place,
        /// Its path.
        file: String,
        /// Why.
        reason: String,
    },
    /// What the engine refuses when the network is spawned.
    #[error("{at}: {message}")]
    Refused {
        /// The entry.
        at: Place,
        /// Why, and what would do.
        message: String,
    },
    /// What turns out only when synapses are made.
    #[error("{file}: {message}")]
    Build {
        /// The experiment.
        file: String,
        /// The projection or model, and why.
        message: String,
    },
    /// There are more errors than are shown.
    #[error("{file}: more than {limit} errors; correct these first")]
    TooMany {
        /// The experiment.
        file: String,
        /// How many are shown.
        limit: usize,
    },
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum NameKind {
    Parameter,
    Option,
    Population,
    Projection,
    Input,
    Recorder,
    Model,
    StateVariable,
    Receptor,
    Choice,
    Rule,
    Source,
    RecorderKind,
    Positions,
    Column,
    Transmission,
    Setting,
    Measure,
    Ion,
    State,
}

impl fmt::Display for NameKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Parameter => "parameter",
            Self::Option => "option",
            Self::Population => "population",
            Self::Projection => "projection",
            Self::Input => "input",
            Self::Recorder => "recorder",
            Self::Model => "model",
            Self::StateVariable => "state variable",
            Self::Receptor => "receptor",
            Self::Choice => "choice",
            Self::Rule => "rule",
            Self::Source => "source",
            Self::RecorderKind => "kind of recorder",
            Self::Positions => "kind of positions",
            Self::Column => "column",
            Self::Transmission => "kind of transmission",
            Self::Setting => "setting",
            Self::Measure => "measure",
            Self::Ion => "ion",
            Self::State => "state",
        })
    }
}

impl ExperimentError {
    /// The place in a text, or `None` where the file as a whole is meant.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Missing { .. }
            | Self::NotAFile { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::Empty { .. }
            | Self::Build { .. }
            | Self::TooMany { .. } => None,
            Self::NotText { at, .. }
            | Self::ControlCharacter { at, .. }
            | Self::Syntax { at, .. }
            | Self::NeverClosed { at, .. }
            | Self::WrongBracket { at, .. }
            | Self::TooDeep { at, .. }
            | Self::WrongForm { at, .. }
            | Self::UnknownField { at, .. }
            | Self::Duplicate { at, .. }
            | Self::MissingField { at, .. }
            | Self::Conflict { at, .. }
            | Self::UnknownName { at, .. }
            | Self::BadName { at, .. }
            | Self::Expression { at, .. }
            | Self::NeedsConnectome { at }
            | Self::NothingSelected { at, .. }
            | Self::OutOfRange { at, .. }
            | Self::WrongLength { at, .. }
            | Self::DelayTooShort { at, .. }
            | Self::TooMuchMemory { at, .. }
            | Self::BadSetting { at, .. }
            | Self::Table { at, .. }
            | Self::Refused { at, .. } => Some(at),
        }
    }

    /// File, line and column; line and column are 0 where the file as a whole is meant.
    pub fn location(&self) -> Option<Location> {
        if let Some(place) = self.place() {
            return Some(place.location());
        }
        match self {
            Self::Missing { file }
            | Self::NotAFile { file, .. }
            | Self::Unreadable { file, .. }
            | Self::TooLarge { file, .. }
            | Self::Empty { file }
            | Self::Build { file, .. }
            | Self::TooMany { file, .. } => Some(Location { file: file.clone(), line: 0, column: 0 }),
            _ => None,
        }
    }

    /// The message without its place: the finding, and the way out if there is one.
    pub fn message(&self) -> (String, Option<String>) {
        let line = self.to_string();
        let prefix = self.location().map_or(String::new(), |location| format!("{location}: "));
        let message = line.strip_prefix(&prefix).unwrap_or(&line);
        match message.split_once("; ") {
            Some((finding, way_out)) => (finding.to_owned(), Some(way_out.to_owned())),
            None => (message.to_owned(), None),
        }
    }
}

fn expected_bracket(expected: Option<char>) -> String {
    expected.map_or(String::new(), |bracket| format!("; `{bracket}` is expected here"))
}

/// The first byte of a file that is not UTF-8: the text before it makes its place.
pub(crate) fn not_text(file: &str, bytes: &[u8], error: std::str::Utf8Error) -> ExperimentError {
    let valid = error.valid_up_to();
    let text = String::from_utf8_lossy(bytes.get(..valid.saturating_add(1)).unwrap_or(bytes));
    let source = SourceText::file(file, text.into_owned());
    let end = source.text().len();
    ExperimentError::NotText {
        at: source.place(neuropil_units::Span { start: valid, end }),
        byte: bytes.get(valid).copied().unwrap_or_default(),
    }
}

/// A name for a message, in one line and of bearable length.
pub(crate) fn shown(name: &str) -> String {
    printable(name, 60)
}

/// A number of things: whole while it can be read, then with its power of ten.
fn count(number: f64) -> String {
    if number < 1e7 { format!("{number:.0}") } else { format!("{number:.3e}") }
}
