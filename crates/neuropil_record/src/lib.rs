//! Results of simulations: statistics of spikes while they happen, recorded tables, their files, the summary of a run, and plots.
//!
//! ```
//! use neuropil_record::{Figure, PlotOptions, Population, SpikeMeter, SpikeTable};
//!
//! let populations = [Population::new("excitatory", 0, 80), Population::new("inhibitory", 80, 20)];
//! let time_step_ms = 0.1;
//! let mut meter = SpikeMeter::new(&populations, time_step_ms)?;
//! let mut table = SpikeTable::new(&populations, time_step_ms)?;
//! for step in (0..10_000).step_by(50) {
//!     let spikes = [step as u32 % 80, 85];
//!     meter.record_step(step, &spikes);
//!     table.push(step, &spikes);
//! }
//! assert_eq!(meter.statistics(10_000)[1].rate_hz, 10.0);
//!
//! let folder = std::env::temp_dir().join(format!("neuropil-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! table.write_parquet(&folder.join("spikes.parquet"))?;
//! Figure::raster(&table, &PlotOptions::default())?.write_png(&folder.join("raster.png"))?;
//! assert_eq!(SpikeTable::read_parquet(&folder.join("spikes.parquet"))?, table);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//! - `time_grid`: steps and the times they stand for
//! - `population`: populations as ranges of neuron identifiers
//! - `digest`: a fingerprint of spikes that does not depend on their order
//! - `spike_meter`: rates, interval variation and synchrony while a network runs
//! - [`statistics`]: measures of recorded spikes, of traces and of lists of numbers
//! - `spikes`, `traces`: recorded spikes and variables in memory, as Parquet and as CSV
//! - `results`, `weights`: tables of results and of synaptic weights, as Parquet and as CSV
//! - `summary`: `summary.json`
//! - `plots`: rasters, traces, curves, heat maps, distributions, spectra, bars, points and branches in space as SVG and PNG; a cell
//!   painted with its potentials, also as an animated GIF
//! - `files`: files written whole or not at all
//! - `process`: memory of this process
//! - `error`: what can go wrong
//!
//! Spikes and samples are handed over as plain slices: this crate knows no models and no entities. `neuropil_core` makes spikes,
//! `neuropil_experiment` decides what is recorded.

mod digest;
mod error;
mod files;
mod plots;
mod population;
mod process;
mod results;
mod spike_meter;
mod spikes;
pub mod statistics;
mod summary;
mod time_grid;
mod traces;
mod weights;

pub use digest::SpikeDigest;
pub use error::RecordError;
pub use plots::{
    AxisScale, BarSeries, Branch, BranchClass, ColourScale, Curve, CurveStyle, Distribution, DistributionForm, Figure, HeatMap, Pace,
    PaintedCell, PlotAxis, PlotOptions, Scatter, Theme, Tree,
};
pub use population::Population;
pub use process::peak_rss_bytes;
pub use results::{ResultColumn, ResultKind, ResultTable};
pub use spike_meter::{PopulationStatistics, SYNCHRONY_BIN_MS, SpikeMeter};
pub use spikes::SpikeTable;
pub use summary::{EnergyBill, MechanismBill, RunSummary};
pub use time_grid::TimeGrid;
pub use traces::{TraceTable, TraceVariable};
pub use weights::{WeightRow, WeightTable};
