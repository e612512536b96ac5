//! The sender of correlated OTs: the server, with the global offset.

use core::fmt;

use alloc::boxed::Box;
use alloc::vec::Vec;

use muse_field::ct;
use muse_field::id::{Coin, SessionId};
use muse_field::parallel;
use muse_field::wire::Inflow;
use rand_core::CryptoRng;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::extension::{Extension, Position};
use super::streams::{Folded, GROUP, Streams};
use super::{Answer, Trees, piece_bytes};
use crate::Error;
use crate::backend::transpose::Tile;
use crate::error::Check;
use crate::label::{Block, Delta, ZeroLabels};
use crate::ot::base;
use crate::ot::ggm::{TreeId, TreeProof, puncture};

/// The sender's setup with the default `K`.
pub type Setup = SetupWith<{ super::DEFAULT_K }>;

/// The sender's setup: a namespace for [`SetupWith::start`].
#[derive(Debug)]
pub enum SetupWith<const K: usize> {}

/// The sender waiting for the receiver's [`Trees`]. Never leaves this process.
pub struct AwaitTrees<const K: usize = { super::DEFAULT_K }> {
    session: SessionId,
    delta: Delta,
    base: base::AwaitReply,
}

/// A sender that can extend. Secret state of a session; a failed check destroys it.
pub struct CotSender<const K: usize = { super::DEFAULT_K }> {
    session: SessionId,
    delta: Delta,
    streams: Box<Streams<K>>,
    pub(super) position: Position,
    /// The outcome of the tree check, which enters every verdict. Secret until the first one.
    pub(super) trees_honest: Choice,
}

/// An extension whose columns are arriving.
pub struct Receiving<const K: usize = { super::DEFAULT_K }> {
    sender: CotSender<K>,
    extension: Extension,
    pub(super) nonce: u64,
    pub(super) tiles: Zeroizing<Vec<Tile>>,
    /// Pieces received.
    done: usize,
}

/// An extension whose columns have all arrived, waiting for the [`Answer`] to its challenge.
pub struct AwaitAnswer<const K: usize = { super::DEFAULT_K }> {
    sender: CotSender<K>,
    extension: Extension,
    tiles: Zeroizing<Vec<Tile>>,
    challenge: Coin,
}

impl<const K: usize> SetupWith<K> {
    /// Round 1: asks for base OTs with the bits of `delta` as choices.
    #[must_use]
    pub fn start(
        session: &SessionId,
        delta: Delta,
        rng: &mut impl CryptoRng,
    ) -> (AwaitTrees<K>, base::Request) {
        let (base, request) = base::Receiver::request(session, delta.block().0, rng);
        (AwaitTrees { session: *session, delta, base }, request)
    }
}

impl<const K: usize> AwaitTrees<K> {
    /// Round 2: regrows the trees around the bits of the offset.
    ///
    /// Whether they were made honestly is part of the verdict on the first extension, and told nowhere before, unless
    /// [`CotSender::check_trees`] asks.
    #[must_use]
    pub fn on_trees(self, trees: &Trees<K>) -> CotSender<K> {
        let Self { session, delta, base } = self;
        let pads = base.on_reply(&trees.reply);
        let mut received = Zeroizing::new([Block::ZERO; 128]);
        for (c, ((to, masked), &pad)) in
            received.iter_mut().zip(trees.masked.iter()).zip(pads.iter()).enumerate()
        {
            let choice = Choice::from((delta.block().0 >> c) as u8 & 1);
            *to = Block::conditional_select(&masked[0], &masked[1], choice) ^ pad;
        }
        CotSender::from_trees(session, delta, &received, &trees.proofs)
    }
}

/// The bits of block `j` of the offset.
fn block_of<const K: usize>(delta: &Delta, j: usize) -> u8 {
    (delta.block().0 >> (K * j)) as u8 & (u8::MAX >> (8 - K))
}

impl<const K: usize> CotSender<K> {
    /// A sender that received, of the two messages of each base OT, the one of its offset's bit.
    pub(super) fn from_trees(
        session: SessionId,
        delta: Delta,
        received: &[Block; 128],
        proofs: &[TreeProof],
    ) -> Self {
        let mut trees_honest = Choice::from(1);
        let mut seeds = Vec::with_capacity(128 / K);
        let (by_tree, _) = received.as_chunks::<K>();
        for (number, (received, proof)) in by_tree.iter().zip(proofs).enumerate() {
            let hole = Zeroizing::new(block_of::<K>(&delta, number));
            let tree = puncture(TreeId { session: &session, number }, *hole, received, proof);
            trees_honest &= tree.honest;
            seeds.push((tree.seeds, hole));
        }
        let streams = Box::new(Streams::new(seeds.iter().map(|(seeds, hole)| (&seeds[..], **hole)), 1));
        Self { session, delta, streams, position: Position::default(), trees_honest }
    }

    /// The verdict on the trees by themselves, for a session that needs the offset and no extension, which would bring it. Each
    /// wrong tree is a guess of the bits of its block, as there.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::CorrelatedOt`] if the receiver was inconsistent in the trees. The session must end.
    pub fn check_trees(self) -> Result<Self, Error> {
        // Check: base-OT trees are honest.
        if ct::verdict(self.trees_honest) {
            Ok(self)
        } else {
            Err(Error::PeerMisbehaved(Check::CorrelatedOt))
        }
    }

    /// Starts an extension of `count` OTs. The position in the streams moves on now. Memory: 16 bytes per OT.
    ///
    /// # Errors
    /// [`Error::Exhausted`] if the session has no rows left.
    pub fn receive(mut self, count: usize) -> Result<Receiving<K>, Error> {
        let extension = self.position.advance(&self.session, K, count)?;
        let (nonce, tiles) = (extension.nonce(), extension.tiles());
        Ok(Receiving { sender: self, extension, nonce, tiles, done: 0 })
    }

    /// The global offset of all labels of this session.
    #[must_use]
    pub const fn delta(&self) -> &Delta {
        &self.delta
    }

    /// Pieces of 128 rows used so far; both parties count alike.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position.pieces()
    }
}

impl<const K: usize> Receiving<K> {
    /// Draws the challenge, once all columns are here.
    ///
    /// # Errors
    /// [`Error::Misuse`] if columns are missing.
    pub fn challenge(self, rng: &mut impl CryptoRng) -> Result<(AwaitAnswer<K>, Coin), Error> {
        let Self { sender, extension, tiles, done, .. } = self;
        if done != extension.pieces() {
            return Err(Error::Misuse("all columns arrive before the challenge is drawn"));
        }
        let challenge = Coin::random(rng);
        Ok((AwaitAnswer { sender, extension, tiles, challenge }, challenge))
    }

    /// Columns `w` of some pieces, at most a group.
    fn expand(&self, first: usize, tiles: &mut [Tile], rows: &[u8], folded: &mut Folded<K>) {
        let start = self.extension.start() + first as u64;
        for j in 0..Streams::<K>::TREES {
            self.sender.streams.fold(j, self.nonce, start, folded);
            let hole = block_of::<K>(&self.sender.delta, j);
            let masks: [Block; K] = core::array::from_fn(|t| Block(u128::MAX).masked(hole >> t));
            let pieces = rows.chunks_exact(piece_bytes(K)).zip(tiles.iter_mut());
            for (g, (row, tile)) in pieces.enumerate() {
                let (blocks, _) = row.as_chunks();
                let sent = Block::from_bytes(blocks[j]);
                for t in 0..K {
                    tile[K * j + t] = folded.column(t, g) ^ (sent & masks[t]);
                }
            }
        }
    }
}

impl<const K: usize> Inflow for Receiving<K> {
    const UNIT: usize = piece_bytes(K);
    type Error = Error;

    fn remaining(&self) -> u64 {
        ((self.extension.pieces() - self.done) * Self::UNIT) as u64
    }

    fn absorb(&mut self, rows: &[u8]) -> Result<(), Error> {
        if !rows.len().is_multiple_of(Self::UNIT) || rows.len() as u64 > self.remaining() {
            return Err(Error::Malformed);
        }
        let first = self.done;
        let pieces = rows.len() / Self::UNIT;
        // The tiles leave the state so that shards can write them while they read it.
        let mut tiles = core::mem::take(&mut self.tiles);
        let now = &mut tiles[first..first + pieces];
        let groups = now.chunks_mut(GROUP).zip(rows.chunks(GROUP * Self::UNIT)).collect();
        parallel::for_each(groups, Folded::new, |folded, i, (tiles, rows)| {
            self.expand(first + i * GROUP, tiles, rows, folded);
        });
        self.tiles = tiles;
        self.done += pieces;
        Ok(())
    }
}

impl<const K: usize> AwaitAnswer<K> {
    /// The verdict, and on success the zero labels, one per choice, and the sender back.
    ///
    /// # Errors
    /// [`Error::PeerMisbehaved`] with [`Check::CorrelatedOt`] if the receiver was inconsistent, in this extension or in the
    /// trees. The session must end: nothing made under this offset may be used any more.
    pub fn on_answer(self, answer: &Answer) -> Result<(CotSender<K>, ZeroLabels), Error> {
        let Self { sender, extension, tiles, challenge } = self;
        let coefficients = extension.coefficients(&challenge);
        let mut wanted = extension.hash_columns(&coefficients, &tiles);
        for (c, hash) in wanted.iter_mut().enumerate() {
            *hash ^= answer.choices.masked((sender.delta.block().0 >> c) as u8);
        }
        let consistent = extension.digest(&challenge, &wanted)[..].ct_eq(&answer.columns[..]);
        // Check: one choice vector in all OT columns.
        // Check: base-OT trees are honest.
        if !ct::verdict(consistent & sender.trees_honest) {
            return Err(Error::PeerMisbehaved(Check::CorrelatedOt));
        }
        Ok((sender, ZeroLabels::new(extension.labels(tiles))))
    }
}

macro_rules! redacted {
    ($($name:ident),+) => {$(
        impl<const K: usize> fmt::Debug for $name<K> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "<{}>(redacted)"), K)
            }
        }
    )+};
}

redacted!(AwaitTrees, CotSender, Receiving, AwaitAnswer);
