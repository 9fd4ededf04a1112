//! Many moments as an animated GIF.
//!
//! A GIF has 256 colours: levels of the potential in shares of a pixel that a compartment covers, and blends of the text's and the course's colours with the
//! background. What does not change from frame to frame is not written again.

use super::map::{Map, View};
use super::moments::{chosen, way};
use super::{Pace, PaintedCell, label};
use crate::RecordError;
use crate::plots::PlotOptions;
use crate::plots::axis::Axis;
use crate::plots::canvas::{Anchor, Area, Canvas, Shape, Weight, fitted};
use crate::plots::colour_bar::colour_bar;
use crate::plots::palette::{Colour, Theme};
use crate::plots::png::picture;
use crate::plots::series::{self, TimeAxis};
use crate::plots::tree::scale_bar;
use gif::{DisposalMethod, Encoder, Frame, Repeat};
use std::collections::HashMap;

/// Frames of a film whose pace follows the change.
const FRAMES: usize = 120;
/// The part of these that is spaced along the way that potentials go.
const SHARE: f64 = 0.75;
/// How long a frame is shown, and the last, hundredths of a second.
const DELAY: u16 = 5;
const LAST_DELAY: u16 = 120;
/// Room for the cell, pixels.
const WIDEST: f64 = 460.0;
const HIGHEST: f64 = 340.0;
const TEXT: f64 = 15.0;
const LEFT: f64 = 16.0;
const TOP: f64 = 62.0;
const COURSE: f64 = 64.0;
const BAR_ROOM: f64 = 96.0;

/// Levels of the potential, and of how much of a pixel is covered.
const LEVELS: usize = 56;
const COVERS: usize = 4;
/// A pixel that stays as it was.
const SAME: u8 = 255;

/// The colours of a film; the background is the first.
struct Palette {
    colours: Vec<Colour>,
    known: HashMap<[u8; 3], u8>,
    text: u8,
    cursor: u8,
}

impl Palette {
    fn new(theme: Theme) -> Self {
        let background = theme.background();
        let mut colours = vec![background];
        for level in 0..LEVELS {
            let colour = theme.potential(level as f64 / (LEVELS - 1) as f64);
            colours.extend((1..=COVERS).map(|cover| background.mixed(colour, cover as f64 / COVERS as f64)));
        }
        colours.extend((1..=15).map(|share| background.mixed(theme.text(), f64::from(share) / 15.0)));
        let text = (colours.len() - 1) as u8;
        colours.extend((1..=8).map(|share| background.mixed(theme.muted(), f64::from(share) / 8.0)));
        let cursor = (colours.len() - 1) as u8;
        Self { colours, known: HashMap::new(), text, cursor }
    }

    fn bytes(&self) -> Vec<u8> {
        self.colours.iter().flat_map(|colour| [colour.0, colour.1, colour.2]).collect()
    }

    /// The colour of a potential that covers a part of a pixel; of one that is not finite a grey.
    fn painted(&self, axis: &Axis, potential: f32, cover: u8) -> u8 {
        let cover = ((usize::from(cover) * COVERS + 127) / 255).min(COVERS);
        let fraction = axis.fraction(f64::from(potential));
        match (cover, fraction.is_finite()) {
            (0, _) => 0,
            (_, false) => self.text + 2 * cover as u8,
            (_, true) => (1 + (fraction.clamp(0.0, 1.0) * (LEVELS - 1) as f64).round() as usize * COVERS + cover - 1) as u8,
        }
    }

    /// The colour that is nearest to one.
    fn nearest(&mut self, of: [u8; 3]) -> u8 {
        let colours = &self.colours;
        *self.known.entry(of).or_insert_with(|| {
            let apart = |a: u8, b: u8| (i32::from(a) - i32::from(b)).pow(2);
            let distance = |colour: &Colour| apart(colour.0, of[0]) + apart(colour.1, of[1]) + apart(colour.2, of[2]);
            let nearest = colours.iter().enumerate().min_by_key(|(_, colour)| distance(colour));
            nearest.map_or(0, |(place, _)| place as u8)
        })
    }

    /// Shapes on the background as colours of the palette.
    fn indexed(&mut self, theme: Theme, shapes: Vec<Shape>, width: usize, height: usize) -> Result<Vec<u8>, RecordError> {
        let mut all = vec![Shape::Rectangle { x: 0.0, y: 0.0, width: width as f64, height: height as f64, colour: theme.background() }];
        all.extend(shapes);
        let pixels = picture(&all, width as u32, height as u32)?;
        Ok(pixels.pixels().iter().map(|pixel| self.nearest([pixel.red(), pixel.green(), pixel.blue()])).collect())
    }
}

/// Where things are, pixels.
struct Places {
    width: usize,
    height: usize,
    /// The cell's upper left corner.
    cell: (usize, usize),
    scale: f64,
    bar: Area,
    course: Area,
}

impl Places {
    fn new(view: &View) -> Self {
        let scale = view.scale(WIDEST, HIGHEST);
        let [across, up] = view.size.map(|size| size * scale + 8.0);
        let (room, high) = (across.max(250.0), up.max(120.0));
        let width = LEFT + room + BAR_ROOM;
        let cell = (LEFT + (room - across) / 2.0, TOP + (high - up) / 2.0);
        let left = LEFT + room + 22.0;
        let bar = Area { left, right: left + 16.0, top: TOP + 8.0, bottom: TOP + high - 8.0 };
        let top = TOP + high + 34.0;
        let course = Area { left: LEFT, right: LEFT + room, top, bottom: top + COURSE };
        let height = (course.bottom + 14.0) as usize;
        Self { width: width as usize, height, cell: (cell.0 as usize, cell.1 as usize), scale, bar, course }
    }
}

pub(super) fn gif(cell: &PaintedCell, options: &PlotOptions) -> Result<Vec<u8>, RecordError> {
    let theme = options.theme;
    let axis = cell.check()?;
    let view = View::of(&cell.pieces, cell.y_down)?;
    let moments = match cell.pace {
        Pace::Even => (0..cell.times_ms.len()).collect(),
        Pace::ByChange => chosen(&cell.times_ms, &way(cell), FRAMES, SHARE),
    };
    let places = Places::new(&view);
    let size = view.size.map(|size| (size * places.scale + 8.0).ceil() as usize);
    let map = Map::new(&cell.pieces, &view, (size[0], size[1]), places.scale, 1.0);
    let mut palette = Palette::new(theme);
    let ground = {
        let shapes = standing(cell, options, &axis, &places)?;
        palette.indexed(theme, shapes, places.width, places.height)?
    };
    let times: Vec<f64> = moments.iter().filter_map(|moment| cell.times_ms.get(*moment).copied()).collect();
    let drawing = |error: gif::EncodingError| RecordError::Drawing { problem: error.to_string() };
    let (width, height) = (places.width as u16, places.height as u16);
    let mut encoder = Encoder::new(Vec::new(), width, height, &palette.bytes()).map_err(drawing)?;
    encoder.set_repeat(Repeat::Infinite).map_err(drawing)?;
    let mut before: Option<Vec<u8>> = None;
    for (number, (moment, time)) in moments.iter().zip(&times).enumerate() {
        let mut pixels = ground.clone();
        paint(&mut pixels, &map, &places, cell.at(*moment), &axis, &palette);
        clock(&mut pixels, &places, cell, *time, &label(*time, &times), &mut palette, theme)?;
        let mut frame = changed(before.as_deref(), &pixels, places.width);
        frame.delay = if number + 1 == times.len() { LAST_DELAY } else { DELAY };
        encoder.write_frame(&frame).map_err(drawing)?;
        before = Some(pixels);
    }
    encoder.into_inner().map_err(|error| RecordError::Drawing { problem: error.to_string() })
}

/// What stands still: title, colour bar, course and scale.
fn standing(cell: &PaintedCell, options: &PlotOptions, axis: &Axis, places: &Places) -> Result<Vec<Shape>, RecordError> {
    let theme = options.theme;
    let mut canvas = Canvas { theme, title: String::new(), shapes: Vec::new() };
    let room = places.width as f64 - 2.0 * LEFT;
    canvas.text(LEFT, 26.0, fitted(&options.title, TEXT, Weight::Regular, room), TEXT, Anchor::Start, theme.text());
    colour_bar(&mut canvas, places.bar, axis, TEXT - 1.0, |fraction| theme.potential(fraction));
    canvas.text(places.bar.left, places.bar.top - 12.0, "mV", TEXT - 1.0, Anchor::Start, theme.text());
    let right = places.width as f64 - LEFT;
    scale_bar(&mut canvas, (right, places.course.bottom), places.scale, 70.0, TEXT - 1.0, "µm");
    let name = format!("potential of {}", cell.probe_name);
    canvas.text(LEFT, places.course.top - 10.0, fitted(&name, TEXT - 1.0, Weight::Regular, room), TEXT - 1.0, Anchor::Start, theme.muted());
    if let Some(time) = time_axis(cell)? {
        canvas.strokes(series::lines(cell.course(), &time, places.course, axis), 1.2, theme.text(), None);
    }
    Ok(canvas.shapes)
}

/// The time of all moments, if it passes.
fn time_axis(cell: &PaintedCell) -> Result<Option<TimeAxis>, RecordError> {
    match (cell.times_ms.first(), cell.times_ms.last()) {
        (Some(first), Some(last)) if last > first => {
            TimeAxis::new(&PlotOptions { window_ms: Some((*first, *last)), ..PlotOptions::default() }, None).map(Some)
        }
        _ => Ok(None),
    }
}

fn paint(pixels: &mut [u8], map: &Map, places: &Places, potentials: &[f32], axis: &Axis, palette: &Palette) {
    for (at, pixel) in map.pixels().enumerate() {
        let Some((owner, cover)) = pixel else { continue };
        let (x, y) = (places.cell.0 + at % map.columns, places.cell.1 + at / map.columns);
        let potential = potentials.get(owner).copied().unwrap_or(f32::NAN);
        if x < places.width
            && let Some(pixel) = pixels.get_mut(y * places.width + x)
        {
            *pixel = palette.painted(axis, potential, cover);
        }
    }
}

/// The time as a number, and as a line in the course.
fn clock(
    pixels: &mut [u8],
    places: &Places,
    cell: &PaintedCell,
    time_ms: f64,
    label: &str,
    palette: &mut Palette,
    theme: Theme,
) -> Result<(), RecordError> {
    const HIGH: usize = 24;
    const AT: usize = 34;
    let mut canvas = Canvas { theme, title: String::new(), shapes: Vec::new() };
    canvas.text(LEFT, 17.0, label, TEXT + 1.0, Anchor::Start, theme.text());
    let width = (places.bar.left - 4.0) as usize;
    let written = palette.indexed(theme, canvas.shapes, width, HIGH)?;
    for (row, line) in written.chunks(width).enumerate() {
        let from = (AT + row) * places.width;
        if let Some(place) = pixels.get_mut(from..from + width) {
            place.copy_from_slice(line);
        }
    }
    if let Some(time) = time_axis(cell)? {
        let x = time.x(places.course, time_ms).round() as usize;
        for y in places.course.top as usize..=places.course.bottom as usize {
            if let Some(line) = pixels.get_mut(y * places.width + x..y * places.width + x + 2) {
                line.fill(palette.cursor);
            }
        }
    }
    Ok(())
}

/// A frame of the rectangle in which pixels changed.
fn changed(before: Option<&[u8]>, pixels: &[u8], width: usize) -> Frame<'static> {
    let height = pixels.len() / width.max(1);
    let Some(before) = before else {
        let buffer = pixels.to_vec().into();
        return Frame { width: width as u16, height: height as u16, buffer, dispose: DisposalMethod::Keep, ..Frame::default() };
    };
    let differs = |at: usize| before.get(at) != pixels.get(at);
    let (mut left, mut right, mut top, mut bottom) = (width, 0, height, 0);
    for at in (0..pixels.len()).filter(|at| differs(*at)) {
        let (x, y) = (at % width, at / width);
        (left, right, top, bottom) = (left.min(x), right.max(x + 1), top.min(y), bottom.max(y + 1));
    }
    if left >= right {
        // Nothing changed; a frame has a pixel at least.
        (left, right, top, bottom) = (0, 1, 0, 1);
    }
    let rows = (top..bottom).flat_map(|y| (left..right).map(move |x| y * width + x));
    let buffer: Vec<u8> = rows.map(|at| if differs(at) { pixels.get(at).copied().unwrap_or(0) } else { SAME }).collect();
    Frame {
        left: left as u16,
        top: top as u16,
        width: (right - left) as u16,
        height: (bottom - top) as u16,
        buffer: buffer.into(),
        transparent: Some(SAME),
        dispose: DisposalMethod::Keep,
        ..Frame::default()
    }
}
