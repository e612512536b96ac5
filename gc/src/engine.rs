//! Which instructions run the hash.

use muse_field::cpu;

/// An implementation of the hash. All give the same bytes; a [`Tweaks`](crate::hash::Tweaks) picks the fastest by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Engine {
    /// The `aes` crate, on any CPU; the oracle of the others.
    Portable,
    /// 128-bit AES instructions (AES, AVX2).
    AesNi,
    /// 256-bit AES instructions (VAES, AVX2).
    Vaes256,
    /// 512-bit AES instructions (VAES, AVX-512 F and BW).
    Vaes512,
}

impl Engine {
    /// All engines, slowest first.
    pub const ALL: [Self; 4] = [Self::Portable, Self::AesNi, Self::Vaes256, Self::Vaes512];

    /// The fastest engine of this CPU and build.
    #[must_use]
    pub fn detect() -> Self {
        let mut best = Self::Portable;
        for engine in Self::ALL {
            if engine.is_available() {
                best = engine;
            }
        }
        best
    }

    /// Whether this CPU and build have it. An engine that is not available is replaced by [`Portable`](Self::Portable).
    #[must_use]
    pub fn is_available(self) -> bool {
        let has = cpu::features();
        match self {
            Self::Portable => true,
            Self::AesNi => has.aes && has.avx2,
            Self::Vaes256 => has.vaes && has.avx2,
            Self::Vaes512 => has.vaes && has.avx2 && has.avx512,
        }
    }
}
