//! AVX2 and FMA: lanes of four doubles, exact arithmetic modulo primes below 2^43, and the pointwise loops.
//!
//! # Exactness
//!
//! All values are integers. [`Prime::mul`] computes, for |x| <= 2^50 and |w| <= q / 2,
//!
//! * c = round(x w'), with w' = w / q rounded: one rounding, because x w' + M lies in [2^52, 2^53) where doubles are the integers
//!   (M = 1.5 * 2^52, |x w'| <= 2^49). |w' - w / q| <= 2^-55, so |x w / q - c| <= 1/2 + 2^-5;
//! * h = x w rounded and l = x w - h, exact (an FMA of a product and its rounding; no underflow among integers);
//! * d = h - c q, exact: x w - c q is at most (1/2 + 2^-5) q < 2^43 in magnitude and |l| <= 2^39, so d is an integer below 2^44;
//! * r = d + l = x w - c q, exact, |r| <= (1/2 + 2^-5) q.
//!
//! [`Prime::reduce`] is the same with w = 1: |r| <= (1/2 + 2^-5) q for |x| <= 2^50.
//!
//! Constant time: multiplications, additions and masks on doubles that are normal or zero, for which these instructions
//! take a fixed time; no subnormal number, infinity or NaN can occur.

#![expect(clippy::cast_precision_loss, reason = "integers below 2^53")]

use super::super::flood::{CHUNK, Combination};
use super::super::modulus::Modulus;
use core::arch::x86_64::{
    __m256d, _CMP_EQ_OQ, _CMP_LE_OQ, _CMP_LT_OQ, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT, _mm256_add_pd,
    _mm256_and_pd, _mm256_andnot_pd, _mm256_castpd_si256, _mm256_castsi256_pd, _mm256_cmp_pd,
    _mm256_fmadd_pd, _mm256_fmsub_pd, _mm256_fnmadd_pd, _mm256_loadu_pd, _mm256_movemask_pd, _mm256_mul_pd,
    _mm256_or_pd, _mm256_round_pd, _mm256_set1_epi64x, _mm256_set1_pd, _mm256_srli_epi64, _mm256_storeu_pd,
    _mm256_sub_pd, _mm256_xor_pd, _mm256_xor_si256,
};

pub(crate) mod ntt;

/// Residues per vector.
pub(crate) const LANES: usize = 4;

/// Four residues at rest, or four doubles as bits inside a transform.
pub(crate) type Quad = [u64; LANES];

/// 2^52: adding it to an integer in [0, 2^52) puts the integer into the low bits.
const TWO_52: f64 = (1_u64 << 52) as f64;
/// Adding and subtracting it rounds to an integer.
const ROUNDER: f64 = 1.5 * TWO_52;

/// Largest magnitude of an input of [`Prime::mul`] and [`Prime::reduce`].
const LIMIT: f64 = (1_u64 << 50) as f64;

/// For debug assertions: whether every lane is an integer of at most this magnitude. In vectors, or it would take a third of the time
/// of every test that encrypts.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn within(x: __m256d, limit: f64) -> bool {
    let magnitude = _mm256_andnot_pd(_mm256_set1_pd(-0.0), x);
    let small = _mm256_cmp_pd::<_CMP_LE_OQ>(magnitude, _mm256_set1_pd(limit));
    let rounded = _mm256_round_pd::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(x);
    let whole = _mm256_cmp_pd::<_CMP_EQ_OQ>(rounded, x);
    _mm256_movemask_pd(_mm256_and_pd(small, whole)) == (1 << LANES) - 1
}

/// A prime in every lane.
#[derive(Clone, Copy)]
pub(crate) struct Prime {
    q: __m256d,
    /// 1 / q, rounded.
    inverse: __m256d,
}

/// A multiplicand in every lane: the centred residue w and w / q, rounded.
#[derive(Clone, Copy)]
pub(crate) struct Multiplicand {
    value: __m256d,
    quotient: __m256d,
}

/// The pair of numbers behind a [`Multiplicand`].
pub(crate) fn centred(m: &Modulus, w: u64) -> (f64, f64) {
    // A public constant. Its difference to q is below 2^43: all conversions are exact.
    let value = if w > m.q() / 2 { -((m.q() - w) as f64) } else { w as f64 };
    (value, value / m.q() as f64)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(words: &Quad) -> __m256d {
    // SAFETY: the reference is to 32 readable bytes; the load needs no alignment.
    unsafe { _mm256_loadu_pd(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(words: &mut Quad, value: __m256d) {
    // SAFETY: the reference is to 32 writable bytes; the store needs no alignment.
    unsafe { _mm256_storeu_pd(words.as_mut_ptr().cast(), value) }
}

/// Words below 2^52 to doubles: the bits of 2^52 + x, less 2^52.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn to_double(words: __m256d) -> __m256d {
    let two_52 = _mm256_set1_pd(TWO_52);
    _mm256_sub_pd(_mm256_or_pd(words, two_52), two_52)
}

/// Integers in [0, 2^52) to words.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn to_words(x: __m256d) -> __m256d {
    let two_52 = _mm256_set1_pd(TWO_52);
    _mm256_xor_pd(_mm256_add_pd(x, two_52), two_52)
}

impl Prime {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn new(m: &Modulus) -> Self {
        let q = m.q() as f64;
        Self { q: _mm256_set1_pd(q), inverse: _mm256_set1_pd(1.0 / q) }
    }

    /// `x w` modulo q, in magnitude at most (1/2 + 2^-5) q, for |x| <= 2^50.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn mul(&self, x: __m256d, w: Multiplicand) -> __m256d {
        debug_assert!(within(x, LIMIT));
        let rounder = _mm256_set1_pd(ROUNDER);
        let c = _mm256_sub_pd(_mm256_fmadd_pd(x, w.quotient, rounder), rounder);
        let h = _mm256_mul_pd(x, w.value);
        let l = _mm256_fmsub_pd(x, w.value, h);
        _mm256_add_pd(_mm256_fnmadd_pd(c, self.q, h), l)
    }

    /// Product of two residues in [0, q), neither known before: as [`Prime::mul`] with c = round(h / q). The quotient is below 2^43 and
    /// h / q is off by at most 2^43 * 2^-51, so the result is at most (1/2 + 2^-8) q in magnitude.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn mul_residues(&self, x: __m256d, y: __m256d) -> __m256d {
        let rounder = _mm256_set1_pd(ROUNDER);
        let h = _mm256_mul_pd(x, y);
        let l = _mm256_fmsub_pd(x, y, h);
        let c = _mm256_sub_pd(_mm256_fmadd_pd(h, self.inverse, rounder), rounder);
        _mm256_add_pd(_mm256_fnmadd_pd(c, self.q, h), l)
    }

    /// `x` modulo q, in magnitude at most (1/2 + 2^-5) q, for |x| <= 2^50.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn reduce(&self, x: __m256d) -> __m256d {
        debug_assert!(within(x, LIMIT));
        let rounder = _mm256_set1_pd(ROUNDER);
        let c = _mm256_sub_pd(_mm256_fmadd_pd(x, self.inverse, rounder), rounder);
        _mm256_fnmadd_pd(c, self.q, x)
    }

    /// `x`, plus q if it is negative: (-q, q) to [0, q).
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn canonical(&self, x: __m256d) -> __m256d {
        debug_assert!(within(x, (1_u64 << 44) as f64));
        let negative = _mm256_cmp_pd::<_CMP_LT_OQ>(x, _mm256_set1_pd(0.0));
        _mm256_add_pd(x, _mm256_and_pd(negative, self.q))
    }
}

impl Multiplicand {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn splat((value, quotient): (f64, f64)) -> Self {
        Self { value: _mm256_set1_pd(value), quotient: _mm256_set1_pd(quotient) }
    }
}

/// Runs `f` compiled with AVX2.
#[target_feature(enable = "avx2,fma")]
pub(crate) fn widen<R>(f: impl FnOnce() -> R) -> R {
    f()
}

/// `a_j := a_j b_j`, canonical. The length is a multiple of [`LANES`].
#[target_feature(enable = "avx2,fma")]
pub(crate) fn mul_assign(m: &Modulus, a: &mut [u64], b: &[u64]) {
    let prime = Prime::new(m);
    for (a, b) in a.as_chunks_mut::<LANES>().0.iter_mut().zip(b.as_chunks::<LANES>().0) {
        let product = prime.mul_residues(to_double(load(a)), to_double(load(b)));
        store(a, to_words(prime.canonical(product)));
    }
}

/// `acc_j := acc_j + a_j b_j`, canonical. The length is a multiple of [`LANES`].
#[target_feature(enable = "avx2,fma")]
pub(crate) fn mul_add_assign(m: &Modulus, acc: &mut [u64], a: &[u64], b: &[u64]) {
    let prime = Prime::new(m);
    let operands = a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0);
    for (acc, (a, b)) in acc.as_chunks_mut::<LANES>().0.iter_mut().zip(operands) {
        let product = prime.mul_residues(to_double(load(a)), to_double(load(b)));
        // acc - q is in [-q, 0), the product within (1/2 + 2^-8) q: the first sum is in (-1.51 q, 0.51 q); after the first
        // conditional addition it is in (-0.51 q, q).
        let sum = _mm256_add_pd(_mm256_sub_pd(to_double(load(acc)), prime.q), product);
        store(acc, to_words(prime.canonical(prime.canonical(sum))));
    }
}

/// `a_j := a_j k` for canonical k, canonical. The length is a multiple of [`LANES`].
#[target_feature(enable = "avx2,fma")]
pub(crate) fn scale_assign(m: &Modulus, a: &mut [u64], k: u64) {
    let prime = Prime::new(m);
    let k = _mm256_set1_pd(k as f64);
    for a in a.as_chunks_mut::<LANES>().0 {
        store(a, to_words(prime.canonical(prime.mul_residues(to_double(load(a)), k))));
    }
}

/// Residues of signed words, canonical. The length is a multiple of [`LANES`].
#[target_feature(enable = "avx2,fma")]
pub(crate) fn reduce_signed(m: &Modulus, out: &mut [u64], words: &[i64]) {
    const SIGN: u64 = 1 << 31;
    let prime = Prime::new(m);
    let carry = Multiplicand::splat(centred(m, m.reduce(1 << 32)));
    let low_half = _mm256_castsi256_pd(_mm256_set1_epi64x(0xffff_ffff));
    let sign = _mm256_set1_epi64x(SIGN as i64);
    for (out, words) in out.as_chunks_mut::<LANES>().0.iter_mut().zip(words.as_chunks::<LANES>().0) {
        let word = load(&words.map(|x| x as u64));
        let low = to_double(_mm256_and_pd(word, low_half));
        // The high half plus 2^31 is not negative.
        let high = _mm256_xor_si256(_mm256_srli_epi64::<32>(_mm256_castpd_si256(word)), sign);
        let high = _mm256_sub_pd(to_double(_mm256_castsi256_pd(high)), _mm256_set1_pd(SIGN as f64));
        // Within (-0.54 q, 0.54 q + 2^32).
        let sum = _mm256_add_pd(prime.mul(high, carry), low);
        store(out, to_words(prime.canonical(sum)));
    }
}

/// [`Combination::apply`]. The length of `values` is a multiple of [`LANES`].
#[target_feature(enable = "avx2,fma")]
pub(crate) fn combine(m: &Modulus, values: &mut [u64], combination: &Combination, pieces: &[[u64; CHUNK]]) {
    let prime = Prime::new(m);
    let factors = combination.factors.map(|w| Multiplicand::splat(centred(m, w.value)));
    let constant = _mm256_set1_pd(combination.constant as f64);
    for (j, x) in values.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        // Two residues and at most five products of at most 0.54 q: below 2^46.
        let mut sum = _mm256_add_pd(to_double(load(x)), constant);
        for (piece, w) in pieces.iter().zip(&factors) {
            let piece = to_double(load(&piece.as_chunks::<LANES>().0[j]));
            sum = _mm256_add_pd(sum, prime.mul(piece, *w));
        }
        store(x, to_words(prime.canonical(prime.reduce(sum))));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::modulus::MODULI;
    use super::super::Backend;
    use super::*;

    /// The bounds of the module documentation at their ends, against integers.
    #[target_feature(enable = "avx2,fma")]
    fn check(m: &Modulus, x: i64, w: u64) {
        let (prime, q) = (Prime::new(m), i128::from(m.q()));
        let read = |v: __m256d| {
            let mut lanes = [0; LANES];
            store(&mut lanes, v);
            i128::from(f64::from_bits(lanes[2]) as i64)
        };
        let lanes = |x: i64| load(&[(x as f64).to_bits(); LANES]);
        let product = read(prime.mul(lanes(x), Multiplicand::splat(centred(m, w))));
        assert_eq!((i128::from(x) * i128::from(w) - product) % q, 0);
        assert!(product.abs() * 32 <= 17 * q);
        let reduced = read(prime.reduce(lanes(x)));
        assert_eq!((i128::from(x) - reduced) % q, 0);
        assert!(reduced.abs() * 32 <= 17 * q);
        let (a, b) = (m.signed(x), w);
        let product = read(prime.mul_residues(lanes(a as i64), lanes(b as i64)));
        assert_eq!((i128::from(a) * i128::from(b) - product) % q, 0);
        assert!(product.abs() * 256 <= 129 * q);
    }

    #[test]
    fn exact_at_the_bounds() {
        if !Backend::available().any(|backend| backend.name() == "avx2") {
            return;
        }
        for m in MODULI {
            let q = m.q() as i64;
            let mut state = 1_i64;
            let mut any = || {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                state
            };
            let random: [i64; 200] = core::array::from_fn(|_| any() >> 14);
            let fixed = [
                0,
                1,
                -1,
                q,
                -q,
                q / 2,
                -q / 2,
                q / 2 + 1,
                127 * q,
                127 * q + q / 2,
                1 << 50,
                -(1 << 50),
                (1 << 50) - 1,
            ];
            for x in fixed.into_iter().chain(random) {
                for w in [0, 1, 2, q / 2 - 1, q / 2, q / 2 + 1, q - 2, q - 1, any().rem_euclid(q)] {
                    // SAFETY: `detect` found the instructions.
                    unsafe { check(&m, x, w as u64) };
                }
            }
        }
    }

    #[test]
    fn the_assertion_sees_every_lane() {
        if !Backend::available().any(|backend| backend.name() == "avx2") {
            return;
        }
        let seen = |lanes: [f64; LANES]| {
            // SAFETY: the instructions were just found.
            unsafe { within(load(&lanes.map(f64::to_bits)), LIMIT) }
        };
        assert!(seen([0.0, -0.0, LIMIT, -LIMIT]));
        for lane in 0..LANES {
            for wrong in [0.5, LIMIT + 1.0, -LIMIT - 1.0, 1e-300, f64::NAN, f64::INFINITY] {
                let mut lanes = [1.0; LANES];
                lanes[lane] = wrong;
                assert!(!seen(lanes), "{wrong} in lane {lane}");
            }
        }
    }
}
