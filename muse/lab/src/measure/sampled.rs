//! A transport that reads a clock whenever the protocol goes on to another part.

use super::cpu::Clock;
use alloc::{collections::BTreeMap, sync::Arc};
use muse::{
    progress::Cancel,
    transport::{Component, Phase, Stats, Tag, Transport, TransportError},
};
use std::sync::{Mutex, PoisonError};

/// Sorts processor time by phase and component: that of both parties goes to what the client is at.
pub(super) struct Sampled<T> {
    inner: T,
    sampler: Sampler,
}

/// The times.
#[derive(Clone)]
pub(super) struct Sampler(Arc<Mutex<State>>);

struct State {
    clock: Clock,
    /// What is worked on, and what the clock said when that began.
    current: Option<((Phase, Component), f64)>,
    times: BTreeMap<(Phase, Component), f64>,
}

impl<T: Transport> Sampled<T> {
    pub(super) fn new(inner: T, clock: Clock) -> Self {
        let state = State { clock, current: None, times: BTreeMap::new() };
        let sampler = Sampler(Arc::new(Mutex::new(state)));
        sampler.at(Some((Phase::Setup, Component::Handshake)));
        Self { inner, sampler }
    }

    pub(super) fn sampler(&self) -> Sampler {
        self.sampler.clone()
    }
}

impl Sampler {
    /// The seconds since the last call; none where the system does not tell.
    pub(super) fn take(&self) -> Option<Vec<(Phase, Component, f64)>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = core::mem::take(&mut state.times);
        (!times.is_empty())
            .then(|| times.into_iter().map(|((phase, part), seconds)| (phase, part, seconds)).collect())
    }

    fn at(&self, next: Option<(Phase, Component)>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = state.clock.seconds();
        if let (Some((part, since)), Some(now)) = (state.current.take(), now) {
            // A thread that ended took its time along.
            *state.times.entry(part).or_default() += (now - since).max(0.0);
        }
        state.current = next.zip(now);
    }
}

impl<T: Transport> Transport for Sampled<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        self.inner.begin_send(tag, len)
    }

    fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
        self.inner.write(part)
    }

    fn recv_tag(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.inner.recv_tag(tags)
    }

    fn recv_request(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.inner.recv_request(tags)
    }

    fn read(&mut self, part: &mut [u8]) -> Result<(), TransportError> {
        self.inner.read(part)
    }

    fn flush(&mut self) -> Result<(), TransportError> {
        self.inner.flush()
    }

    fn abort(&mut self) {
        self.inner.abort();
    }

    fn cancel_with(&mut self, cancel: Cancel) {
        self.inner.cancel_with(cancel);
    }

    fn enter(&mut self, phase: Phase, component: Component) {
        self.sampler.at(Some((phase, component)));
        self.inner.enter(phase, component);
    }

    fn pause(&mut self) {
        self.inner.pause();
        self.sampler.at(None);
    }

    fn stats(&self) -> Stats {
        self.inner.stats()
    }
}
