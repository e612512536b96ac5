//! Uniform flooding noise of hundreds of bits (protocol section 4.4).

use super::context::Context;
use super::modulus::{MODULI, little_endian, wide};
use super::poly::CoeffPoly;
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

const WORDS: usize = 4;
const BYTES: usize = 8 * WORDS;

impl CoeffPoly {
    /// Adds an independent integer, exactly uniform in [-2^bits, 2^bits), to every coefficient.
    ///
    /// Each coefficient takes ceil((bits + 1) / 8) bytes of `rng`; their low bits + 1 bits, as a little-endian number u, give
    /// u - 2^bits. Constant time; only the number of bits is public.
    ///
    /// # Panics
    /// If the polynomial is of another ring.
    pub fn add_uniform_flood(&mut self, ctx: &Context, bound: &FloodBound, rng: &mut impl CryptoRng) {
        assert_eq!(self.n(), ctx.n(), "a polynomial of another ring");
        let width = bound.bits as usize + 1;
        let stride = width.div_ceil(8);
        let mask: [u64; WORDS] = core::array::from_fn(|i| match width.saturating_sub(64 * i) {
            0 => 0,
            bits @ 1..64 => (1 << bits) - 1,
            _ => u64::MAX,
        });
        let constants = MODULI.map(|m| {
            let two = |exponent| m.pow_vartime(2, exponent);
            (m, [two(64), two(128), two(192)], m.neg(two(u64::from(bound.bits))))
        });
        let mut bytes = Zeroizing::new(vec![0_u8; CHUNK * stride]);
        let mut numbers = Zeroizing::new([[0_u64; WORDS]; CHUNK]);
        for start in (0..self.n()).step_by(CHUNK) {
            let count = CHUNK.min(self.n() - start);
            rng.fill_bytes(&mut bytes[..count * stride]);
            for (number, bytes) in numbers.iter_mut().zip(bytes.chunks_exact(stride)) {
                let mut padded = [0; BYTES];
                padded[..stride].copy_from_slice(bytes);
                for (i, word) in number.iter_mut().enumerate() {
                    *word = little_endian(&padded[8 * i..]) & mask[i];
                }
            }
            for (i, (m, powers, minus_bound)) in constants.iter().enumerate() {
                for (x, u) in self.limb_mut(i)[start..start + count].iter_mut().zip(numbers.iter()) {
                    // Below 3 * 2^107 + 2^64 + 2^44, far from overflow.
                    let sum = wide(u[0])
                        + wide(u[1]) * wide(powers[0])
                        + wide(u[2]) * wide(powers[1])
                        + wide(u[3]) * wide(powers[2])
                        + wide(*x + *minus_bound);
                    *x = m.reduce_wide(sum);
                }
            }
        }
    }
}

/// Coefficients drawn at once: the numbers stay in the first-level cache.
const CHUNK: usize = 256;
