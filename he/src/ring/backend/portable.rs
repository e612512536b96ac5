//! Kernels in integer arithmetic on 64-bit words; the oracle of the others.

use super::super::flood::{CHUNK, Combination};
use super::super::modulus::Modulus;

#[inline(always)]
pub(super) fn widen<R>(f: impl FnOnce() -> R) -> R {
    f()
}

pub(super) fn mul_assign(m: &Modulus, a: &mut [u64], b: &[u64]) {
    a.iter_mut().zip(b).for_each(|(a, &b)| *a = m.mul(*a, b));
}

pub(super) fn mul_add_assign(m: &Modulus, acc: &mut [u64], a: &[u64], b: &[u64]) {
    acc.iter_mut().zip(a.iter().zip(b)).for_each(|(x, (&a, &b))| *x = m.add(*x, m.mul(a, b)));
}

pub(super) fn scale_assign(m: &Modulus, a: &mut [u64], k: u64) {
    a.iter_mut().for_each(|a| *a = m.mul(*a, k));
}

pub(super) fn reduce_signed(m: &Modulus, out: &mut [u64], words: &[i64]) {
    out.iter_mut().zip(words).for_each(|(x, &word)| *x = m.signed(word));
}

pub(super) fn combine(m: &Modulus, values: &mut [u64], combination: &Combination, pieces: &[[u64; CHUNK]]) {
    combination.apply(m, values, pieces);
}
