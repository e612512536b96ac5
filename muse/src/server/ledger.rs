//! What the server remembers about all addresses, and what it forgets first when there are too many.
//!
//! A flood from many addresses neither fills the memory nor keeps newcomers out. What others have used of their rates is
//! forgotten first, then the penalties that end soonest, never a place. The owner of a whole IPv6 network does not get as many penalties
//! as the network has parts: when some parts were caught, the server refuses and remembers the network as one.

use super::address::{Address, Rules, site_of};
use core::net::IpAddr;
use core::time::Duration;
use std::{collections::HashMap, time::Instant};

/// Addresses, and networks of addresses.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    addresses: HashMap<IpAddr, Address>,
    /// Networks that are refused as one, and until when.
    sites: HashMap<IpAddr, Instant>,
    /// When the ledger last forgot addresses.
    swept: Option<Instant>,
}

impl Ledger {
    /// What is known of an address; none if no more can be remembered, until a second later some are forgotten.
    pub(super) fn remember(&mut self, address: IpAddr, now: Instant) -> Option<&mut Address> {
        // It looks at all of them, so not at every connection of a flood.
        if self.swept.is_none_or(|swept| now.duration_since(swept) >= SWEEP) {
            self.swept = Some(now);
            self.sweep(now);
        }
        if self.addresses.len() >= ADDRESSES && !self.addresses.contains_key(&address) {
            return None;
        }
        Some(self.addresses.entry(address).or_insert_with(|| Address::new(now)))
    }

    /// An address that is known.
    pub(super) fn get(&self, address: IpAddr) -> Option<&Address> {
        self.addresses.get(&address)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, address: IpAddr) -> Option<&mut Address> {
        self.addresses.get_mut(&address)
    }

    /// Whether a client at this address, or several in its network, were caught a while ago.
    pub(super) fn is_refused(&self, address: IpAddr, now: Instant) -> bool {
        let site = site_of(address).and_then(|site| self.sites.get(&site));
        site.is_some_and(|until| now < *until) || self.get(address).is_some_and(|seen| seen.is_refused(now))
    }

    /// The client of an address failed a check. It is remembered even if it was forgotten meanwhile, as one may be whose place was given
    /// away while its check was computed: there are no more of these than sessions.
    pub(super) fn caught(&mut self, address: IpAddr, rules: &Rules, now: Instant) {
        let seen = self.addresses.entry(address).or_insert_with(|| Address::new(now));
        seen.caught(rules, now);
        // Check: penalties fit the memory.
        let (Some(until), Some(site)) = (seen.refused_until(), site_of(address)) else { return };
        let is_part =
            |address: &IpAddr, seen: &Address| site_of(*address) == Some(site) && seen.is_refused(now);
        if self.addresses.iter().filter(|&(address, seen)| is_part(address, seen)).count() < CAUGHT_OF_A_SITE
        {
            return;
        }
        // One entry stands for all of them.
        self.addresses.retain(|address, seen| seen.places > 0 || !is_part(address, seen));
        if self.sites.len() >= SITES
            && let Some(soonest) = self.sites.iter().min_by_key(|&(_, until)| *until).map(|(site, _)| *site)
        {
            self.sites.remove(&soonest);
        }
        self.sites.insert(site, until);
    }

    /// Forgets what can be forgotten; when that is not enough, what can best be.
    fn sweep(&mut self, now: Instant) {
        self.sites.retain(|_, until| now < *until);
        self.addresses.retain(|_, seen| !seen.is_forgettable(now));
        if self.addresses.len() >= ADDRESSES {
            self.addresses.retain(|_, seen| !seen.is_expendable(now));
        }
        if self.addresses.len() >= ADDRESSES {
            let penalties = self.addresses.iter().filter(|(_, seen)| seen.places == 0);
            let mut penalties: Vec<_> =
                penalties.map(|(address, seen)| (seen.refused_until(), *address)).collect();
            let most = FORGOTTEN.min(penalties.len());
            if most < penalties.len() {
                penalties.select_nth_unstable(most);
            }
            for (_, address) in &penalties[..most] {
                self.addresses.remove(address);
            }
        }
    }
}

/// Addresses remembered at once, some 100 bytes each.
const ADDRESSES: usize = 1 << 16;

/// Penalties forgotten together when nothing else is left to forget. The ledger can then remember this many newcomers a second.
const FORGOTTEN: usize = ADDRESSES / 16;

/// Addresses of one site with a penalty at which all of it has one.
const CAUGHT_OF_A_SITE: usize = 16;

/// Sites refused at once.
const SITES: usize = 1 << 12;

/// Between two looks at all addresses.
const SWEEP: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
