//! A protocol run that is told to stop: on either side, wherever it stands, the other side hears "aborted" and no more.

extern crate alloc;

use alloc::sync::Arc;
use core::time::Duration;
use muse::{
    Client, ClientConfig, Error, Fp, Protocol, Server, ServerConfig,
    accounts::{Component, Phase},
    model::shipped,
    progress::{Cancel, Observer, Step},
    transport::{Framed, Limits, Memory, Pipe, Tag, Transport, TransportError, memory},
};
use std::{io, sync::Mutex, thread};

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
    config.protocol = Protocol::SemiHonest;
    config
}

#[test]
fn a_client_stops_in_every_phase_of_both_modes() {
    use {Component as C, Phase as P};
    for protocol in [Protocol::ClientMalicious, Protocol::SemiHonest] {
        for (phase, component) in [
            (P::Preprocessing, C::Linear),
            (P::Preprocessing, C::ObliviousTransfer),
            (P::Preprocessing, C::Garbling),
            (P::Online, C::Labels),
        ] {
            let (ours, theirs) = patient();
            let mut config = ServerConfig::default();
            config.protocol = protocol;
            let server = serving(theirs, config);
            let mut config = ClientConfig::default();
            config.protocol = protocol;
            config.observer = Arc::new(At(phase, component, config.cancel.clone()));
            let mut client = Client::over(ours, config).expect("a session");
            let result =
                client.preprocess().and_then(|ticket| client.infer_elements(ticket, &[Fp::ZERO; 784]));
            assert!(matches!(result, Err(Error::Cancelled)), "{protocol:?}, {phase:?}, {component:?}");
            assert!(matches!(client.preprocess(), Err(Error::SessionOver)));
            let heard = server.join().expect("no panic").expect_err("the client left");
            assert!(!heard.is_failed_check(), "nobody cheated: {heard}");
            assert!(matches!(heard, Error::Transport(_)), "{heard}");
        }
    }
}

/// Takes the first bytes and then none, and cancels.
struct Tight {
    room: usize,
    cancel: Cancel,
    wire: Arc<Mutex<Vec<u8>>>,
}

impl Pipe for Tight {
    fn read(&mut self, _: &mut [u8], _: Duration) -> io::Result<usize> {
        Err(io::ErrorKind::TimedOut.into())
    }

    fn write(&mut self, bytes: &[u8], _: Duration) -> io::Result<usize> {
        let taken = bytes.len().min(self.room);
        if taken == 0 {
            // There would be room now, for an abort.
            (self.room, _) = (usize::MAX, self.cancel.cancel());
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.room -= taken;
        self.wire.lock().expect("no panic").extend(&bytes[..taken]);
        Ok(taken)
    }

    fn close(&mut self) {}
}

/// An abort that followed a part of a frame would be read as its rest: an honest client would look like a cheater.
#[test]
fn a_frame_that_was_cut_is_not_completed_by_the_abort() {
    const BODY: usize = 32;
    for room in 0..=BODY + 1 {
        let (cancel, wire) = (Cancel::new(), Arc::<Mutex<Vec<u8>>>::default());
        let pipe = Tight { room, cancel: cancel.clone(), wire: wire.clone() };
        let mut link = Framed::new(pipe, Limits::default());
        link.cancel_with(cancel);
        link.send(Tag::OtAnswer, &[0xAA; BODY]).expect("buffered");
        assert!(matches!(link.flush(), Err(TransportError::Cancelled)));
        link.abort();
        assert_eq!(wire.lock().expect("no panic").len(), room, "and not a byte more");
    }
}

#[test]
fn a_server_stops_in_the_middle() {
    let (ours, theirs) = patient();
    let mut config = semi_honest();
    config.observer = Arc::new(At(Phase::Preprocessing, Component::Garbling, config.cancel.clone()));
    let server = serving(theirs, config);
    let mut config = ClientConfig::default();
    config.protocol = Protocol::SemiHonest;
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
    config.protocol = Protocol::SemiHonest;
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
