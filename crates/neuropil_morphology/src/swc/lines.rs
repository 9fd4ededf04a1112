//! Lines of an SWC file, and the numbers in them.

use crate::draft::Context;
use crate::error::{MorphologyError, Problem};
use crate::morphology::{Kind, LARGEST_UM};
use crate::remark::What;

/// A sample as its line says.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) id: i64,
    /// -1 for a root.
    pub(super) parent: i64,
    pub(super) kind: Kind,
    pub(super) position: [f64; 3],
    pub(super) radius: f64,
    pub(super) line: u32,
    /// Column of the parent's id.
    pub(super) parent_column: u32,
}

impl Row {
    /// Whether both lines say the same.
    pub(super) fn is_twin(&self, other: &Self) -> bool {
        Self { line: other.line, parent_column: other.parent_column, ..*self } == *other
    }
}

/// Lines that end in a line feed, a carriage return or both.
struct Lines<'t> {
    rest: Option<&'t [u8]>,
    number: usize,
}

/// A line, its number from 1, and whether nothing but a carriage return ends it, or nothing at all.
struct Line<'t> {
    bytes: &'t [u8],
    number: usize,
    lone_return: bool,
    unended: bool,
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let rest = self.rest.take()?;
        self.number += 1;
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let Some(end) = end else { return Some(Line { bytes: rest, number: self.number, lone_return: false, unended: true }) };
        let (bytes, ending) = rest.split_at(end);
        let (lone_return, width) = match ending {
            [b'\r', b'\n', ..] => (false, 2),
            [b'\r', ..] => (true, 1),
            _ => (false, 1),
        };
        self.rest = ending.get(width..).filter(|rest| !rest.is_empty());
        Some(Line { bytes, number: self.number, lone_return, unended: false })
    }
}

/// A field of a line: its bytes and the column where it begins.
#[derive(Clone, Copy)]
struct Field<'t> {
    bytes: &'t [u8],
    start: usize,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)
}

/// The fields of a line up to a comment.
fn fields(line: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += line.get(at..)?.iter().position(|byte| !is_blank(*byte))?;
        let start = at;
        let rest = line.get(start..)?;
        at += rest.iter().position(|byte| is_blank(*byte) || *byte == b'#').unwrap_or(rest.len());
        (at > start).then(|| Field { bytes: &line[start..at], start })
    })
}

/// The samples of a file, in its order.
pub(super) fn rows(text: &[u8], context: &mut Context) -> Result<Vec<Row>, MorphologyError> {
    // A sample takes at least 14 letters.
    let mut rows = Vec::with_capacity((text.len() / 24).min(context.options.most_samples));
    let (mut returned, mut widened) = (false, false);
    for line in (Lines { rest: Some(text), number: 0 }) {
        if line.lone_return && !returned {
            returned = true;
            context.remark(line.number, 1, What::CarriageReturns)?;
        }
        let mut found = [Field { bytes: &[], start: 0 }; 7];
        let mut count = 0;
        for field in fields(line.bytes) {
            if let Some(place) = found.get_mut(count) {
                *place = field;
            }
            count += 1;
        }
        if count == 0 {
            comment(line.bytes, line.number, context)?;
            continue;
        }
        if rows.len() == context.options.most_samples {
            return Err(context.error(line.number, 1, Problem::TooManySamples { most: rows.len() }));
        }
        if count > 7 && !widened {
            widened = true;
            // Seven numbers first: another format is better described by what is wrong with them.
            row(&line, &found, 7, context)?;
            context.remark(line.number, 1, What::FurtherColumns { found: count })?;
        }
        rows.push(row(&line, &found, count, context)?);
    }
    Ok(rows)
}

/// Comments that ask for what is not done here.
fn comment(line: &[u8], number: usize, context: &mut Context) -> Result<(), MorphologyError> {
    let text = line.trim_ascii();
    let Some(text) = text.strip_prefix(b"#").map(<[u8]>::trim_ascii_start) else { return Ok(()) };
    for (word, neutral) in [("SCALE", 1.0), ("OFFSET", 0.0)] {
        let Some((head, rest)) = text.split_at_checked(word.len()).filter(|(head, _)| head.eq_ignore_ascii_case(word.as_bytes())) else {
            continue;
        };
        let numbers =
            || rest.split(|byte| is_blank(*byte) || *byte == b',').filter_map(|field| std::str::from_utf8(field).ok()?.parse::<f64>().ok());
        if head.len() == word.len() && numbers().take(3).any(|number| number != neutral) {
            context.remark(number, 1, What::NotApplied { word })?;
        }
    }
    Ok(())
}

fn row(line: &Line, found: &[Field; 7], count: usize, context: &Context) -> Result<Row, MorphologyError> {
    let column = |byte: usize| String::from_utf8_lossy(line.bytes.get(..byte).unwrap_or_default()).chars().count() + 1;
    let refuse = |field: Field, problem: Problem| context.error(line.number, column(field.start), problem);
    let number = |field: Field, what: &'static str, expected: &'static str| {
        let text = std::str::from_utf8(field.bytes).unwrap_or_default();
        text.parse::<f64>().map_err(|_| refuse(field, unreadable(field.bytes, what, expected, count)))
    };
    let whole = |field: Field, what: &'static str, expected: &'static str| -> Result<i64, MorphologyError> {
        let text = std::str::from_utf8(field.bytes).unwrap_or_default();
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(whole);
        }
        let value = number(field, what, expected)?;
        // Above 2^53 not every whole number can be told from its neighbours.
        match value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 {
            true => Ok(value as i64),
            false => Err(refuse(field, Problem::Number { what, found: String::from_utf8_lossy(field.bytes).into_owned(), expected })),
        }
    };
    let [id, kind, x, y, z, radius, parent] = *found;
    let id_number = whole(id, "the id", "a whole number from 0 to 9223372036854775807");
    if count < 7 {
        // A first field that is no number says more than the number of fields.
        id_number?;
        let problem = Problem::Fields { found: count, cut_off: line.unended };
        return Err(context.error(line.number, column(line.bytes.len()), problem));
    }
    let id_number = id_number?;
    if id_number < 0 {
        return Err(refuse(id, Problem::Number { what: "the id", found: id_number.to_string(), expected: "a whole number from 0 on" }));
    }
    let expected = "a whole number such as 1 (soma), 2 (axon), 3 (basal) or 4 (apical)";
    let kind_number = whole(kind, "the type", expected)?;
    let Ok(kind_number) = i32::try_from(kind_number) else {
        return Err(refuse(kind, Problem::Number { what: "the type", found: kind_number.to_string(), expected }));
    };
    let scaled = |field: Field, what: &'static str| -> Result<f64, MorphologyError> {
        let expected = "a number of at most a kilometre, 1e9 µm";
        let value = number(field, what, expected)? * context.options.scale;
        match value.abs() <= LARGEST_UM {
            true => Ok(value),
            false => Err(refuse(field, Problem::Number { what, found: String::from_utf8_lossy(field.bytes).into_owned(), expected })),
        }
    };
    let position = [scaled(x, "x")?, scaled(y, "y")?, scaled(z, "z")?];
    let radius_um = scaled(radius, "the radius")?;
    if radius_um < 0.0 {
        let found = String::from_utf8_lossy(radius.bytes).into_owned();
        return Err(refuse(radius, Problem::Number { what: "the radius", found, expected: "0 or more" }));
    }
    let parent_number = whole(parent, "the parent", "-1 or the id of a sample")?;
    if parent_number < -1 {
        let found = parent_number.to_string();
        return Err(refuse(parent, Problem::Number { what: "the parent", found, expected: "-1 or the id of a sample" }));
    }
    Ok(Row {
        id: id_number,
        parent: parent_number,
        kind: Kind(kind_number),
        position,
        radius: radius_um,
        line: u32::try_from(line.number).unwrap_or(u32::MAX),
        parent_column: u32::try_from(column(parent.start)).unwrap_or(u32::MAX),
    })
}

/// Why a field is no number.
fn unreadable(field: &[u8], what: &'static str, expected: &'static str, fields: usize) -> Problem {
    let found = String::from_utf8_lossy(field);
    if field.contains(&0) {
        return Problem::Other("a NUL byte; is the file damaged, or in another encoding?".into());
    }
    if field.contains(&b',') {
        let parts = found.split(',').filter(|part| !part.is_empty()).count();
        return Problem::Other(match fields < 7 || parts != 2 || found.ends_with(',') {
            true => "commas between the fields; SWC has blanks there".into(),
            false => format!("{what} is `{}`, with a decimal comma; SWC has decimal points", crate::error::shown(&found)),
        });
    }
    Problem::Number { what, found: format!("`{found}`"), expected }
}
