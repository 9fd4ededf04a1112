//! `neuropil inspect` of morphologies: what cells amount to, and pictures of them.

mod page;
mod picture;

use crate::arguments::Inspect;
use crate::commands::prepare;
use crate::output::{Failure, complain, print};
use neuropil_connectome::importers::IMPORTERS;
use neuropil_morphology::measures::CableProperties;
use neuropil_morphology::{Format, Measures, Morphology, ReadOptions, Remark, Rules, Section, Sections, read_morphology};
use neuropil_units::{Dimension, Expression, Scope};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Warnings of one sort that are shown for a file.
const SHOWN: usize = 5;
/// Bytes of a file by which its format is told.
const LOOKED_AT: u64 = 1 << 16;

/// A cell, and all there is to print about it.
#[derive(Serialize)]
struct Cell {
    /// The file as its user named it.
    file: String,
    /// What its reader repaired or noticed.
    warnings: Vec<Warning>,
    #[serde(flatten)]
    measures: Measures,
    /// Its sections, if they are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sections: Vec<Listed>,
    /// Pictures and measures, if there is a folder for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    written: Vec<String>,
}

/// One section.
#[derive(Serialize)]
struct Listed {
    section: usize,
    r#type: String,
    branch_order: u32,
    on: Option<u32>,
    length_um: f64,
    diameter_um: f64,
    from_um: f64,
    to_um: f64,
    tip: bool,
}

/// All sections of a cell.
fn listed(sections: &Sections) -> Vec<Listed> {
    let list = sections.list();
    let hangs = |number: usize| list.iter().any(|other| other.parent.is_some_and(|at| at.section as usize == number));
    let row = |(number, section): (usize, &Section)| {
        let points = sections.points(number);
        Listed {
            section: number,
            r#type: section.kind.name(),
            branch_order: section.order,
            on: section.parent.map(|at| at.section),
            length_um: points.length_um(),
            diameter_um: points.area_um2() / (std::f64::consts::PI * points.length_um()),
            from_um: section.start_distance_um,
            to_um: section.end_distance_um,
            tip: !hangs(number),
        }
    };
    list.iter().enumerate().map(row).collect()
}

/// What a reader repaired or noticed.
#[derive(Serialize)]
struct Warning {
    line: usize,
    text: String,
    /// Whether the cell was changed.
    repair: bool,
}

/// Whether files are morphologies: one has the name of one, or a name that no connectome has and the content of one.
pub(super) fn claims(files: &[PathBuf]) -> bool {
    let extension = |path: &Path| path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    let other = |path: &Path| IMPORTERS.iter().any(|importer| importer.extensions.contains(&extension(path).as_str()));
    let looks = |path: &Path| {
        let mut head = Vec::new();
        let opened = std::fs::File::open(path).and_then(|file| file.take(LOOKED_AT).read_to_end(&mut head));
        opened.is_ok() && Format::of_content(&head).is_some()
    };
    files.iter().any(|file| Format::of_path(file).is_some() || file.is_file() && !other(file) && looks(file))
}

/// Runs the command on morphologies.
pub(super) fn inspect(arguments: &Inspect) -> Result<(), Failure> {
    if arguments.shuffles.is_some() {
        return Err(Failure::message("--shuffles is for connectomes; these files are morphologies"));
    }
    let cable = cable(arguments)?;
    let options = ReadOptions { strict: arguments.strict, scale: arguments.scale.unwrap_or(1.0), ..Default::default() };
    if let Some(folder) = &arguments.out {
        prepare(folder)?;
    }
    let (mut cells, mut errors, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for path in &arguments.files {
        let file = path.display().to_string();
        let measured = read_morphology(path, &options).and_then(|imported| {
            complain(&warnings(&file, &imported.remarks));
            let sections = Sections::of(&imported.morphology, Rules::Neuron)?;
            let measures = Measures::of(&imported.morphology, &sections, cable, None);
            Ok((imported, sections, measures))
        });
        let (imported, sections, measures) = match measured {
            Ok(measured) => measured,
            Err(error) => {
                errors.push(format!("error: {error}"));
                continue;
            }
        };
        let as_warning = |remark: &Remark| Warning { line: remark.line, text: remark.what.to_string(), repair: remark.what.is_repair() };
        let warnings = imported.remarks.iter().map(as_warning).collect();
        let list = if arguments.sections { listed(&sections) } else { Vec::new() };
        let mut cell = Cell { file, warnings, measures, sections: list, written: Vec::new() };
        if let Some(folder) = &arguments.out {
            write(&mut cell, &imported.morphology, &sections, folder, &name(path, &mut names), arguments.theme.into())?;
        }
        cells.push(cell);
    }
    if !cells.is_empty() {
        #[derive(Serialize)]
        struct Cells<'c> {
            cells: &'c [Cell],
        }
        print(&match arguments.json {
            true => serde_json::to_string(&Cells { cells: &cells }).map_err(Failure::message)?,
            false => cells.iter().map(|cell| page::page(cell, arguments.out.as_deref())).collect::<Vec<_>>().join("\n"),
        })?;
    }
    if errors.is_empty() { Ok(()) } else { Err(Failure::Refused(errors)) }
}

/// The name of a cell's files in the folder for results: that of its own, with a number if it is taken.
fn name(path: &Path, names: &mut BTreeSet<String>) -> String {
    let stem = path.file_stem().map_or_else(|| "cell".to_string(), |stem| stem.to_string_lossy().into_owned());
    let mut name = stem.clone();
    let mut number = 2;
    while !names.insert(name.clone()) {
        name = format!("{stem}-{number}");
        number += 1;
    }
    name
}

/// Writes measures and pictures.
fn write(
    cell: &mut Cell,
    morphology: &Morphology,
    sections: &Sections,
    folder: &Path,
    name: &str,
    theme: neuropil_record::Theme,
) -> Result<(), Failure> {
    let json = serde_json::to_string(cell).map_err(Failure::message)?;
    let path = folder.join(format!("{name}.json"));
    std::fs::write(&path, json + "\n").map_err(|error| Failure::message(format!("{}: {error}", path.display())))?;
    let figure = picture::picture(cell, morphology, sections, name, theme).map_err(Failure::message)?;
    figure.write_png(&folder.join(format!("{name}.png"))).map_err(Failure::message)?;
    figure.write_svg(&folder.join(format!("{name}.svg"))).map_err(Failure::message)?;
    cell.written = ["json", "png", "svg"].map(|ending| format!("{name}.{ending}")).to_vec();
    Ok(())
}

/// Remarks as lines, few of each sort: repairs are warnings, the others notes.
fn warnings(file: &str, remarks: &[Remark]) -> Vec<String> {
    let mut counts: HashMap<_, usize> = HashMap::new();
    let mut lines = Vec::new();
    for remark in remarks {
        let count = counts.entry(std::mem::discriminant(&remark.what)).or_default();
        *count += 1;
        if *count <= SHOWN {
            // What is only noticed, `--strict` takes.
            let sort = if remark.what.is_repair() { "warning" } else { "note" };
            lines.push(format!("{sort}: {file}:{remark}"));
        }
    }
    let more: usize = counts.values().map(|count| count.saturating_sub(SHOWN)).sum();
    lines.extend((more > 0).then(|| format!("note: {file}: {more} more of the same sorts")));
    lines
}

/// What electrotonic lengths depend on.
fn cable(arguments: &Inspect) -> Result<CableProperties, Failure> {
    let mut cable = CableProperties::default();
    let length = Dimension::LENGTH;
    // The coherent units are GΩ and µm.
    for (flag, text, dimension, unit, value) in [
        (
            "--axial-resistivity",
            &arguments.axial_resistivity,
            Dimension::RESISTANCE.multiply(length),
            1e5,
            &mut cable.axial_resistivity_ohm_cm,
        ),
        (
            "--membrane-resistance",
            &arguments.membrane_resistance,
            Dimension::RESISTANCE.multiply(length).multiply(length),
            10.0,
            &mut cable.membrane_resistance_ohm_cm2,
        ),
    ] {
        let Some(text) = text else { continue };
        let found = Expression::parse(text).and_then(|expression| expression.quantity(&Scope::new(), dimension));
        *value = unit * found.map_err(|error| Failure::message(format!("{flag} \"{text}\": {error}")))?;
        if *value <= 0.0 || !value.is_finite() {
            return Err(Failure::message(format!("{flag} \"{text}\": expected more than 0")));
        }
    }
    Ok(cable)
}
