//! y < p, once, for both parties.

use super::{BITS, STATEMENTS};

/// A formula over bits in the hands of one party: a polynomial to the client, its value at `Delta` to the server.
///
/// Every formula grows by single bits. A method that combines with a bit takes the bit's polynomial of degree one; that is
/// all the statements need.
pub(super) trait Formula {
    /// A bit, or its complement.
    type Bit;

    /// Becomes the bit.
    fn set(&mut self, bit: Self::Bit);

    /// Becomes the product with the bit; the degree rises by one.
    fn and(&mut self, bit: Self::Bit);

    /// Becomes the complement.
    fn not(&mut self);

    /// Becomes the sum with the bit, raised to this formula's degree by a power of X.
    fn xor(&mut self, bit: Self::Bit);
}

/// The bits of some values in the hands of one party: 0..44 the value's, 44..48 its helpers h0, h1, g0, g1.
pub(super) trait Inputs {
    /// What this party makes of them.
    type Formula: Formula;

    /// Bit `i`.
    fn bit(&self, i: usize) -> <Self::Formula as Formula>::Bit;

    /// The complement of bit `i`.
    fn complement(&self, i: usize) -> <Self::Formula as Formula>::Bit;
}

const H0: usize = BITS;
const H1: usize = BITS + 1;
const G0: usize = BITS + 2;
const G1: usize = BITS + 3;

/// The degree of each statement.
pub(crate) const DEGREES: [usize; STATEMENTS] = [9, 9, 10, 10, 10];

/// Calls `each(number, formula)` for the five formulas that are zero iff the helpers are right and y < p. `f` is scratch.
#[inline]
pub(super) fn each_statement<I: Inputs>(x: &I, f: &mut I::Formula, mut each: impl FnMut(usize, &I::Formula)) {
    // h0: bits 27..=35 are one.
    f.set(x.bit(27));
    (28..36).for_each(|i| f.and(x.bit(i)));
    f.xor(x.bit(H0));
    each(0, f);
    // h1: bits 36..=43 are, too.
    f.set(x.bit(H0));
    (36..44).for_each(|i| f.and(x.bit(i)));
    f.xor(x.bit(H1));
    each(1, f);
    // g0: bits 0..=9 are zero.
    f.set(x.complement(0));
    (1..10).for_each(|i| f.and(x.complement(i)));
    f.xor(x.bit(G0));
    each(2, f);
    // g1: bits 10..=18 are, too.
    f.set(x.bit(G0));
    (10..19).for_each(|i| f.and(x.complement(i)));
    f.xor(x.bit(G1));
    each(3, f);
    // Bits 0..=22 are zero; if not, bit 23 makes bits 0..=26 exceed 2^23, and so do bits 24..=26; then h1 must be zero.
    f.set(x.bit(G1));
    (19..23).for_each(|i| f.and(x.complement(i)));
    f.not();
    f.and(x.bit(23));
    f.not();
    (24..27).for_each(|i| f.and(x.complement(i)));
    f.not();
    f.and(x.bit(H1));
    each(4, f);
}
