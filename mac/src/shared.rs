//! [`ServerShare`]: the server's half of an additively shared vector.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::{Fp, vector};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::key::MacKey;
use crate::keys::Keys;
use crate::linear::{Column, linear};

/// The server's half of a vector `v = v_c + v_s` that the parties share: its own `v_s`, and its keys of the client's `v_c`.
///
/// The client's half is an [`Authenticated`](crate::Authenticated) vector `[v_c]`. The server's share needs no MAC, since the
/// server is honest (protocol section 2). Public linear maps are applied by both parties to their halves; public constants
/// ([`add_public_assign`](Self::add_public_assign)) and the server's own inputs are added by the server alone. Wiped on drop.
///
/// **The keys enter equality checks only**, see [`Keys`]: what the server tells the client are its shares `v_s`, and only once a check of
/// the client's half has passed. There is no way from here to the keys but as [`Keys`].
pub struct ServerShare {
    values: Column,
    keys: Column,
}

linear!(ServerShare { values, keys });

impl ServerShare {
    /// Shares with the keys of the client's shares, in the same order.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the lengths differ.
    pub fn new(values: impl Into<Zeroizing<Vec<Fp>>>, keys: Keys) -> Result<Self, Error> {
        let (values, keys) = (values.into(), keys.into_inner());
        if values.len() != keys.len() {
            return Err(Error::Misuse("one key per share"));
        }
        Ok(Self { values, keys })
    }

    /// A vector that only the client knows: the server's share of it is zero.
    #[must_use]
    pub fn of_client(keys: Keys) -> Self {
        let keys = keys.into_inner();
        Self { values: Zeroizing::new(vec![Fp::ZERO; keys.len()]), keys }
    }

    /// The server's shares `v_s`. Secret.
    #[must_use]
    pub fn values(&self) -> &[Fp] {
        &self.values
    }

    /// Shares and keys.
    #[must_use]
    pub fn into_parts(self) -> (Zeroizing<Vec<Fp>>, Keys) {
        (self.values, Keys::new(self.keys))
    }

    /// Keys of the sums `v`, whose MACs are those of the client's shares: `k - alpha * v_s`. With them the server accepts a client
    /// that knows its half of a vector of zeros ([`Keys::verify_zero`]).
    #[must_use]
    pub fn into_sum_keys(self, key: &MacKey) -> Keys {
        let (values, mut keys) = self.into_parts();
        keys.add_public_assign(key, &values);
        keys
    }

    /// `v[i] += constants[i]`: public constants, or a secret of the server's own. The client does nothing.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn add_public_assign(&mut self, constants: &[Fp]) {
        vector::add_assign(&mut self.values, constants);
    }
}
