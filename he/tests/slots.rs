//! Slot encoding against its definition, and on ciphertexts.

#![allow(missing_docs, clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used)]

use muse_test_support::he as common;

use common::session::Session;
use common::{negacyclic, prg};
use muse_field::{Fp, MODULUS, sample};
use muse_he::budget::Budget;
use muse_he::encode::{Slots, lift};
use muse_he::params::Params;
use muse_he::reply::Product;

fn uniform(n: usize, seed: u64) -> Vec<Fp> {
    let mut values = vec![Fp::ZERO; n];
    sample::fill_uniform(&mut values, &mut prg(seed));
    values
}

/// 0, 1, p - 1 and the like in front of uniform values.
fn extremes(n: usize, seed: u64) -> Vec<Fp> {
    let mut values = uniform(n, seed);
    let some = [0, MODULUS - 1, MODULUS / 2, MODULUS / 2 + 1, 1, 2].map(Fp::new);
    values[..6].copy_from_slice(&some);
    values
}

fn slots(n: usize) -> Slots {
    Slots::new(&Params::with_degree(n).unwrap())
}

/// Slot i is the value at psi^(2 brv(i) + 1), by Horner's rule.
#[test]
fn slots_are_values_at_the_roots() {
    for n in [8, 16, 64, 1024] {
        let psi = Fp::new(3).pow_vartime((MODULUS - 1) / (2 * n as u64));
        assert_eq!(psi.pow_vartime(n as u64), Fp::NEG_ONE);
        let coefficients = extremes(n, 1);
        let values = slots(n).decode(&coefficients).unwrap();
        for i in 0..n {
            let reversed = i.reverse_bits() >> (usize::BITS - n.trailing_zeros());
            let root = psi.pow_vartime(2 * reversed as u64 + 1);
            let value = coefficients.iter().rev().fold(Fp::ZERO, |sum, &x| sum * root + x);
            assert_eq!(values[i], value, "slot {i} of {n}");
        }
    }
}

#[test]
fn encoding_and_decoding_are_inverse_and_lengths_are_checked() {
    let mut n = 8;
    while n <= 8192 {
        let (slots, values) = (slots(n), extremes(n, n as u64));
        assert_eq!(slots.len(), n);
        assert_eq!(*slots.decode(&slots.encode(&values).unwrap()).unwrap(), values);
        assert_eq!(*slots.encode(&slots.decode(&values).unwrap()).unwrap(), values);
        assert!(slots.encode(&values[1..]).is_err() && slots.decode(&values[1..]).is_err());
        n *= 2;
    }
}

/// The product of plaintexts multiplies slot by slot.
#[test]
fn products_act_on_slots() {
    let n = 64;
    let (slots, a, b) = (slots(n), extremes(n, 2), uniform(n, 3));
    let multiplier: Vec<i64> = slots.encode(&b).unwrap().iter().map(|x| x.to_centred()).collect();
    let product = negacyclic(&slots.encode(&a).unwrap(), &multiplier);
    let want: Vec<Fp> = a.iter().zip(&b).map(|(&a, &b)| a * b).collect();
    assert_eq!(*slots.decode(&product).unwrap(), want);
}

/// Two ciphertexts times two slot-encoded plaintexts, minus a mask, at the size that is used: it decrypts.
#[test]
fn sums_of_two_products_decrypt() {
    let mut session = Session::new(8192, 5);
    let n = session.ring.n();
    let slots = slots(n);
    let budget = Budget::new(n, 25, 40);
    let (a, b, x, y) = (extremes(n, 6), uniform(n, 7), uniform(n, 8), extremes(n, 9));
    let mut product = Product::zero(&session.ring);
    for (index, (values, factor)) in [(&a, &x), (&b, &y)].into_iter().enumerate() {
        let row = session.row(index as u32);
        let plaintext = slots.encode(values).unwrap();
        let sent = session.secret.encrypt(&session.ring, row, &plaintext, &mut session.rng).unwrap();
        let ciphertext = sent.receive(&session.ring, row).unwrap().assume_well_formed();
        product.add(&slots.multiplier(&session.ring, factor).unwrap(), &ciphertext);
    }
    let mask = uniform(n, 10);
    let all: Vec<usize> = (0..n).collect();
    let flood = budget.slot_flood(2).unwrap();
    let reply =
        product.respond(&session.ring, &session.public_key, &mask, &all, flood, &mut session.rng).unwrap();
    let got = slots.decode(&session.reply_key.decrypt(&session.ring, &reply, &all).unwrap()).unwrap();
    let mask = slots.decode(&mask).unwrap();
    for i in 0..n {
        assert_eq!(got[i], a[i] * x[i] + b[i] * y[i] - mask[i], "slot {i}");
    }
    assert!(lift(&session.ring, &a[1..]).is_err());
}
