//! The laboratory's command: see `muse-lab help`. `muse evaluate` starts it.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    muse_lab::run()
}
