//! Hashing of secrets: SHA-512 that wipes its state.
//!
//! For tree nodes, leaves, base-OT pads and column hashes, of which there are many short ones: 64 bytes of output give several
//! independent values from one call. The input is a fixed-length header, then fields of lengths that the domain fixes, so
//! it is injective: the domain's name padded with zeros to 32 bytes, the session, then integers of 8 bytes and byte
//! strings. Header, three integers and one block fill one SHA-512 block together with its padding.

use muse_field::id::SessionId;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::label::Block;

/// A running hash; its output serves as one or several independent values cut from 64 bytes.
pub(super) struct Hash(Sha512);

/// The output of a [`struct@Hash`].
pub(super) struct Output(Zeroizing<[u8; 64]>);

impl Hash {
    /// Starts in a domain (at most 32 bytes) of a session.
    pub(super) fn new(domain: &'static str, session: &SessionId) -> Self {
        let mut name = [0; 32];
        name[..domain.len()].copy_from_slice(domain.as_bytes());
        Self(Sha512::new_with_prefix(name)).bytes(session.as_bytes())
    }

    pub(super) fn number(self, n: u64) -> Self {
        self.bytes(&n.to_le_bytes())
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    pub(super) fn finish(self) -> Output {
        let mut out = Zeroizing::new([0; 64]);
        self.0.finalize_into((&mut *out).into());
        Output(out)
    }
}

impl Output {
    /// All 64 bytes.
    pub(super) fn bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// The first 32 bytes.
    pub(super) fn first_half(&self) -> [u8; 32] {
        self.0.first_chunk().copied().expect("64 bytes have a first half")
    }

    /// 16 bytes, the `n`-th of four.
    pub(super) fn block(&self, n: usize) -> Block {
        let (quarters, _) = self.0.as_chunks();
        Block::from_bytes(quarters[n])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sha_512_of_the_documented_layout() {
        let session = SessionId::from_bytes([7; 32]);
        let ours = Hash::new("name", &session).number(0x0102).bytes(b"xyz").finish();
        let mut input = [0; 32 + 32 + 8 + 3];
        input[..4].copy_from_slice(b"name");
        input[32..64].fill(7);
        input[64..66].copy_from_slice(&[2, 1]);
        input[72..].copy_from_slice(b"xyz");
        let want = Sha512::digest(input);
        assert_eq!(ours.bytes()[..], want[..]);
        assert_eq!(ours.first_half(), want[..32]);
        assert_eq!(ours.block(3).to_bytes(), want[48..]);
    }
}
