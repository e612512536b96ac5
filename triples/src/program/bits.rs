//! Uniform elements of F that nobody knows, with their bits.
//!
//! 44 random bits are a number below 2^44, and uniform in F if numbers from p on are drawn again: there are 125,829,119 of them, which is
//! one try in 139,810 (after Damgård, Fitzi, Kiltz, Nielsen and Toft, TCC 2006, section 4). As p = 2^44 - 2^27 + 2^23 + 1, the number
//! is p or more iff bits 27 to 43 are all one, and bit 24, 25 or 26 is one or bit 23 and a bit below. With `s` the sum of bits 27 to 43
//! minus 17, that is iff
//!
//! `(s + 1) (s + 2) ... (s + 17) * (bit 24 + bit 25 + bit 26 + bit 23 * (sum of bits 0 to 22))`
//!
//! is not zero. Its first part is zero unless all of the upper bits are one, and then it is 17!; the second is at most 26. So the opened
//! value is zero for numbers that are kept, and tells something only about those that are thrown away. It costs 8 products and not one
//! for each bit, since with `t = s (s + 18)` two factors are one: `(s + j) (s + 18 - j) = t + j (18 - j)`.
//!
//! **These are masks of secrets**, hence they are checked before they are used: the test is an [`output`](Engine::output), which checks
//! all that was opened for the bits as well. With a check that is deferred a cheater would keep a number from p on, about which it has
//! seen something, or have bits that are neither zero nor one, and read from `v + r` most of `v` before it is caught.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::{Fp, ct};

use super::{Engine, Linear, Used};
use crate::Error;

/// Bits of an element.
pub(super) const BITS: usize = Fp::BITS;

/// Bits from here on are all one in numbers from p on.
const TOP: usize = 27;

/// Of 2^44 numbers, how many are drawn again.
pub const DRAWN_AGAIN: u64 = (1 << BITS) - muse_field::MODULUS;

/// Elements with their bits, from the least significant one, each for all elements.
#[derive(Debug)]
pub struct Uniform<V> {
    pub(super) bits: Vec<V>,
}

/// `count` of them.
///
/// # Errors
/// [`Error::Exhausted`] without what they take, see [`uniform_cost`]; the engine's others.
pub async fn uniform<E: Engine>(engine: &mut E, count: usize) -> Result<Uniform<E::Share>, Error> {
    let mut found = Uniform::none();
    while found.len() < count {
        let drawn = Uniform { bits: engine.random_bits(BITS * (count - found.len())).await?.pieces(BITS) };
        let test = beyond(engine, &drawn).await?;
        let verdicts = engine.output(test).await?;
        // Opened to both, and checked.
        ct::public(&verdicts[..]);
        let kept: Vec<usize> = (0..drawn.len()).filter(|&at| verdicts.get(at) == Some(&Fp::ZERO)).collect();
        found = found.and(drawn.only(&kept));
    }
    Ok(found)
}

/// What it takes to draw `numbers` in `tries`, one after the other: of 1 try for `count` elements if none is drawn again, else every
/// number that is drawn counts. Expected are 1.0000072 numbers for each element.
#[must_use]
pub const fn uniform_cost(numbers: u64, tries: u64) -> Used {
    Used {
        products: 8 * numbers,
        bits: BITS as u64 * numbers,
        outputs: numbers,
        steps: 7 * tries,
        ..Used::NONE
    }
}

/// Zero iff a number is below p.
async fn beyond<E: Engine>(engine: &mut E, drawn: &Uniform<E::Share>) -> Result<E::Share, Error> {
    let (n, bits) = (drawn.len(), &drawn.bits);
    let constant = |engine: &E, value: u64| engine.constants(&vec![Fp::new(value); n]);
    let mut s = sum(&bits[TOP..]);
    s.sub(&constant(engine, (BITS - TOP) as u64));

    let products =
        multiply_all(engine, vec![(s.copy(), s.copy()), (bits[23].copy(), sum(&bits[..23]))]).await?;
    let [square, low] = exactly(products)?;
    let mut t = square;
    t.axpy(Fp::new(18), &s);
    let middle = s.plus(&constant(engine, 9));
    let small = sum(&bits[24..TOP]).plus(&low);

    let products = multiply_all(engine, vec![(t.copy(), t.copy()), (middle, small)]).await?;
    let [square, rest] = exactly(products)?;
    // (t + a) (t + b) for two values j (18 - j) at a time.
    let quadratic = |engine: &E, a: u64, b: u64| {
        let mut value = square.copy();
        value.axpy(Fp::new(a + b), &t);
        value.plus(&constant(engine, a * b))
    };
    let [a, b, c, d] = [(17, 32), (45, 56), (65, 72), (77, 80)].map(|(a, b)| quadratic(engine, a, b));
    let [ab, cd] = exactly(multiply_all(engine, vec![(a, b), (c, d)]).await?)?;
    let product = engine.multiply(&ab, &cd).await?;
    engine.multiply(&product, &rest).await
}

impl<V: Linear> Uniform<V> {
    /// None yet.
    fn none() -> Self {
        Self { bits: Vec::new() }
    }

    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bits.first().map_or(0, Linear::len)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bits, from the least significant one, each for all elements; none if there are no elements.
    #[must_use]
    pub fn bits(&self) -> &[V] {
        &self.bits
    }

    /// The elements.
    #[must_use]
    pub fn elements(&self) -> V {
        number(&self.bits)
    }

    fn only(self, kept: &[usize]) -> Self {
        if kept.len() == self.len() {
            return self;
        }
        let only = |bit: &V| bit.map(|column| kept.iter().map(|&at| column[at]).collect());
        Self { bits: self.bits.iter().map(only).collect() }
    }

    fn and(self, more: Self) -> Self {
        if self.is_empty() {
            return more;
        }
        let bits = self.bits.into_iter().zip(more.bits);
        Self { bits: bits.map(|(bit, more)| V::concat(vec![bit, more])).collect() }
    }
}

/// The number with these bits, from the least significant one.
pub(super) fn number<V: Linear>(bits: &[V]) -> V {
    let mut number = V::zeros(bits.first().map_or(0, Linear::len));
    (0..).zip(bits).for_each(|(i, bit)| number.axpy(Fp::new(1 << i), bit));
    number
}

fn sum<V: Linear>(bits: &[V]) -> V {
    let mut sum = V::zeros(bits.first().map_or(0, Linear::len));
    bits.iter().for_each(|bit| sum.add(bit));
    sum
}

/// Products of vectors of one length, in one step.
pub(super) async fn multiply_all<E: Engine>(
    engine: &mut E,
    factors: Vec<(E::Share, E::Share)>,
) -> Result<Vec<E::Share>, Error> {
    let count = factors.len();
    let (x, y): (Vec<_>, Vec<_>) = factors.into_iter().unzip();
    let (x, y) = (E::Share::concat(x), E::Share::concat(y));
    Ok(engine.multiply(&x, &y).await?.pieces(count))
}

/// As many products as there were factors.
pub(super) fn exactly<V, const N: usize>(products: Vec<V>) -> Result<[V; N], Error> {
    products.try_into().map_err(|_| Error::Misuse("a product for each pair of factors"))
}
