//! An engine without secrets: what a program computes, and what it uses up. The oracle of the other engines.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

use muse_field::prg::Prg;
use muse_field::{Fp, vector};
use muse_mac::spdz::Party;
use rand_core::Rng;

pub use super::Used;
use super::{Engine, Linear};
use crate::Error;

/// One process that is both parties: whoever owns an input, its values are those given.
#[derive(Debug)]
pub struct Clear {
    rng: Prg,
    chosen: VecDeque<bool>,
    used: Used,
}

/// The vector itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values(pub Vec<Fp>);

impl Clear {
    /// Random bits come from the generator.
    #[must_use]
    pub fn new(rng: Prg) -> Self {
        Self { rng, chosen: VecDeque::new(), used: Used::NONE }
    }

    /// The first random bits are these, the others come from the generator: for tests at the ends of a range.
    #[must_use]
    pub fn with_bits(rng: Prg, chosen: impl IntoIterator<Item = bool>) -> Self {
        Self { chosen: chosen.into_iter().collect(), ..Self::new(rng) }
    }

    /// What was used up so far.
    #[must_use]
    pub const fn used(&self) -> Used {
        self.used
    }
}

impl Engine for Clear {
    type Share = Values;

    fn party(&self) -> Party {
        Party::First
    }

    fn constants(&self, values: &[Fp]) -> Values {
        Values(values.to_vec())
    }

    async fn input(&mut self, owner: Party, count: usize, values: &[Fp]) -> Result<Values, Error> {
        if values.len() != count {
            return Err(Error::Misuse("as many values as announced"));
        }
        let [first, second] = &mut self.used.inputs;
        *match owner {
            Party::First => first,
            Party::Second => second,
        } += count as u64;
        self.used.steps += 1;
        Ok(Values(values.to_vec()))
    }

    async fn multiply(&mut self, x: &Values, y: &Values) -> Result<Values, Error> {
        if x.len() != y.len() {
            return Err(Error::Misuse("factors of one length"));
        }
        self.used.products += x.len() as u64;
        self.used.steps += 1;
        let mut product = x.clone();
        vector::mul_assign(&mut product.0, &y.0);
        Ok(product)
    }

    async fn random_bits(&mut self, count: usize) -> Result<Values, Error> {
        self.used.bits += count as u64;
        self.used.steps += 1;
        let Self { rng, chosen, .. } = self;
        let bit = |_| chosen.pop_front().unwrap_or_else(|| rng.next_u32() & 1 == 1);
        Ok(Values((0..count).map(bit).map(|bit| Fp::new(u64::from(bit))).collect()))
    }

    async fn open_masked(&mut self, x: Values) -> Result<Vec<Fp>, Error> {
        self.used.masked += x.len() as u64;
        self.used.steps += 1;
        Ok(x.0)
    }

    async fn output(&mut self, x: Values) -> Result<Vec<Fp>, Error> {
        self.used.outputs += x.len() as u64;
        self.used.steps += 1;
        Ok(x.0)
    }

    async fn output_to(&mut self, _: Party, x: Values) -> Result<Vec<Fp>, Error> {
        self.output(x).await
    }
}

impl Linear for Values {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn zeros(len: usize) -> Self {
        Self(vec![Fp::ZERO; len])
    }

    fn add(&mut self, other: &Self) {
        vector::add_assign(&mut self.0, &other.0);
    }

    fn sub(&mut self, other: &Self) {
        vector::sub_assign(&mut self.0, &other.0);
    }

    fn axpy(&mut self, factor: Fp, other: &Self) {
        vector::axpy(&mut self.0, factor, &other.0);
    }

    fn concat(parts: Vec<Self>) -> Self {
        Self(parts.into_iter().flat_map(|part| part.0).collect())
    }

    fn map(&self, map: impl Fn(&[Fp]) -> Vec<Fp>) -> Self {
        Self(map(&self.0))
    }
}
