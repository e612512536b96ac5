//! [`Authenticated`]: the client's half.

use alloc::vec::Vec;

use muse_field::{Fp, vector};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::linear::{Column, linear};

/// A vector of values `x` that the client holds, with their MACs `m = k + alpha * x`.
///
/// The server has the matching [`Keys`](crate::Keys) and the [`MacKey`](crate::MacKey). Nothing here needs the key; a MAC
/// is uniform to the client, so a wrong value with a right MAC is a guess of alpha. Both columns are wiped on drop.
pub struct Authenticated {
    values: Column,
    macs: Column,
}

linear!(Authenticated { values, macs });

impl Authenticated {
    /// Values with their MACs, in the same order.
    ///
    /// # Errors
    /// [`Error::Misuse`] if the lengths differ.
    pub fn new(
        values: impl Into<Zeroizing<Vec<Fp>>>,
        macs: impl Into<Zeroizing<Vec<Fp>>>,
    ) -> Result<Self, Error> {
        let (values, macs) = (values.into(), macs.into());
        if values.len() != macs.len() {
            return Err(Error::Misuse("one MAC per value"));
        }
        Ok(Self::from_columns(values, macs))
    }

    /// Columns that the caller knows to be of equal length.
    pub(crate) fn from_columns(values: Column, macs: Column) -> Self {
        debug_assert_eq!(values.len(), macs.len(), "one MAC per value");
        Self { values, macs }
    }

    /// The values, known to the client.
    #[must_use]
    pub fn values(&self) -> &[Fp] {
        &self.values
    }

    /// The MACs.
    #[must_use]
    pub fn macs(&self) -> &[Fp] {
        &self.macs
    }

    /// Values and MACs as owned columns.
    #[must_use]
    pub fn into_parts(self) -> (Zeroizing<Vec<Fp>>, Zeroizing<Vec<Fp>>) {
        (self.values, self.macs)
    }

    /// `x[i] += constants[i]`, public constants; the MACs stay, the server's keys absorb the constants
    /// ([`Keys::add_public_assign`](crate::Keys::add_public_assign)).
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn add_public_assign(&mut self, constants: &[Fp]) {
        vector::add_assign(&mut self.values, constants);
    }
}
