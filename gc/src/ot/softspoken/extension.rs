//! What both parties compute about one extension: its place in the streams, the challenge's coefficients, the universal
//! hash of columns, and the turn from columns to labels.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::id::{Coin, SessionId};
use muse_field::transcript::Transcript;
use rand_core::Rng;
use zeroize::Zeroizing;

use super::MAX_PIECES;
use crate::Error;
use crate::backend::clmul;
use crate::backend::transpose::{self, Tile};
use crate::domain;
use crate::gf128::{Gf128, reduce};
use crate::label::Block;
use crate::ot::hash::Hash;

/// The place of an extension in its session. Public.
#[derive(Clone, Copy)]
pub(super) struct Extension {
    session: SessionId,
    k: u64,
    /// Number of the extension in its session.
    index: u64,
    /// Absolute number of its first piece.
    start: u64,
    /// OTs asked for.
    count: usize,
}

/// The counters of a session, which only move forward.
#[derive(Debug, Default)]
pub(super) struct Position {
    extensions: u64,
    pieces: u64,
}

impl Position {
    /// Pieces used so far.
    pub(super) const fn pieces(&self) -> u64 {
        self.pieces
    }

    #[cfg(test)]
    pub(super) const fn at(pieces: u64) -> Self {
        Self { extensions: 0, pieces }
    }

    /// Reserves the pieces of an extension of `count` OTs.
    pub(super) fn advance(
        &mut self,
        session: &SessionId,
        k: usize,
        count: usize,
    ) -> Result<Extension, Error> {
        let extension =
            Extension { session: *session, k: k as u64, index: self.extensions, start: self.pieces, count };
        let end = self.pieces.checked_add(extension.pieces() as u64).filter(|&end| end <= MAX_PIECES);
        self.pieces = end.ok_or(Error::Exhausted("correlated OTs of the session"))?;
        self.extensions += 1;
        Ok(extension)
    }
}

impl Extension {
    pub(super) const fn start(&self) -> u64 {
        self.start
    }

    /// Pieces of the extension, the sacrificed one included.
    pub(super) const fn pieces(&self) -> usize {
        self.count.div_ceil(128) + 1
    }

    /// Space for all columns: `tiles[i][c]` is column `c` over piece `i`.
    pub(super) fn tiles(&self) -> Zeroizing<Vec<Tile>> {
        Zeroizing::new(vec![[Block::ZERO; 128]; self.pieces()])
    }

    /// The extension's part of every counter block.
    pub(super) fn nonce(&self) -> u64 {
        let digest = self.transcript(domain::COT_STREAMS).digest("nonce");
        u64::from_le_bytes(*digest.first_chunk().expect("32 bytes have a first 8"))
    }

    /// One coefficient for each piece but the last, in order.
    pub(super) fn coefficients(&self, challenge: &Coin) -> Vec<Block> {
        let mut transcript = self.transcript(domain::COT_CHALLENGE);
        let mut prg = transcript.append("seed", challenge.as_bytes()).prg("coefficients");
        let mut coefficients = vec![Block::ZERO; self.pieces() - 1];
        let mut bytes = [0; 16];
        for coefficient in &mut coefficients {
            prg.fill_bytes(&mut bytes);
            *coefficient = Block::from_bytes(bytes);
        }
        coefficients
    }

    /// The universal hash of the choice bits, one block of 128 bits per piece.
    pub(super) fn hash_choices(&self, coefficients: &[Block], choices: &[Block]) -> Block {
        let (last, pieces) = choices.split_last().expect("an extension has a sacrificed piece");
        (Gf128::dot(coefficients, pieces) + Gf128(*last)).0
    }

    /// The universal hash of each of the 128 columns.
    pub(super) fn hash_columns(&self, coefficients: &[Block], tiles: &[Tile]) -> Zeroizing<[Block; 128]> {
        let (last, pieces) = tiles.split_last().expect("an extension has a sacrificed piece");
        let sums = sum_columns(coefficients, pieces);
        let mut hashes = Zeroizing::new(*last);
        for (hash, sum) in hashes.iter_mut().zip(sums.iter()) {
            *hash ^= reduce(*sum).0;
        }
        hashes
    }

    /// One hash of the 128 column hashes.
    pub(super) fn digest(&self, challenge: &Coin, hashes: &[Block; 128]) -> [u8; 32] {
        let place = [self.k, self.index, self.start, self.count as u64];
        let mut hash = Hash::new(domain::COT_COLUMN_HASHES, &self.session);
        for number in place {
            hash = hash.number(number);
        }
        hash = hash.bytes(challenge.as_bytes());
        for block in hashes {
            hash = hash.bytes(&block.to_bytes());
        }
        hash.finish().first_half()
    }

    /// Turns columns into rows: the labels, in order, without the padding and sacrificed ones.
    pub(super) fn labels(&self, mut tiles: Zeroizing<Vec<Tile>>) -> Vec<Block> {
        transpose_all(&mut tiles);
        let mut labels = core::mem::take(&mut *tiles).into_flattened();
        for label in &mut labels[self.count..] {
            *label = Block::ZERO;
        }
        labels.truncate(self.count);
        labels
    }

    fn transcript(&self, domain: &'static str) -> Transcript {
        let mut transcript = Transcript::new(domain);
        transcript.append("session", self.session.as_bytes()).append_u64("k", self.k);
        transcript.append_u64("extension", self.index).append_u64("start", self.start);
        transcript.append_u64("count", self.count as u64);
        transcript
    }
}

/// Pieces per shard of the two kernels below.
#[cfg(feature = "parallel")]
const SHARD: usize = 512;

type Sums = Zeroizing<[clmul::Wide; 128]>;

#[cfg(not(feature = "parallel"))]
fn sum_columns(coefficients: &[Block], pieces: &[Tile]) -> Sums {
    let mut sums = Zeroizing::new([[0; 2]; 128]);
    clmul::accumulate_columns(&mut sums, coefficients, pieces);
    sums
}

#[cfg(feature = "parallel")]
fn sum_columns(coefficients: &[Block], pieces: &[Tile]) -> Sums {
    use rayon::prelude::*;
    let zero = || Zeroizing::new([[0; 2]; 128]);
    let shards = coefficients.par_chunks(SHARD).zip(pieces.par_chunks(SHARD));
    let partial = shards.fold(zero, |mut sums: Sums, (coefficients, pieces)| {
        clmul::accumulate_columns(&mut sums, coefficients, pieces);
        sums
    });
    // Addition is xor: the order does not matter.
    partial.reduce(zero, |mut sums, other| {
        for (x, y) in sums.as_flattened_mut().iter_mut().zip(other.as_flattened()) {
            *x ^= y;
        }
        sums
    })
}

#[cfg(not(feature = "parallel"))]
fn transpose_all(tiles: &mut [Tile]) {
    transpose::transpose(tiles);
}

#[cfg(feature = "parallel")]
fn transpose_all(tiles: &mut [Tile]) {
    use rayon::prelude::*;
    tiles.par_chunks_mut(SHARD).for_each(transpose::transpose);
}
