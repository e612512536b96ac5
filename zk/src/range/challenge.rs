//! The expansion of the server's coin to coefficients.

use muse_field::id::{Coin, RunId};
use muse_field::prg::Prg;
use muse_field::transcript::Transcript;
use muse_gc::label::Block;
use rand_core::Rng;

use super::STATEMENTS;
use super::batch::{LANES, Lanes};
use crate::domain;

/// The coefficients of a batch: independent in every value and statement, and in every batch.
pub(super) struct Challenge(Prg);

impl Challenge {
    pub(super) fn new(id: &RunId, values: usize, seed: &Coin) -> Self {
        let mut transcript = Transcript::new(domain::RANGE);
        id.bind(&mut transcript).append_u64("values", values as u64).append("seed", seed.as_bytes());
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
