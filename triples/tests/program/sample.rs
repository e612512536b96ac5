//! A short program with every kind of message, and changes of single messages.

use muse_field::Fp;
use muse_field::wire::{from_slice, to_vec};
use muse_mac::spdz::Party;
use muse_test_support::triples::program::{Program, Supply};
use muse_triples::Error;
use muse_triples::engine::Shares;
use muse_triples::program::{Engine, Linear};

/// `x y + b - b = x y` on two values, for both.
pub(crate) struct Sample;

impl Program for Sample {
    type Output = Vec<Fp>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let x = engine.input(Party::First, 2, &[3, 4].map(Fp::new)).await?;
        let y = engine.input(Party::Second, 2, &[5, 6].map(Fp::new)).await?;
        let product = engine.multiply(&x, &y).await?;
        let bits = engine.random_bits(2).await?;
        engine.output(product.plus(&bits).minus(&bits)).await
    }
}

pub(crate) const SUPPLY: Supply = Supply(4, [5, 5]);

/// Where messages begin in all that a party sends in the two-sided setting; it is the same for both.
pub(crate) mod place {
    pub(crate) const INPUT: usize = 0;
    pub(crate) const FACTORS: usize = INPUT + 11;
    pub(crate) const DIFFERENCES: usize = FACTORS + 22;
    pub(crate) const SQUARES: usize = DIFFERENCES + 11;
    pub(crate) const SEED_COMMITMENT: usize = SQUARES + 11;
    pub(crate) const SEED: usize = SEED_COMMITMENT + 32;
    pub(crate) const SIGMA_COMMITMENT: usize = SEED + 64;
    pub(crate) const SIGMA: usize = SIGMA_COMMITMENT + 32;
    pub(crate) const OUTPUT: usize = SIGMA + 38;
    pub(crate) const OUTPUT_CHECK: usize = OUTPUT + 11;
    pub(crate) const END: usize = OUTPUT_CHECK + 166;
}

/// Changes `len` bytes of what a party sends, from a place on that begins in one message and ends in the same.
pub(crate) fn change(
    cheater: usize,
    place: usize,
    len: usize,
    change: impl Fn(&mut [u8]),
) -> impl FnMut(usize, usize, &mut Vec<u8>) {
    let mut sent = 0;
    move |party, _, bytes| {
        if party != cheater {
            return;
        }
        if (sent..sent + bytes.len()).contains(&place) {
            change(&mut bytes[place - sent..][..len]);
        }
        sent += bytes.len();
    }
}

/// Changes elements in an encoding.
pub(crate) fn elements(bytes: &mut [u8], change: impl Fn(&mut Vec<Fp>)) {
    let shares: Shares = from_slice(bytes.len() * 2 / 11, bytes).unwrap();
    let mut values = from_slice::<Vec<Fp>>(bytes.len() * 2 / 11, &to_vec(&shares)).unwrap();
    change(&mut values);
    bytes.copy_from_slice(&to_vec(&values));
}
