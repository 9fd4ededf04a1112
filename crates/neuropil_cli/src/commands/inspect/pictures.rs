//! The pictures that `neuropil inspect --out` draws.

use super::Inspection;
use crate::output::Failure;
use neuropil_connectome::measures::{ClassMatrix, Wiring, positions};
use neuropil_connectome::{Column, Connectome};
use neuropil_record::{ColourScale, Distribution, DistributionForm, Figure, HeatMap, PlotOptions, RecordError, Scatter, Theme};
use std::path::Path;

/// Draws what there is to draw, as PNG and SVG, and returns the names of the files.
pub(super) fn draw(connectome: &Connectome, inspection: &Inspection, folder: &Path, theme: Theme) -> Result<Vec<String>, Failure> {
    let mut written = Vec::new();
    let mut write = |name: &str, figure: Result<Figure, RecordError>| {
        let figure = match figure {
            // An empty graph has no degrees to show.
            Err(RecordError::NothingToPlot { .. }) => return Ok(()),
            figure => figure.map_err(Failure::message)?,
        };
        for ending in ["png", "svg"] {
            let file = format!("{name}.{ending}");
            let path = folder.join(&file);
            if ending == "png" { figure.write_png(&path) } else { figure.write_svg(&path) }.map_err(Failure::message)?;
            written.push(file);
        }
        Ok(())
    };
    let options = |what: &str| PlotOptions { title: format!("{}: {what}", inspection.title), theme, ..Default::default() };
    write("degrees", degrees(connectome, &options("degrees")))?;
    if let Some(matrix) = &inspection.measures.class_matrix {
        write("classes", classes(matrix, &options("connections between classes")))?;
    }
    if let Some(positions) = positions(connectome) {
        write("layout", layout(connectome, positions, &options("positions")))?;
    }
    Ok(written)
}

fn degrees(connectome: &Connectome, options: &PlotOptions) -> Result<Figure, RecordError> {
    let wiring = Wiring::of(connectome);
    // Where all edges go both ways the three are one.
    let mut all: Vec<(String, &[u32])> = Vec::new();
    for (name, degrees) in [("in-degree", wiring.in_degrees()), ("out-degree", wiring.out_degrees()), ("partners", wiring.partners())] {
        match all.iter_mut().find(|(_, others)| *others == degrees) {
            Some((names, _)) => *names += &format!(" = {name}"),
            None => all.push((name.to_string(), degrees)),
        }
    }
    let distribution = |(name, degrees): (String, &[u32])| Distribution { name, values: degrees.iter().map(|d| f64::from(*d)).collect() };
    let all: Vec<Distribution> = all.into_iter().map(distribution).collect();
    Figure::distributions(&all, "connections of a node", DistributionForm::CumulativeAbove, options)
}

fn classes(matrix: &ClassMatrix, options: &PlotOptions) -> Result<Figure, RecordError> {
    // A class that nothing connects is shown as empty.
    let values = matrix.mean.iter().flatten().map(|mean| mean.filter(|mean| *mean != 0.0).unwrap_or(f64::NAN)).collect();
    // With many classes there is room for names only.
    let label = |(name, nodes): (&String, &u64)| if matrix.names.len() > 12 { name.clone() } else { format!("{name} ({nodes})") };
    let labels: Vec<String> = matrix.names.iter().zip(&matrix.nodes).map(label).collect();
    let map = HeatMap {
        columns: matrix.names.len(),
        values,
        row_labels: labels.clone(),
        column_labels: labels,
        row_axis: format!("from {}", matrix.column),
        column_axis: format!("to {}", matrix.column),
        measure: if matrix.measure == "edges" {
            "edges a pair of nodes".to_string()
        } else {
            format!("mean {} a pair of nodes", matrix.measure)
        },
        scale: ColourScale::Logarithmic,
        ..HeatMap::default()
    };
    Figure::heat_map(&map, options)
}

/// Nodes in space; their areas grow with their partners, their colours are classes.
fn layout(connectome: &Connectome, positions: Vec<[f64; 3]>, options: &PlotOptions) -> Result<Figure, RecordError> {
    let wiring = Wiring::of(connectome);
    // The colours of a few classes can be told apart.
    let few =
        |name: &&str| matches!(connectome.nodes().columns.get(*name), Some(Column::Text(column)) if (2..=8).contains(&column.names.len()));
    let by = ["class", "region", "type", "transmitter", "side"].into_iter().find(|name| few(name));
    let (mut classes, mut class_names) = (Vec::new(), Vec::new());
    if let Some(Column::Text(column)) = by.and_then(|name| connectome.nodes().columns.get(name)) {
        let none = column.names.len();
        classes = column.codes.iter().map(|code| (*code as usize).min(none)).collect();
        class_names = column.names.iter().map(|name| name.to_string()).collect();
        class_names.extend(classes.contains(&none).then(|| "none".to_string()));
    }
    let sizes = wiring.partners().iter().map(|partners| f64::from(*partners)).collect();
    // Of a whole brain, numbers in millimetres are shorter.
    let far = positions.iter().flatten().filter(|value| value.is_finite()).any(|value| value.abs() >= 20_000.0);
    let (unit, scale) = if far { ("mm", 1e-3) } else { ("µm", 1.0) };
    let positions = positions.into_iter().map(|position| position.map(|value| value * scale)).collect();
    Figure::scatter(&Scatter { positions, classes, class_names, sizes, unit: unit.to_string() }, options)
}
