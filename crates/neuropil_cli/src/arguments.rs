//! The command line. Help, errors and suggestions come from these definitions.

use clap::{Args, Parser, Subcommand, ValueEnum};
use neuropil_experiment::study::Shard;
use std::path::PathBuf;

/// Three commands to try.
const TRY: &str = "\
Three commands to try:

  # a tutorial: two neurons, a trace, a picture
  neuropil run assets/experiments/two_neurons.ron --out two_neurons

  # a network of 12,500 neurons in another regime
  neuropil run assets/experiments/brunel.ron --set regime=SI_fast

  # equations, parameters and references of a model
  neuropil models LifExponentialCurrent";

/// Simulates networks of spiking neurons: from one file to results.
#[derive(Parser)]
#[command(name = "neuropil", version, after_help = TRY, after_long_help = TRY, max_term_width = 120)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Run an experiment and print what its populations did.
    Run(Run),
    /// Check an experiment without running it, and say what a run would need.
    Validate(Validate),
    /// List the neuron models, or print the page of one.
    Models(Models),
    /// Redraw the pictures of results in a folder.
    Plot(Plot),
    /// Run experiments and hold what they claim against what is measured. Exit status 1 if a claim falls.
    Verify(Verify),
    /// Join the parts of a sweep that ran with --shard.
    Merge(Merge),
}

/// What changes an experiment.
#[derive(Args)]
pub struct Changes {
    /// Set a parameter of the experiment, or a value by its path: `--set g=4.5`, `--set populations.inhibitory.size=100`.
    #[arg(long = "set", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub set: Vec<String>,
    /// Biological time to simulate, with its unit: `--duration "500 ms"`.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub duration: Option<String>,
    /// Seed of all random numbers.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

impl Changes {
    /// Whether anything but the seed is changed.
    pub fn any(&self) -> bool {
        !self.set.is_empty() || self.duration.is_some()
    }
}

/// `neuropil run`.
#[derive(Args)]
pub struct Run {
    /// The experiment, a RON file.
    pub file: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
    /// Threads to use; small networks use fewer. Results do not depend on it. [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Folder for summary, spikes, traces and pictures; made if need be.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print one JSON object on standard output, and nothing else there.
    #[arg(long)]
    pub json: bool,
    /// No progress bar.
    #[arg(long)]
    pub quiet: bool,
    /// Keep no spikes and traces; rates and other statistics are still measured.
    #[arg(long)]
    pub no_record: bool,
    /// Write CSV files beside the Parquet files.
    #[arg(long)]
    pub csv: bool,
    /// Colours of the pictures.
    #[arg(long, value_enum, default_value_t = Theme::Light)]
    pub theme: Theme,
    /// Instruction set of the kernels: portable, avx2 or avx512. Results do not depend on it. [default: the widest there is]
    #[arg(long, value_name = "SET")]
    pub kernels: Option<String>,
    /// Of an experiment with arms, sweep or seeds: run one of several parts of its points, as in 2/8.
    #[arg(long, value_name = "I/N", requires = "out")]
    pub shard: Option<Shard>,
    /// Of an experiment with arms, sweep or seeds: keep spikes, traces and pictures of every point, too.
    #[arg(long, requires = "out")]
    pub keep_all: bool,
}

/// `neuropil verify`.
#[derive(Args)]
pub struct Verify {
    /// Experiments, or folders of them. [default: assets/experiments]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub changes: Changes,
    /// Threads to use. Results do not depend on it. [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Leave out experiments that say `quick: false`.
    #[arg(long)]
    pub quick: bool,
    /// Print one JSON object on standard output, and nothing else there.
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// Print the table as Markdown.
    #[arg(long)]
    pub markdown: bool,
}

/// `neuropil merge`.
#[derive(Args)]
pub struct Merge {
    /// Folder for the whole; made if need be.
    pub out: PathBuf,
    /// Folders of the parts, all of one experiment with the same settings.
    #[arg(required = true)]
    pub parts: Vec<PathBuf>,
    /// Write the table as CSV, too.
    #[arg(long)]
    pub csv: bool,
    /// Colours of the pictures.
    #[arg(long, value_enum, default_value_t = Theme::Light)]
    pub theme: Theme,
}

/// `neuropil validate`.
#[derive(Args)]
pub struct Validate {
    /// The experiment, a RON file.
    pub file: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
}

/// `neuropil models`.
#[derive(Args)]
pub struct Models {
    /// The model whose page to print.
    pub name: Option<String>,
}

/// `neuropil plot`.
#[derive(Args)]
pub struct Plot {
    /// Folder that `neuropil run --out` wrote.
    pub folder: PathBuf,
    /// Colours of the pictures.
    #[arg(long, value_enum, default_value_t = Theme::Light)]
    pub theme: Theme,
}

/// Colours of pictures.
#[derive(Clone, Copy, ValueEnum)]
pub enum Theme {
    /// Dark on white.
    Light,
    /// Light on dark.
    Dark,
}

impl From<Theme> for neuropil_record::Theme {
    fn from(theme: Theme) -> Self {
        match theme {
            Theme::Light => Self::Light,
            Theme::Dark => Self::Dark,
        }
    }
}
