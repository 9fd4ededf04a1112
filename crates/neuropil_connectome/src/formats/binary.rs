//! Connectomes as compressed columns, `.connectome`: small, quick to read, and refused when a single bit is wrong.
//!
//! ```text
//! magic 8 bytes   version u32   nodes u64   edges u64   checksum u64 (XXH3 of all else)   about, nodes, edges, zeros
//!
//! about    title, description, source, licence, references: texts
//! nodes    names: texts; columns
//! edges    out-degree of each node; targets, each as the difference to the one before of the same source; kinds; columns
//! column   name, then numbers (unit, coding, values) or texts (their number, texts, codes + 1 with 0 for missing)
//! texts    lengths, then bytes
//! numbers  bytes of equal weight together, so that they compress well, packed by Zstandard: length, packed length, packed bytes
//! ```
//!
//! Numbers that are whole, or so with a few decimals, are stored as integers above their smallest, in as few bytes as hold them. All is little-endian.
//! Every length is compared with what it must be, and with the size of the file, before memory is taken: what is unpacked is never more than
//! 8,192 times the file, to which the writer adds zeros if need be. Equal connectomes give equal files.

use crate::column::{Column, MISSING, NumberColumn, TextColumn};
use crate::connectome::{About, Connectome, EdgeKind, Edges, Nodes};
use crate::error::{ConnectomeError, Problem};
use crate::formats::memory_available;
use crate::formats::numbers::{Coding, planes};
use neuropil_units::Dimension;
use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::Arc;
use twox_hash::XxHash3_64;

/// How a file begins: no text does, and transfers that change line ends are seen.
pub(crate) const MAGIC: [u8; 8] = *b"\x89NPCON\r\n";
const VERSION: u32 = 1;
/// Where the checksum is.
const CHECKSUM: std::ops::Range<usize> = 28..36;
/// Bytes that one byte of a file may stand for.
const LARGEST_RATIO: u64 = 8192;
/// Zstandard's level: higher ones save a few percent and take several times as long.
const LEVEL: i32 = 3;

/// A connectome as the bytes of a file.
///
/// # Errors
/// If Zstandard fails, for lack of memory.
pub fn write(connectome: &Connectome) -> Result<Vec<u8>, ConnectomeError> {
    let mut writer = Writer { bytes: Vec::new(), unpacked: 0 };
    writer.bytes.extend(MAGIC);
    writer.bytes.extend(VERSION.to_le_bytes());
    writer.count(connectome.node_count());
    writer.count(connectome.edge_count());
    writer.count(0);
    let about = connectome.about();
    let texts = [&about.title, &about.description, &about.source, &about.licence].into_iter().chain(&about.references);
    writer.count(4 + about.references.len());
    writer.texts(texts.map(String::as_str))?;
    let nodes = connectome.nodes();
    writer.texts(nodes.names.iter().map(AsRef::as_ref))?;
    writer.columns(&nodes.columns)?;
    let edges = connectome.edges();
    let mut degrees = vec![0u32; connectome.node_count()];
    let mut differences = Vec::with_capacity(connectome.edge_count());
    let mut before = (u32::MAX, 0);
    for (source, target) in edges.sources.iter().zip(edges.targets.iter()) {
        if let Some(degree) = degrees.get_mut(*source as usize) {
            *degree += 1;
        }
        let from = if before.0 == *source { before.1 } else { 0 };
        differences.push(target.wrapping_sub(from));
        before = (*source, *target);
    }
    writer.integers(&degrees)?;
    // The sources, which a reader makes of the degrees.
    writer.unpacked += 4 * connectome.edge_count() as u64;
    writer.integers(&differences)?;
    writer.packed(&edges.kinds.iter().map(|kind| *kind as u8).collect::<Vec<_>>())?;
    writer.columns(&edges.columns)?;
    let smallest = usize::try_from(writer.unpacked.div_ceil(LARGEST_RATIO)).unwrap_or(usize::MAX);
    let mut bytes = writer.bytes;
    if bytes.len() < smallest {
        bytes.resize(smallest, 0);
    }
    let checksum = checksum(&bytes).to_le_bytes();
    if let Some(place) = bytes.get_mut(CHECKSUM) {
        place.copy_from_slice(&checksum);
    }
    Ok(bytes)
}

/// A connectome from the bytes of a file; `file` is its name in messages.
///
/// # Errors
/// If the bytes are not exactly what [`write()`] makes, or need more memory than there is.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Connectome, ConnectomeError> {
    let refuse = |problem: String| ConnectomeError::File { file: file.to_owned(), problem: Problem::Other(problem) };
    read(bytes).map_err(refuse)?.map_err(|error| refuse(format!("the file holds no connectome: {error}")))
}

type Parsed = Result<Connectome, ConnectomeError>;

fn read(bytes: &[u8]) -> Result<Parsed, String> {
    if bytes.is_empty() {
        return Err("the file is empty; `neuropil convert` makes connectomes".into());
    }
    if bytes.get(..MAGIC.len()) != Some(&MAGIC) {
        return Err("this is no .connectome file, or its beginning is damaged".into());
    }
    let mut reader =
        Reader { rest: bytes, unpacked: 0, limit: (bytes.len() as u64).saturating_mul(LARGEST_RATIO), available: memory_available() };
    reader.take(MAGIC.len())?;
    let version = reader.u32()?;
    if version != VERSION {
        return Err(format!(
            "the file has version {version} of the format; this program reads version {VERSION}, so take the program that wrote it or convert the source again"
        ));
    }
    let (node_count, edge_count, expected) = (reader.count()?, reader.count()?, reader.count()? as u64);
    if checksum(bytes) != expected {
        return Err("the file is damaged or not whole: its checksum differs; copy it again, or convert its source again".into());
    }
    let texts = reader.count()?;
    let mut texts = reader.texts(texts)?.into_iter().map(|text| text.to_string());
    let mut next = || texts.next().unwrap_or_default();
    let about = About { title: next(), description: next(), source: next(), licence: next(), references: texts.collect() };
    let names = reader.texts(node_count)?;
    let nodes = Nodes { names: names.into(), columns: reader.columns(node_count)? };
    let degrees = reader.integers(node_count)?;
    if degrees.iter().map(|degree| u64::from(*degree)).sum::<u64>() != edge_count as u64 {
        return Err(damaged());
    }
    reader.charge(edge_count, 4)?;
    let mut targets = reader.integers(edge_count)?;
    let mut sources = Vec::with_capacity(edge_count);
    let mut rest = targets.as_mut_slice();
    for (source, degree) in (0u32..).zip(&degrees) {
        let (own, others) = std::mem::take(&mut rest).split_at_mut_checked(*degree as usize).ok_or_else(damaged)?;
        rest = others;
        sources.resize(sources.len() + own.len(), source);
        let mut before = 0u32;
        for target in own {
            before = before.wrapping_add(*target);
            *target = before;
        }
    }
    let kinds = reader.packed(edge_count)?;
    let kinds: Option<Vec<EdgeKind>> = kinds.iter().map(|kind| EdgeKind::ALL.get(usize::from(*kind)).copied()).collect();
    let columns = reader.columns(edge_count)?;
    let edges = Edges { sources: sources.into(), targets: targets.into(), kinds: kinds.ok_or_else(damaged)?.into(), columns };
    if reader.rest.iter().any(|byte| *byte != 0) {
        return Err(damaged());
    }
    Ok(Connectome::new(about, nodes, edges))
}

fn damaged() -> String {
    "the file is damaged: its parts do not fit together; convert its source again".into()
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = XxHash3_64::new();
    hasher.write(bytes.get(..CHECKSUM.start).unwrap_or_default());
    hasher.write(bytes.get(CHECKSUM.end..).unwrap_or_default());
    hasher.finish()
}

struct Writer {
    bytes: Vec<u8>,
    /// Bytes that a reader will need.
    unpacked: u64,
}

impl Writer {
    fn count(&mut self, count: usize) {
        self.bytes.extend((count as u64).to_le_bytes());
    }

    fn packed(&mut self, raw: &[u8]) -> Result<(), ConnectomeError> {
        let packed = zstd::bulk::compress(raw, LEVEL)
            .map_err(|error| ConnectomeError::Request(format!("the connectome cannot be compressed: {error}")))?;
        self.unpacked += raw.len() as u64;
        self.count(raw.len());
        self.count(packed.len());
        self.bytes.extend(packed);
        Ok(())
    }

    fn integers(&mut self, values: &[u32]) -> Result<(), ConnectomeError> {
        let largest = values.iter().copied().max().unwrap_or(0);
        let bytes = (4 - largest.leading_zeros() / 8).max(1) as u8;
        self.bytes.push(bytes);
        self.unpacked += 4 * values.len() as u64;
        self.packed(&planes(values.iter().map(|value| u64::from(*value)), values.len(), usize::from(bytes)))
    }

    fn texts<'a>(&mut self, texts: impl Iterator<Item = &'a str> + Clone) -> Result<(), ConnectomeError> {
        let lengths: Vec<u32> = texts.clone().map(|text| u32::try_from(text.len()).unwrap_or(u32::MAX)).collect();
        if lengths.contains(&u32::MAX) {
            return Err(ConnectomeError::Request("a text of more than 4 GB cannot be written".into()));
        }
        self.integers(&lengths)?;
        self.unpacked += (size_of::<Arc<str>>() + 16) as u64 * lengths.len() as u64;
        self.packed(&texts.flat_map(str::bytes).collect::<Vec<u8>>())
    }

    fn columns(&mut self, columns: &BTreeMap<String, Column>) -> Result<(), ConnectomeError> {
        self.count(columns.len());
        for (name, column) in columns {
            self.texts([name.as_str()].into_iter())?;
            match column {
                Column::Number(numbers) => {
                    self.bytes.push(0);
                    self.texts([numbers.dimension.to_string().as_str()].into_iter())?;
                    let coding = Coding::of(&numbers.values);
                    self.bytes.extend(coding.bytes());
                    self.unpacked += 8 * numbers.values.len() as u64;
                    self.packed(&coding.encode(&numbers.values))?;
                }
                Column::Text(texts) => {
                    self.bytes.push(1);
                    self.count(texts.names.len());
                    self.texts(texts.names.iter().map(AsRef::as_ref))?;
                    // A code that is missing wraps to 0.
                    self.integers(&texts.codes.iter().map(|code| code.wrapping_add(1)).collect::<Vec<_>>())?;
                }
            }
        }
        Ok(())
    }
}

struct Reader<'b> {
    rest: &'b [u8],
    unpacked: u64,
    limit: u64,
    available: Option<u64>,
}

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], String> {
        let (taken, rest) =
            self.rest.split_at_checked(length).ok_or("the file is damaged or not whole: it ends too early; copy it again")?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.take(N)?.try_into().map_err(|_| damaged())
    }

    fn u32(&mut self) -> Result<u32, String> {
        self.array().map(u32::from_le_bytes)
    }

    fn count(&mut self) -> Result<usize, String> {
        usize::try_from(u64::from_le_bytes(self.array()?)).map_err(|_| damaged())
    }

    /// Takes note of memory before it is asked for.
    fn charge(&mut self, items: usize, each: usize) -> Result<(), String> {
        self.unpacked = self.unpacked.saturating_add((items as u64).saturating_mul(each as u64));
        if self.unpacked > self.limit {
            return Err("the file is damaged: it claims to hold far more than its size allows; convert its source again".into());
        }
        match self.available {
            Some(available) if self.unpacked > available => {
                let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
                Err(format!("the connectome needs {:.1} GiB of memory or more, and {:.1} GiB are free", gib(self.unpacked), gib(available)))
            }
            _ => Ok(()),
        }
    }

    fn packed(&mut self, expected: usize) -> Result<Vec<u8>, String> {
        let (length, packed) = (self.count()?, self.count()?);
        if length != expected {
            return Err(damaged());
        }
        let packed = self.take(packed)?;
        self.charge(length, 1)?;
        if zstd::zstd_safe::get_frame_content_size(packed).ok().flatten() != Some(length as u64) {
            return Err(damaged());
        }
        let raw = zstd::bulk::decompress(packed, length).map_err(|_| damaged())?;
        if raw.len() == length { Ok(raw) } else { Err(damaged()) }
    }

    fn integers(&mut self, count: usize) -> Result<Vec<u32>, String> {
        let [bytes] = self.array()?;
        if !(1..=4).contains(&bytes) {
            return Err(damaged());
        }
        self.charge(count, 4)?;
        let raw = self.packed(count.checked_mul(usize::from(bytes)).ok_or_else(damaged)?)?;
        let mut values = vec![0u32; count];
        for (shift, plane) in (0..).step_by(8).zip(raw.chunks_exact(count.max(1))) {
            for (value, byte) in values.iter_mut().zip(plane) {
                *value |= u32::from(*byte) << shift;
            }
        }
        Ok(values)
    }

    fn texts(&mut self, count: usize) -> Result<Vec<Arc<str>>, String> {
        let lengths = self.integers(count)?;
        let total = lengths.iter().map(|length| u64::from(*length)).sum::<u64>();
        self.charge(count, size_of::<Arc<str>>() + 16)?;
        let raw = self.packed(usize::try_from(total).map_err(|_| damaged())?)?;
        let text = std::str::from_utf8(&raw).map_err(|_| damaged())?;
        let mut texts = Vec::with_capacity(count);
        let mut rest = text;
        for length in lengths {
            let (text, others) = rest.split_at_checked(length as usize).ok_or_else(damaged)?;
            texts.push(text.into());
            rest = others;
        }
        Ok(texts)
    }

    fn text(&mut self) -> Result<Arc<str>, String> {
        self.texts(1)?.pop().ok_or_else(damaged)
    }

    fn columns(&mut self, rows: usize) -> Result<BTreeMap<String, Column>, String> {
        let mut columns = BTreeMap::new();
        for _ in 0..self.count()? {
            let name = self.text()?.to_string();
            let column = match self.array()? {
                [0] => {
                    let unit = self.text()?;
                    let dimension = crate::formats::dimension(&unit).ok_or_else(damaged)?;
                    Column::Number(self.numbers(rows, dimension)?)
                }
                [1] => {
                    let kinds = self.count()?;
                    let names = self.texts(kinds)?.into();
                    let mut codes = self.integers(rows)?;
                    codes.iter_mut().for_each(|code| *code = code.wrapping_sub(1));
                    if codes.iter().any(|code| *code != MISSING && *code as usize >= kinds) {
                        return Err(damaged());
                    }
                    Column::Text(TextColumn { codes: codes.into(), names })
                }
                _ => return Err(damaged()),
            };
            if columns.insert(name, column).is_some() {
                return Err(damaged());
            }
        }
        Ok(columns)
    }

    fn numbers(&mut self, rows: usize, dimension: Dimension) -> Result<NumberColumn, String> {
        let coding = Coding::from_bytes(self.array()?).ok_or_else(damaged)?;
        self.charge(rows, 8)?;
        let raw = self.packed(rows.checked_mul(coding.width()).ok_or_else(damaged)?)?;
        Ok(NumberColumn::new(coding.decode(&raw, rows), dimension))
    }
}
