//! The key streams of the leaves, and their xors per column.
//!
//! Every leaf is an AES-128 key; its stream is AES in counter mode. Time is counted in *pieces* of 128 rows, one AES
//! block per leaf, so a stream can be entered at any piece. The counter block of piece `i` of leaf `l` of tree `j` in an
//! extension is, from the low bits up,
//!
//! | bits | meaning |
//! |---|---|
//! | 0..48 | `i`, counted over all extensions of the session, never restarted |
//! | 48..64 | `j * 2^K + l` |
//! | 64..128 | hash of the session and the extension |
//!
//! so no two uses share an input even if two keys were equal, and nothing is gained by attacking many keys at once.
//!
//! Of the leaves `r_l` of one tree both parties need, per bit `t < K`, the xor of those whose number has bit `t` set, and
//! the receiver also the xor of all. The leaves are visited once, in order, with one pending subtree per level, as a
//! binary counter: two xors per leaf on average.

use alloc::boxed::Box;

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::label::Block;

/// Pieces expanded together: enough to fill the widest AES units and amortise the key schedule's loads.
pub(super) const GROUP: usize = 64;

const GROUP_BYTES: usize = GROUP * Block::BYTES;

/// One block of the counter mode: the stream of one leaf over one piece.
type Stream = [u8; GROUP_BYTES];

/// The leaf keys of all trees of one party.
///
/// Position `n` of a tree is leaf `n` for the COT receiver and leaf `n xor hole` for the sender, to whom position 0 is
/// unknown and skipped. Secret; the keys and leaf numbers are wiped on drop.
pub(super) struct Streams<const K: usize> {
    trees: Box<[Box<[Leaf]>]>,
    /// The first known position of every tree: 0 for the receiver, 1 for the sender.
    first: usize,
}

struct Leaf {
    cipher: Aes128,
    /// `j * 2^K + l`; secret to the sender, as it tells its hole.
    number: u64,
}

impl Drop for Leaf {
    fn drop(&mut self) {
        // The cipher wipes itself.
        self.number.zeroize();
    }
}

impl ZeroizeOnDrop for Leaf {}

impl<const K: usize> Streams<K> {
    /// Trees in a set: `K` of the 128 columns each.
    pub(super) const TREES: usize = 128 / K;

    /// The streams of trees given by seeds per position and the hole (0 for a party that knows all leaves).
    ///
    /// Positions below `first` are not known and their seeds not looked at.
    pub(super) fn new<'a>(trees: impl Iterator<Item = (&'a [Block], u8)>, first: usize) -> Self {
        let trees = trees.enumerate().map(|(j, (seeds, hole))| {
            let leaves = seeds.iter().enumerate().skip(first).map(|(n, seed)| Leaf {
                cipher: Aes128::new(&seed.to_bytes().into()),
                number: ((j << K) | (n ^ usize::from(hole))) as u64,
            });
            leaves.collect()
        });
        Self { trees: trees.collect(), first }
    }

    /// Expands [`GROUP`] pieces of tree `j`, from absolute piece `start` on, into `folded`.
    ///
    /// Always the whole group, also where the caller needs less: one wide pass is as cheap as a few single blocks.
    pub(super) fn fold(&self, j: usize, nonce: u64, start: u64, folded: &mut Folded<K>) {
        folded.columns = [[0; GROUP_BYTES]; K];
        // To the sender, the unknown leaf counts as zero.
        folded.pending[0] = [0; GROUP_BYTES];
        for (leaf, n) in self.trees[j].iter().zip(self.first..) {
            leaf.fill(nonce, start, &mut folded.current);
            let level = n.trailing_ones() as usize;
            for t in 0..level {
                // `current` is the right subtree of its parent, whose left one is pending.
                xor(&mut folded.columns[t], &folded.current);
                xor(&mut folded.current, &folded.pending[t]);
            }
            *(if level == K { &mut folded.sum } else { &mut folded.pending[level] }) = folded.current;
        }
    }
}

impl Leaf {
    fn fill(&self, nonce: u64, start: u64, out: &mut Stream) {
        let base = u128::from(nonce) << 64 | u128::from(self.number) << 48 | u128::from(start);
        let (blocks, _) = aes::Block::slice_as_chunks_mut(out);
        for (block, i) in blocks.iter_mut().zip(0..) {
            *block = (base + i).to_le_bytes().into();
        }
        self.cipher.encrypt_blocks(blocks);
    }
}

#[inline]
fn xor(to: &mut Stream, from: &Stream) {
    for (x, y) in to.iter_mut().zip(from) {
        *x ^= y;
    }
}

/// Work space and results of [`Streams::fold`]: piece `g` is bytes `16*g..16*g + 16`. Wiped on drop.
pub(super) struct Folded<const K: usize> {
    columns: [Stream; K],
    sum: Stream,
    pending: [Stream; K],
    current: Stream,
}

impl<const K: usize> Folded<K> {
    pub(super) fn new() -> Box<Self> {
        let zero = [0; GROUP_BYTES];
        Box::new(Self { columns: [zero; K], sum: zero, pending: [zero; K], current: zero })
    }

    /// The xor of the leaves whose position has bit `t` set, over piece `g`.
    #[inline]
    pub(super) fn column(&self, t: usize, g: usize) -> Block {
        block(&self.columns[t], g)
    }

    /// The xor of all leaves over piece `g`.
    #[inline]
    pub(super) fn sum(&self, g: usize) -> Block {
        block(&self.sum, g)
    }
}

#[inline]
fn block(stream: &Stream, g: usize) -> Block {
    let mut bytes = [0; Block::BYTES];
    bytes.copy_from_slice(&stream[g * Block::BYTES..(g + 1) * Block::BYTES]);
    Block::from_bytes(bytes)
}

impl<const K: usize> Drop for Folded<K> {
    fn drop(&mut self) {
        self.columns.zeroize();
        self.sum.zeroize();
        self.pending.zeroize();
        self.current.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Streams by definition: one leaf and one piece at a time.
    fn slow(seeds: &[Block], j: usize, k: usize, nonce: u64, piece: u64) -> Vec<Block> {
        let leaf = |(l, seed): (usize, &Block)| {
            let counter = u128::from(nonce) << 64 | (((j << k) | l) as u128) << 48 | u128::from(piece);
            let mut block = counter.to_le_bytes().into();
            Aes128::new(&seed.to_bytes().into()).encrypt_block(&mut block);
            Block::from_bytes(block.into())
        };
        seeds.iter().enumerate().map(leaf).collect()
    }

    fn folds<const K: usize>() {
        let trees: Vec<Vec<Block>> = (0..Streams::<K>::TREES as u128)
            .map(|j| (0..1_u128 << K).map(|l| Block(j << 64 | l.wrapping_mul(0x9e37_79b9))).collect())
            .collect();
        let whole = Streams::<K>::new(trees.iter().map(|tree| (&tree[..], 0)), 0);
        let hole = (0xa5_u8) & (((1_u16 << K) - 1) as u8);
        let moved: Vec<Vec<Block>> =
            trees.iter().map(|tree| (0..tree.len()).map(|n| tree[n ^ usize::from(hole)]).collect()).collect();
        let punctured = Streams::<K>::new(moved.iter().map(|tree| (&tree[..], hole)), 1);
        let mut folded = Folded::<K>::new();
        let (nonce, start) = (u64::MAX - 3, (1 << 40) - 5);
        for j in [0, 1, Streams::<K>::TREES - 1] {
            for g in [0, 1, GROUP - 1] {
                let leaves = slow(&trees[j], j, K, nonce, start + g as u64);
                let with_bit = |t: usize, mask: usize| {
                    let picked = leaves.iter().enumerate().filter(|(l, _)| (l ^ mask) >> t & 1 == 1);
                    picked.fold(Block::ZERO, |sum, (_, &r)| sum ^ r)
                };
                whole.fold(j, nonce, start, &mut folded);
                assert!((0..K).all(|t| folded.column(t, g) == with_bit(t, 0)));
                assert_eq!(folded.sum(g), leaves.iter().fold(Block::ZERO, |sum, &r| sum ^ r));
                // The hole is at position 0, which has no bit set: the sender's columns need it not.
                punctured.fold(j, nonce, start, &mut folded);
                assert!((0..K).all(|t| folded.column(t, g) == with_bit(t, usize::from(hole))));
            }
        }
    }

    #[test]
    fn columns_are_xors_of_the_leaves_with_a_bit_set() {
        folds::<1>();
        folds::<2>();
        folds::<4>();
        folds::<8>();
    }
}
