//! [`SmallPoly`]: secrets and noise, polynomials with coefficients of a few bits.

use super::modulus::{MODULI, little_endian};
use super::poly::CoeffPoly;
use super::tables::Ring;
use crate::params::ETA;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use muse_field::ct;
use muse_field::mask::sign_unguarded;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A polynomial with coefficients in [-128, 127], one byte each: a ternary secret or an error. Wiped on drop, redacted in `Debug`.
#[derive(ZeroizeOnDrop, Zeroize)]
pub struct SmallPoly(Vec<i8>);

impl SmallPoly {
    /// Independent coefficients, uniform on {-1, 0, 1}, exactly.
    ///
    /// A byte b < 255 gives b mod 3 - 1; the byte 255 is thrown away. Which bytes are thrown away is visible in time; it is
    /// independent of the bytes that are kept.
    #[must_use]
    pub fn ternary(ring: &Ring, rng: &mut impl CryptoRng) -> Self {
        let mut out = vec![0; ring.n()];
        let mut filled = 0;
        let mut bytes = Zeroizing::new([0_u8; 256]);
        while filled < out.len() {
            let wanted = (out.len() - filled).min(bytes.len());
            rng.fill_bytes(&mut bytes[..wanted]);
            for &byte in &bytes[..wanted] {
                // floor(b / 3) = floor(171 b / 512) for b < 256. The place advances iff the byte counts.
                let b = i32::from(byte);
                out[filled] = (b - 3 * ((171 * b) >> 9) - 1) as i8;
                filled += ct::disclosed(((usize::from(byte) + 1) >> 8) ^ 1);
            }
        }
        Self(out)
    }

    /// Independent coefficients from the centred binomial distribution with parameter [`ETA`] = 21: the number of ones among 21
    /// random bits less the number among 21 others. In [-21, 21], variance 10.5.
    ///
    /// One 64-bit word of `rng` each, of which the low 42 bits count. Constant time.
    #[must_use]
    pub fn centred_binomial(ring: &Ring, rng: &mut impl CryptoRng) -> Self {
        const MASK: u64 = (1 << ETA) - 1;
        let mut out = vec![0; ring.n()];
        let mut bytes = Zeroizing::new([0_u8; 512]);
        for chunk in out.chunks_mut(64) {
            let bytes = &mut bytes[..8 * chunk.len()];
            rng.fill_bytes(bytes);
            for (x, word) in chunk.iter_mut().zip(bytes.chunks_exact(8)) {
                let word = little_endian(word);
                *x = ones(word & MASK) as i8 - ones(word >> ETA & MASK) as i8;
            }
        }
        Self(out)
    }

    /// The polynomial with these coefficients.
    #[must_use]
    pub fn from_coefficients(coefficients: Vec<i8>) -> Self {
        Self(coefficients)
    }

    /// The coefficients, that of X^j at position j. Secret.
    #[must_use]
    pub fn coefficients(&self) -> &[i8] {
        &self.0
    }

    /// The polynomial of the ring. Constant time.
    ///
    /// # Panics
    /// If it has not N coefficients.
    #[must_use]
    pub fn to_poly(&self, ring: &Ring) -> CoeffPoly {
        let mut out = CoeffPoly::zero(ring);
        out.add_small_assign(self);
        out
    }
}

impl CoeffPoly {
    /// `self += small`. Constant time.
    ///
    /// # Panics
    /// If the degrees differ.
    pub fn add_small_assign(&mut self, small: &SmallPoly) {
        assert_eq!(self.n(), small.0.len(), "polynomials of different rings");
        for (i, m) in MODULI.iter().enumerate() {
            let backend = self.backend();
            let pairs = self.limb_mut(i).iter_mut().zip(&small.0);
            backend.widen(|| {
                pairs.for_each(|(x, &c)| {
                    let c = i64::from(c);
                    // c mod q: q is added iff c is negative.
                    *x = m.add(*x, c.wrapping_add_unsigned(m.q() & sign_unguarded(c as u64)) as u64);
                });
            });
        }
    }
}

impl fmt::Debug for SmallPoly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmallPoly(..)")
    }
}

/// Number of ones in a word of 21 bits, by multiplications and masks only (no table).
#[inline(always)]
const fn ones(x: u64) -> u32 {
    x.count_ones()
}
