//! Panics: those that somebody catches are not shown.
//!
//! Decoders of others trip over assertions where a file is damaged. Who calls them catches that and makes an error of it, which is all that the user is to read.

use crate::output::complain;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

/// Messages that are kept: a panic of another thread comes before that of the thread that waits for it.
const KEPT: usize = 4;

/// The exit status of a panic, as Rust has it.
const PANICKED: u8 = 101;

static MESSAGES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Runs a program. What panics say is kept, and shown only if one of them ends the program.
pub fn shown_if_uncaught(program: impl FnOnce() -> ExitCode) -> ExitCode {
    std::panic::set_hook(Box::new(keep));
    catch_unwind(AssertUnwindSafe(program)).unwrap_or_else(|_| {
        complain(&MESSAGES.lock().unwrap_or_else(PoisonError::into_inner));
        ExitCode::from(PANICKED)
    })
}

fn keep(panic: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let backtrace = if backtrace.status() == BacktraceStatus::Captured { format!("\n{backtrace}") } else { String::new() };
    let mut messages = MESSAGES.lock().unwrap_or_else(PoisonError::into_inner);
    if messages.len() == KEPT {
        messages.remove(0);
    }
    messages.push(format!("{panic}{backtrace}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: a panic that is not caught ends the program with 101 and its message and place; one that was caught does neither. Source: definition. Tolerance: none.
    #[test]
    fn what_nobody_catches_ends_the_program() {
        let caught = shown_if_uncaught(|| {
            let caught = catch_unwind(|| panic!("a decoder"));
            ExitCode::from(if caught.is_err() { 7 } else { 8 })
        });
        assert_eq!(format!("{caught:?}"), format!("{:?}", ExitCode::from(7)));
        let uncaught = shown_if_uncaught(|| panic!("nobody"));
        let messages = MESSAGES.lock().unwrap_or_else(PoisonError::into_inner).join("\n");
        drop(std::panic::take_hook());
        assert_eq!(format!("{uncaught:?}"), format!("{:?}", ExitCode::from(PANICKED)));
        assert!(messages.contains("nobody") && messages.contains("panics.rs"), "{messages}");
    }
}
