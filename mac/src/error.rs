//! One error type, sorted by blame.

use core::fmt;

use muse_field::wire::DecodeError;

/// Why an operation of this crate failed.
///
/// A failed check carries no index and no position: what a peer may learn is that it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    Malformed,
    /// The peer's message decoded but failed a check: the session must end, and the MAC key with it.
    PeerMisbehaved(Check),
    /// The caller broke a precondition; the text says what is expected.
    Misuse(&'static str),
}

/// The check that a misbehaving peer failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Check {
    /// Opened values do not fit the hash of their MACs.
    Opening,
    /// Values that must be zero are not, or the hash of their MACs is wrong.
    Zero,
    /// The random combination of the MACs of a batch of openings is wrong.
    Batch,
    /// What a party revealed is not what it had committed to.
    Commitment,
}

impl Error {
    /// Whether the peer, and not this program, caused the error.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        match self {
            Self::Malformed | Self::PeerMisbehaved(_) => true,
            Self::Misuse(_) => false,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opening => "opened values do not fit their MACs",
            Self::Zero => "values that must be zero are not",
            Self::Batch => "a batch of opened values does not fit its MACs",
            Self::Commitment => "a revealed value is not the committed one",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("malformed bytes from the peer"),
            Self::PeerMisbehaved(check) => check.fmt(f),
            Self::Misuse(expected) => write!(f, "misuse: {expected}"),
        }
    }
}

impl core::error::Error for Error {}

impl From<DecodeError> for Error {
    fn from(_: DecodeError) -> Self {
        Self::Malformed
    }
}
