//! What a dendrite buys: one cell with sixteen branches that bend their sums, against a linear cell and perceptrons, on handwritten digits.
//!
//! Run it with `cargo run --release --example digits_parity`; `--out FOLDER` adds pictures, `--help` lists the rest. It prints how many images of a test
//! set each cell tells odd from even, parameters, synaptic operations and energy of a decision; ten digits, where branches buy nothing; majorities of
//! cells; and the trained cell built of compartments with receptors. Every number that another program found stands beside ours.

#[path = "digits_parity/cells.rs"]
mod cells;
#[path = "digits_parity/compartments.rs"]
mod compartments;
#[path = "digits_parity/digits.rs"]
mod digits;
#[path = "digits_parity/energy.rs"]
mod energy;
#[path = "digits_parity/perceptron.rs"]
mod perceptron;
#[path = "digits_parity/report.rs"]
mod report;
#[path = "digits_parity/rows.rs"]
mod rows;
#[path = "digits_parity/seed.rs"]
mod seed;
#[path = "digits_parity/study.rs"]
mod study;

use clap::Parser;
use compartments::Fault;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What a dendrite buys: one cell with branches, on handwritten digits.
#[derive(Parser)]
struct Arguments {
    /// Folder for pictures and the report; made if it does not exist.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Number of seeds, of which each has a split, masks and weights of its own.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Times that every image is shown.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u16).range(2..=10_000))]
    epochs: u16,
    /// Threads that share the seeds; no result depends on them. All that there are unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

fn main() -> ExitCode {
    match study(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where standard error is closed, the exit code must do.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn study(arguments: &Arguments) -> Result<(), Fault> {
    if let Some(folder) = &arguments.out {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let start = Instant::now();
    let digits = digits::digits()?;
    let (rows, class_rows) = (rows::rows(usize::from(arguments.epochs)), rows::class_rows(usize::from(arguments.epochs)));
    let threads = arguments.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let (next, outcomes) = (AtomicU64::new(1), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(arguments.seeds as usize) {
            scope.spawn(|| {
                while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed <= arguments.seeds) {
                    let outcome = seed::run(&digits, &rows, &class_rows, seed);
                    let _ =
                        writeln!(std::io::stderr(), "seed {seed} of {} done after {:.1} s", arguments.seeds, start.elapsed().as_secs_f64());
                    outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((seed, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    outcomes.sort_by_key(|(seed, _)| *seed);
    let outcomes = outcomes.into_iter().map(|(_, outcome)| outcome).collect::<Result<Vec<_>, _>>()?;
    let mut text = report::text(&rows, &class_rows, &outcomes)?;
    text += &format!("\n{}\n", report::verdict(&outcomes));
    std::io::stdout().write_all(text.as_bytes())?;
    if let Some(folder) = &arguments.out {
        report::draw(&rows, &class_rows, &outcomes, folder)?;
        let file = folder.join("report.md");
        std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}
