//! What the user wrote, and places in it.

use std::{fmt, sync::Arc};

use neuropil_units::Span;

/// A text that values were read from: an experiment, a table beside it, or a flag of the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    name: String,
    text: Arc<str>,
    is_flag: bool,
}

impl SourceText {
    /// A file by the name it is cited by.
    pub fn file(name: impl Into<String>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self { name: printable(&name.into(), usize::MAX), text: text.into(), is_flag: false })
    }

    /// A flag as it was typed, for example `--set size=10`.
    pub fn flag(text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        Arc::new(Self { name: printable(&text, 120), text: text.into(), is_flag: true })
    }

    /// The name of the file, or the flag.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether it is a flag of the command line.
    pub fn is_flag(&self) -> bool {
        self.is_flag
    }

    /// The place of a byte range.
    pub fn place(self: &Arc<Self>, span: Span) -> Place {
        Place { source: Arc::clone(self), span }
    }

    /// The byte range of a slice of this text.
    ///
    /// A slice of another text gives an empty range at the start.
    pub(crate) fn span_of(&self, slice: &str) -> Span {
        let offset = (slice.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        match offset.checked_add(slice.len()) {
            Some(end) if end <= self.text.len() => Span { start: offset, end },
            _ => Span::default(),
        }
    }
}

/// A range of one of the texts; shown as `file:line:column`, or as the flag.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    source: Arc<SourceText>,
    span: Span,
}

impl Place {
    /// The text that it is in.
    pub fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    /// The byte range.
    pub fn span(&self) -> Span {
        self.span
    }

    /// File, line and column.
    pub fn location(&self) -> Location {
        let text = &self.source.text;
        let mut start = self.span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = if self.source.is_flag { 0 } else { before.bytes().filter(|byte| *byte == b'\n').count() + 1 };
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Location { file: self.source.name.clone(), line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.location().fmt(formatter)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Place({self})")
    }
}

/// A place as numbers, for logs and editors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file as the user named it, or the flag that holds the value.
    pub file: String,
    /// The line, from 1; 0 for a flag and for a file as a whole.
    pub line: usize,
    /// The column in characters, from 1; within a flag counted from its first character; 0 for a file as a whole.
    pub column: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => formatter.write_str(&self.file),
            line => write!(formatter, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// A text from outside for a message: control characters escaped, cut after so many characters.
pub(crate) fn printable(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == most {
            shown.push('…');
            break;
        }
        if is_invisible(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Control characters, and those that turn the direction of a line.
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_control() || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}
