//! Uniform sampling with ark-std's generators, and our generators for ark-std, which sits on rand_core 0.6.

use crate::Fp;
use ark_std::rand::distributions::{Distribution, Standard};
use ark_std::rand::{self, RngCore};
use core::fmt;
use rand_core::CryptoRng;

impl Distribution<Fp> for Standard {
    /// A uniform element, by rejection from 44-bit words; gives `Fp` ark-std's `UniformRand`.
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> Fp {
        loop {
            if let Some(v) = Fp::from_canonical(rng.next_u64() >> (64 - 44)) {
                return v;
            }
        }
    }
}

/// Lends a generator of rand_core 0.10 to code that wants one of rand_core 0.6, such as ark-std's.
///
/// ```
/// # use ark_std::UniformRand;
/// # use muse_field::{Fp, ark::ArkRng, prg::Prg};
/// let mut prg = Prg::from_seed([0; 32]);
/// let element = Fp::rand(&mut ArkRng(&mut prg));
/// # let _ = element;
/// ```
pub struct ArkRng<'a, R>(pub &'a mut R);

impl<R: CryptoRng> RngCore for ArkRng<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill_bytes(out);
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand::Error> {
        self.0.fill_bytes(out);
        Ok(())
    }
}

impl<R: CryptoRng> rand::CryptoRng for ArkRng<'_, R> {}

impl<R> fmt::Debug for ArkRng<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ArkRng(..)")
    }
}
