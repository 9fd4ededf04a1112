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

fn noise(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let bits = (*state ^ (*state >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd) >> 11;
    bits as f64 / (1u64 << 53) as f64
}

/// Figures of every general kind with ordinary data.
fn general_figures(theme: Theme) -> Vec<(&'static str, Result<Figure, RecordError>)> {
    let mut state = 5u64;
    let rate = |current: f64| (current - 0.15).max(0.0).powf(0.8) * 90.0;
    let points = |from: u32, to: u32, value: &dyn Fn(f64) -> f64| (from..to).map(|k| f64::from(k) / 20.0).map(|x| (x, value(x))).collect();
    let fi = [
        Curve::line("adapting, mean of 5 seeds", points(0, 21, &|x| 0.6 * rate(x)))
            .with_band((0..21).map(|k| 0.6 * rate(f64::from(k) / 20.0)).map(|y| (0.8 * y - 1.0, 1.2 * y + 1.0)).collect()),
        Curve::points("fast spiking", points(0, 21, &rate))
            .with_errors((0..21).map(|k| f64::from(k) / 4.0).collect())
            .styled(CurveStyle::LineAndPoints),
        Curve::reference("published", points(2, 20, &|x| rate(x) + 2.0)),
        Curve::line("theory", points(0, 21, &|x| 1.1 * rate(x))).styled(CurveStyle::Dashed),
    ];
    let power = |sign: f64| (1..200).map(|k| f64::from(k) * 0.05).map(|x| (x, 3.0 * x.powf(sign * 1.7))).collect();
    let cloud: Vec<(f64, f64)> =
        (0..300_000).map(|_| (noise(&mut state) + noise(&mut state), noise(&mut state) * noise(&mut state))).collect();
    let values: Vec<f64> = (0..30 * 20).map(|k| (f64::from(k % 30) / 4.0).sin() * f64::from(k / 30) * 3.0).collect();
    let names = |count: usize, word: &str| (0..count).map(|k| format!("{word}{k}")).collect::<Vec<_>>();
    let weights = HeatMap {
        columns: 30,
        values,
        row_labels: names(20, "AVA"),
        column_labels: names(30, "DD"),
        row_axis: "from".into(),
        column_axis: "to".into(),
        measure: "weight (mV)".into(),
        scale: ColourScale::Symmetric,
        ..HeatMap::default()
    };
    let large = HeatMap {
        columns: 1_500,
        values: (0..2_250_000)
            .map(|_| noise(&mut state))
            .map(|x| if x > 0.97 { (20.0 * (x - 0.97) / 0.03).exp() } else { f64::NAN })
            .collect(),
        row_axis: "presynaptic neuron".into(),
        column_axis: "postsynaptic neuron".into(),
        measure: "synapses".into(),
        scale: ColourScale::Logarithmic,
        ..HeatMap::default()
    };
    let map = HeatMap {
        columns: 13,
        values: (0..91).map(|k| if k == 17 { f64::NAN } else { f64::from(k % 13) * f64::from(k / 13) }).collect(),
        row_axis: "g".into(),
        column_axis: "external rate over threshold rate".into(),
        row_range: Some((8.0, 2.0)),
        column_range: Some((0.0, 4.0)),
        measure: "rate (Hz)".into(),
        ..HeatMap::default()
    };
    let heavy = |name: &str, count: u32, slope: f64, state: &mut u64| Distribution {
        name: name.into(),
        values: (0..count).map(|_| (1.0 - noise(state)).powf(-1.0 / slope)).map(f64::floor).collect(),
    };
    let heavies = [heavy("avalanches", 100_000, 1.5, &mut state), heavy("degrees", 3_000, 2.5, &mut state)];
    let positions: Vec<[f64; 3]> = (0..120_000)
        .map(|_| {
            let t = 6.3 * noise(&mut state);
            [400.0 * t.cos() + 90.0 * noise(&mut state), 150.0 * t.sin() + 80.0 * noise(&mut state), 60.0 * noise(&mut state)]
        })
        .collect();
    let brain = Scatter {
        classes: positions.iter().map(|p| usize::from(p[0] > 0.0) + 2 * usize::from(p[1] > 60.0)).collect(),
        positions,
        class_names: ["acetylcholine", "GABA", "glutamate", "unknown"].map(String::from).to_vec(),
        unit: "µm".into(),
        ..Scatter::default()
    };
    let worm = Scatter {
        positions: (0..302).map(|k| [f64::from(k) * 2.6, 20.0 * (f64::from(k) / 30.0).sin(), 12.0 * (f64::from(k) / 11.0).cos()]).collect(),
        sizes: (0..302).map(|k| f64::from(k % 40)).collect(),
        classes: (0..302).map(|k| k % 3).collect(),
        class_names: ["sensory", "inter", "motor"].map(String::from).to_vec(),
        unit: "µm".into(),
    };
    let counts: Vec<f64> =
        (0..60_000).map(|k| 10.0 + 3.0 * (std::f64::consts::TAU * 40.0 * f64::from(k) * 1e-3).sin() + 4.0 * noise(&mut state)).collect();
    let spectrum = crate::statistics::power_spectrum(&counts, 1e-3, 1000).unwrap();
    let layers = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"].map(String::from);
    let measured = vec![0.9, 2.9, 4.5, 5.9, 7.6, 8.6, 1.1, 7.8];
    let with = |title: &str| options(title, theme);
    vec![
        ("fi", Figure::curves(&fi, &PlotAxis::linear("current (nA)"), &PlotAxis::linear("rate (Hz)"), &with("Rate against current"))),
        (
            "power",
            Figure::curves(
                &[Curve::line("rising", power(1.0)), Curve::line("falling", power(-1.0)).styled(CurveStyle::Dashed)],
                &PlotAxis::logarithmic("time (s)"),
                &PlotAxis::logarithmic("density"),
                &with("Power laws"),
            ),
        ),
        (
            "cloud",
            Figure::curves(
                &[Curve::points("pairs", cloud)],
                &PlotAxis::linear("sum"),
                &PlotAxis::linear("product").within(0.0, 0.8),
                &with("Many points"),
            ),
        ),
        ("weights", Figure::heat_map(&weights, &with("Weights"))),
        ("large", Figure::heat_map(&large, &with("A large matrix"))),
        ("map", Figure::heat_map(&map, &with("Rates over parameters"))),
        ("ccdf", Figure::distributions(&heavies, "size", DistributionForm::CumulativeAbove, &with("Heavy tails"))),
        ("logbins", Figure::distributions(&heavies, "size", DistributionForm::LogarithmicBins, &with("Heavy tails"))),
        ("brain", Figure::scatter(&brain, &with("Cell bodies"))),
        ("worm", Figure::scatter(&worm, &with("A worm"))),
        ("spectrum", Figure::spectrum(&[("excitatory".into(), spectrum)], "power (1/s)", 4.0, &with("Spectrum"))),
        (
            "bars",
            Figure::bars(
                &layers,
                &[
                    BarSeries::new("measured", measured.clone()).with_errors(vec![0.3; 8]),
                    BarSeries::new("half the inhibition", measured.iter().map(|rate| 1.6 * rate).collect()).with_errors(vec![0.8; 8]),
                ],
                &[BarSeries::new("Potjans & Diesmann 2014", measured.iter().map(|rate| 1.05 * rate).collect())],
                &PlotAxis::linear("rate (Hz)"),
                &with("Rates by layer"),
            ),
        ),
        (
            "bar",
            Figure::bars(
                &layers,
                &[BarSeries::new("", vec![0.9, -2.9, 4.5, f64::NAN, 7.6])],
                &[],
                &PlotAxis::linear("change (mV)"),
                &with("One series"),
            ),
        ),
        (
            "logbars",
            Figure::bars(
                &names(40, "projection number "),
                &[BarSeries::new("synapses", (0..40).map(|k| 10f64.powi(k % 7)).collect())],
                &[],
                &PlotAxis::logarithmic("number"),
                &with("Many categories"),
            ),
        ),
    ]
}

/// Not a check: writes the pictures for a person to look at, as [`gallery`] does.
#[test]
#[ignore = "writes pictures into the folder that GALLERY names"]
fn general_gallery() {
    let folder = std::path::PathBuf::from(std::env::var_os("GALLERY").unwrap());
    for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        for (kind, figure) in general_figures(theme).into_iter().map(|(kind, figure)| (kind.to_owned(), figure)).chain(odd_figures(theme)) {
            match figure {
                Ok(figure) => {
                    figure.write_png(&folder.join(format!("{kind}-{name}.png"))).unwrap();
                    figure.write_svg(&folder.join(format!("{kind}-{name}.svg"))).unwrap();
                }
                Err(error) => println!("{kind}: {error}"),
            }
        }
    }
}

/// Every kind with data that are empty, single, constant, not finite, huge or tiny.
fn odd_figures(theme: Theme) -> Vec<(String, Result<Figure, RecordError>)> {
    let lists: [(&str, Vec<f64>); 8] = [
        ("empty", vec![]),
        ("single", vec![3.0]),
        ("zero", vec![0.0; 5]),
        ("constant", vec![-2.5; 5]),
        ("not-finite", vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]),
        ("holes", vec![1.0, f64::NAN, 2.0, f64::INFINITY, -3.0, 4.0]),
        ("huge", vec![-f64::MAX, f64::MAX, 1.0, 0.0, 5e-324]),
        ("tiny", vec![1e-300, 2e-300, 1e-12, 1.0, 1e300]),
    ];
    let mut figures = Vec::new();
    for (kind, list) in lists {
        let with = options(kind, theme);
        let points: Vec<(f64, f64)> = list.iter().copied().zip(list.iter().rev().copied()).collect();
        let band = points.clone();
        for (scale, axis) in [("linear", PlotAxis::linear("x")), ("log", PlotAxis::logarithmic("x"))] {
            for style in [CurveStyle::Line, CurveStyle::Points, CurveStyle::LineAndPoints, CurveStyle::Reference, CurveStyle::Dashed] {
                let curve = Curve::line("odd", points.clone()).with_errors(list.clone()).with_band(band.clone()).styled(style);
                figures.push((format!("{kind}-{scale}-{style:?}"), Figure::curves(&[curve], &axis, &axis, &with)));
            }
            let bars = BarSeries::new("odd", list.clone()).with_errors(list.clone());
            let categories: Vec<String> = (0..list.len()).map(|k| format!("c{k}")).collect();
            figures.push((
                format!("{kind}-{scale}-bars"),
                Figure::bars(&categories, std::slice::from_ref(&bars), std::slice::from_ref(&bars), &axis, &with),
            ));
        }
        for scale in [ColourScale::Linear, ColourScale::Logarithmic, ColourScale::Symmetric] {
            let map = HeatMap { columns: list.len(), values: list.clone(), measure: "odd".into(), scale, ..HeatMap::default() };
            figures.push((format!("{kind}-{scale:?}-map"), Figure::heat_map(&map, &with)));
        }
        for form in [DistributionForm::Histogram, DistributionForm::CumulativeAbove, DistributionForm::LogarithmicBins] {
            let one = Distribution { name: "odd".into(), values: list.clone() };
            figures.push((format!("{kind}-{form:?}"), Figure::distributions(&[one], "odd", form, &with)));
        }
        let scatter = Scatter {
            positions: list.iter().map(|&value| [value, -value, 1.0]).collect(),
            sizes: list.clone(),
            classes: vec![usize::MAX, 3],
            ..Scatter::default()
        };
        figures.push((format!("{kind}-scatter"), Figure::scatter(&scatter, &with)));
        for solid in [false, true] {
            let branch =
                |positions: Vec<[f64; 3]>| Branch { class: 3, radii: positions.iter().map(|at| at[0]).collect(), positions, solid };
            let whole = branch(list.iter().map(|&value| [value, -value, 1.0]).collect());
            let parts = list.iter().map(|&value| branch(vec![[value, 1.0, value]]));
            let tree = Tree { branches: parts.chain([whole]).collect(), y_down: solid, ..Tree::default() };
            figures.push((format!("{kind}-{solid}-tree"), Figure::tree(&tree, &with)));
        }
        let spectrum = crate::statistics::PowerSpectrum { frequency_hz: list.clone(), density: list };
        figures.push((format!("{kind}-spectrum"), Figure::spectrum(&[(String::new(), spectrum)], "power", f64::NAN, &with)));
    }
    figures
}

/// Claim: no data make a general figure fail other than by an error, nor leave positions that are no numbers in it, and the file is
/// small.
#[test]
fn general_figures_can_be_drawn_from_any_data() {
    for (place, (kind, figure)) in odd_figures(Theme::Dark).into_iter().enumerate() {
        match figure {
            Ok(figure) => {
                let svg = figure.svg();
                let text = |line: &&str| !line.starts_with("<image");
                assert!(svg.lines().filter(text).all(|line| !line.contains("NaN") && !line.contains("inf")), "{kind}");
                // Painting is slow without optimisation: some of each kind.
                if place % 6 == 0 {
                    figure.png().unwrap();
                }
            }
            Err(RecordError::NothingToPlot { .. }) => {}
            Err(error) => panic!("{kind}: {error}"),
        }
    }
    for (kind, figure) in general_figures(Theme::Light) {
        let size = figure.unwrap().svg().len();
        assert!(size < 3_000_000, "{kind}: {size} bytes");
    }
}

/// Claim: a tree is drawn to scale in both views, its kinds are named, and lines that would all be thin are drawn thicker, which is said.
/// Source: 100 µm upwards from (0, 0, 0) to (0, 100, 20): the views show the same height, and the bar of 20 µm is a fifth of it.
/// Tolerance: a tenth of a pixel, to which positions are written.
#[test]
fn a_tree_is_drawn_to_scale_in_two_views() {
    let branch = |class, to: [f64; 3], radius| Branch { class, positions: vec![[0.0; 3], to], radii: vec![radius; 2], solid: false };
    let body = Branch { class: 1, positions: vec![[0.0; 3]], radii: vec![5.0], solid: true };
    let classes = ["basal", "soma"].map(|name| BranchClass { name: name.to_owned(), colour: 0 }).to_vec();
    let tree = Tree { branches: vec![branch(0, [0.0, 100.0, 20.0], 0.01), body], classes, unit: "µm".to_owned(), ..Tree::default() };
    let svg = Figure::tree(&tree, &options("cell", Theme::Light)).unwrap().svg();
    for text in ["basal", "soma", "20 µm", "thickness up to × 4"] {
        assert!(svg.contains(text), "{text}");
    }
    let heights: Vec<f64> = svg
        .lines()
        .filter(|line| line.contains("<title>basal</title>"))
        .map(|line| {
            let data = line.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
            let numbers: Vec<f64> = data.split(['M', 'L', ' ']).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap()).collect();
            numbers[1] - numbers[3]
        })
        .collect();
    assert_eq!(heights.len(), 2);
    assert!(heights[0] > 500.0 && (heights[0] - heights[1]).abs() < 0.11, "{heights:?}: y points up");
    let bar = svg.lines().find(|line| line.contains("height=\"4\"")).unwrap();
    let width: f64 = bar.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    assert!((width - heights[0] / 5.0).abs() < 0.2, "{width} {heights:?}");

    let down = Figure::tree(&Tree { y_down: true, ..tree }, &options("cell", Theme::Light)).unwrap().svg();
    assert_ne!(svg, down);
    assert!(matches!(Figure::tree(&Tree::default(), &options("none", Theme::Light)), Err(RecordError::NothingToPlot { .. })));
}
