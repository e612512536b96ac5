//! One party's shares of a vector, and the way from the one-sided form and back.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::{Fp, vector};
use zeroize::Zeroizing;

use super::check::Pending;
use super::key::{KeyShare, Party};
use crate::authenticated::Authenticated;
use crate::error::Error;
use crate::key::MacKey;
use crate::keys::Keys;
use crate::linear::{Column, linear};

/// One party's additive shares of values and of their MACs: summed over both parties, `m = alpha * x`. Wiped on drop.
pub struct Shares {
    values: Column,
    macs: Column,
}

linear!(Shares { values, macs });

impl Shares {
    /// Shares of values with shares of their MACs, in the same order.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the lengths differ.
    pub fn new(
        values: impl Into<Zeroizing<Vec<Fp>>>,
        macs: impl Into<Zeroizing<Vec<Fp>>>,
    ) -> Result<Self, Error> {
        let (values, macs) = (values.into(), macs.into());
        if values.len() != macs.len() {
            return Err(Error::Misuse("one MAC share per value share"));
        }
        Ok(Self { values, macs })
    }

    /// The shares of the values.
    #[must_use]
    pub fn values(&self) -> &[Fp] {
        &self.values
    }

    /// The shares of the MACs.
    #[must_use]
    pub fn macs(&self) -> &[Fp] {
        &self.macs
    }

    /// Shares of public constants.
    #[must_use]
    pub fn public(party: Party, key: &KeyShare, constants: &[Fp]) -> Self {
        let zeros = || Zeroizing::new(vec![Fp::ZERO; constants.len()]);
        let mut shares = Self { values: zeros(), macs: zeros() };
        shares.add_public_assign(party, key, constants);
        shares
    }

    /// Adds public constants: the first party to its values, both to their MAC shares.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn add_public_assign(&mut self, party: Party, key: &KeyShare, constants: &[Fp]) {
        match party {
            Party::First => vector::add_assign(&mut self.values, constants),
            Party::Second => assert_eq!(self.values.len(), constants.len(), "a constant per value"),
        }
        vector::axpy(&mut self.macs, key.expose(), constants);
    }

    /// Opens the vector: this party's values, to be sent, and what waits for the other's.
    #[must_use]
    pub fn reveal(self) -> (Vec<Fp>, Pending) {
        (self.values.to_vec(), Pending::new(self.values, self.macs))
    }

    /// The shares of the MACs alone.
    pub(super) fn into_macs(self) -> Column {
        self.macs
    }

    /// Client of the one-sided form: its shares as values with MACs under the server's [`into_keys`](Self::into_keys).
    #[must_use]
    pub fn into_authenticated(self) -> Authenticated {
        Authenticated::from_columns(self.values, self.macs)
    }

    /// Server of the one-sided form, which has the whole key: the keys of the *client's* shares, and its own shares, which
    /// need no MAC any more. `k = alpha * x2 - m2`, since `m1 = alpha * (x1 + x2) - m2`.
    #[must_use]
    pub fn into_keys(self, key: &MacKey) -> (Keys, Zeroizing<Vec<Fp>>) {
        let mut keys = self.macs;
        vector::neg_assign(&mut keys);
        vector::axpy(&mut keys, key.expose(), &self.values);
        (Keys::new(keys), self.values)
    }
}

impl Authenticated {
    /// Client: values and MACs as shares of the two-sided form, the client's share of the key being zero.
    #[must_use]
    pub fn into_shares(self) -> Shares {
        let (values, macs) = self.into_parts();
        Shares { values, macs }
    }
}

impl Keys {
    /// Server: its shares of the two-sided form, where `own` are its shares of the values: zeros for values that the client
    /// holds alone. The MAC shares are `alpha * own - k`.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the lengths differ.
    pub fn into_shares(self, key: &MacKey, own: impl Into<Zeroizing<Vec<Fp>>>) -> Result<Shares, Error> {
        let values = own.into();
        if values.len() != self.len() {
            return Err(Error::Misuse("a share of the server for each key"));
        }
        let mut macs = self.into_inner();
        vector::neg_assign(&mut macs);
        vector::axpy(&mut macs, key.expose(), &values);
        Ok(Shares { values, macs })
    }
}
