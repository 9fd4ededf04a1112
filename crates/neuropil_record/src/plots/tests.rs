//! Figures of recordings: rasters, traces and distributions of spikes; those of any data in `general`.

mod general;

use super::*;
use crate::{Population, SpikeTable, TraceTable, TraceVariable};
use proptest::prelude::*;

/// Names and sizes a tenth of those of Potjans & Diesmann (2014), each neuron at about its published rate.
fn microcircuit(steps: u64) -> SpikeTable {
    let layers = [
        ("L23E", 2068, 0.9),
        ("L23I", 583, 2.9),
        ("L4E", 2191, 4.5),
        ("L4I", 547, 5.9),
        ("L5E", 485, 7.6),
        ("L5I", 106, 8.6),
        ("L6E", 1439, 1.1),
        ("L6I", 294, 7.8),
    ];
    let mut first = 0;
    let mut populations = Vec::new();
    for (name, size, _) in layers {
        populations.push(Population::new(name, first, size));
        first += size;
    }
    let mut table = SpikeTable::new(&populations, 0.1).unwrap();
    let mut state = 3u64;
    for step in 0..steps {
        let wave = 1.0 + 0.7 * (step as f64 / 170.0).sin();
        let mut spikes = Vec::new();
        for (population, (_, _, rate)) in populations.iter().zip(layers) {
            spikes.extend((population.first..population.first + population.size).filter(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let bits = (state ^ (state >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd) >> 11;
                (bits as f64 / (1u64 << 53) as f64) < rate * wave * 1e-4
            }));
        }
        table.push(step, &spikes);
    }
    table
}

fn potentials(neurons: u32) -> TraceTable {
    let variables = vec![TraceVariable::new("membrane_potential", "mV"), TraceVariable::new("adaptation_current", "pA")];
    let mut table = TraceTable::new(variables, (0..neurons).map(|neuron| 10 * neuron + 3).collect(), 0.1).unwrap();
    for step in 0..5_000u64 {
        let phase = |neuron: u32| (step as f64 / 10.0 / f64::from(12 + 5 * neuron)).fract();
        let potential = |neuron: u32| if phase(neuron) > 0.985 { 20.0 } else { -68.0 + 18.0 * phase(neuron).powf(0.7) };
        let current = |neuron: u32| 80.0 * (1.0 - phase(neuron)) * (1.0 - (-(step as f64) / 900.0).exp());
        let values: Vec<f64> = (0..neurons).map(potential).chain((0..neurons).map(current)).collect();
        table.push(step, &values).unwrap();
    }
    table
}

fn options(title: &str, theme: Theme) -> PlotOptions {
    PlotOptions { title: title.to_owned(), theme, ..PlotOptions::default() }
}

/// The path data of a series in an SVG.
fn series<'a>(svg: &'a str, name: &str) -> &'a str {
    let line = svg.lines().find(|line| line.contains(&format!("<title>{name}</title>"))).unwrap_or_else(|| panic!("no series {name}"));
    line.split(" d=\"").nth(1).unwrap().split('"').next().unwrap()
}

#[test]
fn a_raster_shows_each_population_in_proportion() {
    let table = microcircuit(5_000);
    let figure = Figure::raster(&table, &options("Cortical microcircuit", Theme::Light)).unwrap();
    let svg = figure.svg();
    for text in ["Cortical microcircuit", "L23E", "L6I", "time (ms)", "rate (Hz)", "mean rate (Hz)", "of 7,713 neurons shown"] {
        assert!(svg.contains(text), "{text}");
    }
    let dots = |name: &str| series(&svg, name).matches("h0").count();
    let all: usize = table.populations().iter().map(|population| dots(&format!("spikes of {}", population.name))).sum();
    assert!((200..6_500).contains(&all), "{all} dots");
    // L4E has 3.8 times L23E's spikes: 4.5 Hz · 2191 over 0.9 Hz · 2068 is 5.3; with about 45 and 240 dots ± 4 standard errors.
    let ratio = dots("spikes of L4E") as f64 / dots("spikes of L23E") as f64;
    let expected = 4.5 * 2191.0 / (0.9 * 2068.0);
    let error = expected * 4.0 * (1.0 / dots("spikes of L23E") as f64 + 1.0 / dots("spikes of L4E") as f64).sqrt();
    assert!((ratio - expected).abs() < error, "{ratio} {expected} ± {error}");
    assert!(svg.contains("5 ms bins"));
    assert_eq!(series(&svg, "rate of L5I").matches('L').count(), 199, "half a second in bins of 5 ms");
    assert_eq!(svg, Figure::raster(&table, &options("Cortical microcircuit", Theme::Light)).unwrap().svg(), "the same picture every time");
}

#[test]
fn a_spike_is_drawn_at_its_time_and_row() {
    let mut table = SpikeTable::new(&[Population::new("pair", 4, 2)], 0.1).unwrap();
    table.push(250, &[4]);
    table.push(500, &[5]);
    let window = PlotOptions { window_ms: Some((0.0, 100.0)), ..Default::default() };
    let svg = Figure::raster(&table, &window).unwrap().svg();
    let numbers: Vec<f64> =
        series(&svg, "spikes of pair").split(['M', 'L', ' ']).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap()).collect();
    // Two strokes: x, top, x, bottom. Raster from y 140 to 650 with two rows; x a quarter and half along.
    assert_eq!(numbers.len(), 8);
    let middles = [f64::midpoint(numbers[1], numbers[3]), f64::midpoint(numbers[5], numbers[7])];
    assert!((middles[0] - 267.5).abs() < 0.2 && (middles[1] - 522.5).abs() < 0.2, "{numbers:?}");
    let left = 2.0 * numbers[0] - numbers[4];
    let right = left + 4.0 * (numbers[4] - numbers[0]);
    assert!((left - 150.0).abs() < 1.0 && (right - 1300.0).abs() < 1.0, "{left} {right}");
    assert!(svg.contains(">10.0<"), "two spikes of two neurons in 0.1 s are 10 Hz");
}

#[test]
fn spikes_are_left_out_only_where_they_cannot_be_told_apart() {
    let mut table = SpikeTable::new(&[Population::new("one", 0, 1)], 0.1).unwrap();
    for step in (0..20_000).step_by(20) {
        table.push(step, &[0]);
    }
    let marks = |to_ms| {
        let options = PlotOptions { window_ms: Some((0.0, to_ms)), ..Default::default() };
        series(&Figure::raster(&table, &options).unwrap().svg(), "spikes of one").matches('M').count()
    };
    assert_eq!(marks(1999.9), 1000, "2 ms are more than a pixel");
    // A hundred times more compressed, 1,000 spikes lie in about 12 pixels, at most two marks in each.
    assert!((10..=24).contains(&marks(199_990.0)), "{}", marks(199_990.0));
}

#[test]
fn traces_keep_their_peaks_and_name_their_units() {
    let svg = Figure::traces(&potentials(3), &options("Adapting neurons", Theme::Dark)).unwrap().svg();
    for text in ["membrane potential (mV)", "adaptation current (pA)", "neuron 23", "time (ms)", "3 neurons, 2 variables"] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(series(&svg, "membrane_potential of neuron 3").matches('L').count() > 300);

    let mut long = TraceTable::new(vec![TraceVariable::new("gate", "")], vec![0], 0.1).unwrap();
    for step in 0..200_000u64 {
        long.push(step, &[if step == 77_777 { 1.0 } else { 0.0 }]).unwrap();
    }
    let svg = Figure::traces(&long, &PlotOptions::default()).unwrap().svg();
    let data = series(&svg, "gate of neuron 0");
    assert!(data.matches('L').count() < 6_000, "drawn with the pixels' resolution");
    // Four percent above and below: the peak lies 0.04/1.08 of the height of 775 below the top at 130.
    assert!(data.contains(" 158.7"), "the one peak is kept: {}", &data[..100]);
    assert!(svg.contains("time (s)"));
}

#[test]
fn values_that_are_not_finite_interrupt_a_trace() {
    let mut table = TraceTable::new(vec![TraceVariable::new("gate", "")], vec![0], 1.0).unwrap();
    for (step, value) in (0..).zip([0.0, 1.0, f64::NAN, 0.5, f64::INFINITY, 0.25, 0.75]) {
        table.push(step, &[value]).unwrap();
    }
    let svg = Figure::traces(&table, &PlotOptions::default()).unwrap().svg();
    assert_eq!(series(&svg, "gate of neuron 0").matches('M').count(), 3);
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
}

#[test]
fn distributions_show_every_population_with_its_mean() {
    let group =
        |name: &str, mean: f64| Distribution { name: name.into(), values: (0..100).map(|k| mean + f64::from(k % 10) / 10.0).collect() };
    let svg = Figure::distributions(
        &[group("E", 4.0), group("I", 7.0)],
        "rate (Hz)",
        DistributionForm::Histogram,
        &options("Rates", Theme::Light),
    )
    .unwrap()
    .svg();
    for text in ["rate (Hz) of E", "rate (Hz) of I", "E: mean 4.45", "fraction of values", "200 values"] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn names_cannot_break_the_file() {
    let mut table = SpikeTable::new(&[Population::new("<b>&\"\u{1}\n", 0, 2)], 0.1).unwrap();
    table.push(1, &[0]);
    let figure = Figure::raster(&table, &options(&"<i> & ".repeat(500), Theme::Dark)).unwrap();
    let svg = figure.svg();
    assert!(svg.contains("&lt;b&gt;&amp;&quot;\u{fffd} ") && !svg.contains("<b>") && !svg.contains('\u{1}'));
    assert!(figure.png().unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn nothing_to_plot_is_said() {
    let error = |figure: Result<Figure, RecordError>| figure.unwrap_err().to_string();
    let silent = SpikeTable::new(&[Population::new("a", 0, 3)], 0.1).unwrap();
    assert_eq!(error(Figure::raster(&silent, &PlotOptions::default())), "nothing to plot: the recording is empty");
    let window = |from, to| PlotOptions { window_ms: Some((from, to)), ..Default::default() };
    assert!(Figure::raster(&silent, &window(0.0, 100.0)).unwrap().svg().contains("mean rate (Hz)"), "silence can be shown");
    for (from, to) in [(5.0, 5.0), (-1.0, 5.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        assert!(error(Figure::raster(&silent, &window(from, to))).contains("expected it to begin at 0 or later"));
    }
    assert!(Figure::raster(&silent, &window(0.0, 1e300)).is_err());
    let nobody = SpikeTable::new(&[], 0.1).unwrap();
    assert_eq!(error(Figure::raster(&nobody, &window(0.0, 1.0))), "nothing to plot: the recording has no neurons");
    let untouched = TraceTable::new(vec![], vec![], 0.1).unwrap();
    assert!(error(Figure::traces(&untouched, &window(0.0, 1.0))).contains("no samples"));
    assert!(
        error(Figure::distributions(&[], "rate (Hz)", DistributionForm::Histogram, &PlotOptions::default()))
            .contains("no finite value of rate (Hz)")
    );
}

#[test]
fn both_files_are_written_and_failures_named() {
    let folder = tempfile::tempdir().unwrap();
    let figure = Figure::traces(&potentials(1), &PlotOptions::default()).unwrap();
    let (png, svg) = (folder.path().join("traces.png"), folder.path().join("traces.svg"));
    figure.write_png(&png).unwrap();
    figure.write_svg(&svg).unwrap();
    assert_eq!(std::fs::read_to_string(&svg).unwrap(), figure.svg());
    assert!(std::fs::metadata(&png).unwrap().len() > 10_000);
    let error = figure.write_png(Path::new("/no/such/raster.png")).unwrap_err().to_string();
    assert_eq!(error, "/no/such/raster.png: no such file or directory while creating");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Claim: no recording and no window makes drawing fail other than by an error.
    #[test]
    fn any_recording_can_be_drawn_or_is_refused(
        sizes in proptest::collection::vec(0u32..2000, 0..90),
        steps in proptest::collection::vec((0u64..1 << 40, proptest::collection::btree_set(0u32..90_000, 0..20)), 0..20),
        window in any::<Option<(f64, f64)>>(),
        time_step_ms in prop_oneof![Just(0.1), 1e-6..1e6f64],
    ) {
        let mut first = 0;
        let mut populations = Vec::new();
        for (place, size) in sizes.into_iter().enumerate() {
            populations.push(Population::new(format!("p{place}"), first, size));
            first += size;
        }
        let mut table = SpikeTable::new(&populations, time_step_ms).unwrap();
        let mut steps = steps;
        steps.sort();
        for (step, spikes) in steps {
            table.push(step, &spikes.into_iter().collect::<Vec<_>>());
        }
        if let Ok(figure) = Figure::raster(&table, &PlotOptions { title: "any".into(), window_ms: window, ..PlotOptions::default() }) {
            prop_assert!(!figure.svg().contains("NaN"));
            figure.png().unwrap();
        }
    }
}

/// Not a check: writes the pictures for a person to look at, with `cargo test -p neuropil_record -- --ignored gallery`.
#[test]
#[ignore = "writes pictures into the folder that GALLERY names"]
fn gallery() {
    let folder = std::path::PathBuf::from(std::env::var_os("GALLERY").unwrap());
    let circuit = microcircuit(10_000);
    let mut pair = SpikeTable::new(&[Population::new("excitatory", 0, 2), Population::new("inhibitory", 2, 1)], 0.1).unwrap();
    for step in 1..2_000 {
        let spikes: Vec<u32> = (0..3u32).filter(|neuron| step % (90 + 37 * u64::from(*neuron)) == 0).collect();
        pair.push(step, &spikes);
    }
    for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        let write = |figure: Result<Figure, RecordError>, kind: &str| {
            let figure = figure.unwrap();
            figure.write_png(&folder.join(format!("{kind}-{name}.png"))).unwrap();
            figure.write_svg(&folder.join(format!("{kind}-{name}.svg"))).unwrap();
        };
        write(Figure::raster(&circuit, &options("Cortical microcircuit, resting state", theme)), "raster");
        write(Figure::raster(&pair, &options("Three neurons", theme)), "pair");
        let group = |name: &str, mean: f64| Distribution {
            name: name.into(),
            values: (1..400).map(|k| mean * -(f64::from(k) / 400.0).ln()).collect(),
        };
        let groups = [group("L23E", 0.9), group("L23I", 2.9), group("L4E", 4.5), group("L4I", 5.9), group("L5E", 7.6)];
        write(Figure::distributions(&groups, "rate (Hz)", DistributionForm::Histogram, &options("Firing rates", theme)), "distributions");
        write(Figure::traces(&potentials(1), &options("One adapting neuron", theme)), "trace");
        let names: std::collections::BTreeMap<u32, String> = (0..400).map(|k| (10 * k + 3, format!("AVA{k}L"))).collect();
        let named = PlotOptions { names: names.clone(), ..options("Named neurons", theme) };
        write(Figure::traces(&potentials(9), &named), "traces-named");
        write(Figure::traces(&potentials(40), &options("Many neurons", theme)), "traces-many");
        let worm = |size: u32| {
            let mut table =
                SpikeTable::new(&[Population::new("sensory", 0, size / 2), Population::new("motor", size / 2, size - size / 2)], 0.1)
                    .unwrap();
            for step in 0..5_000u64 {
                let spikes: Vec<u32> = (0..size).filter(|k| (step + 31 * u64::from(*k)) % (300 + 7 * u64::from(*k)) == 0).collect();
                table.push(step, &spikes);
            }
            table.with_names((0..size).map(|k| (k, format!("AVA{k}L"))).collect())
        };
        write(Figure::raster(&worm(400), &options("400 named neurons", theme)), "raster-400");
        write(Figure::raster(&worm(20), &options("20 named neurons", theme)), "raster-20");
        write(Figure::raster(&worm(1), &options("One named neuron", theme)), "raster-1");
        write(Figure::traces(&potentials(5), &options("Five adapting neurons", theme)), "traces");
    }
}
