//! Triples and random values from a trusted dealer: what the protocols of this crate realise, without their messages.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::sample::fill_uniform;
use muse_field::{Fp, vector};
use muse_mac::{Authenticated, Keys, MacKey, ServerShare, ideal};
use rand_core::CryptoRng;

use crate::triple::{ClientTriples, ServerTriples};

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

fn uniform(count: usize, rng: &mut impl CryptoRng) -> Vec<Fp> {
    let mut values = vec![Fp::ZERO; count];
    fill_uniform(&mut values, rng);
    values
}
