//! The page that `neuropil inspect` prints.

use super::Inspection;
use crate::table::{aligned, bars, figure, grouped, plural, significant};
use neuropil_connectome::measures::{ClassMatrix, Compared, Comparison, Hub, Hubs, Measures, Mix, Parts, Spread};
use std::path::Path;

/// Texts of a column that are listed.
const LISTED: usize = 8;

/// The page.
pub(super) fn page(inspection: &Inspection, folder: Option<&Path>) -> String {
    let measures = &inspection.measures;
    let kinds: Vec<String> = measures.kinds.iter().map(|kind| format!("{} {}", grouped(kind.edges), kind.kind.name())).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let (nodes, edges) = (measures.nodes, measures.edges);
    let size = format!("{} node{}   {} edge{}{kinds}", grouped(nodes), plural(nodes), grouped(edges), plural(edges));
    let sections = [
        format!("{}\n{size}\n", inspection.title),
        edges_by_kind(measures),
        spreads(measures),
        connectedness(measures),
        measures.comparison.as_ref().map(comparison).unwrap_or_default(),
        measures.comparison.as_ref().map(rich_club).unwrap_or_default(),
        hubs(&measures.hubs),
        mixes(measures),
        measures.class_matrix.as_ref().map(strongest).unwrap_or_default(),
        space(measures),
        notes(inspection, folder),
    ];
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

fn optional(value: Option<f64>) -> String {
    value.map_or("–".to_string(), figure)
}

fn percent(fraction: f64) -> String {
    format!("{} %", significant(100.0 * fraction))
}

fn edges_by_kind(measures: &Measures) -> String {
    if measures.kinds.is_empty() {
        return String::new();
    }
    let mut rows = vec![["edges", "number", "autapses", "repeated"].map(str::to_string).to_vec()];
    for kind in &measures.kinds {
        rows.push(vec![kind.kind.name().to_string(), grouped(kind.edges), grouped(kind.autapses), grouped(kind.repeated)]);
    }
    let density = measures.density.map(|density| format!(", {} of all that could be", percent(density))).unwrap_or_default();
    format!(
        "{}Below, arcs are the {} ordered pairs of different nodes that chemical edges or tracts join{density};\n\
         partners are joined by an edge of any kind, {} pairs. Autapses are left out.\n",
        aligned(&rows),
        grouped(measures.arcs),
        grouped(measures.pairs),
    )
}

fn spreads(measures: &Measures) -> String {
    let mut rows =
        vec![["spread of", "total", "mean", "min", "25 %", "median", "75 %", "90 %", "99 %", "max"].map(str::to_string).to_vec()];
    let mut add = |name: String, s: &Spread| {
        let figures = [s.total, s.mean, s.min, s.percentile_25, s.median, s.percentile_75, s.percentile_90, s.percentile_99, s.max];
        rows.push(std::iter::once(name).chain(figures.map(figure)).collect());
    };
    if let Some(degrees) = &measures.degrees {
        add("in-degree (arcs that reach a node)".to_string(), &degrees.in_degree);
        add("out-degree (arcs that leave a node)".to_string(), &degrees.out_degree);
        add("partners of a node".to_string(), &degrees.partners);
    }
    for kind in &measures.kinds {
        for (name, spread) in &kind.numbers {
            let unit = match name.as_str() {
                "length" => " (µm)",
                "delay" => " (ms)",
                _ => "",
            };
            let missing = if spread.missing > 0 { format!(", {} missing", grouped(spread.missing)) } else { String::new() };
            add(format!("{name}{unit} of a {} edge{missing}", kind.kind.name()).replace("a electrical", "an electrical"), spread);
        }
    }
    if rows.len() == 1 {
        return String::new();
    }
    let histogram = measures.degrees.as_ref().map(|degrees| histogram(&degrees.partners)).unwrap_or_default();
    format!("{}\n{histogram}", aligned(&rows))
}

/// Nodes by number of partners, as bars.
fn histogram(partners: &Spread) -> String {
    let label = |low: f64, high: f64| if high - low <= 1.0 { figure(low) } else { format!("{} to {}", figure(low), figure(high - 1.0)) };
    let rows: Vec<(String, u64)> = partners.bins.iter().map(|bin| (label(bin.low.unwrap_or(0.0), bin.high), bin.values)).collect();
    bars(["partners", "nodes"], &rows)
}

fn connectedness(measures: &Measures) -> String {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: String, beside: String| rows.push([name.to_string(), value, beside]);
    let parts = |parts: &Parts| {
        let single = if parts.single_nodes > 0 { format!("; {} of one node", grouped(parts.single_nodes)) } else { String::new() };
        let share = percent(parts.largest as f64 / measures.nodes.max(1) as f64);
        (grouped(parts.number), format!("largest {} node{}, {share}{single}", grouped(parts.largest), plural(parts.largest)))
    };
    if measures.nodes > 0 {
        let (number, largest) = parts(&measures.components.weak);
        add("connected parts", number, largest);
        let (number, largest) = parts(&measures.components.strong);
        add("strongly connected parts, along arcs", number, largest);
    }
    if let Some(strong) = &measures.components.strong_with_electrical {
        let (number, largest) = parts(strong);
        add("strongly connected parts, arcs and electrical", number, largest);
    }
    if let Some(r) = &measures.reciprocity {
        let pairs = format!("{} mutual pairs, {} one-way", grouped(r.mutual_pairs), grouped(r.one_way_pairs));
        add(
            "reciprocity: arcs that are answered",
            figure(r.reciprocity),
            format!("random graph of this size {}; {pairs}", figure(r.expected)),
        );
    }
    if let Some(c) = &measures.clustering {
        let expected = format!("random graph of this size {}; {} triangles", optional(c.expected), grouped(c.triangles));
        add("transitivity: partners of a node that are partners", optional(c.transitivity), expected);
        add("mean local clustering", optional(c.mean_local), "Watts and Strogatz 1998".to_string());
        if c.mean_local_directed.is_some() {
            add("mean local clustering along arcs", optional(c.mean_local_directed), "Fagiolo 2007".to_string());
        }
    }
    if let Some(cores) = &measures.cores {
        let nodes = format!("{} nodes that all have {} partners among themselves", grouped(cores.innermost_nodes), cores.innermost);
        add("innermost core", cores.innermost.to_string(), nodes);
    }
    let wide = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (name, value) = (wide(0), wide(1));
    rows.iter().map(|row| format!("{:name$}   {:>value$}   {}\n", row[0], row[1], row[2])).collect()
}

fn beside(compared: &Compared) -> [String; 4] {
    let z = compared.z.map_or("–".to_string(), |z| if z.abs() < 1000.0 { format!("{z:+.1}") } else { format!("{z:+.0}") });
    [figure(compared.observed), optional(compared.shuffled_mean), optional(compared.shuffled_sd), z]
}

fn comparison(comparison: &Comparison) -> String {
    let shuffled = comparison.switched.is_some_and(|switched| switched > 0.0);
    let mut rows = vec![["", "here", "shuffled", "sd", "z"].map(str::to_string).to_vec()];
    let mut add = |name: String, compared: &Compared| rows.push(std::iter::once(name).chain(beside(compared)).collect());
    add("reciprocity".to_string(), &comparison.reciprocity);
    if let Some(transitivity) = &comparison.transitivity {
        add("transitivity, pairs with arcs only".to_string(), transitivity);
    }
    for motif in comparison.motifs.iter().flatten() {
        add(format!("triad {:4}  {}", motif.name, motif.wiring), &motif.count);
    }
    let about = match shuffled {
        true => format!(
            "against {} shuffled graph{} (seed {}): same in- and out-degrees, arcs switched at random, {} attempts an arc;\n\
             z is the difference in standard deviations (sd) over the shuffles\n",
            comparison.shuffles,
            plural(comparison.shuffles.into()),
            comparison.seed,
            comparison.attempts_per_arc
        ),
        false => "not compared with shuffled graphs\n".to_string(),
    };
    format!("{about}{}", aligned(&rows))
}

/// Up to seven degrees, spread over those that were looked at.
fn rich_club(comparison: &Comparison) -> String {
    let all = &comparison.rich_club;
    if all.is_empty() {
        return String::new();
    }
    let mut shown: Vec<usize> = (0..7).map(|k| k * (all.len() - 1) / 6).collect();
    shown.dedup();
    let mut rows =
        vec![["rich club: nodes of degree above", "nodes", "arcs among them", "shuffled", "ratio", "z"].map(str::to_string).to_vec()];
    for club in shown.into_iter().filter_map(|k| all.get(k)) {
        let [here, mean, _, z] = beside(&club.coefficient);
        rows.push(vec![club.degree.to_string(), grouped(club.nodes), here, mean, optional(club.normalised), z]);
    }
    format!(
        "{}degree is in-degree plus out-degree; arcs as a fraction of all that could be; a ratio above 1 is a rich club\n",
        aligned(&rows)
    )
}

fn hubs(hubs: &Hubs) -> String {
    if hubs.partners.is_empty() {
        return String::new();
    }
    let counted = hubs.partners.iter().any(|hub| hub.in_count.is_some());
    let mut heading = vec!["hubs", "class", "type", "partners", "in-degree", "out-degree"];
    heading.extend(counted.then_some(["count in", "count out"]).into_iter().flatten());
    let mut rows = vec![heading.into_iter().map(str::to_string).collect::<Vec<_>>()];
    for hub in &hubs.partners {
        let degrees = [hub.partners, hub.in_degree, hub.out_degree].map(|degree| grouped(degree.into()));
        let counts = counted.then(|| [hub.in_count, hub.out_count].map(optional)).into_iter().flatten();
        let names = [Some(&hub.name), hub.class.as_ref(), hub.node_type.as_ref()].map(|name| name.cloned().unwrap_or_default());
        rows.push(names.into_iter().chain(degrees).chain(counts).collect());
    }
    let list = |hubs: &[Hub], degree: fn(&Hub) -> u32| {
        hubs.iter().map(|hub| format!("{} {}", hub.name, grouped(degree(hub).into()))).collect::<Vec<_>>().join(", ")
    };
    let mut text = aligned(&rows);
    if !hubs.inward.is_empty() {
        text += &format!("most arcs in    {}\n", list(&hubs.inward, |hub| hub.in_degree));
        text += &format!("most arcs out   {}\n", list(&hubs.outward, |hub| hub.out_degree));
    }
    text
}

fn mixes(measures: &Measures) -> String {
    let line = |of: &str, mix: &Mix| {
        let mut texts: Vec<String> = mix.texts.iter().take(LISTED).map(|(text, count)| format!("{text} {}", grouped(*count))).collect();
        if mix.texts.len() > LISTED {
            let rest: u64 = mix.texts.iter().skip(LISTED).map(|(_, count)| count).sum();
            texts.push(format!("{} others {}", mix.texts.len() - LISTED, grouped(rest)));
        }
        if mix.missing > 0 {
            texts.push(format!("without {}", grouped(mix.missing)));
        }
        (format!("{of} by {}", mix.column), texts.join(", "))
    };
    let nodes = measures.node_mixes.iter().map(|mix| line("nodes", mix));
    let lines: Vec<(String, String)> = nodes.chain(measures.edge_transmitters.iter().map(|mix| line("edges", mix))).collect();
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    lines.iter().map(|(name, texts)| format!("{name:width$}   {texts}\n")).collect()
}

/// The strongest connections between classes.
fn strongest(matrix: &ClassMatrix) -> String {
    let mut cells = Vec::new();
    for (from, row) in matrix.mean.iter().enumerate() {
        cells.extend(row.iter().enumerate().filter_map(|(to, mean)| Some((mean.filter(|mean| *mean != 0.0)?, from, to))));
    }
    cells.sort_by(|a, b| b.0.total_cmp(&a.0));
    if cells.is_empty() {
        return String::new();
    }
    let unit = if matrix.measure == "edges" { "edges".to_string() } else { format!("mean {}", matrix.measure) };
    let mut rows =
        vec![vec![format!("strongest connections by {}", matrix.column), format!("{unit} a pair of nodes"), "edges".to_string()]];
    for (mean, from, to) in cells.into_iter().take(LISTED) {
        rows.push(vec![format!("{} → {}", matrix.names[from], matrix.names[to]), figure(mean), grouped(matrix.edges[from][to])]);
    }
    aligned(&rows)
}

fn space(measures: &Measures) -> String {
    let Some(space) = &measures.space else { return String::new() };
    let axes = ["x", "y", "z"].iter().zip(&space.extent_um);
    let axes: Vec<String> = axes.map(|(axis, e)| format!("{axis} {} to {} µm", figure(e.min), figure(e.max))).collect();
    format!("positions of {} node{}: {}\n", grouped(space.placed), plural(space.placed), axes.join(", "))
}

fn notes(inspection: &Inspection, folder: Option<&Path>) -> String {
    let left_out = inspection.measures.left_out.iter().map(|what| format!("left out: {what}\n"));
    let notices = inspection.notices.iter().map(|notice| format!("note: {notice}\n"));
    let written = folder.map(|folder| format!("written to {}: {}\n", folder.display(), inspection.written.join("  ")));
    left_out.chain(notices).chain(written).collect()
}
