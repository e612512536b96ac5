//! Statements about values that the client knows, proven with one product proof a step.
//!
//! All are of the form `a b = e` over F and go through [`muse_zk::product`]: no triples. Rows are built by the same code on both
//! sides, from [`Authenticated`] vectors here and [`Keys`] there.

use alloc::vec;
use alloc::vec::Vec;
use muse_field::id::{Coin, RunId};

use muse_field::Fp;
use muse_mac::{Authenticated, Keys, MacKey};
use muse_zk::product::{self, Message};
use rand_core::CryptoRng;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::client::Client;
use super::server::Server;
use crate::linear::Linear;
use crate::{Check, Error};

#[cfg(test)]
mod tests;

/// Rows of products that must hold.
#[derive(Debug)]
pub(super) struct Statement<V> {
    a: V,
    b: V,
    e: V,
}

pub(super) const BITS: usize = Fp::BITS;

/// Values that the client puts in for each canonical value: bits 1 to 43, and three helpers.
pub(crate) const INPUTS: usize = BITS - 1 + 3;

/// Bits 27 to 43: all of them are one only from 2^44 - 2^27 on.
pub(crate) const TOP: usize = 17;

impl<V: Linear> Statement<V> {
    /// Each value is zero or one: `b b = b`.
    pub(super) fn bits(bits: &V) -> Self {
        Self { a: bits.copy(), b: bits.copy(), e: bits.copy() }
    }

    /// The `inputs` (see [`inputs`]) are those of the canonical values `y`; and the bits, from the least significant one, each
    /// for all values.
    ///
    /// Bit 0 is not put in, it is `y - sum 2^i y_i` over the others; so the bits cannot be those of another residue.
    /// They are below p = 2^44 - 2^27 + 2^23 + 1 iff not all of bits 27 to 43 are one, or bits 24, 25, 26 are zero and with bit
    /// 23 no bit below is one. Sums of at most 26 bits are zero iff the bits are, so with `s` = (sum of bits 27 to 43) - 17:
    ///
    /// - `s z = 1 - all`, hence `all` = 1 where all of bits 27 to 43 are one; elsewhere `z = 1/s` makes it 0
    /// - `low = bit 23 * (sum of bits 0 to 22)`
    /// - `all (bit 24 + bit 25 + bit 26 + low) = 0`
    pub(super) fn canonical(y: &V, inputs: &V, one: &V) -> (Self, Vec<V>) {
        let mut pieces = inputs.pieces(INPUTS);
        let [low, inverse, all] = [(); 3].map(|()| pieces.pop().unwrap_or_else(|| V::zeros(0)));
        let mut first = y.copy();
        for (i, bit) in (1..).zip(&pieces) {
            first.axpy(-Fp::new(1 << i), bit);
        }
        let mut bits = vec![first];
        bits.append(&mut pieces);

        let sum = |bits: &[V]| {
            let mut sum = V::zeros(y.len());
            bits.iter().for_each(|bit| sum.add(bit));
            sum
        };
        let mut top = sum(&bits[BITS - TOP..]);
        top.axpy(-Fp::new(TOP as u64), one);
        let none = V::zeros(y.len());
        let not_all = one.minus(&all);
        let beyond = sum(&bits[24..27]).plus(&low);

        let of_bits = V::concat(bits.iter().map(V::copy).collect());
        let statement = Self {
            a: V::concat(vec![of_bits.copy(), top, bits[23].copy(), all]),
            b: V::concat(vec![of_bits.copy(), inverse, sum(&bits[..23]), beyond]),
            e: V::concat(vec![of_bits, not_all, low, none]),
        };
        (statement, bits)
    }
}

/// Client: what it puts in to show that `values` have the bits of their canonical representatives: bits 1 to 43, each for all
/// values, then `all`, `z` and `low`. Constant time.
pub(super) fn inputs(values: &[Fp]) -> Zeroizing<Vec<Fp>> {
    let n = values.len();
    let mut inputs = Zeroizing::new(vec![Fp::ZERO; INPUTS * n]);
    for (j, value) in values.iter().enumerate() {
        let value = value.to_u64();
        let bit = |i: usize| Fp::new(value >> i & 1);
        let sum = |range: core::ops::Range<usize>| range.map(bit).fold(Fp::ZERO, |sum, bit| sum + bit);
        for i in 1..BITS {
            inputs[(i - 1) * n + j] = bit(i);
        }
        let top = sum(BITS - TOP..BITS) - Fp::new(TOP as u64);
        let all = Fp::conditional_select(&Fp::ZERO, &Fp::ONE, top.ct_eq(&Fp::ZERO));
        let helpers = [all, top.invert().unwrap_or(Fp::ZERO), bit(23) * sum(0..23)];
        for (i, helper) in (BITS - 1..).zip(helpers) {
            inputs[i * n + j] = helper;
        }
    }
    inputs
}

/// Client: a statement to be proven.
#[derive(Debug)]
pub(super) struct Proving {
    id: RunId,
    statement: Statement<Authenticated>,
    mask: Authenticated,
}

/// Server: a statement to be checked, whose seed was drawn after its values were fixed.
#[derive(Debug)]
pub(super) struct Verifying {
    id: RunId,
    statement: Statement<Keys>,
    mask: Keys,
    seed: Coin,
}

impl Client {
    /// Takes a mask for the proof of a statement.
    pub(super) fn statement(&mut self, statement: Statement<Authenticated>) -> Result<Proving, Error> {
        Ok(Proving { id: self.steps.proof(), statement, mask: self.pool.take_randoms(1)? })
    }
}

impl Server {
    /// Takes the mask for the proof of a statement, and draws its seed.
    pub(super) fn statement(
        &mut self,
        statement: Statement<Keys>,
        rng: &mut impl CryptoRng,
    ) -> Result<(Verifying, Coin), Error> {
        let mask = self.pool.take_randoms(1)?;
        let seed = Coin::random(rng);
        Ok((Verifying { id: self.steps.proof(), statement, mask, seed }, seed))
    }
}

impl Proving {
    pub(super) fn prove(self, seed: &Coin) -> Result<Message, Error> {
        let Statement { a, b, e } = &self.statement;
        Ok(product::prove(&self.id, a, b, e, self.mask, seed)?)
    }
}

impl Verifying {
    pub(super) fn verify(self, key: &MacKey, message: Message) -> Result<(), Error> {
        let Statement { a, b, e } = &self.statement;
        match product::verify(&self.id, key, a, b, e, self.mask, &self.seed, message) {
            Err(muse_zk::Error::PeerMisbehaved(muse_zk::Check::Product)) => {
                Err(Error::PeerMisbehaved(Check::Bits))
            }
            verdict => Ok(verdict?),
        }
    }
}
