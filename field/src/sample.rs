//! Uniform elements by rejection from 44-bit words.
//!
//! A 44-bit word is an element with probability p / 2^44 = 1 - 2^-17.1, otherwise it is dropped. How many words
//! were dropped is visible in the running time and tells nothing about the ones that were kept.

use crate::{Fp, MODULUS, ct};
use rand_core::CryptoRng;

/// One uniform element. Takes 64 bits from `rng` a try.
#[must_use]
pub fn uniform(rng: &mut impl CryptoRng) -> Fp {
    loop {
        let word = rng.next_u64() & WORD_MASK;
        // Whether a word is dropped says nothing about the one that is kept.
        if ct::disclosed(word < MODULUS) {
            return Fp::new(word);
        }
    }
}

/// Overwrites `out` with uniform elements. Takes 44 bits from `rng` a try, in batches of 64 tries.
///
/// The result is a function of the generator and of `out.len()`, on every processor; splitting a slice into several
/// calls gives other elements.
pub fn fill_uniform(out: &mut [Fp], rng: &mut impl CryptoRng) {
    let mut buffer = zeroize::Zeroizing::new([0u8; BATCH * 11 / 2]);
    let mut filled = 0;
    while filled < out.len() {
        rng.fill_bytes(&mut *buffer);
        for pair in buffer.chunks_exact(11) {
            let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10] = *pair else { continue };
            let low = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, 0, 0]) & WORD_MASK;
            let high = u64::from_le_bytes([b5, b6, b7, b8, b9, b10, 0, 0]) >> 4;
            for word in [low, high] {
                if filled < out.len() {
                    // Write first, keep it only if it is an element: the branch is on the rejection alone.
                    out[filled] = Fp::new(word);
                    filled += usize::from(ct::disclosed(word < MODULUS));
                }
            }
        }
    }
}

const WORD_MASK: u64 = (1 << 44) - 1;
/// Words in one request to the generator.
pub(crate) const BATCH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prg::Prg;
    use alloc::vec;
    use alloc::vec::Vec;
    use core::convert::Infallible;
    use rand_core::{TryCryptoRng, TryRng};

    /// A generator that replays bytes, then zeros.
    struct Replay(Vec<u8>);
    impl TryRng for Replay {
        type Error = Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            let mut word = [0; 4];
            self.try_fill_bytes(&mut word)?;
            Ok(u32::from_le_bytes(word))
        }
        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            let mut word = [0; 8];
            self.try_fill_bytes(&mut word)?;
            Ok(u64::from_le_bytes(word))
        }
        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
            for byte in out {
                *byte = if self.0.is_empty() { 0 } else { self.0.remove(0) };
            }
            Ok(())
        }
    }
    impl TryCryptoRng for Replay {}

    #[test]
    fn words_from_p_on_are_rejected() {
        let mut bytes = vec![];
        for word in [u64::MAX, MODULUS, MODULUS - 1] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        assert_eq!(uniform(&mut Replay(bytes)), Fp::NEG_ONE);

        // The same three words as 44-bit fields: all ones, p, then p - 1 and 5.
        let (first, second) =
            ((u128::from(MODULUS) << 44) | u128::from(WORD_MASK), (5u128 << 44) | u128::from(MODULUS - 1));
        let mut bytes = first.to_le_bytes()[..11].to_vec();
        bytes.extend_from_slice(&second.to_le_bytes()[..11]);
        let mut out = [Fp::ONE; 2];
        fill_uniform(&mut out, &mut Replay(bytes));
        assert_eq!(out, [Fp::NEG_ONE, Fp::new(5)]);
    }

    #[test]
    fn looks_uniform() {
        let mut out = vec![Fp::ZERO; 40_000];
        fill_uniform(&mut out, &mut Prg::from_seed([1; 32]));
        let upper = out.iter().filter(|v| v.to_u64() >= MODULUS / 2).count();
        // Five standard deviations of a fair coin.
        assert!(upper.abs_diff(20_000) < 500, "{upper}");
        fill_uniform(&mut [], &mut Prg::from_seed([1; 32]));
    }
}
