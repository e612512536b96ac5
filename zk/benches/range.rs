//! Speed of the proofs about values, per side. `items` are values of the range proof, or products.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use muse_field::id::{Coin, RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::sample::fill_uniform;
use muse_field::{Fp, vector};
use muse_gc::label::{ActiveLabels, Delta, ZeroLabels};
use muse_gc::ot::ideal::correlated_ot;
use muse_mac::{Authenticated, Keys, MacKey};
use muse_zk::product;
use muse_zk::range::{self, Choices, count};

fn main() {
    divan::main();
}

const VALUES: [usize; 3] = [64, 1024, 65_536];

fn id() -> RunId {
    RunId::new(SessionId::from_bytes([1; 32]), 0)
}

fn rng() -> Prg {
    Prg::from_seed([1; 32])
}

fn uniform(n: usize, rng: &mut Prg) -> Vec<Fp> {
    let mut values = vec![Fp::ZERO; n];
    fill_uniform(&mut values, rng);
    values
}

fn integers(n: usize, rng: &mut Prg) -> Vec<u64> {
    uniform(n, rng).into_iter().map(Fp::to_u64).collect()
}

/// Choices of the client, labels of both, and the server's offset and seed.
fn batch(n: usize) -> (Choices, ActiveLabels, ZeroLabels, Delta, Coin) {
    let mut rng = rng();
    let choices = Choices::new(&integers(n, &mut rng), &mut rng);
    let delta = Delta::random(&mut rng);
    let (keys, labels) = correlated_ot(&delta, choices.as_bytes(), count(n), &mut rng);
    (choices, labels, keys, delta, Coin::random(&mut rng))
}

#[divan::bench(args = VALUES)]
fn range_choices(bencher: Bencher<'_, '_>, n: usize) {
    let mut rng = rng();
    let values = integers(n, &mut rng);
    bencher.counter(ItemsCount::new(n)).bench_local(|| Choices::new(black_box(&values), &mut rng));
}

#[divan::bench(args = VALUES)]
fn range_prove(bencher: Bencher<'_, '_>, n: usize) {
    let (choices, labels, _, _, seed) = batch(n);
    bencher
        .counter(ItemsCount::new(n))
        .bench_local(|| range::prove(&id(), &choices, black_box(labels.as_slice()), &seed).expect("a batch"));
}

#[divan::bench(args = VALUES)]
fn range_verify(bencher: Bencher<'_, '_>, n: usize) {
    let (choices, labels, keys, delta, seed) = batch(n);
    let message = range::prove(&id(), &choices, labels.as_slice(), &seed).expect("a batch");
    bencher.counter(ItemsCount::new(n)).bench_local(|| {
        range::verify(&id(), &delta, black_box(keys.as_slice()), &seed, &message).expect("canonical values");
    });
}

/// A right product in each row, and a mask.
fn products(n: usize) -> ([(Authenticated, Keys); 4], MacKey, Coin) {
    let mut rng = rng();
    let key = MacKey::random(&mut rng);
    let [a, b, u] = [n, n, 1].map(|n| uniform(n, &mut rng));
    let mut e = a.clone();
    vector::mul_assign(&mut e, &b);
    let authenticated = [a, b, e, u].map(|values| {
        let keys = uniform(values.len(), &mut rng);
        let mut macs = keys.clone();
        vector::axpy(&mut macs, key.expose(), &values);
        (Authenticated::new(values, macs).expect("one MAC per value"), Keys::new(keys))
    });
    (authenticated, key, Coin::random(&mut rng))
}

#[divan::bench(args = VALUES)]
fn product_prove(bencher: Bencher<'_, '_>, n: usize) {
    let ([a, b, e, u], _, seed) = products(n);
    let mask = || Authenticated::new(u.0.values().to_vec(), u.0.macs().to_vec()).expect("one MAC per value");
    bencher
        .counter(ItemsCount::new(n))
        .with_inputs(mask)
        .bench_local_values(|mask| product::prove(&id(), &a.0, &b.0, &e.0, mask, &seed).expect("one length"));
}

#[divan::bench(args = VALUES)]
fn product_verify(bencher: Bencher<'_, '_>, n: usize) {
    let ([a, b, e, u], key, seed) = products(n);
    let mask = Authenticated::new(u.0.values().to_vec(), u.0.macs().to_vec()).expect("one MAC per value");
    let message = product::prove(&id(), &a.0, &b.0, &e.0, mask, &seed).expect("one length");
    bencher.counter(ItemsCount::new(n)).with_inputs(|| Keys::new(u.1.expose().to_vec())).bench_local_values(
        |mask| {
            product::verify(&id(), &key, &a.1, &b.1, &e.1, mask, &seed, message).expect("right products");
        },
    );
}
