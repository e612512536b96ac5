//! Results to standard output, remarks to standard error.

use super::drawn::Style;
use super::failure::Failure;
use std::io::{self, IsTerminal, Write};

/// If results cannot be written, the program fails: an empty file must not look like an answer.
pub fn unwritten(error: &io::Error) -> Failure {
    // Whoever read it has seen enough, as in `| head`: shells end programs for that without a word.
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::unread();
    }
    Failure::general(format!("cannot write to standard output: {error}"))
}

/// Where the program writes.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    quiet: bool,
}

impl Console {
    /// `quiet` drops remarks and progress; results and errors stay.
    pub const fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Whether remarks are dropped.
    pub const fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Writes `text` and a line feed to standard output, at once.
    pub fn result(self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| unwritten(&error))
    }

    /// Writes a line to standard error unless the user wants quiet. Failing at that is no reason to stop.
    pub fn remark(self, text: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// Writes a line to standard error, whether the user wants quiet or not.
    pub fn warn(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// How images are drawn on standard output.
    pub fn style(self) -> Style {
        // NO_COLOR counts when it is set and not empty (no-color.org).
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        if io::stdout().is_terminal() && !plain && !dumb { Style::Grey } else { Style::Ascii }
    }

    /// Characters per line of standard output.
    pub fn columns(self) -> usize {
        const UNKNOWN: usize = 100;
        if !io::stdout().is_terminal() {
            return UNKNOWN;
        }
        terminal_size::terminal_size().map_or(UNKNOWN, |(width, _)| width.0.into())
    }
}
