//! Standard output and standard error, neither of which can make the program panic.

use neuropil_record::RunSummary;
use serde::Serialize;
use std::io::{ErrorKind, Write};

/// Why a command did not end well.
pub enum Failure {
    /// Whole messages for standard error; exit status 2.
    Refused(Vec<String>),
    /// A claim does not hold, as the output says; exit status 1.
    ClaimFell,
    /// Ctrl-C; exit status 130.
    Interrupted,
    /// The reader of standard output closed it.
    ReaderGone,
}

impl Failure {
    /// A single message, to which `error: ` is put in front.
    pub fn message(text: impl ToString) -> Self {
        Self::Refused(vec![format!("error: {}", text.to_string())])
    }
}

/// Writes to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") });
    written.and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::message(format!("standard output: {error}")),
    })
}

/// Writes messages to standard error; there is nowhere to say so if that fails.
pub fn complain(messages: &[String]) {
    let mut err = std::io::stderr().lock();
    for message in messages {
        let _ = writeln!(err, "{}", message.trim_end());
    }
}

/// A summary as one JSON object on one line, its fields in their order, and others behind them.
pub fn object(summary: Option<&RunSummary>, others: Option<impl Serialize>) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Object<'a, T> {
        #[serde(flatten)]
        summary: Option<&'a RunSummary>,
        #[serde(flatten)]
        others: Option<T>,
    }
    serde_json::to_string(&Object { summary, others }).map_err(|error| Failure::message(format!("the summary: {error}")))
}
