//! Both sides of linear layers at N = 8192, by step and as the whole value part of the MNIST network's preprocessing.
//!
//! `cargo bench -p muse-he --bench scheme`; add `--features parallel` for all cores.

#![allow(missing_docs, clippy::unwrap_used)]

use muse_test_support::he as common;

use common::networks::{CIFAR10, MNIST};
use common::session::Session;
use common::{prg, random_layer, random_weights};
use divan::Bencher;
use muse_field::Fp;
use muse_field::wire::{from_slice, to_vec};
use muse_he::encode::{Layout, LinearShape, NetworkCost};
use muse_he::encrypt::{Ciphertext, FreshCiphertext};
use muse_he::linear::{self, Server};
use muse_he::reply::{Product, Reply};

const N: usize = 8192;

fn main() {
    divan::main();
}

/// A layer with everything made that both sides need.
struct Layer {
    session: Session,
    layout: Layout,
    r: Vec<Fp>,
    weights: Vec<i64>,
    inputs: Vec<Ciphertext>,
}

impl Layer {
    fn new(shape: LinearShape) -> Self {
        let mut session = Session::new(N, 1);
        let layout = Layout::best(N, shape, false).unwrap();
        let (r, _) = random_layer(&shape, 2);
        let weights = random_weights(shape.weights(), 8, &mut prg(3));
        let inputs = session.send(&layout, &r);
        Self { session, layout, r, weights, inputs }
    }

    fn server(&self) -> Server<'_> {
        let (budget, bound) = (self.session.budget(&self.layout), (self.layout.shape().taps() as u64) << 8);
        let (ring, key) = (&self.session.ring, &self.session.public_key);
        Server::new(ring, key, &self.layout, &self.weights, &self.inputs, &budget, bound, &mut prg(4))
            .unwrap()
    }

    fn encrypt(&self) -> Vec<FreshCiphertext> {
        let (session, first) = (&self.session, self.session.row(0));
        linear::encrypt_input(&session.ring, &session.secret, &self.layout, first, &self.r, &mut prg(5))
            .unwrap()
    }
}

#[divan::bench]
fn tilings_of_cifar10(bencher: Bencher<'_, '_>) {
    let shapes = common::networks::shapes(&CIFAR10);
    bencher.bench(|| NetworkCost::of(N, &shapes).unwrap());
}

#[divan::bench]
fn encrypt_one(bencher: Bencher<'_, '_>) {
    let layer = Layer::new(LinearShape::dense(256, 100));
    bencher.bench_local(|| layer.encrypt());
}

#[divan::bench]
fn encode_and_decode_one(bencher: Bencher<'_, '_>) {
    let sent = Layer::new(LinearShape::dense(256, 100)).encrypt().remove(0);
    bencher.bench_local(|| from_slice::<FreshCiphertext>(N, &to_vec(&sent)).unwrap());
}

#[divan::bench]
fn receive_one(bencher: Bencher<'_, '_>) {
    let layer = Layer::new(LinearShape::dense(256, 100));
    let sent = layer.encrypt().remove(0);
    let session = &layer.session;
    bencher.bench_local(|| sent.clone().receive(&session.ring, session.row(0)).unwrap().assume_well_formed());
}

/// One product of CIFAR-10's second layer is a tenth of this.
#[divan::bench]
fn group_of_ten_products(bencher: Bencher<'_, '_>) {
    let layer = Layer::new(CIFAR10[1].0);
    let server = layer.server();
    bencher.bench_local(|| server.product(0));
}

#[divan::bench]
fn reply_one(bencher: Bencher<'_, '_>) {
    let layer = Layer::new(MNIST[0].0);
    let session = &layer.session;
    let (mask, wanted) = (vec![Fp::ONE; N], layer.layout.wanted(0));
    let flood = session.budget(&layer.layout).flood(1 << 17).unwrap();
    let mut rng = prg(6);
    bencher.bench_local(|| {
        let product = Product::of(&layer.inputs[0]);
        product.respond(&session.ring, &session.public_key, &mask, &wanted, flood, &mut rng).unwrap()
    });
}

#[divan::bench]
fn decrypt_one(bencher: Bencher<'_, '_>) {
    let layer = Layer::new(MNIST[0].0);
    let reply: Reply = layer.server().respond(0).unwrap().reply;
    let wanted = layer.layout.wanted(0);
    bencher.bench_local(|| layer.session.reply_key.decrypt(&layer.session.ring, &reply, &wanted).unwrap());
}

/// Everything that both parties compute for the values of the MNIST network: 4 ciphertexts, 13 replies, in bytes.
#[divan::bench]
fn mnist_both_parties(bencher: Bencher<'_, '_>) {
    whole(bencher, &MNIST);
}

/// The same for CIFAR-10: 33 ciphertexts, 1,148 products, 177 replies.
#[divan::bench(sample_count = 3)]
fn cifar10_both_parties(bencher: Bencher<'_, '_>) {
    whole(bencher, &CIFAR10);
}

fn whole(bencher: Bencher<'_, '_>, network: &[(LinearShape, u32, u64)]) {
    let mut session = Session::new(N, 7);
    let last = network.len() - 1;
    let layers = network.iter().enumerate().map(|(index, (shape, bits, _))| {
        let layout = Layout::best(N, *shape, index == last).unwrap();
        let (r, _) = random_layer(shape, 8);
        (layout, r, random_weights(shape.weights(), *bits, &mut prg(9)), (shape.taps() as u64) << bits)
    });
    let layers: Vec<_> = layers.collect();
    bencher.bench_local(|| {
        for (layout, r, weights, bound) in &layers {
            divan::black_box(session.layer(layout, r, weights, *bound));
        }
    });
}
