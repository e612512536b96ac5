//! Speed of the proof of well-formed rows at N = 8192, per side: `cargo bench -p muse-zk --bench wellformed`; add `--features
//! parallel` for all cores. `items` are ciphertexts (the public key comes on top): 4 in one inference of the MNIST network, 33
//! in one of the CIFAR-10 network.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

use muse_test_support::zk as wellformed_support;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use muse_field::wire::{Encode, from_slice, to_vec};
use muse_he::budget::Budget;
use muse_he::keys::ReceivedPublicKey;
use muse_zk::wellformed::fiat_shamir::{self, Proof};
use muse_zk::wellformed::{Attempt, AwaitResponses, Responses, Tries};
use wellformed_support::{Client, ID, prg};

const N: usize = 8192;
const ROWS: [u32; 2] = [4, 33];

fn main() {
    divan::main();
}

/// One try of the prover, masks to responses; an accepted proof takes 2.7 of them.
#[divan::bench(args = ROWS, sample_count = 30, sample_size = 1)]
fn interactive_try(bencher: Bencher<'_, '_>, rows: u32) {
    let client = Client::new(N, rows, 1);
    let (key, mut rng) = (client.received_key(), prg(2));
    let shape = client.shape();
    // The cost does not depend on the challenge.
    let challenge = from_slice(shape, &[1, 0, 2, 0, 3, 0, 4, 0]).unwrap();
    bencher.counter(ItemsCount::new(rows)).bench_local(|| {
        let (awaiting, commitment) = client.prover(&key).commit(&mut rng);
        (commitment, matches!(awaiting.respond(&challenge), Attempt::Accepted(_)))
    });
}

/// An accepted proof, up to the verifier's last step.
fn accepted<'a>(
    client: &'a Client,
    key: &'a ReceivedPublicKey,
    seed: u64,
) -> (AwaitResponses<'a>, Responses) {
    let (mut prover, mut verifier) = (client.prover(key), client.verifier(key));
    let (mut tries, rng) = (Tries::new(), &mut prg(seed));
    loop {
        let (awaiting, commitment) = prover.commit(rng);
        let (expecting, challenge) = verifier.challenge(&commitment, &mut tries, rng).unwrap();
        match awaiting.respond(&challenge) {
            Attempt::Accepted(responses) => return (expecting, responses),
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
        }
    }
}

#[divan::bench(args = ROWS, sample_count = 10, sample_size = 1)]
fn interactive_verify(bencher: Bencher<'_, '_>, rows: u32) {
    let client = Client::new(N, rows, 3);
    let key = client.received_key();
    let inputs = || accepted(&client, &key, 4);
    bencher
        .counter(ItemsCount::new(rows))
        .with_inputs(inputs)
        .bench_local_values(|(expecting, responses)| expecting.verify(responses).unwrap());
}

#[divan::bench(args = ROWS, sample_count = 10, sample_size = 1)]
fn interactive_decode(bencher: Bencher<'_, '_>, rows: u32) {
    let client = Client::new(N, rows, 3);
    let key = client.received_key();
    let bytes = to_vec(&accepted(&client, &key, 4).1);
    let shape = client.shape();
    bencher
        .counter(ItemsCount::new(rows))
        .bench_local(|| from_slice::<Responses>(shape, black_box(&bytes)).unwrap());
}

/// The hash of the statement, once a proof and side.
#[divan::bench(args = ROWS, sample_count = 10, sample_size = 1)]
fn statement(bencher: Bencher<'_, '_>, rows: u32) {
    let client = Client::new(N, rows, 5);
    let key = client.received_key();
    bencher.counter(ItemsCount::new(rows)).bench_local(|| client.prover(&key));
}

fn budget(client: &Client) -> Budget {
    client.budget().with_repetitions(Budget::FIAT_SHAMIR)
}

/// A whole proof, with all its tries: their number varies, the mean is what counts.
#[divan::bench(args = ROWS, sample_count = 20, sample_size = 1)]
fn fiat_shamir_prove(bencher: Bencher<'_, '_>, rows: u32) {
    let client = Client::new(N, rows, 6);
    let (key, mut rng) = (client.received_key(), prg(7));
    bencher.counter(ItemsCount::new(rows)).bench_local(|| prove(&client, &key, &mut rng).encoded_len());
}

fn prove(client: &Client, key: &ReceivedPublicKey, rng: &mut muse_field::prg::Prg) -> Proof {
    let witness = (key, &client.key_witness);
    fiat_shamir::prove(&client.ring, &budget(client), ID, &client.secret, witness, &client.rows, rng).unwrap()
}

#[divan::bench(args = ROWS, sample_count = 10, sample_size = 1)]
fn fiat_shamir_verify(bencher: Bencher<'_, '_>, rows: u32) {
    let client = Client::new(N, rows, 8);
    let key = client.received_key();
    let bytes = to_vec(&prove(&client, &key, &mut prg(9)));
    let shape = Proof::shape(&budget(&client)).unwrap();
    bencher
        .counter(ItemsCount::new(rows))
        .with_inputs(|| (client.received(), from_slice::<Proof>(shape, &bytes).unwrap()))
        .bench_local_values(|(rows, proof)| {
            fiat_shamir::verify(&client.ring, &budget(&client), ID, &key, rows, proof).unwrap()
        });
}
