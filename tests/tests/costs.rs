//! What client-malicious security may cost in bytes and round trips on the MNIST network: both are the same on every machine, but for
//! the tries of the proof, 40 bytes each.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod common;

use muse::{
    Mode,
    model::shipped,
    transport::{Counters, Phase},
};

/// A client's accounts of one inference: preprocessing, online.
fn accounts(mode: Mode) -> (Counters, Counters) {
    let (mut client, serving) = common::session_in(mode, shipped::mnist());
    let ticket = client.preprocess().unwrap();
    let samples = shipped::mnist_samples();
    let input = client.architecture().encode_bytes(samples.image(0)).unwrap();
    client.infer_elements(ticket, &input).unwrap();
    let stats = client.stats();
    drop(client);
    serving.join().unwrap().unwrap();
    (stats.phase(Phase::Preprocessing), stats.phase(Phase::Online))
}

#[test]
fn client_malicious_security_costs_460_bytes_a_relu_and_4_megabytes() {
    let relus = shipped::mnist().architecture().relu_count() as u64;
    let (baseline, malicious) = (accounts(Mode::SemiHonest), accounts(Mode::ClientMalicious));
    let more = malicious.0.bytes() - baseline.0.bytes();
    assert!(more <= 460 * relus + 4_000_000, "{more} bytes");
    assert!(malicious.0.bytes() <= 57_000_000, "{} bytes", malicious.0.bytes());
    // One hash for each ReLU layer, of which there are three, and no message more.
    assert_eq!(malicious.1.bytes(), baseline.1.bytes() + 3 * 32);
    assert_eq!(malicious.1.flights, baseline.1.flights, "no extra round trip online");
}
