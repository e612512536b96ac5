//! [`Choices`]: the client's choice bits.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{BITS, HELPERS, MASK_BITS, count};

/// The choice bits of one batch: values, helpers and masks. State of the client, secret; never leaves this process.
///
/// In the order of [`count`], bit `i` being bit `i % 8` of byte `i / 8`, which is what the OT extension takes. One batch goes
/// into one extension and serves one proof: its last 1152 bits are the one-time masks of the message.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Choices {
    packed: Vec<u8>,
}

impl Choices {
    /// The choice bits for these values, of which the lowest 44 bits count. Honest values are below p.
    ///
    /// Constant time in the values.
    #[must_use]
    pub fn new(values: &[u64], rng: &mut impl CryptoRng) -> Self {
        Self::fill(values.iter().map(|&y| (y, helpers(y))), rng)
    }

    /// The choice bits of a client that lies about its helper bits: `helpers[j]` has, from the lowest bit, h0, h1, g0 and g1 of
    /// value `j`. For tests of the proof; an honest client uses [`new`](Self::new).
    ///
    /// # Panics
    /// If there are not as many helpers as values.
    #[must_use]
    pub fn with_helpers(values: &[u64], helpers: &[u8], rng: &mut impl CryptoRng) -> Self {
        assert_eq!(values.len(), helpers.len(), "helper bits for each value");
        Self::fill(values.iter().copied().zip(helpers.iter().copied()), rng)
    }

    fn fill(values: impl ExactSizeIterator<Item = (u64, u8)>, rng: &mut impl CryptoRng) -> Self {
        let n = values.len();
        let mut packed = vec![0; count(n).div_ceil(8)];
        for (j, (y, helpers)) in values.enumerate() {
            put(&mut packed, BITS * j, y & ((1 << BITS) - 1));
            put(&mut packed, BITS * n + HELPERS * j, u64::from(helpers) & ((1 << HELPERS) - 1));
        }
        // 48 bits a value: the masks begin at a whole byte.
        rng.fill_bytes(&mut packed[(BITS + HELPERS) / 8 * n..]);
        Self { packed }
    }

    /// The packed bits, [`count`] of them for the values of this batch.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.packed
    }

    /// Values in this batch.
    #[must_use]
    pub fn values(&self) -> usize {
        (self.packed.len() - MASK_BITS / 8) / ((BITS + HELPERS) / 8)
    }

    /// The bits of value `j`, with its helper bits above them.
    #[inline]
    pub(super) fn bits_of(&self, j: usize) -> u64 {
        let value = get(&self.packed, BITS * j) & ((1 << BITS) - 1);
        let helpers = get(&self.packed, BITS * self.values() + HELPERS * j) & ((1 << HELPERS) - 1);
        value | helpers << BITS
    }

    /// The 128 bits of mask `i` as an integer, the first one lowest.
    pub(super) fn mask(&self, i: usize) -> u128 {
        let masks = &self.packed[self.packed.len() - MASK_BITS / 8..];
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&masks[16 * i..16 * i + 16]);
        u128::from_le_bytes(bytes)
    }

    /// Masks of a test vector.
    #[cfg(test)]
    pub(super) fn replace_masks(&mut self, masks: &[muse_gc::label::Block]) {
        let first = self.packed.len() - MASK_BITS / 8;
        for (bytes, mask) in self.packed[first..].chunks_exact_mut(16).zip(masks) {
            bytes.copy_from_slice(&mask.to_bytes());
        }
    }
}

impl fmt::Debug for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Choices({} values, redacted)", self.values())
    }
}

/// Sets bits from number `at` on to those of `value`, which has at most 44; they were zero.
fn put(packed: &mut [u8], at: usize, value: u64) {
    let shifted = (value << (at % 8)).to_le_bytes();
    for (byte, part) in packed[at / 8..].iter_mut().zip(shifted) {
        *byte |= part;
    }
}

/// At least 44 bits from number `at` on.
#[inline]
fn get(packed: &[u8], at: usize) -> u64 {
    // A batch ends with its masks: there always are eight bytes.
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&packed[at / 8..at / 8 + 8]);
    u64::from_le_bytes(bytes) >> (at % 8)
}

/// h0, h1, g0 and g1 of an honest client, from the lowest bit, without a branch.
fn helpers(y: u64) -> u8 {
    // A run of ones overflows when one is added to it.
    let all = |bits: u64, width: u32| ((((bits & ((1 << width) - 1)) + 1) >> width) & 1) as u8;
    all(y >> 27, 9) | all(y >> 27, 17) << 1 | all(!y, 10) << 2 | all(!y, 19) << 3
}
