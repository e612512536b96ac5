//! Who may start a session: so many connections at once, in all and from one address, and so many new sessions a minute from
//! one address. An address whose client failed a cryptographic check is refused for a while.
//!
//! The rate is part of the protocol, not only of good housekeeping: in the client-malicious mode every session is a chance of 2^-41 for
//! a cheater, and a failed check is how the chances that do not come off end.

use super::ServerConfig;
use alloc::sync::Arc;
use core::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};
use std::{
    collections::HashMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Counts connections.
#[derive(Debug)]
pub(super) struct Admission {
    max_connections: usize,
    max_per_address: usize,
    max_per_minute: u32,
    penalty: Duration,
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    connections: usize,
    addresses: HashMap<IpAddr, Address>,
    /// When addresses were last forgotten.
    swept: Option<Instant>,
}

/// What one address does. Forgotten when it has no connection and its minute is over.
#[derive(Debug)]
struct Address {
    connections: usize,
    /// Start of its current minute, and its sessions since.
    since: Instant,
    sessions: u32,
    /// Its client was caught cheating: no new session before this.
    refused_until: Option<Instant>,
}

/// A connection's place; free again when dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    admission: Arc<Admission>,
    address: IpAddr,
}

impl Admission {
    pub(super) fn new(config: &ServerConfig) -> Self {
        Self {
            max_connections: config.max_connections,
            max_per_address: config.max_connections_per_address,
            max_per_minute: config.max_sessions_per_minute,
            penalty: config.penalty,
            state: Mutex::default(),
            left: Condvar::new(),
        }
    }

    /// A place for one more session from `address`, if there is one.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Admitted> {
        self.admit_at(address, Instant::now())
    }

    fn admit_at(self: &Arc<Self>, address: IpAddr, now: Instant) -> Option<Admitted> {
        let address = network_of(address);
        let state = &mut *self.state();
        state.sweep(now);
        if state.connections >= self.max_connections {
            return None;
        }
        // A flood from many addresses keeps newcomers out, for a minute, or for the penalty where its clients were caught. It
        // does not fill the memory.
        if state.addresses.len() >= ADDRESSES && !state.addresses.contains_key(&address) {
            return None;
        }
        let seen = state.addresses.entry(address).or_insert_with(|| Address::new(now));
        if now.duration_since(seen.since) >= MINUTE {
            (seen.since, seen.sessions) = (now, 0);
        }
        let full = seen.connections >= self.max_per_address || seen.sessions >= self.max_per_minute;
        if full || seen.is_refused(now) {
            return None;
        }
        seen.sessions += 1;
        seen.connections += 1;
        state.connections += 1;
        Some(Admitted { admission: self.clone(), address })
    }

    /// Waits until nobody is connected.
    pub(super) fn wait_until_idle(&self) {
        let mut state = self.state();
        while state.connections > 0 {
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here can leave the counts half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Forgets the addresses about which nothing needs to be known. It looks at all of them, so not at every connection of a flood.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now.duration_since(swept) < SWEEP) {
            return;
        }
        self.swept = Some(now);
        self.addresses.retain(|_, seen| {
            seen.connections > 0 || now.duration_since(seen.since) < MINUTE || seen.is_refused(now)
        });
    }
}

impl Address {
    const fn new(now: Instant) -> Self {
        Self { connections: 0, since: now, sessions: 0, refused_until: None }
    }

    fn is_refused(&self, now: Instant) -> bool {
        self.refused_until.is_some_and(|until| now < until)
    }
}

impl Admitted {
    /// The client of this connection failed a check that only a cheater fails.
    pub(super) fn caught(&self) {
        self.caught_at(Instant::now());
    }

    fn caught_at(&self, now: Instant) {
        if let Some(seen) = self.admission.state().addresses.get_mut(&self.address) {
            // A penalty that the clock cannot count is one for as long as this process can live.
            let until = now.checked_add(self.admission.penalty).or_else(|| now.checked_add(DECADE));
            seen.refused_until = seen.refused_until.max(until);
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let state = &mut *self.admission.state();
        state.connections -= 1;
        if let Some(seen) = state.addresses.get_mut(&self.address) {
            seen.connections -= 1;
        }
        self.admission.left.notify_all();
    }
}

/// Who counts as one: an IPv4 address, or an IPv6 network of 64 bits, the least that one customer gets.
fn network_of(address: IpAddr) -> IpAddr {
    // A socket for both families names IPv4 addresses as IPv6 ones.
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

/// Addresses remembered at once, some 100 bytes each.
const ADDRESSES: usize = 1 << 16;
/// Between two looks at all addresses.
const SWEEP: Duration = Duration::from_secs(1);

const MINUTE: Duration = Duration::from_secs(60);
const DECADE: Duration = Duration::from_secs(10 * 365 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(connections: usize, per_address: usize, per_minute: u32) -> Arc<Admission> {
        Arc::new(Admission::new(&ServerConfig {
            max_connections: connections,
            max_connections_per_address: per_address,
            max_sessions_per_minute: per_minute,
            ..ServerConfig::default()
        }))
    }

    const ONE: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(127, 0, 0, 1));
    const OTHER: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(127, 0, 0, 2));

    #[test]
    fn connections_are_limited_and_given_back() {
        let admission = admission(2, 2, 100);
        let first = admission.admit(ONE).unwrap();
        let _second = admission.admit(ONE).unwrap();
        assert!(admission.admit(OTHER).is_none());
        drop(first);
        assert!(admission.admit(OTHER).is_some());
    }

    #[test]
    fn one_address_does_not_lock_out_another() {
        let admission = admission(10, 2, 100);
        let _held = (admission.admit(ONE).unwrap(), admission.admit(ONE).unwrap());
        assert!(admission.admit(ONE).is_none());
        assert!(admission.admit(OTHER).is_some());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let admission = admission(10, 1, 100);
        let _held = admission.admit("2001:db8::1".parse().unwrap()).unwrap();
        assert!(admission.admit("2001:db8::ffff:2".parse().unwrap()).is_none());
        assert!(admission.admit("2001:db8:0:1::1".parse().unwrap()).is_some());
    }

    #[test]
    fn ipv4_addresses_stay_apart_on_a_socket_for_both_families() {
        let admission = admission(10, 1, 100);
        let held = admission.admit("::ffff:1.2.3.4".parse().unwrap()).unwrap();
        assert!(admission.admit("1.2.3.4".parse().unwrap()).is_none(), "the same one");
        assert!(admission.admit("::ffff:5.6.7.8".parse().unwrap()).is_some());
        assert!(admission.admit("::1".parse().unwrap()).is_some());
        held.caught();
        drop(held);
        assert!(admission.admit("1.2.3.4".parse().unwrap()).is_none());
        assert!(admission.admit("5.6.7.8".parse().unwrap()).is_some());
    }

    #[test]
    fn a_penalty_without_end_is_one() {
        let config = ServerConfig { penalty: Duration::MAX, ..ServerConfig::default() };
        let admission = Arc::new(Admission::new(&config));
        let start = Instant::now();
        admission.admit_at(ONE, start).unwrap().caught_at(start);
        assert!(admission.admit_at(ONE, start + 1000 * MINUTE).is_none());
    }

    #[test]
    fn sessions_are_limited_per_address_and_minute() {
        let admission = admission(100, 100, 2);
        let start = Instant::now();
        for _ in 0..2 {
            assert!(admission.admit_at(ONE, start).is_some());
        }
        assert!(admission.admit_at(ONE, start + MINUTE / 2).is_none());
        assert!(admission.admit_at(OTHER, start + MINUTE / 2).is_some());
        assert!(admission.admit_at(ONE, start + MINUTE).is_some());
    }

    #[test]
    fn only_so_many_addresses_are_remembered() {
        let admission = admission(100, 100, 100);
        let start = Instant::now();
        let address = |n: usize| IpAddr::V4(core::net::Ipv4Addr::from_bits(n as u32));
        // As a flood leaves them; each through `admit_at` would look at all others.
        let mut state = admission.state();
        state.addresses.extend((0..ADDRESSES).map(|n| (address(n), Address::new(start))));
        drop(state);
        assert!(admission.admit_at(address(ADDRESSES), start).is_none());
        assert!(admission.admit_at(address(7), start).is_some(), "a known one");
        assert!(admission.admit_at(address(ADDRESSES), start + MINUTE).is_some());
        assert!(admission.state().addresses.len() <= 2, "forgotten");
    }

    #[test]
    fn a_cheater_is_refused_for_a_while() {
        let admission = admission(100, 100, 100);
        let start = Instant::now();
        let place = admission.admit_at(ONE, start).unwrap();
        place.caught_at(start);
        drop(place);
        let penalty = ServerConfig::default().penalty;
        assert!(penalty > MINUTE);
        assert!(admission.admit_at(ONE, start + MINUTE).is_none());
        assert!(admission.admit_at(ONE, start + penalty - MINUTE / 60).is_none());
        assert!(admission.admit_at(OTHER, start + MINUTE).is_some());
        assert!(admission.admit_at(ONE, start + penalty).is_some());
    }

    #[test]
    fn waiting_ends_when_the_last_one_leaves() {
        let admission = admission(2, 2, 100);
        let held = admission.admit(ONE).unwrap();
        let waiting = std::thread::spawn({
            let admission = admission.clone();
            move || admission.wait_until_idle()
        });
        drop(held);
        waiting.join().unwrap();
    }
}
