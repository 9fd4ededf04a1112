//! Raster of spikes by population, with rates over time below and mean rates beside.

use super::axis::{Axis, round_step, three_digits};
use super::canvas::{Anchor, Area, Canvas, LABEL_SIZE, MARGIN, TICK_SIZE, WIDTH, Weight, fitted, thousands};
use super::font::text_width;
use super::series::TimeAxis;
use super::{Figure, PlotOptions};
use crate::{Population, RecordError, SpikeTable};

/// About as many spikes are drawn.
const DOTS: f64 = 6_000.0;

/// At most as many neurons have a row.
const ROWS: f64 = 1_500.0;

/// At most as many populations are drawn: more have no readable band.
const POPULATIONS: usize = 60;

/// With more populations the time course shows only their mean.
const COURSES: usize = 8;

/// Bins of the time course: as many as leave this many spikes of each population in one, on average, within limits.
const SPIKES_A_BIN: f64 = 10.0;
const BINS: (f64, f64) = (20.0, 400.0);

const TOP: f64 = 140.0;
const RASTER_BOTTOM: f64 = 650.0;
const COURSE_TOP: f64 = 690.0;
const COURSE_BOTTOM: f64 = 905.0;
const BARS_WIDTH: f64 = 230.0;
const LABEL_ROOM: f64 = 250.0;
/// Names of neurons: size, room, and distance at least, pixels.
const NAME_SIZE: f64 = 16.0;
const NAME_ROOM: f64 = 120.0;
const NAME_DISTANCE: f64 = 15.0;

/// One population's part of the plot.
struct Band<'table> {
    population: &'table Population,
    /// Its neurons whose spikes were kept.
    neurons: Vec<u32>,
    /// Spikes in each bin of the time course.
    bins: Vec<u64>,
    spikes: u64,
    /// Neurons that have a row, in the order of rows.
    shown: Vec<u32>,
    top: f64,
    height: f64,
}

/// Bins of the time course, in steps.
struct Bins {
    from: u64,
    to: u64,
    width: u64,
}

impl Figure {
    /// A raster of spikes, one colour a population, with the rates over time below it and the mean rates beside it, both of all
    /// neurons whose spikes were kept. Of large networks evenly spaced neurons are shown, as many of each population as is its share; the caption says how
    /// many. Neurons with a name, in the options or the table, are called by it beside their row where names fit.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if there are no neurons, the window is empty, or there are no spikes and no window.
    pub fn raster(spikes: &SpikeTable, options: &PlotOptions) -> Result<Self, RecordError> {
        let grid = spikes.time_grid();
        let end = spikes.iter().map(|(step, _)| step).max().map(|step| grid.time_ms(step + 1));
        let time = TimeAxis::new(options, end)?;
        let populations = &spikes.populations()[..spikes.populations().len().min(POPULATIONS)];
        let mut bands = bands(spikes, populations);
        if bands.iter().all(|band| band.neurons.is_empty()) {
            return Err(RecordError::NothingToPlot { problem: "the recording has no neurons".to_owned() });
        }
        let bins = Bins::new(spikes, &time)?;
        count_spikes(&mut bands, spikes, &bins);
        place_bands(&mut bands);
        let neurons = choose_neurons(&mut bands);

        let mut canvas = Canvas::new(options.theme, &options.title, &caption(spikes, &bands, neurons));
        let names = bands.iter().map(|band| text_width(&band.population.name, LABEL_SIZE, Weight::Regular)).fold(90.0, f64::max);
        let called = called(&bands, spikes, options);
        let room = called.iter().flatten().map(|(_, name)| text_width(name, NAME_SIZE, Weight::Regular)).fold(0.0, f64::max);
        let room = if room > 0.0 { room.min(NAME_ROOM) + 24.0 } else { 0.0 };
        let left = MARGIN + 20.0 + names.min(LABEL_ROOM) + room;
        let raster = Area { left, right: WIDTH - MARGIN - BARS_WIDTH - 30.0, top: TOP, bottom: RASTER_BOTTOM };
        let course = Area { top: COURSE_TOP, bottom: COURSE_BOTTOM, ..raster };
        draw_grid(&mut canvas, &time, raster);
        draw_spikes(&mut canvas, spikes, &bands, &time, raster);
        draw_names(&mut canvas, &bands, Area { left: raster.left - room, ..raster });
        draw_neuron_names(&mut canvas, &bands, &called, raster);
        let seconds = grid.time_ms(bins.to - bins.from) / 1000.0;
        draw_bars(&mut canvas, &bands, raster, seconds);
        draw_course(&mut canvas, &bands, &bins, spikes, &time, course);
        Ok(Self { canvas })
    }
}

impl Bins {
    fn new(spikes: &SpikeTable, time: &TimeAxis) -> Result<Self, RecordError> {
        let grid = spikes.time_grid();
        let step =
            |time_ms| grid.step(time_ms).ok_or_else(|| RecordError::NothingToPlot { problem: format!("no step lies at {time_ms} ms") });
        let (from, to) = (step(time.from_ms)?, step(time.to_ms)?);
        let to = to.max(from + 1);
        let shown: u64 = spikes.iter().filter(|(step, _)| (from..to).contains(step)).map(|(_, neurons)| neurons.len() as u64).sum();
        let bins = (shown as f64 / SPIKES_A_BIN / spikes.populations().len() as f64).clamp(BINS.0, BINS.1);
        let width = grid.bin_steps(round_step((time.to_ms - time.from_ms) / bins).max(1.0));
        Ok(Self { from, to, width })
    }

    fn count(&self) -> usize {
        (self.to - self.from).div_ceil(self.width) as usize
    }

    /// The bin of a step, if the window has it.
    fn of(&self, step: u64) -> Option<usize> {
        (self.from..self.to).contains(&step).then(|| ((step - self.from) / self.width) as usize)
    }

    /// Bins that have at least half of their width inside the window: a rate over less is mostly chance.
    fn drawn(&self) -> usize {
        let last = self.count() - 1;
        if last > 0 && 2 * self.steps(last) < self.width { last } else { last + 1 }
    }

    /// First step of a bin, and the one after its last; the last bin may be shorter than the others.
    fn extent(&self, bin: usize) -> (u64, u64) {
        let begin = self.from + bin as u64 * self.width;
        (begin, (begin + self.width).min(self.to))
    }

    fn steps(&self, bin: usize) -> u64 {
        let (begin, end) = self.extent(bin);
        end - begin
    }
}

fn bands<'table>(spikes: &SpikeTable, populations: &'table [Population]) -> Vec<Band<'table>> {
    let empty = |(place, population)| {
        let neurons = spikes.neurons(place);
        Band { population, neurons, bins: Vec::new(), spikes: 0, shown: Vec::new(), top: 0.0, height: 0.0 }
    };
    populations.iter().enumerate().map(empty).collect()
}

fn count_spikes(bands: &mut [Band], spikes: &SpikeTable, bins: &Bins) {
    bands.iter_mut().for_each(|band| band.bins = vec![0; bins.count()]);
    for (step, population, neurons) in spikes.by_population() {
        if let (Some(bin), Some(band)) = (bins.of(step), bands.get_mut(population)) {
            band.bins[bin] += neurons.len() as u64;
            band.spikes += neurons.len() as u64;
        }
    }
}

/// Heights in proportion to sizes, but enough for a name where there is room.
fn place_bands(bands: &mut [Band]) {
    let count = bands.len() as f64;
    let gap = (60.0 / count).clamp(1.0, 10.0);
    let usable = RASTER_BOTTOM - TOP - gap * (count - 1.0);
    let least = (usable / count).min(44.0);
    let total: f64 = bands.iter().map(|band| band.neurons.len() as f64).sum();
    let mut top = TOP;
    for band in bands {
        band.top = top;
        band.height = least + (usable - count * least) * band.neurons.len() as f64 / total;
        top += band.height + gap;
    }
}

/// Chooses the neurons that have a row and says how many they are.
fn choose_neurons(bands: &mut [Band]) -> u64 {
    let neurons: f64 = bands.iter().map(|band| band.neurons.len() as f64).sum();
    let spikes: f64 = bands.iter().map(|band| band.spikes as f64).sum();
    let share = (DOTS / spikes.max(1.0)).min(ROWS / neurons).min(1.0);
    let mut chosen = 0;
    for Band { neurons, shown, .. } in bands {
        let size = neurons.len() as u64;
        let rows = ((size as f64 * share).round() as u64).clamp(size.min(4), size);
        // The middle neuron of each of `rows` equal parts.
        shown.extend((0..rows).filter_map(|row| neurons.get(((2 * row + 1) * size / (2 * rows)) as usize)));
        chosen += rows;
    }
    chosen
}

fn caption(spikes: &SpikeTable, bands: &[Band], chosen: u64) -> String {
    let neurons: u64 = bands.iter().map(|band| band.neurons.len() as u64).sum();
    let whole: u64 = bands.iter().map(|band| u64::from(band.population.size)).sum();
    let mut caption = if chosen == neurons {
        format!("{} neuron{}", thousands(neurons), if neurons == 1 { "" } else { "s" })
    } else {
        format!("{} of {} neurons shown; rates of all neurons", thousands(chosen), thousands(neurons))
    };
    if neurons < whole {
        caption += &format!("; a selection of {}", thousands(whole));
    }
    let all = spikes.populations().len();
    if all > bands.len() {
        caption += &format!("; first {} of {} populations", bands.len(), thousands(all as u64));
    }
    caption
}

/// Faint lines at the ticks of time, behind the spikes.
fn draw_grid(canvas: &mut Canvas, time: &TimeAxis, raster: Area) {
    let lines = time.axis.ticks.iter().map(|&tick| raster.x(&time.axis, tick)).map(|x| vec![(x, raster.top), (x, COURSE_BOTTOM)]);
    canvas.strokes(lines.collect(), 1.0, canvas.theme.faint(), None);
}

fn draw_spikes(canvas: &mut Canvas, spikes: &SpikeTable, bands: &[Band], time: &TimeAxis, raster: Area) {
    let grid = spikes.time_grid();
    let mut marks: Vec<Vec<Vec<(f64, f64)>>> = vec![Vec::new(); bands.len()];
    // Where each row was marked last: marks closer than half a pixel cannot be told apart.
    let mut last: Vec<Vec<f64>> = bands.iter().map(|band| vec![f64::NEG_INFINITY; band.shown.len()]).collect();
    for (step, population, neurons) in spikes.by_population() {
        let time_ms = grid.time_ms(step);
        let Some(band) = bands.get(population).filter(|_| time.shows(time_ms)) else { continue };
        let x = time.x(raster, time_ms);
        for neuron in neurons {
            let Ok(row) = band.shown.binary_search(neuron) else { continue };
            if x - last[population][row] < 0.5 {
                continue;
            }
            last[population][row] = x;
            let height = band.height / band.shown.len() as f64;
            let y = band.top + (row as f64 + 0.5) * height;
            // Rows with room have strokes, the others dots.
            let mark = if height >= 9.0 {
                let half = (0.38 * height).min(22.0);
                vec![(x, y - half), (x, y + half)]
            } else {
                vec![(x, y)]
            };
            marks[population].push(mark);
        }
    }
    for (place, (band, marks)) in bands.iter().zip(marks).enumerate() {
        let height = band.height / band.shown.len().max(1) as f64;
        let pen = if height >= 9.0 { 2.2 } else { (1.25 * height).clamp(2.6, 4.0) };
        canvas.strokes(marks, pen, canvas.theme.series(place), Some(&format!("spikes of {}", band.population.name)));
    }
}

fn draw_names(canvas: &mut Canvas, bands: &[Band], raster: Area) {
    let mut free_from = f64::NEG_INFINITY;
    let room_for_size = bands.iter().all(|band| band.height >= 60.0);
    for (place, band) in bands.iter().enumerate() {
        let middle = band.top + band.height / 2.0;
        if middle - 13.0 < free_from {
            continue;
        }
        free_from = middle + 13.0;
        let colour = canvas.theme.series(place);
        let name = fitted(&band.population.name, LABEL_SIZE, Weight::Regular, LABEL_ROOM);
        let baseline = middle + 0.36 * LABEL_SIZE - if room_for_size { 13.0 } else { 0.0 };
        canvas.text(raster.left - 16.0, baseline, name, LABEL_SIZE, Anchor::End, colour);
        if room_for_size {
            let size = thousands(band.neurons.len() as u64);
            canvas.text(raster.left - 16.0, baseline + 27.0, size, TICK_SIZE - 2.0, Anchor::End, canvas.theme.muted());
        }
    }
}

/// Rows and names of the neurons shown that have a name, band by band.
fn called(bands: &[Band], spikes: &SpikeTable, options: &PlotOptions) -> Vec<Vec<(usize, String)>> {
    let name = |neuron: &u32| options.names.get(neuron).or_else(|| spikes.names().get(neuron));
    let of_band = |band: &Band| band.shown.iter().enumerate().filter_map(|(row, neuron)| Some((row, name(neuron)?.clone()))).collect();
    bands.iter().map(of_band).collect()
}

/// Names of neurons beside their rows; of more than fit, those at a distance, with a tick to their row.
fn draw_neuron_names(canvas: &mut Canvas, bands: &[Band], called: &[Vec<(usize, String)>], raster: Area) {
    let mut free_from = f64::NEG_INFINITY;
    let mut ticks = Vec::new();
    for (place, (band, names)) in bands.iter().zip(called).enumerate() {
        let height = band.height / band.shown.len().max(1) as f64;
        for (row, name) in names {
            let y = band.top + (*row as f64 + 0.5) * height;
            if y < free_from {
                continue;
            }
            free_from = y + NAME_DISTANCE;
            ticks.push(vec![(raster.left - 7.0, y), (raster.left - 2.0, y)]);
            let name = fitted(name, NAME_SIZE, Weight::Regular, NAME_ROOM);
            canvas.text(raster.left - 12.0, y + 0.36 * NAME_SIZE, name, NAME_SIZE, Anchor::End, canvas.theme.series(place));
        }
    }
    canvas.strokes(ticks, 1.0, canvas.theme.muted(), None);
}

fn draw_bars(canvas: &mut Canvas, bands: &[Band], raster: Area, seconds: f64) {
    let left = raster.right + 30.0;
    let numbers = 84.0;
    let rates: Vec<f64> = bands.iter().map(|band| band.spikes as f64 / (band.neurons.len() as f64).max(1.0) / seconds).collect();
    let highest = rates.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    canvas.text(left, raster.top - 14.0, "mean rate (Hz)", TICK_SIZE, Anchor::Start, canvas.theme.text());
    let mut free_from = f64::NEG_INFINITY;
    for (place, (band, rate)) in bands.iter().zip(rates).enumerate() {
        let thickness = (0.6 * band.height).min(30.0);
        let middle = band.top + band.height / 2.0;
        let width = (rate / highest * (BARS_WIDTH - numbers)).max(1.0);
        canvas.rectangle(left, middle - thickness / 2.0, width, thickness, canvas.theme.series(place));
        if middle - 12.0 >= free_from {
            free_from = middle + 12.0;
            canvas.text(left + width + 10.0, middle + 0.36 * TICK_SIZE, three_digits(rate), TICK_SIZE, Anchor::Start, canvas.theme.text());
        }
    }
    canvas.strokes(vec![vec![(left, raster.top), (left, raster.bottom)]], 1.5, canvas.theme.muted(), None);
}

fn draw_course(canvas: &mut Canvas, bands: &[Band], bins: &Bins, spikes: &SpikeTable, time: &TimeAxis, area: Area) {
    let grid = spikes.time_grid();
    let rates = |counts: &dyn Fn(usize) -> u64, size: f64| -> Vec<f64> {
        let seconds = |bin| bins.steps(bin) as f64 * grid.time_step_ms() / 1000.0;
        (0..bins.drawn()).map(|bin| counts(bin) as f64 / size.max(1.0) / seconds(bin)).collect()
    };
    let size = |band: &Band| band.neurons.len() as f64;
    let courses: Vec<(String, Vec<f64>)> = if bands.len() <= COURSES {
        bands.iter().map(|band| (format!("rate of {}", band.population.name), rates(&|bin| band.bins[bin], size(band)))).collect()
    } else {
        let sum = |bin: usize| bands.iter().map(|band| band.bins[bin]).sum();
        vec![("rate of all populations".to_owned(), rates(&sum, bands.iter().map(size).sum()))]
    };
    let highest = courses.iter().flat_map(|(_, rates)| rates).copied().fold(0.0, f64::max);
    let axis = Axis::rounded(0.0, if highest > 0.0 { highest } else { 1.0 }, 3);
    canvas.vertical_axis(area, &axis);
    canvas.horizontal_axis(area, &time.axis, time.label);
    canvas.upward(MARGIN + 24.0, f64::midpoint(area.top, area.bottom), "rate (Hz)", area.bottom - area.top, canvas.theme.text());
    let width = (grid.time_ms(bins.width) * 1e3).round() / 1e3;
    canvas.text(area.right + 30.0, area.top + 20.0, format!("{width} ms bins"), TICK_SIZE, Anchor::Start, canvas.theme.muted());
    let one = courses.len() == 1 && bands.len() > 1;
    if one {
        canvas.text(area.right + 30.0, area.top + 50.0, "all populations", TICK_SIZE, Anchor::Start, canvas.theme.muted());
    }
    for (place, (name, rates)) in courses.iter().enumerate() {
        let points = rates.iter().enumerate().flat_map(|(bin, &rate)| {
            let y = area.y(&axis, rate);
            let (begin, end) = bins.extent(bin);
            [begin, end].map(|step| (time.x(area, step as f64 * grid.time_step_ms()), y))
        });
        let colour = if one { canvas.theme.text() } else { canvas.theme.series(place) };
        canvas.strokes(vec![points.collect()], 2.0, colour, Some(name));
    }
}
