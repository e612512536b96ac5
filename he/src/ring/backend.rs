//! Which kernels run: the portable ones, always compiled, or those of the processor. All give the same canonical residues.
//!
//! The only unsafe code of the crate is here and in the modules below: calls of functions that need instructions which
//! [`Backend::detect`] found, and loads and stores of vectors.

use super::flood::{CHUNK, Combination};
use super::modulus::MODULI;
use super::ntt::Twiddles;

#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod avx2;
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod avx512;
#[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
mod passes;

/// The kernels of a context, chosen once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// Integer arithmetic on 64-bit words; the oracle of the others.
    Portable,
    /// AVX2 and FMA. Exists only on a processor that has them.
    #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
    Avx2,
    /// AVX-512 with products of 52 bits. Exists only on a processor that has them.
    #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
    Avx512,
}

impl Backend {
    /// The fastest kernels that this processor runs.
    pub(crate) fn detect() -> Self {
        Self::available().next().unwrap_or(Self::Portable)
    }

    /// All kernels that this processor runs, the fastest first.
    pub(crate) fn available() -> impl Iterator<Item = Self> {
        #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
        let vectors = {
            let features = muse_field::cpu::features();
            [
                features.avx512ifma.then_some(Self::Avx512),
                (features.avx2 && features.fma).then_some(Self::Avx2),
            ]
        };
        #[cfg(not(all(target_arch = "x86_64", not(muse_backend = "portable"))))]
        let vectors: [Option<Self>; 0] = [];
        vectors.into_iter().flatten().chain([Self::Portable])
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            Self::Avx2 => "avx2",
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            Self::Avx512 => "avx512ifma",
        }
    }

    /// Runs `f`, portable code, compiled for the vectors of this processor: loops of additions and masks become several times
    /// faster, and their results cannot change.
    #[inline(always)]
    pub(crate) fn widen<R>(self, f: impl FnOnce() -> R) -> R {
        match self {
            Self::Portable => f(),
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX2 and FMA.
            Self::Avx2 => unsafe { avx2::widen(f) },
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX-512 and its products of 52 bits.
            Self::Avx512 => unsafe { avx512::widen(f) },
        }
    }

    /// `a_j := a_j b_j` modulo prime `limb`, canonical.
    pub(crate) fn mul_assign(self, limb: usize, a: &mut [u64], b: &[u64]) {
        let m = &MODULI[limb];
        match self {
            Self::Portable => a.iter_mut().zip(b).for_each(|(a, &b)| *a = m.mul(*a, b)),
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX2 and FMA.
            Self::Avx2 => unsafe { avx2::mul_assign(m, a, b) },
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX-512 and its products of 52 bits.
            Self::Avx512 => unsafe { avx512::mul_assign(m, a, b) },
        }
    }

    /// `acc_j := acc_j + a_j b_j` modulo prime `limb`, canonical.
    pub(crate) fn mul_add_assign(self, limb: usize, acc: &mut [u64], a: &[u64], b: &[u64]) {
        let m = &MODULI[limb];
        match self {
            Self::Portable => {
                acc.iter_mut().zip(a.iter().zip(b)).for_each(|(x, (&a, &b))| *x = m.add(*x, m.mul(a, b)));
            }
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX2 and FMA.
            Self::Avx2 => unsafe { avx2::mul_add_assign(m, acc, a, b) },
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX-512 and its products of 52 bits.
            Self::Avx512 => unsafe { avx512::mul_add_assign(m, acc, a, b) },
        }
    }

    /// `a_j := a_j k` modulo prime `limb` for canonical k, canonical.
    pub(crate) fn scale_assign(self, limb: usize, a: &mut [u64], k: u64) {
        let m = &MODULI[limb];
        match self {
            Self::Portable => a.iter_mut().for_each(|a| *a = m.mul(*a, k)),
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX2 and FMA.
            Self::Avx2 => unsafe { avx2::scale_assign(m, a, k) },
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX-512 and its products of 52 bits.
            Self::Avx512 => unsafe { avx512::scale_assign(m, a, k) },
        }
    }

    /// The residues modulo prime `limb` of signed words.
    pub(crate) fn reduce_signed(self, limb: usize, out: &mut [u64], words: &[i64]) {
        let m = &MODULI[limb];
        match self {
            Self::Portable => out.iter_mut().zip(words).for_each(|(x, &word)| *x = m.signed(word)),
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX2 and FMA.
            Self::Avx2 => unsafe { avx2::reduce_signed(m, out, words) },
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX-512 and its products of 52 bits.
            Self::Avx512 => unsafe { avx512::reduce_signed(m, out, words) },
        }
    }

    /// [`Combination::apply`] modulo prime `limb`.
    pub(crate) fn combine(
        self,
        limb: usize,
        values: &mut [u64],
        combination: &Combination,
        pieces: &[[u64; CHUNK]],
    ) {
        let m = &MODULI[limb];
        match self {
            Self::Portable => combination.apply(m, values, pieces),
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX2 and FMA.
            Self::Avx2 => unsafe { avx2::combine(m, values, combination, pieces) },
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            // SAFETY: this variant exists only on a processor with AVX-512 and its products of 52 bits.
            Self::Avx512 => unsafe { avx512::combine(m, values, combination, pieces) },
        }
    }
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
        match backend {
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            Backend::Avx2 if n >= avx2::ntt::MIN_DEGREE => Self::Avx2(avx2::ntt::Tables::new(&twiddles)),
            #[cfg(all(target_arch = "x86_64", not(muse_backend = "portable")))]
            Backend::Avx512 if n >= avx512::ntt::MIN_DEGREE => {
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
