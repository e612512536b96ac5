//! [`Keys`]: the server's half.

use alloc::vec::Vec;

use muse_field::{Fp, vector};
use zeroize::Zeroizing;

use crate::key::MacKey;
use crate::linear::{Column, linear};

/// The server's keys `k` of a vector that the client holds: the MAC of `x` is `m = k + alpha * x`.
///
/// Secret: `k` together with the client's `(x, m)` gives alpha. Wiped on drop.
pub struct Keys {
    keys: Column,
}

linear!(Keys { keys });

impl Keys {
    /// One key per element.
    #[must_use]
    pub fn new(keys: impl Into<Zeroizing<Vec<Fp>>>) -> Self {
        Self { keys: keys.into() }
    }

    /// The keys.
    #[must_use]
    pub fn as_slice(&self) -> &[Fp] {
        &self.keys
    }

    /// The keys as an owned column.
    #[must_use]
    pub fn into_inner(self) -> Zeroizing<Vec<Fp>> {
        self.keys
    }

    /// Follows the client's [`add_public_assign`](crate::Authenticated::add_public_assign): `k[i] -= alpha * constants[i]`.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn add_public_assign(&mut self, key: &MacKey, constants: &[Fp]) {
        vector::axpy(&mut self.keys, -key.expose(), constants);
    }

    /// The MACs that right values have: `k + alpha * x`.
    ///
    /// # Panics
    /// If the lengths differ.
    pub(crate) fn macs_of(mut self, key: &MacKey, values: &[Fp]) -> Column {
        vector::axpy(&mut self.keys, key.expose(), values);
        self.keys
    }
}
