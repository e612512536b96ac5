//! Ciphertexts with a key of their own: replies on them, and what they look like.

#![allow(missing_docs, clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used)]

use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_field::wire::{Decode, DecodeError, from_slice, to_vec};
use muse_he::budget::{Amortised, Budget};
use muse_he::encode::Slots;
use muse_he::encrypt::RowId;
use muse_he::keyed::{FreshKeyed, Masks};
use muse_he::params::{PRIMES, Params};
use muse_he::reply::Product;
use muse_he::ring::{CoeffPoly, Ring};
use subtle::ConstantTimeEq;

const ID: RowId = RowId { run: RunId::new(SessionId::from_bytes([3; 32]), 5), index: 0 };

fn uniform(n: usize, seed: u8) -> Vec<Fp> {
    let mut values = vec![Fp::ZERO; n];
    fill_uniform(&mut values, &mut Prg::from_seed([seed; 32]));
    values
}

/// Slot by slot, x y - mask, for two ciphertexts of one batch and with the flooding of a whole one; each decrypts with its own key only.
#[test]
fn products_on_keyed_ciphertexts_are_exact() {
    for n in [64, 8192] {
        let params = Params::with_degree(n).unwrap();
        let (ring, slots) = (Ring::new(params).unwrap(), Slots::new(&params));
        let masks = Masks::new(&ring, ID).unwrap();
        let rng = &mut Prg::from_seed([1; 32]);
        let flood = Budget::amortised(n, 7 * Amortised::new(n).ciphertexts).slot_flood(1).unwrap();
        let all: Vec<usize> = (0..n).collect();
        let mut keys = Vec::new();
        let mut replies = Vec::new();
        for seed in [10, 20] {
            let [x, y, mask] = [0, 1, 2].map(|offset| uniform(n, seed + offset));
            let (sent, witness) =
                FreshKeyed::encrypt(&ring, &masks, &slots.encode(&x).unwrap(), rng).unwrap();
            let bytes = to_vec(&sent);
            assert_eq!(bytes.len(), 2 * 215 * n / 8);
            let sent: FreshKeyed = from_slice(n, &bytes).unwrap();
            let (ciphertext, key) = sent.receive(&ring).unwrap().assume_well_formed().under(&masks);
            let mut product = Product::zero(&ring);
            product.add(&slots.multiplier(&ring, &y).unwrap(), &ciphertext);
            let reply = product.respond(&ring, &key, &mask, &all, flood, rng).unwrap();
            let mask = slots.decode(&mask).unwrap();
            let wanted: Vec<Fp> = (0..n).map(|i| x[i] * y[i] - mask[i]).collect();
            keys.push(witness.into_reply_key(&ring).unwrap());
            replies.push((reply, wanted));
        }
        for (own, key) in keys.iter().enumerate() {
            for (index, (reply, wanted)) in replies.iter().enumerate() {
                let opened = slots.decode(&key.decrypt(&ring, reply, &all).unwrap()).unwrap();
                assert_eq!(opened[..] == wanted[..], own == index);
            }
        }
    }
}

/// The rows are what the documentation says, and the witness is theirs.
#[test]
fn rows_are_those_of_their_witness() {
    let n = 64;
    let ring = Ring::new(Params::with_degree(n).unwrap()).unwrap();
    let masks = Masks::new(&ring, ID).unwrap();
    assert!(masks.row().as_slice() != masks.key().as_slice());
    let (sent, witness) =
        FreshKeyed::encrypt(&ring, &masks, &uniform(n, 1), &mut Prg::from_seed([2; 32])).unwrap();
    let received = sent.receive(&ring).unwrap();
    let secret = witness.secret().to_poly(&ring).into_ntt(&ring);
    for (row, mask, error, plaintext) in [
        (received.row(), masks.row(), witness.error(), witness.plaintext()),
        (received.key(), masks.key(), witness.key_error(), &[0; 64][..]),
    ] {
        let mut sum = muse_he::ring::lift_short(&ring, plaintext).unwrap();
        sum.add_small_assign(error);
        let mut expected = sum.into_ntt(&ring);
        let mut product = mask.clone();
        product.mul_assign(&secret);
        expected.sub_assign(&product);
        assert!(bool::from(row.ct_eq(&expected)));
    }
}

#[test]
fn residues_beyond_their_prime_are_refused() {
    let n = 8;
    let mut bytes = vec![0; FreshKeyed::len_for(n)];
    assert!(from_slice::<FreshKeyed>(n, &bytes).is_ok());
    for byte in [0, 215 * n / 8] {
        bytes[byte..byte + 8].copy_from_slice(&PRIMES[0].to_le_bytes());
        assert!(matches!(from_slice::<FreshKeyed>(n, &bytes), Err(DecodeError::NotCanonical)));
        bytes.fill(0);
    }
    let ring = Ring::new(Params::with_degree(16).unwrap()).unwrap();
    assert!(from_slice::<FreshKeyed>(n, &bytes).unwrap().receive(&ring).is_err());
}

/// X^exponent times a polynomial, against the product of the ring, for all exponents.
#[test]
fn rotations_are_products_with_monomials() {
    let n = 16;
    let ring = Ring::new(Params::with_degree(n).unwrap()).unwrap();
    let poly = |seed: u8| {
        let values: Vec<i64> = uniform(n, seed).iter().map(|x| x.to_centred()).collect();
        CoeffPoly::from_signed(&ring, &values).unwrap()
    };
    for exponent in 0..2 * n {
        let mut monomial = vec![0; n];
        monomial[exponent % n] = if exponent < n { 1 } else { -1 };
        let mut product = CoeffPoly::from_signed(&ring, &monomial).unwrap().into_ntt(&ring);
        product.mul_assign(&poly(1).into_ntt(&ring));
        product.neg_assign();
        let mut rotated = poly(2);
        rotated.add_rotated_assign(exponent, &poly(1));
        rotated.sub_assign(&poly(2));
        rotated.add_assign(&product.into_coeff(&ring));
        assert!(rotated.as_slice().iter().all(|&x| x == 0), "{exponent}");
    }
}
