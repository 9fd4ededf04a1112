//! One value of the text, read when it is needed and not before.
//!
//! A [`Node`] is a slice of the text that `ron` has accepted as a value. Its address within the text is its place, so every
//! leaf keeps its position without a syntax tree beside it. Open names such as `LifDelta(…)` are read the same way as
//! anonymous structures: name, then fields or arguments.

use std::{borrow::Cow, fmt, sync::Arc};

use neuropil_units::Span;
use ron::{Options, error::SpannedError, value::RawValue};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::{
    document::scan::{Token, next_token, trim},
    error::{ExperimentError, shown},
    source::{Place, SourceText},
};

/// Levels that `ron` may recurse: about three for each bracket that the scan lets through.
const RECURSION: usize = 4 * crate::document::scan::DEEPEST;

/// A value in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'t> {
    text: &'t str,
    source: &'t Arc<SourceText>,
    /// Not RON but an expression, as flags have it: `--set size=2 * order`.
    bare: bool,
}

/// What a value looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Number,
    Boolean,
    List,
    Map,
    /// `(…)`, `Name` or `Name(…)`.
    Structure,
    /// An expression without quotes.
    Bare,
}

/// A structure: its name, if it has one, and what is in its parentheses.
#[derive(Debug)]
pub(crate) struct Constructor<'t> {
    /// The name as a value of its own, for its place.
    pub name: Option<Node<'t>>,
    /// What is in the parentheses.
    pub arguments: Arguments<'t>,
}

/// What is in the parentheses of a structure.
#[derive(Debug)]
pub(crate) enum Arguments<'t> {
    /// Values by position; empty also without parentheses.
    Positional(Vec<Node<'t>>),
    /// Values by name.
    Named(Vec<(Node<'t>, Node<'t>)>),
}

impl<'t> Node<'t> {
    /// The value that a whole file holds.
    pub fn document(source: &'t Arc<SourceText>) -> Result<Self, ExperimentError> {
        let whole = Self { text: source.text(), source, bare: false };
        match options().from_str::<&RawValue>(source.text()) {
            Ok(value) => Ok(whole.part(value.get_ron())),
            Err(error) => Err(whole.syntax(&error)),
        }
    }

    /// The value of a flag: RON if it is RON, else an expression.
    pub fn flag(source: &'t Arc<SourceText>, span: Span) -> Self {
        let text = source.text().get(span.start..span.end).unwrap_or_default().trim();
        let is_ron = crate::document::scan::check_brackets(source, span).is_ok() && options().from_str::<&RawValue>(text).is_ok();
        Self { text, source, bare: !is_ron }
    }

    fn part(&self, text: &'t str) -> Self {
        Self { text: trim(text), source: self.source, bare: false }
    }

    /// The text of the value.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The text that it is in.
    pub fn source(&self) -> &'t Arc<SourceText> {
        self.source
    }

    /// The whole value's byte range.
    pub fn span(&self) -> Span {
        self.source.span_of(self.text)
    }

    /// The whole value's place.
    pub fn place(&self) -> Place {
        self.source.place(self.span())
    }

    /// The first name or bracket of the value, to point at an entry without underlining all its lines.
    pub fn head(&self) -> Place {
        let length = match next_token(self.text) {
            Some(Ok((_, length))) => length,
            _ => self.text.len(),
        };
        let start = self.span().start;
        self.source.place(Span { start, end: start + length })
    }

    pub fn shape(&self) -> Shape {
        if self.bare {
            return Shape::Bare;
        }
        match next_token(self.text) {
            Some(Ok((Token::Text, _))) => Shape::Text,
            Some(Ok((Token::Open('['), _))) => Shape::List,
            Some(Ok((Token::Open('{'), _))) => Shape::Map,
            Some(Ok((Token::Open(_), _))) => Shape::Structure,
            Some(Ok((Token::Word, length))) => match self.text.get(..length).unwrap_or_default() {
                "true" | "false" => Shape::Boolean,
                "inf" | "NaN" | "inff32" | "inff64" | "NaNf32" | "NaNf64" => Shape::Number,
                word if word.starts_with(|first: char| first.is_ascii_digit()) => Shape::Number,
                _ => Shape::Structure,
            },
            _ => Shape::Number,
        }
    }

    /// What the value is, for messages.
    pub fn described(&self) -> String {
        let text = shown(self.text);
        match self.shape() {
            Shape::Text => format!("the text {text}"),
            Shape::Number => format!("the number {text}"),
            Shape::Boolean => format!("`{text}`"),
            Shape::List => "a list".to_owned(),
            Shape::Map => "a map".to_owned(),
            Shape::Structure => match next_token(self.text) {
                Some(Ok((Token::Word, length))) => format!("`{}`", shown(self.text.get(..length).unwrap_or_default())),
                _ => "`(…)`".to_owned(),
            },
            Shape::Bare => format!("`{text}`"),
        }
    }

    /// The content of a text; borrowed if nothing in it is escaped.
    pub fn string(&self) -> Result<Cow<'t, str>, ExperimentError> {
        if self.bare {
            return Ok(Cow::Borrowed(self.text));
        }
        struct Content;
        impl<'de> Visitor<'de> for Content {
            type Value = Cow<'de, str>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        let mut deserializer = self.deserializer()?;
        let content = deserializer.deserialize_str(Content).map_err(|error| deserializer.span_error(error));
        content.map_err(|error| self.syntax(&error))
    }

    /// A number as f64; integers above 2^53 are rounded.
    pub fn number(&self) -> Result<f64, ExperimentError> {
        match self.read::<ron::Value>()? {
            ron::Value::Number(number) => Ok(number.into_f64()),
            _ => Err(self.wrong_form("a number")),
        }
    }

    /// The elements of a list.
    pub fn list(&self) -> Result<Vec<Self>, ExperimentError> {
        if self.shape() != Shape::List {
            return Err(self.wrong_form("a list `[…]`"));
        }
        let elements = self.read::<Vec<&'t RawValue>>()?;
        Ok(elements.into_iter().map(|element| self.part(element.get_ron())).collect())
    }

    /// The entries of a map, in the order of the text, each key as a value of its own.
    pub fn map(&self) -> Result<Vec<(Self, Self)>, ExperimentError> {
        if self.shape() != Shape::Map {
            return Err(self.wrong_form("a map `{…}`"));
        }
        struct Entries<'de>(Vec<(&'de RawValue, &'de RawValue)>);
        impl<'de> Deserialize<'de> for Entries<'de> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Collect;
                impl<'de> Visitor<'de> for Collect {
                    type Value = Entries<'de>;
                    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                        formatter.write_str("a map")
                    }
                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let mut entries = Vec::new();
                        while let Some(entry) = map.next_entry()? {
                            entries.push(entry);
                        }
                        Ok(Entries(entries))
                    }
                }
                deserializer.deserialize_map(Collect)
            }
        }
        let Entries(entries) = self.read::<Entries<'t>>()?;
        Ok(entries.into_iter().map(|(key, value)| (self.part(key.get_ron()), self.part(value.get_ron()))).collect())
    }

    /// The name and arguments of a structure.
    pub fn constructor(&self) -> Result<Constructor<'t>, ExperimentError> {
        if self.shape() != Shape::Structure {
            return Err(self.wrong_form("`Name(…)` or `(…)`"));
        }
        let (name, rest) = match next_token(self.text) {
            Some(Ok((Token::Word, length))) => {
                let (name, rest) = self.text.split_at(length);
                (Some(self.part(name)), trim(rest))
            }
            _ => (None, self.text),
        };
        if rest.is_empty() {
            return Ok(Constructor { name, arguments: Arguments::Positional(Vec::new()) });
        }
        let inside = Self { text: rest, ..*self };
        let mut deserializer = inside.deserializer()?;
        let contents = deserializer.deserialize_any(CollectArguments).map_err(|error| deserializer.span_error(error));
        let arguments = match contents.map_err(|error| inside.syntax(&error))? {
            RawArguments::Positional(values) => Arguments::Positional(values.into_iter().map(|value| self.part(value.get_ron())).collect()),
            RawArguments::Named(fields) => Arguments::Named(
                fields.into_iter().map(|(name, value)| (Self { text: name, ..*self }, self.part(value.get_ron()))).collect(),
            ),
        };
        Ok(Constructor { name, arguments })
    }

    /// The value inside `Some(…)`, nothing for `None`, else the value itself.
    pub fn unwrapped(self) -> Option<Self> {
        let mut node = self;
        for _ in 0..2 {
            if node.text == "None" {
                return None;
            }
            let is_some = node.text.strip_prefix("Some").is_some_and(|rest| trim(rest).starts_with('('));
            if !is_some || node.bare {
                return Some(node);
            }
            match node.constructor() {
                Ok(Constructor { arguments: Arguments::Positional(values), .. }) if values.len() == 1 => {
                    node = values.first().copied().unwrap_or(node);
                }
                _ => return Some(node),
            }
        }
        Some(node)
    }

    /// An error that says what form is needed.
    pub fn wrong_form(&self, expected: impl Into<String>) -> ExperimentError {
        ExperimentError::WrongForm { at: self.head(), expected: expected.into(), found: self.described() }
    }

    fn deserializer(&self) -> Result<ron::Deserializer<'t>, ExperimentError> {
        ron::Deserializer::from_str_with_options(self.text, &options()).map_err(|error| self.syntax(&error))
    }

    fn read<T: Deserialize<'t>>(&self) -> Result<T, ExperimentError> {
        options().from_str(self.text).map_err(|error| self.syntax(&error))
    }

    /// An error of `ron`, moved to its place in the whole text and put in our words.
    fn syntax(&self, error: &SpannedError) -> ExperimentError {
        let within = offset_of(self.text, error.span.end.line, error.span.end.col);
        let rest = self.text.get(within..).unwrap_or_default();
        let length = match next_token(rest) {
            Some(Ok((Token::Text | Token::Word, length))) => length,
            _ => rest.chars().next().map_or(0, char::len_utf8),
        };
        let start = self.span().start + within;
        let found = match rest.get(..length).unwrap_or_default() {
            "" => "the end of the text".to_owned(),
            found => format!("`{}`", shown(found)),
        };
        ExperimentError::Syntax {
            at: self.source.place(Span { start, end: start + length }),
            message: syntax_message(&error.code, &found, self.text.get(..within).unwrap_or_default()),
        }
    }
}

fn options() -> Options {
    Options::default().with_recursion_limit(RECURSION)
}

fn syntax_message(code: &ron::Error, found: &str, before: &str) -> String {
    use ron::Error as Ron;
    let same_line = before.trim_end_matches([' ', '\t']);
    let splits_quantity = same_line.len() < before.len()
        && same_line.ends_with(|last: char| last.is_ascii_digit())
        && found.starts_with('`')
        && !found.starts_with("`\"");
    match code {
        Ron::ExpectedComma if splits_quantity => {
            format!("expected a comma before {found}; a quantity stands in double quotes, for example \"100 ms\"")
        }
        Ron::ExpectedComma => format!("expected a comma before {found}; entries are separated by commas"),
        Ron::ExpectedMapColon => format!("expected `:` before {found}; an entry is `name: value`"),
        Ron::ExpectedString => format!("expected a text in double quotes, found {found}"),
        Ron::ExpectedIdentifier => format!("expected a field's name, found {found}"),
        Ron::Eof => "the text ends in the middle of a value; is the file cut off?".to_owned(),
        Ron::TrailingCharacters => format!("expected nothing after the experiment, found {found}"),
        Ron::UnexpectedChar(_) => format!("expected a value, found {found}; texts and quantities stand in double quotes"),
        Ron::ExceededRecursionLimit => "values are nested too deep here".to_owned(),
        other => {
            let message = other.to_string();
            let mut characters = message.chars();
            let lower = characters.next().map_or(String::new(), |first| first.to_lowercase().chain(characters).collect());
            format!("{}, found {found}", shown(&lower))
        }
    }
}

/// The byte at a line and column, both from 1, columns in characters.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(newline) => start += newline + 1,
            None => return text.len(),
        }
    }
    let rest = text.get(start..).unwrap_or_default();
    rest.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(offset, _)| start + offset)
}

enum RawArguments<'de> {
    Positional(Vec<&'de RawValue>),
    Named(Vec<(&'de str, &'de RawValue)>),
}

/// What `ron` makes of parentheses: fields, values by position, or nothing.
struct CollectArguments;

impl<'de> Visitor<'de> for CollectArguments {
    type Value = RawArguments<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("fields or values in parentheses")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(RawArguments::Positional(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element()? {
            values.push(value);
        }
        Ok(RawArguments::Positional(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(RawArguments::Named(fields))
    }
}
