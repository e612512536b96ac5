//! Errors of (q + 1) / 2 in every coefficient of a ciphertext: they pass, and a party that computed on b would show the parity of what it multiplies by.

use muse_field::Fp;
use muse_field::sample::fill_uniform;
use muse_field::wire::from_slice;
use muse_he::encode::lift;
use muse_he::encrypt::Ciphertext;
use muse_he::keyed::FreshKeyed;
use muse_he::keys::PublicKey;
use muse_he::params::PRIMES;
use muse_he::reply::{Product, Reply};
use muse_test_support::zk::naive::noise;
use muse_test_support::zk::seen::distances;
use muse_test_support::zk::topgear::{Keyed, Naive};
use muse_test_support::zk::{prg, ring};

use super::N;

fn reply(naive: &Naive, (ciphertext, key): (Ciphertext, PublicKey), b: &[Fp], seed: u64) -> Reply {
    let all: Vec<usize> = (0..N).collect();
    let rng = &mut prg(seed);
    let mut mask = vec![Fp::ZERO; N];
    fill_uniform(&mut mask, rng);
    let mut product = Product::zero(&naive.ring);
    product.add(&lift(&naive.ring, b).unwrap(), &ciphertext);
    let flood = naive.budget().slot_flood(1).unwrap();
    product.respond(&naive.ring, &key, &mask, &all, flood, rng).unwrap()
}

#[test]
fn half_of_q_passes_the_proof_and_shows_nothing() {
    let mut odd = 0;
    for trial in 0..10 {
        let rng = &mut prg(100 + trial);
        let mut forger = Naive::honest(&ring(N), rng);
        let (masks, row) = (forger.masks(), forger.rows[0].clone());
        let errors = [noise(N, rng), noise(N, rng)];
        forger.rows[0] = Keyed::new(&forger.ring, &masks, row.s, errors, row.mu, true);
        let mut b = vec![Fp::ZERO; N];
        fill_uniform(&mut b, rng);
        let is_odd = b.iter().map(|b| b.to_centred()).sum::<i64>() % 2 != 0;
        odd += i32::from(is_odd);

        // The real verifier accepts, as it does an honest proof, and doubles.
        let proven = forger.verdict(&forger.prove(rng)).expect("half of q passes the proof");
        let first = proven.under(&forger.name, &forger.budget()).unwrap().next().unwrap();
        let real =
            distances(&reply(&forger, first, &b, trial), &forger.rows[0].s, 2, &(0..N).collect::<Vec<_>>());
        assert!(real.iter().all(|x| x.abs() < 0.1), "doubled, all replies look alike: {real:?}");

        // A weakened one computes on what the proof is about.
        let mut undoubled = forger.rows[0].clone();
        let half = PRIMES.map(|q| q.div_ceil(2));
        undoubled.row.scale_assign(&half);
        undoubled.key.scale_assign(&half);
        let sent: FreshKeyed = from_slice(N, &undoubled.bytes()).unwrap();
        let weak = sent.receive(&forger.ring).unwrap().assume_well_formed().under(&masks);
        let weak =
            distances(&reply(&forger, weak, &b, trial), &forger.rows[0].s, 1, &(0..N).collect::<Vec<_>>());
        let at = if is_odd { 0.5 } else { 0.0 };
        assert!(weak.iter().all(|x| (x.abs() - at).abs() < 0.1), "undoubled, it reads the parity of b");
    }
    assert!((1..10).contains(&odd), "both parities were played");
}
