//! How many units both parties make, send and open together.

/// Ciphertexts or replies made or opened at once: what bounds memory.
pub(crate) const CIPHERTEXTS: usize = 8;

/// Instances garbled, sent, opened and evaluated together. A multiple of 64, so that every chunk of tables or rows starts on
/// a block of the seal's pad.
pub(crate) const INSTANCES: usize = 512;

/// Groups of random values that are made, or decrypted, before the next ones.
pub(crate) const RANDOMS: usize = 8;
