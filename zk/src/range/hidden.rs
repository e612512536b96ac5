//! The client's side of a formula: a polynomial.

use core::ops::Range;

use muse_field::mask::Mask;
use muse_gc::gf128::Gf128;
use muse_gc::label::Block;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::batch::{GroupLabels, LANES, Lanes};
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

    fn and(&mut self, bit: HiddenBit) {
        self.degree += 1;
        Gf128::mul_linear(&mut self.low[..self.degree], &mut self.lead, &bit.label, &bit.bit);
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
    labels: GroupLabels<'a>,
    /// 44 bits and the helper bits above them.
    bits: Zeroizing<[u64; LANES]>,
}

impl<'a> HiddenInputs<'a> {
    pub(super) fn new(choices: &Choices, labels: &'a [Block], group: Range<usize>) -> Self {
        let mut bits = Zeroizing::new([0; LANES]);
        for (bits, j) in bits.iter_mut().zip(group.clone()) {
            *bits = choices.bits_of(j);
        }
        Self { labels: GroupLabels::new(labels, choices.values(), group), bits }
    }
}

impl Inputs for HiddenInputs<'_> {
    type Formula = Hidden;

    #[inline]
    fn bit(&self, i: usize) -> HiddenBit {
        // All ones, if the bit is one.
        let mask = |bits: u64| Block(Mask::of_bit(bits >> i).to_u128());
        HiddenBit { label: self.labels.get(i), bit: self.bits.map(mask) }
    }

    #[inline]
    fn complement(&self, i: usize) -> HiddenBit {
        let HiddenBit { label, bit } = self.bit(i);
        HiddenBit { label, bit: bit.map(complement) }
    }
}

fn complement(mask: Block) -> Block {
    mask ^ Block(u128::MAX)
}

fn add(sum: &mut Lanes, x: &Lanes) {
    for (sum, &x) in sum.iter_mut().zip(x) {
        *sum ^= x;
    }
}
