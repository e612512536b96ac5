//! Keeps the accounts while a connection runs: which phase and component bytes and time belong to, and what a flight is.

use super::{Component, Counters, Phase, Stats};
use core::time::Duration;
use std::time::Instant;

/// Which way a frame goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Out,
    In,
}

/// Keeps [`Stats`] while a connection runs.
#[derive(Debug)]
pub(crate) struct Meter {
    stats: Stats,
    current: (Phase, Component),
    since: Option<Instant>,
    direction: Option<Direction>,
    /// Bytes of a request whose phase is not known yet; the next [`enter`](Self::enter) takes them.
    request: usize,
}

impl Meter {
    /// Starts the clock of the handshake.
    pub(crate) fn new() -> Self {
        let current = (Phase::Setup, Component::Handshake);
        Self { stats: Stats::default(), current, since: Some(Instant::now()), direction: None, request: 0 }
    }

    pub(crate) fn enter(&mut self, phase: Phase, component: Component) {
        self.pause();
        self.current = (phase, component);
        self.since = Some(Instant::now());
        self.settle();
    }

    pub(crate) fn pause(&mut self) {
        if let Some(since) = self.since.take() {
            self.entry().time += since.elapsed();
        }
    }

    /// A request of `bytes` came in: it belongs to what is entered next.
    pub(crate) fn request(&mut self, bytes: usize) {
        self.settle();
        self.request = bytes;
    }

    /// A frame starts.
    pub(crate) fn frame(&mut self, direction: Direction) {
        self.settle();
        if self.direction != Some(direction) {
            self.direction = Some(direction);
            self.entry().flights += 1;
        }
    }

    pub(crate) fn bytes(&mut self, direction: Direction, bytes: usize) {
        let bytes = bytes as u64;
        match direction {
            Direction::Out => self.entry().sent += bytes,
            Direction::In => self.entry().received += bytes,
        }
    }

    /// Time spent waiting for the peer; not counted while the clock stands.
    pub(crate) fn waited(&mut self, time: Duration) {
        if self.since.is_some() {
            self.entry().waited += time;
        }
    }

    pub(crate) fn snapshot(&self) -> Stats {
        let mut stats = self.stats.clone();
        if let Some(since) = self.since {
            stats.entry(self.current.0, self.current.1).time += since.elapsed();
        }
        stats
    }

    fn settle(&mut self) {
        let bytes = core::mem::take(&mut self.request);
        if bytes > 0 {
            self.frame(Direction::In);
            self.bytes(Direction::In, bytes);
        }
    }

    fn entry(&mut self) -> &mut Counters {
        self.stats.entry(self.current.0, self.current.1)
    }
}
