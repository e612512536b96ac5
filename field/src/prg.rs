//! [`Prg`]: ChaCha20 as a seedable generator with independent substreams.

use chacha20::ChaCha20Rng;
use core::convert::Infallible;
use core::fmt;
use rand_core::{CryptoRng, Rng, SeedableRng, TryCryptoRng, TryRng};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A pseudorandom generator: the ChaCha20 key stream of a 32-byte seed.
///
/// The output depends on the seed and on the sequence of calls only, never on the processor. Key, buffer and seed
/// are wiped on drop and `Debug` shows none of them.
///
/// A program seeds it from the operating system, here with the crate `getrandom`:
///
/// ```text
/// let mut seed = [0; 32];
/// getrandom::fill(&mut seed)?;
/// let mut rng = Prg::from_seed(seed);
/// ```
///
/// Fixed seeds, as in the examples of these crates, are for examples and tests only.
///
/// Reads of 32 or 64 bits take whole words of the stream; [`fill_bytes`](Rng::fill_bytes) of a length that is not
/// a multiple of 4 drops the rest of its last word. Two parties that must agree make the same calls.
pub struct Prg {
    stream: ChaCha20Rng,
    seed: [u8; 32],
}

impl Prg {
    /// The generator of a seed. One seed serves one purpose.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { stream: ChaCha20Rng::from_seed(seed), seed }
    }

    /// A generator whose seed is drawn from another one.
    #[must_use]
    pub fn from_rng(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        Self::from_seed(*seed)
    }

    /// The substream with this index, at position 0: a generator under a key hashed (BLAKE3, keyed) from this seed
    /// and the index, so it is independent of this generator, of its other substreams and of theirs.
    ///
    /// It does not depend on how much of this generator was used, so shards can be made in any order.
    #[must_use]
    pub fn substream(&self, index: u64) -> Self {
        let mut message = [0; 32];
        message[..24].copy_from_slice(b"muse-field prg substream");
        message[24..].copy_from_slice(&index.to_le_bytes());
        Self::from_seed(*blake3::keyed_hash(&self.seed, &message).as_bytes())
    }
}

impl TryRng for Prg {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.stream.next_u32())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.stream.next_u64())
    }

    #[inline]
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.stream.fill_bytes(out);
        Ok(())
    }
}

impl TryCryptoRng for Prg {}

impl Drop for Prg {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl ZeroizeOnDrop for Prg {}

impl fmt::Debug for Prg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prg(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn known_answer_of_the_zero_seed() {
        // RFC 8439, A.1, test vector 1: the key stream of the zero key, nonce and counter.
        let mut prg = Prg::from_seed([0; 32]);
        let mut out = [0; 16];
        prg.fill_bytes(&mut out);
        assert_eq!(
            out,
            [0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28]
        );
    }

    #[test]
    fn substreams_differ_and_ignore_the_position() {
        let mut root = Prg::from_seed([7; 32]);
        let first = root.substream(0).next_u64();
        assert_ne!(first, root.next_u64());
        assert_eq!(first, root.substream(0).next_u64());
        assert_ne!(first, root.substream(1).next_u64());
        // Nested substreams do not collide with direct ones.
        assert_ne!(root.substream(1).substream(2).next_u64(), root.substream(2).next_u64());
    }

    #[test]
    fn debug_is_redacted() {
        assert_eq!(format!("{:?}", Prg::from_seed([1; 32])), "Prg(..)");
    }
}
