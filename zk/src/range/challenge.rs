//! [`Seed`]: the server's challenge, and its expansion to coefficients.

use muse_field::ct;
use muse_field::prg::Prg;
use muse_field::transcript::Transcript;
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use muse_gc::label::Block;
use rand_core::{CryptoRng, Rng};

use super::batch::{LANES, Lanes};
use super::{BatchId, STATEMENTS};
use crate::domain;

/// A challenge of the server: 32 random bytes, which both sides expand to independent coefficients.
///
/// Drawn after everything the client could adapt to it is fixed. One seed serves one proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A fresh challenge.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        // A challenge is told to the client as it is.
        ct::public(&bytes);
        Self(bytes)
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Encode for Seed {
    fn encoded_len(&self) -> usize {
        32
    }

    fn encode(&self, out: &mut Writer<'_>) {
        out.put(&self.0);
    }
}

impl Decode for Seed {
    type Shape = ();

    fn len_for((): ()) -> usize {
        32
    }

    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.array().map(Self)
    }
}

/// The coefficients of a batch: independent in every value and statement, and in every batch.
pub(super) struct Challenge(Prg);

impl Challenge {
    pub(super) fn new(id: &BatchId, values: usize, seed: &Seed) -> Self {
        let mut transcript = Transcript::new(domain::RANGE);
        transcript
            .append("session", id.session.as_bytes())
            .append_u64("inference", id.inference)
            .append_u64("values", values as u64)
            .append("seed", seed.as_bytes());
        Self(transcript.prg("coefficients"))
    }
}

/// Where coefficients come from: a challenge, or a test vector.
pub(super) trait Coefficients: Sync {
    /// Those of one chunk of values, in order.
    fn chunk(&self, index: usize) -> impl ChunkCoefficients;
}

/// The coefficients of a chunk of values.
pub(super) trait ChunkCoefficients {
    /// Five for each of the next `values <= LANES` values; zero in the lanes beyond, so that these count for nothing.
    fn next(&mut self, values: usize) -> [Lanes; STATEMENTS];
}

impl Coefficients for Challenge {
    fn chunk(&self, index: usize) -> impl ChunkCoefficients {
        self.0.substream(index as u64)
    }
}

impl ChunkCoefficients for Prg {
    fn next(&mut self, values: usize) -> [Lanes; STATEMENTS] {
        let mut bytes = [0; 16 * STATEMENTS * LANES];
        self.fill_bytes(&mut bytes[..16 * STATEMENTS * values]);
        let mut chi = [[Block::ZERO; LANES]; STATEMENTS];
        for (i, block) in bytes.as_chunks().0.iter().enumerate() {
            chi[i % STATEMENTS][i / STATEMENTS] = Block::from_bytes(*block);
        }
        chi
    }
}
