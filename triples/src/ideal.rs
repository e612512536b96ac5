//! Triples and random values from a trusted dealer: what the protocols of this crate realise, without their messages.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::sample::fill_uniform;
use muse_field::{Fp, vector};
use muse_mac::spdz::{KeyShare, Party, Shares};
use muse_mac::{Authenticated, Keys, MacKey, ServerShare, ideal};
use rand_core::CryptoRng;

use crate::triple::{ClientTriples, ServerTriples, SharedTriples};

/// `count` triples.
#[must_use]
pub fn triples(key: &MacKey, count: usize, rng: &mut impl CryptoRng) -> (ClientTriples, ServerTriples) {
    let (a, b) = (uniform(count, rng), uniform(count, rng));
    let mut c = a.clone();
    vector::mul_assign(&mut c, &b);
    let [(a_c, a_s), (b_c, b_s), (c_c, c_s)] = [a, b, c].map(|values| share(key, &values, rng));
    (ClientTriples::new(a_c, b_c, c_c), ServerTriples::new(a_s, b_s, c_s))
}

/// `count` uniform values that the client knows, authenticated.
#[must_use]
pub fn random(key: &MacKey, count: usize, rng: &mut impl CryptoRng) -> (Authenticated, Keys) {
    ideal::authenticate(key, &uniform(count, rng), rng)
}

/// Uniform shares of values that nobody knows alone.
#[must_use]
pub fn share(key: &MacKey, values: &[Fp], rng: &mut impl CryptoRng) -> (Authenticated, ServerShare) {
    let client = uniform(values.len(), rng);
    let mut server = values.to_vec();
    vector::sub_assign(&mut server, &client);
    let (client, keys) = ideal::authenticate(key, &client, rng);
    let mut share = ServerShare::of_client(keys);
    share.add_public_assign(&server);
    (client, share)
}

/// `count` triples between two parties that share the key, one half for each.
#[must_use]
pub fn shared_triples(keys: &[KeyShare; 2], count: usize, rng: &mut impl CryptoRng) -> [SharedTriples; 2] {
    let (a, b) = (uniform(count, rng), uniform(count, rng));
    let mut c = a.clone();
    vector::mul_assign(&mut c, &b);
    let [[a_1, a_2], [b_1, b_2], [c_1, c_2]] = [a, b, c].map(|values| {
        let own = uniform(count, rng);
        two_sided(keys, &values, own, rng)
    });
    [SharedTriples::new(a_1, b_1, c_1), SharedTriples::new(a_2, b_2, c_2)]
}

/// `count` uniform values that `owner` knows: its share is the value, the other party's is zero.
#[must_use]
pub fn masks(keys: &[KeyShare; 2], owner: Party, count: usize, rng: &mut impl CryptoRng) -> [Shares; 2] {
    let values = uniform(count, rng);
    let first = match owner {
        Party::First => values.clone(),
        Party::Second => vec![Fp::ZERO; count],
    };
    two_sided(keys, &values, first, rng)
}

/// Shares of values and of their MACs, the first party's shares of the values being `first`.
fn two_sided(keys: &[KeyShare; 2], values: &[Fp], first: Vec<Fp>, rng: &mut impl CryptoRng) -> [Shares; 2] {
    let alpha = keys[0].expose() + keys[1].expose();
    let first_macs = uniform(values.len(), rng);
    let mut second = values.to_vec();
    vector::sub_assign(&mut second, &first);
    let mut second_macs: Vec<Fp> = values.iter().map(|&value| alpha * value).collect();
    vector::sub_assign(&mut second_macs, &first_macs);
    [(first, first_macs), (second, second_macs)]
        .map(|(values, macs)| Shares::new(values, macs).expect("a MAC share per value"))
}

fn uniform(count: usize, rng: &mut impl CryptoRng) -> Vec<Fp> {
    let mut values = vec![Fp::ZERO; count];
    fill_uniform(&mut values, rng);
    values
}
