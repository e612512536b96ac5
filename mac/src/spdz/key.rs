//! The parties and their shares of the key.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use alloc::sync::Arc;

use muse_field::Fp;
use muse_field::sample::uniform;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::Error;
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
///
/// **A check that fails gives the key away**: who changed an opened value learns alpha from the sigmas. So all clones of a share have one life.
/// The first opening of a [batch](super::Batch) takes it, and only a check that has passed gives it back; a batch or a state that is dropped on
/// the way keeps it. Afterwards nothing can be opened under the key, whoever holds a clone. For the same reason there is one batch at a
/// time.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct KeyShare {
    share: Fp,
    #[zeroize(skip)]
    life: Life,
}

/// Whether no batch has openings that wait for their check. Shared by all clones of a share.
#[derive(Clone)]
pub(super) struct Life(Arc<AtomicBool>);

impl Life {
    fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// Takes it.
    pub(super) fn take(&self) -> Result<(), Error> {
        // Check: one batch at a time under a key, and none after a failure.
        if self.0.swap(false, Ordering::AcqRel) { Ok(()) } else { Err(Error::Misuse(ENDED)) }
    }

    /// Gives it back, after a check that has passed.
    pub(super) fn give_back(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// What a dead key is told.
const ENDED: &str = "a key without a batch that failed or is open: end the session";

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
        Self { share: uniform(rng), life: Life::new() }
    }

    /// The share of a client in the one-sided form, whose key the server has alone: zero.
    #[must_use]
    pub fn of_client() -> Self {
        Self { share: Fp::ZERO, life: Life::new() }
    }

    /// The share of a server in the one-sided form: the whole key.
    #[must_use]
    pub fn of_server(key: &MacKey) -> Self {
        Self { share: key.expose(), life: Life::new() }
    }

    /// The share itself. The caller keeps it secret.
    #[must_use]
    pub const fn expose(&self) -> Fp {
        self.share
    }

    /// Whether a batch may begin: none is open, and none has failed.
    ///
    /// # Errors
    /// [`Error::Misuse`] if not: the session is over.
    pub fn free(&self) -> Result<(), Error> {
        if self.life.0.load(Ordering::Acquire) { Ok(()) } else { Err(Error::Misuse(ENDED)) }
    }

    pub(super) const fn life(&self) -> &Life {
        &self.life
    }
}

impl fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyShare(redacted)")
    }
}
