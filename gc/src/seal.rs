//! Sealing: garbled material travels under a pad until its labels are sent.
//!
//! Tables go out before the garbler's inputs are chosen, and those depend on what the evaluator sends in between, so the
//! evaluator must not see the tables when it chooses (Bellare, Hoang, Rogaway, *Adaptively secure garbling*, ASIACRYPT 2012: garbling
//! with a one-time pad that is part of the garbled input). The pad of a layer is AES-128 in counter mode under a key of its
//! own, revealed with the layer's labels; the simulator that fills in the tables afterwards programs it as an ideal cipher.
//!
//! The pad belongs to absolute offsets in the layer's byte stream, so pieces may be sealed and opened in any order and
//! split anywhere.

use muse_field::wire::message;
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::backend::aes::{Job, Kernel, LANES};
use crate::hash::Engine;
use crate::label::Block;

/// Bytes of pad made at once: four vectors of eight blocks.
const CHUNK: usize = BATCH * LANES * Block::BYTES;
const BATCH: usize = 4;

message! {
    /// The key of one layer's pad. Used for one byte stream only; secret of the garbler until the labels are sent.
    #[derive(Zeroize, ZeroizeOnDrop)]
    pub struct SealKey(Block), redacted;
}

impl SealKey {
    /// A fresh key.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(Block::random(rng))
    }

    /// Adds the pad of bytes `offset..offset + bytes.len()` of the stream to `bytes`: seals, or opens what was sealed.
    ///
    /// Any offset works; multiples of 512 are fastest. With the feature `parallel`, on all cores.
    ///
    /// # Panics
    /// If the stream would be longer than 2^64 - 1 bytes.
    pub fn apply(&self, offset: u64, bytes: &mut [u8]) {
        self.apply_with(Engine::detect(), offset, bytes);
    }

    /// [`apply`](Self::apply) on a chosen engine: same bytes, other speed. For tests and measurements.
    ///
    /// # Panics
    /// As [`apply`](Self::apply).
    pub fn apply_with(&self, engine: Engine, offset: u64, bytes: &mut [u8]) {
        assert!(offset.checked_add(bytes.len() as u64).is_some(), "a stream of less than 2^64 bytes");
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            const SHARD: usize = 128 * CHUNK;
            if bytes.len() > SHARD {
                bytes.par_chunks_mut(SHARD).enumerate().for_each(|(i, bytes)| {
                    engine.run(Pad { key: self.0, offset: offset + (i * SHARD) as u64, bytes });
                });
                return;
            }
        }
        engine.run(Pad { key: self.0, offset, bytes });
    }
}

struct Pad<'a> {
    key: Block,
    offset: u64,
    bytes: &'a mut [u8],
}

impl Job for Pad<'_> {
    type Output = ();

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let cipher = kernel.cipher(self.key);
        let chunk = CHUNK as u64;
        let (mut number, skip) = (self.offset / chunk, (self.offset % chunk) as usize);
        // The first piece ends where a chunk of the stream does; then whole chunks follow, and a rest.
        let (head, rest) = self.bytes.split_at_mut(self.bytes.len().min((CHUNK - skip) % CHUNK));
        let mut pad = [[Block::ZERO; LANES]; BATCH];
        if !head.is_empty() {
            fill(kernel, &cipher, number, &mut pad);
            add(head, &pad, skip);
            number += 1;
        }
        for bytes in rest.chunks_mut(CHUNK) {
            fill(kernel, &cipher, number, &mut pad);
            add(bytes, &pad, 0);
            number += 1;
        }
        pad.zeroize();
    }
}

/// The pad of one chunk of the stream: encryptions of the numbers of its blocks.
#[inline(always)]
fn fill<K: Kernel>(kernel: K, cipher: &K::Cipher, chunk: u64, pad: &mut [[Block; LANES]; BATCH]) {
    let first = u128::from(chunk) * (BATCH * LANES) as u128;
    let mut counters = [kernel.counters(first); BATCH];
    for (i, counters) in (0_u128..).zip(&mut counters) {
        *counters = kernel.counters(first + i * LANES as u128);
    }
    for (pad, lanes) in pad.iter_mut().zip(kernel.encrypt(cipher, counters)) {
        kernel.store(lanes, pad);
    }
}

/// Adds the pad from its byte `skip` on.
#[inline(always)]
fn add(bytes: &mut [u8], pad: &[[Block; LANES]; BATCH], skip: usize) {
    let pad = pad.as_flattened();
    if skip == 0 && bytes.len() == CHUNK {
        let (blocks, _) = bytes.as_chunks_mut::<16>();
        for (bytes, pad) in blocks.iter_mut().zip(pad) {
            *bytes = (Block::from_bytes(*bytes) ^ *pad).to_bytes();
        }
        return;
    }
    for (i, byte) in bytes.iter_mut().enumerate() {
        let at = skip + i;
        *byte ^= pad[at / Block::BYTES].to_bytes()[at % Block::BYTES];
    }
}

#[cfg(test)]
mod tests;
