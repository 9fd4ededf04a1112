//! Text → tokens.

use crate::{
    diagnostic::Span,
    expression::error::{ExpressionError, ExpressionErrorKind},
};

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TokenKind {
    Number,
    /// A name, unit, function or word of the language.
    Word,
    /// A text, quotes included.
    Text,
    /// `²` or `³`.
    Superscript(i32),
    Symbol(&'static str),
    End,
}

/// Longer symbols before those they begin with.
const SYMBOLS: [(&str, &str); 23] = [
    ("==", "=="),
    ("!=", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("<", "<"),
    (">", ">"),
    ("+", "+"),
    ("-", "-"),
    ("−", "-"),
    ("*", "*"),
    ("·", "*"),
    ("⋅", "*"),
    ("×", "*"),
    ("/", "/"),
    ("^", "^"),
    ("(", "("),
    (")", ")"),
    ("[", "["),
    ("]", "]"),
    (",", ","),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "!="),
];

/// The tokens of a text, the last of them [`TokenKind::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = token(rest, first, at)?;
        tokens.push(Token { kind, span: Span { start: at, end: at + length } });
        at += length;
    }
    tokens.push(Token { kind: TokenKind::End, span: Span { start: text.len(), end: text.len() } });
    Ok(tokens)
}

fn token(rest: &str, first: char, at: usize) -> Result<(TokenKind, usize), ExpressionError> {
    let second = rest[first.len_utf8()..].chars().next();
    if first.is_ascii_digit() || (first == '.' && second.is_some_and(|second| second.is_ascii_digit())) {
        return Ok((TokenKind::Number, number_length(rest.as_bytes())));
    }
    if first == '°' || first == '_' || (first.is_alphabetic() && !is_superscript(first)) {
        let length = rest.char_indices().skip(1).find(|&(_, letter)| !is_word(letter)).map_or(rest.len(), |(length, _)| length);
        return Ok((TokenKind::Word, length));
    }
    match first {
        '²' => return Ok((TokenKind::Superscript(2), first.len_utf8())),
        '³' => return Ok((TokenKind::Superscript(3), first.len_utf8())),
        '\'' => {
            return match rest[1..].find('\'') {
                Some(length) => Ok((TokenKind::Text, length + 2)),
                None => Err(ExpressionErrorKind::UnclosedText.at(Span { start: at, end: at + rest.len() })),
            };
        }
        _ => {}
    }
    if let Some((written, symbol)) = SYMBOLS.iter().find(|(written, _)| rest.starts_with(written)) {
        return Ok((TokenKind::Symbol(symbol), written.len()));
    }
    let hint = match first {
        '=' => "; equality is written `==`",
        '&' => "; write `and`",
        '|' => "; write `or`",
        '!' => "; write `not`",
        '"' | '`' | '‘' | '’' | '“' | '”' => "; a text stands in single quotes, as in 'AI'",
        '%' => "; write a fraction, as in 0.1",
        ';' => "; arguments are separated by `,`",
        _ => "",
    };
    Err(ExpressionErrorKind::UnexpectedCharacter { found: first, hint }.at(Span { start: at, end: at + first.len_utf8() }))
}

fn is_superscript(letter: char) -> bool {
    matches!(letter, '²' | '³' | '¹' | '\u{2070}'..='\u{209f}')
}

fn is_word(letter: char) -> bool {
    letter == '_' || (letter.is_alphanumeric() && !is_superscript(letter))
}

/// Bytes of the number that the text begins with: digits with `_` between them, a fraction, an exponent.
fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count();
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        // Without a digit the `e` begins a word.
        if bytes.get(length + 1 + sign).is_some_and(u8::is_ascii_digit) {
            length += 1 + sign + digits(length + 1 + sign);
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text).unwrap().iter().map(|token| &text[token.span.start..token.span.end]).collect()
    }

    #[test]
    fn numbers_end_where_units_begin() {
        assert_eq!(words("10_000.5e-3mV"), ["10_000.5e-3", "mV", ""]);
        assert_eq!(words("5eV .5 2e"), ["5", "eV", ".5", "2", "e", ""]);
        assert_eq!(words("1 µA/cm²"), ["1", "µA", "/", "cm", "²", ""]);
        assert_eq!(words("a<=b 'x y'"), ["a", "<=", "b", "'x y'", ""]);
    }

    #[test]
    fn a_foreign_character_is_shown_where_it_stands() {
        let error = tokens("µm = 3").unwrap_err();
        assert_eq!(error.span, Span { start: 4, end: 5 });
        assert_eq!(error.to_string(), "unexpected character '='; equality is written `==`");
        assert_eq!(tokens("a + 'b").unwrap_err().span, Span { start: 4, end: 6 });
    }
}
