//! The parties and their shares of the key.

use core::fmt;

use muse_field::Fp;
use muse_field::sample::uniform;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::key::MacKey;

/// Which of the two. In the one-sided form the client is the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Party {
    /// Adds public constants to its share.
    First,
    /// The other one.
    Second,
}

/// One party's share of the key `alpha = a1 + a2`. Wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct KeyShare(Fp);

impl Party {
    /// The peer.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }

    /// Names the party in hashes. Part of the protocol, never changes.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }
}

impl KeyShare {
    /// A uniform share. Their sum is zero with probability 1/p, which the error of a check includes.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(uniform(rng))
    }

    /// The share of a client in the one-sided form, whose key the server has alone: zero.
    #[must_use]
    pub const fn of_client() -> Self {
        Self(Fp::ZERO)
    }

    /// The share of a server in the one-sided form: the whole key.
    #[must_use]
    pub const fn of_server(key: &MacKey) -> Self {
        Self(key.expose())
    }

    /// The share itself. The caller keeps it secret.
    #[must_use]
    pub const fn expose(&self) -> Fp {
        self.0
    }
}

impl fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyShare(redacted)")
    }
}
