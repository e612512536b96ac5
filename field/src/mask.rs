//! Masks made of secret bits: the only place where a bit becomes a mask.
//!
//! `x & bit.wrapping_neg()` has no branch in the source, yet an optimising compiler knows that the bit is 0 or 1, may choose
//! between two values instead, and then may choose with a conditional jump. A [`Mask`] passes its word through an assembly block
//! of no instructions. The language does not let the compiler reason about what such a block returns, so behind it the word may
//! be any, and only an AND is left to compile. The block works on a register: it costs no instruction, but loops over it are
//! not vectorised.
//!
//! The source code guarantees this much. That the compiled program has no jump on a secret is measured by the crates'
//! `constant_time` tests and by `tests/disassembly`.

use core::fmt;
use core::ops::{BitAnd, Not};

use crate::backend;

/// All ones or all zeros; which of the two is secret, and hidden from the compiler.
///
/// ```
/// # use muse_field::mask::Mask;
/// assert_eq!(Mask::of_bit(1) & 77_u64, 77);
/// assert_eq!(Mask::of_bit(2) & 77_u64, 0);
/// assert_eq!(Mask::of_sign(-5) & 77_i64, 77);
/// assert_eq!((!Mask::of_sign(5)).select(1, 2), 1);
/// ```
#[derive(Clone, Copy)]
pub struct Mask(u64);

impl Mask {
    /// Ones iff the lowest bit of `word` is 1; the others do not count.
    #[inline(always)]
    #[must_use]
    pub fn of_bit(word: u64) -> Self {
        Self(backend::barrier((word & 1).wrapping_neg()))
    }

    /// Ones iff `word` is negative.
    #[inline(always)]
    #[must_use]
    pub fn of_sign(word: i64) -> Self {
        Self(backend::barrier((word >> 63) as u64))
    }

    /// The mask as a word.
    #[inline(always)]
    #[must_use]
    pub fn to_u64(self) -> u64 {
        self.0
    }

    /// The mask as a double word.
    #[inline(always)]
    #[must_use]
    pub fn to_u128(self) -> u128 {
        u128::from(self.0) << 64 | u128::from(self.0)
    }

    /// `ones` if the mask is ones, else `zeros`.
    #[inline(always)]
    #[must_use]
    pub fn select(self, ones: u64, zeros: u64) -> u64 {
        zeros ^ (self.0 & (ones ^ zeros))
    }
}

impl Not for Mask {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0)
    }
}

impl BitAnd<u64> for Mask {
    type Output = u64;

    #[inline(always)]
    fn bitand(self, word: u64) -> u64 {
        self.0 & word
    }
}

impl BitAnd<i64> for Mask {
    type Output = i64;

    #[inline(always)]
    fn bitand(self, word: i64) -> i64 {
        self.0 as i64 & word
    }
}

impl BitAnd<u128> for Mask {
    type Output = u128;

    #[inline(always)]
    fn bitand(self, word: u128) -> u128 {
        self.to_u128() & word
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mask(redacted)")
    }
}

/// All ones iff the top bit of `word` is 1: **not** hidden from the compiler.
///
/// For what [`Mask`] cannot serve: arithmetic that is also evaluated at compile time, and loops that are to be vectorised, where
/// such a mask becomes a vector comparison. What is built on it is constant time only as far as tests of the compiled code show.
#[inline(always)]
#[must_use]
pub const fn sign_unguarded(word: u64) -> u64 {
    ((word as i64) >> 63) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn masks_choose(word: u64, other: u64, wide: u128) {
            let bit = Mask::of_bit(word);
            let odd = word % 2 == 1;
            prop_assert_eq!(bit.to_u64(), if odd { u64::MAX } else { 0 });
            prop_assert_eq!(bit.to_u128(), if odd { u128::MAX } else { 0 });
            prop_assert_eq!(bit & wide, if odd { wide } else { 0 });
            prop_assert_eq!(bit & other as i64, if odd { other as i64 } else { 0 });
            prop_assert_eq!(bit.select(word, other), if odd { word } else { other });
            prop_assert_eq!((!bit).select(word, other), if odd { other } else { word });
            let negative = word >= 1 << 63;
            prop_assert_eq!(Mask::of_sign(word as i64) & other, if negative { other } else { 0 });
            prop_assert_eq!(sign_unguarded(word) & other, if negative { other } else { 0 });
        }
    }
}
