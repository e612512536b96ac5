//! One error type, sorted by blame.

use core::fmt;

use muse_field::wire::DecodeError;

/// Why a disclosure failed. It has destroyed the state it happened in.
///
/// A failed check carries no index and no position: what a peer may learn is that it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    Malformed,
    /// The client failed a check: the session must end, and with it the MAC key, the offset and the OTs.
    PeerMisbehaved(Check),
    /// The caller broke a precondition; the text says what is expected.
    Misuse(&'static str),
    /// The correlated OTs could not be extended.
    Transfer(muse_gc::Error),
    /// The range proof could not be made or checked.
    Proof(muse_zk::Error),
    /// The MACs could not be checked.
    Mac(muse_mac::Error),
}

/// The check that a misbehaving client failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Check {
    /// The receiver of correlated OTs was inconsistent.
    CorrelatedOt,
    /// A value that was put in is not below p.
    Range,
    /// A value that was put in is not the authenticated one.
    Value,
    /// Both of the last two.
    RangeAndValue,
    /// A factor of a product that the client opened is not the authenticated one.
    Factors,
    /// What was put in as a bit is none.
    Bits,
}

impl Error {
    /// Whether the peer, and not this program, caused the error.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        match self {
            Self::Malformed | Self::PeerMisbehaved(_) => true,
            Self::Misuse(_) => false,
            Self::Transfer(error) => error.peer_at_fault(),
            Self::Proof(error) => error.peer_at_fault(),
            Self::Mac(error) => error.peer_at_fault(),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CorrelatedOt => "the client failed the correlated OT check",
            Self::Range => "the client's bits are not those of values below p",
            Self::Value => "the client's bits are not those of its authenticated values",
            Self::RangeAndValue => {
                "the client's bits are neither those of values below p nor of its authenticated values"
            }
            Self::Factors => "the client's opened factors do not fit their MACs",
            Self::Bits => "the client's bits are neither 0 nor 1",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("malformed bytes from the peer"),
            Self::PeerMisbehaved(check) => check.fmt(f),
            Self::Misuse(expected) => write!(f, "misuse: {expected}"),
            Self::Transfer(error) => write!(f, "correlated OT: {error}"),
            Self::Proof(error) => write!(f, "range proof: {error}"),
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

impl From<muse_gc::Error> for Error {
    fn from(error: muse_gc::Error) -> Self {
        if error == muse_gc::Error::PeerMisbehaved(muse_gc::Check::CorrelatedOt) {
            Self::PeerMisbehaved(Check::CorrelatedOt)
        } else if error == muse_gc::Error::Malformed {
            Self::Malformed
        } else {
            Self::Transfer(error)
        }
    }
}

impl From<muse_zk::Error> for Error {
    fn from(error: muse_zk::Error) -> Self {
        if error == muse_zk::Error::PeerMisbehaved(muse_zk::Check::Range) {
            Self::PeerMisbehaved(Check::Range)
        } else if error == muse_zk::Error::Malformed {
            Self::Malformed
        } else {
            Self::Proof(error)
        }
    }
}

impl From<muse_mac::Error> for Error {
    fn from(error: muse_mac::Error) -> Self {
        if error == muse_mac::Error::PeerMisbehaved(muse_mac::Check::Zero) {
            Self::PeerMisbehaved(Check::Value)
        } else if error == muse_mac::Error::PeerMisbehaved(muse_mac::Check::Opening) {
            Self::PeerMisbehaved(Check::Factors)
        } else if error == muse_mac::Error::Malformed {
            Self::Malformed
        } else {
            Self::Mac(error)
        }
    }
}
