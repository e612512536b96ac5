//! Punctured pseudorandom functions from GGM trees, with the check that they were made honestly.
//!
//! A tree of depth `K` has a 16-byte root and two children per node, so 2^K leaves. Its maker (the base-OT sender) knows
//! every leaf. The other party knows every leaf but one, its *hole*: of each level it learns, through one OT, the
//! xor of all nodes that are the sibling side of its path, and that gives the one sibling it lacks.
//!
//! **Conventions.** Leaf number bits are read from the top: the children of the root are chosen by bit `K - 1`, the leaf by
//! bit 0. The OT of bit `t` has messages `M_z` = xor of the nodes of that level whose last index bit is `1 - z`; the
//! receiver's choice is bit `t` of the hole.
//!
//! **Proof.** A cheating maker may send messages that fit no tree. So each leaf yields, besides its stream seed, a 32-byte
//! check value, from one hash so that the check tells nothing of the seed; the maker sends the xor of all check values,
//! which fills the receiver's hole, and one hash of all of them in order (SoftSpokenOT, section 6: the consistency check
//! for malicious senders of Boyle et al.'s trees). An altered message passes iff the receiver did not use it: it costs a
//! guess of one bit of the hole each, which the parent protocol accounts for.
//!
//! **Secrets.** The hole is secret: the receiver works on node numbers xored with its path, so that its unknown node is
//! always number 0 and no index, branch or operation count depends on the hole.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::id::SessionId;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::hash::Hash;
use crate::domain;
use crate::label::Block;

/// What every hash of a tree is bound to: the session and the number of the tree in it.
#[derive(Clone, Copy)]
pub(super) struct TreeId<'a> {
    pub(super) session: &'a SessionId,
    pub(super) number: usize,
}

/// The maker's public proof: the xor of all check values, and the hash of all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TreeProof {
    pub(super) sum: [u8; 32],
    pub(super) digest: [u8; 32],
}

/// A whole tree, as its maker sees it.
pub(super) struct Grown<const K: usize> {
    /// The stream seed of every leaf, in order.
    pub(super) seeds: Zeroizing<Vec<Block>>,
    /// Bit `t` of the hole is the choice between `messages[t][0]` and `messages[t][1]`.
    pub(super) messages: Zeroizing<[[Block; 2]; K]>,
    pub(super) proof: TreeProof,
}

/// A tree without one leaf, as the other party sees it.
pub(super) struct Punctured {
    /// Stream seeds by leaf number xor hole: entry `n` belongs to leaf `n xor hole`, entry 0 (the hole) is zero.
    pub(super) seeds: Zeroizing<Vec<Block>>,
    /// Whether the check values fit the proof. Secret until it enters a verdict.
    pub(super) honest: Choice,
}

/// Grows the tree of a root.
pub(super) fn grow<const K: usize>(id: TreeId<'_>, root: Block) -> Grown<K> {
    let mut messages = Zeroizing::new([[Block::ZERO; 2]; K]);
    let mut level = Zeroizing::new(vec![root]);
    for t in (0..K).rev() {
        let mut next = Zeroizing::new(Vec::with_capacity(2 * level.len()));
        for (n, &node) in level.iter().enumerate() {
            next.extend_from_slice(&*id.children(t, n, node));
        }
        messages[t] = [xor_of_every_second(&next, 1), xor_of_every_second(&next, 0)];
        level = next;
    }
    let mut checks = Zeroizing::new(Vec::with_capacity(level.len()));
    for (n, node) in level.iter_mut().enumerate() {
        let (check, seed) = id.leaf(n, *node);
        checks.push(*check);
        *node = seed;
    }
    let proof = TreeProof { sum: sum_of(&checks), digest: id.digest(&checks) };
    Grown { seeds: level, messages, proof }
}

/// Regrows the tree around `hole` (`K` bits) from the messages received for the bits of the hole.
pub(super) fn puncture<const K: usize>(
    id: TreeId<'_>,
    hole: u8,
    received: &[Block; K],
    proof: &TreeProof,
) -> Punctured {
    let hole = usize::from(hole);
    // Position n of a level stands for node n xor path, the path being the hole's prefix; position 0 is unknown.
    let mut level = Zeroizing::new(vec![Block::ZERO]);
    for t in (0..K).rev() {
        let mut next = Zeroizing::new(vec![Block::ZERO; 2 * level.len()]);
        let turn = Choice::from((hole >> t & 1) as u8);
        for n in 1..level.len() {
            let [mut left, mut right] = *id.children(t, n ^ (hole >> (t + 1)), level[n]);
            Block::conditional_swap(&mut left, &mut right, turn);
            next[2 * n] = left;
            next[2 * n + 1] = right;
        }
        // Position 1, the sibling of the path, is still zero in the sum.
        next[1] = received[t] ^ xor_of_every_second(&next, 1);
        level = next;
    }
    let mut checks = Zeroizing::new(vec![[0; 32]; level.len()]);
    for n in 1..level.len() {
        let (check, seed) = id.leaf(n ^ hole, level[n]);
        checks[n] = *check;
        level[n] = seed;
    }
    checks[0] = sum_of(&checks);
    for (x, y) in checks[0].iter_mut().zip(proof.sum) {
        *x ^= y;
    }
    permute_by_xor(&mut checks, hole);
    Punctured { seeds: level, honest: id.digest(&checks)[..].ct_eq(&proof.digest[..]) }
}

impl TreeId<'_> {
    /// The two children, chosen by bit `t` of the leaf number, of node `n` of its level.
    fn children(self, t: usize, n: usize, node: Block) -> Zeroizing<[Block; 2]> {
        let hash = Hash::new(domain::TREE_NODE, self.session).number(self.number as u64).number(t as u64);
        let out = hash.number(n as u64).bytes(&node.to_bytes()).finish();
        Zeroizing::new([out.block(0), out.block(1)])
    }

    /// Check value and stream seed of leaf `n`.
    fn leaf(self, n: usize, node: Block) -> (Zeroizing<[u8; 32]>, Block) {
        let hash = Hash::new(domain::TREE_LEAF, self.session).number(self.number as u64);
        let out = hash.number(n as u64).bytes(&node.to_bytes()).finish();
        (Zeroizing::new(out.first_half()), out.block(2))
    }

    fn digest(self, checks: &[[u8; 32]]) -> [u8; 32] {
        let hash = Hash::new(domain::TREE_PROOF, self.session).number(self.number as u64);
        hash.bytes(checks.as_flattened()).finish().first_half()
    }
}

fn xor_of_every_second(level: &[Block], first: usize) -> Block {
    level[first..].iter().step_by(2).fold(Block::ZERO, |sum, &node| sum ^ node)
}

fn sum_of(checks: &[[u8; 32]]) -> [u8; 32] {
    let mut sum = [0; 32];
    for check in checks {
        for (x, y) in sum.iter_mut().zip(check) {
            *x ^= y;
        }
    }
    sum
}

/// Moves entry `n` to `n xor secret`, for a slice of 2^k entries, with the same swaps whatever the secret is.
fn permute_by_xor(entries: &mut [[u8; 32]], secret: usize) {
    for t in 0..entries.len().trailing_zeros() {
        let turn = Choice::from((secret >> t & 1) as u8);
        for low in (0..entries.len()).filter(|n| n >> t & 1 == 0) {
            let (left, right) = entries.split_at_mut(low + (1 << t));
            for (x, y) in left[low].iter_mut().zip(&mut right[0]) {
                u8::conditional_swap(x, y, turn);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(session: &SessionId) -> TreeId<'_> {
        TreeId { session, number: 3 }
    }

    fn honest_and_altered<const K: usize>() {
        let session = SessionId::from_bytes([9; 32]);
        let tree = grow::<K>(id(&session), Block(0x1234_5678));
        assert_eq!(tree.seeds.len(), 1 << K);
        for hole in 0..1_u16 << K {
            let hole = hole as u8;
            let choose = |messages: &[[Block; 2]; K]| -> [Block; K] {
                core::array::from_fn(|t| messages[t][usize::from(hole >> t & 1)])
            };
            let known = puncture(id(&session), hole, &choose(&tree.messages), &tree.proof);
            assert!(bool::from(known.honest));
            for n in 1..1 << K {
                assert_eq!(known.seeds[n], tree.seeds[n ^ usize::from(hole)]);
            }
            assert_eq!(known.seeds[0], Block::ZERO);

            // An altered message is noticed iff it is the chosen one.
            for t in 0..K {
                for z in 0..2 {
                    let mut messages = *tree.messages;
                    messages[t][z].0 ^= 1 << 90;
                    let known = puncture(id(&session), hole, &choose(&messages), &tree.proof);
                    assert_eq!(bool::from(known.honest), usize::from(hole >> t & 1) != z);
                }
            }
            // So is a wrong proof, either half, whatever the hole.
            for (sum, digest) in [(1, 0), (0, 128)] {
                let mut proof = tree.proof;
                proof.sum[31] ^= sum;
                proof.digest[0] ^= digest;
                assert!(!bool::from(puncture(id(&session), hole, &choose(&tree.messages), &proof).honest));
            }
            // And a tree of another number or session.
            let other = SessionId::from_bytes([8; 32]);
            for id in [TreeId { session: &session, number: 4 }, TreeId { session: &other, number: 3 }] {
                assert!(!bool::from(puncture(id, hole, &choose(&tree.messages), &tree.proof).honest));
            }
        }
    }

    #[test]
    fn every_hole_and_every_altered_message() {
        honest_and_altered::<1>();
        honest_and_altered::<2>();
        honest_and_altered::<4>();
    }

    #[test]
    fn leaves_are_distinct_and_the_proof_hides_no_permutation() {
        let session = SessionId::from_bytes([1; 32]);
        let tree = grow::<8>(id(&session), Block(7));
        let mut seeds = tree.seeds.to_vec();
        seeds.sort_by_key(|block| block.0);
        seeds.dedup();
        assert_eq!(seeds.len(), 256);
        assert_ne!(grow::<8>(TreeId { session: &session, number: 0 }, Block(7)).seeds[0], tree.seeds[0]);
    }

    #[test]
    fn permutation_by_xor() {
        for secret in 0..16 {
            let mut entries: Vec<[u8; 32]> = (0..16).map(|n| [n; 32]).collect();
            permute_by_xor(&mut entries, secret);
            assert!(entries.iter().enumerate().all(|(n, entry)| usize::from(entry[5]) == n ^ secret));
        }
    }
}
