//! Arithmetic modulo one 43-bit prime, integers only, constant time.
//!
//! Canonical means in `[0, q)`. "Lazy" results are in `[0, 2q)`. Every reduction multiplies by a precomputed reciprocal;
//! divisions happen only on public constants, when tables are made.

use crate::params::{LIMBS, PRIMES};
use muse_field::mask::sign_unguarded;

/// The moduli of the ring, in the order of [`PRIMES`].
pub(crate) const MODULI: [Modulus; LIMBS] = {
    let mut out = [Modulus::new(PRIMES[0]); LIMBS];
    let mut i = 1;
    while i < LIMBS {
        out[i] = Modulus::new(PRIMES[i]);
        i += 1;
    }
    out
};

/// A prime between 2^42 and 2^43 with its reciprocals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modulus {
    q: u64,
    /// floor(2^64 / q), for words.
    word: u64,
    /// floor(2^106 / q), for products of two residues; 64 bits.
    product: u64,
    /// 2^64 mod q, for double words.
    carry: Factor,
}

/// A constant multiplicand `w < q` with Shoup's quotient floor(2^64 w / q).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor {
    pub(crate) value: u64,
    pub(crate) quotient: u64,
}

impl Modulus {
    pub(crate) const fn new(q: u64) -> Self {
        assert!(q < 1 << 43 && q > (1 << 43) - (1 << 21), "moduli just below 2^43 only");
        let carry = ((1_u128 << 64) % wide(q)) as u64;
        Self {
            q,
            word: ((1_u128 << 64) / wide(q)) as u64,
            product: ((1_u128 << 106) / wide(q)) as u64,
            carry: Factor { value: carry, quotient: shoup(carry, q) },
        }
    }

    pub(crate) const fn q(&self) -> u64 {
        self.q
    }

    /// floor(2^95 / q) - 2^52, below 2^31. Divides: of a constant.
    #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
    pub(crate) const fn excess(&self) -> u64 {
        ((1_u128 << 95) / wide(self.q) - (1 << 52)) as u64
    }

    /// A constant as multiplicand. Divides: public values only.
    pub(crate) const fn factor(&self, value: u64) -> Factor {
        assert!(value < self.q, "a factor is canonical");
        Factor { value, quotient: shoup(value, self.q) }
    }

    /// `x` in `[0, 2q)` to canonical.
    #[inline(always)]
    pub(crate) const fn reduce_once(&self, x: u64) -> u64 {
        debug_assert!(x < 2 * self.q);
        let d = x.wrapping_sub(self.q);
        d.wrapping_add(self.q & sign_unguarded(d))
    }

    #[inline(always)]
    pub(crate) const fn add(&self, a: u64, b: u64) -> u64 {
        self.reduce_once(a + b)
    }

    #[inline(always)]
    pub(crate) const fn sub(&self, a: u64, b: u64) -> u64 {
        let d = a.wrapping_sub(b);
        d.wrapping_add(self.q & sign_unguarded(d))
    }

    #[inline(always)]
    pub(crate) const fn neg(&self, a: u64) -> u64 {
        self.sub(0, a)
    }

    /// Any word to canonical. With m = floor(2^64 / q) the quotient estimate floor(x m / 2^64) is at most 1 below
    /// floor(x / q): x / q - x m / 2^64 = x (2^64 mod q) / (2^64 q) < 1.
    #[inline(always)]
    pub(crate) const fn reduce(&self, x: u64) -> u64 {
        let estimate = ((wide(x) * wide(self.word)) >> 64) as u64;
        self.reduce_once(x - estimate * self.q)
    }

    /// Any double word to canonical: the high word times 2^64 mod q by Shoup, plus the low word.
    #[inline(always)]
    pub(crate) const fn reduce_wide(&self, x: u128) -> u64 {
        let high = self.reduce_once(self.mul_lazy((x >> 64) as u64, self.carry));
        self.add(high, self.reduce(x as u64))
    }

    /// floor(x / q) and x mod q for x < 2^100. With h = floor(x / 2^42) and m = floor(2^106 / q), floor(h m / 2^64) is at most 1
    /// below the quotient: rounding h costs less than 2^42 / q < 0.51, rounding m less than h / 2^64 < 0.02, the last floor
    /// less than 1.
    #[inline(always)]
    pub(crate) const fn div_rem(&self, x: u128) -> (u64, u64) {
        debug_assert!(x >> 100 == 0);
        let estimate = ((wide((x >> 42) as u64) * wide(self.product)) >> 64) as u64;
        // The remainder is below 2q, so the low words suffice.
        let rest = (x as u64).wrapping_sub(estimate.wrapping_mul(self.q)).wrapping_sub(self.q);
        let below = sign_unguarded(rest);
        (estimate.wrapping_add(1).wrapping_add(below), rest.wrapping_add(self.q & below))
    }

    /// Product of canonical residues.
    #[inline(always)]
    pub(crate) const fn mul(&self, a: u64, b: u64) -> u64 {
        self.div_rem(wide(a) * wide(b)).1
    }

    /// `x w` modulo q in `[0, 2q)`, for any word `x` (Shoup; Harvey, "Faster arithmetic for number-theoretic transforms",
    /// 2014): with w' = floor(2^64 w / q), x w - floor(x w' / 2^64) q lies in [0, 2q).
    #[inline(always)]
    pub(crate) const fn mul_lazy(&self, x: u64, w: Factor) -> u64 {
        let estimate = ((wide(x) * wide(w.quotient)) >> 64) as u64;
        x.wrapping_mul(w.value).wrapping_sub(estimate.wrapping_mul(self.q))
    }

    /// `x w` modulo q, canonical, for any word `x`.
    #[inline(always)]
    pub(crate) const fn mul_factor(&self, x: u64, w: Factor) -> u64 {
        self.reduce_once(self.mul_lazy(x, w))
    }

    /// Any signed word to canonical.
    #[inline(always)]
    pub(crate) const fn signed(&self, x: i64) -> u64 {
        let negative = sign_unguarded(x as u64);
        let r = self.reduce(x.unsigned_abs());
        // q - r for negative x; r = 0 stays 0.
        self.reduce_once((r ^ negative).wrapping_sub(negative).wrapping_add(self.q & negative))
    }

    /// `base^exponent`; the exponent is public.
    pub(crate) const fn pow_vartime(&self, base: u64, mut exponent: u64) -> u64 {
        let (mut square, mut out) = (base, 1);
        while exponent > 0 {
            if exponent & 1 == 1 {
                out = self.mul(out, square);
            }
            square = self.mul(square, square);
            exponent >>= 1;
        }
        out
    }

    /// Inverse of a non-zero residue.
    pub(crate) const fn inv(&self, a: u64) -> u64 {
        self.pow_vartime(a, self.q - 2)
    }
}

/// A word as a double word, in constant contexts too.
#[inline(always)]
pub(crate) const fn wide(x: u64) -> u128 {
    x as u128
}

/// The first eight bytes as a little-endian word.
#[inline(always)]
pub(crate) fn little_endian(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[..8]);
    u64::from_le_bytes(word)
}

const fn shoup(w: u64, q: u64) -> u64 {
    ((wide(w) << 64) / wide(q)) as u64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::cast_lossless, reason = "formulas stay readable")]
    use super::*;
    use proptest::prelude::*;

    fn words(q: u64) -> [u64; 12] {
        [0, 1, 2, q - 1, q, q + 1, 2 * q - 1, 2 * q, 1 << 63, (1 << 63) - 1, u64::MAX - 1, u64::MAX]
    }

    #[test]
    fn extremes() {
        for m in MODULI {
            let q = m.q();
            for x in words(q) {
                assert_eq!(m.reduce(x), x % q);
                assert_eq!(m.signed(x as i64) as i128, (x as i64 as i128).rem_euclid(q as i128));
                for y in words(q) {
                    let wide = (x as u128) << 64 | y as u128;
                    assert_eq!(m.reduce_wide(wide) as u128, wide % q as u128);
                    let (a, b) = (x % q, y % q);
                    assert_eq!(m.mul(a, b) as u128, a as u128 * b as u128 % q as u128);
                    assert_eq!(m.mul_factor(x, m.factor(b)) as u128, x as u128 * b as u128 % q as u128);
                    assert_eq!(m.add(a, b), (a + b) % q);
                    assert_eq!(m.sub(a, b), (a + q - b) % q);
                }
                assert_eq!(m.neg(x % q), (q - x % q) % q);
            }
            let wide = q as u128;
            for x in [
                0,
                1,
                (1_u128 << 86) - 1,
                (1 << 100) - 1,
                (1 << 86) - wide,
                wide * wide - 1,
                wide << 42,
                (wide << 56) - 1,
            ] {
                let (d, r) = m.div_rem(x);
                assert_eq!((d as u128, r as u128), (x / q as u128, x % q as u128));
            }
        }
    }

    proptest! {
        #[test]
        fn random(x: u64, y: u64, i in 0..LIMBS) {
            let m = MODULI[i];
            let q = m.q();
            let wide = (x as u128) << 64 | y as u128;
            prop_assert_eq!(m.reduce(x), x % q);
            prop_assert_eq!(m.reduce_wide(wide) as u128, wide % q as u128);
            prop_assert_eq!(m.signed(x as i64) as i128, (x as i64 as i128).rem_euclid(q as i128));
            let small = wide >> 28;
            let (d, r) = m.div_rem(small);
            prop_assert_eq!((d as u128, r as u128), (small / q as u128, small % q as u128));
            prop_assert_eq!(m.mul_factor(x, m.factor(y % q)) as u128, x as u128 * (y % q) as u128 % q as u128);
        }
    }
}
