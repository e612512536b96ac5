//! [`MacKey`]: alpha, the server's key.

use core::fmt;

use muse_field::sample::uniform;
use muse_field::{Fp, ct};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The server's MAC key alpha: nonzero, fresh for every session, never revealed (protocol section 2).
///
/// Whoever knows it forges every MAC of the session. It can be cloned because the parallel preprocessings of a session
/// share it; every copy is wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MacKey(Fp);

impl MacKey {
    /// A uniform nonzero key.
    ///
    /// By rejection: the number of tries is visible in the running time and tells nothing about the key that is kept.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        loop {
            if let Some(key) = Self::new(uniform(rng)) {
                return key;
            }
        }
    }

    /// A key that the caller drew; `None` for zero, which would authenticate nothing.
    #[must_use]
    pub fn new(alpha: Fp) -> Option<Self> {
        // That no key is zero is public; a zero is not used.
        (!ct::verdict(alpha.ct_eq(&Fp::ZERO))).then_some(Self(alpha))
    }

    /// The key itself, for computing with it. The caller keeps it secret.
    #[must_use]
    pub const fn expose(&self) -> Fp {
        self.0
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(redacted)")
    }
}
