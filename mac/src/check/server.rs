//! The server's side of a deferred check.

use core::fmt;
use muse_field::id::Coin;

use alloc::vec::Vec;

use muse_field::{Fp, ct};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::unchecked::{Checked, Lock, Unchecked};
use super::{Response, coefficients, combination};
use crate::error::{Check, Error};
use crate::key::MacKey;
use crate::keys::Keys;
use crate::opening::OpeningId;

/// Server: openings that wait for their check, with the MACs that right values have.
pub struct Batch {
    key: MacKey,
    wanted: Vec<Zeroizing<Vec<Fp>>>,
    lock: Lock,
}

/// Server: a batch whose challenge is out.
pub struct AwaitResponse {
    wanted: Fp,
    lock: Lock,
}

impl Batch {
    /// Nothing opened yet.
    #[must_use]
    pub fn new(key: &MacKey) -> Self {
        Self { key: key.clone(), wanted: Vec::new(), lock: Lock::new() }
    }

    /// Takes values that the client claims to be those under `keys`.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless there are as many values as keys.
    pub fn receive(&mut self, keys: Keys, claimed: Vec<Fp>) -> Result<Unchecked<Vec<Fp>>, Error> {
        if keys.len() != claimed.len() {
            return Err(Error::Misuse("as many opened values as keys"));
        }
        self.wanted.push(keys.macs_of(&self.key, &claimed));
        Ok(self.lock.wrap(claimed))
    }

    /// [`receive`](Self::receive) under keys that depend on unchecked values of this batch.
    ///
    /// # Errors
    /// As for `receive`, and [`Error::Misuse`] if the keys belong to another batch.
    pub fn receive_under(
        &mut self,
        keys: Unchecked<Keys>,
        claimed: Vec<Fp>,
    ) -> Result<Unchecked<Vec<Fp>>, Error> {
        let keys = keys.within(&self.lock)?;
        self.receive(keys, claimed)
    }

    /// Puts something under the lock of this batch, to be computed with together with its values.
    #[must_use]
    pub fn wrap<T>(&self, value: T) -> Unchecked<T> {
        self.lock.wrap(value)
    }

    /// Number of opened values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.wanted.iter().map(|macs| macs.len()).sum()
    }

    /// Whether nothing was opened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Draws the challenge; nothing can be opened in this batch any more.
    #[must_use]
    pub fn challenge(self, id: &OpeningId, rng: &mut impl CryptoRng) -> (AwaitResponse, Coin) {
        let challenge = Coin::random(rng);
        let chi = coefficients(id, &challenge, self.len());
        let wanted = combination(&chi, self.wanted.iter().map(|macs| &macs[..]));
        (AwaitResponse { wanted, lock: self.lock }, challenge)
    }
}

impl AwaitResponse {
    /// The verdict on all openings of the batch.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::Batch`] if a value or the response is wrong; the values stay locked for ever.
    pub fn on_response(self, response: Response) -> Result<Checked, Error> {
        if ct::verdict(self.wanted.ct_eq(&response.0)) {
            Ok(self.lock.unlock())
        } else {
            Err(Error::PeerMisbehaved(Check::Batch))
        }
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} values, redacted)", self.len())
    }
}

impl fmt::Debug for AwaitResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwaitResponse(redacted)")
    }
}
