//! The server's side of a formula: its value at `Delta`.

use core::ops::Range;

use muse_gc::gf128::Gf128;
use muse_gc::label::{Block, Delta};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::DEGREE;
use super::batch::{GroupLabels, LANES, Lanes};
use super::statements::{Formula, Inputs};

/// `Delta^0` to `Delta^10`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Powers([Gf128; DEGREE + 1]);

impl Powers {
    pub(super) fn new(delta: &Delta) -> Self {
        let mut powers = [Gf128::ONE; DEGREE + 1];
        for i in 1..=DEGREE {
            powers[i] = powers[i - 1] * Gf128(delta.block());
        }
        Self(powers)
    }

    /// `Delta^i`.
    pub(super) const fn get(&self, i: usize) -> Gf128 {
        self.0[i]
    }
}

/// Values at `Delta` of polynomials of degree `degree`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Key<'a> {
    value: Lanes,
    degree: usize,
    #[zeroize(skip)]
    powers: &'a Powers,
}

impl<'a> Key<'a> {
    pub(super) const fn new(powers: &'a Powers) -> Self {
        Self { value: [Block::ZERO; LANES], degree: 0, powers }
    }

    pub(super) const fn value(&self) -> &Lanes {
        &self.value
    }
}

impl Formula for Key<'_> {
    type Bit = Lanes;

    fn set(&mut self, key: Lanes) {
        self.value = key;
        self.degree = 1;
    }

    fn and(&mut self, key: Lanes) {
        Gf128::mul_each(&mut self.value, &key);
        self.degree += 1;
    }

    fn not(&mut self) {
        let one: Block = self.powers.get(self.degree).into();
        self.value = self.value.map(|value| value ^ one);
    }

    fn xor(&mut self, mut key: Lanes) {
        let power: Block = self.powers.get(self.degree - 1).into();
        Gf128::mul_each(&mut key, &[power; LANES]);
        for (value, raised) in self.value.iter_mut().zip(key) {
            *value ^= raised;
        }
    }
}

/// Some values of a batch, at most [`LANES`]; the lanes beyond them hold junk.
pub(super) struct KeyInputs<'a> {
    powers: &'a Powers,
    keys: GroupLabels<'a>,
}

impl<'a> KeyInputs<'a> {
    pub(super) fn new(powers: &'a Powers, keys: &'a [Block], values: usize, group: Range<usize>) -> Self {
        Self { powers, keys: GroupLabels::new(keys, values, group) }
    }
}

impl<'a> Inputs for KeyInputs<'a> {
    type Formula = Key<'a>;

    #[inline]
    fn bit(&self, i: usize) -> Lanes {
        self.keys.get(i)
    }

    #[inline]
    fn complement(&self, i: usize) -> Lanes {
        let delta: Block = self.powers.get(1).into();
        self.bit(i).map(|key| key ^ delta)
    }
}
