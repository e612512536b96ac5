//! Kernels on slices, one module per instruction set, and the probe that chooses between them.
//!
//! The only place of the crate with `unsafe` code. The portable kernels are always compiled; every other backend
//! must produce the same canonical elements, which the tests check. Slices come with equal lengths:
//! [`crate::vector`] checked them.

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod avx2;
pub mod cpu;
mod kernels;
mod portable;
pub(crate) mod valgrind;

use crate::Fp;

/// `word`, about which the compiler knows nothing any more: it may not look into assembly.
#[inline(always)]
pub(crate) fn barrier(word: u64) -> u64 {
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    {
        let mut word = word;
        // SAFETY: no instruction; the result is in the register of the argument.
        unsafe {
            core::arch::asm!("/* {0} */", inout(reg) word, options(pure, nomem, nostack, preserves_flags));
        }
        word
    }
    #[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri))))]
    core::hint::black_box(word)
}

crate::kernels! {
    /// Kernels on slices of elements.
    pub(crate) struct Kernels(Choice) {
        Avx2 = avx2("avx2") if avx2 && fma;
    }
    #[inline]
    fn add_assign(a: &mut [Fp], b: &[Fp]);
    #[inline]
    fn sub_assign(a: &mut [Fp], b: &[Fp]);
    #[inline]
    fn neg_assign(a: &mut [Fp]);
    #[inline]
    fn mul_assign(a: &mut [Fp], b: &[Fp]);
    #[inline]
    fn scale_assign(a: &mut [Fp], k: Fp);
    #[inline]
    fn axpy(acc: &mut [Fp], k: Fp, x: &[Fp]);
    #[inline]
    fn dot(a: &[Fp], b: &[Fp]) -> Fp;
    #[inline]
    fn sum(a: &[Fp]) -> Fp;
}

#[cfg(test)]
mod tests;
