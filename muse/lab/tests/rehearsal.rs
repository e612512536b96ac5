//! Triples and inputs made to be measured: how many bytes they take, how many there can be, and a server that does not know them.

extern crate alloc;

use alloc::sync::Arc;
use muse::{
    Client, ClientConfig, Error, Network, Server, ServerConfig,
    model::{InputSpec, Layer, LayerSpec, LinearShape, Normalisation},
    progress::{Cancel, Silent},
    transport::{Tag, Transport, memory},
};
use muse_lab::rehearsal::{self, PROTOCOL, Rehearsal};
use std::thread;

/// The smallest there is: nothing is inferred.
fn network() -> Network {
    let shape = LinearShape::dense(4, 2);
    let spec = LayerSpec::with_default_bound("only".into(), shape, None, 8);
    let layer = Layer::new(spec, vec![1; shape.weights()], vec![0; 2]).expect("a layer");
    let input = InputSpec { channels: 1, height: 2, width: 2, normalisation: Normalisation::UnitInterval };
    Network::new("none".into(), input, 8, Vec::new(), vec![layer]).expect("a network")
}

#[test]
fn triples_and_inputs_are_rehearsed() {
    let (mine, mut theirs) = memory::pair();
    let serving = thread::spawn(move || rehearsal::serve(&network(), &mut theirs));
    let mut client = rehearsal::Client::over(mine, Cancel::new(), Arc::new(Silent)).unwrap();
    for what in [Rehearsal::Inputs(1), Rehearsal::Triples(1), Rehearsal::Triples(0), Rehearsal::Inputs(0)] {
        let before = client.stats().total().sent;
        client.rehearse(what).unwrap();
        let bytes = client.stats().total().sent - before;
        // 20 bytes an input; ciphertexts and proofs of a triple.
        let least = match what {
            Rehearsal::Inputs(_) => 19 * what.count(),
            Rehearsal::Triples(_) => 80 * what.count(),
        };
        assert!(bytes >= least as u64, "{what:?}: {bytes}");
    }
    // One id is used, 255 are left: exactly as many as the largest request takes. After one more there are too few.
    client.rehearse(Rehearsal::Triples(1)).unwrap();
    assert!(matches!(client.rehearse(Rehearsal::Triples(u8::MAX)), Err(Error::Exhausted)));
    client.rehearse(Rehearsal::Inputs(0)).unwrap();
    drop(client);
    serving.join().unwrap().0.unwrap();
}

/// A server of networks does not know the request.
#[test]
fn a_server_of_networks_rehearses_nothing() {
    let (mut mine, mut theirs) = memory::pair();
    let mut config = ServerConfig::default();
    config.protocol = PROTOCOL;
    let server = Server::new(network(), config).unwrap();
    let serving = thread::spawn(move || server.serve_connection(&mut theirs));
    let mut config = ClientConfig::default();
    config.protocol = PROTOCOL;
    core::mem::forget(Client::over(&mut mine, config).unwrap());
    mine.send(Tag::RehearseInputs, &[0]).unwrap();
    mine.flush().unwrap();
    let error = serving.join().unwrap().unwrap_err();
    assert!(matches!(error, Error::Transport(_)) && error.peer_at_fault(), "{error}");
}
