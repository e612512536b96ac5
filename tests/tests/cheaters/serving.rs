//! Over TCP: one server, clients that cheat and clients that do not.

use crate::{
    common::{limits, tiny},
    harness::Guess,
};
use alloc::sync::Arc;
use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Server, ServerConfig, handshake::Refused, model::plaintext, server::Stop,
    transport::Tcp,
};
use muse_attack::deviate::{self, Deviant};
use muse_field::Fp;
use std::{net::TcpListener, thread};

const INPUT: [Fp; 6] = [Fp::ONE; 6];

/// Over TCP: a cheater is cut off, and an honest client connected all the while is served to its end.
#[test]
fn others_are_served_while_a_cheater_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = Stop::new(&listener).unwrap();
    let mut config = ServerConfig::default();
    config.limits = limits();
    // Both are at one address here.
    config.penalty = Duration::ZERO;
    let server = Server::new(tiny(), config).unwrap();
    let serving = thread::spawn({
        let stop = stop.clone();
        move || server.serve_until(listener, &stop)
    });
    let expected = plaintext::forward(&tiny(), &INPUT);
    let mut honest = Client::connect(&address, ClientConfig::default()).unwrap();
    let ticket = honest.preprocess().unwrap();
    for guess in [0, 1] {
        let mut cheater = guesser(&address, guess);
        let bought = cheater.preprocess().unwrap();
        assert!(cheater.infer_elements(bought, &INPUT).is_err());
    }
    assert_eq!(honest.infer_elements(ticket, &INPUT).unwrap().elements(), &expected[..]);
    let ticket = honest.preprocess().unwrap();
    assert_eq!(honest.infer_elements(ticket, &INPUT).unwrap().elements(), &expected[..]);
    honest.close();
    stop.stop();
    serving.join().unwrap().unwrap();
}

/// Over TCP: who was caught is turned away for a while.
#[test]
fn a_cheater_does_not_get_another_session_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = Stop::new(&listener).unwrap();
    let mut config = ServerConfig::default();
    config.limits = limits();
    let server = Server::new(tiny(), config).unwrap();
    let serving = thread::spawn({
        let stop = stop.clone();
        move || server.serve_until(listener, &stop)
    });
    let mut cheater = guesser(&address, 5);
    let ticket = cheater.preprocess().unwrap();
    assert!(cheater.infer_elements(ticket, &INPUT).is_err());
    assert!(matches!(
        Client::connect(&address, ClientConfig::default()),
        Err(Error::TurnedAway(Some(Refused::Penalty)))
    ));
    stop.stop();
    serving.join().unwrap().unwrap();
}

/// A client that guesses alpha.
fn guesser(address: &str, guess: u64) -> Client<Tcp, Deviant> {
    let link = Tcp::connect(address, limits()).unwrap();
    deviate::client(link, ClientConfig::default(), Arc::new(Guess(guess))).unwrap()
}
