//! Signs and comparisons of shared values: exact, for every value.
//!
//! In the signed reading of F (protocol section 2) `v` is negative iff `v >= (p-1)/2`. Let `q = 2 v + 1 mod p`: it is odd if `v` is
//! not negative, even if it is (after Nishide and Ohta, PKC 2007, whose `2 v` would misread (p-1)/2). Opened is `c = q + r mod p`
//! with `r` uniform in F and known by its bits. With `w = [r > c]`
//!
//! `q = c - r + p w`, hence `q mod 2 = c_0 xor r_0 xor w`, as p is odd.
//!
//! `[r > c]` compares shared bits with a public number (Damgård, Fitzi, Kiltz, Nielsen and Toft, TCC 2006). For a block of bits let E
//! be whether they are those of `c`, and G whether they are a greater number. E times the next bit below gives E and G of the block
//! with that bit: where `c`'s bit is one, a one keeps E, and there is nothing to add to G; where it is zero, a one adds to G what it takes
//! from E. So a bit costs one product; and so does it to put a block on top of all the bits below, `G + E [lower bits of r > those of c]`,
//! of which nobody needs to know whether they are equal. Blocks of 1, 2, 3, .. bits from the bottom are ready when it is their turn: 43
//! products for 44 bits, in 9 rounds. (A tree with E in all of its nodes takes 7 rounds and 47 products at least.)

use alloc::vec;
use alloc::vec::Vec;

use muse_field::{Fp, ct};

use super::bits::{BITS, Uniform, exactly, multiply_all, uniform, uniform_cost};
use super::{Engine, Linear, Used};
use crate::Error;

/// `q` masked and opened.
#[derive(Debug)]
pub(super) struct Masked<V> {
    /// `q + r`.
    pub(super) c: Vec<u64>,
    /// `r`.
    pub(super) mask: Uniform<V>,
}

/// Whether the numbers made of the mask's bits are greater than those of the opened one.
#[derive(Debug)]
pub(super) struct Greater<V> {
    /// For the bits below the place that was asked for.
    pub(super) low: V,
    /// For all bits.
    pub(super) all: V,
}

/// One where a value is negative, else zero.
///
/// # Errors
/// [`Error::Exhausted`] without what it takes, see [`negative_cost`]; the engine's others.
pub async fn negative<E: Engine>(engine: &mut E, v: &E::Share) -> Result<E::Share, Error> {
    if v.is_empty() {
        return Ok(v.copy());
    }
    let masked = Masked::open(engine, v).await?;
    let greater = masked.greater(engine, 1).await?.all;
    let parity = masked.parity(engine);
    let both = engine.multiply(&parity, &greater).await?;
    // 1 - (parity xor greater)
    let mut negative = engine.constants(&vec![Fp::ONE; v.len()]).minus(&parity).minus(&greater);
    negative.axpy(Fp::new(2), &both);
    Ok(negative)
}

/// What [`negative`] takes for `count` values if no mask is drawn again; whatever is adds [`uniform_cost`].
#[must_use]
pub const fn negative_cost(count: u64) -> Used {
    if count == 0 {
        return Used::NONE;
    }
    uniform_cost(count, 1).plus(opened(count, 1)).plus(Used { products: count, steps: 1, ..Used::NONE })
}

/// One where `x < y` in the signed reading, else zero: right if `x - y` is in the range of F, so always if both are at most
/// (p-3)/4, about 2^42, in size. It takes what [`negative`] takes.
///
/// # Errors
/// [`Error::Misuse`] unless the vectors have one length; those of [`negative`].
pub async fn less_than<E: Engine>(engine: &mut E, x: &E::Share, y: &E::Share) -> Result<E::Share, Error> {
    of_one_length(x, y)?;
    negative(engine, &x.minus(y)).await
}

/// One where `x < y` in the signed reading, else zero, for any two values: from the signs of `x`, `y` and `y - x - 1`. If those of `x`
/// and `y` differ, the first one is the answer, else the opposite of the third.
///
/// # Errors
/// [`Error::Misuse`] unless the vectors have one length, [`Error::Exhausted`] without what it takes, see [`less_than_any_cost`]; the
/// engine's others.
pub async fn less_than_any<E: Engine>(engine: &mut E, x: &E::Share, y: &E::Share) -> Result<E::Share, Error> {
    of_one_length(x, y)?;
    if x.is_empty() {
        return Ok(x.copy());
    }
    let one = engine.constants(&vec![Fp::ONE; x.len()]);
    let between = y.minus(x).minus(&one);
    let signs = negative(engine, &E::Share::concat(vec![x.copy(), y.copy(), between])).await?;
    let [x, y, between] = exactly(signs.pieces(3))?;
    let both = engine.multiply(&x, &y).await?;
    let mut differ = x.plus(&y);
    differ.axpy(-Fp::new(2), &both);
    let same = one.minus(&differ);
    let ordered = engine.multiply(&same, &one.minus(&between)).await?;
    // Where they differ, x is negative iff not both are.
    Ok(x.minus(&both).plus(&ordered))
}

/// What [`less_than_any`] takes for `count` pairs if no mask is drawn again; whatever is adds [`uniform_cost`].
#[must_use]
pub const fn less_than_any_cost(count: u64) -> Used {
    if count == 0 {
        return Used::NONE;
    }
    negative_cost(3 * count).plus(Used { products: 2 * count, steps: 2, ..Used::NONE })
}

fn of_one_length<V: Linear>(x: &V, y: &V) -> Result<(), Error> {
    if x.len() == y.len() { Ok(()) } else { Err(Error::Misuse("values to compare in vectors of one length")) }
}

/// What [`Masked::open`] and [`Masked::greater`] take, but for the masks.
pub(super) const fn opened(count: u64, place: usize) -> Used {
    Used { products: (BITS as u64 - 1) * count, masked: count, steps: 1 + rounds(place) as u64, ..Used::NONE }
}

impl<V: Linear> Masked<V> {
    /// Masks and opens `2 v + 1`.
    pub(super) async fn open<E: Engine<Share = V>>(engine: &mut E, v: &V) -> Result<Self, Error> {
        let mask = uniform(engine, v.len()).await?;
        let mut masked = mask.elements();
        masked.axpy(Fp::new(2), v);
        masked.add(&engine.constants(&vec![Fp::ONE; v.len()]));
        let opened = engine.open_masked(masked).await?;
        // Uniform, and opened to both.
        ct::public(&opened[..]);
        Ok(Self { c: opened.into_iter().map(Fp::to_u64).collect(), mask })
    }

    /// Bits `from` and above, as a public number.
    pub(super) fn above(&self, from: usize) -> Vec<Fp> {
        self.c.iter().map(|c| Fp::new(c >> from)).collect()
    }

    /// `c_0 xor r_0`.
    pub(super) fn parity<E: Engine<Share = V>>(&self, engine: &E) -> V {
        self.equal(engine, 0, Fp::ZERO, Fp::ONE)
    }

    /// `zero` where bit `at` of `r` is that of `c`, `one` where it is not.
    fn equal<E: Engine<Share = V>>(&self, engine: &E, at: usize, same: Fp, other: Fp) -> V {
        let constants: Vec<Fp> = self.c.iter().map(|c| if c >> at & 1 == 1 { other } else { same }).collect();
        let factors: Vec<Fp> =
            self.c.iter().map(|c| if c >> at & 1 == 1 { same - other } else { other - same }).collect();
        engine.constants(&constants).plus(&self.mask.bits[at].times(&factors))
    }

    /// `[r > c]`, and the same for the bits below `place`, at least 1.
    pub(super) async fn greater<E: Engine<Share = V>>(
        &self,
        engine: &mut E,
        place: usize,
    ) -> Result<Greater<V>, Error> {
        let mut all = self.mask.bits[0].times(&self.zeros(0));
        let mut low = None;
        let mut blocks =
            blocks(place).map(|(start, end)| Block::new(self, engine, start, end)).collect::<Vec<_>>();
        for turn in 0..blocks.len() {
            let turned = &blocks[turn];
            let mut factors = vec![(turned.equal.copy(), all.copy())];
            if turned.start == place {
                low = Some(all);
            }
            let growing = blocks[turn + 1..].iter().filter(|block| block.next > block.start);
            factors.extend(growing.map(|block| (block.equal.copy(), self.mask.bits[block.next - 1].copy())));
            let mut products = multiply_all(engine, factors).await?.into_iter();
            let below = products.next().ok_or(Error::Misuse("a product for each pair of factors"))?;
            all = turned.greater.plus(&below);
            let growing = blocks[turn + 1..].iter_mut().filter(|block| block.next > block.start);
            growing.zip(products).for_each(|(block, product)| block.grow(self, &product));
        }
        let low = low.ok_or(Error::Misuse("a place within the bits"))?;
        Ok(Greater { low, all })
    }

    /// One where bit `at` of `c` is zero.
    fn zeros(&self, at: usize) -> Vec<Fp> {
        self.c.iter().map(|c| Fp::new(!c >> at & 1)).collect()
    }
}

/// Bits `next..` of a block that grows downwards to `start`.
#[derive(Debug)]
struct Block<V> {
    start: usize,
    next: usize,
    equal: V,
    greater: V,
}

impl<V: Linear> Block<V> {
    /// Its uppermost bit.
    fn new<E: Engine<Share = V>>(masked: &Masked<V>, engine: &E, start: usize, end: usize) -> Self {
        let at = end - 1;
        let equal = masked.equal(engine, at, Fp::ONE, Fp::ZERO);
        Self { start, next: at, equal, greater: masked.mask.bits[at].times(&masked.zeros(at)) }
    }

    /// One bit more; `product` is `equal` times that bit.
    fn grow(&mut self, masked: &Masked<V>, product: &V) {
        self.next -= 1;
        let zeros = masked.zeros(self.next);
        // c's bit is zero: E - E b, and G + E b. It is one: E b, and G.
        let signs: Vec<Fp> = zeros.iter().map(|zero| Fp::ONE - zero.double()).collect();
        let taken = product.times(&zeros);
        self.equal = self.equal.times(&zeros).plus(&product.times(&signs));
        self.greater.add(&taken);
    }
}

/// Where the blocks above bit 0 begin and end. One of them begins at `place`.
fn blocks(place: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut turn = 0;
    let mut start = 1;
    core::iter::from_fn(move || {
        turn += 1;
        let block = (start, end(start, turn, place));
        start = block.1;
        (block.0 < BITS).then_some(block)
    })
}

/// Where a block ends.
const fn end(start: usize, turn: usize, place: usize) -> usize {
    let limit = if start < place { place } else { BITS };
    if start + turn < limit { start + turn } else { limit }
}

/// Rounds of products in [`Masked::greater`]: one for each block.
const fn rounds(place: usize) -> usize {
    let (mut start, mut turn) = (1, 0);
    while start < BITS {
        turn += 1;
        start = end(start, turn, place);
    }
    turn
}
