//! The transform of `ring::ntt` on lanes of doubles, in place: residues as words at rest, doubles as bits between passes.
//!
//! A pass does up to three layers on values held in registers: the first reads words, strides of 16 and more follow, the last pass
//! does strides 8, 4, 2, 1 within 16 consecutive values and writes words. After the first pass each block is finished before the
//! next is touched, so that it stays in the first-level cache. The inverse goes the same way back.
//!
//! # Magnitudes, in units of q < 2^43
//!
//! Forward: a value starts below 1 and each layer adds a product of at most 0.54; after 13 layers it is below 8.1, so every input
//! of a product is below 2^46.1.
//!
//! Inverse: the sum path doubles with each layer. Values start below 1 and are below 16 after the four layers of the first
//! pass. A pass of three layers multiplies by at most 8, so differences stay below 128, that is 2^50. Only the first output of a
//! pass is a sum of eight inputs, and it is reduced; the second is a sum of four products, the others of fewer: below 2.2 from
//! then on. The last layer multiplies both of its outputs, by N^-1 and by N^-1 times the twiddle, so nothing remains but a sign.

use super::super::super::modulus::{Factor, Modulus};
use super::super::super::ntt::Twiddles;
use super::{LANES, Multiplicand, Prime, Quad, centred, load, store, to_double, to_words};
use alloc::vec::Vec;
use core::arch::x86_64::{
    __m256d, _mm256_add_pd, _mm256_permute2f128_pd, _mm256_permute4x64_pd, _mm256_sub_pd, _mm256_unpackhi_pd,
    _mm256_unpacklo_pd,
};

/// Smallest transform: a pass of one layer and one of four.
pub(crate) const MIN_DEGREE: usize = 32;

/// Vectors of the pass that works within 16 values.
const TAIL: usize = 4;

/// Twiddle factors as doubles, indexed as in [`Twiddles`].
pub(crate) struct Tables {
    modulus: Modulus,
    forward: Factors,
    inverse: Factors,
    /// N^-1, and N^-1 times the factor of the last layer of the inverse.
    scale: [(f64, f64); 2],
}

struct Factors {
    value: Vec<f64>,
    quotient: Vec<f64>,
}

impl Tables {
    pub(crate) fn new(tables: &Twiddles) -> Self {
        let m = tables.modulus;
        let factors = |source: &[Factor]| {
            let (value, quotient) = source.iter().map(|w| centred(&m, w.value)).unzip();
            Factors { value, quotient }
        };
        let last = m.mul(tables.inverse[1].value, tables.scale.value);
        Self {
            modulus: m,
            forward: factors(&tables.forward),
            inverse: factors(&tables.inverse),
            scale: [centred(&m, tables.scale.value), centred(&m, last)],
        }
    }
}

impl Factors {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn splat(&self, index: usize) -> Multiplicand {
        Multiplicand::splat((self.value[index], self.quotient[index]))
    }

    /// The factors at `index..index + 4`, one per lane.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn lanes(&self, index: usize) -> Multiplicand {
        let value: &[f64; LANES] = self.value[index..index + LANES].try_into().expect("four lanes");
        let quotient: &[f64; LANES] = self.quotient[index..index + LANES].try_into().expect("four lanes");
        Multiplicand { value: load(&value.map(f64::to_bits)), quotient: load(&quotient.map(f64::to_bits)) }
    }
}

impl Multiplicand {
    /// Lanes 0, 0, 1, 1 and 2, 2, 3, 3.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn in_pairs(self) -> [Self; 2] {
        let Self { value, quotient } = self;
        [
            Self {
                value: _mm256_permute4x64_pd::<0b01_01_00_00>(value),
                quotient: _mm256_permute4x64_pd::<0b01_01_00_00>(quotient),
            },
            Self {
                value: _mm256_permute4x64_pd::<0b11_11_10_10>(value),
                quotient: _mm256_permute4x64_pd::<0b11_11_10_10>(quotient),
            },
        ]
    }
}

/// Parts into which the first pass (the last one of the inverse) divides, so that passes of three layers do the rest.
fn first_radix(quads: &[Quad]) -> usize {
    match (quads.len() / TAIL).trailing_zeros() % 3 {
        1 => 2,
        2 => 4,
        _ => 8,
    }
}

/// Coefficients to evaluations, canonical words on both sides. The length is that of the tables, at least [`MIN_DEGREE`].
#[target_feature(enable = "avx2,fma")]
pub(crate) fn forward(tables: &Tables, values: &mut [u64]) {
    let prime = Prime::new(&tables.modulus);
    let factors = &tables.forward;
    let quads = values.as_chunks_mut::<LANES>().0;
    let parts = first_radix(quads);
    match parts {
        2 => forward_pass::<2, true>(&prime, factors, quads, 1),
        4 => forward_pass::<4, true>(&prime, factors, quads, 1),
        _ => forward_pass::<8, true>(&prime, factors, quads, 1),
    }
    let size = quads.len() / parts;
    for (part, block) in quads.chunks_exact_mut(size).enumerate() {
        let (mut length, mut index) = (size, parts + part);
        while length > TAIL {
            for (i, block) in block.chunks_exact_mut(length).enumerate() {
                forward_pass::<8, false>(&prime, factors, block, index + i);
            }
            (length, index) = (length / 8, index * 8);
        }
        for (i, block) in block.as_chunks_mut::<TAIL>().0.iter_mut().enumerate() {
            forward_tail(&prime, factors, block, index + i);
        }
    }
}

/// Evaluations to coefficients, canonical words on both sides. The length is that of the tables, at least [`MIN_DEGREE`].
#[target_feature(enable = "avx2,fma")]
pub(crate) fn inverse(tables: &Tables, values: &mut [u64]) {
    let prime = Prime::new(&tables.modulus);
    let factors = &tables.inverse;
    let quads = values.as_chunks_mut::<LANES>().0;
    let parts = first_radix(quads);
    let size = quads.len() / parts;
    for (part, block) in quads.chunks_exact_mut(size).enumerate() {
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
        2 => inverse_last::<2>(&prime, tables, quads),
        4 => inverse_last::<4>(&prime, tables, quads),
        _ => inverse_last::<8>(&prime, tables, quads),
    }
}

/// `block` as `R` parts of equal length.
#[inline(always)]
fn streams<const R: usize>(block: &mut [Quad], length: usize) -> [&mut [Quad]; R] {
    let mut parts = block.chunks_exact_mut(length);
    core::array::from_fn(|_| &mut parts.next().expect("R parts")[..length])
}

/// The factors of log2(R) layers, the first of which has the one at `index`: entry b + i is for block i of the layer with b blocks.
#[inline]
#[target_feature(enable = "avx2,fma")]
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
#[target_feature(enable = "avx2,fma")]
fn forward_pass<const R: usize, const FIRST: bool>(
    p: &Prime,
    factors: &Factors,
    block: &mut [Quad],
    index: usize,
) {
    let length = block.len() / R;
    let w = gather::<R>(factors, index);
    let mut parts = streams::<R>(block, length);
    for j in 0..length {
        let mut v = [p.q; R];
        for (v, part) in v.iter_mut().zip(&parts) {
            *v = if FIRST { to_double(load(&part[j])) } else { load(&part[j]) };
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

/// Strides 8, 4, 2, 1 in 16 values, then canonical words. In the layer of stride 8 the factor is at `index`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn forward_tail(p: &Prime, factors: &Factors, block: &mut [Quad; TAIL], index: usize) {
    let w = factors.splat(index);
    let [a, b, c, d] = [load(&block[0]), load(&block[1]), load(&block[2]), load(&block[3])];
    let ((a, c), (b, d)) = (butterfly(p, a, c, w), butterfly(p, b, d, w));
    let (a, b) = butterfly(p, a, b, factors.splat(2 * index));
    let (c, d) = butterfly(p, c, d, factors.splat(2 * index + 1));
    let pairs = factors.lanes(4 * index).in_pairs();
    let halves_of_block = [(a, b), (c, d)];
    for half in 0..2 {
        let (x, y) = halves_of_block[half];
        let (x, y) = halves(x, y);
        let (x, y) = butterfly(p, x, y, pairs[half]);
        let (x, y) = (_mm256_unpacklo_pd(x, y), _mm256_unpackhi_pd(x, y));
        let (x, y) = butterfly(p, x, y, factors.lanes(8 * index + LANES * half));
        let (x, y) = halves(_mm256_unpacklo_pd(x, y), _mm256_unpackhi_pd(x, y));
        store(&mut block[2 * half], to_words(p.canonical(p.reduce(x))));
        store(&mut block[2 * half + 1], to_words(p.canonical(p.reduce(y))));
    }
}

/// Words, then strides 1, 2, 4, 8 in 16 values. In the layer of stride 8 the factor is at `index`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn inverse_tail(p: &Prime, factors: &Factors, block: &mut [Quad; TAIL], index: usize) {
    let pairs = factors.lanes(4 * index).in_pairs();
    let mut v = [p.q; TAIL];
    for half in 0..2 {
        let (x, y) = halves(to_double(load(&block[2 * half])), to_double(load(&block[2 * half + 1])));
        let (x, y) = (_mm256_unpacklo_pd(x, y), _mm256_unpackhi_pd(x, y));
        let (x, y) = inverse_butterfly(p, x, y, factors.lanes(8 * index + LANES * half));
        let (x, y) = (_mm256_unpacklo_pd(x, y), _mm256_unpackhi_pd(x, y));
        let (x, y) = inverse_butterfly(p, x, y, pairs[half]);
        let (x, y) = halves(x, y);
        (v[2 * half], v[2 * half + 1]) = inverse_butterfly(p, x, y, factors.splat(2 * index + half));
    }
    let w = factors.splat(index);
    for k in 0..2 {
        let (x, y) = inverse_butterfly(p, v[k], v[k + 2], w);
        store(&mut block[k], x);
        store(&mut block[k + 2], y);
    }
}

/// Three layers, to the one in which this block has the factor at `index`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn inverse_pass(p: &Prime, factors: &Factors, block: &mut [Quad], index: usize) {
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

/// The last log2(R) layers, the factor N^-1, and canonical words.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn inverse_last<const R: usize>(p: &Prime, tables: &Tables, quads: &mut [Quad]) {
    let length = quads.len() / R;
    let [sum, difference] = [Multiplicand::splat(tables.scale[0]), Multiplicand::splat(tables.scale[1])];
    let w = gather::<R>(&tables.inverse, 1);
    let mut parts = streams::<R>(quads, length);
    for j in 0..length {
        let mut v = [p.q; R];
        for (v, part) in v.iter_mut().zip(&parts) {
            *v = load(&part[j]);
        }
        inverse_layers::<R>(p, &mut v, &w, 2);
        for k in 0..R / 2 {
            let (x, y) = (v[k], v[k + R / 2]);
            v[k] = p.canonical(p.mul(_mm256_add_pd(x, y), sum));
            v[k + R / 2] = p.canonical(p.mul(_mm256_sub_pd(x, y), difference));
        }
        for (v, part) in v.iter().zip(&mut parts) {
            store(&mut part[j], to_words(*v));
        }
    }
}

/// The layers with R / 2 down to `last` blocks.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn inverse_layers<const R: usize>(p: &Prime, v: &mut [__m256d; R], w: &[Multiplicand; R], last: usize) {
    let mut blocks = R / 2;
    while blocks >= last {
        let stride = R / (2 * blocks);
        for i in 0..blocks {
            for x in 2 * stride * i..2 * stride * i + stride {
                (v[x], v[x + stride]) = inverse_butterfly(p, v[x], v[x + stride], w[blocks + i]);
            }
        }
        blocks /= 2;
    }
}

/// (x + w y, x - w y)
#[inline]
#[target_feature(enable = "avx2,fma")]
fn butterfly(p: &Prime, x: __m256d, y: __m256d, w: Multiplicand) -> (__m256d, __m256d) {
    let product = p.mul(y, w);
    (_mm256_add_pd(x, product), _mm256_sub_pd(x, product))
}

/// (x + y, w (x - y))
#[inline]
#[target_feature(enable = "avx2,fma")]
fn inverse_butterfly(p: &Prime, x: __m256d, y: __m256d, w: Multiplicand) -> (__m256d, __m256d) {
    (_mm256_add_pd(x, y), p.mul(_mm256_sub_pd(x, y), w))
}

/// The low halves of both, and the high halves of both; its own inverse.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn halves(x: __m256d, y: __m256d) -> (__m256d, __m256d) {
    (_mm256_permute2f128_pd::<0x20>(x, y), _mm256_permute2f128_pd::<0x31>(x, y))
}
