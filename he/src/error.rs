//! What can go wrong, sorted by who is to blame.

use core::convert::Infallible;

use muse_field::DecodeError;
use muse_field::error::{Blame, Blamed};

/// Every error of this crate.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The peer's bytes are not the canonical encoding of what the shape says.
    #[error("malformed message")]
    Malformed,
    /// The caller passed something that no correct use of the interface produces.
    #[error("misuse: {0}")]
    Misuse(#[from] Misuse),
    /// The public bounds of a layer need more noise than the modulus has room for.
    #[error("noise budget: {needed} bits of modulus needed, {available} available")]
    Budget {
        /// Bits of modulus that correct decryption would need, rounded up.
        needed: u32,
        /// Bits of the modulus, rounded down.
        available: u32,
    },
}

/// How the interface was used wrongly.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub enum Misuse {
    /// A ring dimension that is not a power of two in 8..=8192.
    Degree,
    /// A slice whose length does not fit the ring or the layout.
    Length,
    /// An index of a coefficient, tile, group or row beyond the end.
    Index,
    /// A layer shape or tiling that is empty, inconsistent or does not fit the ring.
    Shape,
    /// A weight or another number beyond its public bound.
    Bound,
    /// Flooding of more bits than the modulus holds.
    FloodBits,
}

impl Misuse {
    const fn words(self) -> &'static str {
        match self {
            Self::Degree => "unsupported ring dimension",
            Self::Length => "wrong length",
            Self::Index => "index out of range",
            Self::Shape => "impossible shape",
            Self::Bound => "value beyond its bound",
            Self::FloodBits => "flooding beyond the modulus",
        }
    }
}

impl Error {
    /// Whether the other party caused this error, as opposed to the calling code.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        matches!(self, Self::Malformed)
    }
}

/// There are no checks here: what a ciphertext holds is proven elsewhere.
impl Blamed for Error {
    type Check = Infallible;

    fn blame(self) -> Blame<Infallible> {
        match self {
            Self::Malformed => Blame::Malformed,
            Self::Misuse(misuse) => Blame::Misuse(misuse.words()),
            Self::Budget { .. } => Blame::Misuse("public bounds within the noise budget of the ring"),
        }
    }
}

impl From<DecodeError> for Error {
    fn from(_: DecodeError) -> Self {
        Self::Malformed
    }
}
