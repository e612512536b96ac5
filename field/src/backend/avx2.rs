//! Kernels for AVX2 with fused multiply-add: four elements at a time, products in double precision.
//!
//! Elements are below 2^44, hence exact as doubles; [`lanes`] computes `a*b mod p` from a rounded quotient and two
//! exact residuals, with the bounds proved there. Results are canonical and equal those of the portable kernels.
//!
//! Every kernel walks the slices in groups of four; a last group that is not full goes through a buffer padded with
//! zeros. Only lengths steer the control flow.

mod lanes;

use crate::Fp;
use core::arch::x86_64::__m256i;
use lanes::LANES;

#[target_feature(enable = "avx2,fma")]
pub(super) fn add_assign(a: &mut [Fp], b: &[Fp]) {
    zip_lanes(a, b, |a, b| lanes::add(a, b));
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn sub_assign(a: &mut [Fp], b: &[Fp]) {
    zip_lanes(a, b, |a, b| lanes::sub(a, b));
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn neg_assign(a: &mut [Fp]) {
    map_lanes(a, |a| lanes::sub(lanes::splat(0), a));
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn mul_assign(a: &mut [Fp], b: &[Fp]) {
    zip_lanes(a, b, |a, b| lanes::mul(a, b));
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn scale_assign(a: &mut [Fp], k: Fp) {
    let k = lanes::Multiplier::new(k);
    map_lanes(a, |a| k.mul(a));
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn axpy(acc: &mut [Fp], k: Fp, x: &[Fp]) {
    let k = lanes::Multiplier::new(k);
    zip_lanes(acc, x, |acc, x| lanes::add(acc, k.mul(x)));
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn dot(a: &[Fp], b: &[Fp]) -> Fp {
    a.chunks(lanes::ProductSum::CAPACITY * LANES)
        .zip(b.chunks(lanes::ProductSum::CAPACITY * LANES))
        .map(|(a, b)| {
            let mut total = lanes::ProductSum::new();
            let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
            for (a, b) in a.iter().zip(b) {
                total.add(lanes::load(a), lanes::load(b));
            }
            if !a_rest.is_empty() {
                total.add(lanes::load(&padded(a_rest)), lanes::load(&padded(b_rest)));
            }
            total.finish()
        })
        .sum()
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn sum(a: &[Fp]) -> Fp {
    a.chunks(lanes::Sum::CAPACITY * LANES)
        .map(|block| {
            let mut total = lanes::Sum::new();
            let (groups, rest) = block.as_chunks::<LANES>();
            for group in groups {
                total.add(lanes::load(group));
            }
            total.add(lanes::load(&padded(rest)));
            total.finish()
        })
        .sum()
}

/// `a[i] = f(a[i], b[i])`, four at a time.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn zip_lanes(a: &mut [Fp], b: &[Fp], f: impl Fn(__m256i, __m256i) -> __m256i) {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks_mut::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter_mut().zip(b) {
        lanes::store(f(lanes::load(a), lanes::load(b)), a);
    }
    if !a_rest.is_empty() {
        let mut last = padded(a_rest);
        lanes::store(f(lanes::load(&last), lanes::load(&padded(b_rest))), &mut last);
        a_rest.copy_from_slice(&last[..a_rest.len()]);
    }
}

/// `a[i] = f(a[i])`, four at a time.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn map_lanes(a: &mut [Fp], f: impl Fn(__m256i) -> __m256i) {
    let (groups, rest) = a.as_chunks_mut::<LANES>();
    for group in groups {
        lanes::store(f(lanes::load(group)), group);
    }
    if !rest.is_empty() {
        let mut last = padded(rest);
        lanes::store(f(lanes::load(&last)), &mut last);
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// Fewer than four elements, followed by zeros.
#[inline]
fn padded(rest: &[Fp]) -> [Fp; LANES] {
    let mut group = [Fp::ZERO; LANES];
    group[..rest.len()].copy_from_slice(rest);
    group
}
