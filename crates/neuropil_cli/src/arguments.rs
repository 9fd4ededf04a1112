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
    /// Redraw the pictures of results in a folder; those of cells, whose potentials are not written, stay as they are.
    Plot(Plot),
    /// Make a connectome of tables, matrices or graphs, or bring one from one format into another.
    Convert(Convert),
    /// Run experiments and hold what they claim against what is measured. Exit status 1 if a claim falls.
    Verify(Verify),
    /// Join the parts of a sweep that ran with --shard.
    Merge(Merge),
    /// Measure a connectome as a graph (degrees, components, clustering, motifs, hubs), or the shapes of cells (lengths, areas, branches).
    Inspect(Inspect),
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
    /// Silence neurons: a selector over their names and properties, `--lesion "name == 'AVAL'"`; what they do has no effect on others.
    #[arg(long, value_name = "SELECTOR", allow_hyphen_values = true)]
    pub lesion: Vec<String>,
    /// Drive neurons: `--stimulate "name == 'PLML' at 2 nA"`, or with Poisson spikes `"… at 150 Hz with 0.1 nA"`, `"… into RECEPTOR"`.
    #[arg(long, value_name = "SELECTOR at AMOUNT", allow_hyphen_values = true)]
    pub stimulate: Vec<String>,
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

/// `neuropil convert`.
#[derive(Args)]
#[command(after_help = crate::commands::convert::formats())]
pub struct Convert {
    /// The inputs, then the output: NODES EDGES OUT.connectome, for example. An output ends in .connectome (compressed) or .ron (text).
    #[arg(value_name = "FILE", num_args = 1.., required = true)]
    pub files: Vec<PathBuf>,
    /// Which column of a table means what: `--columns name=root_id,source=pre,target=post,count=syn`.
    #[arg(long, value_name = "MEANING=COLUMN", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Whether the ends of edges are names of nodes or their rows, counted from 0. [default: names; rows where a file declares both ends as
    /// integers and none is a name]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub ends: Option<Ends>,
    /// Rows of edges that have one source, target and kind: add up counts and weights, or refuse them.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Duplicates::Merge)]
    pub duplicates: Duplicates,
    /// Kind of all edges where the inputs do not say. [default: chemical; tract for folders of tracts]
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// Matrix of lengths beside one of weights; its name ends in the unit: lengths_mm.csv.
    #[arg(long, value_name = "FILE")]
    pub lengths: Option<PathBuf>,
    /// What the rows of a matrix are.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = MatrixRows::Sources)]
    pub matrix_rows: MatrixRows,
    /// Text about the connectome, a RON file: `(title: …, description: …, references: […], source: …, licence: …)`.
    #[arg(long, value_name = "FILE")]
    pub about: Option<PathBuf>,
    /// One line: what it is.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// What was measured and how, what is missing, what the columns mean.
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Where the data were taken from.
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
    /// Licence of the data.
    #[arg(long, value_name = "TEXT")]
    pub licence: Option<String>,
    /// A paper, with its DOI; may be given more than once.
    #[arg(long = "reference", value_name = "TEXT")]
    pub references: Vec<String>,
    /// Print one JSON object on standard output, and nothing else there.
    #[arg(long)]
    pub json: bool,
}

/// What the ends of edges are.
#[derive(Clone, Copy, ValueEnum)]
pub enum Ends {
    /// Names of nodes.
    Names,
    /// Rows of the table of nodes, counted from 0.
    Rows,
}

/// What happens to edges that occur twice.
#[derive(Clone, Copy, ValueEnum)]
pub enum Duplicates {
    /// Counts and weights are added; of other columns the first row counts.
    Merge,
    /// They are an error.
    Refuse,
}

/// What the rows of a matrix are.
#[derive(Clone, Copy, ValueEnum)]
pub enum MatrixRows {
    /// Row to column.
    Sources,
    /// Column to row.
    Targets,
}

/// Kinds of edges.
#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
    /// Chemical synapses.
    Chemical,
    /// Gap junctions.
    Electrical,
    /// Fibre tracts.
    Tract,
}

/// `neuropil inspect`.
#[derive(Args)]
pub struct Inspect {
    /// A connectome, .connectome or .ron; or what `neuropil convert` reads, such as a table of nodes and one of edges. Or one or several cells,
    /// .swc or .asc (Neurolucida).
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Print one JSON object with all measures on standard output, and nothing else there.
    #[arg(long)]
    pub json: bool,
    /// Folder for pictures and measures: of a connectome degrees, connections between classes, positions and measures.json; of a cell a drawing
    /// and a .json with its name. Made if need be.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Number of shuffled graphs to compare with; 0 for none. [default: up to 100, fewer for large graphs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub shuffles: Option<u32>,
    /// Seed of the shuffles.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Count triangles and triads, however long that takes. [default: where it takes seconds]
    #[arg(long)]
    pub triangles: bool,
    /// Of cells: refuse what would be repaired.
    #[arg(long)]
    pub strict: bool,

    /// List the sections of cells: what selectors of experiments call them, where they hang, how
    /// long and thick they are, and how far from the soma they lead
    #[arg(long)]
    pub sections: bool,
    /// Of cells: multiply positions and radii to get µm, 0.001 for nm.
    #[arg(long, value_name = "FACTOR", allow_hyphen_values = true)]
    pub scale: Option<f64>,
    /// Of cells: axial resistivity for electrotonic lengths. [default: 150 Ohm*cm]
    #[arg(long, value_name = "QUANTITY", allow_hyphen_values = true)]
    pub axial_resistivity: Option<String>,
    /// Of cells: membrane resistance for electrotonic lengths. [default: 20 kOhm*cm^2]
    #[arg(long, value_name = "QUANTITY", allow_hyphen_values = true)]
    pub membrane_resistance: Option<String>,
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
