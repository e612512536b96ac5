//! Short vectors in proofs: ranges of masks and responses, and how responses travel.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::mask::sign_unguarded;
use muse_field::wire::{DecodeError, Reader, Writer};

use crate::error::Error;

mod fill;
mod reduce;

pub(crate) use fill::fill;
pub(crate) use reduce::reduce;

/// Masks and responses of one kind of witness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    /// $\gamma$: masks are uniform in $\pm\gamma$.
    pub(crate) mask: u64,
    /// $\gamma - B$: responses beyond are rejected by both sides.
    pub(crate) bound: i64,
}

impl Range {
    /// Masks of `mask`, for witnesses of at most `witness`.
    ///
    /// # Errors
    /// [`Error::Misuse`] if sums of both would not stay far inside a word.
    pub(crate) fn new(mask: u128, witness: u32) -> Result<Self, Error> {
        let mask = u64::try_from(mask).ok().filter(|&mask| mask < MAX_MASK);
        let mask = mask.ok_or(Error::Misuse("masks of the proof have at most 48 bits"))?;
        Ok(Self { mask, bound: mask as i64 - i64::from(witness) })
    }

    /// Bits of a response on the wire: it is sent as itself plus $2^{\text{width} - 1}$.
    pub(crate) const fn width(&self) -> u32 {
        u64::BITS - self.bound.unsigned_abs().leading_zeros() + 1
    }

    /// 1 if `value` exceeds the bound, 0 if not. Constant time.
    pub(crate) const fn excess(&self, value: i64) -> u64 {
        // A distance from one of the ends of the interval is negative.
        sign_unguarded(((self.bound - value) | (self.bound + value)) as u64) & 1
    }
}

/// Not 0 if any of the values exceeds the bound. Looks at all of them, in constant time.
pub(crate) fn excess(values: &[i64], range: &Range) -> u64 {
    values.iter().fold(0, |any, &z| any | range.excess(z))
}

/// One vector after the other: N fields are whole bytes, so together they are one bit string.
pub(crate) fn put(out: &mut Writer<'_>, n: usize, range: &Range, values: &[i64]) {
    let mut offset = vec![0; n];
    for vector in values.chunks_exact(n) {
        offset.iter_mut().zip(vector).for_each(|(word, &z)| *word = (z + half(range)) as u64);
        out.bits(range.width(), &offset);
    }
}

/// Reads what [`put`] wrote. A value beyond the bound is not refused here.
pub(crate) fn take(r: &mut Reader<'_>, range: &Range, count: usize) -> Result<Vec<i64>, DecodeError> {
    Ok(r.bits(range.width(), count)?.into_iter().map(|word| word as i64 - half(range)).collect())
}

/// What is added to a response on the wire.
const fn half(range: &Range) -> i64 {
    1 << (range.width() - 1)
}

/// Sums of a mask and a witness stay far inside a word.
pub(crate) const MAX_MASK: u64 = 1 << 48;
