//! Numbers and other groups of wires.

use alloc::vec::Vec;
use core::ops::{Index, Range};

use super::Wire;

/// A group of wires; where it is a number, the least significant bit comes first.
///
/// Everything here only renames wires, so it is free. What needs gates is a method of [`Builder`](super::Builder).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Bundle(Vec<Wire>);

impl Bundle {
    /// The bundle of these wires.
    #[must_use]
    pub const fn new(wires: Vec<Wire>) -> Self {
        Self(wires)
    }

    /// Number of wires.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.0.len()
    }

    /// The wires, least significant first.
    #[must_use]
    pub fn wires(&self) -> &[Wire] {
        &self.0
    }

    /// The wires, least significant first, by value.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Wire> + ExactSizeIterator + '_ {
        self.0.iter().copied()
    }

    /// Bits `range` as a bundle of their own.
    ///
    /// # Panics
    /// If the range is not within the bundle.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self(self.0[range].to_vec())
    }

    /// The most significant wire, the sign of a number in two's complement.
    ///
    /// # Panics
    /// If the bundle is empty.
    #[must_use]
    pub fn top(&self) -> Wire {
        *self.0.last().expect("an empty bundle has no top bit")
    }

    /// `self` in the low bits, `high` above it.
    #[must_use]
    pub fn concat(&self, high: &Self) -> Self {
        self.iter().chain(high.iter()).collect()
    }

    /// The same unsigned number on `width` bits; a smaller width drops high bits.
    #[must_use]
    pub fn zero_extend(&self, width: usize) -> Self {
        self.resized(width, Wire::ZERO)
    }

    /// The same two's complement number on `width` bits; a smaller width drops high bits.
    ///
    /// # Panics
    /// If the bundle is empty.
    #[must_use]
    pub fn sign_extend(&self, width: usize) -> Self {
        self.resized(width, self.top())
    }

    /// `self * 2^count` on the same width: high bits are lost.
    #[must_use]
    pub fn shift_left(&self, count: usize) -> Self {
        core::iter::repeat_n(Wire::ZERO, count).chain(self.iter()).take(self.width()).collect()
    }

    /// `floor(self / 2^count)` of an unsigned number, on the same width.
    #[must_use]
    pub fn shift_right(&self, count: usize) -> Self {
        self.iter().skip(count).collect::<Self>().resized(self.width(), Wire::ZERO)
    }

    /// Bit `i` of the result is bit `i + count` of `self`, indices modulo the width.
    ///
    /// # Panics
    /// If `count` exceeds the width.
    #[must_use]
    pub fn rotate_right(&self, count: usize) -> Self {
        let mut wires = self.0.clone();
        wires.rotate_left(count);
        Self(wires)
    }

    fn resized(&self, width: usize, fill: Wire) -> Self {
        let mut wires = self.0.clone();
        wires.resize(width, fill);
        Self(wires)
    }
}

impl Index<usize> for Bundle {
    type Output = Wire;

    fn index(&self, bit: usize) -> &Wire {
        &self.0[bit]
    }
}

impl FromIterator<Wire> for Bundle {
    fn from_iter<I: IntoIterator<Item = Wire>>(wires: I) -> Self {
        Self(wires.into_iter().collect())
    }
}

impl From<Wire> for Bundle {
    fn from(wire: Wire) -> Self {
        Self(alloc::vec![wire])
    }
}
