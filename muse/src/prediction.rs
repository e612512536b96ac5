//! How long a measured session would take over another connection.

use crate::{
    accounts::{Component, Phase, Stats},
    transport::Link,
};
use serde::Serialize;

impl Link {
    /// How long a phase would take over this connection, by the accounts of one over a connection that costs nothing, such as loopback.
    ///
    /// In each component bytes travel while others are worked on, so that the longer of the two counts; components come one after the
    /// other, and so do flights. What a real connection does besides (a slow start, losses, other traffic) is not in it.
    #[must_use]
    pub fn predict(&self, stats: &Stats, phase: Phase) -> Prediction {
        let mut sum = Prediction::default();
        for component in Component::ALL {
            let counters = stats.get(phase, component);
            let work = counters.time.as_secs_f64();
            let transfer = self.transfer_seconds(counters.bytes() as f64);
            sum.work += work;
            sum.transfer += transfer;
            sum.overlap += work.min(transfer);
            sum.latency += self.latency_seconds(counters.round_trips());
        }
        sum
    }
}

/// How long a phase would take, in seconds, by what takes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Prediction {
    /// Work of both parties.
    pub work: f64,
    /// Bytes divided by bandwidth.
    pub transfer: f64,
    /// The part of these two that goes on at the same time.
    pub overlap: f64,
    /// Round trips times latency.
    pub latency: f64,
}

impl Prediction {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.work + self.transfer - self.overlap + self.latency
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Counters;
    use core::time::Duration;

    fn account(millis: u64, bytes: u64, flights: u64) -> Counters {
        let time = Duration::from_millis(millis);
        Counters { sent: bytes / 4, received: bytes - bytes / 4, flights, time, waited: time / 2 }
    }

    #[test]
    fn the_longer_of_work_and_transfer_counts_and_every_flight() {
        let mut stats = Stats::default();
        // At 8 Mbit/s: 2 s of bytes behind 0.5 s of work; 0.25 s behind 1 s; latency alone.
        *stats.entry(Phase::Preprocessing, Component::Garbling) = account(500, 2_000_000, 1);
        *stats.entry(Phase::Preprocessing, Component::Linear) = account(1000, 250_000, 2);
        *stats.entry(Phase::Preprocessing, Component::Proofs) = account(0, 0, 4);
        // Another phase has no part in it.
        *stats.entry(Phase::Online, Component::Labels) = account(9000, 9_000_000, 9);
        let link = Link { bits_per_second: 8e6, round_trip_seconds: 0.5 };
        let predicted = link.predict(&stats, Phase::Preprocessing);
        let expected = Prediction { work: 1.5, transfer: 2.25, overlap: 0.75, latency: 1.75 };
        assert_eq!(predicted, expected);
        assert_eq!(predicted.total(), 2.0 + 1.0 + 1.75);
    }

    #[test]
    fn a_free_link_adds_nothing() {
        let mut stats = Stats::default();
        *stats.entry(Phase::Online, Component::Labels) = account(250, 1 << 40, 7);
        assert!(Link::default().is_free());
        assert_eq!(Link::default().predict(&stats, Phase::Online).total(), 0.25);
        assert_eq!(Link::default().predict(&stats, Phase::Setup), Prediction::default());
    }
}
