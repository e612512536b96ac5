//! The messages of setup and extension; columns are a flow, not a message.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use alloc::vec;
use alloc::vec::Vec;

use muse_field::DecodeError;
use muse_field::wire::{Decode, Encode, Reader, Writer, message};

use crate::label::Block;
use crate::ot::base;
use crate::ot::ggm::TreeProof;

/// Second message of the setup, receiver to sender: the base-OT reply, the level sums of all trees under the base-OT
/// pads, and a proof per tree.
///
/// | offset | bytes | content |
/// |---|---|---|
/// | 0 | 32 | base-OT reply |
/// | 32 + 32 c | 16 | message 0 of base OT `c`, xor its pad, for `c < 128` |
/// | 48 + 32 c | 16 | message 1 of base OT `c`, xor its pad |
/// | 4128 + 64 j | 32 | xor of the check values of tree `j`, for `j < 128/K` |
/// | 4160 + 64 j | 32 | hash of the check values of tree `j` |
///
/// 6176 bytes at `K = 4`. Needs an authentic channel.
#[derive(Clone, Debug)]
pub struct Trees<const K: usize = { super::DEFAULT_K }> {
    pub(super) reply: base::Reply,
    pub(super) masked: Vec<[Block; 2]>,
    pub(super) proofs: Vec<TreeProof>,
}

impl<const K: usize> Trees<K> {
    const TREES: usize = 128 / K;
}

impl<const K: usize> Encode for Trees<K> {
    fn encoded_len(&self) -> usize {
        Self::len_for(())
    }

    fn encode(&self, out: &mut Writer<'_>) {
        self.reply.encode(out);
        for block in self.masked.as_flattened() {
            out.u128(block.0);
        }
        for proof in &self.proofs {
            out.put(&proof.sum);
            out.put(&proof.digest);
        }
    }
}

impl<const K: usize> Decode for Trees<K> {
    type Shape = ();

    fn len_for((): ()) -> usize {
        const { 32 + 128 * 2 * Block::BYTES + Self::TREES * 64 }
    }

    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let reply = base::Reply::decode((), r)?;
        let mut masked = vec![[Block::ZERO; 2]; 128];
        for block in masked.as_flattened_mut() {
            *block = Block(r.u128()?);
        }
        let mut proofs = vec![TreeProof { sum: [0; 32], digest: [0; 32] }; Self::TREES];
        for proof in &mut proofs {
            *proof = TreeProof { sum: r.array()?, digest: r.array()? };
        }
        Ok(Self { reply, masked, proofs })
    }
}

message! {
    /// The receiver's answer to a [`Coin`]: 48 bytes.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Answer(()) {
        pub(super) choices: Block = (),
        pub(super) columns: [u8; 32] = (),
    }
}
