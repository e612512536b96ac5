//! Reading the peer's bytes.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use super::DecodeError;
use crate::Fp;
use crate::pack::{bits_len, packed_len, unpack, unpack_bits};
use alloc::vec;
use alloc::vec::Vec;

/// A cursor over the peer's bytes. No method panics on their content; a failed read consumes nothing.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Bytes not read yet.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Length`] if fewer remain.
    pub const fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        match self.bytes.split_at_checked(n) {
            Some((head, rest)) => {
                self.bytes = rest;
                Ok(head)
            }
            None => Err(DecodeError::Length),
        }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Length`] if fewer remain.
    pub const fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.bytes.split_first_chunk() {
            Some((head, rest)) => {
                self.bytes = rest;
                Ok(*head)
            }
            None => Err(DecodeError::Length),
        }
    }

    /// One byte.
    ///
    /// # Errors
    /// [`DecodeError::Length`] if none remains.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_le_bytes)
    }

    /// A little-endian 16-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::Length`] if bytes are missing.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_le_bytes)
    }

    /// A little-endian 32-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::Length`] if bytes are missing.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }

    /// A little-endian 64-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::Length`] if bytes are missing.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A little-endian 128-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::Length`] if bytes are missing.
    pub fn u128(&mut self) -> Result<u128, DecodeError> {
        self.array().map(u128::from_le_bytes)
    }

    /// Fills `out` with packed elements, `packed_len(out.len())` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Length`] or [`DecodeError::NotCanonical`], as [`unpack`].
    pub fn elements_into(&mut self, out: &mut [Fp]) -> Result<(), DecodeError> {
        let mut ahead = self.clone();
        unpack(ahead.take(packed_len(out.len()))?, out)?;
        *self = ahead;
        Ok(())
    }

    /// `n` packed elements. Allocates only once the bytes are known to be there.
    ///
    /// # Errors
    /// [`DecodeError::Length`] or [`DecodeError::NotCanonical`], as [`unpack`].
    pub fn elements(&mut self, n: usize) -> Result<Vec<Fp>, DecodeError> {
        self.require(packed_len(n))?;
        let mut out = vec![Fp::ZERO; n];
        self.elements_into(&mut out)?;
        Ok(out)
    }

    /// `n` packed fields of `width` bits each. Allocates only once the bytes are known to be there.
    ///
    /// # Errors
    /// [`DecodeError::Length`], or [`DecodeError::NotCanonical`] if a padding bit is set.
    ///
    /// # Panics
    /// If `width`, which is the caller's, is not in `1..=64`.
    pub fn bits(&mut self, width: u32, n: usize) -> Result<Vec<u64>, DecodeError> {
        let len = bits_len(width, n);
        self.require(len)?;
        let mut ahead = self.clone();
        let mut out = vec![0; n];
        unpack_bits(width, ahead.take(len)?, &mut out)?;
        *self = ahead;
        Ok(out)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`DecodeError::TrailingBytes`] if bytes remain.
    pub const fn finish(self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes) }
    }

    const fn require(&self, n: usize) -> Result<(), DecodeError> {
        if self.bytes.len() < n { Err(DecodeError::Length) } else { Ok(()) }
    }
}
