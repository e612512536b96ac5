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

/// Proof that the processor has AVX2 and FMA.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    /// The proof, if the probe found both.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        let features = super::cpu::features();
        (features.avx2 && features.fma).then_some(Self(()))
    }
}

/// Gives each kernel a safe face on the proof.
macro_rules! with_proof {
    ($(fn $name:ident($($arg:ident: $Arg:ty),*) $(-> $Out:ty)?;)+) => {
        impl Avx2 {$(
            pub(super) fn $name(self, $($arg: $Arg),*) $(-> $Out)? {
                // SAFETY: `self` proves that the processor has the instructions that the kernel enables.
                unsafe { $name($($arg),*) }
            }
        )+}
    };
}

with_proof! {
    fn add_assign(a: &mut [Fp], b: &[Fp]);
    fn sub_assign(a: &mut [Fp], b: &[Fp]);
    fn neg_assign(a: &mut [Fp]);
    fn mul_assign(a: &mut [Fp], b: &[Fp]);
    fn scale_assign(a: &mut [Fp], k: Fp);
    fn axpy(acc: &mut [Fp], k: Fp, x: &[Fp]);
    fn dot(a: &[Fp], b: &[Fp]) -> Fp;
    fn sum(a: &[Fp]) -> Fp;
}

#[target_feature(enable = "avx2,fma")]
fn add_assign(a: &mut [Fp], b: &[Fp]) {
    zip_lanes(a, b, |a, b| lanes::add(a, b));
}

#[target_feature(enable = "avx2,fma")]
fn sub_assign(a: &mut [Fp], b: &[Fp]) {
    zip_lanes(a, b, |a, b| lanes::sub(a, b));
}

#[target_feature(enable = "avx2,fma")]
fn neg_assign(a: &mut [Fp]) {
    map_lanes(a, |a| lanes::sub(lanes::splat(0), a));
}

#[target_feature(enable = "avx2,fma")]
fn mul_assign(a: &mut [Fp], b: &[Fp]) {
    zip_lanes(a, b, |a, b| lanes::mul(a, b));
}

#[target_feature(enable = "avx2,fma")]
fn scale_assign(a: &mut [Fp], k: Fp) {
    let k = lanes::Multiplier::new(k);
    map_lanes(a, |a| k.mul(a));
}

#[target_feature(enable = "avx2,fma")]
fn axpy(acc: &mut [Fp], k: Fp, x: &[Fp]) {
    let k = lanes::Multiplier::new(k);
    zip_lanes(acc, x, |acc, x| lanes::add(acc, k.mul(x)));
}

#[target_feature(enable = "avx2,fma")]
fn dot(a: &[Fp], b: &[Fp]) -> Fp {
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
fn sum(a: &[Fp]) -> Fp {
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
