//! What the server remembers about an address: its places, how much of its rate it has used, and whether it was caught.
//!
//! The rate is part of the security: in the client-malicious mode every session gives a cheater a chance of 2^-41. A
//! chance that fails ends with a failed check, and then the address is refused.

use super::ServerConfig;
use crate::handshake::Refused;
use core::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};
use std::time::Instant;

/// What an address may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Between two sessions, in the long run.
    interval: Duration,
    penalty: Duration,
}

impl Rules {
    pub(super) fn new(config: &ServerConfig) -> Self {
        Self { interval: MINUTE / config.max_sessions_per_minute.max(1), penalty: config.penalty }
    }
}

/// One address.
#[derive(Debug)]
pub(super) struct Address {
    /// Its sessions now.
    pub(super) places: usize,
    /// When all that was charged is paid off, an interval a session. It may be up to a minute ahead of a session's start.
    paid: Instant,
    /// Its client was caught cheating: no new session before this.
    refused_until: Option<Instant>,
}

impl Address {
    pub(super) const fn new(now: Instant) -> Self {
        Self { places: 0, paid: now, refused_until: None }
    }

    /// Charges for a session, or says how many seconds are left until one may start.
    pub(super) fn start(&mut self, rules: &Rules, now: Instant) -> Result<(), u32> {
        let paid = self.paid.max(now) + rules.interval;
        let early = paid.saturating_duration_since(now + MINUTE);
        if early.is_zero() {
            self.paid = paid;
            return Ok(());
        }
        let seconds = early.as_secs() + u64::from(early.subsec_nanos() > 0);
        Err(u32::try_from(seconds).unwrap_or(u32::MAX).min(Refused::MAX_SECONDS))
    }

    /// Charges for a connection that came to nothing before it had a place: as for a session.
    pub(super) fn no_hello(&mut self, rules: &Rules, now: Instant) {
        self.charge(rules.interval, now);
    }

    /// Charges for a place that was held in vain: a session for every [`HELD`]. At 20 a minute, that is the time itself: so an address holds one
    /// place in vain at most, on average.
    pub(super) fn held_in_vain(&mut self, rules: &Rules, held: Duration, now: Instant) {
        let sessions = held.min(DEBT).as_secs_f64() / HELD.as_secs_f64();
        // Check: what came to nothing, or was only just in time, is charged.
        self.charge(rules.interval.mul_f64(sessions), now);
    }

    /// Nobody waits longer than [`DEBT`] for it.
    fn charge(&mut self, time: Duration, now: Instant) {
        self.paid = (self.paid.max(now) + time).min(now + MINUTE + DEBT);
    }

    /// Its client failed a check.
    pub(super) fn caught(&mut self, rules: &Rules, now: Instant) {
        // A penalty that the clock cannot count is one for as long as this process can live.
        let until = now.checked_add(rules.penalty).or_else(|| now.checked_add(DECADE));
        self.refused_until = self.refused_until.max(until);
    }

    pub(super) fn is_refused(&self, now: Instant) -> bool {
        self.refused_until.is_some_and(|until| now < until)
    }

    /// When its penalty ends, or ended.
    pub(super) const fn refused_until(&self) -> Option<Instant> {
        self.refused_until
    }

    /// Whether a stranger is treated the same.
    pub(super) fn is_forgettable(&self, now: Instant) -> bool {
        self.places == 0 && self.paid <= now && !self.is_refused(now)
    }

    /// Whether forgetting it loses nothing except how much of its rate it has used.
    pub(super) fn is_expendable(&self, now: Instant) -> bool {
        self.places == 0 && !self.is_refused(now)
    }
}

/// Who counts as one: an IPv4 address, or an IPv6 network of 64 bits, the least that one customer gets.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    // A socket for both families names IPv4 addresses as IPv6 ones.
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

/// What one site has of IPv6: the network of 48 bits that an address is in. Addresses of IPv4 have none.
pub(super) fn site_of(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(v6) = address.to_canonical() else { return None };
    Some(Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80).into())
}

/// Holding a place for this long without finishing costs as much as a session.
const HELD: Duration = Duration::from_secs(3);

/// What an address can owe, beyond what it could use at once.
const DEBT: Duration = Duration::from_secs(600);

pub(super) const MINUTE: Duration = Duration::from_secs(60);
const DECADE: Duration = Duration::from_secs(10 * 365 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn rules(per_minute: u32) -> Rules {
        Rules::new(&ServerConfig { max_sessions_per_minute: per_minute, ..ServerConfig::default() })
    }

    /// How many sessions may start at once.
    fn burst(address: &mut Address, rules: &Rules, now: Instant) -> usize {
        (0..1000).take_while(|_| address.start(rules, now).is_ok()).count()
    }

    #[test]
    fn a_rate_is_so_many_at_once_and_so_many_a_minute() {
        let (rules, start) = (rules(20), Instant::now());
        let mut address = Address::new(start);
        assert_eq!(burst(&mut address, &rules, start), 20);
        assert_eq!(address.start(&rules, start), Err(3));
        assert_eq!(address.start(&rules, start + SECOND / 2), Err(3), "rounded up");
        assert_eq!(address.start(&rules, start + SECOND), Err(2));
        assert_eq!(address.start(&rules, start + 3 * SECOND), Ok(()));
        let in_an_hour = (0..3600).filter(|&s| address.start(&rules, start + s * SECOND).is_ok()).count();
        assert!((1197..=1200).contains(&in_an_hour), "{in_an_hour}");
        assert!(!address.is_forgettable(start + 3600 * SECOND));
        assert!(address.is_forgettable(start + 3700 * SECOND));
    }

    #[test]
    fn every_rate_can_be_used_up_and_recovers() {
        let start = Instant::now();
        for per_minute in [1, 7, 61, 999] {
            let rules = rules(per_minute);
            let mut address = Address::new(start);
            assert_eq!(burst(&mut address, &rules, start), per_minute as usize);
            let seconds = address.start(&rules, start).expect_err("used up");
            assert_eq!(address.start(&rules, start + Duration::from_secs(seconds.into())), Ok(()));
        }
        // The most there is: some are used up while this looks.
        assert!(Rules::new(&ServerConfig::default()).interval > rules(ServerConfig::MAX_RATE).interval);
    }

    #[test]
    fn connections_without_a_hello_count_as_sessions() {
        let (rules, start) = (rules(20), Instant::now());
        let mut address = Address::new(start);
        (0..15).for_each(|_| address.no_hello(&rules, start));
        assert_eq!(burst(&mut address, &rules, start), 5);
    }

    #[test]
    fn an_address_holds_one_place_in_vain_on_average() {
        let (rules, start) = (rules(20), Instant::now());
        let (mut address, mut now, mut held) = (Address::new(start), start, Duration::ZERO);
        // For a day it takes four places as often as it may, and holds them for two minutes.
        while now < start + 86_400 * SECOND {
            let places = (0..4).take_while(|_| address.start(&rules, now).is_ok()).count() as u32;
            if places == 0 {
                now += SECOND;
                continue;
            }
            now += 120 * SECOND;
            (0..places).for_each(|_| address.held_in_vain(&rules, 120 * SECOND, now));
            held += places * 120 * SECOND;
        }
        assert!(held < 86_400 * SECOND + 1200 * SECOND, "{held:?} in a day");
    }

    #[test]
    fn a_debt_has_a_limit() {
        let (rules, start) = (rules(20), Instant::now());
        let mut address = Address::new(start);
        for _ in 0..100 {
            address.held_in_vain(&rules, Duration::MAX, start);
        }
        let seconds = address.start(&rules, start).expect_err("in debt");
        assert_eq!(seconds, 603);
        assert!(seconds <= Refused::MAX_SECONDS);
        // What is owed at the slowest rate, too.
        let slow = self::rules(1);
        address.held_in_vain(&slow, Duration::MAX, start);
        assert!(address.start(&slow, start).is_err_and(|seconds| seconds <= 660));
    }

    #[test]
    fn a_penalty_without_end_is_one() {
        let rules = Rules::new(&ServerConfig { penalty: Duration::MAX, ..ServerConfig::default() });
        let start = Instant::now();
        let mut address = Address::new(start);
        address.caught(&rules, start);
        assert!(address.is_refused(start + 1000 * MINUTE) && !address.is_expendable(start));
    }

    #[test]
    fn networks_count_as_one() {
        let of = |text: &str| network_of(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:1.2.3.4"), of("1.2.3.4"));
        assert_ne!(of("::ffff:1.2.3.4"), of("::ffff:5.6.7.8"));
        assert_ne!(of("::1"), of("127.0.0.1"));
        let site = |text: &str| site_of(text.parse().expect("an address"));
        assert_eq!(site("2001:db8:1:2::3"), site("2001:db8:1:ffff::"));
        assert_ne!(site("2001:db8:1::"), site("2001:db8:2::"));
        assert_eq!((site("1.2.3.4"), site("::ffff:1.2.3.4")), (None, None));
    }
}
