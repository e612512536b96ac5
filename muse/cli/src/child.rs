//! This program again, as processes of their own that report to this one.

use super::{events::Report, failure::Failure};
use core::time::Duration;
use muse::{Protocol, accounts::Stats, progress::Cancel};
use serde::de::DeserializeOwned;
use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Instant,
};

/// The options that choose a protocol.
pub const fn options(protocol: Protocol) -> [&'static str; 4] {
    let mode = if protocol.is_client_malicious() { "client-malicious" } else { "semi-honest" };
    ["--mode", mode, "--cds", if protocol.is_published() { "published" } else { "correlated" }]
}

/// A network that a process is to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// From inside the program, by its name.
    Shipped(&'static str),
    /// From a file.
    File(PathBuf),
}

impl Source {
    /// The arguments that name it.
    pub fn arguments(&self) -> Vec<OsString> {
        match self {
            Self::Shipped(name) => vec!["--shipped".into(), name.into()],
            Self::File(path) => vec![path.into()],
        }
    }
}

/// This program with a command and its arguments, limited to some threads.
pub fn this_program(arguments: &[&str], threads: Option<usize>) -> Result<Command, Failure> {
    let this = std::env::current_exe()
        .map_err(|e| Failure::general(format!("cannot find this program to start it again: {e}")))?;
    let mut command = Command::new(this);
    command.args(arguments);
    if let Some(threads) = threads {
        command.arg("--threads").arg(threads.to_string());
    }
    Ok(command)
}

/// A server process that ends when this value is dropped, or when this process dies.
#[derive(Debug)]
pub struct ServerProcess {
    process: Process<Report>,
    address: String,
}

impl ServerProcess {
    /// Starts `serve` for one session of a network on a free loopback port, and waits until it listens.
    pub fn start(network: &Source, protocol: Protocol, threads: Option<usize>) -> Result<Self, Failure> {
        let mut command = this_program(&["serve", "--listen", "127.0.0.1:0"], threads)?;
        command.args(options(protocol)).args([
            "--sessions",
            "1",
            "--json",
            "--until-stdin-closes",
            "--quiet",
        ]);
        // Over a pretended connection of any latency.
        command.args(["--hello-timeout", "300"]);
        command.args(network.arguments());
        Self::listening(command)
    }

    /// Starts a server of some kind that reports as `serve --json` does, and waits until it listens.
    pub fn listening(mut command: Command) -> Result<Self, Failure> {
        let mut process: Process<Report> = Process::spawn(&mut command, "server")?;
        let report = process.next(START)?;
        let Report::Listening { address, .. } = report else {
            return Err(Failure::general(format!("the server process is not listening: {}", report.words())));
        };
        Ok(Self { process, address })
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The system's number of the process.
    pub fn id(&self) -> u32 {
        self.process.child.id()
    }

    /// The server's accounts of the session, which the client has ended; the server ends then as well.
    pub fn finish(mut self) -> Result<Stats, Failure> {
        loop {
            if let Report::Ended { error, stats, .. } = self.process.next(END)? {
                let failed =
                    |error| Failure::peer(format!("the server's session ended with an error: {error}"));
                return error.map_or(Ok(stats), |error| Err(failed(error)));
            }
        }
    }
}

/// A process that writes reports as lines of JSON. It ends when this value is dropped.
#[derive(Debug)]
pub struct Process<R> {
    child: Child,
    reports: Receiver<R>,
    name: &'static str,
}

impl<R: DeserializeOwned + Send + 'static> Process<R> {
    /// Starts it; `name` is for messages.
    pub fn spawn(command: &mut Command, name: &'static str) -> Result<Self, Failure> {
        // The pipe to standard input is never written: that it closes tells the child that this process is gone.
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| Failure::general(format!("cannot start the {name} process: {e}")))?;
        let reports = match child.stdout.take() {
            Some(stdout) => listen(stdout),
            None => channel().1,
        };
        Ok(Self { child, reports, name })
    }

    /// The next report, if it comes in time.
    pub fn next(&mut self, patience: Duration) -> Result<R, Failure> {
        self.reports.recv_timeout(patience).map_err(|e| match e {
            RecvTimeoutError::Timeout => {
                Failure::general(format!("the {} process does not answer", self.name))
            }
            // It has written why to standard error, which it shares with this process.
            RecvTimeoutError::Disconnected => {
                Failure::general(format!("the {} process ended early", self.name))
            }
        })
    }

    /// The next report, however long it takes, unless the process ends or the user does not want to wait.
    pub fn next_unless(&mut self, cancel: &Cancel) -> Result<R, Failure> {
        loop {
            if cancel.is_cancelled() {
                return Err(Failure::interrupted());
            }
            match self.reports.recv_timeout(GLANCE) {
                Ok(report) => return Ok(report),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.next(Duration::ZERO),
            }
        }
    }
}

impl<R> Drop for Process<R> {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + GOODBYE;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        // It may have ended in this moment.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads reports in a thread, so that waiting for one can time out.
fn listen<R: DeserializeOwned + Send + 'static>(stdout: ChildStdout) -> Receiver<R> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let Ok(report) = serde_json::from_str(&line) else {
                return;
            };
            if sender.send(report).is_err() {
                return;
            }
        }
    });
    receiver
}

/// For loading the network and listening.
const START: Duration = Duration::from_secs(60);

/// For noticing that the client said goodbye.
const END: Duration = Duration::from_secs(30);

/// For ending by itself.
const GOODBYE: Duration = Duration::from_secs(2);

/// How often to see whether the user still wants to wait.
const GLANCE: Duration = Duration::from_millis(200);
