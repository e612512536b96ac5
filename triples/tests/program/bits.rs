//! Random bits of two malicious parties, and what a cheater makes of their squares.

use muse_field::wire::{from_slice, to_vec};
use muse_field::{Fp, vector};
use muse_mac::spdz::Party;
use muse_test_support::triples::program::{Deal, Program, Supply, two_sided};
use muse_triples::program::{Engine, Linear};
use muse_triples::{Check, Error};

/// Opens bits.
struct Bits(usize);

impl Program for Bits {
    type Output = Vec<Fp>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let bits = engine.random_bits(self.0).await?;
        engine.output(bits).await
    }
}

/// The first party's secret under a mask of random bits, opened.
struct Masked;

const BITS: usize = 40;

impl Program for Masked {
    type Output = Vec<Fp>;

    async fn run<E: Engine>(&self, engine: &mut E) -> Result<Self::Output, Error> {
        let secret = engine.input(Party::First, 1, &[Fp::new(12_345)]).await?;
        let bits = engine.random_bits(BITS).await?;
        engine.open_masked(secret.plus(&bits.map(composed))).await
    }
}

fn composed(bits: &[Fp]) -> Vec<Fp> {
    vec![bits.iter().rev().fold(Fp::ZERO, |sum, &bit| sum.double() + bit)]
}

fn decoded(bytes: &[u8]) -> Vec<Fp> {
    from_slice(bytes.len() * 2 / 11, bytes).unwrap()
}

#[test]
fn bits_are_bits_and_both_occur() {
    for count in [0, 1, 300] {
        let [bits, same] = two_sided(&Bits(count), Supply(count, [0; 2])).unwrap();
        assert_eq!(bits, same);
        assert!(bits.iter().all(|&bit| bit == Fp::ZERO || bit == Fp::ONE));
        let ones = bits.iter().filter(|&&bit| bit == Fp::ONE).count();
        assert!(count != 300 || (100..200).contains(&ones), "{ones} ones");
    }
}

/// Turns the squares, which the cheater hears before it speaks, into `change` of them. Its messages from number `at` on that are as long.
fn squares(at: usize, change: impl Fn(usize, Fp) -> Fp) -> impl FnMut(usize, usize, &mut Vec<u8>) {
    let mut heard = Vec::new();
    move |party, number, bytes| {
        if party == 0 {
            heard.clone_from(bytes);
        } else if number == at {
            let (mut own, theirs) = (decoded(bytes), decoded(&heard));
            assert_eq!(own.len(), theirs.len(), "it speaks last");
            for (place, (own, theirs)) in own.iter_mut().zip(theirs).enumerate() {
                *own = change(place, *own + theirs) - theirs;
            }
            *bytes = to_vec(&own);
        }
    }
}

/// With `(1 +- 2^-i) / 2` in place of bit `i` the mask would have 41 values, and the sum would tell the secret's size.
#[test]
fn what_is_no_bit_masks_nothing() {
    let mut hook = squares(1, |place, square| square * Fp::new(4).pow_vartime(place as u64));
    let run = Deal::new(Supply(BITS, [1, 0])).run(&Masked, &mut hook);
    assert_eq!(run.error(0), Some(Error::PeerMisbehaved(Check::Deferred)));
    let (input, openings, check) = (6, 2 * BITS * 11 / 2, 166);
    assert_eq!(run.bytes()[0], input + openings + check, "nothing of the masked secret");
}

#[test]
fn a_square_without_a_root_is_refused() {
    let mut hook = squares(1, |place, square| if place == 7 { square * Fp::GENERATOR } else { square });
    let run = Deal::new(Supply(BITS, [1, 0])).run(&Masked, &mut hook);
    assert_eq!(run.error(0), Some(Error::PeerMisbehaved(Check::Square)));
}

/// A peer that answers for zeros, in `zeros` rounds of bits; else it sends zeros as shares.
fn zeros(zeros: usize, triples: usize, bits: usize) -> (usize, Result<Vec<Fp>, Error>) {
    let mut number = 0;
    let (sent, result) = Deal::new(Supply(triples, [0; 2])).against(1, &Bits(bits), |sent, expect| {
        number += 1;
        let mut shares = vec![Fp::ZERO; decoded(sent).len().min(expect)];
        if number % 2 == 0 && number / 2 <= zeros {
            vector::sub_assign(&mut shares, &decoded(sent));
        }
        to_vec(&shares)
    });
    (sent.len(), result)
}

#[test]
fn zeros_are_made_again_four_times() {
    let square = Err(Error::PeerMisbehaved(Check::Square));
    assert_eq!(zeros(9, 40, 2), (8, square));
    let exhausted = zeros(9, 7, 2).1;
    assert!(matches!(exhausted, Err(Error::Exhausted(_))));
}
