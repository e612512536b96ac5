//! What can go wrong, sorted by who is to blame.

use core::fmt;

/// Every error of this crate.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The peer's bytes are not the canonical encoding of what the shape says.
    Malformed,
    /// The caller passed something that no correct use of the interface produces.
    Misuse(Misuse),
    /// The public bounds of a layer need more noise than the modulus has room for.
    Budget {
        /// Bits of modulus that correct decryption would need, rounded up.
        needed: u32,
        /// Bits of the modulus, rounded down.
        available: u32,
    },
}

/// How the interface was used wrongly.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Error {
    /// Whether the other party caused this error, as opposed to the calling code.
    #[must_use]
    pub const fn peer_at_fault(&self) -> bool {
        match self {
            Self::Malformed => true,
            Self::Misuse(_) | Self::Budget { .. } => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("malformed message"),
            Self::Misuse(misuse) => write!(f, "wrong use: {misuse}"),
            Self::Budget { needed, available } => {
                write!(f, "noise budget: {needed} bits of modulus needed, {available} available")
            }
        }
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Degree => "unsupported ring dimension",
            Self::Length => "wrong length",
            Self::Index => "index out of range",
            Self::Shape => "impossible shape",
            Self::Bound => "value beyond its bound",
            Self::FloodBits => "flooding beyond the modulus",
        })
    }
}

impl core::error::Error for Error {}

impl From<Misuse> for Error {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}
