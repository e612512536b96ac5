//! What client-malicious security may cost in bytes and round trips on the MNIST network. The plan of a session knows both, and is
//! held to the accounts of real sessions in `accounts.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse::{
    Protocol,
    accounts::{Counters, Phase},
    model::shipped,
    plan::{Party, Plan},
};
use muse_zk::wellformed::Tries;

/// A client's accounts of one inference whose proof takes as many tries as it may: preprocessing, online.
fn accounts(protocol: Protocol) -> (Counters, Counters) {
    let plan = Plan::new(protocol, shipped::mnist().architecture().clone()).unwrap();
    let stats = plan.predicted(Tries::PER_PROOF, Party::Client).unwrap();
    (stats.phase(Phase::Preprocessing), stats.phase(Phase::Online))
}

#[test]
fn client_malicious_security_costs_460_bytes_a_relu_and_4_megabytes() {
    let relus = shipped::mnist().architecture().relu_count() as u64;
    let (baseline, malicious) = (accounts(Protocol::SemiHonest), accounts(Protocol::ClientMalicious));
    let more = malicious.0.bytes() - baseline.0.bytes();
    assert!(more <= 460 * relus + 4_000_000, "{more} bytes");
    assert!(malicious.0.bytes() <= 57_000_000, "{} bytes", malicious.0.bytes());
    // One hash for each ReLU layer, of which there are three, and no message more.
    assert_eq!(malicious.1.bytes(), baseline.1.bytes() + 3 * 32);
    assert_eq!(malicious.1.flights, baseline.1.flights, "no extra round trip online");
}
