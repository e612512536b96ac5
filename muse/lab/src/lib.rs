#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

mod args;
mod evaluate;
pub mod inference;
mod measure;
mod overdrive;
pub mod rehearsal;

use args::{EvaluateArgs, MeasureArgs, OverdriveArgs, RehearseArgs};
use clap::{Parser, Subcommand};
use muse_cli::{args::ServeArgs, console::Console, ended, help_or_usage, threads};
use std::process::ExitCode;

/// The published evaluation, measured on this machine.
#[derive(Debug, Parser)]
#[command(name = "muse-lab", version, max_term_width = 80)]
struct Lab {
    /// No progress and no remarks: results and errors only
    #[arg(long, short, global = true)]
    quiet: bool,

    /// Threads that compute [default: one for each processor core]
    #[arg(long, global = true, value_name = "N", value_parser = muse_cli::args::values::up_to::<{ muse_cli::args::MAX_THREADS }>)]
    threads: Option<usize>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Evaluate(EvaluateArgs),
    #[command(hide = true)]
    Measure(MeasureArgs),
    #[command(hide = true)]
    Rehearse(RehearseArgs),
    #[command(hide = true)]
    Overdrive(OverdriveArgs),
    #[command(hide = true)]
    Serve(ServeArgs),
}

/// Parses the arguments and runs the command. Errors become one line on standard error and an exit code.
#[must_use]
pub fn run() -> ExitCode {
    let lab = match Lab::try_parse() {
        Ok(lab) => lab,
        Err(told) => return ended(help_or_usage(&told)),
    };
    let console = Console::new(lab.quiet);
    let result = threads(lab.threads).and_then(|()| match &lab.command {
        Command::Evaluate(args) => evaluate::run(args, lab.threads, console),
        Command::Measure(args) => measure::run(args, console),
        Command::Rehearse(args) => measure::serve(args, console),
        Command::Overdrive(args) => overdrive::run(args, console),
        Command::Serve(args) => muse_cli::serve::run(args, console),
    });
    ended(result.map(|()| ExitCode::SUCCESS))
}
