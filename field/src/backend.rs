//! Kernels on slices, one module per instruction set, and the probe that chooses between them.
//!
//! The only place of the crate with `unsafe` code. The portable kernels are always compiled; every other backend
//! must produce the same canonical elements, which the tests check. Slices come with equal lengths:
//! [`crate::vector`] checked them.

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod avx2;
pub(crate) mod cpu;
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

/// Defines each kernel as a choice between the backends.
macro_rules! dispatch {
    ($(fn $name:ident($($arg:ident: $Arg:ty),*) $(-> $Out:ty)?;)+) => {$(
        #[inline]
        pub(crate) fn $name($($arg: $Arg),*) $(-> $Out)? {
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            if let Some(kernels) = avx2::Avx2::detect() {
                return kernels.$name($($arg),*);
            }
            portable::$name($($arg),*)
        }
    )+};
}

dispatch! {
    fn add_assign(a: &mut [Fp], b: &[Fp]);
    fn sub_assign(a: &mut [Fp], b: &[Fp]);
    fn neg_assign(a: &mut [Fp]);
    fn mul_assign(a: &mut [Fp], b: &[Fp]);
    fn scale_assign(a: &mut [Fp], k: Fp);
    fn axpy(acc: &mut [Fp], k: Fp, x: &[Fp]);
    fn dot(a: &[Fp], b: &[Fp]) -> Fp;
    fn sum(a: &[Fp]) -> Fp;
}

#[cfg(all(test, target_arch = "x86_64", not(muse_backend = "portable")))]
mod tests;
