//! The transform of `ring::ntt` on lanes of doubles, in place: residues as words at rest, doubles as bits between passes.
//!
//! Passes and blocks are in the order of [`passes`]: the first pass reads words, the last one writes them.
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
use super::super::passes;
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

/// Coefficients to evaluations, canonical words on both sides. The length is that of the tables, at least [`MIN_DEGREE`].
#[target_feature(enable = "avx2,fma")]
pub(crate) fn forward(tables: &Tables, values: &mut [u64]) {
    let prime = Prime::new(&tables.modulus);
    let factors = &tables.forward;
    passes::forward(
        values.as_chunks_mut::<LANES>().0,
        |quads, parts| match parts {
            2 => forward_pass::<2, true>(&prime, factors, quads, 1),
            4 => forward_pass::<4, true>(&prime, factors, quads, 1),
            _ => forward_pass::<8, true>(&prime, factors, quads, 1),
        },
        |block, index| forward_pass::<8, false>(&prime, factors, block, index),
        |block, index| forward_tail(&prime, factors, block, index),
    );
}

/// Evaluations to coefficients, canonical words on both sides. The length is that of the tables, at least [`MIN_DEGREE`].
#[target_feature(enable = "avx2,fma")]
pub(crate) fn inverse(tables: &Tables, values: &mut [u64]) {
    let prime = Prime::new(&tables.modulus);
    let factors = &tables.inverse;
    passes::inverse(
        values.as_chunks_mut::<LANES>().0,
        |block, index| inverse_tail(&prime, factors, block, index),
        |block, index| inverse_pass(&prime, factors, block, index),
        |quads, parts| match parts {
            2 => inverse_last::<2>(&prime, tables, quads),
            4 => inverse_last::<4>(&prime, tables, quads),
            _ => inverse_last::<8>(&prime, tables, quads),
        },
    );
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
    let w = passes::factors::<_, R>(index, |i| factors.splat(i));
    passes::columns(
        block,
        p.q,
        |row| if FIRST { to_double(load(row)) } else { load(row) },
        |v| passes::forward_layers(v, &w, |x, y, w| butterfly(p, x, y, w)),
        |row, v| store(row, v),
    );
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
    let w = passes::factors::<_, 8>(index, |i| factors.splat(i));
    passes::columns(
        block,
        p.q,
        |row| load(row),
        |v| {
            passes::inverse_layers(v, &w, 1, |x, y, w, _| inverse_butterfly(p, x, y, w));
            v[0] = p.reduce(v[0]);
        },
        |row, v| store(row, v),
    );
}

/// The last log2(R) layers, the factor N^-1, and canonical words.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn inverse_last<const R: usize>(p: &Prime, tables: &Tables, quads: &mut [Quad]) {
    let [sum, difference] = tables.scale.map(|factor| Multiplicand::splat(factor));
    let w = passes::factors::<_, R>(1, |i| tables.inverse.splat(i));
    passes::columns::<_, _, R>(
        quads,
        p.q,
        |row| load(row),
        |v| {
            passes::inverse_layers(v, &w, 2, |x, y, w, _| inverse_butterfly(p, x, y, w));
            for k in 0..R / 2 {
                let (x, y) = (v[k], v[k + R / 2]);
                v[k] = p.canonical(p.mul(_mm256_add_pd(x, y), sum));
                v[k + R / 2] = p.canonical(p.mul(_mm256_sub_pd(x, y), difference));
            }
        },
        |row, v| store(row, to_words(v)),
    );
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
