//! How a server behaves.

use super::monitor::{Monitor, Unwatched};
use crate::{
    Error,
    handshake::Protocol,
    progress::{Cancel, Observer, Silent},
    session::MAX_INFERENCES,
    transport::Limits,
};
use alloc::sync::Arc;
use core::time::Duration;

/// How a server behaves. `ServerConfig::default()` is what most want.
#[derive(Clone)]
#[non_exhaustive]
pub struct ServerConfig {
    /// What clients may do, and how labels are disclosed; the same at every client. By default [`Protocol::ClientMalicious`].
    pub protocol: Protocol,
    /// Time-outs. By default those of [`Limits::default`].
    pub limits: Limits,
    /// From a connection to its whole hello. A client has no place before that, and a client that takes longer is disconnected. By default 5 seconds.
    pub hello: Duration,
    /// Sessions served at once, the places; further clients are turned away, unless a session [gives way](Self::give_way). From 1 to
    /// [`MAX_PLACES`](Self::MAX_PLACES), by default 16.
    pub max_connections: usize,
    /// Places of one address (IPv6: of one /64), so that one client cannot lock the others out: a quarter of all is a good number. Loopback is
    /// an address as any other; behind a tunnel or a proxy all clients have one. From 1 to
    /// [`MAX_PLACES`](Self::MAX_PLACES), by default 4.
    pub max_connections_per_address: usize,
    /// When all places are taken, a session of an address that has more places than a newcomer's is ended for it: one that has been without a
    /// request for so long, or one at work that began so long ago, if its address has at least two places more. Those of addresses with two
    /// places more end first, then those without a request, then those of the address with most places. By default 10 seconds.
    pub give_way: Duration,
    /// New sessions a minute from one address, in the long run; after a pause as many at once. Connections without a hello count as
    /// sessions, and so does every three seconds for which a client held a place, waited for, and did not finish what it had begun, or
    /// finished it later than its bytes needed at [`Limits::min_rate`]. From 1 to
    /// [`MAX_RATE`](Self::MAX_RATE), by default 20.
    pub max_sessions_per_minute: u32,
    /// How long an address is refused after its client failed a check, as no honest client does. By default 10 minutes.
    pub penalty: Duration,
    /// Preprocessed inferences kept for one client. From 1 to [`MAX_INFERENCES`], by default 16.
    pub max_tickets: usize,
    /// Receives progress. By default progress is ignored.
    pub observer: Arc<dyn Observer>,
    /// Receives events about clients. By default they are ignored.
    pub monitor: Arc<dyn Monitor>,
    /// Ends every session from outside; accepting clients is ended by [`Stop`](super::Stop). By default a new token, which nothing else can trigger.
    pub cancel: Cancel,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            protocol: Protocol::default(),
            limits: Limits::default(),
            hello: Duration::from_secs(5),
            max_connections: 16,
            max_connections_per_address: 4,
            give_way: Duration::from_secs(10),
            max_sessions_per_minute: 20,
            penalty: Duration::from_secs(600),
            max_tickets: 16,
            observer: Arc::new(Silent),
            monitor: Arc::new(Unwatched),
            cancel: Cancel::new(),
        }
    }
}

impl ServerConfig {
    /// The most places, each a thread and the memory of a session.
    pub const MAX_PLACES: usize = 4096;

    /// The most sessions a minute.
    pub const MAX_RATE: u32 = 1_000_000;

    /// Refuses numbers that cannot be meant.
    pub(super) fn check(&self) -> Result<(), Error> {
        let places = Self::MAX_PLACES as u64;
        for (name, value, most) in [
            ("max_connections", self.max_connections as u64, places),
            ("max_connections_per_address", self.max_connections_per_address as u64, places),
            ("max_sessions_per_minute", self.max_sessions_per_minute.into(), Self::MAX_RATE.into()),
            ("max_tickets", self.max_tickets as u64, MAX_INFERENCES),
        ] {
            if !(1..=most).contains(&value) {
                return Err(Error::Setting { name, least: 1, most });
            }
        }
        Ok(())
    }
}

impl core::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ServerConfig")
            .field("protocol", &self.protocol)
            .field("limits", &self.limits)
            .field("hello", &self.hello)
            .field("max_connections", &self.max_connections)
            .field("max_connections_per_address", &self.max_connections_per_address)
            .field("give_way", &self.give_way)
            .field("max_sessions_per_minute", &self.max_sessions_per_minute)
            .field("penalty", &self.penalty)
            .field("max_tickets", &self.max_tickets)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_least_and_a_most() {
        let with = |change: fn(&mut ServerConfig)| {
            let mut config = ServerConfig::default();
            change(&mut config);
            config.check().map_err(|error| error.to_string())
        };
        assert_eq!(with(|_| {}), Ok(()));
        assert_eq!(with(|config| config.max_connections = ServerConfig::MAX_PLACES), Ok(()));
        let error = "max_connections must be from 1 to 4096";
        assert_eq!(with(|config| config.max_connections = 0), Err(error.into()));
        assert_eq!(with(|config| config.max_connections = usize::MAX), Err(error.into()));
        assert!(with(|config| config.max_connections_per_address = usize::MAX).is_err());
        assert!(with(|config| config.max_sessions_per_minute = 0).is_err());
        assert!(with(|config| config.max_sessions_per_minute = u32::MAX).is_err());
        assert!(with(|config| config.max_tickets = 257).is_err());
    }
}
