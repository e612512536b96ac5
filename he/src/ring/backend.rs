//! Which kernels run: the portable ones, always compiled, or those of the processor. All give the same canonical residues.
//!
//! The only unsafe code of the crate is here and in the modules below: calls of functions that need instructions, which a
//! [`Backend`] proves to be there, and loads and stores of vectors.

use super::flood::{CHUNK, Combination};
use super::modulus::{MODULI, Modulus};
use super::ntt::Twiddles;

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod avx2;
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod avx512;
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod passes;
mod portable;

muse_field::kernels! {
    /// The kernels of a ring, chosen once.
    pub(crate) struct Backend(Choice) {
        Avx512 = avx512("avx512ifma") if avx512ifma;
        Avx2 = avx2("avx2") if avx2 && fma;
    }

    /// Runs `f`, portable code, compiled for the vectors of this processor: loops of additions and masks become several times
    /// faster, and their results cannot change.
    #[inline(always)]
    fn widen[R](f: impl FnOnce() -> R) -> R;

    /// `a_j := a_j b_j` modulo a prime, canonical.
    fn mul_assign(m: &Modulus, a: &mut [u64], b: &[u64]);

    /// `acc_j := acc_j + a_j b_j` modulo a prime, canonical.
    fn mul_add_assign(m: &Modulus, acc: &mut [u64], a: &[u64], b: &[u64]);

    /// `a_j := a_j k` modulo a prime for canonical k, canonical.
    fn scale_assign(m: &Modulus, a: &mut [u64], k: u64);

    /// The residues modulo a prime of signed words.
    fn reduce_signed(m: &Modulus, out: &mut [u64], words: &[i64]);

    /// [`Combination::apply`] modulo a prime.
    fn combine(m: &Modulus, values: &mut [u64], combination: &Combination, pieces: &[[u64; CHUNK]]);
}

/// The transform modulo one prime, with the tables of its kernels.
pub(crate) enum Transform {
    Portable(Twiddles),
    /// Exists only on a processor with AVX2 and FMA, with at least `avx2::ntt::MIN_DEGREE` values.
    #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
    Avx2(avx2::ntt::Tables),
    /// Exists only on a processor with AVX-512 and its products of 52 bits, with at least `avx512::ntt::MIN_DEGREE` values.
    #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
    Avx512(avx512::ntt::Tables),
}

impl Transform {
    /// Tables for degree `n` and prime `limb`. Very small degrees take the portable kernels.
    pub(crate) fn new(backend: Backend, limb: usize, n: usize) -> Self {
        let twiddles = Twiddles::new(MODULI[limb], n);
        match backend.0 {
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            Choice::Avx2 if n >= avx2::ntt::MIN_DEGREE => Self::Avx2(avx2::ntt::Tables::new(&twiddles)),
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            Choice::Avx512 if n >= avx512::ntt::MIN_DEGREE => {
                Self::Avx512(avx512::ntt::Tables::new(&twiddles))
            }
            _ => Self::Portable(twiddles),
        }
    }

    /// Coefficients to evaluations, canonical on both sides.
    pub(crate) fn forward(&self, values: &mut [u64]) {
        match self {
            Self::Portable(twiddles) => twiddles.forward(values),
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX2 and FMA.
            Self::Avx2(tables) => unsafe { avx2::ntt::forward(tables, values) },
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX-512 and its products of 52 bits.
            Self::Avx512(tables) => unsafe { avx512::ntt::forward(tables, values) },
        }
    }

    /// Evaluations to coefficients, canonical on both sides.
    pub(crate) fn inverse(&self, values: &mut [u64]) {
        match self {
            Self::Portable(twiddles) => twiddles.inverse(values),
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX2 and FMA.
            Self::Avx2(tables) => unsafe { avx2::ntt::inverse(tables, values) },
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX-512 and its products of 52 bits.
            Self::Avx512(tables) => unsafe { avx512::ntt::inverse(tables, values) },
        }
    }
}
