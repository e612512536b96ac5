//! Kernels on slices of elements: portable integer code, or AVX2 with fused multiply-add where the processor has
//! it (see [`crate::cpu`]). Both produce the same elements. All are constant time in the values; the lengths and
//! the choice of backend are public.

use crate::Fp;
use crate::backend::Kernels;

/// `a[i] += b[i]`.
///
/// # Panics
/// If the lengths differ.
pub fn add_assign(a: &mut [Fp], b: &[Fp]) {
    assert_same_length(a, b);
    Kernels::detect().add_assign(a, b);
}

/// `a[i] -= b[i]`.
///
/// # Panics
/// If the lengths differ.
pub fn sub_assign(a: &mut [Fp], b: &[Fp]) {
    assert_same_length(a, b);
    Kernels::detect().sub_assign(a, b);
}

/// `a[i] = -a[i]`.
pub fn neg_assign(a: &mut [Fp]) {
    Kernels::detect().neg_assign(a);
}

/// `a[i] *= b[i]`.
///
/// # Panics
/// If the lengths differ.
pub fn mul_assign(a: &mut [Fp], b: &[Fp]) {
    assert_same_length(a, b);
    Kernels::detect().mul_assign(a, b);
}

/// `a[i] *= k`.
pub fn scale_assign(a: &mut [Fp], k: Fp) {
    Kernels::detect().scale_assign(a, k);
}

/// `acc[i] += k * x[i]`.
///
/// # Panics
/// If the lengths differ.
pub fn axpy(acc: &mut [Fp], k: Fp, x: &[Fp]) {
    assert_same_length(acc, x);
    Kernels::detect().axpy(acc, k, x);
}

/// The inner product `sum(a[i] * b[i])`; zero for empty slices.
///
/// # Panics
/// If the lengths differ.
#[must_use]
pub fn dot(a: &[Fp], b: &[Fp]) -> Fp {
    assert_same_length(a, b);
    Kernels::detect().dot(a, b)
}

/// The sum of all elements; zero for an empty slice.
#[must_use]
pub fn sum(a: &[Fp]) -> Fp {
    Kernels::detect().sum(a)
}

#[track_caller]
fn assert_same_length(a: &[Fp], b: &[Fp]) {
    assert_eq!(a.len(), b.len(), "slices of different length");
}
