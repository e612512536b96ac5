//! Honest proofs of well-formed rows: accepted, in bytes, within the promised number of tries.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used, reason = "a test")]

use muse_test_support::zk as wellformed_support;

use muse_field::Fp;
use muse_he::encrypt::Ciphertext;
use muse_he::keys::PublicKey;
use muse_he::reply::{Product, ReplyKey};
use wellformed_support::{Client, ID, prg, run};

/// The honest run, and whether what the server ends up with decrypts to the plaintexts.
fn accepted(client: &Client, seed: u64) -> u32 {
    let key = client.received_key();
    let (verdict, tries) =
        run(client.shape(), client.prover(&key), client.verifier(&key), &mut prg(seed), |_, _| ());
    let (key, rows) = verdict.unwrap().under(&ID, &client.budget()).unwrap();
    assert_eq!(rows.len(), client.rows.len());
    rows.iter().zip(&client.plaintexts).for_each(|(row, r)| assert_eq!(decrypted(client, &key, row), *r));
    tries
}

fn decrypted(client: &Client, key: &PublicKey, row: &Ciphertext) -> Vec<Fp> {
    let (ring, n) = (&client.ring, client.ring.n());
    let (all, mask): (Vec<usize>, _) = ((0..n).collect(), vec![Fp::ZERO; n]);
    let flood = client.budget().flood(1).unwrap();
    let reply = Product::of(row).respond(ring, key, &mask, &all, flood, &mut prg(1)).unwrap();
    ReplyKey::new(ring, &client.secret).unwrap().decrypt(ring, &reply, &all).unwrap().to_vec()
}

#[test]
fn honest_proofs_are_accepted() {
    for (n, rows) in [(8, 1), (64, 0), (64, 2), (64, 7), (256, 3)] {
        let client = Client::new(n, rows, u64::from(rows));
        (0..8).for_each(|seed| assert!(accepted(&client, seed) <= 64));
    }
}

#[test]
fn full_size() {
    accepted(&Client::new(8192, 4, 3), 4);
}
