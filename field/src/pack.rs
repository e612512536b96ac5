//! Packing: element i of a vector occupies bits `[44 i, 44 (i+1))` of a little-endian bit string.
//!
//! [`pack`] and [`unpack`] are the fast path for elements of F; [`pack_bits`], [`unpack_bits`], [`BitWriter`] and
//! [`BitReader`] do the same for fields of 1 to 64 bits. Encodings are canonical: unused bits of the last byte are
//! zero, and the readers refuse anything else. Work is independent of the values packed.

mod bits;

pub use bits::{BitReader, BitWriter, bits_len, pack_bits, unpack_bits};

use crate::mask::sign_unguarded;
use crate::{DecodeError, Fp, MODULUS, ct};

/// Bytes of `n` packed elements: `ceil(44 n / 8)`, that is five and a half bytes each.
#[must_use]
pub const fn packed_len(n: usize) -> usize {
    bits_len(ELEMENT_BITS, n)
}

/// Packs `values` into `out`.
///
/// ```
/// # use muse_field::{Fp, pack::{pack, packed_len}};
/// let mut bytes = [0; packed_len(3)];
/// pack(&[Fp::new(1), Fp::new(2), Fp::new(3)], &mut bytes);
/// assert_eq!(bytes, [1, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0]);
/// ```
///
/// # Panics
/// If `out.len() != packed_len(values.len())`.
pub fn pack(values: &[Fp], out: &mut [u8]) {
    assert_eq!(out.len(), packed_len(values.len()), "output of wrong length");
    let (pairs, last) = values.as_chunks::<2>();
    let (cells, tail) = out.split_at_mut(pairs.len() * PAIR_BYTES);
    for ([a, b], cell) in pairs.iter().zip(cells.as_chunks_mut::<PAIR_BYTES>().0) {
        let joined = u128::from(a.to_u64()) | (u128::from(b.to_u64()) << ELEMENT_BITS);
        cell.copy_from_slice(&joined.to_le_bytes()[..PAIR_BYTES]);
    }
    if let [last] = last {
        tail.copy_from_slice(&last.to_u64().to_le_bytes()[..LAST_BYTES]);
    }
}

/// Unpacks `out.len()` elements.
///
/// # Errors
/// [`DecodeError::Length`] if `bytes.len() != packed_len(out.len())`, [`DecodeError::NotCanonical`] if an element
/// is p or more or a padding bit is set; which element it is stays unsaid. After an error `out` holds elements
/// without meaning.
pub fn unpack(bytes: &[u8], out: &mut [Fp]) -> Result<(), DecodeError> {
    if bytes.len() != packed_len(out.len()) {
        return Err(DecodeError::Length);
    }
    let (pairs, last) = out.as_chunks_mut::<2>();
    let (cells, tail) = bytes.split_at(pairs.len() * PAIR_BYTES);
    let mut bad = 0;
    for ([a, b], cell) in pairs.iter_mut().zip(cells.as_chunks::<PAIR_BYTES>().0) {
        let mut joined = [0; 16];
        joined[..PAIR_BYTES].copy_from_slice(cell);
        let joined = u128::from_le_bytes(joined);
        *a = checked(joined as u64 & ELEMENT_MASK, &mut bad);
        *b = checked((joined >> ELEMENT_BITS) as u64, &mut bad);
    }
    if let [last] = last {
        let mut word = [0; 8];
        word[..LAST_BYTES].copy_from_slice(tail);
        // The four padding bits, if set, make the word exceed 2^44 and hence p.
        *last = checked(u64::from_le_bytes(word), &mut bad);
    }
    // The verdict on all elements together is public.
    if ct::disclosed(bad == 0) { Ok(()) } else { Err(DecodeError::NotCanonical) }
}

/// The element of a word below 2^48; `bad` becomes nonzero if the word is not canonical. No branch.
#[inline]
fn checked(word: u64, bad: &mut u64) -> Fp {
    let canonical = sign_unguarded(word.wrapping_sub(MODULUS));
    *bad |= !canonical;
    Fp::from_reduced(word & canonical)
}

pub(crate) const ELEMENT_BITS: u32 = Fp::BITS as u32;
const ELEMENT_MASK: u64 = (1 << ELEMENT_BITS) - 1;
/// Two elements fill 88 bits.
const PAIR_BYTES: usize = 11;
/// A single last element takes six bytes, four bits of which are padding.
const LAST_BYTES: usize = 6;

#[cfg(test)]
mod tests;
