//! Why something is no connectome, and what a connectome holds that its user should know.

use neuropil_units::suggestion;
use std::fmt;
use std::path::Path;

/// Letters of a name or cell that a message shows.
const LONGEST_SHOWN: usize = 60;
/// Letters of a whole problem that are shown.
const LONGEST_PROBLEM: usize = 1000;

/// Why something is no connectome.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConnectomeError {
    /// A row of nodes or edges, counted from 0, cannot be.
    #[error("{part}, row {row}{}: {problem}", column_shown(.column))]
    Row {
        /// Which of the two tables.
        part: Part,
        /// The row.
        row: usize,
        /// The column, if one is at fault.
        column: Option<String>,
        /// What is wrong.
        problem: Problem,
    },
    /// A column, or nodes or edges as a whole.
    #[error("{part}{}: {problem}", column_shown(.column))]
    Whole {
        /// Which of the two tables.
        part: Part,
        /// The column, if one is at fault.
        column: Option<String>,
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

/// Nodes or edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The nodes.
    Nodes,
    /// The edges.
    Edges,
}

/// A place in a file; in a Parquet table the line is the row and the column the column, both counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file as its user named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in letters, from 1.
    pub column: usize,
}

/// A row that came before: by its line where it is in a file, else by its number from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// A row of a column.
    Row(usize),
    /// A line of the same file.
    Line(usize),
}

/// What is wrong.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// A node without a name.
    #[error("the node has no name; every node needs one of its own")]
    EmptyName,
    /// Two nodes of one name.
    #[error("there already is a node `{}`, in {first}; names must differ", shown(.name))]
    DuplicateName {
        /// The name.
        name: String,
        /// Where it was first.
        first: Earlier,
    },
    /// Two edges of one kind between the same nodes.
    #[error("this {kind} edge from `{}` to `{}` already is in {first}; make one of the two", shown(.source_name), shown(.target_name))]
    DuplicateEdge {
        /// Name of the source.
        source_name: String,
        /// Name of the target.
        target_name: String,
        /// The kind.
        kind: &'static str,
        /// Where it was first.
        first: Earlier,
    },
    /// An end that is no node.
    #[error("there is no node `{}`{hint}", shown(.name))]
    NoSuchNode {
        /// The name that was found.
        name: String,
        /// The way out.
        hint: String,
    },
    /// An end beyond the nodes.
    #[error("the row of the {end} is {row}, but there are {nodes} nodes, whose rows count from 0")]
    NoSuchRow {
        /// Source or target.
        end: &'static str,
        /// The row that was found.
        row: u64,
        /// How many there are.
        nodes: usize,
    },
    /// A number that is not allowed.
    #[error("{what} is {found}; expected {expected}")]
    Number {
        /// What it is, with an article.
        what: String,
        /// As it was found.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// A text that is not among those allowed.
    #[error("`{}` is no {what}{}", shown(.found), suggestion(.found, .known.iter().copied()))]
    Word {
        /// What it should be.
        what: &'static str,
        /// As it was found.
        found: String,
        /// What would do.
        known: Vec<&'static str>,
    },
    /// A position with one or two coordinates.
    #[error("the position has only some of x, y and z; give all three or none")]
    PartOfPosition,
    /// A column of another length.
    #[error("{found} rows, but there are {expected}")]
    Length {
        /// Rows of the column.
        found: usize,
        /// Rows that it should have.
        expected: usize,
    },
    /// A column that must hold something else.
    #[error("this column must hold {expected}, but holds {found}")]
    Type {
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: String,
    },
    /// A code that stands for no text, or texts out of order.
    #[error("the texts of a column must be different, not empty and ascending, and codes must be below their number")]
    Texts,
    /// Anything that only a file can have.
    #[error("{0}")]
    Other(String),
}

impl ConnectomeError {
    pub(crate) fn file(file: &Path, problem: impl Into<String>) -> Self {
        Self::File { file: path_shown(file), problem: Problem::Other(in_one_line(&problem.into(), LONGEST_PROBLEM)) }
    }

    pub(crate) fn place(at: Location, problem: impl Into<String>) -> Self {
        Self::Place { at, problem: Problem::Other(in_one_line(&problem.into(), LONGEST_PROBLEM)) }
    }

    /// An error of a system call, in lower case and without its number.
    pub(crate) fn io(file: &Path, action: &str, error: &std::io::Error) -> Self {
        let text = error.to_string();
        let reason = text.split(" (os error").next().unwrap_or_default().to_lowercase();
        Self::file(file, format!("cannot be {action}: {reason}"))
    }

    /// The same error at its place in a file, where rows have one.
    pub(crate) fn located(self, mut place: impl FnMut(Part, usize, Option<&str>) -> Option<Location>) -> Self {
        let Self::Row { part, row, column, mut problem } = self else { return self };
        let Some(at) = place(part, row, column.as_deref()) else { return Self::Row { part, row, column, problem } };
        if let Problem::DuplicateName { first, .. } | Problem::DuplicateEdge { first, .. } = &mut problem
            && let Earlier::Row(row) = *first
            && let Some(location) = place(part, row, None)
        {
            *first = Earlier::Line(location.line);
        }
        Self::Place { at, problem }
    }

    /// The place in a file that it is about, if it is about one.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Place { at, .. } => Some(at),
            _ => None,
        }
    }
}

/// Something about a connectome that is allowed but may not be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice(pub String);

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Nodes => "nodes",
            Self::Edges => "edges",
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for Earlier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(row) => write!(formatter, "row {row}"),
            Self::Line(line) => write!(formatter, "line {line}"),
        }
    }
}

fn column_shown(column: &Option<String>) -> String {
    column.as_ref().map_or(String::new(), |name| format!(", column `{}`", shown(name)))
}

/// A text from outside for a message: in one line and of bearable length.
pub(crate) fn shown(text: &str) -> String {
    in_one_line(text, LONGEST_SHOWN)
}

/// What parsers say may quote a file, line breaks and all.
fn in_one_line(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    for (count, letter) in text.chars().enumerate() {
        if count == longest {
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
