//! Carry-less products of 128-bit words, not yet reduced, and their sums over the columns of bit matrices.
//!
//! A product of two polynomials of degree below 128 over GF(2) has degree below 255: two words, [`Wide`]. Reduction is
//! linear, so sums are taken of unreduced products and reduced once (`crate::gf128`).
//!
//! Two implementations: the instruction (`PCLMULQDQ`), and integer products of words in which only every fourth bit
//! is set, which is constant time wherever the 64-bit multiplier is.

use crate::label::Block;

pub(crate) mod lanes;

/// An unreduced product or a sum of them: coefficients of x^0..x^127 and of x^128..x^255.
pub(crate) type Wide = [u128; 2];

/// Reduction of a polynomial of degree below 256, by x^128 = x^7 + x^2 + x + 1 twice.
#[inline]
pub(crate) const fn reduce([low, high]: Wide) -> u128 {
    // What the shifts of the high word push over the top, at most seven bits, comes round once more.
    let over = (high >> 127) ^ (high >> 126) ^ (high >> 121);
    let high = high ^ over;
    low ^ high ^ (high << 1) ^ (high << 2) ^ (high << 7)
}

muse_field::kernels! {
    /// Kernels on words.
    struct Kernels(Choice) {
        Pclmul = pclmul("pclmulqdq") if pclmul;
    }
    #[inline]
    fn mul(a: u128, b: u128) -> Wide;
    #[inline]
    fn dot(a: &[Block], b: &[Block]) -> Wide;
    #[inline]
    fn accumulate_columns(sums: &mut [Wide; 128], factors: &[Block], tiles: &[[Block; 128]]);
}

/// The product of `a` and `b` over GF(2).
#[inline]
pub(crate) fn mul(a: u128, b: u128) -> Wide {
    Kernels::detect().mul(a, b)
}

/// The sum of `a[i] * b[i]` over GF(2). The shorter slice decides how many.
pub(crate) fn dot(a: &[Block], b: &[Block]) -> Wide {
    Kernels::detect().dot(a, b)
}

/// Adds to `sums[c]` the sum over all tiles of `factors[i] * tiles[i][c]`, for each of the 128 columns.
///
/// The shorter slice decides how many tiles count. Cost: one product per column and tile.
pub(crate) fn accumulate_columns(sums: &mut [Wide; 128], factors: &[Block], tiles: &[[Block; 128]]) {
    Kernels::detect().accumulate_columns(sums, factors, tiles);
}

pub(crate) mod portable {
    use super::{Block, Wide};

    /// Karatsuba: three products of 64-bit words.
    #[inline]
    pub(crate) fn mul(a: u128, b: u128) -> Wide {
        let (a0, a1) = (a as u64, (a >> 64) as u64);
        let (b0, b1) = (b as u64, (b >> 64) as u64);
        let low = mul_words(a0, b0);
        let high = mul_words(a1, b1);
        let middle = mul_words(a0 ^ a1, b0 ^ b1) ^ low ^ high;
        [low ^ (middle << 64), high ^ (middle >> 64)]
    }

    pub(crate) fn dot(a: &[Block], b: &[Block]) -> Wide {
        a.iter().zip(b).fold([0; 2], |sum, (x, y)| {
            let product = mul(x.0, y.0);
            [sum[0] ^ product[0], sum[1] ^ product[1]]
        })
    }

    pub(crate) fn accumulate_columns(sums: &mut [Wide; 128], factors: &[Block], tiles: &[[Block; 128]]) {
        for (factor, tile) in factors.iter().zip(tiles) {
            for (sum, column) in sums.iter_mut().zip(tile) {
                let product = mul(factor.0, column.0);
                sum[0] ^= product[0];
                sum[1] ^= product[1];
            }
        }
    }

    /// The product of two 64-bit polynomials by integer multiplication.
    ///
    /// Words with only every fourth bit set: a product of 64 by 32 bits adds at most 8 terms at any position, 8 < 2^4, so
    /// no carry reaches the next position in use and the lowest bit of each position is the wanted parity.
    fn mul_words(a: u64, b: u64) -> u128 {
        const EVERY_FOURTH: u64 = 0x1111_1111_1111_1111;
        let a = [0, 1, 2, 3].map(|i| u128::from(a & (EVERY_FOURTH << i)));
        let half = |b: u64| {
            let b = [0, 1, 2, 3].map(|i| u128::from(b & (EVERY_FOURTH << i)));
            let mut product = 0;
            for residue in 0..4 {
                let mask = (u128::from(EVERY_FOURTH) << 64 | u128::from(EVERY_FOURTH)) << residue;
                let mut sum = 0;
                for i in 0..4 {
                    sum ^= a[i] * b[(residue + 4 - i) & 3];
                }
                product |= sum & mask;
            }
            product
        };
        half(b & 0xffff_ffff) ^ (half(b >> 32) << 32)
    }
}

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod pclmul {
    use core::arch::x86_64::{
        __m128i, _mm_clmulepi64_si128, _mm_loadu_si128, _mm_setzero_si128, _mm_slli_si128, _mm_srli_si128,
        _mm_storeu_si128, _mm_xor_si128,
    };

    use super::{Block, Wide};

    /// Tiles summed per pass: 16 tiles of 2 KiB stay in the first-level cache while all columns visit them.
    const TILES_PER_PASS: usize = 16;

    /// An unreduced sum in registers: low word, sum of the two cross products, high word.
    #[derive(Clone, Copy)]
    struct Sum {
        low: __m128i,
        middle: __m128i,
        high: __m128i,
    }

    impl Sum {
        #[inline]
        #[target_feature(enable = "sse2")]
        fn zero() -> Self {
            let zero = _mm_setzero_si128();
            Self { low: zero, middle: zero, high: zero }
        }

        #[inline]
        #[target_feature(enable = "pclmulqdq,sse2")]
        fn add_product(&mut self, a: __m128i, b: __m128i) {
            self.low = _mm_xor_si128(self.low, _mm_clmulepi64_si128::<0x00>(a, b));
            self.high = _mm_xor_si128(self.high, _mm_clmulepi64_si128::<0x11>(a, b));
            let cross = _mm_xor_si128(_mm_clmulepi64_si128::<0x01>(a, b), _mm_clmulepi64_si128::<0x10>(a, b));
            self.middle = _mm_xor_si128(self.middle, cross);
        }

        #[inline]
        #[target_feature(enable = "sse2")]
        fn wide(self) -> Wide {
            let low = _mm_xor_si128(self.low, _mm_slli_si128::<8>(self.middle));
            let high = _mm_xor_si128(self.high, _mm_srli_si128::<8>(self.middle));
            [store(low), store(high)]
        }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn load(word: u128) -> __m128i {
        // SAFETY: a u128 is 16 readable bytes, and x86 is little endian; the load needs no alignment.
        unsafe { _mm_loadu_si128((&raw const word).cast()) }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn store(register: __m128i) -> u128 {
        let mut word = 0_u128;
        // SAFETY: a u128 is 16 writable bytes, and x86 is little endian; the store needs no alignment.
        unsafe { _mm_storeu_si128((&raw mut word).cast(), register) };
        word
    }

    #[target_feature(enable = "pclmulqdq,sse2")]
    pub(super) fn mul(a: u128, b: u128) -> Wide {
        let mut sum = Sum::zero();
        sum.add_product(load(a), load(b));
        sum.wide()
    }

    #[target_feature(enable = "pclmulqdq,sse2")]
    pub(super) fn dot(a: &[Block], b: &[Block]) -> Wide {
        let mut sum = Sum::zero();
        for (x, y) in a.iter().zip(b) {
            sum.add_product(load(x.0), load(y.0));
        }
        sum.wide()
    }

    #[target_feature(enable = "pclmulqdq,sse2")]
    pub(super) fn accumulate_columns(sums: &mut [Wide; 128], factors: &[Block], tiles: &[[Block; 128]]) {
        for (factors, tiles) in factors.chunks(TILES_PER_PASS).zip(tiles.chunks(TILES_PER_PASS)) {
            // Four columns share a cache line and keep their twelve registers over the pass.
            for first in (0..128).step_by(4) {
                let mut four = [Sum::zero(); 4];
                for (factor, tile) in factors.iter().zip(tiles) {
                    let factor = load(factor.0);
                    for (sum, column) in four.iter_mut().zip(&tile[first..first + 4]) {
                        sum.add_product(factor, load(column.0));
                    }
                }
                for (total, sum) in sums[first..first + 4].iter_mut().zip(four) {
                    let [low, high] = sum.wide();
                    total[0] ^= low;
                    total[1] ^= high;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// One bit at a time: the definition.
    fn slow(a: u128, b: u128) -> Wide {
        let mut out = [0; 2];
        for i in (0..128).filter(|i| a >> i & 1 == 1) {
            out[0] ^= b << i;
            out[1] ^= if i == 0 { 0 } else { b >> (128 - i) };
        }
        out
    }

    #[test]
    fn extremes_agree_with_the_definition() {
        let words = [0, 1, 2, 1 << 63, 1 << 64, 1 << 127, u128::MAX, u128::from(u64::MAX), u128::MAX << 64];
        for a in words {
            for b in words {
                assert_eq!(portable::mul(a, b), slow(a, b));
                assert_eq!(mul(a, b), slow(a, b), "{}", Kernels::detect().name());
            }
        }
    }

    proptest! {
        #[test]
        fn products_agree_with_the_definition(a: u128, b: u128) {
            prop_assert_eq!(portable::mul(a, b), slow(a, b));
            prop_assert_eq!(mul(a, b), slow(a, b));
        }

        #[test]
        fn sums_agree_with_the_portable_twin(seed: u128, tiles in 0_usize..40) {
            let word = |i: u128| Block(slow(seed | 1, i.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))[0]);
            let factors: Vec<Block> = (0..tiles as u128).map(word).collect();
            let tiles: Vec<[Block; 128]> =
                (0..tiles as u128).map(|t| core::array::from_fn(|c| word(1000 + 128 * t + c as u128))).collect();
            let (mut ours, mut twin) = ([[3, 5]; 128], [[3, 5]; 128]);
            accumulate_columns(&mut ours, &factors, &tiles);
            portable::accumulate_columns(&mut twin, &factors, &tiles);
            prop_assert_eq!(ours, twin);
            let column: Vec<Block> = tiles.iter().map(|tile| tile[77]).collect();
            prop_assert_eq!(dot(&factors, &column), portable::dot(&factors, &column));
            prop_assert_eq!([twin[77][0] ^ 3, twin[77][1] ^ 5], dot(&factors, &column));
        }
    }
}
