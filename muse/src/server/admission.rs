//! Who has a place: so many sessions at once, in all and from one address. When all places are taken, a session that does nothing gives
//! way. What an address may besides is in [`address`](super::address).

use super::{
    Refusal, ServerConfig,
    address::{Address, Rules, network_of},
    conversation::Seat,
};
use crate::progress::Cancel;
use alloc::{collections::BTreeMap, sync::Arc};
use core::{net::IpAddr, time::Duration};
use std::{
    collections::HashMap,
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
    places: BTreeMap<u64, Place>,
    /// The next place's number.
    next: u64,
    addresses: HashMap<IpAddr, Address>,
    /// When addresses were last forgotten.
    swept: Option<Instant>,
}

#[derive(Debug)]
struct Place {
    address: IpAddr,
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
        let seen = state.remember(address, now).ok_or(Refusal::Full)?;
        if seen.is_refused(now) {
            return Err(Refusal::Caught);
        }
        let places = seen.places;
        let leaves = if places >= self.max_per_address {
            // Its own.
            let own = state.longest_idle(self.give_way, now, |place, _| place.address == address);
            Some(own.ok_or(Refusal::AddressFull)?)
        } else if state.places.len() >= self.max_places {
            // Who has fewer places than others does not lose them to those.
            let others = state.longest_idle(self.give_way, now, |_, theirs| theirs > places);
            Some(others.ok_or(Refusal::Full)?)
        } else {
            None
        };
        let seen = state.addresses.get_mut(&address).ok_or(Refusal::Full)?;
        seen.start(&self.rules, now).map_err(|seconds| Refusal::Rate { seconds })?;
        seen.places += 1;
        if let Some(place) = leaves.and_then(|number| state.free(number)) {
            place.leave.cancel();
        }
        let (number, leave) = (state.next, self.cancel.child());
        state.next += 1;
        state.sessions += 1;
        state.places.insert(number, Place { address, idle: None, leave: leave.clone() });
        Ok(Admitted { admission: self.clone(), address, number, leave })
    }

    /// A connection from `address` came to nothing before it had a place.
    pub(super) fn no_hello(&self, address: IpAddr) {
        let (address, now) = (network_of(address), Instant::now());
        if let Some(seen) = self.state().remember(address, now) {
            seen.no_hello(&self.rules, now);
        }
    }

    /// Waits until nobody is connected.
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
    /// What is known of an address; none if no more can be remembered.
    ///
    /// A flood from many addresses does not fill the memory, and does not keep newcomers out either: what others have used of their rates
    /// is forgotten then. Who has so many addresses has as many rates. Penalties and places are not forgotten.
    fn remember(&mut self, address: IpAddr, now: Instant) -> Option<&mut Address> {
        let is_new = !self.addresses.contains_key(&address);
        // It looks at all of them, so not at every connection of a flood.
        if self.swept.is_none_or(|swept| now.duration_since(swept) >= SWEEP) {
            self.swept = Some(now);
            self.addresses.retain(|_, seen| !seen.is_forgettable(now));
            if is_new && self.addresses.len() >= ADDRESSES {
                self.addresses.retain(|_, seen| !seen.is_expendable(now));
            }
        }
        if is_new && self.addresses.len() >= ADDRESSES {
            return None;
        }
        Some(self.addresses.entry(address).or_insert_with(|| Address::new(now)))
    }

    /// The place whose session has been without a request for longest, and for so long, among those that `may` leave: they are shown
    /// with the number of places of their address.
    fn longest_idle(
        &self,
        give_way: Duration,
        now: Instant,
        may: impl Fn(&Place, usize) -> bool,
    ) -> Option<u64> {
        let places = |address| self.addresses.get(address).map_or(0, |seen| seen.places);
        let idle = self.places.iter().filter_map(|(&number, place)| {
            let since = place.idle?;
            let leaves = now.duration_since(since) >= give_way && may(place, places(&place.address));
            leaves.then_some((since, number))
        });
        Some(idle.min()?.1)
    }

    /// Takes a place away from whoever has it.
    fn free(&mut self, number: u64) -> Option<Place> {
        let place = self.places.remove(&number)?;
        if let Some(seen) = self.addresses.get_mut(&place.address) {
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
        if let Some(seen) = self.admission.state().addresses.get_mut(&self.address) {
            seen.caught(&self.admission.rules, now);
        }
    }
}

impl Seat for Admitted {
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
        if let Some(seen) = self.admission.state().remember(self.address, now) {
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

/// Addresses remembered at once, some 100 bytes each.
const ADDRESSES: usize = 1 << 16;
/// Between two looks at all addresses.
const SWEEP: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
