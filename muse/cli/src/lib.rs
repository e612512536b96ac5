//! The command line: arguments, commands and their output.
//!
//! | module | what it holds |
//! |---|---|
//! | [`args`] | arguments and help |
//! | [`model_args`] | the network that a command works on |
//! | [`demo`], [`serve`], [`infer`], [`inspect`], [`attack`] | the commands |
//! | [`evaluate`] | starts the laboratory |
//! | [`events`], [`child`] | this program as further processes, and what they tell their parent |
//! | [`log_queue`], [`log_limit`], [`clock`] | a log that does not block when it is not read |
//! | [`connect`] | sessions over connections that are slower than they are |
//! | [`drawn`], [`table`], [`report`], [`compare`] | digits and tables as text |
//! | [`image`] | images from files |
//! | [`drawing`] | figures as SVG and PNG |
//! | [`console`], [`bars`], [`interrupt`], [`failure`] | output, progress, interrupts, exit codes |

#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    rustdoc::private_intra_doc_links,
    reason = "the parts of a program, public for the laboratory, which is another one"
)]

extern crate alloc;

pub mod args;
pub mod attack;
pub mod bars;
pub mod child;
pub mod clock;
pub mod compare;
pub mod connect;
pub mod console;
pub mod demo;
pub mod drawing;
pub mod drawn;
pub mod evaluate;
pub mod events;
pub mod failure;
pub mod image;
pub mod infer;
pub mod inspect;
pub mod interrupt;
pub mod log_limit;
pub mod log_queue;
pub mod model_args;
pub mod report;
pub mod serve;
pub mod table;

use args::{Cli, Command};
use clap::Parser;
use console::Console;
use failure::Failure;
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Parses the arguments and runs the command. Errors become one line on standard error and an exit code.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => return ended(help_or_usage(&told)),
    };
    let console = Console::new(cli.quiet);
    let done = |()| ExitCode::SUCCESS;
    ended(threads(cli.threads).and_then(|()| match &cli.command {
        Command::Demo(args) => demo::run(args, cli.threads, console).map(done),
        Command::Serve(args) => serve::run(args, console).map(done),
        Command::Infer(args) => infer::run(args, console).map(done),
        Command::Inspect(args) => inspect::run(args, console).map(done),
        Command::Attack(args) => attack::run(args, console).map(done),
        Command::Evaluate(args) => evaluate::run(args, cli.threads, console),
    }))
}

/// Prints what was asked for, help or the version, or what is wrong with the arguments.
pub fn help_or_usage(told: &clap::Error) -> Result<ExitCode, Failure> {
    let printed = told.print().and_then(|()| io::stdout().flush());
    if !told.use_stderr() {
        printed.map_err(|error| console::unwritten(&error))?;
    }
    // 0 or 2.
    Ok(ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(2)))
}

/// The exit code, after the one line of a failure.
pub fn ended(result: Result<ExitCode, Failure>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(failure) => {
            // With standard error closed, the exit code has to say it.
            if !failure.is_silent() {
                let _ = writeln!(io::stderr().lock(), "muse: {failure}");
            }
            failure.exit_code()
        }
    }
}

/// Starts the threads that work, all the processor's unless something else is wanted: now, or the program ends.
pub fn threads(count: Option<usize>) -> Result<(), Failure> {
    // Without a count, rayon looks there itself.
    let wanted = std::env::var("RAYON_NUM_THREADS").ok().and_then(|number| number.parse::<usize>().ok());
    if let Some(wanted) = wanted.filter(|wanted| count.is_none() && *wanted > args::MAX_THREADS) {
        return Err(Failure::general(format!(
            "RAYON_NUM_THREADS={wanted}: {} threads at most, please",
            args::MAX_THREADS
        )));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count.unwrap_or(0)).build_global();
    pool.map_err(|e| {
        Failure::general(format!(
            "cannot start the threads that compute: {e}; try a smaller --threads, or see what limits this user's processes"
        ))
    })
}
