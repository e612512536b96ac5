//! Comparisons and selections on bundles.
//!
//! AND counts are for operands of `n` wires none of which is constant.

use alloc::vec::Vec;

use super::{Builder, Bundle, Wire};

impl Builder {
    /// The AND of all bits; 1 for none. `n - 1` AND, in logarithmic depth.
    pub fn and_many(&mut self, x: &Bundle) -> Wire {
        match x.wires() {
            [] => Wire::ONE,
            [bit] => *bit,
            wires => {
                let (low, high) = wires.split_at(wires.len() / 2);
                let low = self.and_many(&low.iter().copied().collect());
                let high = self.and_many(&high.iter().copied().collect());
                self.and(low, high)
            }
        }
    }

    /// The OR of all bits; 0 for none. `n - 1` AND, in logarithmic depth.
    pub fn or_many(&mut self, x: &Bundle) -> Wire {
        let zeros = self.negate_bundle(x);
        let none = self.and_many(&zeros);
        self.negate(none)
    }

    /// `x == y`. `n - 1` AND.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn equal(&mut self, x: &Bundle, y: &Bundle) -> Wire {
        let differ = self.xor_bundles(x, y);
        let any = self.or_many(&differ);
        self.negate(any)
    }

    /// `x < y` as unsigned numbers. `n` AND.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn less_than(&mut self, x: &Bundle, y: &Bundle) -> Wire {
        self.subtract(x, y).1
    }

    /// `x < y` as two's complement numbers. `n` AND.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn less_than_signed(&mut self, x: &Bundle, y: &Bundle) -> Wire {
        // Flipping both signs adds 2^(n-1) to both, which keeps the order and makes them unsigned.
        let (x, y) = (self.flip_top(x), self.flip_top(y));
        self.less_than(&x, &y)
    }

    /// The larger of two unsigned numbers. `2n` AND.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn max(&mut self, x: &Bundle, y: &Bundle) -> Bundle {
        let less = self.less_than(x, y);
        self.mux_bundles(less, x, y)
    }

    /// The smaller of two unsigned numbers. `2n` AND.
    ///
    /// # Panics
    /// If the widths differ.
    pub fn min(&mut self, x: &Bundle, y: &Bundle) -> Bundle {
        let less = self.less_than(x, y);
        self.mux_bundles(less, y, x)
    }

    /// The index of the largest of unsigned numbers, the lowest such index if there are several, and the largest number.
    ///
    /// The index has as many bits as the last index needs (none for a single number). A tournament: `2n` AND for each
    /// number but one, less `n` if the largest number itself is not used, and fewer than one AND per number for the index.
    ///
    /// # Panics
    /// If there is no number, or the widths differ.
    pub fn argmax(&mut self, numbers: &[Bundle]) -> (Bundle, Bundle) {
        assert!(!numbers.is_empty(), "the largest of no numbers");
        let index_bits = (usize::BITS - (numbers.len() - 1).leading_zeros()) as usize;
        let mut round: Vec<(Bundle, Bundle)> =
            (0..).zip(numbers).map(|(i, x)| (self.constant(i, index_bits), x.clone())).collect();
        while round.len() > 1 {
            let pairs = round.chunks(2).map(|pair| match pair {
                [(i, x), (j, y)] => {
                    let less = self.less_than(x, y);
                    (self.mux_bundles(less, i, j), self.mux_bundles(less, x, y))
                }
                bye => bye[0].clone(),
            });
            round = pairs.collect();
        }
        round.swap_remove(0)
    }

    /// The index of the largest of two's complement numbers, and that number; otherwise as [`argmax`](Self::argmax).
    ///
    /// # Panics
    /// If there is no number, or the widths differ.
    pub fn argmax_signed(&mut self, numbers: &[Bundle]) -> (Bundle, Bundle) {
        let shifted: Vec<Bundle> = numbers.iter().map(|x| self.flip_top(x)).collect();
        let (index, largest) = self.argmax(&shifted);
        let largest = self.flip_top(&largest);
        (index, largest)
    }

    fn flip_top(&self, x: &Bundle) -> Bundle {
        let top = x.width().checked_sub(1);
        x.iter().enumerate().map(|(i, bit)| if Some(i) == top { self.negate(bit) } else { bit }).collect()
    }
}
