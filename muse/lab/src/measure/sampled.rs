//! Reads a clock whenever the protocol goes on to another part.

use super::cpu::Clock;
use alloc::collections::BTreeMap;
use muse::{
    accounts::{Component, Phase},
    progress::Observer,
};
use std::sync::{Mutex, PoisonError};

/// Sorts processor time by phase and component: that of both parties goes to what the client is at.
pub(super) struct Sampler(Mutex<State>);

struct State {
    clock: Clock,
    /// What is worked on, and what the clock said when that began.
    current: Option<((Phase, Component), f64)>,
    times: BTreeMap<(Phase, Component), f64>,
}

impl Sampler {
    pub(super) const fn new(clock: Clock) -> Self {
        Self(Mutex::new(State { clock, current: None, times: BTreeMap::new() }))
    }

    /// The seconds since the last call; none where the system does not tell.
    pub(super) fn take(&self) -> Option<Vec<(Phase, Component, f64)>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = core::mem::take(&mut state.times);
        (!times.is_empty())
            .then(|| times.into_iter().map(|((phase, part), seconds)| (phase, part, seconds)).collect())
    }
}

impl Observer for Sampler {
    fn entered(&self, next: Option<(Phase, Component)>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = state.clock.seconds();
        if let (Some((part, since)), Some(now)) = (state.current.take(), now) {
            // A thread that ended took its time along.
            *state.times.entry(part).or_default() += (now - since).max(0.0);
        }
        state.current = next.zip(now);
    }
}
