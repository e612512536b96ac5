//! The client's side of a formula: a polynomial.

use core::ops::Range;

use muse_gc::gf128::Gf128;
use muse_gc::label::Block;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::batch::{LANES, Lanes, place};
use super::statements::{Formula, Inputs};
use super::{Choices, DEGREE};

/// A bit of some values: the polynomials `label + bit*X`. Bits are masks, all ones or zero.
pub(super) struct HiddenBit {
    label: Lanes,
    bit: Lanes,
}

/// Polynomials of degree `degree`: the lower coefficients, and the leading one, which is a bit, as a mask.
///
/// No branch, no index and no number of operations depends on a bit.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Hidden {
    low: [Lanes; DEGREE],
    lead: Lanes,
    degree: usize,
}

impl Hidden {
    pub(super) const fn new() -> Self {
        Self { low: [[Block::ZERO; LANES]; DEGREE], lead: [Block::ZERO; LANES], degree: 0 }
    }

    /// The coefficients of X^0 .. X^(degree - 1).
    pub(super) fn low(&self) -> &[Lanes] {
        &self.low[..self.degree]
    }
}

impl Formula for Hidden {
    type Bit = HiddenBit;

    fn set(&mut self, bit: HiddenBit) {
        self.low[0] = bit.label;
        self.lead = bit.bit;
        self.degree = 1;
    }

    /// (F + f X^d)(L + b X) = F L + (F b) X + (f L) X^d + (f b) X^(d+1).
    fn and(&mut self, bit: HiddenBit) {
        let d = self.degree;
        let old = self.low;
        self.low[d] = [Block::ZERO; LANES];
        Gf128::mul_rows(&mut self.low[..d], &bit.label);
        for (new, old) in self.low[1..=d].iter_mut().zip(&old) {
            add_masked(new, old, &bit.bit);
        }
        add_masked(&mut self.low[d], &bit.label, &self.lead);
        for (lead, bit) in self.lead.iter_mut().zip(bit.bit) {
            *lead = *lead & bit;
        }
        self.degree = d + 1;
    }

    /// X^d + F(X): the complement of the leading coefficient.
    fn not(&mut self) {
        self.lead = self.lead.map(complement);
    }

    /// (L + b X) X^(d-1).
    fn xor(&mut self, bit: HiddenBit) {
        add(&mut self.low[self.degree - 1], &bit.label);
        add(&mut self.lead, &bit.bit);
    }
}

/// Some values of a batch, at most [`LANES`]; in the lanes beyond them everything is zero.
pub(super) struct HiddenInputs<'a> {
    pub(super) choices: &'a Choices,
    pub(super) labels: &'a [Block],
    pub(super) values: usize,
    pub(super) group: Range<usize>,
}

impl Inputs for HiddenInputs<'_> {
    type Formula = Hidden;

    #[inline]
    fn bit(&self, i: usize) -> HiddenBit {
        let mut wire = HiddenBit { label: [Block::ZERO; LANES], bit: [Block::ZERO; LANES] };
        for (lane, j) in self.group.clone().enumerate() {
            let at = place(self.values, j, i);
            wire.label[lane] = self.labels[at];
            wire.bit[lane] = Block(u128::MAX).masked(self.choices.bit(at));
        }
        wire
    }

    #[inline]
    fn complement(&self, i: usize) -> HiddenBit {
        let HiddenBit { label, bit } = self.bit(i);
        HiddenBit { label, bit: bit.map(complement) }
    }
}

#[inline]
fn complement(mask: Block) -> Block {
    mask ^ Block(u128::MAX)
}

#[inline]
fn add(sum: &mut Lanes, x: &Lanes) {
    for (sum, &x) in sum.iter_mut().zip(x) {
        *sum ^= x;
    }
}

#[inline]
fn add_masked(sum: &mut Lanes, x: &Lanes, mask: &Lanes) {
    for ((sum, &x), &mask) in sum.iter_mut().zip(x).zip(mask) {
        *sum ^= x & mask;
    }
}
