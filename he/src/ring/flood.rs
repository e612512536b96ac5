//! Uniform flooding noise of hundreds of bits (protocol section 4.4).

use super::modulus::{Factor, MODULI, Modulus, little_endian, wide};
use super::poly::CoeffPoly;
use super::tables::Ring;
use crate::error::{Error, Misuse};
use alloc::vec;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The width of the flooding: a number of bits, public, chosen from public bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloodBound {
    bits: u32,
}

impl FloodBound {
    /// Most bits of flooding that fit: noise of 2^210 leaves five bits of the modulus, less than any plaintext needs.
    pub const MAX_BITS: u32 = 210;

    /// Noise uniform in [-2^bits, 2^bits).
    ///
    /// # Errors
    /// [`Misuse::FloodBits`] above [`FloodBound::MAX_BITS`].
    pub const fn from_bits(bits: u32) -> Result<Self, Error> {
        if bits <= Self::MAX_BITS { Ok(Self { bits }) } else { Err(Error::Misuse(Misuse::FloodBits)) }
    }

    /// The noise is in [-2^bits, 2^bits).
    #[must_use]
    pub const fn bits(&self) -> u32 {
        self.bits
    }
}

impl CoeffPoly {
    /// Adds an independent integer, exactly uniform in [-2^bits, 2^bits), to every coefficient.
    ///
    /// Each coefficient takes ceil((bits + 1) / 8) bytes of `rng`; their low bits + 1 bits, as a little-endian number u, give
    /// u - 2^bits. Constant time; only the number of bits is public.
    ///
    /// # Panics
    /// If the polynomial is of another ring.
    pub fn add_uniform_flood(&mut self, ring: &Ring, bound: &FloodBound, rng: &mut impl CryptoRng) {
        assert_eq!(self.n(), ring.n(), "a polynomial of another ring");
        let width = bound.bits + 1;
        let stride = width.div_ceil(8) as usize;
        let count = width.div_ceil(PIECE_BITS) as usize;
        let mask = |k: usize| u64::MAX >> (64 - PIECE_BITS.min(width - PIECE_BITS * k as u32));
        let combinations = MODULI.map(|m| Combination {
            constant: m.neg(m.pow_vartime(2, u64::from(bound.bits))),
            factors: core::array::from_fn(|k| m.factor(m.pow_vartime(2, u64::from(PIECE_BITS) * k as u64))),
        });
        // Eight bytes more than are drawn: pieces are read as words.
        let mut bytes = Zeroizing::new(vec![0_u8; CHUNK * stride + 8]);
        let mut pieces = Zeroizing::new(vec![[0_u64; CHUNK]; count]);
        for start in (0..self.n()).step_by(CHUNK) {
            let drawn = CHUNK.min(self.n() - start);
            rng.fill_bytes(&mut bytes[..drawn * stride]);
            for (k, piece) in pieces.iter_mut().enumerate() {
                for (j, piece) in piece[..drawn].iter_mut().enumerate() {
                    *piece = little_endian(&bytes[j * stride + k * PIECE_BYTES..]) & mask(k);
                }
            }
            let backend = self.backend();
            for (i, combination) in combinations.iter().enumerate() {
                backend.combine(
                    &MODULI[i],
                    &mut self.limb_mut(i)[start..start + drawn],
                    combination,
                    &pieces,
                );
            }
        }
    }
}

/// x + constant + sum of piece k times factor k, modulo one prime: constant and factors are canonical, pieces below 2^48.
pub(crate) struct Combination {
    pub(crate) constant: u64,
    pub(crate) factors: [Factor; MAX_PIECES],
}

impl Combination {
    /// The portable kernel, on canonical `values`.
    pub(crate) fn apply(&self, m: &Modulus, values: &mut [u64], pieces: &[[u64; CHUNK]]) {
        for (j, x) in values.iter_mut().enumerate() {
            // Below 5 * 2^91 + 2^44.
            let terms = pieces.iter().zip(&self.factors).map(|(piece, w)| wide(piece[j]) * wide(w.value));
            *x = m.reduce_wide(terms.sum::<u128>() + wide(*x + self.constant));
        }
    }
}

/// Coefficients drawn at once: their numbers stay in the first-level cache.
pub(crate) const CHUNK: usize = 256;

/// Numbers are cut into pieces of this many bits, exact as doubles and as inputs of every kernel.
const PIECE_BITS: u32 = 48;
const PIECE_BYTES: usize = PIECE_BITS as usize / 8;

/// Pieces of the widest number.
pub(crate) const MAX_PIECES: usize = (FloodBound::MAX_BITS + 1).div_ceil(PIECE_BITS) as usize;
