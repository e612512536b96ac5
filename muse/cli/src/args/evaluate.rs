//! `muse evaluate`: its arguments are passed on to the laboratory.

use clap::Args;
use std::ffi::OsString;

/// Measure on this machine what the MUSE paper measured, and show both side by side
///
/// The laboratory is a program of its own, `muse-lab`, which this starts: beside this program, or on the path. From a checkout it is built by
/// `cargo build --release -p muse-lab`.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct EvaluateArgs {
    /// Experiments and options, see `muse-lab help evaluate`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    pub arguments: Vec<OsString>,
}
