//! GF(2^128) modulo x^128 + x^7 + x^2 + x + 1.
//!
//! An element is a 128-bit word whose bit `i` is the coefficient of x^i; on the wire 16 bytes, little-endian. This is the
//! order of a carry-less multiply instruction. It is **not** the order of GCM (reflected bits) and **not** the field of
//! POLYVAL (another polynomial): vectors of those do not match.
//!
//! Used by the consistency check of correlated OT, as a universal hash, and by proofs about bits that such OTs
//! authenticate: with `L = K xor b*Delta`, `L` is a MAC on `b` under the key `(K, Delta)` in this field.
//!
//! All operations are constant time, with a carry-less multiplier or without. Elements are [`Copy`] and neutral about
//! secrecy, as [blocks](crate::label::Block) are, and convert to and from them for free.
//!
//! Sums of products are best taken with the [inner product](crate::gf128::Gf128::dot), which reduces once.

use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Mul, MulAssign, Sub, SubAssign};

use muse_field::mask::Mask;
use rand_core::CryptoRng;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::DefaultIsZeroes;

use crate::backend::clmul::{self, Wide};
use crate::label::Block;

/// An element of GF(2^128); bit `i` of the block is the coefficient of x^i.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Gf128(pub Block);

impl Gf128 {
    /// The neutral element of addition.
    pub const ZERO: Self = Self(Block(0));
    /// The neutral element of multiplication.
    pub const ONE: Self = Self(Block(1));
    /// The element x.
    pub const X: Self = Self(Block(2));

    /// The element whose coefficient of x^i is bit `i`.
    #[inline]
    #[must_use]
    pub const fn new(bits: u128) -> Self {
        Self(Block(bits))
    }

    /// The coefficients, bit `i` of x^i.
    #[inline]
    #[must_use]
    pub const fn to_bits(self) -> u128 {
        self.0.0
    }

    /// A uniform element.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(Block::random(rng))
    }

    /// The product with itself.
    #[inline]
    #[must_use]
    pub fn square(self) -> Self {
        self * self
    }

    /// The product with x, without a multiplication.
    #[inline]
    #[must_use]
    pub fn mul_x(self) -> Self {
        let bits = self.to_bits();
        let over = Mask::of_bit((bits >> 127) as u64);
        Self::new((bits << 1) ^ u128::from(over & 0x87_u64))
    }

    /// `self` if the lowest bit of `bit` is 1, else zero, without a branch.
    #[inline]
    #[must_use]
    pub fn masked(self, bit: u8) -> Self {
        Self(self.0.masked(bit))
    }

    /// Addition, which is subtraction: the characteristic is 2.
    #[inline]
    const fn sum(self, other: Self) -> Self {
        Self::new(self.to_bits() ^ other.to_bits())
    }

    /// The sum of `a[i] * b[i]`, reduced once: the fastest way to add products.
    ///
    /// # Panics
    /// If the lengths differ.
    #[must_use]
    pub fn dot(a: &[Block], b: &[Block]) -> Self {
        assert_eq!(a.len(), b.len(), "as many elements on both sides");
        reduce(clmul::dot(a, b))
    }

    /// Products side by side: `elements[i] *= factors[i]`.
    ///
    /// Several times faster than single products: these are independent, and two share a register where the processor
    /// allows (for an even `N`).
    pub fn mul_each<const N: usize>(elements: &mut [Block; N], factors: &[Block; N]) {
        clmul::lanes::mul_each(elements, factors);
    }

    /// Multiplies polynomials, side by side, by linear ones: those of statements about bits that OTs authenticate.
    ///
    /// Polynomial `i` is the sum of `low[r][i] * X^r` over all rows but the last, plus `lead[i] * X^(rows - 1)`; its factor is
    /// `constant[i] + bit[i] * X`. The product has one coefficient more, so the last row is written whatever it held.
    /// Leading coefficients are bits, as masks: all ones or zero in `lead` and `bit`.
    ///
    /// One product for each lane and row but the last.
    ///
    /// # Panics
    /// If there is no row.
    pub fn mul_linear<const N: usize>(
        low: &mut [[Block; N]],
        lead: &mut [Block; N],
        constant: &[Block; N],
        bit: &[Block; N],
    ) {
        clmul::lanes::mul_linear(low, lead, constant, bit);
    }

    /// The value at `self` of the polynomial with these coefficients, the constant term first (Horner).
    #[must_use]
    pub fn evaluate(self, coefficients: &[Self]) -> Self {
        coefficients.iter().rev().fold(Self::ZERO, |value, &c| value * self + c)
    }

    /// Packs 128 elements into one: the sum of `elements[i] * x^i`.
    ///
    /// Cut from 128 random correlated OTs this turns (bits, tags) and keys into a uniform element `u`, known to the OT
    /// receiver, with tag `a = k + u*Delta`: pack the tags to `a` and the keys to `k`, while the bits themselves are `u`.
    #[must_use]
    pub fn pack(elements: &[Block; 128]) -> Self {
        let mut wide = [0; 2];
        for (i, element) in elements.iter().enumerate() {
            wide[0] ^= element.0 << i;
            // Two shifts, as a shift by 128 would overflow at i = 0.
            wide[1] ^= (element.0 >> 1) >> (127 - i);
        }
        reduce(wide)
    }
}

/// The element that a polynomial of degree below 256 stands for.
#[inline]
pub(crate) const fn reduce(wide: Wide) -> Gf128 {
    Gf128::new(clmul::reduce(wide))
}

impl From<Block> for Gf128 {
    #[inline]
    fn from(block: Block) -> Self {
        Self(block)
    }
}

impl From<Gf128> for Block {
    #[inline]
    fn from(element: Gf128) -> Self {
        element.0
    }
}

impl Add for Gf128 {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        self.sum(other)
    }
}

impl Sub for Gf128 {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self.sum(other)
    }
}

impl Mul for Gf128 {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        reduce(clmul::mul(self.to_bits(), other.to_bits()))
    }
}

impl AddAssign for Gf128 {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = self.sum(other);
    }
}

impl SubAssign for Gf128 {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        *self = self.sum(other);
    }
}

impl MulAssign for Gf128 {
    #[inline]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl Sum for Gf128 {
    fn sum<I: Iterator<Item = Self>>(elements: I) -> Self {
        elements.fold(Self::ZERO, |sum, x| sum + x)
    }
}

impl ConstantTimeEq for Gf128 {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl ConditionallySelectable for Gf128 {
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self(Block::conditional_select(&a.0, &b.0, choice))
    }
}

impl DefaultIsZeroes for Gf128 {}

impl fmt::Debug for Gf128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gf128({:#034x})", self.to_bits())
    }
}
