//! Speed of openings, deferred checks and linear maps. `items` are values.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_field::wire::{from_slice, to_vec};
use muse_mac::check::{Batch, Opener};
use muse_mac::{Authenticated, Claimed, Keys, MacKey, OpeningId, Purpose};

fn main() {
    divan::main();
}

/// Values of one call: those of the largest layer of the CIFAR-10 network.
const COUNT: usize = 65_536;

fn id() -> OpeningId {
    OpeningId::new(Purpose::Activations, RunId::new(SessionId::from_bytes([1; 32]), 0), 0)
}

fn uniform() -> Vec<Fp> {
    let mut values = vec![Fp::ZERO; COUNT];
    fill_uniform(&mut values, &mut Prg::from_seed([2; 32]));
    values
}

fn client() -> Authenticated {
    Authenticated::new(uniform(), uniform()).expect("a MAC per value")
}

fn key() -> MacKey {
    MacKey::random(&mut Prg::from_seed([3; 32]))
}

#[divan::bench]
fn client_open(bencher: Bencher<'_, '_>) {
    let id = id();
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(client).bench_local_values(|client| client.open(&id));
}

#[divan::bench]
fn server_verify(bencher: Bencher<'_, '_>) {
    let (id, key) = (id(), key());
    // Keys 0 and MACs alpha * x.
    let values = uniform();
    let macs: Vec<Fp> = values.iter().map(|&x| x * key.expose()).collect();
    let message = to_vec(&Authenticated::new(values, macs).expect("a MAC per value").open(&id));
    bencher
        .counter(ItemsCount::new(COUNT))
        .with_inputs(|| Keys::new(vec![Fp::ZERO; COUNT]))
        .bench_local_values(|keys| {
            let claimed: Claimed = from_slice(COUNT, black_box(&message)).expect("a whole message");
            keys.verify(&key, &id, claimed).expect("right values")
        });
}

#[divan::bench]
fn batch_answer(bencher: Bencher<'_, '_>) {
    let id = id();
    bencher
        .counter(ItemsCount::new(COUNT))
        .with_inputs(|| {
            let mut opener = Opener::new();
            black_box(opener.open(client()));
            let (_, challenge) = Batch::new(&key()).challenge(&id, &mut Prg::from_seed([4; 32]));
            (opener, challenge)
        })
        .bench_local_values(|(opener, challenge)| opener.answer(&id, &challenge));
}

#[divan::bench]
fn batch_challenge(bencher: Bencher<'_, '_>) {
    let id = id();
    bencher
        .counter(ItemsCount::new(COUNT))
        .with_inputs(|| {
            let mut batch = Batch::new(&key());
            black_box(batch.receive(Keys::new(uniform()), uniform()).expect("a key per value"));
            batch
        })
        .bench_local_values(|batch| batch.challenge(&id, &mut Prg::from_seed([4; 32])));
}

#[divan::bench]
fn subtract(bencher: Bencher<'_, '_>) {
    let other = client();
    bencher.counter(ItemsCount::new(COUNT)).with_inputs(client).bench_local_values(|mut client| {
        client.sub_assign(&other);
        client
    });
}
