//! Outlines and trees of a Neurolucida file, read without recursion.

use super::lexer::{Lexer, Place, Token};
use super::{Drawing, Outline, Point};
use crate::draft::Context;
use crate::error::{MorphologyError, Problem, shown};
use crate::morphology::{Kind, LARGEST_UM};
use crate::remark::What;

/// The points and the kinds that words say.
const KINDS: [(&str, Kind); 5] =
    [("CellBody", Kind::SOMA), ("Cell Body", Kind::SOMA), ("Axon", Kind::AXON), ("Dendrite", Kind::BASAL), ("Apical", Kind::APICAL)];

fn kind_of(word: &[u8]) -> Option<Kind> {
    KINDS.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word)).map(|(_, kind)| *kind)
}

/// Tokens with one in hand.
struct Reader<'t, 'c, 'o> {
    lexer: Lexer<'t>,
    next: Option<(Token<'t>, Place)>,
    context: &'c mut Context<'o>,
    markers: (usize, usize),
    spines: (usize, usize),
}

/// A number for a message: not with hundreds of digits.
fn plain(number: f64) -> String {
    if number.abs() < 1e15 { number.to_string() } else { format!("{number:e}") }
}

/// A block that is open at the top.
struct Block {
    place: Place,
    /// Its first text, if it begins with one.
    name: Option<String>,
    kind: Option<Kind>,
    /// Its first point in the list of all.
    first: usize,
}

/// Reads a file.
pub(super) fn drawing(text: &[u8], context: &mut Context) -> Result<Drawing, MorphologyError> {
    let mut reader = Reader { lexer: Lexer::new(text), next: None, context, markers: (0, 0), spines: (0, 0) };
    reader.advance()?;
    let mut drawing = Drawing::default();
    let mut any = false;
    while let Some((token, place)) = reader.next {
        match token {
            Token::Open => {
                reader.advance()?;
                reader.block(place, &mut drawing)?;
                any = true;
            }
            // Some programs write a text or a number between blocks.
            Token::Text(_) if any => reader.advance()?,
            _ => return Err(reader.unexpected(token, place, "`(`: a Neurolucida file is a row of blocks in brackets")),
        }
    }
    if reader.markers.0 > 0 {
        reader.context.remark(reader.markers.1, 1, What::Markers { count: reader.markers.0 })?;
    }
    if reader.spines.0 > 0 {
        reader.context.remark(reader.spines.1, 1, What::Spines { count: reader.spines.0 })?;
    }
    Ok(drawing)
}

impl<'t> Reader<'t, '_, '_> {
    fn advance(&mut self) -> Result<(), MorphologyError> {
        self.next = self.lexer.next(self.context)?;
        Ok(())
    }

    fn problem(&self, place: Place, problem: Problem) -> MorphologyError {
        self.context.error(place.line, self.lexer.column(place), problem)
    }

    fn error(&self, place: Place, problem: impl Into<String>) -> MorphologyError {
        self.problem(place, Problem::Other(problem.into()))
    }

    fn unexpected(&self, token: Token, place: Place, expected: &str) -> MorphologyError {
        let found = match token {
            Token::Open => "`(`".into(),
            Token::Close => "`)`".into(),
            Token::SpineOpen => "`<`".into(),
            Token::SpineClose => "`>`".into(),
            Token::Bar => "`|`".into(),
            Token::Number(number) => format!("`{number}`"),
            Token::Word(word) | Token::Text(word) => format!("`{}`", shown(&String::from_utf8_lossy(word))),
        };
        self.error(place, format!("found {found}; expected {expected}"))
    }

    fn ended(&self, opened: Place) -> MorphologyError {
        self.error(opened, "this bracket is never closed; is the file cut off?")
    }

    /// A block at the top, whose bracket is open.
    fn block(&mut self, place: Place, drawing: &mut Drawing) -> Result<(), MorphologyError> {
        let mut block = Block { place, name: None, kind: None, first: drawing.points.len() };
        match self.next {
            Some((Token::Text(name), _)) => {
                block.name = Some(String::from_utf8_lossy(name).into_owned());
                self.advance()?;
            }
            // A block that begins with a word is none of the cell's.
            Some((Token::Word(word), at)) => {
                let name = shown(&String::from_utf8_lossy(word));
                self.context.remark(at.line, 1, What::Ignored { name })?;
                return self.skip(place);
            }
            _ => {}
        }
        self.points(&mut block, drawing)?;
        let points = drawing.points.len() - block.first;
        let outline = block.kind.is_some_and(Kind::is_soma) || block.kind.is_none() && block.name.is_some();
        if outline {
            let named = || block.name.clone().unwrap_or_default();
            let body = block.kind.is_some() || matches!(named().to_lowercase().as_str(), "cellbody" | "cell body" | "soma");
            let taken: Vec<[f64; 3]> = drawing.points.drain(block.first..).map(|point| point.position).collect();
            match body && points > 2 {
                true => drawing.outlines.push(Outline { points: taken, line: place.line }),
                false => self.context.remark(place.line, 1, What::Outline { name: shown(&named()) })?,
            }
            return Ok(());
        }
        // A tree that does not say what it is has type 0.
        let kind = block.kind.unwrap_or(Kind(0));
        drawing.points.iter_mut().skip(block.first).for_each(|point| point.kind = kind);
        Ok(())
    }

    /// Points, properties and forks up to the bracket that closes the block.
    fn points(&mut self, block: &mut Block, drawing: &mut Drawing) -> Result<(), MorphologyError> {
        // Brackets of forks: where each opened, and the point that forks.
        let mut forks: Vec<(Place, Option<u32>)> = Vec::new();
        let mut last: Option<u32> = None;
        let mut begins_branch = false;
        loop {
            let Some((token, place)) = self.next else {
                return Err(self.ended(forks.last().map_or(block.place, |fork| fork.0)));
            };
            self.advance()?;
            match token {
                Token::Close => match forks.pop() {
                    Some((_, fork)) => last = fork,
                    None => return Ok(()),
                },
                Token::Bar => match forks.last() {
                    Some((_, fork)) => (last, begins_branch) = (*fork, true),
                    None => return Err(self.error(place, "a bar between branches, but no fork is open here")),
                },
                Token::Open => match self.next {
                    Some((Token::Number(_), _)) => {
                        let (position, radius) = self.point(place)?;
                        if drawing.points.len() >= self.context.options.most_samples {
                            let most = drawing.points.len();
                            return Err(self.problem(place, Problem::TooManySamples { most }));
                        }
                        let line = u32::try_from(place.line).unwrap_or(u32::MAX);
                        let parent = last;
                        last = Some(drawing.points.len() as u32);
                        drawing.points.push(Point { kind: Kind(0), position, radius, parent, begins_branch, line });
                        begins_branch = false;
                    }
                    Some((Token::Word(word), _)) => {
                        let kind = kind_of(word);
                        if forks.is_empty() && kind.is_some() {
                            block.kind = kind;
                        }
                        let inside = self.skip_counting(place)?;
                        // A colour may be three numbers in brackets.
                        if inside > 0 && kind.is_none() && !word.eq_ignore_ascii_case(b"Color") {
                            self.markers = (self.markers.0 + 1, if self.markers.0 == 0 { place.line } else { self.markers.1 });
                        }
                    }
                    Some((Token::Text(_) | Token::Close, _)) => self.skip(place)?,
                    Some((Token::Open | Token::Bar, _)) => {
                        forks.push((place, last));
                        begins_branch = true;
                    }
                    Some((token, at)) => return Err(self.unexpected(token, at, "a point, a property or a fork")),
                    None => return Err(self.ended(place)),
                },
                Token::SpineOpen => {
                    self.spines = (self.spines.0 + 1, if self.spines.0 == 0 { place.line } else { self.spines.1 });
                    self.skip_spine(place)?;
                }
                // How a branch ends: Normal, High, Incomplete.
                Token::Word(_) | Token::Text(_) => {}
                Token::Number(_) | Token::SpineClose => return Err(self.unexpected(token, place, "a point in brackets")),
            }
        }
    }

    /// Coordinates and diameter, whose bracket is open; gives position and radius.
    fn point(&mut self, opened: Place) -> Result<([f64; 3], f64), MorphologyError> {
        let mut numbers = [0.0; 4];
        let mut count = 0;
        loop {
            let Some((token, place)) = self.next else { return Err(self.ended(opened)) };
            self.advance()?;
            match token {
                Token::Close => break,
                Token::Number(number) => {
                    let scaled = number * self.context.options.scale;
                    if scaled.abs() > LARGEST_UM {
                        let (found, expected) = (plain(number), "a number of at most a kilometre, 1e9 µm");
                        let what = if count == 3 { "the diameter" } else { "a coordinate" };
                        return Err(self.problem(place, Problem::Number { what, found, expected }));
                    }
                    if count == 3 && scaled < 0.0 {
                        let (what, found) = ("the diameter", plain(number));
                        return Err(self.problem(place, Problem::Number { what, found, expected: "0 or more" }));
                    }
                    if let Some(slot) = numbers.get_mut(count) {
                        *slot = scaled;
                    }
                    count += 1;
                }
                // The number of the section that it was traced in.
                Token::Word(_) if count >= 2 => {}
                _ => return Err(self.unexpected(token, place, "a number or `)`")),
            }
        }
        if count < 2 {
            return Err(self.error(opened, "a point of one number; expected x, y, z and the diameter"));
        }
        let [x, y, z, diameter] = numbers;
        Ok(([x, y, z], diameter / 2.0))
    }

    /// Passes everything up to the bracket that closes an open one.
    fn skip(&mut self, opened: Place) -> Result<(), MorphologyError> {
        self.skip_counting(opened).map(|_| ())
    }

    /// The same; gives the number of points passed.
    fn skip_counting(&mut self, opened: Place) -> Result<usize, MorphologyError> {
        let (mut depth, mut points) = (1usize, 0);
        while depth > 0 {
            let Some((token, _)) = self.next else { return Err(self.ended(opened)) };
            self.advance()?;
            match token {
                Token::Open => {
                    depth += 1;
                    points += usize::from(matches!(self.next, Some((Token::Number(_), _))));
                }
                Token::Close => depth -= 1,
                _ => {}
            }
        }
        Ok(points)
    }

    /// Passes a spine up to its `>`.
    fn skip_spine(&mut self, opened: Place) -> Result<(), MorphologyError> {
        loop {
            let Some((token, _)) = self.next else {
                return Err(self.error(opened, "this `<` is never closed; is the file cut off?"));
            };
            self.advance()?;
            if token == Token::SpineClose {
                return Ok(());
            }
        }
    }
}
