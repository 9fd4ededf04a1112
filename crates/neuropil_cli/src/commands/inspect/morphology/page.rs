//! The page that `neuropil inspect` prints about a cell.

use super::Cell;
use crate::table::{aligned, bars, figure, grouped, plural};
use neuropil_morphology::measures::{Measures, OfKind};
use std::path::Path;

/// Spheres of Sholl's profile and branch orders that are listed.
const LISTED: usize = 40;

/// The page.
pub(super) fn page(cell: &Cell, folder: Option<&Path>) -> String {
    let measures = &cell.measures;
    let (samples, sections) = (measures.samples as u64, measures.kinds.iter().map(|of| of.sections).sum::<usize>() as u64);
    let extent: Vec<String> = measures.extent_um.iter().map(|extent| figure(*extent)).collect();
    let soma = match measures.soma_area_um2 {
        Some(area) => format!("soma {} µm² ({})", figure(area), measures.soma_form),
        None => "no soma".to_string(),
    };
    let size = format!(
        "{} sample{}   {} section{}   {soma}   extent {} µm",
        grouped(samples),
        plural(samples),
        grouped(sections),
        plural(sections),
        extent.join(" × ")
    );
    let parts =
        [format!("{}\n{size}\n", cell.file), kinds(measures), orders(measures), sholl(measures), sections_of(cell), notes(cell, folder)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn kinds(measures: &Measures) -> String {
    let heading = [
        "kind",
        "samples",
        "sections",
        "stems",
        "tips",
        "length [µm]",
        "area [µm²]",
        "volume [µm³]",
        "diameter [µm]",
        "order",
        "longest way [µm]",
        "[λ]",
    ];
    let mut rows = vec![heading.map(str::to_string).to_vec()];
    let row = |of: &OfKind| {
        let counts = [of.samples, of.sections, of.stems, of.tips].map(|count| grouped(count as u64));
        let sizes = [of.length_um, of.area_um2, of.volume_um3, of.mean_diameter_um].map(figure);
        let neurite = of.name != "soma";
        let ways = [of.highest_order.to_string(), figure(of.longest_path_um), figure(of.longest_electrotonic)];
        let ways = ways.map(|way| if neurite { way } else { String::new() });
        std::iter::once(of.name.clone()).chain(counts).chain(sizes).chain(ways).collect::<Vec<_>>()
    };
    rows.extend(measures.kinds.iter().map(row));
    if measures.kinds.iter().filter(|of| of.name != "soma").count() > 1 {
        rows.push(row(&measures.neurites));
    }
    let mean = measures.mean_electrotonic.map(|mean| format!("; mean over all tips {}", figure(mean))).unwrap_or_default();
    format!(
        "{}ways lead from the middle of the soma along sections; λ is the space constant for steady currents, with an axial resistivity of {} Ω·cm and a membrane\n\
         resistance of {} Ω·cm² (--axial-resistivity, --membrane-resistance){mean}\n",
        aligned(&rows),
        figure(measures.cable.axial_resistivity_ohm_cm),
        figure(measures.cable.membrane_resistance_ohm_cm2),
    )
}

fn orders(measures: &Measures) -> String {
    if measures.orders.is_empty() {
        return String::new();
    }
    let label = |order: u32| {
        let last = order as usize == neuropil_morphology::measures::MOST_ORDERS;
        format!("{order}{}", if last { " and above" } else { "" })
    };
    let rows: Vec<(String, u64)> = measures.orders.iter().take(LISTED).map(|of| (label(of.order), of.sections as u64)).collect();
    bars(["branch order", "sections"], &rows) + &more(measures.orders.len())
}

fn sholl(measures: &Measures) -> String {
    let sholl = &measures.sholl;
    if sholl.crossings.is_empty() {
        return String::new();
    }
    let rows: Vec<(String, u64)> =
        sholl.crossings.iter().take(LISTED).enumerate().map(|(at, count)| (figure((at + 1) as f64 * sholl.step_um), *count)).collect();
    bars(["distance [µm]", "crossings (Sholl)"], &rows) + &more(sholl.crossings.len())
}

fn sections_of(cell: &Cell) -> String {
    if cell.sections.is_empty() {
        return String::new();
    }
    let heading = ["section", "type", "order", "on", "length [µm]", "diameter [µm]", "from [µm]", "to [µm]", ""];
    let mut rows = vec![heading.map(str::to_string).to_vec()];
    rows.extend(cell.sections.iter().map(|section| {
        let on = section.on.map_or_else(String::new, |on| on.to_string());
        let sizes = [section.length_um, section.diameter_um, section.from_um, section.to_um].map(figure);
        let tip = if section.tip { "tip" } else { "" };
        let first = [section.section.to_string(), section.r#type.clone(), section.branch_order.to_string(), on];
        first.into_iter().chain(sizes).chain([tip.to_string()]).collect()
    }));
    aligned(&rows)
}

fn more(length: usize) -> String {
    if length > LISTED { format!("… and {} more\n", length - LISTED) } else { String::new() }
}

fn notes(cell: &Cell, folder: Option<&Path>) -> String {
    folder.map(|folder| format!("written to {}: {}\n", folder.display(), cell.written.join("  "))).unwrap_or_default()
}
