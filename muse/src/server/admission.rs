//! Who may start a session: so many connections at once, so many new sessions a minute from one address.
//!
//! The rate is part of the protocol, not only of good housekeeping: every session is a chance of 2^-40 for a cheater.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Counts connections.
#[derive(Debug)]
pub(super) struct Admission {
    max_connections: usize,
    max_per_minute: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    connections: usize,
    /// Start of the current minute of an address, and its sessions since.
    recent: HashMap<IpAddr, (Instant, u32)>,
}

/// A connection's place; free again when dropped.
#[derive(Debug)]
pub(super) struct Admitted<'a>(&'a Admission);

impl Admission {
    pub(super) fn new(max_connections: usize, max_per_minute: u32) -> Self {
        Self { max_connections, max_per_minute, state: Mutex::default() }
    }

    /// A place for one more session from `address`, if there is one.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Admitted<'_>> {
        self.admit_at(address, Instant::now())
    }

    fn admit_at(&self, address: IpAddr, now: Instant) -> Option<Admitted<'_>> {
        let mut state = self.state();
        if state.connections >= self.max_connections {
            return None;
        }
        // Forgets addresses whose minute is over, so the table holds those of one minute only.
        state.recent.retain(|_, (since, _)| now.duration_since(*since) < MINUTE);
        let (_, sessions) = state.recent.entry(address).or_insert((now, 0));
        if *sessions >= self.max_per_minute {
            return None;
        }
        *sessions += 1;
        state.connections += 1;
        Some(Admitted(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below can leave the counts half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.0.state().connections -= 1;
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_limited_and_given_back() {
        let admission = Admission::new(2, 100);
        let address = IpAddr::from([127, 0, 0, 1]);
        let first = admission.admit(address).unwrap();
        let _second = admission.admit(address).unwrap();
        assert!(admission.admit(address).is_none());
        drop(first);
        assert!(admission.admit(address).is_some());
    }

    #[test]
    fn sessions_are_limited_per_address_and_minute() {
        let admission = Admission::new(100, 2);
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let start = Instant::now();
        for _ in 0..2 {
            assert!(admission.admit_at(one, start).is_some());
        }
        assert!(admission.admit_at(one, start + MINUTE / 2).is_none());
        assert!(admission.admit_at(other, start + MINUTE / 2).is_some());
        assert!(admission.admit_at(one, start + MINUTE).is_some());
    }
}
