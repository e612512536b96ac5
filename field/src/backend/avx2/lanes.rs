//! Four elements of F in one register.
//!
//! # Products in double precision
//!
//! Write `u = 2^-53` for the unit roundoff, `rn` for rounding to nearest and `i = rn(1/p)`. For integers
//! `0 <= a, b < p < 2^44` a product is `r = a*b - q*p`, computed as
//!
//! ```text
//! h = rn(a*b)                    l = fma(a, b, -h)        so a*b = h + l exactly
//! m = fma(h, i, 2^52)            q = m - 2^52             or, for a fixed b, m = fma(a, rn(b*i), 2^52)
//! r = fma(-q, p, h) + l
//! ```
//!
//! **The quotient.** `h*i` and `a*rn(b*i)` each contain two roundings, so they differ from `a*b/p < 2^44` by less than
//! `2.01 * u * 2^44 < 2^-7`. The fused operation adds 2^52 and rounds once, to an integer because its result lies
//! in `[2^52, 2^53]`; the subtraction is exact. So q is an integer and `|a*b/p - q| < 1/2 + 2^-7 < 0.508`.
//!
//! **The residual.** `a*b < 2^88`, so `|l| <= 2^34`, and l is representable because the product of two doubles
//! differs from its rounding by a double (no underflow: all are integers). `h - q*p = r - l` is an integer of absolute
//! value below `0.508 p + 2^34 < 2^44`, so the fused operation, which rounds once, returns it exactly; so is the final
//! sum. Hence r is exact and `|r| < 0.508 p`, which debug builds check.
//!
//! **Conversions.** The sum of 2^52 and an integer of absolute value below 2^51, if that integer is not negative, has it
//! as the low 52 bits of its representation. For signed ones the base is 3 * 2^51, and subtracting the
//! representation of the base as an integer leaves the number in two's complement. [`canonical`] then adds p to the
//! negative ones.

use crate::{Fp, MODULUS};
use core::arch::x86_64::{
    __m256d, __m256i, _CMP_LT_OQ, _mm256_add_epi64, _mm256_add_pd, _mm256_and_si256, _mm256_andnot_pd,
    _mm256_blendv_pd, _mm256_castpd_si256, _mm256_castsi256_pd, _mm256_cmp_pd, _mm256_cmpgt_epi64,
    _mm256_fmadd_pd, _mm256_fmsub_pd, _mm256_fnmadd_pd, _mm256_loadu_si256, _mm256_movemask_pd,
    _mm256_mul_epu32, _mm256_mul_pd, _mm256_or_si256, _mm256_set1_epi64x, _mm256_set1_pd, _mm256_srli_epi64,
    _mm256_storeu_si256, _mm256_sub_epi64, _mm256_sub_pd,
};

/// Elements in a register.
pub(super) const LANES: usize = 4;
const P: f64 = MODULUS as f64;
const P_INVERSE: f64 = 1.0 / P;
/// 2^52, where doubles are one apart. Its low 52 bits are zero, so smaller integers can be or-ed in.
const UNIT_SPACED: f64 = (1u64 << 52) as f64;
/// 3 * 2^51, with room for negative integers.
const UNIT_SPACED_SIGNED: f64 = (3u64 << 51) as f64;

/// Four elements from memory.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load(from: &[Fp; LANES]) -> __m256i {
    // SAFETY: `Fp` is a transparent u64, so the array is 32 readable bytes; the load needs no alignment.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
}

/// Four canonical representatives to memory.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store(v: __m256i, to: &mut [Fp; LANES]) {
    // SAFETY: `Fp` is a transparent u64, so the array is 32 writable bytes; the store needs no alignment. The lanes
    // are canonical, as every function here that returns elements guarantees.
    unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), v) }
}

/// The same 64-bit integer four times.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn splat(v: u64) -> __m256i {
    _mm256_set1_epi64x(v.cast_signed())
}

/// `a + b mod p`.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn add(a: __m256i, b: __m256i) -> __m256i {
    let sum = _mm256_add_epi64(a, b);
    choose_by_sign(_mm256_sub_epi64(sum, splat(MODULUS)), sum)
}

/// `a - b mod p`.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn sub(a: __m256i, b: __m256i) -> __m256i {
    let difference = _mm256_sub_epi64(a, b);
    choose_by_sign(difference, _mm256_add_epi64(difference, splat(MODULUS)))
}

/// `v` where it is not negative, else `otherwise`.
#[inline]
#[target_feature(enable = "avx2")]
fn choose_by_sign(v: __m256i, otherwise: __m256i) -> __m256i {
    let sign = _mm256_castsi256_pd(v);
    _mm256_castpd_si256(_mm256_blendv_pd(sign, _mm256_castsi256_pd(otherwise), sign))
}

/// Integers below 2^52 as doubles: exact.
#[inline]
#[target_feature(enable = "avx2")]
fn to_f64(v: __m256i) -> __m256d {
    let base = _mm256_set1_pd(UNIT_SPACED);
    _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(v, _mm256_castpd_si256(base))), base)
}

/// The canonical representatives of integers of absolute value below p.
#[inline]
#[target_feature(enable = "avx2")]
fn canonical(r: __m256d) -> __m256i {
    debug_assert!(below_p(r), "residual out of range");
    let base = _mm256_set1_pd(UNIT_SPACED_SIGNED);
    let signed = _mm256_sub_epi64(_mm256_castpd_si256(_mm256_add_pd(r, base)), _mm256_castpd_si256(base));
    let negative = _mm256_cmpgt_epi64(splat(0), signed);
    _mm256_add_epi64(signed, _mm256_and_si256(negative, splat(MODULUS)))
}

/// Whether every lane is below p in absolute value.
#[inline]
#[target_feature(enable = "avx2")]
fn below_p(r: __m256d) -> bool {
    let magnitude = _mm256_andnot_pd(_mm256_set1_pd(-0.0), r);
    _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LT_OQ>(magnitude, _mm256_set1_pd(P))) == 0b1111
}

/// `a * b mod p`.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn mul(a: __m256i, b: __m256i) -> __m256i {
    let (a, b) = (to_f64(a), to_f64(b));
    let high = _mm256_mul_pd(a, b);
    canonical(residual(a, b, high, rounded_product(high, _mm256_set1_pd(P_INVERSE))))
}

/// `a * b` rounded to an integer, for a result in `0..2^51`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn rounded_product(a: __m256d, b: __m256d) -> __m256d {
    let base = _mm256_set1_pd(UNIT_SPACED);
    _mm256_sub_pd(_mm256_fmadd_pd(a, b, base), base)
}

/// `a * b - quotient * p`, where `high` is `a * b` rounded.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn residual(a: __m256d, b: __m256d, high: __m256d, quotient: __m256d) -> __m256d {
    let low = _mm256_fmsub_pd(a, b, high);
    _mm256_add_pd(_mm256_fnmadd_pd(quotient, _mm256_set1_pd(P), high), low)
}

/// A factor that many elements are multiplied with.
#[derive(Clone, Copy)]
pub(super) struct Multiplier {
    factor: __m256d,
    /// The factor divided by p.
    ratio: __m256d,
}

impl Multiplier {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn new(k: Fp) -> Self {
        let factor = to_f64(splat(k.to_u64()));
        Self { factor, ratio: _mm256_mul_pd(factor, _mm256_set1_pd(P_INVERSE)) }
    }

    /// `k * x mod p`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn mul(self, x: __m256i) -> __m256i {
        let x = to_f64(x);
        let high = _mm256_mul_pd(x, self.factor);
        canonical(residual(x, self.factor, high, rounded_product(x, self.ratio)))
    }
}

/// An exact sum of products, in integers: elements are cut at bit 22, partial products are below 2^44.
pub(super) struct ProductSum {
    low: __m256i,
    middle: __m256i,
    high: __m256i,
}

impl ProductSum {
    /// Additions that cannot overflow: the middle takes less than 2^45 each.
    pub(super) const CAPACITY: usize = 1 << 19;
    const CUT: i32 = 22;

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn new() -> Self {
        Self { low: splat(0), middle: splat(0), high: splat(0) }
    }

    /// Adds `a * b`, lane by lane.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn add(&mut self, a: __m256i, b: __m256i) {
        let mask = splat((1 << Self::CUT) - 1);
        let (a0, a1) = (_mm256_and_si256(a, mask), _mm256_srli_epi64::<{ Self::CUT }>(a));
        let (b0, b1) = (_mm256_and_si256(b, mask), _mm256_srli_epi64::<{ Self::CUT }>(b));
        let cross = _mm256_add_epi64(_mm256_mul_epu32(a0, b1), _mm256_mul_epu32(a1, b0));
        self.low = _mm256_add_epi64(self.low, _mm256_mul_epu32(a0, b0));
        self.middle = _mm256_add_epi64(self.middle, cross);
        self.high = _mm256_add_epi64(self.high, _mm256_mul_epu32(a1, b1));
    }

    /// The sum over all lanes, reduced.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn finish(self) -> Fp {
        let (low, middle, high) = (across(self.low), across(self.middle), across(self.high));
        // Each part is below 2^66, so the total is below 2^111.
        Fp::from_u128(low + (middle << Self::CUT) + (high << (2 * Self::CUT)))
    }
}

/// An exact sum of elements.
pub(super) struct Sum(__m256i);

impl Sum {
    /// Additions that cannot overflow.
    pub(super) const CAPACITY: usize = 1 << 19;

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn new() -> Self {
        Self(splat(0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn add(&mut self, v: __m256i) {
        self.0 = _mm256_add_epi64(self.0, v);
    }

    /// The sum over all lanes, reduced.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn finish(self) -> Fp {
        Fp::from_u128(across(self.0))
    }
}

/// The sum of the four lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn across(v: __m256i) -> u128 {
    let mut lanes = [0u64; LANES];
    // SAFETY: the array is 32 writable bytes; the store needs no alignment.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), v) };
    lanes.into_iter().map(u128::from).sum()
}
