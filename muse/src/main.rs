//! The `muse` command: see `muse help`.
#![forbid(unsafe_code)]

extern crate alloc;

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
