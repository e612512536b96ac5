//! Errors of the connection and of frames, before a message is decoded.

use super::{FRAME_VERSION, Tag};
use std::io;

/// Why a frame did not go out or come in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The name of the host stands for no address, or there is nobody to ask.
    #[error("cannot find the address of {address}: {source}; is the name right?")]
    Resolve {
        /// The address as it was given.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
    /// No program answers at the address.
    #[error("cannot connect to {address}: {source}; is a server listening there?")]
    Connect {
        /// The address as it was given.
        address: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The peer was silent, or slower than the limits allow.
    #[error("timed out while {during}")]
    TimedOut {
        /// What this side was doing.
        during: &'static str,
    },
    /// The peer closed the connection, or it was lost.
    #[error("the peer closed the connection while {during}")]
    Closed {
        /// What this side was doing.
        during: &'static str,
    },
    /// The peer ended the session. It does not say why.
    #[error("the peer aborted the session")]
    PeerAborted,
    /// A message other than the one the protocol has here.
    #[error("expected {expected} but the peer sent {received}")]
    Unexpected {
        /// The message awaited, or the first of several.
        expected: Tag,
        /// The message that came.
        received: Tag,
    },
    /// A tag that is no message of this protocol.
    #[error("expected {expected} but the peer sent an unknown message (tag {received})")]
    UnknownTag {
        /// The message awaited, or the first of several.
        expected: Tag,
        /// The byte that came.
        received: u8,
    },
    /// Another wire format.
    #[error(
        "the peer's frames have version {theirs}, this program's {FRAME_VERSION}: it is another release or no muse program"
    )]
    Version {
        /// The version byte that came.
        theirs: u8,
    },
    /// This side was told to stop: see [`Cancel`](crate::progress::Cancel).
    #[error("cancelled")]
    Cancelled,
    /// Any other failure of the connection.
    #[error("the connection failed while {during}: {source}")]
    Io {
        /// What this side was doing.
        during: &'static str,
        /// The system's reason.
        source: io::Error,
    },
}

impl TransportError {
    /// Whether the peer broke the protocol, which kills the session, rather than got lost, which only burns the
    /// inference in progress.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        match self {
            Self::Unexpected { .. } | Self::UnknownTag { .. } | Self::Version { .. } => true,
            Self::Resolve { .. }
            | Self::Connect { .. }
            | Self::TimedOut { .. }
            | Self::Closed { .. }
            | Self::PeerAborted
            | Self::Cancelled
            | Self::Io { .. } => false,
        }
    }

    /// Sorts a system error by its kind.
    pub(crate) fn from_io(during: &'static str, source: io::Error) -> Self {
        use io::ErrorKind as Kind;
        if is_time_out(&source) {
            return Self::TimedOut { during };
        }
        let lost = [Kind::UnexpectedEof, Kind::BrokenPipe, Kind::ConnectionReset, Kind::ConnectionAborted];
        if lost.contains(&source.kind()) {
            return Self::Closed { during };
        }
        Self::Io { during, source }
    }
}

/// Whether a wait was in vain. The kind for an expired socket time-out differs between systems.
pub(super) fn is_time_out(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}
