//! Figures of any data: curves, bars, heat maps, spectra, points in space.

use super::options;
use crate::RecordError;
use crate::plots::*;

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

/// Not a check: writes the pictures for a person to look at, as [`super::gallery`] does.
#[test]
#[ignore = "writes pictures into the folder that GALLERY names"]
fn general_gallery() {
    let folder = std::path::PathBuf::from(std::env::var_os("GALLERY").unwrap());
    for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
        for (kind, figure) in general_figures(theme)
            .into_iter()
            .chain(crowded_figures(theme))
            .map(|(kind, figure)| (kind.to_owned(), figure))
            .chain(odd_figures(theme))
        {
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

/// Figures whose texts are long or many.
fn crowded_figures(theme: Theme) -> Vec<(&'static str, Result<Figure, RecordError>)> {
    let with = |title: &str| options(title, theme);
    let arms = |count: usize, text: &str| (0..count).map(|k| format!("arm number {k} {text}")).collect::<Vec<String>>();
    let curves: Vec<Curve> = arms(24, "with a long name").into_iter().map(|name| Curve::line(name, vec![(0.0, 1.0), (1.0, 2.0)])).collect();
    let bars = |names: Vec<String>| {
        let values = (0..names.len()).map(|k| 60.0 + k as f64).collect();
        Figure::bars(&names, &[BarSeries::new("", values)], &[], &PlotAxis::linear("rate of all neurons [Hz]"), &with("Arms"))
    };
    let texts = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<String>>();
    let grid = HeatMap {
        columns: 4,
        values: (0..32).map(f64::from).collect(),
        row_labels: texts(&[800.0, 728.57, 657.14, 585.71, 514.29, 442.86, 371.43, 300.0]),
        column_labels: texts(&[5.0, 10.0, 20.0, 40.0]),
        row_axis: "current [pA]".into(),
        column_axis: "populations.noisy.size".into(),
        measure: "rate of the noisy neurons [Hz]".into(),
        ..HeatMap::default()
    };
    let body = |far: f64, across: f64| Scatter {
        positions: vec![[0.0, 0.0, 0.0], [far, across, -0.4 * across], [0.5 * far, -2.0 * across, 1.8 * across]],
        classes: vec![0, 1, 2],
        class_names: ["one", "two", "three"].map(|name| format!("{name} with a long name of its own")).into(),
        sizes: vec![],
        unit: "µm".into(),
    };
    vec![
        ("arms", Figure::curves(&curves, &PlotAxis::linear("current [pA]"), &PlotAxis::linear("rate [Hz]"), &with(&"A title ".repeat(12)))),
        ("few-arms", bars(arms(5, "with a long name"))),
        ("many-arms", bars(arms(14, "with a name that is longer than room"))),
        ("grid", Figure::heat_map(&grid, &with("A grid"))),
        ("long", Figure::scatter(&body(1e6, 5e4), &with("A long body"))),
        ("round", Figure::scatter(&body(1e5, 5e4), &with("A round body"))),
    ]
}

/// Claim: in figures of ordinary data and of long and many names no text is cut off by the page or lies over another one. Tolerance: boxes
/// of 0.72 of the size above the baseline and 0.2 below it, which letters fill at most.
#[test]
fn texts_have_room() {
    use crate::plots::canvas::{Anchor, Direction, HEIGHT, Shape, WIDTH};
    for (kind, figure) in general_figures(Theme::Light).into_iter().chain(crowded_figures(Theme::Dark)) {
        let figure = figure.unwrap();
        let boxed = |shape: &Shape| {
            let Shape::Text(text) = shape else { return None };
            let width = crate::plots::font::text_width(&text.text, text.size, text.weight);
            let before = width
                * match text.anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => 0.5,
                    Anchor::End => 1.0,
                };
            let (above, below) = (0.72 * text.size, 0.2 * text.size);
            let sides = match text.direction {
                Direction::Right => [text.x - before, text.x - before + width, text.y - above, text.y + below],
                Direction::Up => [text.x - above, text.x + below, text.y + before - width, text.y + before],
            };
            Some((text.text.clone(), sides))
        };
        let boxes: Vec<(String, [f64; 4])> = figure.canvas.shapes.iter().filter_map(boxed).collect();
        for (place, (text, [left, right, top, bottom])) in boxes.iter().enumerate() {
            assert!(
                *left >= 0.0 && *right <= WIDTH && *top >= 0.0 && *bottom <= HEIGHT,
                "{kind}: `{text}` is cut: {left} {right} {top} {bottom}"
            );
            for (other, [from, to, begin, end]) in boxes.iter().skip(place + 1) {
                assert!(right <= from || to <= left || bottom <= begin || end <= top, "{kind}: `{text}` lies over `{other}`");
            }
        }
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
