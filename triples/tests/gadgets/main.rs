//! Gadgets of programs against plain integers, and what they use up.

mod comparisons;
mod relu;
mod settings;
mod uniform;

use muse_field::prg::Prg;
use muse_field::{Fp, MODULUS};
use muse_test_support::triples::program::in_the_clear;
use muse_triples::Error;
use muse_triples::program::Used;
use muse_triples::program::clear::{Clear, Values};

/// (p-1)/2, the first value that is negative.
const HALF: u64 = (MODULUS - 1) / 2;

/// A program in the clear, and what it used up. The first random bits are those of these numbers.
fn run<T>(
    seed: u8,
    numbers: &[u64],
    program: impl AsyncFnOnce(&mut Clear) -> Result<T, Error>,
) -> Result<(T, Used), Error> {
    let bits = (0..44).flat_map(|i| numbers.iter().map(move |number| number >> i & 1 == 1));
    in_the_clear(Clear::with_bits(Prg::from_seed([seed; 32]), bits), program)
}

fn values(numbers: &[u64]) -> Values {
    Values(numbers.iter().map(|&number| Fp::new(number)).collect())
}

fn numbers(values: &Values) -> Vec<u64> {
    values.0.iter().map(|value| value.to_u64()).collect()
}

/// Both ends of either sign, and the powers of two with their neighbours.
fn extremes() -> Vec<u64> {
    let ends = [0, 1, 2, HALF - 2, HALF - 1, HALF, HALF + 1, HALF + 2, MODULUS - 2, MODULUS - 1];
    let powers = (1..44).flat_map(|k| [(1 << k) - 1, 1 << k, (1 << k) + 1]);
    let negated = (1..44).map(|k| MODULUS - (1 << k));
    ends.into_iter().chain(powers).chain(negated).filter(|&number| number < MODULUS).collect()
}
