//! One linear look at a text before `ron` sees it: brackets, quotes, comments, control characters.
//!
//! `ron` reads nested values by recursion. Bounding the nesting here keeps the stack bounded whatever it contains, and an
//! unclosed bracket can be shown where it opens and not at the end of the file.

use std::sync::Arc;

use neuropil_units::Span;

use crate::{error::ExperimentError, source::SourceText};

/// Brackets that may be open at once.
pub(crate) const DEEPEST: usize = 32;

/// The smallest pieces that the reader tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// White space or a comment.
    Blank,
    /// A string or a character in quotes.
    Text,
    /// `(`, `[` or `{`.
    Open(char),
    /// `)`, `]` or `}`.
    Close(char),
    /// A name or a number.
    Word,
    /// Anything else, one character.
    Other(char),
}

/// A quote or comment that has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unclosed {
    /// The opening mark.
    pub opening: &'static str,
}

/// The token at the start of `text` and its length in bytes; `None` at the end.
pub(crate) fn next_token(text: &str) -> Option<Result<(Token, usize), Unclosed>> {
    let first = text.chars().next()?;
    Some(match first {
        _ if is_blank(first) => Ok((Token::Blank, text.find(|character| !is_blank(character)).unwrap_or(text.len()))),
        '/' if text.starts_with("//") => Ok((Token::Blank, text.find('\n').unwrap_or(text.len()))),
        '/' if text.starts_with("/*") => block_comment(text).map(|length| (Token::Blank, length)).ok_or(Unclosed { opening: "/*" }),
        '"' => quoted(text).map(|length| (Token::Text, length)).ok_or(Unclosed { opening: "\"" }),
        '\'' => Ok(character(text).map_or((Token::Other('\''), 1), |length| (Token::Text, length))),
        '(' | '[' | '{' => Ok((Token::Open(first), 1)),
        ')' | ']' | '}' => Ok((Token::Close(first), 1)),
        _ if is_word(first) => word_or_prefixed_string(text),
        other => Ok((Token::Other(other), other.len_utf8())),
    })
}

/// White space as `ron` has it.
pub(crate) fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0B' | '\x0C' | '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn word_or_prefixed_string(text: &str) -> Result<(Token, usize), Unclosed> {
    let end = text.find(|character| !is_word(character)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    match word {
        "b" if rest.starts_with('"') => quoted(rest).map(|length| (Token::Text, end + length)).ok_or(Unclosed { opening: "\"" }),
        "r" | "br" => {
            let hashes = rest.len() - rest.trim_start_matches('#').len();
            let Some(body) = rest.get(hashes..).and_then(|quoted| quoted.strip_prefix('"')) else {
                return Ok((Token::Word, end));
            };
            // Looked for by its quotes, so that a long row of `#` costs no more than a short one.
            let mut from = 0;
            while let Some(quote) = body.get(from..).and_then(|rest| rest.find('"')) {
                let after = from + quote + 1;
                let found = body.get(after..).map_or(0, |rest| rest.bytes().take(hashes).take_while(|byte| *byte == b'#').count());
                if found == hashes {
                    return Ok((Token::Text, end + hashes + 1 + after + hashes));
                }
                from = after + found;
            }
            Err(Unclosed { opening: "r\"" })
        }
        _ => Ok((Token::Word, end)),
    }
}

fn quoted(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(index + 1),
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    None
}

/// The length of `'x'` or `'\n'`; `None` if the quote stands alone.
fn character(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first == '\\' {
        characters.next()?;
        return characters.take(10).find(|(_, character)| *character == '\'').map(|(index, _)| index + 1);
    }
    characters.next().filter(|(_, character)| *character == '\'').map(|(index, _)| index + 1)
}

/// The length of a block comment, which may contain others.
fn block_comment(text: &str) -> Option<usize> {
    let mut level = 0_usize;
    let mut at = 0;
    loop {
        at += text.get(at..)?.find(['/', '*'])?;
        let rest = text.get(at..)?;
        if rest.starts_with("/*") {
            level += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            level = level.saturating_sub(1);
            at += 2;
            if level == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
}

/// Refuses what must not reach the parser: control characters, brackets that do not match or nest too deep, open quotes.
pub(crate) fn check_brackets(source: &Arc<SourceText>, within: Span) -> Result<(), ExperimentError> {
    let text = source.text().get(within.start..within.end).unwrap_or_default();
    let at = |start: usize, length: usize| source.place(Span { start: within.start + start, end: within.start + start + length });
    if let Some((offset, character)) = text.char_indices().find(|(_, character)| character.is_control() && !is_blank(*character)) {
        return Err(ExperimentError::ControlCharacter { at: at(offset, character.len_utf8()), character });
    }
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut offset = 0;
    // A quote that is left out makes the next text begin where one should end: the first text over several lines is suspect.
    let mut suspect = None;
    while let Some(token) = next_token(text.get(offset..).unwrap_or_default()) {
        let (token, length) = token.map_err(|Unclosed { opening }| {
            let start = if opening == "\"" { suspect.unwrap_or(offset) } else { offset };
            ExperimentError::NeverClosed { at: at(start, opening.len()), opening }
        })?;
        match token {
            Token::Text
                if suspect.is_none()
                    && text.get(offset..offset + length).is_some_and(|text| text.starts_with('"') && text.contains('\n')) =>
            {
                suspect = Some(offset);
            }
            Token::Open(_) if open.len() == DEEPEST => return Err(ExperimentError::TooDeep { at: at(offset, 1), limit: DEEPEST }),
            Token::Open(bracket) => open.push((closing(bracket), offset)),
            Token::Close(found) => match open.pop() {
                Some((expected, _)) if expected == found => {}
                other => {
                    let expected = other.map(|(expected, _)| expected);
                    return Err(ExperimentError::WrongBracket { at: at(offset, 1), found, expected });
                }
            },
            _ => {}
        }
        offset += length;
    }
    match open.last() {
        None => Ok(()),
        Some((bracket, offset)) => Err(ExperimentError::NeverClosed { at: at(*offset, 1), opening: opening(*bracket) }),
    }
}

fn closing(bracket: char) -> char {
    match bracket {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

fn opening(bracket: char) -> &'static str {
    match bracket {
        ')' => "(",
        ']' => "[",
        _ => "{",
    }
}

/// `text` without blanks and comments before and after its one value.
pub(crate) fn trim(text: &str) -> &str {
    let mut start = None;
    let mut end = 0;
    let mut offset = 0;
    while let Some(Ok((token, length))) = next_token(text.get(offset..).unwrap_or_default()) {
        offset += length;
        if token != Token::Blank {
            start.get_or_insert(offset - length);
            end = offset;
        }
    }
    text.get(start.unwrap_or(end)..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), ExperimentError> {
        let source = SourceText::file("test.ron", text);
        check_brackets(&source, Span { start: 0, end: text.len() })
    }

    #[test]
    fn brackets_inside_texts_and_comments_do_not_count() {
        for text in
            [r#"(a: "((((", b: 1)"#, "( /* [[[ /* { */ ( */ )", "( // ((\n )", "(r#\"(\"(\"#)", r#"("\"(")"#, "('(')", "(b\"(\")", ""]
        {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn an_unclosed_bracket_is_shown_where_it_opens() {
        let error = check("Experiment(\n  a: [1, 2\n").unwrap_err();
        assert_eq!(error.to_string(), "test.ron:2:6: `[` is never closed; is the file cut off?");
        assert_eq!(check("(a: [1, 2)").unwrap_err().to_string(), "test.ron:1:10: `)` closes nothing; `]` is expected here");
        assert_eq!(check("(a: \"x").unwrap_err().to_string(), "test.ron:1:5: `\"` is never closed; is the file cut off?");
    }

    #[test]
    fn comments_around_a_value_are_trimmed() {
        assert_eq!(trim(" /* a */ Name(1, 2) // b\n"), "Name(1, 2)");
        assert_eq!(trim(" \"a // b\" "), "\"a // b\"");
        assert_eq!(trim(""), "");
    }
}
