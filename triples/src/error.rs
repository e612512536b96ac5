//! One error type, sorted by blame.

use core::fmt;

use muse_field::wire::DecodeError;

/// Why a step failed. It has destroyed the state it happened in.
///
/// A failed check carries no index and no position: what a peer may learn is that it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    Malformed,
    /// The peer failed a check: the session must end, and the MAC key with it.
    PeerMisbehaved(Check),
    /// The caller broke a precondition; the text says what is expected.
    Misuse(&'static str),
    /// Fewer triples or random values are left than a step needs.
    Exhausted,
    /// Ciphertexts could not be made or read.
    Ring(muse_he::error::Error),
    /// A proof could not be made or checked.
    Proof(muse_zk::Error),
    /// MACs could not be made or checked.
    Mac(muse_mac::Error),
}

/// The check that a misbehaving peer failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Check {
    /// The client's products are not those of its factors.
    Product,
    /// Opened values do not fit their MACs.
    Opening,
    /// Values whose check was deferred do not fit their MACs.
    Deferred,
    /// What the client put in as bits are not bits, or not those of the value that they stand for.
    Bits,
}

impl Error {
    /// Whether the peer, and not this program, caused the error.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        match self {
            Self::Malformed | Self::PeerMisbehaved(_) => true,
            Self::Misuse(_) | Self::Exhausted => false,
            Self::Ring(error) => error.peer_at_fault(),
            Self::Proof(error) => error.peer_at_fault(),
            Self::Mac(error) => error.peer_at_fault(),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Product => "products are not those of their factors",
            Self::Opening => "opened values do not fit their MACs",
            Self::Deferred => "values whose check was deferred do not fit their MACs",
            Self::Bits => "the client's bits are not the bits of its value",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("malformed bytes from the peer"),
            Self::PeerMisbehaved(check) => check.fmt(f),
            Self::Misuse(expected) => write!(f, "misuse: {expected}"),
            Self::Exhausted => f.write_str("no triples or random values are left"),
            Self::Ring(error) => write!(f, "ciphertexts: {error}"),
            Self::Proof(error) => write!(f, "proof: {error}"),
            Self::Mac(error) => write!(f, "MACs: {error}"),
        }
    }
}

impl core::error::Error for Error {}

impl From<DecodeError> for Error {
    fn from(_: DecodeError) -> Self {
        Self::Malformed
    }
}

impl From<muse_he::error::Error> for Error {
    fn from(error: muse_he::error::Error) -> Self {
        if error == muse_he::error::Error::Malformed { Self::Malformed } else { Self::Ring(error) }
    }
}

impl From<muse_zk::Error> for Error {
    fn from(error: muse_zk::Error) -> Self {
        if error == muse_zk::Error::PeerMisbehaved(muse_zk::Check::Product) {
            Self::PeerMisbehaved(Check::Product)
        } else if error == muse_zk::Error::Malformed {
            Self::Malformed
        } else {
            Self::Proof(error)
        }
    }
}

impl From<muse_mac::Error> for Error {
    fn from(error: muse_mac::Error) -> Self {
        if error == muse_mac::Error::PeerMisbehaved(muse_mac::Check::Opening) {
            Self::PeerMisbehaved(Check::Opening)
        } else if error == muse_mac::Error::PeerMisbehaved(muse_mac::Check::Batch) {
            Self::PeerMisbehaved(Check::Deferred)
        } else if error == muse_mac::Error::Malformed {
            Self::Malformed
        } else {
            Self::Mac(error)
        }
    }
}
