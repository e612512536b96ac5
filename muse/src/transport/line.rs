//! Bytes in one direction, delayed as a connection of a given latency and bandwidth would delay them.

use super::Link;
use alloc::collections::VecDeque;
use core::time::Duration;
use std::{
    io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// One direction of a connection: what is written can be read once it has left at the link's rate and travelled for half a round trip.
///
/// A write takes no time of its own, and writes that follow each other do not pay the latency again: the writer runs ahead until the
/// line is full, of what the link holds and a socket's buffer besides. Waiting costs no processor time.
#[derive(Debug)]
pub(super) struct Line {
    state: Mutex<State>,
    changed: Condvar,
    latency: Duration,
    seconds_per_byte: f64,
    /// Bytes that are held at most.
    capacity: usize,
    /// Bytes that arrive at once.
    piece: usize,
}

#[derive(Debug, Default)]
struct State {
    bytes: VecDeque<u8>,
    /// When each piece of `bytes` arrives.
    pieces: VecDeque<Piece>,
    /// When all that was written has left.
    free: Option<Instant>,
    end: Option<End>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    len: usize,
    arrives: Instant,
}

/// How the line ends, after the bytes before it.
#[derive(Clone, Copy, Debug)]
struct End {
    error: Option<io::ErrorKind>,
    arrives: Instant,
}

impl Line {
    /// A line of a connection.
    ///
    /// # Errors
    /// `InvalidInput` for a link without bandwidth, or with an invalid latency.
    pub(super) fn new(link: Link) -> io::Result<Self> {
        let Link { bits_per_second, round_trip_seconds } = link;
        let latency = Duration::try_from_secs_f64(round_trip_seconds / 2.0);
        let latency = latency.ok().filter(|latency| *latency <= MOST_LATENCY);
        let (true, Some(latency)) = (bits_per_second >= LEAST_RATE, latency) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no such connection"));
        };
        let bytes_per_second = bits_per_second / 8.0;
        // An infinite rate times no latency is nothing.
        let travelling = if latency.is_zero() { 0.0 } else { bytes_per_second * latency.as_secs_f64() };
        let travelling = travelling.min(MOST_TRAVELLING as f64) as usize;
        let buffer = if link.is_free() { FREE_BUFFER } else { BUFFER };
        Ok(Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            latency,
            seconds_per_byte: bytes_per_second.recip(),
            capacity: buffer + travelling,
            piece: (bytes_per_second / 1000.0).clamp(1500.0, BUFFER as f64) as usize,
        })
    }

    /// Takes at least one byte of `bytes`, as soon as there is room.
    ///
    /// # Errors
    /// `TimedOut` after `patience`; how the line ended.
    pub(super) fn write(&self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if let Some(end) = state.end {
                return Err(end.error.unwrap_or(io::ErrorKind::BrokenPipe).into());
            }
            if state.bytes.len() < self.capacity {
                break;
            }
            state = self.wait_until(state, deadline)?;
        }
        let n = bytes.len().min(self.capacity - state.bytes.len());
        let now = Instant::now();
        for piece in bytes[..n].chunks(self.piece) {
            let arrives = self.send(&mut state, piece.len(), now);
            state.pieces.push_back(Piece { len: piece.len(), arrives });
        }
        state.bytes.extend(&bytes[..n]);
        drop(state);
        self.changed.notify_all();
        Ok(n)
    }

    /// When `len` bytes arrive that are written now.
    fn send(&self, state: &mut State, len: usize, now: Instant) -> Instant {
        let start = state.free.map_or(now, |free| free.max(now));
        let left = start + Duration::from_secs_f64(len as f64 * self.seconds_per_byte);
        state.free = Some(left);
        left + self.latency
    }

    /// Gives at least one byte, as soon as one arrives; none after the end.
    ///
    /// # Errors
    /// `TimedOut` after `patience`; how the line ended, once all before that was read.
    pub(super) fn read(&self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let n = state.arrived(out.len(), now);
            if n > 0 {
                state.take(&mut out[..n]);
                drop(state);
                self.changed.notify_all();
                return Ok(n);
            }
            let next = match (state.pieces.front(), state.end) {
                (Some(piece), _) => Some(piece.arrives),
                (None, Some(end)) if end.arrives <= now => {
                    return end.error.map_or(Ok(0), |kind| Err(kind.into()));
                }
                (None, end) => end.map(|end| end.arrives),
            };
            state = match next {
                // What arrives before the deadline is waited for, without a time-out.
                Some(next) if next <= deadline => self.wait(state, next.saturating_duration_since(now)),
                _ => self.wait_until(state, deadline)?,
            };
        }
    }

    /// Nothing is written any more; the first end counts. It arrives after all that was written.
    pub(super) fn end(&self, error: Option<io::ErrorKind>) {
        let mut state = self.lock();
        if state.end.is_none() {
            let arrives = self.send(&mut state, 0, Instant::now());
            state.end = Some(End { error, arrives });
        }
        drop(state);
        self.changed.notify_all();
    }

    /// The reader is gone: bytes on their way are dropped.
    pub(super) fn abandon(&self) {
        self.end(None);
        let mut state = self.lock();
        state.bytes.clear();
        state.pieces.clear();
        drop(state);
        self.changed.notify_all();
    }

    /// Whether nothing can be written any more.
    pub(super) fn is_ended(&self) -> bool {
        self.lock().end.is_some()
    }

    fn wait_until<'a>(
        &self,
        state: MutexGuard<'a, State>,
        deadline: Instant,
    ) -> io::Result<MutexGuard<'a, State>> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(self.wait(state, left))
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }

    /// A panic elsewhere leaves whole bytes here: there is nothing to repair.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Bytes that can be read, up to `most`.
    fn arrived(&self, most: usize, now: Instant) -> usize {
        let mut bytes = 0;
        for piece in self.pieces.iter().take_while(|piece| piece.arrives <= now) {
            bytes += piece.len;
            if bytes >= most {
                return most;
            }
        }
        bytes
    }

    /// The next bytes, all of which have arrived.
    fn take(&mut self, out: &mut [u8]) {
        let (front, back) = self.bytes.as_slices();
        let split = out.len().min(front.len());
        let n = out.len();
        out[..split].copy_from_slice(&front[..split]);
        out[split..].copy_from_slice(&back[..n - split]);
        self.bytes.drain(..n);
        let mut left = n;
        while let Some(piece) = self.pieces.front_mut()
            && left > 0
        {
            let part = left.min(piece.len);
            piece.len -= part;
            left -= part;
            if piece.len == 0 {
                self.pieces.pop_front();
            }
        }
    }
}

/// Bytes held at most where the link costs nothing.
const FREE_BUFFER: usize = 1 << 20;

/// Bytes held at most beside those that travel: about what a system gives a socket at both ends.
const BUFFER: usize = 4 << 20;

/// Bytes that travel at most, whatever bandwidth and latency say.
const MOST_TRAVELLING: usize = 64 << 20;

/// Bits a second. Below, nothing would ever arrive.
const LEAST_RATE: f64 = 8.0;

/// One way.
const MOST_LATENCY: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    fn line(bits_per_second: f64, round_trip_seconds: f64) -> Line {
        Line::new(Link { bits_per_second, round_trip_seconds }).expect("a connection")
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn pieces_leave_one_after_the_other_and_share_the_latency() {
        // A byte a millisecond.
        let line = line(8000.0, 2.0);
        let mut state = State::default();
        let now = Instant::now();
        let after = |millis| now + Duration::from_millis(millis);
        assert_eq!(line.send(&mut state, 100, now), after(1100));
        assert_eq!(line.send(&mut state, 50, now), after(1150));
        // The line is free since 150.
        assert_eq!(line.send(&mut state, 10, after(400)), after(1410));
        assert_eq!(line.send(&mut state, 0, after(400)), after(1410));
    }

    #[test]
    fn what_travels_is_there_when_it_arrives_and_not_before() {
        let line = line(f64::INFINITY, 0.1);
        let start = Instant::now();
        assert_eq!(line.write(b"hello", LONG).expect("room"), 5);
        line.end(None);
        let mut out = [0; 3];
        let soon = line.read(&mut out, Duration::ZERO);
        // On a machine so busy that the time has passed already, there is nothing to see.
        if start.elapsed() < Duration::from_millis(50) {
            assert_eq!(soon.expect_err("under way").kind(), io::ErrorKind::TimedOut);
            assert_eq!(line.read(&mut out, LONG).expect("arrived"), 3);
        }
        assert!(start.elapsed() >= Duration::from_millis(50));
        assert_eq!(&out, b"hel");
        assert_eq!(line.read(&mut out, LONG).expect("arrived"), 2);
        assert_eq!(&out[..2], b"lo");
        assert_eq!(line.read(&mut out, LONG).expect("the end"), 0);
        assert_eq!(line.write(b"more", LONG).expect_err("ended").kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_full_line_takes_no_more() {
        let line = line(f64::INFINITY, 0.0);
        let bytes = vec![1; FREE_BUFFER];
        assert_eq!(line.write(&bytes, LONG).expect("room"), FREE_BUFFER);
        let full = line.write(&bytes, Duration::from_millis(5)).expect_err("full");
        assert_eq!(full.kind(), io::ErrorKind::TimedOut);
        assert_eq!(line.read(&mut [0; 10], LONG).expect("there"), 10);
        assert_eq!(line.write(&bytes, LONG).expect("room"), 10);
        line.abandon();
        assert_eq!(line.read(&mut [0; 10], LONG).expect("the end"), 0);
    }

    #[test]
    fn an_error_comes_after_the_bytes() {
        let line = line(f64::INFINITY, 0.0);
        line.write(b"x", LONG).expect("room");
        line.end(Some(io::ErrorKind::ConnectionReset));
        line.end(None);
        assert_eq!(line.read(&mut [0; 9], LONG).expect("there"), 1);
        for _ in 0..2 {
            assert_eq!(
                line.read(&mut [0; 9], LONG).expect_err("lost").kind(),
                io::ErrorKind::ConnectionReset
            );
        }
        assert_eq!(line.write(b"y", LONG).expect_err("lost").kind(), io::ErrorKind::ConnectionReset);
    }

    #[test]
    fn links_that_are_none_are_refused() {
        for (bits, round_trip) in
            [(0.0, 0.0), (-1.0, 0.0), (f64::NAN, 0.0), (1e6, -1.0), (1e6, f64::NAN), (1e6, 1e9), (1e6, 1e300)]
        {
            let refused = Line::new(Link { bits_per_second: bits, round_trip_seconds: round_trip });
            assert_eq!(refused.expect_err("refused").kind(), io::ErrorKind::InvalidInput);
        }
    }
}
