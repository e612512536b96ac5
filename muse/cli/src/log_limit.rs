//! Events that an address can cause at no cost: the first is logged with its own line, later ones are summed up from time to time.

use core::{net::IpAddr, time::Duration};
use std::{collections::HashMap, time::Instant};

/// Which events were logged about which address, and how many repetitions were not logged.
#[derive(Debug, Default)]
pub struct LogLimit(HashMap<Key, Repeat>);

/// Whom it is about, `None` for all that are too many to tell apart, and what happened.
type Key = (Option<IpAddr>, String);

#[derive(Debug)]
struct Repeat {
    since: Instant,
    times: u64,
}

/// How often something happened again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Whom it happened to; `None` for several.
    pub address: Option<IpAddr>,
    pub what: String,
    pub times: u64,
}

impl LogLimit {
    /// Whether this is to be said now; otherwise it is counted.
    pub fn is_new(&mut self, address: IpAddr, what: &str, now: Instant) -> bool {
        let mut key = (Some(address), what.to_owned());
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            key.0 = None;
        }
        let mut is_new = false;
        let seen = self.0.entry(key).or_insert_with(|| {
            is_new = true;
            Repeat { since: now, times: 0 }
        });
        seen.times += u64::from(!is_new);
        is_new
    }

    /// The sums that are due: of what began [`INTERVAL`] ago, or of all at the end of the program.
    pub fn due(&mut self, now: Instant, all: bool) -> Vec<Sum> {
        let mut sums = Vec::new();
        self.0.retain(|(address, what), seen| {
            if !all && now.duration_since(seen.since) < INTERVAL {
                return true;
            }
            let times = core::mem::take(&mut seen.times);
            seen.since = now;
            if times > 0 {
                sums.push(Sum { address: *address, what: what.clone(), times });
            }
            times > 0
        });
        sums.sort_by(|one, other| (one.address, &one.what).cmp(&(other.address, &other.what)));
        sums
    }
}

/// Between two lines about the same.
const INTERVAL: Duration = Duration::from_secs(60);

/// Addresses and events that are told apart.
const MOST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::Ipv4Addr;

    fn address(n: u32) -> IpAddr {
        Ipv4Addr::from_bits(n).into()
    }

    #[test]
    fn a_flood_is_a_line_and_a_sum_an_interval() {
        let (mut repeats, start) = (LogLimit::default(), Instant::now());
        let second = Duration::from_secs(1);
        let mut lines = 0;
        // A thousand a second, for five minutes.
        for seconds in 0..300 {
            let now = start + seconds * second;
            lines += (0..1000).filter(|_| repeats.is_new(address(1), "full", now)).count();
            lines += repeats.due(now, false).len();
        }
        assert_eq!(lines, 1 + 4);
        assert!(repeats.is_new(address(2), "full", start) && repeats.is_new(address(1), "rate", start));
        let sums = repeats.due(start + 301 * second, true);
        let rest = Sum { address: Some(address(1)), what: "full".into(), times: 59_000 };
        assert_eq!(sums, [rest]);
        // Nothing for an interval: forgotten, and new again.
        assert!(repeats.due(start + 400 * second, false).is_empty());
        assert!(repeats.0.is_empty());
        assert!(repeats.is_new(address(1), "full", start + 401 * second));
    }

    #[test]
    fn many_addresses_are_one() {
        let (mut repeats, now) = (LogLimit::default(), Instant::now());
        let new = (0..100_000).filter(|&n| repeats.is_new(address(n), "full", now)).count();
        assert_eq!(new, MOST + 1);
        assert!(repeats.0.len() <= MOST + 1);
        let sums = repeats.due(now, true);
        assert_eq!(sums, [Sum { address: None, what: "full".into(), times: 100_000 - MOST as u64 - 1 }]);
    }
}
