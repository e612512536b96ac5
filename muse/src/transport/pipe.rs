//! The bytes under the frames, and how long to wait for them.

use core::time::Duration;
use std::io;

/// A two-way stream of bytes. One call moves what it can; [`Framed`](super::Framed) does the rest.
pub trait Pipe {
    /// Reads at least one byte into `out`, which is not empty; 0 says that the peer is done.
    ///
    /// # Errors
    /// `TimedOut` or `WouldBlock` after `patience` without a byte, else the system's reason. After a time-out not a byte has been moved,
    /// and the call may be repeated with the same bytes: waits are made of several calls, so that a cancelled one ends soon.
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize>;

    /// Writes at least one byte of `bytes`, which is not empty.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize>;

    /// Ends the stream so that what was written still arrives. Best effort and soon done.
    fn close(&mut self);
}

/// How long this side waits for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// Without a byte from the peer while a message is due.
    pub read: Duration,
    /// Without a byte taken by the peer while a message goes out.
    pub write: Duration,
    /// Between protocols, for the peer's next request.
    pub idle: Duration,
    /// In bytes per second: a message of n bytes may keep this side waiting for n / `min_rate` seconds more than
    /// the time-out, counted in all. A peer that drips bytes holds a thread no longer than that.
    pub min_rate: u64,
}

impl Default for Limits {
    /// 30 seconds to read or write, 10 to connect, 5 minutes between requests, 16 KiB per second.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            write: Duration::from_secs(30),
            idle: Duration::from_secs(300),
            min_rate: 16 * 1024,
        }
    }
}

impl Limits {
    /// This time-out for the messages of a protocol, the usual ones for the rest.
    #[must_use]
    pub fn with_message_timeout(timeout: Duration) -> Self {
        Self { read: timeout, write: timeout, ..Self::default() }
    }

    /// The same time-out for connecting, reading, writing and between requests.
    #[must_use]
    pub fn with_timeout(timeout: Duration) -> Self {
        Self { connect: timeout, read: timeout, write: timeout, idle: timeout, ..Self::default() }
    }
}

/// What is left of the time that a message may block this side.
#[derive(Debug)]
pub(super) struct Allowance {
    quiet: Duration,
    left: Duration,
    min_rate: u64,
}

impl Allowance {
    /// For one message: `quiet` without progress, plus time for each byte.
    pub(super) const fn new(quiet: Duration, min_rate: u64) -> Self {
        Self { quiet, left: quiet, min_rate: if min_rate == 0 { 1 } else { min_rate } }
    }

    /// More time, for `bytes` more.
    pub(super) fn extend(&mut self, bytes: usize) {
        let nanos = (bytes as u64).saturating_mul(1_000_000_000) / self.min_rate;
        self.left = self.left.saturating_add(Duration::from_nanos(nanos));
    }

    /// How long the next call may block; none when the time is used up.
    pub(super) fn patience(&self) -> Option<Duration> {
        let patience = self.left.min(self.quiet);
        (!patience.is_zero()).then_some(patience)
    }

    /// Takes off what a call used.
    pub(super) fn spend(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }
}
