//! Kernels in integer arithmetic: constant time, any processor, and the oracle of the others.
//!
//! Lengths are equal: [`crate::vector`] checked them.

use crate::Fp;

pub(crate) fn add_assign(a: &mut [Fp], b: &[Fp]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a += b;
    }
}

pub(crate) fn sub_assign(a: &mut [Fp], b: &[Fp]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a -= b;
    }
}

pub(crate) fn neg_assign(a: &mut [Fp]) {
    for a in a {
        *a = -*a;
    }
}

pub(crate) fn mul_assign(a: &mut [Fp], b: &[Fp]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a *= b;
    }
}

pub(crate) fn scale_assign(a: &mut [Fp], k: Fp) {
    for a in a {
        *a *= k;
    }
}

pub(crate) fn axpy(acc: &mut [Fp], k: Fp, x: &[Fp]) {
    for (acc, x) in acc.iter_mut().zip(x) {
        *acc += k * x;
    }
}

pub(crate) fn dot(a: &[Fp], b: &[Fp]) -> Fp {
    // A product is below 2^88, so a block of 2^40 of them fits 128 bits; no slice in memory is that long.
    let total = a.iter().zip(b).map(|(a, b)| u128::from(a.to_u64()) * u128::from(b.to_u64())).sum();
    Fp::from_u128(total)
}

pub(crate) fn sum(a: &[Fp]) -> Fp {
    Fp::from_u128(a.iter().map(|a| u128::from(a.to_u64())).sum())
}
