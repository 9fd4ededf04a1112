//! Files of morphologies: which format they are in, and reading them.

use crate::error::{MorphologyError, Problem, path_shown};
use crate::morphology::Morphology;
use crate::remark::Remark;
use crate::{asc, swc};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What a user may say about a file that its content does not.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadOptions {
    /// Refuse where the reader would change something.
    pub strict: bool,
    /// What positions and radii are multiplied by to become µm: 0.001 for nm.
    pub scale: f64,
    /// What a radius of zero becomes, µm.
    pub least_radius_um: f64,
    /// Samples that are read at most.
    pub most_samples: usize,
    /// Bytes of a file that are read at most.
    pub most_bytes: u64,
}

impl Default for ReadOptions {
    /// Lenient, µm, radii of at least 0.05 µm (the thinnest axons are 0.1 µm thick: Faisal AA, White JA, Laughlin SB (2005). Ion-channel noise places limits
    /// on the miniaturization of the brain's wiring. Curr Biol 15:1143-1149. doi:10.1016/j.cub.2005.05.056), 50 million samples, 4 GB.
    fn default() -> Self {
        Self { strict: false, scale: 1.0, least_radius_um: 0.05, most_samples: 50_000_000, most_bytes: 4_000_000_000 }
    }
}

impl ReadOptions {
    pub(crate) fn check(&self) -> Result<(), MorphologyError> {
        let positive = |name: &str, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(MorphologyError::Request(format!("{name} is {value}; expected a positive number"))),
        };
        positive("the scale", self.scale)?;
        positive("the least radius", self.least_radius_um)
    }
}

/// A cell, and what its reader repaired or noticed, in order of lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The cell.
    pub morphology: Morphology,
    /// What was repaired, or taken as it is although it may not be meant so.
    pub remarks: Vec<Remark>,
}

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One sample a line.
    Swc,
    /// Neurolucida's text.
    Asc,
}

impl Format {
    /// The format that an extension stands for: `.swc` or `.asc`.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_string_lossy().to_lowercase();
        match extension.as_str() {
            "swc" => Some(Self::Swc),
            "asc" => Some(Self::Asc),
            _ => None,
        }
    }

    /// The format that a file's first lines look like, whatever it is called.
    pub fn of_content(bytes: &[u8]) -> Option<Self> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        for line in text.split(|byte| matches!(byte, b'\n' | b'\r')).take(1000) {
            match line.trim_ascii() {
                [] => {}
                [b'#' | b';', ..] => {}
                [b'(', ..] => return Some(Self::Asc),
                line => {
                    let fields = line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
                    let number = |field: &[u8]| std::str::from_utf8(field).is_ok_and(|field| field.parse::<f64>().is_ok());
                    return (fields.clone().count() >= 7 && fields.take(7).all(number)).then_some(Self::Swc);
                }
            }
        }
        None
    }
}

/// Reads a cell; the extension tells the format, or the content where it does not.
///
/// # Errors
/// If the file is no cell: its name, the place in it where there is one, and why.
pub fn read_morphology(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Imported, MorphologyError> {
    let path = path.as_ref();
    let bytes = read_bytes(path, options.most_bytes)?;
    let file = path_shown(path);
    match Format::of_path(path).or_else(|| Format::of_content(&bytes)) {
        Some(Format::Swc) => swc::parse(&file, &bytes, options),
        Some(Format::Asc) => asc::parse(&file, &bytes, options),
        None => Err(MorphologyError::file(&file, "neither SWC nor Neurolucida ASC by its name or its first lines")),
    }
}

/// A file's content, if it is not larger than allowed.
fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, MorphologyError> {
    let failed = |error: std::io::Error| MorphologyError::io(path, "read", &error);
    let too_large = || MorphologyError::File { file: path_shown(path), problem: Problem::TooLarge { most } };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(MorphologyError::file(&path_shown(path), "cannot be read: is a directory"));
    }
    if metadata.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // Pipes and devices do not say how much they hold.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}
