//! The main job: every shipped MNIST digit through the secure protocol, bit for bit equal to the plaintext network.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_tests::common;

use muse::{Protocol, model::shipped};

/// One session serves many digits, so that the test also covers many inferences in one session.
fn digits_are_exact(protocol: Protocol, from: usize, count: usize) {
    let (mut client, serving) = common::session_in(protocol, shipped::mnist());
    let samples = shipped::mnist_samples();
    assert_eq!(samples.len(), 100);
    for index in from..from + count {
        let ticket = client.preprocess().unwrap();
        let input = client.architecture().encode_bytes(samples.image(index)).unwrap();
        let logits = client.infer_elements(ticket, &input).unwrap();
        assert_eq!(logits.integers(), samples.logits(index), "digit {index}");
    }
    drop(client);
    serving.join().unwrap().unwrap();
}

#[test]
fn the_first_fifty_digits_are_exact() {
    digits_are_exact(Protocol::ClientMalicious, 0, 50);
}

#[test]
fn the_other_fifty_digits_are_exact() {
    digits_are_exact(Protocol::ClientMalicious, 50, 50);
}

#[test]
fn the_baseline_is_exact() {
    digits_are_exact(Protocol::SemiHonest, 30, 20);
}

/// Tickets may be made ahead and used in any order.
#[test]
fn tickets_are_used_in_any_order() {
    let (mut client, serving) = common::session(shipped::mnist());
    let samples = shipped::mnist_samples();
    let mut tickets: Vec<_> = (0..3).map(|_| client.preprocess().unwrap()).collect();
    for index in [7, 8, 9] {
        let ticket = tickets.remove(tickets.len() / 2);
        let input = client.architecture().encode_bytes(samples.image(index)).unwrap();
        assert_eq!(client.infer_elements(ticket, &input).unwrap().integers(), samples.logits(index));
    }
    drop(client);
    serving.join().unwrap().unwrap();
}
