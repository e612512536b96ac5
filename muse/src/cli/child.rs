//! The demo's server: this program again, as a process of its own.

use super::{events::Report, failure::Failure};
use core::time::Duration;
use muse::{handshake::Mode, transport::Stats};
use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Instant,
};

/// A server process that ends when this value is dropped, or when this process dies.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    child: Child,
    reports: Receiver<Report>,
    address: String,
}

impl ServerProcess {
    /// Starts `serve` for one session of a shipped network on a free loopback port, and waits until it listens.
    pub(crate) fn start(shipped: &str, mode: Mode, threads: Option<usize>) -> Result<Self, Failure> {
        let this = std::env::current_exe().map_err(|e| {
            Failure::general(format!("cannot find this program to start it as the server: {e}"))
        })?;
        let mut command = Command::new(this);
        command.args(["serve", "--shipped", shipped, "--mode", mode.name(), "--listen", "127.0.0.1:0"]);
        command.args(["--sessions", "1", "--json", "--until-stdin-closes", "--quiet"]);
        if let Some(threads) = threads {
            command.arg("--threads").arg(threads.to_string());
        }
        Self::spawn(&mut command)
    }

    fn spawn(command: &mut Command) -> Result<Self, Failure> {
        // The pipe to standard input is never written: that it closes tells the child that this process is gone.
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| Failure::general(format!("cannot start the server process: {e}")))?;
        let reports = match child.stdout.take() {
            Some(stdout) => listen(stdout),
            None => channel().1,
        };
        let mut server = Self { child, reports, address: String::new() };
        let report = server.next_report(START)?;
        let Report::Listening { address, .. } = report else {
            return Err(Failure::general(format!("the server process is not listening: {}", report.words())));
        };
        server.address = address;
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The system's number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The server's accounts of the session, which the client has ended; the server ends then as well.
    pub(crate) fn finish(mut self) -> Result<Stats, Failure> {
        loop {
            if let Report::Ended { error, stats, .. } = self.next_report(END)? {
                let failed =
                    |error| Failure::peer(format!("the server's session ended with an error: {error}"));
                return error.map_or(Ok(stats), |error| Err(failed(error)));
            }
        }
    }

    fn next_report(&mut self, patience: Duration) -> Result<Report, Failure> {
        self.reports.recv_timeout(patience).map_err(|e| match e {
            RecvTimeoutError::Timeout => Failure::general("the server process does not answer"),
            // It has written why to standard error, which it shares with this process.
            RecvTimeoutError::Disconnected => Failure::general("the server process ended early"),
        })
    }
}

impl Drop for ServerProcess {
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
fn listen(stdout: ChildStdout) -> Receiver<Report> {
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
