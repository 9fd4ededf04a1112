//! SWC: one sample a line.
//!
//! ```text
//! # a comment
//! 1 1 0 0 0 5 -1      id, type, x, y, z, radius, parent; µm; the root's parent is -1
//! 2 3 0 5 0 1 1
//! ```
//!
//! Types are 1 soma, 2 axon, 3 basal dendrite, 4 apical dendrite; others are kept ([`Kind`](crate::Kind)). Ids are any whole numbers from 0 on, in any order; samples
//! are put in the order of their ids, or where a parent has a larger id than its child, each branch behind its parent. Ends of lines, blanks, comments behind
//! samples, byte order marks, ids written as `2.0` and the encoding of comments do not matter.
//!
//! What makes no cell is refused with its line and column; what can be mended without doubt is, and each time a [`Remark`](crate::Remark) says so with its line;
//! `strict` refuses that, too. The crate `swc-neuron` 0.5 was looked at: it gives no places in its errors, refuses comments behind samples and further columns, and takes
//! six columns, radii of any sign and numbers that are not finite without a word.
//!
//! # References
//! - Cannon RC, Turner DA, Pyapali GK, Wheal HV (1998). An on-line archive of reconstructed hippocampal neurons. J Neurosci Methods 84:49-54.
//!   doi:10.1016/S0165-0270(98)00091-0

mod lines;
mod tree;
mod write;

pub use write::text;

use crate::draft::Context;
use crate::error::{MorphologyError, Problem};
use crate::files::{Imported, ReadOptions};

/// Reads a cell from the bytes of an SWC file; `file` is what messages call it.
///
/// ```
/// use neuropil_morphology::{ReadOptions, swc};
///
/// let cell = swc::parse("cell.swc", b"1 1 0 0 0 5 -1\n2 3 0 5 0 0 1\n3 3 0 25 0 1 2\n", &ReadOptions::default())?;
/// assert_eq!(cell.remarks[0].to_string(), "2: the radius is 0; raised to 0.05 µm");
///
/// let error = swc::parse("cell.swc", b"1 1 0 0 0 5 -1\n2 3 0 5 0 -1 1\n", &ReadOptions::default()).unwrap_err();
/// assert_eq!(error.to_string(), "cell.swc:2:11: the radius is -1; expected 0 or more");
/// # Ok::<(), neuropil_morphology::MorphologyError>(())
/// ```
///
/// # Errors
/// If it is no cell: the place, and why.
pub fn parse(file: &str, bytes: &[u8], options: &ReadOptions) -> Result<Imported, MorphologyError> {
    options.check()?;
    let mut context = Context::new(file, options);
    let text = decoded(file, bytes)?;
    if text.is_empty() {
        return Err(MorphologyError::file(file, "the file is empty"));
    }
    let rows = lines::rows(text, &mut context)?;
    if rows.is_empty() {
        return Err(MorphologyError::File { file: file.to_owned(), problem: Problem::Empty });
    }
    tree::grown(rows, &mut context)?.finish(&mut context)
}

/// The bytes without a byte order mark; those of another encoding are refused.
pub(crate) fn decoded<'t>(file: &str, bytes: &'t [u8]) -> Result<&'t [u8], MorphologyError> {
    let other = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("in UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("in UTF-16"),
        [0x1f, 0x8b, ..] => Some("compressed with gzip"),
        _ => None,
    };
    match other {
        Some(other) => {
            Err(MorphologyError::place(file, 1, 1, Problem::Other(format!("the file is {other}; expected plain text, ASCII or UTF-8"))))
        }
        None => Ok(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    }
}
