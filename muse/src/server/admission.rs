//! Which sessions have a place. Their number is limited, in all and for one address. The other limits of an address are in [`address`](super::address).
//!
//! When all places are taken, a session gives way to an address that has fewer places: one that does nothing, or one at work, but that only
//! if its address keeps as many places as the newcomer's then has. A slow client and one that pretends to be slow look the same, so the
//! number of places decides.

use super::{
    Refusal, ServerConfig,
    address::{Rules, network_of},
    ledger::Ledger,
    session_loop::Place,
};
use crate::progress::Cancel;
use alloc::{collections::BTreeMap, sync::Arc};
use core::{cmp::Reverse, net::IpAddr, time::Duration};
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Gives places.
#[derive(Debug)]
pub(super) struct Admission {
    max_places: usize,
    max_per_address: usize,
    give_way: Duration,
    rules: Rules,
    cancel: Cancel,
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Sessions that have not ended, those included whose place was given away and who will notice in a moment.
    sessions: usize,
    places: BTreeMap<u64, Occupied>,
    /// The next place's number.
    next: u64,
    ledger: Ledger,
}

#[derive(Debug)]
struct Occupied {
    address: IpAddr,
    /// Since when it is taken.
    taken: Instant,
    /// Since when its session waits for a request.
    idle: Option<Instant>,
    /// Ends its session.
    leave: Cancel,
}

/// A session's place; free again when dropped.
#[derive(Debug)]
pub(super) struct Admitted {
    admission: Arc<Admission>,
    address: IpAddr,
    number: u64,
    leave: Cancel,
}

impl Admission {
    pub(super) fn new(config: &ServerConfig) -> Self {
        Self {
            max_places: config.max_connections,
            max_per_address: config.max_connections_per_address,
            give_way: config.give_way,
            rules: Rules::new(config),
            cancel: config.cancel.clone(),
            state: Mutex::default(),
            left: Condvar::new(),
        }
    }

    /// A place for one more session from `address`, if there is one.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Admitted, Refusal> {
        self.admit_at(address, Instant::now())
    }

    fn admit_at(self: &Arc<Self>, address: IpAddr, now: Instant) -> Result<Admitted, Refusal> {
        let address = network_of(address);
        let state = &mut *self.state();
        // Check: addresses of cheaters are refused.
        if state.ledger.is_refused(address, now) {
            return Err(Refusal::Caught);
        }
        let places = state.ledger.remember(address, now).ok_or(Refusal::Full)?.places;
        // Check: places of an address.
        let leaves = if places >= self.max_per_address {
            // Its own.
            let own = state
                .first_to_leave(self.give_way, now, 0, |place, rested| rested && place.address == address);
            // Where one address may have all places there is no limit of its own to speak of.
            let none =
                if self.max_per_address < self.max_places { Refusal::AddressFull } else { Refusal::Full };
            Some(own.ok_or(none)?)
        } else if state.places.len() >= self.max_places {
            // Who has fewer places than others does not lose them to those. Who is at work loses one to nobody who would then have more.
            let others = state.first_to_leave(self.give_way, now, places, |place, rested| {
                state.places_of(place.address) > places + usize::from(!rested)
            });
            Some(others.ok_or(Refusal::Full)?)
        } else {
            None
        };
        let seen = state.ledger.get_mut(address).ok_or(Refusal::Full)?;
        seen.start(&self.rules, now).map_err(|seconds| Refusal::Rate { seconds })?;
        seen.places += 1;
        if let Some(place) = leaves.and_then(|number| state.free(number)) {
            place.leave.cancel();
        }
        let (number, leave) = (state.next, self.cancel.child());
        state.next += 1;
        state.sessions += 1;
        state.places.insert(number, Occupied { address, taken: now, idle: None, leave: leave.clone() });
        Ok(Admitted { admission: self.clone(), address, number, leave })
    }

    /// A connection from `address` came to nothing before it had a place.
    pub(super) fn no_hello(&self, address: IpAddr) {
        let (address, now) = (network_of(address), Instant::now());
        if let Some(seen) = self.state().ledger.remember(address, now) {
            seen.no_hello(&self.rules, now);
        }
    }

    /// Waits until no client is connected.
    pub(super) fn wait_until_idle(&self) {
        let mut state = self.state();
        while state.sessions > 0 {
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here can leave the counts half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn places_of(&self, address: IpAddr) -> usize {
        self.ledger.get(address).map_or(0, |seen| seen.places)
    }

    /// The place whose session leaves first among those that `may`, which are shown with whether they have rested, without a request, for
    /// `give_way`; nobody leaves who has its place for less.
    ///
    /// First come those whose address keeps as many places as the newcomer's then has, one more than `places`: so whoever pretends to work
    /// at several does not drive out who rests at one. Who has rested leaves first, then whose address has the most places, then who has no
    /// request at all; the longest idle, or the oldest.
    fn first_to_leave(
        &self,
        give_way: Duration,
        now: Instant,
        places: usize,
        may: impl Fn(&Occupied, bool) -> bool,
    ) -> Option<u64> {
        let long_ago = |since: Instant| now.duration_since(since) >= give_way;
        let old = self.places.iter().filter(|(_, place)| long_ago(place.taken));
        let leaving = old.filter_map(|(&number, place)| {
            // Check: idle sessions give way, then those of an address with several; one alone does not.
            let rested = place.idle.is_some_and(long_ago);
            let theirs = self.places_of(place.address);
            let order = (theirs < places + 2, !rested, Reverse(theirs), place.idle.is_none());
            may(place, rested).then_some((order, place.idle.unwrap_or(place.taken), number))
        });
        Some(leaving.min()?.2)
    }

    /// Takes a place away from the session that has it.
    fn free(&mut self, number: u64) -> Option<Occupied> {
        let place = self.places.remove(&number)?;
        if let Some(seen) = self.ledger.get_mut(place.address) {
            seen.places -= 1;
        }
        Some(place)
    }
}

impl Admitted {
    fn rest_at(&self, now: Instant) {
        if let Some(place) = self.admission.state().places.get_mut(&self.number) {
            place.idle = Some(now);
        }
    }

    fn caught_at(&self, now: Instant) {
        self.admission.state().ledger.caught(self.address, &self.admission.rules, now);
    }
}

impl Place for Admitted {
    fn cancel(&self) -> Cancel {
        self.leave.clone()
    }

    fn rest(&self) {
        self.rest_at(Instant::now());
    }

    fn work(&self) -> bool {
        let mut state = self.admission.state();
        let place = state.places.get_mut(&self.number);
        place.map(|place| place.idle = None).is_some()
    }

    fn caught(&self) {
        self.caught_at(Instant::now());
    }

    fn held_in_vain(&self, time: Duration) {
        let now = Instant::now();
        if let Some(seen) = self.admission.state().ledger.remember(self.address, now) {
            seen.held_in_vain(&self.admission.rules, time, now);
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let state = &mut *self.admission.state();
        state.free(self.number);
        state.sessions -= 1;
        self.admission.left.notify_all();
    }
}

#[cfg(test)]
mod tests;
