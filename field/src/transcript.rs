//! [`Transcript`]: an injective, domain-separated record of labelled values, hashed with BLAKE3.
//!
//! Both parties append the same values in the same order and derive the same digests and generators. Every item
//! is written as its kind (one byte), the length of its label, the label, the length of its data and the data (lengths
//! as 8 bytes), so two different sequences of items never give the same input to the hash.

use crate::Fp;
use crate::prg::Prg;
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A running hash of labelled items.
///
/// ```
/// # use muse_field::transcript::Transcript;
/// let mut transcript = Transcript::new("example protocol v1");
/// transcript.append("name", b"value").append_u64("count", 3);
/// let before = transcript.digest("challenge");
/// transcript.append_u64("count", 4);
/// assert_ne!(before, transcript.digest("challenge"));
/// ```
///
/// The hash state is wiped on drop, so secrets may be appended (the MACs of an opening, keys of a base OT).
#[derive(Clone)]
pub struct Transcript {
    hasher: blake3::Hasher,
}

/// Separates transcripts from all other uses of the hash.
pub(crate) const DOMAIN: &str = "muse-field transcript v1";

impl Transcript {
    /// An empty transcript of one domain: a name that no other use of this type has, with its version.
    #[must_use]
    pub fn new(domain: &'static str) -> Self {
        let mut transcript = Self { hasher: blake3::Hasher::new_derive_key(DOMAIN) };
        transcript.append("domain", domain.as_bytes());
        transcript
    }

    /// Appends bytes of any length under a label.
    pub fn append(&mut self, label: &'static str, bytes: &[u8]) -> &mut Self {
        self.item(Kind::Bytes, label, bytes.len());
        self.hasher.update(bytes);
        self
    }

    /// Appends an integer, as 8 little-endian bytes.
    pub fn append_u64(&mut self, label: &'static str, v: u64) -> &mut Self {
        self.item(Kind::Integer, label, 8);
        self.hasher.update(&v.to_le_bytes());
        self
    }

    /// Appends elements: their number, then 8 little-endian bytes each.
    pub fn append_elements(&mut self, label: &'static str, values: &[Fp]) -> &mut Self {
        self.item(Kind::Elements, label, values.len());
        let mut buffer = Zeroizing::new([0; 8 * 64]);
        for chunk in values.chunks(64) {
            for (cell, v) in buffer.chunks_exact_mut(8).zip(chunk) {
                cell.copy_from_slice(&v.to_u64().to_le_bytes());
            }
            self.hasher.update(&buffer[..8 * chunk.len()]);
        }
        self
    }

    /// The digest of everything so far, for one use named by the label. The transcript itself is unchanged.
    #[must_use]
    pub fn digest(&self, label: &'static str) -> [u8; 32] {
        self.end(Kind::Digest, label)
    }

    /// A generator seeded by everything so far, for one use named by the label; independent of
    /// [`digest`](Self::digest) under the same label. The transcript itself is unchanged.
    #[must_use]
    pub fn prg(&self, label: &'static str) -> Prg {
        Prg::from_seed(self.end(Kind::Generator, label))
    }

    /// Closes a copy with a last item, of a kind that is never appended.
    fn end(&self, kind: Kind, label: &'static str) -> [u8; 32] {
        let mut copy = self.clone();
        copy.item(kind, label, 0);
        *copy.hasher.finalize().as_bytes()
    }

    /// Everything of an item before its data; `len` counts what the kind says.
    fn item(&mut self, kind: Kind, label: &str, len: usize) {
        self.hasher.update(&[kind as u8]);
        self.hasher.update(&(label.len() as u64).to_le_bytes());
        self.hasher.update(label.as_bytes());
        self.hasher.update(&(len as u64).to_le_bytes());
    }
}

/// What an item is; its first byte in the hash.
#[derive(Clone, Copy)]
enum Kind {
    /// `len` bytes.
    Bytes = 0,
    /// 8 bytes.
    Integer = 1,
    /// `len` elements of 8 bytes.
    Elements = 2,
    /// The end of a digest.
    Digest = 3,
    /// The end of a generator's seed.
    Generator = 4,
}

impl Drop for Transcript {
    fn drop(&mut self) {
        self.hasher.zeroize();
    }
}

impl ZeroizeOnDrop for Transcript {}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transcript(..)")
    }
}

#[cfg(test)]
mod tests;
