//! The published disclosure of labels in a whole session: exact, accounted for, refused where a session cannot make its triples.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_tests::common;

use muse::{
    Client, Error, MAX_INFERENCES, Protocol, Server,
    accounts::{Component, Phase, Stats},
    model::{Network, plaintext, shipped},
    plan::{Party, Plan},
    transport::{Framed, memory},
};
use std::thread;

const PUBLISHED: Protocol = Protocol::ClientMaliciousPublished;

/// One inference of a session for each of these images; equal to the plaintext network's, and accounted for to the byte.
fn check(network: fn() -> Network, images: &[Vec<u8>]) -> Stats {
    let (mine, theirs) = memory::pipes();
    let config = common::server_config(PUBLISHED);
    let server = Server::new(network(), config).unwrap();
    let serving = thread::spawn(move || {
        let mut link = Framed::new(theirs, common::limits());
        let (ended, stats) = server.serve_counted(&mut link);
        ended.map(|()| stats)
    });
    let config = common::client_config(PUBLISHED);
    let mut client = Client::over(Framed::new(mine, common::limits()), config).unwrap();
    for image in images {
        let ticket = client.preprocess().unwrap();
        let input = client.architecture().encode_bytes(image).unwrap();
        let logits = client.infer_elements(ticket, &input).unwrap();
        assert_eq!(logits.elements(), plaintext::forward(&network(), &input));
    }
    let (stats, plan) = (client.stats(), Plan::new(PUBLISHED, client.architecture().clone()).unwrap());
    drop(client);
    let served = serving.join().unwrap().unwrap();
    if images.len() == 1 {
        common::assert_predicted(&plan, &stats, Party::Client);
        common::assert_predicted(&plan, &served, Party::Server);
    }
    stats
}

#[test]
fn a_small_network_is_exact_and_costs_what_its_plan_says() {
    let stats = check(common::tiny, &[vec![200; 6]]);
    // Nothing is extended, so there is nothing to extend: the server draws Delta.
    assert_eq!(stats.get(Phase::Setup, Component::BaseOt).bytes(), 0);
    for component in [Component::Triples, Component::AuthenticatedInputs, Component::ObliviousTransfer] {
        assert!(stats.get(Phase::Preprocessing, component).bytes() > 0, "{component:?}");
    }
}

#[test]
fn ids_of_inferences_and_batches_do_not_repeat() {
    // Two inferences, with a batch of each kind.
    check(common::tiny, &[vec![1; 6], vec![255; 6]]);
}

/// `cargo test --release -p muse-tests --test published -- --ignored`
#[test]
#[ignore = "39 batches: half a minute on two cores in release mode"]
fn a_digit_is_exact() {
    let samples = shipped::mnist_samples();
    check(shipped::mnist, &[samples.image(0).to_vec()]);
}

#[test]
fn a_network_that_takes_too_many_triples_is_refused() {
    let ids = Plan::new(PUBLISHED, shipped::mnist().architecture().clone()).unwrap().ids();
    assert_eq!(ids, 32);
    assert_eq!(
        Plan::new(Protocol::ClientMalicious, shipped::mnist().architecture().clone()).unwrap().ids(),
        1
    );
    let network = shipped::cifar10();
    let error = Plan::new(PUBLISHED, network.architecture().clone()).unwrap_err();
    let Error::TooManyBatches { needed, allowed } = error else { panic!("{error}") };
    assert_eq!((needed, allowed), (507, MAX_INFERENCES - 1));
    let config = common::server_config(PUBLISHED);
    let error = Server::new(network, config).unwrap_err();
    assert!(error.to_string().contains("take the default disclosure"), "{error}");
}
