//! The codec of every message, and the traits of bulk data.
//!
//! A message knows its length before a byte arrives: [`Decode`] takes the expected **shape** (public dimensions,
//! such as a number of elements) and never a length from the peer. Encodings are canonical, integers are
//! little-endian, elements are packed at 44 bits ([`crate::pack`]). Bulk data (garbled tables, ciphertexts,
//! oblivious-transfer columns) is not a message but a flow: [`Outflow`] and [`Inflow`] move whole units through buffers of the
//! caller, so memory is bounded by the buffer.

mod flow;
mod impls;
mod message;
mod reader;
mod writer;

pub use crate::error::DecodeError;
pub use crate::message;
pub use flow::{Inflow, Outflow};
pub use reader::Reader;
pub use writer::Writer;

use alloc::vec;
use alloc::vec::Vec;

/// A value with a canonical encoding.
pub trait Encode {
    /// Bytes that [`encode`](Self::encode) writes; a function of the public shape alone.
    fn encoded_len(&self) -> usize;

    /// Writes exactly [`encoded_len`](Self::encoded_len) bytes.
    fn encode(&self, out: &mut Writer<'_>);
}

/// A value that can be read back, given its public dimensions.
pub trait Decode: Sized {
    /// Public dimensions, known before a byte arrives.
    type Shape: Copy;

    /// Bytes of the encoding of a value of this shape.
    fn len_for(shape: Self::Shape) -> usize;

    /// Reads exactly [`len_for(shape)`](Self::len_for) bytes, and accepts canonical encodings only.
    ///
    /// # Errors
    /// A [`DecodeError`]. Implementations never panic and never allocate more than the shape asks for.
    fn decode(shape: Self::Shape, r: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// The encoding of a value as a vector.
///
/// # Panics
/// If an implementation of [`Encode`] writes another number of bytes than it announced.
#[must_use]
pub fn to_vec<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0; value.encoded_len()];
    let mut writer = Writer::new(&mut bytes);
    value.encode(&mut writer);
    writer.finish();
    bytes
}

/// Decodes a value that must fill `bytes` exactly.
///
/// ```
/// # use muse_field::{Fp, wire::{from_slice, to_vec, DecodeError}};
/// let bytes = to_vec(&vec![Fp::ONE, Fp::new(2)]);
/// assert_eq!(from_slice::<Vec<Fp>>(2, &bytes), Ok(vec![Fp::ONE, Fp::new(2)]));
/// assert_eq!(from_slice::<Vec<Fp>>(1, &bytes), Err(DecodeError::TrailingBytes));
/// ```
///
/// # Errors
/// [`DecodeError::Length`] if bytes are missing, [`DecodeError::TrailingBytes`] if some remain, or what the decoder
/// of `T` refuses.
pub fn from_slice<T: Decode>(shape: T::Shape, bytes: &[u8]) -> Result<T, DecodeError> {
    let expected = T::len_for(shape);
    if bytes.len() > expected {
        return Err(DecodeError::TrailingBytes);
    }
    if bytes.len() < expected {
        return Err(DecodeError::Length);
    }
    let mut reader = Reader::new(bytes);
    let value = T::decode(shape, &mut reader)?;
    reader.finish()?;
    Ok(value)
}

#[cfg(test)]
mod tests;
