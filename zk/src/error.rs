//! What can go wrong, for the operator. The peer learns only that the session ended.

use core::fmt;

use muse_field::wire::DecodeError;

/// An error of a prover or a verifier. It has consumed the state it happened in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// Bytes from the peer are not the canonical encoding of anything of the expected shape.
    Malformed,
    /// The prover failed a check: it deviates from the protocol, and the session must end.
    PeerMisbehaved(Check),
    /// The caller asked for something impossible; says what is expected.
    Misuse(&'static str),
    /// Parameters that the ring or its noise budget cannot serve.
    Ring(muse_he::error::Error),
}

impl Error {
    /// Whether the peer, and not this program, caused the error.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        match self {
            Self::Malformed | Self::PeerMisbehaved(_) => true,
            Self::Misuse(_) => false,
            Self::Ring(error) => error.peer_at_fault(),
        }
    }
}

/// The checks of this crate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Check {
    /// A response of the proof of well-formed rows exceeds its bound.
    ResponseBound,
    /// The responses of the proof of well-formed rows do not give the committed first messages.
    WellFormed,
    /// The prover asked for more tries of a proof than one proof, or one session, has.
    Tries,
    /// A committed value is not the canonical representative of its residue.
    Range,
    /// A product is not the product of its factors.
    Product,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ResponseBound => "a response in the proof of well-formed ciphertexts is out of bounds",
            Self::WellFormed => "the proof of well-formed ciphertexts does not hold",
            Self::Tries => "too many tries of the proof of well-formed ciphertexts",
            Self::Range => "the proof that shares are canonical does not hold",
            Self::Product => "the proof of products does not hold",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("malformed bytes from the peer"),
            Self::PeerMisbehaved(check) => check.fmt(f),
            Self::Misuse(expected) => write!(f, "misuse: {expected}"),
            Self::Ring(error) => write!(f, "ring: {error}"),
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
        Self::Ring(error)
    }
}
