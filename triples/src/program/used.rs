//! What programs use up, counted.

use core::ops::Add;

/// What a program uses up, and its rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Products.
    pub products: u64,
    /// Random bits.
    pub bits: u64,
    /// Values put in by the first party and by the second.
    pub inputs: [u64; 2],
    /// Values opened under a mask.
    pub masked: u64,
    /// Values of the result, and those that are checked before they are used.
    pub outputs: u64,
    /// Steps with a message, one after the other.
    pub steps: u64,
}

impl Used {
    /// Nothing.
    pub const NONE: Self = Self { products: 0, bits: 0, inputs: [0, 0], masked: 0, outputs: 0, steps: 0 };

    /// Triples: one for each product and each random bit.
    #[must_use]
    pub const fn triples(self) -> u64 {
        self.products + self.bits
    }

    /// One after the other.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            products: self.products + other.products,
            bits: self.bits + other.bits,
            inputs: [self.inputs[0] + other.inputs[0], self.inputs[1] + other.inputs[1]],
            masked: self.masked + other.masked,
            outputs: self.outputs + other.outputs,
            steps: self.steps + other.steps,
        }
    }
}

impl Add for Used {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.plus(other)
    }
}
