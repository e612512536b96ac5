//! What a session costs is known in advance, byte for byte: predictions from the public plan against the accounts of real sessions.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use muse_tests::common;

use muse::{
    Client, Protocol, Server,
    accounts::Phase,
    model::{Activation, InputSpec, Layer, LayerSpec, Network, Normalisation, shipped},
    plan::Party,
    transport::{Framed, memory},
};
use muse_he::encode::LinearShape;
use std::thread;

/// One inference of a session in each mode, and what both parties make of it.
fn check(network: impl Fn() -> Network) {
    for protocol in [Protocol::SemiHonest, Protocol::ClientMalicious] {
        let (mine, theirs) = memory::pipes();
        let server = Server::new(network(), common::server_config(protocol)).unwrap();
        let serving = thread::spawn(move || {
            let mut link = Framed::new(theirs, common::limits());
            let (ended, stats) = server.serve_counted(&mut link);
            ended.map(|()| stats)
        });
        let link = Framed::new(mine, common::limits());
        let mut client = Client::over(link, common::client_config(protocol)).unwrap();
        let ticket = client.preprocess().unwrap();
        let pixels = vec![200; client.architecture().input().elements()];
        let input = client.architecture().encode_bytes(&pixels).unwrap();
        client.infer_elements(ticket, &input).unwrap();
        common::assert_predicted(client.plan(), &client.stats(), Party::Client);
        let plan = muse::plan::Plan::new(protocol, client.architecture().clone()).unwrap();
        drop(client);
        common::assert_predicted(&plan, &serving.join().unwrap().unwrap(), Party::Server);
    }
}

/// A network of these layers with the same small weight everywhere.
fn network(input: (usize, usize, usize), shapes: &[(LinearShape, Option<Activation>)]) -> Network {
    let layers = shapes.iter().enumerate().map(|(index, &(shape, activation))| {
        let spec = LayerSpec::with_default_bound(format!("layer {index}"), shape, activation, 6);
        Layer::new(spec, vec![-3; shape.weights()], vec![5; shape.out_channels]).unwrap()
    });
    let (channels, height, width) = input;
    let input = InputSpec { channels, height, width, normalisation: Normalisation::UnitInterval };
    Network::new("accounts".into(), input, 6, vec!["a".into(), "b".into()], layers.collect()).unwrap()
}

#[test]
fn the_mnist_network() {
    check(shipped::mnist);
}

#[test]
fn a_single_layer_has_no_relu() {
    check(|| network((1, 1, 3), &[(LinearShape::dense(3, 2), None)]));
}

#[test]
fn strides_padding_and_pools_with_odd_sides() {
    let conv = LinearShape {
        in_channels: 3,
        height: 9,
        width: 7,
        out_channels: 5,
        kernel: 3,
        padding: 2,
        stride: 2,
    };
    let activation = Some(Activation { shift: 6, sum_pool: Some(2) });
    let pooled = 5 * (conv.out_height() / 2) * (conv.out_width() / 2);
    let hidden = (LinearShape::dense(pooled, 33), Some(Activation { shift: 0, sum_pool: None }));
    check(|| network((3, 9, 7), &[(conv, activation), hidden, (LinearShape::dense(33, 2), None)]));
}

#[test]
fn several_ciphertexts_and_replies_for_one_layer() {
    let wide = (LinearShape::dense(10_000, 9), Some(Activation { shift: 22, sum_pool: None }));
    check(|| network((1, 100, 100), &[wide, (LinearShape::dense(9, 2), None)]));
}

/// Every inference of a session costs the same, but for tries; only the setup is paid once.
#[test]
fn a_session_of_several_inferences() {
    let (mut client, serving) = common::session_in(Protocol::SemiHonest, common::tiny());
    let input = client.architecture().encode_bytes(&[7; 6]).unwrap();
    let tickets = [client.preprocess().unwrap(), client.preprocess().unwrap()];
    for ticket in tickets {
        client.infer_elements(ticket, &input).unwrap();
    }
    let (stats, one) = (client.stats(), client.plan().predicted(1, Party::Client).unwrap());
    for (phase, times) in [(Phase::Setup, 1), (Phase::Preprocessing, 2), (Phase::Online, 2)] {
        let (found, want) = (stats.phase(phase), one.phase(phase));
        assert_eq!((found.sent, found.received), (times * want.sent, times * want.received), "{phase:?}");
    }
    drop(client);
    serving.join().unwrap().unwrap();
}
