//! The transform of `ring::ntt` on lanes of eight words, in place.
//!
//! Passes and blocks are in the order of [`passes`].
//!
//! # Magnitudes, in units of q < 2^43
//!
//! Everything has to stay below 2^52, that is 512. A product is below 2.
//!
//! Forward: a value starts below 1 and each layer adds less than 2; after 13 layers it is below 27.
//!
//! Inverse: the sum path doubles with each layer, and a difference is taken from what its subtrahend cannot exceed. Values
//! start below 1 and are below 16 after the four layers of the first pass. Of the eight outputs of a pass of three layers the first
//! is a sum of eight inputs, below 128; it is reduced. The second is a sum of four products, the others of fewer: below 8. So
//! every pass starts below 16 and ends below 16, and its differences are below 128. The last layer multiplies both of its
//! outputs, by N^-1 and by N^-1 times the twiddle.

use super::super::super::modulus::{Factor, Modulus};
use super::super::super::ntt::Twiddles;
use super::super::passes;
use super::{LANES, Multiplicand, Oct, Prime, load, quotient, splat, store};
use alloc::vec::Vec;
use core::arch::x86_64::{
    __m256i, __m512i, _mm256_loadu_si256, _mm512_add_epi64, _mm512_castsi256_si512, _mm512_mask_mov_epi64,
    _mm512_permutex2var_epi64, _mm512_permutexvar_epi64, _mm512_set_epi64, _mm512_shuffle_i64x2,
    _mm512_sub_epi64, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
};

/// Smallest transform: a pass of one layer and one of four.
pub(crate) const MIN_DEGREE: usize = 32;

/// Vectors of the pass that works within 16 values.
const TAIL: usize = 2;

/// log2 of the magnitude that the values at the start of a pass of the inverse are below.
const RESTED: u32 = 4;

/// Twiddle factors and their quotients, indexed as in [`Twiddles`].
pub(crate) struct Tables {
    modulus: Modulus,
    forward: Factors,
    inverse: Factors,
    /// N^-1, and N^-1 times the factor of the last layer of the inverse.
    scale: [Factor; 2],
}

struct Factors {
    value: Vec<u64>,
    quotient: Vec<u64>,
}

impl Tables {
    pub(crate) fn new(tables: &Twiddles) -> Self {
        let m = tables.modulus;
        let factors = |source: &[Factor]| {
            let (value, quotient) = source.iter().map(|w| (w.value, quotient(w))).unzip();
            Factors { value, quotient }
        };
        let last = m.mul(tables.inverse[1].value, tables.scale.value);
        Self {
            modulus: m,
            forward: factors(&tables.forward),
            inverse: factors(&tables.inverse),
            scale: [tables.scale, m.factor(last)],
        }
    }
}

impl Factors {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn splat(&self, index: usize) -> Multiplicand {
        Multiplicand { value: splat(self.value[index]), quotient: splat(self.quotient[index]) }
    }

    /// The factor at `index` in the lower lanes, the one after it in the upper ones.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn in_halves(&self, index: usize) -> Multiplicand {
        let (lower, upper) = (self.splat(index), self.splat(index + 1));
        Multiplicand {
            value: _mm512_mask_mov_epi64(lower.value, 0xf0, upper.value),
            quotient: _mm512_mask_mov_epi64(lower.quotient, 0xf0, upper.quotient),
        }
    }

    /// The factors at `index..index + 4`, each in two lanes.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn in_pairs(&self, index: usize) -> Multiplicand {
        Multiplicand { value: pairs(&self.value[index..]), quotient: pairs(&self.quotient[index..]) }
    }

    /// The factors at `index..index + 8`, one per lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn lanes(&self, index: usize) -> Multiplicand {
        let eight = |words: &[u64]| load(words[index..].first_chunk::<LANES>().expect("eight lanes"));
        Multiplicand { value: eight(&self.value), quotient: eight(&self.quotient) }
    }
}

/// The first four words, each in two lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn pairs(words: &[u64]) -> __m512i {
    let four: &[u64; 4] = words.first_chunk().expect("four words");
    // SAFETY: the reference is to 32 readable bytes; the load needs no alignment.
    let four: __m256i = unsafe { _mm256_loadu_si256(four.as_ptr().cast()) };
    _mm512_permutexvar_epi64(_mm512_set_epi64(3, 3, 2, 2, 1, 1, 0, 0), _mm512_castsi256_si512(four))
}

/// Coefficients to evaluations, canonical on both sides. The length is that of the tables, at least [`MIN_DEGREE`].
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn forward(tables: &Tables, values: &mut [u64]) {
    let prime = Prime::new(&tables.modulus);
    let factors = &tables.forward;
    passes::forward(
        values.as_chunks_mut::<LANES>().0,
        |octs, parts| match parts {
            2 => forward_pass::<2>(&prime, factors, octs, 1),
            4 => forward_pass::<4>(&prime, factors, octs, 1),
            _ => forward_pass::<8>(&prime, factors, octs, 1),
        },
        |block, index| forward_pass::<8>(&prime, factors, block, index),
        |block, index| forward_tail(&prime, factors, block, index),
    );
}

/// Evaluations to coefficients, canonical on both sides. The length is that of the tables, at least [`MIN_DEGREE`].
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn inverse(tables: &Tables, values: &mut [u64]) {
    let prime = Prime::new(&tables.modulus);
    let factors = &tables.inverse;
    passes::inverse(
        values.as_chunks_mut::<LANES>().0,
        |block, index| inverse_tail(&prime, factors, block, index),
        |block, index| inverse_pass(&prime, factors, block, index),
        |octs, parts| match parts {
            2 => inverse_last::<2>(&prime, tables, octs),
            4 => inverse_last::<4>(&prime, tables, octs),
            _ => inverse_last::<8>(&prime, tables, octs),
        },
    );
}

/// log2(R) layers from the one in which this block has the factor at `index`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn forward_pass<const R: usize>(p: &Prime, factors: &Factors, block: &mut [Oct], index: usize) {
    let w = passes::factors::<_, R>(index, |i| factors.splat(i));
    passes::columns(
        block,
        p.q,
        |row| load(row),
        |v| passes::forward_layers(v, &w, |x, y, w| butterfly(p, x, y, w)),
        |row, v| store(row, v),
    );
}

/// Strides 8, 4, 2, 1 in 16 values, then canonical. In the layer of stride 8 the factor is at `index`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn forward_tail(p: &Prime, factors: &Factors, block: &mut [Oct; TAIL], index: usize) {
    let (x, y) = butterfly(p, load(&block[0]), load(&block[1]), factors.splat(index));
    let (x, y) = halves(x, y);
    let (x, y) = butterfly(p, x, y, factors.in_halves(2 * index));
    let (x, y) = picked(&QUARTERS, (x, y));
    let (x, y) = butterfly(p, x, y, factors.in_pairs(4 * index));
    let (x, y) = eighths(x, y);
    let (x, y) = butterfly(p, x, y, factors.lanes(8 * index));
    let (x, y) = picked(&IN_ORDER, (x, y));
    store(&mut block[0], p.canonical(p.reduce(x)));
    store(&mut block[1], p.canonical(p.reduce(y)));
}

/// Strides 1, 2, 4, 8 in 16 values. In the layer of stride 8 the factor is at `index`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn inverse_tail(p: &Prime, factors: &Factors, block: &mut [Oct; TAIL], index: usize) {
    let (x, y) = picked(&OUT_OF_ORDER, (load(&block[0]), load(&block[1])));
    let (x, y) = inverse_butterfly(p, x, y, factors.lanes(8 * index), 0);
    let (x, y) = eighths(x, y);
    let (x, y) = inverse_butterfly(p, x, y, factors.in_pairs(4 * index), 1);
    let (x, y) = picked(&QUARTERS, (x, y));
    let (x, y) = inverse_butterfly(p, x, y, factors.in_halves(2 * index), 2);
    let (x, y) = halves(x, y);
    let (x, y) = inverse_butterfly(p, x, y, factors.splat(index), 3);
    store(&mut block[0], x);
    store(&mut block[1], y);
}

/// Three layers, to the one in which this block has the factor at `index`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn inverse_pass(p: &Prime, factors: &Factors, block: &mut [Oct], index: usize) {
    let w = passes::factors::<_, 8>(index, |i| factors.splat(i));
    passes::columns(
        block,
        p.q,
        |row| load(row),
        |v| {
            passes::inverse_layers(v, &w, 1, |x, y, w, before| {
                inverse_butterfly(p, x, y, w, RESTED + before)
            });
            v[0] = p.reduce(v[0]);
        },
        |row, v| store(row, v),
    );
}

/// The last log2(R) layers, the factor N^-1, and canonical values.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn inverse_last<const R: usize>(p: &Prime, tables: &Tables, octs: &mut [Oct]) {
    let [sum, difference] = tables.scale.map(|factor| Multiplicand::splat(&factor));
    let w = passes::factors::<_, R>(1, |i| tables.inverse.splat(i));
    let log = RESTED + R.trailing_zeros() - 1;
    passes::columns::<_, _, R>(
        octs,
        p.q,
        |row| load(row),
        |v| {
            passes::inverse_layers(v, &w, 2, |x, y, w, before| {
                inverse_butterfly(p, x, y, w, RESTED + before)
            });
            for k in 0..R / 2 {
                let (x, y) = (v[k], v[k + R / 2]);
                v[k] = p.canonical(p.mul(_mm512_add_epi64(x, y), sum));
                v[k + R / 2] = p.canonical(p.mul(subtract(p, x, y, log), difference));
            }
        },
        |row, v| store(row, v),
    );
}

/// (x + w y, x - w y + 2q)
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn butterfly(p: &Prime, x: __m512i, y: __m512i, w: Multiplicand) -> (__m512i, __m512i) {
    let product = p.mul(y, w);
    (_mm512_add_epi64(x, product), _mm512_sub_epi64(_mm512_add_epi64(x, p.times[1]), product))
}

/// (x + y, w (x - y)), for values below 2^log q.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn inverse_butterfly(p: &Prime, x: __m512i, y: __m512i, w: Multiplicand, log: u32) -> (__m512i, __m512i) {
    (_mm512_add_epi64(x, y), p.mul(subtract(p, x, y, log), w))
}

/// x - y + 2^log q
#[inline]
#[target_feature(enable = "avx512f")]
fn subtract(p: &Prime, x: __m512i, y: __m512i, log: u32) -> __m512i {
    _mm512_sub_epi64(_mm512_add_epi64(x, p.times[log as usize]), y)
}

/// The low halves of both, and the high halves of both; its own inverse.
#[inline]
#[target_feature(enable = "avx512f")]
fn halves(x: __m512i, y: __m512i) -> (__m512i, __m512i) {
    (_mm512_shuffle_i64x2::<0b01_00_01_00>(x, y), _mm512_shuffle_i64x2::<0b11_10_11_10>(x, y))
}

/// The low lane of each pair, and the high lane of each, of both in turn; its own inverse.
#[inline]
#[target_feature(enable = "avx512f")]
fn eighths(x: __m512i, y: __m512i) -> (__m512i, __m512i) {
    (_mm512_unpacklo_epi64(x, y), _mm512_unpackhi_epi64(x, y))
}

/// Two vectors from the lanes of two: 0 to 7 are of the first one, 8 to 15 of the second.
#[inline]
#[target_feature(enable = "avx512f")]
fn picked([low, high]: &[Oct; 2], (x, y): (__m512i, __m512i)) -> (__m512i, __m512i) {
    (_mm512_permutex2var_epi64(x, load(low), y), _mm512_permutex2var_epi64(x, load(high), y))
}

/// The low quarter of each half, and the high quarter of each, of both in turn; its own inverse.
const QUARTERS: [Oct; 2] = [[0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15]];

/// Even and odd lanes of 16 consecutive values to the values in their order.
const IN_ORDER: [Oct; 2] = [[0, 8, 1, 9, 2, 10, 3, 11], [4, 12, 5, 13, 6, 14, 7, 15]];

/// The inverse of [`IN_ORDER`].
const OUT_OF_ORDER: [Oct; 2] = [[0, 2, 4, 6, 8, 10, 12, 14], [1, 3, 5, 7, 9, 11, 13, 15]];
