//! What the server reports about its clients to the operator.

use crate::{Error, accounts::Stats, handshake::Refused};
use core::net::SocketAddr;

/// Receives what happens to clients. This is for the operator only: a client is told less.
///
/// Called from the threads that serve clients, and from the one that waits for hellos: an implementation that is slow keeps clients waiting.
pub trait Monitor: Send + Sync {
    /// Something happened to the client at `peer`.
    fn event(&self, peer: SocketAddr, event: &Event<'_>) {
        let _ = (peer, event);
    }
}

/// What a [`Monitor`] receives.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The server turned the client away. The client was told nothing else before.
    TurnedAway {
        /// Why.
        reason: Refusal,
    },
    /// The client completed the handshake and set up a session.
    Started,
    /// An inference was preprocessed.
    Preprocessed {
        /// Its id.
        inference: u64,
    },
    /// An inference was served.
    Inferred {
        /// Its id.
        inference: u64,
    },
    /// The connection ended; everything kept for it is destroyed.
    Ended {
        /// Why, unless the client said goodbye.
        error: Option<&'a Error>,
        /// The server's accounts of it; all zero where it ended before its hello was complete, or with a hello of another release.
        stats: &'a Stats,
    },
}

/// Why a client was turned away. Displays as a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// [`ServerConfig::max_connections`](super::ServerConfig::max_connections), or more addresses than can be remembered for a moment.
    #[error("all places are taken")]
    Full,
    /// [`ServerConfig::max_connections_per_address`](super::ServerConfig::max_connections_per_address).
    #[error("its address has all the places it may have")]
    AddressFull,
    /// [`ServerConfig::max_sessions_per_minute`](super::ServerConfig::max_sessions_per_minute).
    #[error("its address has started all the sessions it may, for {seconds} s more")]
    Rate {
        /// Until it may start one.
        seconds: u32,
    },
    /// [`ServerConfig::penalty`](super::ServerConfig::penalty).
    #[error("a client at its address failed a check a while ago")]
    Caught,
    /// More connections wait for their hello than there is room for.
    #[error("too many connections came before its hello did")]
    Crowded,
    /// The system has no thread for it.
    #[error("the system has no thread for it")]
    NoThread,
}

impl Refusal {
    /// What the client is told about it.
    pub(super) const fn told(self) -> Refused {
        match self {
            Self::Full | Self::Crowded | Self::NoThread => Refused::Full,
            Self::AddressFull => Refused::AddressFull,
            Self::Rate { seconds } => Refused::Rate { seconds },
            Self::Caught => Refused::Penalty,
        }
    }
}

/// A monitor that ignores every event.
pub(super) struct Unwatched;

impl Monitor for Unwatched {}
