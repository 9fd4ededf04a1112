//! Why something is no morphology.

use crate::remark::What;
use std::fmt;
use std::path::Path;

/// Letters of a text from outside that a message shows.
const LONGEST_SHOWN: usize = 60;

/// Why something is no morphology.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MorphologyError {
    /// A sample, counted from 0, cannot be.
    #[error("sample {sample}: {problem}")]
    Sample {
        /// The sample.
        sample: usize,
        /// What is wrong.
        problem: Problem,
    },
    /// A place in a file.
    #[error("{at}: {problem}")]
    Place {
        /// Where.
        at: Location,
        /// What is wrong.
        problem: Problem,
    },
    /// A file as a whole.
    #[error("{file}: {problem}")]
    File {
        /// Its path as given.
        file: String,
        /// What is wrong.
        problem: Problem,
    },
    /// What was asked for, apart from any file.
    #[error("{0}")]
    Request(String),
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file as its user named it.
    pub file: String,
    /// The line, from 1; comments and blank lines count.
    pub line: usize,
    /// The column in letters, from 1.
    pub column: usize,
}

/// What is wrong.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// No sample at all.
    #[error("there are no samples")]
    Empty,
    /// More samples than are read.
    #[error("more than {most} samples, the most that are read")]
    TooManySamples {
        /// The limit.
        most: usize,
    },
    /// A file larger than is read.
    #[error("larger than {most} bytes, the most that is read")]
    TooLarge {
        /// The limit, bytes.
        most: u64,
    },
    /// A number that is not allowed.
    #[error("{what} is {}; expected {expected}", shown(.found))]
    Number {
        /// What it is, with an article.
        what: &'static str,
        /// As it was found.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// A line with too few fields.
    #[error("{found} field{} in this line; expected seven: id, type, x, y, z, radius, parent{}", if *found == 1 { "" } else { "s" },
        if *cut_off { "; is the file cut off?" } else { "" })]
    Fields {
        /// How many there are.
        found: usize,
        /// Whether it is the last line and does not end.
        cut_off: bool,
    },
    /// Two samples with one id.
    #[error("id {id} already is on line {first}, with other values; ids must differ")]
    DuplicateId {
        /// The id.
        id: i64,
        /// Line of the first.
        first: usize,
    },
    /// A parent that is no sample.
    #[error("the parent is {parent}, but there is no sample {parent}")]
    NoSuchParent {
        /// The parent's id.
        parent: i64,
    },
    /// A sample that is its own parent.
    #[error("sample {id} is its own parent; a root has the parent -1")]
    OwnParent {
        /// The id.
        id: i64,
    },
    /// Samples that are each other's ancestors.
    #[error("{}the samples of {} are each other's ancestors", if *rootless { "no line has the parent -1: " } else { "" }, lines_shown(.lines))]
    Ring {
        /// Lines of the ring, ascending; the first eight.
        lines: Vec<usize>,
        /// Whether there is no root at all.
        rootless: bool,
    },
    /// A second cell body.
    #[error("a second soma; the first is on line {first}, and a file holds one cell")]
    SecondSoma {
        /// Line of the first.
        first: usize,
    },
    /// A soma in parts.
    #[error("this soma sample is parted from the soma of line {first} by other samples")]
    SplitSoma {
        /// Line of the first part.
        first: usize,
    },
    /// A tree beside the cell.
    #[error("a tree of its own, {distance_um:.1} µm from the soma, at which it should begin")]
    LooseTree {
        /// Distance of its first sample to the nearest centre of a soma sample, µm.
        distance_um: f64,
    },
    /// A second tree where there is no soma.
    #[error("a second tree; the first begins on line {first}, and there is no soma that could join them")]
    SecondTree {
        /// Line of the first tree's root.
        first: usize,
    },
    /// What would be repaired if it were not for `strict`.
    #[error("{0} if not read strictly")]
    Strict(What),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl MorphologyError {
    pub(crate) fn place(file: &str, line: usize, column: usize, problem: Problem) -> Self {
        Self::Place { at: Location { file: file.to_owned(), line, column }, problem }
    }

    pub(crate) fn file(file: &str, problem: impl Into<String>) -> Self {
        Self::File { file: file.to_owned(), problem: Problem::Other(problem.into()) }
    }

    /// An error of a system call, in lower case and without its number.
    pub(crate) fn io(file: &Path, action: &str, error: &std::io::Error) -> Self {
        let text = error.to_string();
        let reason = text.split(" (os error").next().unwrap_or_default().to_lowercase();
        Self::file(&path_shown(file), format!("cannot be {action}: {reason}"))
    }

    /// The place in a file that it is about, if it is about one.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Place { at, .. } => Some(at),
            _ => None,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

fn lines_shown(lines: &[usize]) -> String {
    let numbers: Vec<String> = lines.iter().map(usize::to_string).collect();
    match numbers.as_slice() {
        [one] => format!("line {one}"),
        _ => format!("lines {}", numbers.join(", ")),
    }
}

/// A text from outside for a message: in one line and of bearable length.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (count, letter) in text.chars().enumerate() {
        if count == LONGEST_SHOWN {
            shown.push('…');
            break;
        }
        if letter.is_control() || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
        {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// A path for a message.
pub(crate) fn path_shown(path: &Path) -> String {
    path.display().to_string().chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
