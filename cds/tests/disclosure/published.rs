//! Disclosure from triples: its messages, its checks.

mod cheaters;
mod honest;
mod hostile;

use muse_field::pack::packed_len;

/// Messages of a disclosure of one group: inputs, halves, proofs, labels.
const INPUTS: usize = 0;
const HALVES: usize = 1;
const PROOFS: usize = 2;
const LABELS: usize = 3;

/// Where element `at` of the inputs of `n` values is in its message, and where opened difference `at` is.
fn input_at(at: usize) -> Bits {
    Bits(44 * at)
}

fn difference_at(n: usize, at: usize) -> Bits {
    Bits(8 * packed_len(45 * n) + 44 * at)
}

/// The position of an element in a message.
#[derive(Clone, Copy)]
struct Bits(usize);

impl Bits {
    /// Adds to the element, as far as it stays canonical.
    fn add(self, message: &mut [u8], more: u64) {
        let (mut word, at) = ([0; 8], self.0 / 8);
        let len = word.len().min(message.len() - at);
        word[..len].copy_from_slice(&message[at..at + len]);
        let (word, shift) = (u64::from_le_bytes(word), self.0 % 8);
        let mask = (1 << 44) - 1;
        let element = (word >> shift) & mask;
        let sum = (element + more) % muse_field::MODULUS;
        let word = (word & !(mask << shift)) | (sum << shift);
        message[at..at + len].copy_from_slice(&word.to_le_bytes()[..len]);
    }
}
