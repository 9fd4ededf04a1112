//! Films and strips of a cell of two compartments, one above the other.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use super::*;
use crate::Figure;
use gif::{ColorOutput, DecodeOptions};

/// Two thick compartments, the lower from 0 to 50 µm, the upper from 60 to 110 µm, with potentials at some moments.
fn cell(potentials: &[[f32; 2]]) -> PaintedCell {
    let piece = |y: f64| Branch { positions: vec![[0.0, y, 0.0], [0.0, y + 50.0, 0.0]], radii: vec![5.0; 2], ..Branch::default() };
    PaintedCell {
        pieces: vec![piece(0.0), piece(60.0)],
        times_ms: (0..potentials.len()).map(|step| step as f64).collect(),
        potentials: potentials.concat(),
        probe_name: "the soma".into(),
        ..PaintedCell::default()
    }
}

/// Width, height and all frames as a viewer shows them: each over the one before it.
fn decoded(bytes: &[u8]) -> (usize, usize, Vec<Vec<[u8; 3]>>) {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let mut decoder = options.read_info(bytes).unwrap();
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let (mut shown, mut frames) = (vec![[0; 3]; width * height], Vec::new());
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        for (at, pixel) in frame.buffer.chunks(4).enumerate() {
            let (x, y) = (at % usize::from(frame.width), at / usize::from(frame.width));
            if pixel[3] > 0 {
                shown[(usize::from(frame.top) + y) * width + usize::from(frame.left) + x] = [pixel[0], pixel[1], pixel[2]];
            }
        }
        frames.push(shown.clone());
    }
    (width, height, frames)
}

/// Claim: a film has a frame for each moment, and in each frame a compartment has the colour that the bar has for its potential: the upper compartment is drawn
/// above the lower one. Source: the potentials given, and a decoder of GIF that is not ours. Tolerance: none at the ends of the scale.
#[test]
fn a_film_shows_each_compartment_in_the_colour_of_its_potential() {
    let (low, high) = (-80.0, 20.0);
    let film = cell(&[[low, low], [high, low], [high, high], [low, high], [low, high]]);
    for theme in [Theme::Light, Theme::Dark] {
        let options = PlotOptions { title: "Two compartments".into(), theme, ..PlotOptions::default() };
        let (width, height, frames) = decoded(&film.gif(&options).unwrap());
        assert!(width < 600 && height <= 530, "{width} × {height}");
        assert_eq!(frames.len(), 5);
        let [Colour(r, g, b), Colour(red, green, blue)] = [theme.potential(0.0), theme.potential(1.0)];
        let (cold, hot) = ([r, g, b], [red, green, blue]);
        // A row through the lower and one through the upper compartment; the bar is to the right of the cell.
        for (frame, expected) in frames.iter().zip([[cold, cold], [hot, cold], [hot, hot], [cold, hot], [cold, hot]]) {
            let centre = |y: usize| {
                let row = &frame[y * width..y * width + width - 100];
                let [Colour(r, g, b)] = [theme.background()];
                let inside: Vec<usize> = (0..row.len()).filter(|x| row[*x] != [r, g, b]).collect();
                row[inside[inside.len() / 2]]
            };
            assert_eq!([centre(62 + 280), centre(62 + 60)], expected);
        }
    }
}

/// Claim: a strip says the times of its moments, names what is coloured, and is left alone by potentials that are not finite. Source: the text of the SVG.
/// Tolerance: none.
#[test]
fn a_strip_says_its_times() {
    let film = cell(&[[-65.0, -65.0], [20.0, f32::NAN], [-60.0, -50.0]]);
    let figure = Figure::painted_cell(&film, &PlotOptions::default()).unwrap();
    let svg = figure.svg();
    for text in ["0.0 ms", "1.0 ms", "2.0 ms", "potential (mV)", "potential of the soma", " µm"] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(figure.png().unwrap().starts_with(b"\x89PNG"));
    assert!(film.gif(&PlotOptions::default()).is_ok());
}

/// Claim: what cannot be drawn is an error that says why, and a single moment, a single point and a cell seen from its end can. Source: definition.
/// Tolerance: none.
#[test]
fn what_cannot_be_drawn_says_why() {
    let good = || cell(&[[-65.0, -60.0], [-60.0, -65.0]]);
    let cases = [
        (PaintedCell { pieces: Vec::new(), potentials: Vec::new(), ..good() }, "without compartments"),
        (PaintedCell { times_ms: Vec::new(), potentials: Vec::new(), ..good() }, "no moment"),
        (PaintedCell { potentials: vec![0.0; 3], ..good() }, "3 potentials; expected 4"),
        (PaintedCell { potentials: vec![f32::NAN; 4], ..good() }, "no potential is finite"),
        (PaintedCell { pieces: vec![Branch::default(); 2], ..good() }, "no compartment has a position"),
    ];
    for (cell, word) in cases {
        let strip = Figure::painted_cell(&cell, &PlotOptions::default()).unwrap_err().to_string();
        let film = cell.gif(&PlotOptions::default()).unwrap_err().to_string();
        assert!(strip.contains(word) && film == strip, "{strip}");
    }
    let point = Branch { positions: vec![[1.0, 2.0, 3.0]], radii: vec![0.0], solid: true, ..Branch::default() };
    let end_on = Branch { positions: vec![[0.0; 3], [0.0, 0.0, 9.0]], radii: vec![1.0; 2], ..Branch::default() };
    for pieces in [vec![point.clone(), point], vec![end_on.clone(), end_on]] {
        for times_ms in [vec![5.0], vec![5.0, 6.0]] {
            let potentials = vec![-65.0; 2 * times_ms.len()];
            let cell = PaintedCell { pieces: pieces.clone(), times_ms, potentials, ..PaintedCell::default() };
            Figure::painted_cell(&cell, &PlotOptions::default()).unwrap();
            assert!(!decoded(&cell.gif(&PlotOptions::default()).unwrap()).2.is_empty());
        }
    }
}
