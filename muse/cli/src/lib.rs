//! The command line: what the user may type, and what happens then.
//!
//! | module | what it holds |
//! |---|---|
//! | [`args`] | arguments and help |
//! | [`source`] | the network that a command works on |
//! | [`demo`], [`serve`], [`infer`], [`inspect`], [`attack`], [`evaluate`] | the commands |
//! | [`measure`] | the client that `evaluate` starts |
//! | [`events`], [`child`] | this program as further processes, and what they tell their parent |
//! | [`lines`], [`repeats`], [`clock`] | a log that nobody has to read |
//! | [`connect`] | sessions over connections that are slower than they are |
//! | [`picture`], [`table`], [`report`], [`compare`] | digits and tables as text |
//! | [`image`] | images from files |
//! | [`drawing`] | figures as SVG and PNG |
//! | [`console`], [`bars`], [`interrupt`], [`failure`] | output, progress, the end |

#![forbid(unsafe_code)]

extern crate alloc;

mod args;
mod attack;
mod bars;
mod child;
mod clock;
mod compare;
mod connect;
mod console;
mod demo;
mod drawing;
mod evaluate;
mod events;
mod failure;
mod image;
mod infer;
mod inspect;
mod interrupt;
mod lines;
mod measure;
mod picture;
mod repeats;
mod report;
mod serve;
mod source;
mod table;

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
    let result = threads(cli.threads).and_then(|()| match &cli.command {
        Command::Demo(args) => demo::run(args, cli.threads, console),
        Command::Serve(args) => serve::run(args, console),
        Command::Infer(args) => infer::run(args, console),
        Command::Inspect(args) => inspect::run(args, console),
        Command::Attack(args) => attack::run(args, console),
        Command::Evaluate(args) => evaluate::run(args, cli.threads, console),
        Command::Measure(args) => measure::run(args, console),
    });
    ended(result.map(|()| ExitCode::SUCCESS))
}

/// Prints what was asked for, help or the version, or what is wrong with the arguments.
fn help_or_usage(told: &clap::Error) -> Result<ExitCode, Failure> {
    let printed = told.print().and_then(|()| io::stdout().flush());
    if !told.use_stderr() {
        printed.map_err(|error| console::unwritten(&error))?;
    }
    // 0 or 2.
    Ok(ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(2)))
}

/// The exit code, after the one line of a failure.
fn ended(result: Result<ExitCode, Failure>) -> ExitCode {
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
fn threads(count: Option<usize>) -> Result<(), Failure> {
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
