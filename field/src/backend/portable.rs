//! Kernels in integer arithmetic: constant time, any processor, and the oracle of the others.

use crate::Fp;

pub(super) fn add_assign(a: &mut [Fp], b: &[Fp]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a += b;
    }
}

pub(super) fn sub_assign(a: &mut [Fp], b: &[Fp]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a -= b;
    }
}

pub(super) fn neg_assign(a: &mut [Fp]) {
    for a in a {
        *a = -*a;
    }
}

pub(super) fn mul_assign(a: &mut [Fp], b: &[Fp]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a *= b;
    }
}

pub(super) fn scale_assign(a: &mut [Fp], k: Fp) {
    for a in a {
        *a *= k;
    }
}

pub(super) fn axpy(acc: &mut [Fp], k: Fp, x: &[Fp]) {
    for (acc, x) in acc.iter_mut().zip(x) {
        *acc += k * x;
    }
}

pub(super) fn dot(a: &[Fp], b: &[Fp]) -> Fp {
    // A product is below 2^88: 2^40 of them fit 128 bits, and no slice in memory is that long.
    let total = a.iter().zip(b).map(|(a, b)| u128::from(a.to_u64()) * u128::from(b.to_u64())).sum();
    Fp::from_u128(total)
}

pub(super) fn sum(a: &[Fp]) -> Fp {
    // 2^20 elements below 2^44 fit 64 bits.
    a.chunks(1 << 20).map(|block| Fp::new(block.iter().map(|v| v.to_u64()).sum())).sum()
}
