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
///
/// Waits are measured against the bytes that move. [`min_rate`](Self::min_rate) is the slowest connection that is served: a transfer that
/// is no slower never times out, however long it is; one that stands still, or drips, does. What was sent and may still be on its way (4 MiB
/// at most, which systems keep in their buffers) counts as moving: so much later may the answer come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection stands. By default 10 seconds.
    pub connect: Duration,
    /// Without a byte from the peer while a message is due. By default 30 seconds.
    pub read: Duration,
    /// Without a byte taken by the peer while a message goes out. By default 30 seconds.
    pub write: Duration,
    /// Between protocols, for the peer's next request. By default 5 minutes.
    pub idle: Duration,
    /// All waits of a phase (the setup, a preprocessing, an online phase) together, beyond n / `min_rate` seconds for its n bytes. Time that
    /// bytes did not need is not saved up for later. By default 2 minutes; without a limit for a client, whose server may be busy.
    pub phase: Duration,
    /// In bytes per second: a message of n bytes may keep this side waiting for n / `min_rate` seconds more than
    /// the time-out, counted in all. A peer that drips bytes holds a thread no longer than that. By default 16 KiB; 0 counts as 1.
    pub min_rate: u64,
}

impl Default for Limits {
    /// 30 seconds to read or write, 10 to connect, 5 minutes between requests, 2 minutes of waiting a phase, 16 KiB per second.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            write: Duration::from_secs(30),
            idle: Duration::from_secs(300),
            phase: Duration::from_secs(120),
            min_rate: 16 * 1024,
        }
    }
}

impl Limits {
    /// This time-out for the messages of a protocol, four times of it for the waits of a phase, the usual ones for the rest.
    #[must_use]
    pub fn with_message_timeout(timeout: Duration) -> Self {
        Self { read: timeout, write: timeout, phase: timeout.saturating_mul(PHASE), ..Self::default() }
    }

    /// The same time-out for connecting, reading, writing and between requests, four times of it for the waits of a phase.
    #[must_use]
    pub fn with_timeout(timeout: Duration) -> Self {
        Self { connect: timeout, idle: timeout, ..Self::with_message_timeout(timeout) }
    }

    /// The same, without a limit of the waits of a phase: for a client, which keeps no place that others want.
    #[must_use]
    pub const fn of_client(self) -> Self {
        Self { phase: Duration::MAX, ..self }
    }
}

/// A phase may wait as long as so many messages.
const PHASE: u32 = 4;
