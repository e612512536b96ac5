//! The `muse` command: see `muse help`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    muse_cli::run()
}
