//! Bitwise operations and integer arithmetic on bundles.
//!
//! AND counts are for operands of `n` wires none of which is constant; with constants, and where a result is not used,
//! folding makes them smaller.

use alloc::vec::Vec;

use super::{Builder, Bundle, Wire};

impl Builder {
    /// Bitwise XOR. Free.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn xor_bundles(&mut self, x: &Bundle, y: &Bundle) -> Bundle {
        self.zip(x, y, Self::xor)
    }

    /// Bitwise AND. `n` AND.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn and_bundles(&mut self, x: &Bundle, y: &Bundle) -> Bundle {
        self.zip(x, y, Self::and)
    }

    /// Every bit of `x` AND `bit`: `x` or zero. `n` AND.
    pub fn and_bit(&mut self, bit: Wire, x: &Bundle) -> Bundle {
        x.iter().map(|wire| self.and(bit, wire)).collect()
    }

    /// Bitwise negation. Free.
    #[must_use]
    pub fn negate_bundle(&self, x: &Bundle) -> Bundle {
        x.iter().map(|wire| self.negate(wire)).collect()
    }

    /// `x` if `select` is 0, else `y`. `n` AND.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn mux_bundles(&mut self, select: Wire, x: &Bundle, y: &Bundle) -> Bundle {
        self.zip(x, y, |b, x, y| b.mux(select, x, y))
    }

    /// `x + y` modulo `2^n`, and the carry. `n` AND; `n - 1` if the carry is not used.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn add(&mut self, x: &Bundle, y: &Bundle) -> (Bundle, Wire) {
        self.add_with_carry(x, y, Wire::ZERO)
    }

    /// `x + y + carry` modulo `2^n`, and the carry. `n` AND; `n - 1` if the carry is not used.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn add_with_carry(&mut self, x: &Bundle, y: &Bundle, mut carry: Wire) -> (Bundle, Wire) {
        let sum = self.zip(x, y, |b, x, y| {
            let (bit, next) = b.full_adder(x, y, carry);
            carry = next;
            bit
        });
        (sum, carry)
    }

    /// `x - y` modulo `2^n`, and the borrow, which is 1 iff `x < y` as unsigned numbers. `n` AND; `n - 1` if the borrow
    /// is not used.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn subtract(&mut self, x: &Bundle, y: &Bundle) -> (Bundle, Wire) {
        let mut borrow = Wire::ZERO;
        let difference = self.zip(x, y, |b, x, y| {
            let (bit, next) = b.full_subtractor(x, y, borrow);
            borrow = next;
            bit
        });
        (difference, borrow)
    }

    /// `-x` modulo `2^n`. `n - 2` AND.
    pub fn twos_complement(&mut self, x: &Bundle) -> Bundle {
        let zero = self.constant(0, x.width());
        self.subtract(&zero, x).0
    }

    /// The whole product of unsigned `x` and `y`, on the sum of their widths. `2mn - m` AND for widths `n` and `m`: the
    /// partial products, and `m - 1` additions of `n` bits. A constant factor costs additions only, one fewer than it has
    /// ones; put it second.
    pub fn multiply(&mut self, x: &Bundle, y: &Bundle) -> Bundle {
        let width = x.width();
        // Bits i.. of the sum of the rows so far, and below them the bits that are final.
        let mut high = self.constant(0, width);
        let mut product: Vec<Wire> = Vec::with_capacity(width + y.width());
        for bit in y.iter() {
            let row = self.and_bit(bit, x);
            let (sum, carry) = self.add(&high, &row);
            let sum = sum.concat(&carry.into());
            product.push(sum[0]);
            high = sum.slice(1..width + 1);
        }
        product.extend(high.iter());
        product.into_iter().collect()
    }

    /// The number of ones in `x`, on the fewest bits that hold its width. Below `n` AND.
    pub fn popcount(&mut self, x: &Bundle) -> Bundle {
        match x.wires() {
            [] => Bundle::default(),
            [bit] => (*bit).into(),
            // Two halves and one bit over, which enters as the carry: every adder counts an input bit.
            [rest @ .., last] => {
                let (left, right) = rest.split_at(rest.len().div_ceil(2));
                let left = self.popcount(&left.iter().copied().collect());
                let right = self.popcount(&right.iter().copied().collect()).zero_extend(left.width());
                let (sum, carry) = self.add_with_carry(&left, &right, *last);
                let width = usize::BITS - x.width().leading_zeros();
                sum.concat(&carry.into()).zero_extend(width as usize)
            }
        }
    }

    pub(super) fn zip(
        &mut self,
        x: &Bundle,
        y: &Bundle,
        mut gate: impl FnMut(&mut Self, Wire, Wire) -> Wire,
    ) -> Bundle {
        assert_eq!(x.width(), y.width(), "bundles of one width");
        x.iter().zip(y.iter()).map(|(x, y)| gate(self, x, y)).collect()
    }
}
