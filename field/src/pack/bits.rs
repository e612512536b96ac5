//! Fixed-width fields of 1 to 64 bits in a little-endian bit string.

use crate::{DecodeError, ct};

/// Bytes of `n` fields of `width` bits: `ceil(width * n / 8)`.
#[must_use]
pub const fn bits_len(width: u32, n: usize) -> usize {
    let width = width as usize;
    (n / 8).saturating_mul(width).saturating_add(((n % 8) * width).div_ceil(8))
}

/// Packs `values` into `out`, field i at bits `[width * i, width * (i+1))`.
///
/// # Panics
/// If `width` is not in `1..=64` or `out.len() != bits_len(width, values.len())`; debug builds also if a value has
/// more than `width` bits.
pub fn pack_bits(width: u32, values: &[u64], out: &mut [u8]) {
    assert_eq!(out.len(), bits_len(width, values.len()), "output of wrong length");
    let mut writer = BitWriter::new(out);
    for v in values {
        writer.write(width, *v);
    }
    writer.finish();
}

/// Unpacks `out.len()` fields of `width` bits. All values of `width` bits are accepted: bounds are the caller's.
///
/// # Errors
/// [`DecodeError::Length`] if `bytes.len() != bits_len(width, out.len())`, [`DecodeError::NotCanonical`] if a
/// padding bit is set.
///
/// # Panics
/// If `width` is not in `1..=64`.
pub fn unpack_bits(width: u32, bytes: &[u8], out: &mut [u64]) -> Result<(), DecodeError> {
    if bytes.len() != bits_len(width, out.len()) {
        return Err(DecodeError::Length);
    }
    let mut reader = BitReader::new(bytes);
    for v in out {
        *v = reader.read(width)?;
    }
    reader.finish()
}

/// Writes fields one after the other, least significant bit first.
#[derive(Debug)]
pub struct BitWriter<'a> {
    out: &'a mut [u8],
    /// Bits that do not fill a word of 64 yet.
    pending: u64,
    /// Their number, below 64.
    filled: u32,
}

impl<'a> BitWriter<'a> {
    /// Starts at bit 0 of `out`, which the writer must fill exactly.
    #[must_use]
    pub const fn new(out: &'a mut [u8]) -> Self {
        Self { out, pending: 0, filled: 0 }
    }

    /// Appends the low `width` bits of `value`.
    ///
    /// # Panics
    /// If `width` is not in `1..=64` or the output is full; debug builds also if higher bits of `value` are set.
    #[inline]
    pub fn write(&mut self, width: u32, value: u64) {
        assert!(width.wrapping_sub(1) < 64, "a field has 1 to 64 bits");
        let mask = u64::MAX >> (64 - width);
        debug_assert!(value & !mask == 0, "value wider than its field");
        let joined = u128::from(self.pending) | (u128::from(value & mask) << self.filled);
        let total = self.filled + width;
        if total >= 64 {
            self.emit(&(joined as u64).to_le_bytes());
            self.pending = (joined >> 64) as u64;
            self.filled = total - 64;
        } else {
            self.pending = joined as u64;
            self.filled = total;
        }
    }

    /// Writes the last bits, padded with zeros to a whole byte.
    ///
    /// # Panics
    /// If the output is not exactly full afterwards.
    pub fn finish(mut self) {
        let bytes = self.filled.div_ceil(8) as usize;
        let last = self.pending.to_le_bytes();
        self.emit(&last[..bytes]);
        assert!(self.out.is_empty(), "output longer than its fields");
    }

    #[inline]
    fn emit(&mut self, bytes: &[u8]) {
        let (cell, rest) = core::mem::take(&mut self.out)
            .split_at_mut_checked(bytes.len())
            .expect("output shorter than its fields");
        cell.copy_from_slice(bytes);
        self.out = rest;
    }
}

/// Reads fields one after the other, least significant bit first.
#[derive(Clone, Debug)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits taken from `bytes` and not read yet.
    pending: u64,
    /// Their number, at most 64.
    available: u32,
}

impl<'a> BitReader<'a> {
    /// Starts at bit 0 of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, pending: 0, available: 0 }
    }

    /// The next field.
    ///
    /// # Errors
    /// [`DecodeError::Length`] if fewer than `width` bits remain; nothing is consumed then.
    ///
    /// # Panics
    /// If `width` is not in `1..=64`.
    #[inline]
    pub fn read(&mut self, width: u32) -> Result<u64, DecodeError> {
        assert!(width.wrapping_sub(1) < 64, "a field has 1 to 64 bits");
        let mask = u64::MAX >> (64 - width);
        if self.available >= width {
            let value = self.pending & mask;
            self.pending = if width == 64 { 0 } else { self.pending >> width };
            self.available -= width;
            return Ok(value);
        }
        let (word, bits, rest) = self.next_word();
        if self.available + bits < width {
            return Err(DecodeError::Length);
        }
        self.bytes = rest;
        let joined = u128::from(self.pending) | (u128::from(word) << self.available);
        self.pending = (joined >> width) as u64;
        self.available = self.available + bits - width;
        Ok(joined as u64 & mask)
    }

    /// Ends the string.
    ///
    /// # Errors
    /// [`DecodeError::TrailingBytes`] if a whole byte remains, [`DecodeError::NotCanonical`] if a padding bit is
    /// set.
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.available >= 8 || !self.bytes.is_empty() {
            Err(DecodeError::TrailingBytes)
        } else if ct::disclosed(self.pending != 0) {
            Err(DecodeError::NotCanonical)
        } else {
            Ok(())
        }
    }

    /// Up to eight more bytes, the number of bits they are, and what follows them.
    #[inline]
    fn next_word(&self) -> (u64, u32, &'a [u8]) {
        if let Some((word, rest)) = self.bytes.split_first_chunk::<8>() {
            return (u64::from_le_bytes(*word), 64, rest);
        }
        let mut word = [0; 8];
        let mut bits = 0;
        for (cell, byte) in word.iter_mut().zip(self.bytes) {
            *cell = *byte;
            bits += 8;
        }
        (u64::from_le_bytes(word), bits, &[])
    }
}
