//! [`Fp`]: one element of F = Z_p, p = 2^44 - 15 * 2^23 + 1, stored as its canonical representative.
//!
//! Every operation is constant time in the values unless its name ends in `_vartime`: no branch, no table
//! look-up and no division instruction depends on them (the comparison traits `PartialEq` and `Ord` are the
//! exception: compare secrets with [`ConstantTimeEq`]).

mod constant_time;
mod operators;
mod reduce;
mod root;

use crate::mask::{Mask, sign_unguarded};
use reduce::{conditional_subtract, reduce_wide};
use subtle::{ConstantTimeEq, CtOption};

/// The prime p = 2^44 - 15 * 2^23 + 1 = 17592060215297; p - 1 = 2^23 * 7 * 17 * 17623.
pub const MODULUS: u64 = 17_592_060_215_297;

/// An element of Z_p, always held as its canonical representative in `0..p`.
///
/// `Fp` is `Copy` and says nothing about secrecy: newtypes that hold secrets (shares, keys) add wiping and
/// redaction. `Debug` and `Display` print the representative. `PartialEq`, `Ord` and `Hash` are for public values.
#[repr(transparent)]
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fp(u64);

impl Fp {
    /// Bits of a canonical value, and of an element on the wire.
    pub const BITS: usize = 44;
    /// The additive neutral element.
    pub const ZERO: Self = Self(0);
    /// The multiplicative neutral element.
    pub const ONE: Self = Self(1);
    /// p - 1, the element that is one below zero.
    pub const NEG_ONE: Self = Self(MODULUS - 1);
    /// The smallest primitive root mod p: its powers are all p - 1 nonzero elements.
    pub const GENERATOR: Self = Self(3);
    /// The largest s with 2^s dividing p - 1: radix-2 transforms exist up to length 2^23.
    pub const TWO_ADICITY: u32 = 23;
    /// An element of order exactly 2^23, namely 3^((p-1) / 2^23).
    pub const TWO_ADIC_ROOT_OF_UNITY: Self = Self::GENERATOR.pow_vartime(TRACE);

    /// The residue class of any 64-bit integer.
    ///
    /// ```
    /// # use muse_field::{Fp, MODULUS};
    /// assert_eq!(Fp::new(MODULUS + 5).to_u64(), 5);
    /// ```
    #[inline]
    #[must_use]
    pub const fn new(v: u64) -> Self {
        Self(reduce_wide(v as u128))
    }

    /// The element with representative `v`, or `None` if `v >= p`.
    ///
    /// Whether `v` is canonical is treated as public (it decides an error), the value itself is not.
    #[inline]
    #[must_use]
    pub const fn from_canonical(v: u64) -> Option<Self> {
        if v < MODULUS { Some(Self(v)) } else { None }
    }

    /// Wraps a value the caller knows to be below p.
    #[inline]
    pub(crate) const fn from_reduced(v: u64) -> Self {
        debug_assert!(v < MODULUS);
        Self(v)
    }

    /// The canonical representative, in `0..p`.
    #[inline]
    #[must_use]
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// The residue class of a signed integer: `from_i64(-1)` is p - 1.
    #[inline]
    #[must_use]
    pub const fn from_i64(v: i64) -> Self {
        // 2^20 * p lies between 2^63 and 2^64, so the sum is positive and far below 2^88.
        Self(reduce_wide((v as i128 + ((MODULUS as i128) << 20)) as u128))
    }

    /// The residue class of any 128-bit integer.
    ///
    /// The image of 128 uniform bits is within statistical distance 2^-84 of uniform.
    #[inline]
    #[must_use]
    pub const fn from_u128(v: u128) -> Self {
        /// 2^88 mod p.
        const FOLD: u128 = (1 << 88) % MODULUS as u128;
        // v = low + 2^88 * high with high < 2^40: the folded sum is below 2^88 + 2^84.
        let folded = (v & ((1 << 88) - 1)) + (v >> 88) * FOLD;
        Self(reduce_wide(folded))
    }

    /// The signed reading of the protocol: negative iff the representative is at least (p-1)/2, so the
    /// result is in `[-(p+1)/2, (p-3)/2]`.
    #[inline]
    #[must_use]
    pub fn to_signed(self) -> i64 {
        self.signed_above((MODULUS - 1) / 2)
    }

    /// The representative of least absolute value, in `[-(p-1)/2, (p-1)/2]`.
    ///
    /// It differs from [`to_signed`](Self::to_signed) at exactly one element, (p-1)/2.
    #[inline]
    #[must_use]
    pub fn to_centred(self) -> i64 {
        self.signed_above(MODULUS.div_ceil(2))
    }

    /// The representative, minus p iff it is at least `threshold`.
    #[inline]
    fn signed_above(self, threshold: u64) -> i64 {
        // The borrow of v - threshold is the top bit: the mask is ones if v is below the threshold. Guarded, as callers look at the
        // sign of the result: a compiler that sees both has made a jump of them.
        let below = Mask::of_sign(self.0.wrapping_sub(threshold) as i64);
        self.0.wrapping_sub(!below & MODULUS) as i64
    }

    #[inline]
    pub(crate) const fn add_const(self, other: Self) -> Self {
        Self(conditional_subtract(self.0 + other.0))
    }

    #[inline]
    pub(crate) const fn sub_const(self, other: Self) -> Self {
        let difference = self.0.wrapping_sub(other.0);
        Self(difference.wrapping_add(MODULUS & sign_unguarded(difference)))
    }

    #[inline]
    pub(crate) const fn mul_const(self, other: Self) -> Self {
        Self(reduce_wide(self.0 as u128 * other.0 as u128))
    }

    /// Twice the element.
    #[inline]
    #[must_use]
    pub const fn double(self) -> Self {
        self.add_const(self)
    }

    /// The product of the element with itself.
    #[inline]
    #[must_use]
    pub const fn square(self) -> Self {
        self.mul_const(self)
    }

    /// The element to a **public** power: constant time in the element, variable time in `exponent`.
    /// `pow_vartime(0)` is one, for zero too. At most 126 products.
    #[must_use]
    pub const fn pow_vartime(self, exponent: u64) -> Self {
        let mut result = Self::ONE;
        let mut bit = u64::BITS - exponent.leading_zeros();
        while bit > 0 {
            bit -= 1;
            result = result.square();
            if (exponent >> bit) & 1 == 1 {
                result = result.mul_const(self);
            }
        }
        result
    }

    /// The multiplicative inverse; `None` for zero. Constant time: 52 products whatever the value.
    ///
    /// ```
    /// # use muse_field::Fp;
    /// let third = Fp::new(3).invert().unwrap();
    /// assert_eq!(third * Fp::new(3), Fp::ONE);
    /// assert!(bool::from(Fp::ZERO.invert().is_none()));
    /// ```
    #[must_use]
    pub fn invert(self) -> CtOption<Self> {
        // Fermat: a^(p-2), where p - 2 = 2^44 - 2^27 + 2^23 - 1 reads, from the top bit down, 17 ones, 4 zeros
        // and 23 ones. `x_k` is a^(2^k - 1), a run of k ones.
        let x1 = self;
        let x2 = x1.shift_exponent(1) * x1;
        let x4 = x2.shift_exponent(2) * x2;
        let x6 = x4.shift_exponent(2) * x2;
        let x8 = x4.shift_exponent(4) * x4;
        let x16 = x8.shift_exponent(8) * x8;
        let x17 = x16.shift_exponent(1) * x1;
        // 17 ones, 4 zeros, then the 23 ones as 17 and 6.
        let upper = x17.shift_exponent(4 + 17) * x17;
        CtOption::new(upper.shift_exponent(6) * x6, !self.ct_eq(&Self::ZERO))
    }

    /// The element to the power 2^k, k public.
    #[inline]
    const fn shift_exponent(self, k: u32) -> Self {
        let mut result = self;
        let mut i = 0;
        while i < k {
            result = result.square();
            i += 1;
        }
        result
    }
}

/// The odd part of p - 1.
pub(crate) const TRACE: u64 = (MODULUS - 1) >> Fp::TWO_ADICITY;

#[cfg(test)]
pub(crate) mod tests;
