//! The receiver of correlated OTs: the client, with the choice bits.

use core::fmt;

use alloc::boxed::Box;
use alloc::vec::Vec;

use muse_field::id::{Coin, SessionId};
use muse_field::parallel;
use muse_field::wire::Outflow;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::extension::{Extension, Position};
use super::streams::{Folded, GROUP, Streams};
use super::{Answer, Trees, piece_bytes};
use crate::Error;
use crate::backend::transpose::Tile;
use crate::label::{ActiveLabels, Block};
use crate::ot::base;
use crate::ot::ggm::{TreeId, TreeProof, grow};

/// The receiver's setup with the default `K`.
pub type Setup = SetupWith<{ super::DEFAULT_K }>;

/// The receiver's setup: a namespace for [`SetupWith::reply`].
#[derive(Debug)]
pub enum SetupWith<const K: usize> {}

/// A receiver that can extend. Secret state of a session; one use of each piece of its streams.
pub struct CotReceiver<const K: usize = { super::DEFAULT_K }> {
    session: SessionId,
    streams: Box<Streams<K>>,
    pub(super) position: Position,
}

/// An extension under way: first a flow of columns, then the answer to the challenge.
pub struct Extending<const K: usize = { super::DEFAULT_K }> {
    receiver: CotReceiver<K>,
    pub(super) extension: Extension,
    pub(super) nonce: u64,
    pub(super) choices: Zeroizing<Vec<Block>>,
    pub(super) tiles: Zeroizing<Vec<Tile>>,
    /// Pieces sent.
    done: usize,
}

impl<const K: usize> SetupWith<K> {
    /// The only round: answers the base-OT request with fresh trees.
    ///
    /// Cost: the base OTs, and 3 * 128/K * 2^K hashes.
    #[must_use]
    pub fn reply(
        session: &SessionId,
        request: &base::Request,
        rng: &mut impl CryptoRng,
    ) -> (CotReceiver<K>, Trees<K>) {
        let (pads, reply) = base::Sender::reply(session, request, rng);
        let mut roots = Zeroizing::new([Block::ZERO; 128]);
        let roots = &mut roots[..128 / K];
        roots.fill_with(|| Block::random(rng));
        let (receiver, mut masked, proofs) = CotReceiver::from_roots(session, roots);
        for (block, &pad) in masked.as_flattened_mut().iter_mut().zip(pads.as_slice().as_flattened()) {
            *block ^= pad;
        }
        (receiver, Trees { reply, masked: core::mem::take(&mut *masked), proofs })
    }
}

/// Both messages of every base OT, not yet under their pads.
type Messages = Zeroizing<Vec<[Block; 2]>>;

impl<const K: usize> CotReceiver<K> {
    /// A receiver with the trees of these roots, its base-OT messages and its proofs.
    pub(super) fn from_roots(session: &SessionId, roots: &[Block]) -> (Self, Messages, Vec<TreeProof>) {
        let mut messages = Zeroizing::new(Vec::with_capacity(128));
        let mut seeds = Vec::with_capacity(roots.len());
        let mut proofs = Vec::with_capacity(roots.len());
        for (number, &root) in roots.iter().enumerate() {
            let tree = grow::<K>(TreeId { session, number }, root);
            messages.extend_from_slice(&*tree.messages);
            seeds.push(tree.seeds);
            proofs.push(tree.proof);
        }
        let streams = Box::new(Streams::new(seeds.iter().map(|seeds| (&seeds[..], 0)), 0));
        (Self { session: *session, streams, position: Position::default() }, messages, proofs)
    }

    /// Starts an extension of `count` OTs; bit `i` of `choices` (little-endian within bytes) is the choice of OT `i`.
    ///
    /// The position in the streams moves on now. Bits of the last byte beyond `count` are ignored. Memory: 16 bytes per OT.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless `choices` has `ceil(count / 8)` bytes; [`Error::Exhausted`] if the session has no rows left.
    pub fn extend(
        mut self,
        choices: &[u8],
        count: usize,
        rng: &mut impl CryptoRng,
    ) -> Result<Extending<K>, Error> {
        if choices.len() != count.div_ceil(8) {
            return Err(Error::Misuse("one choice bit per OT, packed in bytes"));
        }
        let extension = self.position.advance(&self.session, K, count)?;
        let choices = pad_choices(choices, count, extension.pieces(), rng);
        let (nonce, tiles) = (extension.nonce(), extension.tiles());
        Ok(Extending { receiver: self, extension, nonce, choices, tiles, done: 0 })
    }

    /// Pieces of 128 rows used so far; both parties count alike.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position.pieces()
    }
}

/// The choices in blocks of 128: zeros up to the end of their last piece, then the random bits of the sacrificed one.
fn pad_choices(
    choices: &[u8],
    count: usize,
    pieces: usize,
    rng: &mut impl CryptoRng,
) -> Zeroizing<Vec<Block>> {
    let mut blocks = Zeroizing::new(Vec::with_capacity(pieces));
    for chunk in choices.chunks(Block::BYTES) {
        let mut bytes = Zeroizing::new([0; Block::BYTES]);
        bytes[..chunk.len()].copy_from_slice(chunk);
        blocks.push(Block::from_bytes(*bytes));
    }
    let used = count % 128;
    if let (Some(last), 1..) = (blocks.last_mut(), used) {
        last.0 &= (1 << used) - 1;
    }
    blocks.push(Block::random(rng));
    blocks
}

impl<const K: usize> Extending<K> {
    /// Answers the challenge and gives the labels, one per choice, and the receiver back.
    ///
    /// The labels must not be used before the sender has accepted the answer if their use reveals anything of them.
    ///
    /// # Errors
    /// [`Error::Misuse`] if columns are still to be sent.
    pub fn answer(self, challenge: &Coin) -> Result<(CotReceiver<K>, Answer, ActiveLabels), Error> {
        if self.done != self.extension.pieces() {
            return Err(Error::Misuse("all columns are sent before the challenge is answered"));
        }
        let coefficients = self.extension.coefficients(challenge);
        let hashes = self.extension.hash_columns(&coefficients, &self.tiles);
        let answer = Answer {
            choices: self.extension.hash_choices(&coefficients, &self.choices),
            columns: self.extension.digest(challenge, &hashes),
        };
        let labels = ActiveLabels::new(self.extension.labels(self.tiles));
        Ok((self.receiver, answer, labels))
    }

    /// Columns `v` of some pieces, at most a group, and what is sent for them.
    fn expand(&self, first: usize, tiles: &mut [Tile], out: &mut [u8], folded: &mut Folded<K>) {
        let start = self.extension.start() + first as u64;
        let choices = &self.choices[first..];
        for j in 0..Streams::<K>::TREES {
            self.receiver.streams.fold(j, self.nonce, start, folded);
            let pieces = out.chunks_exact_mut(piece_bytes(K)).zip(tiles.iter_mut()).zip(choices);
            for (g, ((out, tile), &bits)) in pieces.enumerate() {
                for t in 0..K {
                    tile[K * j + t] = folded.column(t, g);
                }
                let sent = folded.sum(g) ^ bits;
                out[Block::BYTES * j..Block::BYTES * (j + 1)].copy_from_slice(&sent.to_bytes());
            }
        }
    }
}

impl<const K: usize> Outflow for Extending<K> {
    const UNIT: usize = piece_bytes(K);

    fn remaining(&self) -> u64 {
        ((self.extension.pieces() - self.done) * Self::UNIT) as u64
    }

    fn fill(&mut self, out: &mut [u8]) -> usize {
        let first = self.done;
        let pieces = (out.len() / Self::UNIT).min(self.extension.pieces() - first);
        // The tiles leave the state so that shards can write them while they read it.
        let mut tiles = core::mem::take(&mut self.tiles);
        let now = &mut tiles[first..first + pieces];
        let out = &mut out[..pieces * Self::UNIT];
        let groups = now.chunks_mut(GROUP).zip(out.chunks_mut(GROUP * Self::UNIT)).collect();
        parallel::for_each(groups, Folded::new, |folded, i, (tiles, out)| {
            self.expand(first + i * GROUP, tiles, out, folded);
        });
        self.tiles = tiles;
        self.done += pieces;
        out.len()
    }
}

impl<const K: usize> fmt::Debug for CotReceiver<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CotReceiver<{K}>(redacted)")
    }
}

impl<const K: usize> fmt::Debug for Extending<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extending<{K}>(redacted)")
    }
}
