//! The transform of `ring::ntt` on lanes of eight words, in place.
//!
//! A pass does up to three layers on values held in registers; the last pass does strides 8, 4, 2, 1 within 16 consecutive values.
//! After the first pass each block is finished before the next is touched, so that it stays in the first-level cache. The inverse
//! goes the same way back.
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

/// Parts into which the first pass (the last one of the inverse) divides, so that passes of three layers do the rest.
fn first_radix(octs: &[Oct]) -> usize {
    match (octs.len() / TAIL).trailing_zeros() % 3 {
        1 => 2,
        2 => 4,
        _ => 8,
    }
}

/// Coefficients to evaluations, canonical on both sides. The length is that of the tables, at least [`MIN_DEGREE`].
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn forward(tables: &Tables, values: &mut [u64]) {
    let prime = Prime::new(&tables.modulus);
    let factors = &tables.forward;
    let octs = values.as_chunks_mut::<LANES>().0;
    let parts = first_radix(octs);
    match parts {
        2 => forward_pass::<2>(&prime, factors, octs, 1),
        4 => forward_pass::<4>(&prime, factors, octs, 1),
        _ => forward_pass::<8>(&prime, factors, octs, 1),
    }
    let size = octs.len() / parts;
    for (part, block) in octs.chunks_exact_mut(size).enumerate() {
        let (mut length, mut index) = (size, parts + part);
        while length > TAIL {
            for (i, block) in block.chunks_exact_mut(length).enumerate() {
                forward_pass::<8>(&prime, factors, block, index + i);
            }
            (length, index) = (length / 8, index * 8);
        }
        for (i, block) in block.as_chunks_mut::<TAIL>().0.iter_mut().enumerate() {
            forward_tail(&prime, factors, block, index + i);
        }
    }
}

/// Evaluations to coefficients, canonical on both sides. The length is that of the tables, at least [`MIN_DEGREE`].
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn inverse(tables: &Tables, values: &mut [u64]) {
    let prime = Prime::new(&tables.modulus);
    let factors = &tables.inverse;
    let octs = values.as_chunks_mut::<LANES>().0;
    let parts = first_radix(octs);
    let size = octs.len() / parts;
    for (part, block) in octs.chunks_exact_mut(size).enumerate() {
        let (mut length, mut index) = (TAIL, (parts + part) * (size / TAIL));
        for (i, block) in block.as_chunks_mut::<TAIL>().0.iter_mut().enumerate() {
            inverse_tail(&prime, factors, block, index + i);
        }
        while length < size {
            (length, index) = (length * 8, index / 8);
            for (i, block) in block.chunks_exact_mut(length).enumerate() {
                inverse_pass(&prime, factors, block, index + i);
            }
        }
    }
    match parts {
        2 => inverse_last::<2>(&prime, tables, octs),
        4 => inverse_last::<4>(&prime, tables, octs),
        _ => inverse_last::<8>(&prime, tables, octs),
    }
}

/// `block` as `R` parts of equal length.
#[inline(always)]
fn streams<const R: usize>(block: &mut [Oct], length: usize) -> [&mut [Oct]; R] {
    let mut parts = block.chunks_exact_mut(length);
    core::array::from_fn(|_| &mut parts.next().expect("R parts")[..length])
}

/// The factors of log2(R) layers, the first of which has the one at `index`: entry b + i is for block i of the layer with b blocks.
#[inline]
#[target_feature(enable = "avx512f")]
fn gather<const R: usize>(factors: &Factors, index: usize) -> [Multiplicand; R] {
    let mut w = [factors.splat(index); R];
    for (k, w) in w.iter_mut().enumerate().skip(2) {
        // k = b + i with b the power of two at or below k.
        let blocks = 1 << k.ilog2();
        *w = factors.splat(index * blocks + k - blocks);
    }
    w
}

/// log2(R) layers from the one in which this block has the factor at `index`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn forward_pass<const R: usize>(p: &Prime, factors: &Factors, block: &mut [Oct], index: usize) {
    let length = block.len() / R;
    let w = gather::<R>(factors, index);
    let mut parts = streams::<R>(block, length);
    for j in 0..length {
        let mut v = [p.q; R];
        for (v, part) in v.iter_mut().zip(&parts) {
            *v = load(&part[j]);
        }
        let mut blocks = 1;
        while blocks < R {
            let stride = R / (2 * blocks);
            for i in 0..blocks {
                for x in 2 * stride * i..2 * stride * i + stride {
                    (v[x], v[x + stride]) = butterfly(p, v[x], v[x + stride], w[blocks + i]);
                }
            }
            blocks *= 2;
        }
        for (v, part) in v.iter().zip(&mut parts) {
            store(&mut part[j], *v);
        }
    }
}

/// Strides 8, 4, 2, 1 in 16 values, then canonical. In the layer of stride 8 the factor is at `index`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn forward_tail(p: &Prime, factors: &Factors, block: &mut [Oct; TAIL], index: usize) {
    let (x, y) = butterfly(p, load(&block[0]), load(&block[1]), factors.splat(index));
    let (x, y) = halves(x, y);
    let (x, y) = butterfly(p, x, y, factors.in_halves(2 * index));
    let (x, y) = quarters(x, y);
    let (x, y) = butterfly(p, x, y, factors.in_pairs(4 * index));
    let (x, y) = eighths(x, y);
    let (x, y) = butterfly(p, x, y, factors.lanes(8 * index));
    let (x, y) = in_order(x, y);
    store(&mut block[0], p.canonical(p.reduce(x)));
    store(&mut block[1], p.canonical(p.reduce(y)));
}

/// Strides 1, 2, 4, 8 in 16 values. In the layer of stride 8 the factor is at `index`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn inverse_tail(p: &Prime, factors: &Factors, block: &mut [Oct; TAIL], index: usize) {
    let (x, y) = out_of_order(load(&block[0]), load(&block[1]));
    let (x, y) = inverse_butterfly(p, x, y, factors.lanes(8 * index), 0);
    let (x, y) = eighths(x, y);
    let (x, y) = inverse_butterfly(p, x, y, factors.in_pairs(4 * index), 1);
    let (x, y) = quarters(x, y);
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
    let length = block.len() / 8;
    let w = gather::<8>(factors, index);
    let mut parts = streams::<8>(block, length);
    for j in 0..length {
        let mut v = [p.q; 8];
        for (v, part) in v.iter_mut().zip(&parts) {
            *v = load(&part[j]);
        }
        inverse_layers::<8>(p, &mut v, &w, 1);
        v[0] = p.reduce(v[0]);
        for (v, part) in v.iter().zip(&mut parts) {
            store(&mut part[j], *v);
        }
    }
}

/// The last log2(R) layers, the factor N^-1, and canonical values.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn inverse_last<const R: usize>(p: &Prime, tables: &Tables, octs: &mut [Oct]) {
    let length = octs.len() / R;
    let [sum, difference] = [Multiplicand::splat(&tables.scale[0]), Multiplicand::splat(&tables.scale[1])];
    let w = gather::<R>(&tables.inverse, 1);
    let mut parts = streams::<R>(octs, length);
    for j in 0..length {
        let mut v = [p.q; R];
        for (v, part) in v.iter_mut().zip(&parts) {
            *v = load(&part[j]);
        }
        inverse_layers::<R>(p, &mut v, &w, 2);
        let log = RESTED + R.trailing_zeros() - 1;
        for k in 0..R / 2 {
            let (x, y) = (v[k], v[k + R / 2]);
            v[k] = p.canonical(p.mul(_mm512_add_epi64(x, y), sum));
            v[k + R / 2] = p.canonical(p.mul(subtract(p, x, y, log), difference));
        }
        for (v, part) in v.iter().zip(&mut parts) {
            store(&mut part[j], *v);
        }
    }
}

/// The layers with R / 2 down to `last` blocks, on rested values.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn inverse_layers<const R: usize>(p: &Prime, v: &mut [__m512i; R], w: &[Multiplicand; R], last: usize) {
    let (mut blocks, mut log) = (R / 2, RESTED);
    while blocks >= last {
        let stride = R / (2 * blocks);
        for i in 0..blocks {
            for x in 2 * stride * i..2 * stride * i + stride {
                (v[x], v[x + stride]) = inverse_butterfly(p, v[x], v[x + stride], w[blocks + i], log);
            }
        }
        (blocks, log) = (blocks / 2, log + 1);
    }
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

/// The low quarter of each half, and the high quarter of each, of both in turn; its own inverse.
#[inline]
#[target_feature(enable = "avx512f")]
fn quarters(x: __m512i, y: __m512i) -> (__m512i, __m512i) {
    let low = _mm512_set_epi64(13, 12, 5, 4, 9, 8, 1, 0);
    let high = _mm512_set_epi64(15, 14, 7, 6, 11, 10, 3, 2);
    (_mm512_permutex2var_epi64(x, low, y), _mm512_permutex2var_epi64(x, high, y))
}

/// The low lane of each pair, and the high lane of each, of both in turn; its own inverse.
#[inline]
#[target_feature(enable = "avx512f")]
fn eighths(x: __m512i, y: __m512i) -> (__m512i, __m512i) {
    (_mm512_unpacklo_epi64(x, y), _mm512_unpackhi_epi64(x, y))
}

/// Even and odd lanes of 16 consecutive values to the values in their order.
#[inline]
#[target_feature(enable = "avx512f")]
fn in_order(even: __m512i, odd: __m512i) -> (__m512i, __m512i) {
    let low = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
    let high = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
    (_mm512_permutex2var_epi64(even, low, odd), _mm512_permutex2var_epi64(even, high, odd))
}

/// The inverse of [`in_order`].
#[inline]
#[target_feature(enable = "avx512f")]
fn out_of_order(x: __m512i, y: __m512i) -> (__m512i, __m512i) {
    let even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
    let odd = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
    (_mm512_permutex2var_epi64(x, even, y), _mm512_permutex2var_epi64(x, odd, y))
}
