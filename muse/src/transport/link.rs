//! A connection as two numbers.

use serde::Serialize;

/// A connection. The default one costs nothing: no limit, no latency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Link {
    /// Bits a second, in either direction; infinite where there is no limit.
    pub bits_per_second: f64,
    /// Seconds from a question to its answer when both are short.
    pub round_trip_seconds: f64,
}

impl Default for Link {
    fn default() -> Self {
        Self { bits_per_second: f64::INFINITY, round_trip_seconds: 0.0 }
    }
}

impl Link {
    /// Whether bytes pass as if there were no connection to speak of.
    #[must_use]
    pub fn is_free(&self) -> bool {
        *self == Self::default()
    }

    /// Seconds that `bytes` occupy it.
    #[must_use]
    pub fn transfer_seconds(&self, bytes: f64) -> f64 {
        bytes * 8.0 / self.bits_per_second
    }

    /// Seconds that so many round trips wait for it.
    #[must_use]
    pub fn latency_seconds(&self, round_trips: f64) -> f64 {
        round_trips * self.round_trip_seconds
    }
}
