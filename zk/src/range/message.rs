//! [`Message`]: what the client sends.

use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use muse_gc::gf128::Gf128;
use muse_gc::label::Block;

use super::DEGREE;

/// The proof for a batch: ten elements of GF(2^128), 160 bytes whatever the number of values.
///
/// The coefficients of X^0 to X^9, 16 bytes little-endian each; every such string is canonical. Needs no confidential channel:
/// its distribution depends on the server's keys alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message(pub(super) [Gf128; DEGREE]);

impl Message {
    /// Bytes of a message.
    pub const BYTES: usize = DEGREE * Block::BYTES;
}

impl Encode for Message {
    fn encoded_len(&self) -> usize {
        Self::BYTES
    }

    fn encode(&self, out: &mut Writer<'_>) {
        for coefficient in &self.0 {
            coefficient.0.encode(out);
        }
    }
}

impl Decode for Message {
    type Shape = ();

    fn len_for((): ()) -> usize {
        Self::BYTES
    }

    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut coefficients = [Gf128::ZERO; DEGREE];
        for coefficient in &mut coefficients {
            *coefficient = Gf128(Block::decode((), r)?);
        }
        Ok(Self(coefficients))
    }
}
