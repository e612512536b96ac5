//! [`Keys`]: the server's half.

use alloc::vec::Vec;

use muse_field::{Fp, vector};
use zeroize::Zeroizing;

use crate::key::MacKey;
use crate::linear::{Column, linear};

/// The server's keys `k` of a vector that the client holds: the MAC of `x` is `m = k + alpha * x`.
///
/// Secret: `k` together with the client's `(x, m)` gives alpha. Wiped on drop.
///
/// **Keys enter equality checks only.** Nothing that depends on a key may reach the client but the verdict of a check, which ends the
/// session if it is negative. So this type has linear operations, which give keys again, and checks: by one hash
/// ([`verify`](Self::verify), [`verify_zero`](Self::verify_zero)), or by a random combination ([`check`](crate::check)). There is no
/// encoding of it, and no way to its elements but [`expose`](Self::expose).
///
/// ```compile_fail,E0277
/// fn to_client(keys: &muse_mac::Keys) -> Vec<u8> {
///     muse_field::wire::to_vec(keys)
/// }
/// ```
///
/// A client's opened values go out by their own type:
///
/// ```
/// fn to_server(opening: &muse_mac::Opening) -> Vec<u8> {
///     muse_field::wire::to_vec(opening)
/// }
/// ```
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

    /// The keys, for a check that is neither of this crate nor linear (a proof of products). What is computed from them may be compared
    /// with what the client sent, and with nothing else; it is never sent and never decides anything but that verdict.
    #[must_use]
    pub fn expose(&self) -> &[Fp] {
        &self.keys
    }

    pub(crate) fn into_inner(self) -> Zeroizing<Vec<Fp>> {
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
