//! Writing encodings.

use crate::Fp;
use crate::pack::{bits_len, pack, pack_bits, packed_len};

/// A cursor over a buffer that the encoder must fill exactly. Writing past its end is a bug of the encoder and
/// panics.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut [u8],
}

impl<'a> Writer<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(out: &'a mut [u8]) -> Self {
        Self { out }
    }

    /// Bytes not written yet.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.out.len()
    }

    /// The next `n` bytes, for the caller to fill.
    ///
    /// # Panics
    /// If fewer remain.
    #[must_use]
    pub fn reserve(&mut self, n: usize) -> &'a mut [u8] {
        let (cell, rest) =
            core::mem::take(&mut self.out).split_at_mut_checked(n).expect("encoder announced its length");
        self.out = rest;
        cell
    }

    /// Appends bytes as they are.
    ///
    /// # Panics
    /// If they do not fit.
    pub fn put(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len()).copy_from_slice(bytes);
    }

    /// Appends one byte.
    ///
    /// # Panics
    /// If it does not fit.
    pub fn u8(&mut self, v: u8) {
        self.put(&[v]);
    }

    /// Appends a little-endian 16-bit integer.
    ///
    /// # Panics
    /// If it does not fit.
    pub fn u16(&mut self, v: u16) {
        self.put(&v.to_le_bytes());
    }

    /// Appends a little-endian 32-bit integer.
    ///
    /// # Panics
    /// If it does not fit.
    pub fn u32(&mut self, v: u32) {
        self.put(&v.to_le_bytes());
    }

    /// Appends a little-endian 64-bit integer.
    ///
    /// # Panics
    /// If it does not fit.
    pub fn u64(&mut self, v: u64) {
        self.put(&v.to_le_bytes());
    }

    /// Appends a little-endian 128-bit integer.
    ///
    /// # Panics
    /// If it does not fit.
    pub fn u128(&mut self, v: u128) {
        self.put(&v.to_le_bytes());
    }

    /// Appends packed elements, `packed_len(values.len())` bytes.
    ///
    /// # Panics
    /// If they do not fit.
    pub fn elements(&mut self, values: &[Fp]) {
        pack(values, self.reserve(packed_len(values.len())));
    }

    /// Appends packed fields of `width` bits, `bits_len(width, values.len())` bytes.
    ///
    /// # Panics
    /// If they do not fit or `width` is not in `1..=64`.
    pub fn bits(&mut self, width: u32, values: &[u64]) {
        pack_bits(width, values, self.reserve(bits_len(width, values.len())));
    }

    /// Ends the writing.
    ///
    /// # Panics
    /// If the buffer is not full.
    pub fn finish(self) {
        assert!(self.out.is_empty(), "encoder wrote less than it announced");
    }
}
