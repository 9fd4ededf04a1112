//! Tables and pictures of what came out.

use crate::cells::Kind;
use crate::compartments::{RATE, SHOWN};
use crate::energy;
use crate::perceptron::Perceptron;
use crate::rows::{BRANCHES, ClassRow, Classifier, DENDRITIC_ROW, LINEAR_ROW, Row, SHUFFLED_ROW, SYNAPSES};
use crate::seed::{AXONS, Outcome, Spiking, VOTERS};
use comfy_table::{CellAlignment, Table, presets};
use neuropil::record::{BarSeries, Figure, PlotAxis, PlotOptions, RecordError};
use std::fmt::Write;
use std::path::Path;

/// Mean and standard deviation (of a sample) in percent.
#[derive(Clone, Copy, Default)]
pub struct Percent {
    /// Mean over seeds.
    pub mean: f64,
    /// Not a number for one seed.
    pub deviation: f64,
}

impl Percent {
    /// Of shares.
    pub fn of(outcomes: &[Outcome], share: impl Fn(&Outcome) -> f64) -> Self {
        let values: Vec<f64> = outcomes.iter().map(|outcome| 100.0 * share(outcome)).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self { mean, deviation: (squares / (values.len() as f64 - 1.0)).sqrt() }
    }

    fn text(self) -> String {
        if self.deviation.is_finite() { format!("{:.2} ± {:.2}", self.mean, self.deviation) } else { format!("{:.2}", self.mean) }
    }
}

fn elsewhere(pair: Option<(f64, f64)>) -> String {
    pair.map_or("-".into(), |(mean, deviation)| format!("{mean:.2} ± {deviation:.2}"))
}

/// Parameters and synaptic operations (a weight times a rate, or a branch times its coupling) of a decision.
fn size(kind: &Kind) -> (usize, usize) {
    let plan = kind.plan(1, 0);
    let couplings = if plan.branches.len() > 1 { plan.branches.len() } else { 0 };
    (plan.parameters(), plan.synapses() + couplings)
}

fn class_size(row: &ClassRow) -> (usize, usize) {
    match row.classifier {
        Classifier::Cells(kind) => (10 * size(&kind).0, 10 * size(&kind).1),
        Classifier::Perceptron(hidden) => {
            let parameters = Perceptron::new(hidden, 1).parameters();
            (parameters, parameters - hidden - 10)
        }
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN).set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Everything in words and numbers.
pub fn text(rows: &[Row], class_rows: &[ClassRow], outcomes: &[Outcome]) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    let found: Vec<Percent> = (0..rows.len()).map(|place| Percent::of(outcomes, |outcome| outcome.parity[place])).collect();
    let errors = |percent: Percent| (100.0 - percent.mean) / (100.0 - found[LINEAR_ROW].mean);
    writeln!(
        out,
        "What a dendrite buys: 8 × 8 digits, seven tenths of 1,797 to learn from, the rest to be tested with; seeds: {}; mean ± SD",
        outcomes.len()
    )?;
    writeln!(out, "\nOdd or even, one output cell")?;
    let mut parity = table(&["cell", "parameters", "synaptic operations", "test %", "in NumPy %", "errors over linear"]);
    for (row, percent) in rows.iter().zip(&found) {
        let (parameters, operations) = size(&row.kind);
        parity.add_row([
            row.name.to_string(),
            parameters.to_string(),
            operations.to_string(),
            percent.text(),
            elsewhere(row.elsewhere),
            format!("{:.2}", errors(*percent)),
        ]);
    }
    writeln!(out, "{parity}")?;
    writeln!(
        out,
        "B × K: B branches with K random pixels each. Fixed: couplings of branches are not learned; w ≥ 0: synapses only excite, thresholds inhibit."
    )?;
    writeln!(
        out,
        "In NumPy: an independent program with the same design, 10 seeds, own splits. It does not say how large its fixed couplings were; its numbers stand"
    )?;
    writeln!(out, "beside 1 and ±1. Shuffled answers: 50 % is chance. The literature has no number for one cell on this task.")?;

    writeln!(out, "\nWhich digit, a cell a digit, the surest is taken at its word")?;
    let mut classes = table(&["cells", "parameters", "synaptic operations", "test %", "in NumPy %"]);
    for (place, row) in class_rows.iter().enumerate() {
        let (parameters, operations) = class_size(row);
        let percent = Percent::of(outcomes, |outcome| outcome.classes[place]);
        classes.add_row([
            row.name.to_string(),
            parameters.to_string(),
            operations.to_string(),
            percent.text(),
            elsewhere(Some(row.elsewhere)),
        ]);
    }
    writeln!(out, "{classes}")?;
    writeln!(
        out,
        "Lines part ten digits well enough: here branches buy nothing. On MNIST, another set, networks of dendritic units with random inputs reach 98.09 %,"
    )?;
    writeln!(out, "dense ones 98.03 %, with more parameters (Chavlis and Poirazi 2025, doi:10.1038/s41467-025-56297-9).")?;

    writeln!(out, "\nMajority of cells with different masks, odd or even")?;
    let mut votes = table(&["cells", "dendritic, test %", "linear branches, same masks, test %"]);
    for (place, voters) in VOTERS.iter().enumerate() {
        let [dendritic, linear] =
            [Percent::of(outcomes, |outcome| outcome.dendritic_vote[place]), Percent::of(outcomes, |outcome| outcome.linear_vote[place])];
        votes.add_row([voters.to_string(), dendritic.text(), linear.text()]);
    }
    writeln!(out, "{votes}")?;

    writeln!(
        out,
        "\nThe trained cell of 16 × 16 as compartments: AMPA, NMDA and GABA-A receptors, {SHOWN} ms an image, depolarisation of the soma decides"
    )?;
    let mut stages = table(&["rates of pixels", "linear cell, test %", "dendritic cell, test %", "its compartments, test %"]);
    for (name, of_stage) in stages_of(outcomes, &found) {
        let [linear, dendritic, compartments] = of_stage.map(Percent::text);
        stages.add_row([name, linear, dendritic, compartments]);
    }
    writeln!(out, "{stages}")?;
    writeln!(
        out,
        "With axons: a pixel that is fully on has axons of {RATE} Hz each. Compartments get their spikes; cells of rates, as they were trained, are told how many"
    )?;
    writeln!(
        out,
        "there were in {SHOWN} ms, which is the same noise without a membrane. Without noise, conductances of compartments are at their means."
    )?;

    writeln!(out, "\nEnergy of a decision, odd or even")?;
    energies(&mut out, rows, outcomes)?;
    Ok(out)
}

/// What the second stage compares: linear cell, dendritic cell, compartments.
fn stages_of(outcomes: &[Outcome], found: &[Percent]) -> Vec<(String, [Percent; 3])> {
    let quiet = [found[LINEAR_ROW], found[DENDRITIC_ROW], Percent::of(outcomes, |outcome| outcome.conductances)];
    let noisy = AXONS.iter().enumerate().map(|(place, axons)| {
        let name = if *axons == 1.0 { "1 axon a pixel".to_string() } else { format!("{axons} axons a pixel") };
        let of = |share: fn(&Spiking) -> f64| Percent::of(outcomes, |outcome| share(&outcome.spiking[place]));
        (name, [of(|found| found.linear_told), of(|found| found.dendritic_told), of(|found| found.compartments)])
    });
    std::iter::once(("without noise".to_string(), quiet)).chain(noisy).collect()
}

fn energies(out: &mut String, rows: &[Row], outcomes: &[Outcome]) -> std::fmt::Result {
    let arriving = outcomes.iter().map(|outcome| outcome.arriving).sum::<f64>() / outcomes.len() as f64;
    let [vesicles, spikes, rest] = energy::cell(arriving, SHOWN / 1000.0);
    let joule = |atp: f64| 1e9 * atp * energy::ATP;
    writeln!(
        out,
        "Brain, by published budgets: {arriving:.0} spikes arrive at {} synapses in {SHOWN} ms, one axon a pixel; {} of them release a vesicle of {:.2e} ATP;",
        BRANCHES * SYNAPSES,
        energy::RELEASE,
        energy::VESICLE
    )?;
    writeln!(
        out,
        "{} spikes of {:.2e} ATP (κ = 4) tell the answer on; rest with glia {:.2e} ATP/s. {:.2e} + {:.2e} + {:.2e} ATP = {:.4} + {:.4} + {:.4} = {:.3} nJ.",
        energy::SPIKES,
        energy::SPIKE,
        energy::REST,
        vesicles,
        spikes,
        rest,
        joule(vesicles),
        joule(spikes),
        joule(rest),
        joule(vesicles + spikes + rest)
    )?;
    writeln!(
        out,
        "Left out: spikes of the cells before it, which would cost most; what inhibition costs beside excitation; the background of the compartments."
    )?;
    writeln!(
        out,
        "Release probability and output spikes are assumptions; 50 kJ/mol of ATP. Attwell and Laughlin 2001, doi:10.1097/00004647-200110000-00001."
    )?;
    writeln!(out, "\nChip, 45 nm, 0.9 V, 32-bit floats: 4.6 pJ a multiplication and addition, 5 pJ a parameter read from static memory")?;
    let mut chip = table(&["", "arithmetic, nJ", "with memory, nJ"]);
    for row in rows.iter().filter(|row| !row.shuffled && row.elsewhere.is_some()).take(9) {
        let (parameters, operations) = size(&row.kind);
        let [arithmetic, memory] = energy::chip(operations, parameters);
        chip.add_row([row.name.to_string(), format!("{:.2}", 1e9 * arithmetic), format!("{:.2}", 1e9 * (arithmetic + memory))]);
    }
    writeln!(out, "{chip}")?;
    writeln!(
        out,
        "Left out: sigmoids, control, moving images. Horowitz 2014, doi:10.1109/ISSCC.2014.6757323. A vesicle is not a multiplication: the two sums answer"
    )?;
    writeln!(out, "different questions and are no race.")
}

/// Draws the test accuracies into a folder that exists.
pub fn draw(rows: &[Row], class_rows: &[ClassRow], outcomes: &[Outcome], folder: &Path) -> Result<(), RecordError> {
    let found: Vec<Percent> = (0..rows.len()).map(|place| Percent::of(outcomes, |outcome| outcome.parity[place])).collect();
    let numpy = |pairs: Vec<Option<(f64, f64)>>| {
        let series =
            BarSeries::new("an independent NumPy program", pairs.iter().map(|pair| pair.map_or(f64::NAN, |pair| pair.0)).collect());
        series.with_errors(pairs.iter().map(|pair| pair.map_or(0.0, |pair| pair.1)).collect())
    };
    let bars = |name: &str, values: &[Percent]| {
        BarSeries::new(name, values.iter().map(|value| value.mean).collect())
            .with_errors(values.iter().map(|value| value.deviation).collect())
    };
    let picture = |file: &str, title: &str, names: &[String], series: &[BarSeries], references: &[BarSeries], low: f64| {
        let axis = PlotAxis::linear("test images told rightly (%)").within(low, 100.0);
        let figure = Figure::bars(names, series, references, &axis, &PlotOptions { title: title.into(), ..Default::default() })?;
        figure.write_png(&folder.join(format!("{file}.png")))?;
        figure.write_svg(&folder.join(format!("{file}.svg")))
    };
    // From chance on.
    let names: Vec<String> = rows.iter().map(|row| row.name.to_string()).collect();
    let here = bars("here, mean ± SD over seeds", &found);
    picture("parity", "Odd or even: one cell", &names, &[here], &[numpy(rows.iter().map(|row| row.elsewhere).collect())], 50.0)?;
    let names: Vec<String> = class_rows.iter().map(|row| row.name.to_string()).collect();
    let classes: Vec<Percent> = (0..class_rows.len()).map(|place| Percent::of(outcomes, |outcome| outcome.classes[place])).collect();
    let here = bars("here, mean ± SD over seeds", &classes);
    picture(
        "ten_digits",
        "Which digit: a cell a digit",
        &names,
        &[here],
        &[numpy(class_rows.iter().map(|row| Some(row.elsewhere)).collect())],
        10.0,
    )?;
    let (names, stages): (Vec<String>, Vec<[Percent; 3]>) = stages_of(outcomes, &found).into_iter().unzip();
    let series: Vec<BarSeries> = ["linear cell", "dendritic cell, rates", "the same cell, compartments and spikes"]
        .iter()
        .enumerate()
        .map(|(k, name)| bars(name, &stages.iter().map(|stage| stage[k]).collect::<Vec<_>>()))
        .collect();
    picture("compartments", "Odd or even: the trained cell as compartments", &names, &series, &[], 50.0)?;
    let names: Vec<String> = VOTERS.iter().map(|voters| format!("{voters} {}", if *voters == 1 { "cell" } else { "cells" })).collect();
    let of = |vote: fn(&Outcome) -> &Vec<f64>| {
        (0..VOTERS.len()).map(|place| Percent::of(outcomes, |outcome| vote(outcome)[place])).collect::<Vec<_>>()
    };
    let series = [
        bars("dendritic", &of(|outcome| &outcome.dendritic_vote)),
        bars("linear branches, same masks", &of(|outcome| &outcome.linear_vote)),
    ];
    picture("majority", "Odd or even: majority of cells with different masks", &names, &series, &[], 50.0)
}

/// One line on whether what should come out did.
pub fn verdict(outcomes: &[Outcome]) -> String {
    let errors = |place: usize| 100.0 - Percent::of(outcomes, |outcome| outcome.parity[place]).mean;
    let shuffled = 100.0 - errors(SHUFFLED_ROW);
    let (linear, dendritic) = (errors(LINEAR_ROW), errors(DENDRITIC_ROW));
    format!(
        "One dendritic cell makes {dendritic:.2} % errors where a linear one makes {linear:.2} %; taught shuffled answers it is right in {shuffled:.2} %."
    )
}
