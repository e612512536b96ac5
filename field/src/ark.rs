//! The arkworks traits for [`Fp`]: `AdditiveGroup`, `Field`, `PrimeField`, `FftField` and canonical serialization,
//! so that `ark-poly` and its friends work over this field.
//!
//! Arithmetic through the traits is the constant-time arithmetic of [`Fp`]. What these traits decide by branching
//! (`sqrt`, `legendre`, `inverse` of zero, comparisons, `pow` in its exponent, decoding errors) is for public values.
//! The serialization is arkworks' own convention, 6 little-endian bytes an element; the protocol's is
//! [`crate::pack`].

mod convert;
mod rng;
mod serialize;

pub use rng::ArkRng;

use crate::element::TRACE;
use crate::{Fp, MODULUS, vector};
use ark_ff::{
    AdditiveGroup, BigInt, FftField, Field, LegendreSymbol, One, PrimeField, SqrtPrecomputation, Zero,
};
use ark_serialize::Flags;
use core::iter;

impl Zero for Fp {
    fn zero() -> Self {
        Self::ZERO
    }
    fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl One for Fp {
    fn one() -> Self {
        Self::ONE
    }
}

impl AdditiveGroup for Fp {
    type Scalar = Self;
    const ZERO: Self = Self::ZERO;
}

impl Field for Fp {
    type BasePrimeField = Self;
    const SQRT_PRECOMP: Option<SqrtPrecomputation<Self>> = Some(SqrtPrecomputation::TonelliShanks {
        two_adicity: Self::TWO_ADICITY,
        quadratic_nonresidue_to_trace: Self::TWO_ADIC_ROOT_OF_UNITY,
        trace_of_modulus_minus_one_div_two: &[(TRACE - 1) / 2],
    });
    const ONE: Self = Self::ONE;
    const NEG_ONE: Self = Self::NEG_ONE;

    fn characteristic() -> &'static [u64] {
        &[MODULUS]
    }

    fn extension_degree() -> u64 {
        1
    }

    fn to_base_prime_field_elements(&self) -> impl Iterator<Item = Self> {
        iter::once(*self)
    }

    fn from_base_prime_field_elems(elems: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut elems = elems.into_iter();
        let only = elems.next()?;
        elems.next().is_none().then_some(only)
    }

    fn from_base_prime_field(elem: Self) -> Self {
        elem
    }

    fn from_random_bytes_with_flags<F: Flags>(bytes: &[u8]) -> Option<(Self, F)> {
        if F::BIT_SIZE > 8 {
            return None;
        }
        let mut word = [0; 8];
        for (cell, byte) in word.iter_mut().zip(bytes) {
            *cell = *byte;
        }
        // The flags are the top bits of the last byte of the serialized form.
        let flag_mask = u8::MAX.checked_shl(8 - F::BIT_SIZE as u32).unwrap_or(0);
        let flags = word[serialize::len_with_flags(F::BIT_SIZE) - 1] & flag_mask;
        let value = u64::from_le_bytes(word) & ((1 << Self::MODULUS_BIT_SIZE) - 1);
        Some((Self::from_canonical(value)?, F::from_u8(flags)?))
    }

    fn legendre(&self) -> LegendreSymbol {
        // Euler's criterion: the power is 0, 1 or -1.
        let power = self.pow_vartime((MODULUS - 1) / 2);
        if power.is_zero() {
            LegendreSymbol::Zero
        } else if power.is_one() {
            LegendreSymbol::QuadraticResidue
        } else {
            LegendreSymbol::QuadraticNonResidue
        }
    }

    fn square(&self) -> Self {
        (*self).square()
    }

    fn square_in_place(&mut self) -> &mut Self {
        *self = (*self).square();
        self
    }

    fn inverse(&self) -> Option<Self> {
        self.invert().into()
    }

    fn inverse_in_place(&mut self) -> Option<&mut Self> {
        *self = Field::inverse(self)?;
        Some(self)
    }

    fn sum_of_products<const T: usize>(a: &[Self; T], b: &[Self; T]) -> Self {
        vector::dot(a, b)
    }

    fn frobenius_map_in_place(&mut self, _power: usize) {
        // x^p = x in the prime field.
    }

    fn mul_by_base_prime_field(&self, elem: &Self) -> Self {
        self * elem
    }
}

impl PrimeField for Fp {
    type BigInt = BigInt<1>;
    const MODULUS: BigInt<1> = BigInt([MODULUS]);
    const MODULUS_MINUS_ONE_DIV_TWO: BigInt<1> = BigInt([(MODULUS - 1) / 2]);
    const MODULUS_BIT_SIZE: u32 = 44;
    const TRACE: BigInt<1> = BigInt([TRACE]);
    const TRACE_MINUS_ONE_DIV_TWO: BigInt<1> = BigInt([(TRACE - 1) / 2]);

    fn from_bigint(repr: BigInt<1>) -> Option<Self> {
        Self::from_canonical(repr.0[0])
    }

    fn into_bigint(self) -> BigInt<1> {
        BigInt([self.to_u64()])
    }
}

impl FftField for Fp {
    const GENERATOR: Self = Self::GENERATOR;
    const TWO_ADICITY: u32 = Self::TWO_ADICITY;
    const TWO_ADIC_ROOT_OF_UNITY: Self = Self::TWO_ADIC_ROOT_OF_UNITY;
}
