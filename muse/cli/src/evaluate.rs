//! `muse evaluate`: starts the laboratory (`muse-lab`), a separate program. `serve` and `infer` do not need it.

use crate::{args::EvaluateArgs, console::Console, failure::Failure};
use std::{
    env,
    io::ErrorKind,
    path::PathBuf,
    process::{Command, ExitCode},
};

/// Runs `muse-lab evaluate` with the same arguments; its exit code is this program's.
pub fn run(args: &EvaluateArgs, threads: Option<usize>, console: Console) -> Result<ExitCode, Failure> {
    let mut command = Command::new(laboratory());
    command.arg("evaluate").args(&args.arguments);
    if console.is_quiet() {
        command.arg("--quiet");
    }
    if let Some(threads) = threads {
        command.args(["--threads", &threads.to_string()]);
    }
    match command.status() {
        Ok(status) => Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::general(
            "muse evaluate is done by the program muse-lab, which is neither beside this one nor on the path: \
             in a checkout, cargo build --release -p muse-lab, then again",
        )),
        Err(error) => Err(Failure::general(format!("cannot start muse-lab: {error}"))),
    }
}

/// Beside this program, or wherever the system finds it.
fn laboratory() -> PathBuf {
    let name = format!("muse-lab{}", env::consts::EXE_SUFFIX);
    let beside = env::current_exe().ok().and_then(|this| Some(this.parent()?.join(&name)));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| name.into())
}
