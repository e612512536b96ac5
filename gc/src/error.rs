//! One error type, sorted by blame.

use core::fmt;

use muse_field::wire::DecodeError;

/// Why an operation of this crate failed.
///
/// A failed cryptographic check carries no index, share or position: what a peer may learn is that it failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    Malformed,
    /// The peer's message decoded but failed a check: the session must end.
    PeerMisbehaved(Check),
    /// The caller broke a precondition, such as the length of a buffer; the text names it.
    Misuse(&'static str),
    /// A counter or pool has run out; a new session is needed.
    Exhausted(&'static str),
    /// A circuit description is not a valid circuit; `line` counts from 1 (0: no line applies).
    Circuit {
        /// Line of the description.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// The check that a misbehaving peer failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Check {
    /// The receiver of correlated OTs was inconsistent: punctured PRF or extension check, one verdict for both.
    CorrelatedOt,
    /// An output label is neither of the two labels of its wire.
    OutputLabel,
}

impl Error {
    /// Whether the peer, and not this program, caused the error.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        match self {
            Self::Malformed | Self::PeerMisbehaved(_) => true,
            Self::Misuse(_) | Self::Exhausted(_) | Self::Circuit { .. } => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("malformed bytes from the peer"),
            Self::PeerMisbehaved(Check::CorrelatedOt) => {
                f.write_str("the peer failed the correlated OT check")
            }
            Self::PeerMisbehaved(Check::OutputLabel) => f.write_str("the peer sent a forged output label"),
            Self::Misuse(what) => write!(f, "misuse: {what}"),
            Self::Exhausted(what) => write!(f, "exhausted: {what}"),
            Self::Circuit { line: 0, what } => write!(f, "invalid circuit: {what}"),
            Self::Circuit { line, what } => write!(f, "invalid circuit, line {line}: {what}"),
        }
    }
}

impl core::error::Error for Error {}

impl From<DecodeError> for Error {
    fn from(_: DecodeError) -> Self {
        Self::Malformed
    }
}
