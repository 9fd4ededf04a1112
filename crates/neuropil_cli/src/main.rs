//! The `neuropil` program: reads the command line, hands over to one command, and turns its outcome into an exit status.
//!
//! Status 0: done. 1: a claim does not hold. 2: what was asked for cannot be done, or the run failed; standard error says why. 130: interrupted; what was recorded is kept.

mod arguments;
mod claims;
mod commands;
mod output;
mod panics;
mod progress;
mod table;

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
use output::{Failure, print};
use std::io::IsTerminal;
use std::process::ExitCode;

fn main() -> ExitCode {
    panics::shown_if_uncaught(command)
}

fn command() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        None => {
            let help = Arguments::command().render_long_help();
            print(&if std::io::stdout().is_terminal() { help.ansi().to_string() } else { help.to_string() })
        }
        Some(Command::Run(run)) => commands::run::run(&run),
        Some(Command::Validate(validate)) => commands::validate::validate(&validate),
        Some(Command::Models(models)) => commands::models::models(&models),
        Some(Command::Plot(plot)) => commands::plot::plot(&plot),
        Some(Command::Inspect(inspect)) => commands::inspect::inspect(&inspect),
        Some(Command::Convert(convert)) => commands::convert::convert(&convert),
        Some(Command::Verify(verify)) => commands::verify::verify(&verify),
        Some(Command::Merge(merge)) => commands::merge::merge(&merge),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::ClaimFell) => ExitCode::from(1),
        Err(Failure::Interrupted) => ExitCode::from(130),
        // Nobody is left to read a message.
        Err(Failure::ReaderGone) => ExitCode::SUCCESS,
        Err(Failure::Refused(messages)) => {
            output::complain(&messages);
            ExitCode::from(2)
        }
    }
}
