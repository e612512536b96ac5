//! Both halves of the proof of products.

use muse_field::Fp;
use muse_field::id::{Coin, RunId, SessionId};
use muse_field::sample::{fill_uniform, uniform};
use muse_mac::{Authenticated, Keys, MacKey};
use muse_zk::product::{prove, verify};

use super::{secret_rng, sent};

#[test]
fn the_product_proof() {
    const N: usize = 1030;
    let rng = &mut secret_rng(2);
    let key = MacKey::random(rng);
    let [mut a, mut b] = [(); 2].map(|()| vec![Fp::ZERO; N]);
    fill_uniform(&mut a, rng);
    fill_uniform(&mut b, rng);
    let e = a.iter().zip(&b).map(|(&a, &b)| a * b).collect();
    let mask = vec![uniform(rng)];
    let [(a, ka), (b, kb), (e, ke), (mask, kmask)] = [a, b, e, mask].map(|values: Vec<Fp>| {
        let mut keys = vec![Fp::ZERO; values.len()];
        fill_uniform(&mut keys, rng);
        let macs: Vec<Fp> = keys.iter().zip(&values).map(|(&k, &x)| k + key.expose() * x).collect();
        (Authenticated::new(values, macs).unwrap(), Keys::new(keys))
    });
    let id = RunId::new(SessionId::from_bytes([9; 32]), 4);
    let seed: Coin = sent((), &Coin::random(rng));
    let message = sent((), &prove(&id, &a, &b, &e, mask, &seed).unwrap());
    assert_eq!(verify(&id, &key, &ka, &kb, &ke, kmask, &seed, message), Ok(()));
}
