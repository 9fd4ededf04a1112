//! Brackets, bars, numbers, words and texts of a Neurolucida file.

use crate::draft::Context;
use crate::error::{MorphologyError, Problem, shown};

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'t> {
    Open,
    Close,
    /// `<` and `>`, about spines.
    SpineOpen,
    SpineClose,
    /// `|`, between the branches of a fork.
    Bar,
    Number(f64),
    Word(&'t [u8]),
    /// In quotation marks.
    Text(&'t [u8]),
}

/// A place in the text: a byte, its line from 1, and the first byte of that line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) line: usize,
    byte: usize,
    line_start: usize,
}

/// Gives one token after the other.
pub(super) struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
    line_start: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, line: 1, line_start: 0 }
    }

    /// The column of a place, in letters from 1; looked for only where it is shown, for a line may be as long as the file.
    pub(super) fn column(&self, place: Place) -> usize {
        String::from_utf8_lossy(self.text.get(place.line_start..place.byte).unwrap_or_default()).chars().count() + 1
    }

    fn error(&self, place: Place, problem: String, context: &Context) -> MorphologyError {
        context.error(place.line, self.column(place), Problem::Other(problem))
    }

    fn new_line(&mut self, byte: usize) {
        self.line += 1;
        self.line_start = byte + 1;
    }

    /// Passes blanks, commas, comments and ends of lines.
    fn pass(&mut self) {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'\n' => self.new_line(self.at),
                b'\r' if self.text.get(self.at + 1) != Some(&b'\n') => self.new_line(self.at),
                b';' => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    self.at += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
                    continue;
                }
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c | b',' => {}
                _ => break,
            }
            self.at += 1;
        }
    }

    /// The next token and its place; `None` at the end.
    pub(super) fn next(&mut self, context: &Context) -> Result<Option<(Token<'t>, Place)>, MorphologyError> {
        self.pass();
        let start = self.at;
        let place = Place { line: self.line, byte: start, line_start: self.line_start };
        let Some(&byte) = self.text.get(start) else { return Ok(None) };
        self.at += 1;
        let token = match byte {
            b'(' => Token::Open,
            b')' => Token::Close,
            b'<' => Token::SpineOpen,
            b'>' => Token::SpineClose,
            b'|' => Token::Bar,
            b'"' => self.quoted(start, place, context)?,
            _ => self.word(start, place, context)?,
        };
        Ok(Some((token, place)))
    }

    fn quoted(&mut self, start: usize, place: Place, context: &Context) -> Result<Token<'t>, MorphologyError> {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(Token::Text(self.text.get(start + 1..self.at - 1).unwrap_or_default()));
                }
                b'\n' => self.new_line(self.at),
                b'\r' if self.text.get(self.at + 1) != Some(&b'\n') => self.new_line(self.at),
                _ => {}
            }
            self.at += 1;
        }
        Err(self.error(place, "this quotation mark is never closed; is the file cut off?".into(), context))
    }

    fn word(&mut self, start: usize, place: Place, context: &Context) -> Result<Token<'t>, MorphologyError> {
        let ends = |byte: &u8| matches!(byte, b'(' | b')' | b'<' | b'>' | b'|' | b'"' | b',' | b';') || byte.is_ascii_whitespace();
        let rest = self.text.get(start..).unwrap_or_default();
        let word = rest.get(..rest.iter().position(ends).unwrap_or(rest.len())).unwrap_or_default();
        self.at = start + word.len().max(1);
        if word.contains(&0) {
            return Err(self.error(place, "a NUL byte; is the file damaged, or in another encoding?".into(), context));
        }
        let begins_number = matches!(word, [b'0'..=b'9', ..] | [b'-' | b'+' | b'.', b'0'..=b'9' | b'.', ..]);
        if !begins_number {
            return Ok(Token::Word(word));
        }
        match std::str::from_utf8(word).ok().and_then(|word| word.parse::<f64>().ok()) {
            Some(number) => Ok(Token::Number(number)),
            None => Err(self.error(place, format!("`{}` is no number", shown(&String::from_utf8_lossy(word))), context)),
        }
    }
}
