//! A protocol run that is told to stop: on either side, wherever it stands, the other side hears "aborted" and no more.

extern crate alloc;

use alloc::sync::Arc;
use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Mode, Server, ServerConfig,
    model::shipped,
    progress::{Cancel, Observer, Step},
    transport::{Component, Limits, Memory, Phase, TransportError, memory},
};
use std::thread;

/// Cancels when a step of some kind starts.
struct At(Phase, Component, Cancel);

impl Observer for At {
    fn started(&self, step: Step, _: u64) {
        if (step.phase, step.component) == (self.0, self.1) {
            self.2.cancel();
        }
    }
}

/// An hour: none of these tests ends by a time-out.
fn patient() -> (Memory, Memory) {
    memory::pair_with(Limits::with_timeout(Duration::from_secs(3600)))
}

fn serving(mut link: Memory, config: ServerConfig) -> thread::JoinHandle<Result<(), Error>> {
    let server = Server::new(shipped::mnist(), config).expect("the shipped network can be served");
    thread::spawn(move || server.serve_connection(&mut link))
}

fn semi_honest() -> ServerConfig {
    let mut config = ServerConfig::default();
    config.mode = Mode::SemiHonest;
    config
}

#[test]
fn a_client_stops_in_every_phase() {
    for (phase, component) in
        [(Phase::Preprocessing, Component::Linear), (Phase::Preprocessing, Component::Garbling)]
    {
        let (ours, theirs) = patient();
        let server = serving(theirs, semi_honest());
        let mut config = ClientConfig::default();
        config.mode = Mode::SemiHonest;
        config.observer = Arc::new(At(phase, component, config.cancel.clone()));
        let mut client = Client::over(ours, config).expect("a session");
        assert!(matches!(client.preprocess(), Err(Error::Cancelled)), "{phase:?}, {component:?}");
        assert!(matches!(client.preprocess(), Err(Error::SessionOver)));
        let heard = server.join().expect("no panic").expect_err("the client left");
        assert!(matches!(heard, Error::Transport(TransportError::PeerAborted)), "{heard}");
    }
}

#[test]
fn a_server_stops_in_the_middle() {
    let (ours, theirs) = patient();
    let mut config = semi_honest();
    config.observer = Arc::new(At(Phase::Preprocessing, Component::Garbling, config.cancel.clone()));
    let server = serving(theirs, config);
    let mut config = ClientConfig::default();
    config.mode = Mode::SemiHonest;
    let mut client = Client::over(ours, config).expect("a session");
    let heard = client.preprocess().expect_err("the server left");
    // In the middle of a frame it cannot be told, only left.
    let told =
        [TransportError::PeerAborted, TransportError::Closed { during: "waiting for its next message" }];
    assert!(told.iter().any(|error| error.to_string() == heard.to_string()), "{heard}");
    assert!(matches!(server.join().expect("no panic"), Err(Error::Cancelled)));
}

#[test]
fn waiting_for_a_silent_peer_is_ended_too() {
    // A client whose server never says a word.
    let (ours, _theirs) = patient();
    let config = ClientConfig::default();
    let cancel = config.cancel.clone();
    let waiting = thread::spawn(move || Client::over(ours, config).map(drop));
    cancel.cancel();
    assert!(matches!(waiting.join().expect("no panic"), Err(Error::Cancelled)));

    // A server whose client has nothing to ask.
    let (ours, theirs) = patient();
    let config = semi_honest();
    let cancel = config.cancel.clone();
    let server = serving(theirs, config);
    let mut config = ClientConfig::default();
    config.mode = Mode::SemiHonest;
    let mut client = Client::over(ours, config).expect("a session");
    cancel.cancel();
    assert!(matches!(server.join().expect("no panic"), Err(Error::Cancelled)));
    assert!(matches!(client.preprocess(), Err(Error::Transport(_))));
}

#[test]
fn what_is_cancelled_before_never_starts() {
    let (ours, _theirs) = patient();
    let config = ClientConfig::default();
    config.cancel.cancel();
    assert!(matches!(Client::over(ours, config), Err(Error::Cancelled)));
}
