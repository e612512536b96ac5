//! The CIFAR-10 network, 173,056 ReLUs, through the secure protocol, bit for bit equal to the plaintext network.
//!
//! One image in each mode; `MUSE_CIFAR10_IMAGES=10` says how many instead. They are random, as the data set may not be shipped:
//! `MUSE_CIFAR10_SAMPLES` names a safetensors file of real ones. With a spool, memory is bounded whatever the size of the tables.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_tests::common;

use common::{client_config, limits, serve_with, server_config};
use muse::{
    Client, Protocol,
    model::{Samples, plaintext, shipped},
    transport::Framed,
};
use muse_field::prg::Prg;
use peak_alloc::PeakAlloc;
use rand_core::Rng;
use std::{
    env,
    sync::{Mutex, PoisonError},
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What both parties together may have on the heap, networks and matrices included. The tables of an inference are
/// 0.66 GB.
const HEAP: usize = 400_000_000;

/// One inference at a time: all share the counter.
static ONE: Mutex<()> = Mutex::new(());

/// The images to classify, as bytes.
fn images(count: usize) -> Vec<Vec<u8>> {
    let network = shipped::cifar10();
    let input = network.architecture().input();
    if let Ok(path) = env::var("MUSE_CIFAR10_SAMPLES") {
        let samples = Samples::from_bytes(&std::fs::read(path).unwrap(), input).unwrap();
        return (0..samples.len().min(count)).map(|index| samples.image(index).to_vec()).collect();
    }
    let mut rng = Prg::from_seed([10; 32]);
    let mut random = vec![vec![0; network.architecture().layer(0).inputs()]; count];
    random.iter_mut().for_each(|image| rng.fill_bytes(image));
    random
}

fn images_are_exact(protocol: Protocol) {
    let _alone = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    MEMORY.reset_peak_usage();
    let count = env::var("MUSE_CIFAR10_IMAGES").map_or(1, |count| count.parse().unwrap());
    let network = shipped::cifar10();
    let (pipe, serving) = serve_with(shipped::cifar10(), server_config(protocol));
    let directory = tempfile::tempdir().unwrap();
    let mut config = client_config(protocol);
    config.spool = Some(directory.path().to_owned());
    let mut client = Client::over(Framed::new(pipe, limits()), config).unwrap();
    for (index, image) in images(count).iter().enumerate() {
        let ticket = client.preprocess().unwrap();
        let input = network.architecture().encode_bytes(image).unwrap();
        let logits = client.infer_elements(ticket, &input).unwrap();
        let expected: Vec<i64> =
            plaintext::forward(&network, &input).into_iter().map(|logit| logit.to_signed()).collect();
        assert_eq!(logits.integers(), expected, "image {index}");
    }
    drop(client);
    serving.join().unwrap().unwrap();
    let peak = MEMORY.peak_usage();
    assert!(peak < HEAP, "{peak} bytes");
}

#[test]
fn cifar10_is_exact_against_malicious_clients() {
    images_are_exact(Protocol::ClientMalicious);
}

#[test]
fn cifar10_is_exact_in_the_baseline() {
    images_are_exact(Protocol::SemiHonest);
}
