//! Shared vectors: the sum of both halves follows every linear operation, and the client's half stays authenticated.

use muse_field::{
    Fp,
    id::{RunId, SessionId},
    vector,
};
use muse_mac::{Authenticated, Check, Error, Keys, MacKey, OpeningId, Purpose, ServerShare};
use proptest::prelude::*;

use crate::support::{deal, element, elements, fits, rng, uniform, vector as any_vector};

/// Uniform shares of `values`.
fn share(key: &MacKey, values: &[Fp], seed: u8) -> (Authenticated, ServerShare) {
    let rng = &mut rng(seed);
    let client = uniform(values.len(), rng);
    let mut server = values.to_vec();
    vector::sub_assign(&mut server, &client);
    let (client, keys) = deal(key, &client, rng);
    (client, ServerShare::new(server, keys).unwrap())
}

fn sum(client: &Authenticated, server: &ServerShare) -> Vec<Fp> {
    let mut sum = client.values().to_vec();
    vector::add_assign(&mut sum, server.values());
    sum
}

proptest! {
    #[test]
    fn sums_follow(x in any_vector(), factor in element(), seed: u8) {
        let key = MacKey::random(&mut rng(seed));
        let constants: Vec<Fp> = x.iter().rev().copied().collect();
        let (mut a, mut k) = share(&key, &x, seed);
        let (b, l) = share(&key, &constants, seed.wrapping_add(1));
        a.axpy(factor, &b);
        k.axpy(factor, &l);
        k.add_public_assign(&constants);
        let want: Vec<Fp> = x.iter().zip(&constants).map(|(&x, &y)| x + factor * y + y).collect();
        prop_assert_eq!(sum(&a, &k), want);
        let (_, keys) = k.into_parts();
        prop_assert!(fits(&key, &a, &keys));
    }

    /// A client whose half makes the sum zero is accepted, any other refused.
    #[test]
    fn zero_sums_are_proven(x in any_vector(), wrong: bool, seed: u8) {
        let key = MacKey::random(&mut rng(seed));
        let mut sums = elements(&vec![0; x.len()]);
        if let (true, Some(last)) = (wrong, sums.last_mut()) {
            *last = Fp::ONE;
        }
        let zero = sums.iter().all(|&sum| sum == Fp::ZERO);
        let (client, server) = share(&key, &sums, seed);
        let id = OpeningId::new(Purpose::Factors, RunId::new(SessionId::from_bytes([1; 32]), 2), 3);
        let verdict = server.into_sum_keys(&key).verify_zero(&id, &client.prove_zero(&id));
        prop_assert_eq!(verdict, if zero { Ok(()) } else { Err(Error::PeerMisbehaved(Check::Zero)) });
    }
}

#[test]
fn what_the_client_knows_is_shared_with_zero() {
    let key = MacKey::random(&mut rng(1));
    let values = elements(&[5, 0, 7]);
    let (client, keys) = deal(&key, &values, &mut rng(2));
    let server = ServerShare::of_client(keys);
    assert_eq!(sum(&client, &server), values);
    assert_eq!(format!("{server:?}"), "ServerShare(3 redacted)");
}

#[test]
fn a_key_for_each_share() {
    assert!(matches!(ServerShare::new(elements(&[1]), Keys::new(elements(&[]))), Err(Error::Misuse(_))));
}
