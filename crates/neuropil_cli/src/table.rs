//! What a run prints for a person.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use neuropil_experiment::PointResult;
use neuropil_experiment::study::{PointColumns, StudyTable};
use neuropil_record::RunSummary;

/// Length of the longest bar of a histogram, letters.
const BAR: f64 = 40.0;

/// The populations and what they did.
pub fn populations(summary: &RunSummary) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    table.set_header(
        ["population", "size", "rate [Hz]", "CV of ISI", "synchrony"]
            .into_iter()
            .enumerate()
            .map(|(k, title)| Cell::new(title).set_alignment(if k == 0 { CellAlignment::Left } else { CellAlignment::Right })),
    );
    let optional = |value: Option<f64>| value.map_or("–".to_string(), significant);
    for p in &summary.populations {
        table.add_row([
            Cell::new(&p.name),
            right(grouped(p.size)),
            right(significant(p.rate_hz)),
            right(optional(p.cv_isi)),
            right(optional(p.synchrony)),
        ]);
    }
    table.to_string()
}

/// Combinations that are printed; the table in the folder has all.
const MOST_GROUPS: usize = 40;

/// The combinations of a study with the means of its measures over seeds.
pub fn groups(study: &StudyTable, results: &[PointResult]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let columns = study.columns(results);
    let has_seeds = study.seeds.len() > 1;
    let mut header: Vec<Cell> = (!study.arms.is_empty()).then(|| Cell::new("arm")).into_iter().collect();
    header.extend(study.sweep.iter().map(|axis| right(axis.heading.clone())));
    header.extend(has_seeds.then(|| right("seeds".to_string())));
    header.extend(columns.iter().map(|column| right(column.heading.clone())));
    table.set_header(header);
    let groups = study.groups(results);
    for group in groups.iter().take(MOST_GROUPS) {
        let mut row: Vec<Cell> = group.arm.iter().map(Cell::new).collect();
        let value = |(axis, place): (&PointColumns, &usize)| match axis.numbers.as_ref().and_then(|numbers| numbers.get(*place)) {
            Some(number) => format!("{}", (number * 1e9).round() / 1e9),
            None => axis.texts.get(*place).cloned().unwrap_or_default(),
        };
        row.extend(study.sweep.iter().zip(&group.places).map(|pair| right(value(pair))));
        row.extend(has_seeds.then(|| right(group.points.to_string())));
        row.extend(group.measures.iter().map(|(mean, error)| {
            let error = error.map_or(String::new(), |error| format!(" ± {}", significant(error)));
            right(mean.map_or("–".to_string(), |mean| format!("{}{error}", significant(mean))))
        }));
        table.add_row(row);
    }
    let more = groups.len().saturating_sub(MOST_GROUPS);
    if more > 0 { format!("{table}\n … and {} more", grouped(more as u64)) } else { table.to_string() }
}

/// Rows as columns: texts left, all but the first column right-aligned; the first row is the heading.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    for row in rows {
        table.add_row(
            row.iter()
                .enumerate()
                .map(|(column, text)| Cell::new(text).set_alignment(if column == 0 { CellAlignment::Left } else { CellAlignment::Right })),
        );
    }
    table.lines().map(|line| format!("{}\n", line.trim_end().strip_prefix(' ').unwrap_or_default())).collect()
}

/// Counts as bars, in lines of label, count and bar.
pub fn bars(heading: [&str; 2], rows: &[(String, u64)]) -> String {
    let most = rows.iter().map(|row| row.1).max().unwrap_or(0).max(1) as f64;
    let bar = |count: u64| match (BAR * count as f64 / most).round() as usize {
        0 if count > 0 => "▏".to_string(),
        length => "█".repeat(length),
    };
    let lines: Vec<[String; 3]> = std::iter::once([heading[0].to_string(), heading[1].to_string(), String::new()])
        .chain(rows.iter().map(|(label, count)| [label.clone(), grouped(*count), bar(*count)]))
        .collect();
    // Bars begin on the left.
    let wide = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let (label, count) = (wide(0), wide(1));
    lines.iter().map(|line| format!("{:label$}   {:>count$}  {}\n", line[0], line[1], line[2]).replace("  \n", "\n")).collect()
}

/// One line above the table.
pub fn heading(summary: &RunSummary) -> String {
    format!(
        "{}   {} neuron{}   {} synapse{}   seed {}   {} thread{}",
        summary.title,
        grouped(summary.neurons),
        plural(summary.neurons),
        grouped(summary.synapses),
        plural(summary.synapses),
        summary.seed,
        summary.threads,
        plural(summary.threads)
    )
}

/// Time, speed and memory.
pub fn costs(summary: &RunSummary) -> String {
    let events = summary.synaptic_events as f64 / summary.run_s.max(1e-9);
    format!(
        "{} s biological   build {} s   run {} s   {} × real time (factor {})\n{} synaptic events/s   {} bytes a synapse   peak {} MB",
        significant(summary.simulated_s),
        significant(summary.build_s),
        significant(summary.run_s),
        significant(1.0 / summary.real_time_factor),
        significant(summary.real_time_factor),
        scaled(events),
        significant(summary.bytes_per_synapse),
        grouped(summary.peak_rss_bytes / 1_000_000),
    )
}

/// What cells with dendrites paid, beside what is published; empty where charge was not metered.
pub fn energy(summary: &RunSummary) -> String {
    if summary.energy.is_empty() {
        return String::new();
    }
    let heading = ["energy", "ATP a cell and second", "ATP a spike", "ATP a synaptic event", "power of a cell [pW]"];
    let mut rows = vec![heading.map(str::to_string).to_vec()];
    let number = |value: Option<f64>| value.map_or("–".to_string(), |value| format!("{value:.2e}"));
    for bill in &summary.energy {
        rows.push(vec![
            bill.population.clone(),
            number(Some(bill.atp_per_cell_and_second)),
            number(bill.atp_per_spike),
            number(bill.atp_per_synaptic_event),
            significant(bill.watts_per_cell * 1e12),
        ]);
        let costly = bill.mechanisms.iter().filter(|own| own.atp.abs() > 1e-3 * bill.atp.abs());
        for own in costly {
            let share = format!("{} %", significant(100.0 * own.atp / bill.atp));
            rows.push(vec![format!("  {}", own.name), share, String::new(), String::new(), String::new()]);
        }
    }
    format!(
        "{}counted: ions through channels and receptors, 3 sodium or 1 calcium an ATP, 8.3e-20 J an ATP; not counted: release and recycling of transmitter\n\
         published (Attwell and Laughlin 2001): 3.4e8 at rest, 3.8e8 a spike of a rodent's cortical cell, 1.4e5 the ions of one vesicle\n",
        aligned(&rows)
    )
}

/// The ending of a noun that is counted.
pub fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Three significant digits.
pub fn significant(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_string();
    }
    if value == 0.0 {
        return "0".to_string();
    }
    if value.abs() < 1e-4 {
        return format!("{value:.2e}");
    }
    let digits = 2 - value.abs().log10().floor() as i32;
    format!("{value:.*}", digits.max(0) as usize)
}

/// Three significant digits, in groups where they are whole.
pub fn figure(value: f64) -> String {
    if value.abs() < 1e15 && (value.fract() == 0.0 || value.abs() >= 1000.0) {
        let sign = if value < 0.0 && value.round() != 0.0 { "-" } else { "" };
        return format!("{sign}{}", grouped(value.abs().round() as u64));
    }
    if value.abs() >= 1e15 { format!("{value:.2e}") } else { significant(value) }
}

/// A count in groups of three digits.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A large number with a word for its size.
pub fn scaled(value: f64) -> String {
    if value < 1000.0 && value.fract() == 0.0 {
        return format!("{value}");
    }
    let (factor, word) = [(1e9, " G"), (1e6, " M"), (1e3, " k")].into_iter().find(|(f, _)| value >= *f).unwrap_or((1.0, ""));
    format!("{}{word}", significant(value / factor))
}
