//! Peers that fall silent, drip, or do not read, at every point where the other side waits: it gives up, says so, and is free again. No
//! test asserts how long that takes.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

mod common;

use alloc::sync::Arc;
use common::{client_config, server_config, tiny};
use core::{net::SocketAddr, time::Duration};
use muse::{
    Client, Error, Mode, Network, Server,
    model::{plaintext, shipped},
    server::{Event, Monitor, Stop},
    transport::{
        Component, Framed, Limits, Memory, Phase, Pipe, Stats, Tag, Tcp, Transport, TransportError,
        memory::{self, MemoryPipe},
    },
};
use muse_field::Fp;
use std::{
    io,
    net::TcpListener,
    sync::{Mutex, mpsc},
    thread,
};

/// Time-outs of the side that waits.
fn short(seconds: u64) -> Limits {
    Limits { min_rate: 1 << 20, ..Limits::with_timeout(Duration::from_secs(seconds)) }
}

/// Runs with longer and longer time-outs until none ends an honest part before the peer falls silent, as happens on a busy machine.
fn patiently(run: impl Fn(Limits) -> Option<Error>) -> Error {
    [1, 4, 16, 60].into_iter().find_map(|seconds| run(short(seconds))).unwrap()
}

/// A party that stops: it neither sends nor awaits the first frame of this kind, and keeps the connection open.
struct Mute<T> {
    inner: T,
    at: Tag,
    silent: bool,
}

impl<T: Transport> Mute<T> {
    const fn new(inner: T, at: Tag) -> Self {
        Self { inner, at, silent: false }
    }

    fn stop_at(&mut self, tags: &[Tag]) -> Result<(), TransportError> {
        if tags.contains(&self.at) && !self.silent {
            self.silent = true;
            self.inner.flush()?;
        }
        if self.silent { Err(TransportError::Closed { during: "being silent" }) } else { Ok(()) }
    }
}

impl<T: Transport> Transport for Mute<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        self.stop_at(&[tag])?;
        self.inner.begin_send(tag, len)
    }

    fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
        self.inner.write(part)
    }

    fn recv_tag(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.stop_at(tags)?;
        self.inner.recv_tag(tags)
    }

    fn recv_request(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.stop_at(tags)?;
        self.inner.recv_request(tags)
    }

    fn read(&mut self, part: &mut [u8]) -> Result<(), TransportError> {
        self.inner.read(part)
    }

    fn flush(&mut self) -> Result<(), TransportError> {
        if self.silent { Ok(()) } else { self.inner.flush() }
    }

    fn abort(&mut self) {
        if !self.silent {
            self.inner.abort();
        }
    }

    fn enter(&mut self, phase: Phase, component: Component) {
        self.inner.enter(phase, component);
    }

    fn pause(&mut self) {
        self.inner.pause();
    }

    fn stats(&self) -> Stats {
        self.inner.stats()
    }
}

fn input(network: &Network) -> Vec<Fp> {
    (0..network.architecture().layer(0).inputs() as u64).map(|i| Fp::new(i * 13 % 64)).collect()
}

fn infer(link: impl Transport, mode: Mode, input: &[Fp]) -> Result<Vec<Fp>, Error> {
    let mut client = Client::over(link, client_config(mode))?;
    let ticket = client.preprocess()?;
    Ok(client.infer_elements(ticket, input)?.elements().to_vec())
}

/// A server whose client stops somewhere; what the server says, if the client came to that point.
fn serve_mute(network: Network, mode: Mode, at: Tag, limits: Limits) -> Option<Error> {
    let (mine, theirs) = memory::pipes();
    let input = input(&network);
    let server = Server::new(network, server_config(mode)).unwrap();
    let serving = thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, limits)));
    let mut link = Mute::new(Memory::new(mine, Limits::default()), at);
    infer(&mut link, mode, &input).unwrap_err();
    let silent = link.silent;
    // The connection stands until the server has ended.
    let error = serving.join().unwrap().unwrap_err();
    drop(link);
    silent.then_some(error)
}

/// A client whose server stops somewhere; what the client says, if the server came to that point.
fn infer_mute(network: Network, mode: Mode, at: Tag, limits: Limits) -> Option<Error> {
    let (mine, theirs) = memory::pipes();
    let input = input(&network);
    let server = Server::new(network, server_config(mode)).unwrap();
    let infering = thread::spawn(move || infer(Framed::new(mine, limits), mode, &input));
    let mut link = Mute::new(Framed::new(theirs, Limits::default()), at);
    server.serve_connection(&mut link).unwrap_err();
    let silent = link.silent;
    let error = infering.join().unwrap().unwrap_err();
    drop(link);
    silent.then_some(error)
}

fn timed_out(error: &Error) -> bool {
    matches!(error, Error::Transport(TransportError::TimedOut { .. }))
}

/// All of these at once.
fn all(cases: &[(Mode, Tag)], run: fn(Network, Mode, Tag, Limits) -> Option<Error>) {
    thread::scope(|scope| {
        for &(mode, at) in cases {
            scope.spawn(move || {
                let error = patiently(|limits| run(tiny(), mode, at, limits));
                assert!(timed_out(&error), "{at}: {error}");
                assert!(!error.is_failed_check(), "silence is no crime");
            });
        }
    });
}

use Mode::{ClientMalicious as Full, SemiHonest as Baseline};

#[test]
fn a_server_gives_up_a_client_that_is_silent_anywhere() {
    all(&CLIENT, serve_mute);
}

#[test]
fn a_client_gives_up_a_server_that_is_silent_anywhere() {
    let cases = [
        (Full, Tag::ServerHello),
        (Full, Tag::Card),
        (Full, Tag::BaseOtRequest),
        (Full, Tag::InferenceId),
        (Full, Tag::ProofChallenge),
        (Full, Tag::Replies),
        (Full, Tag::MaskMacs),
        (Baseline, Tag::OtChallenge),
        (Full, Tag::GarbledTables),
        (Full, Tag::ShareRows),
        (Full, Tag::TicketReady),
        (Full, Tag::OnlineLabels),
        (Full, Tag::LastShare),
    ];
    all(&cases, infer_mute);
}

/// Every frame a client sends. Before two of them, `Preprocess` and `Infer`, a server waits for a request.
const CLIENT: [(Mode, Tag); 14] = [
    (Full, Tag::ClientHello),
    (Full, Tag::PublicKey),
    (Full, Tag::Trees),
    (Full, Tag::Preprocess),
    (Full, Tag::InputCiphertexts),
    (Full, Tag::ProofCommitment),
    (Full, Tag::ProofResponses),
    (Full, Tag::StructureDigests),
    (Full, Tag::Disclosure),
    (Baseline, Tag::OtColumns),
    (Baseline, Tag::OtAnswer),
    (Full, Tag::Infer),
    (Full, Tag::MaskedInput),
    (Full, Tag::MaskedActivations),
];

/// Hears how connections ended.
struct Ends(Mutex<mpsc::Sender<bool>>);

impl Monitor for Ends {
    fn event(&self, _peer: SocketAddr, event: &Event<'_>) {
        if let Event::Ended { error, .. } = event {
            self.0.lock().unwrap().send(error.is_some_and(timed_out)).unwrap();
        }
    }
}

/// Silent clients take all places; when they are given up, an honest one is served.
#[test]
fn places_of_silent_clients_become_free() {
    let places: Vec<_> = CLIENT.iter().filter(|(mode, _)| *mode == Full).map(|(_, at)| *at).collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stop = Stop::new(&listener).unwrap();
    let (sender, ends) = mpsc::channel();
    let mut config = server_config(Full);
    config.limits = short(2);
    (config.max_connections, config.max_connections_per_address) = (places.len(), places.len());
    config.monitor = Arc::new(Ends(Mutex::new(sender)));
    let server = Server::new(tiny(), config).unwrap();
    let serving = thread::spawn({
        let stop = stop.clone();
        move || server.serve_until(listener, &stop)
    });
    let silent: Vec<_> = (places.iter())
        .map(|&at| {
            let address = address.clone();
            thread::spawn(move || {
                let mut link = Mute::new(Tcp::connect(&address, Limits::default()).unwrap(), at);
                infer(&mut link, Full, &input(&tiny())).unwrap_err();
                link
            })
        })
        .collect();
    let _open: Vec<_> = silent.into_iter().map(|thread| thread.join().unwrap()).collect();
    for _ in &places {
        assert!(ends.recv().unwrap(), "ended by a time-out");
    }
    // A place is free a moment after its end is told.
    let link = (0..100).find_map(|_| {
        thread::park_timeout(Duration::from_millis(20));
        Client::connect(&address, client_config(Full)).ok()
    });
    let mut client = link.unwrap();
    let ticket = client.preprocess().unwrap();
    let expected = plaintext::forward(&tiny(), &input(&tiny()));
    assert_eq!(client.infer_elements(ticket, &input(&tiny())).unwrap().elements(), expected);
    client.close();
    stop.stop();
    serving.join().unwrap().unwrap();
}

/// Sends as fast as it can up to a byte of the stream, then one byte at a time.
struct Drip {
    pipe: MemoryPipe,
    fast: usize,
}

impl Pipe for Drip {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.pipe.read(out, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        if self.fast > 0 {
            let written = self.pipe.write(&bytes[..bytes.len().min(self.fast)], patience)?;
            self.fast -= written;
            return Ok(written);
        }
        // Far within every time-out.
        thread::park_timeout(Duration::from_millis(50));
        self.pipe.write(&bytes[..1], patience)
    }

    fn close(&mut self) {
        self.pipe.close();
    }
}

/// A byte each 50 ms: the server ends it after a second or a little more in a hello of 77 bytes, a key of 220 kB, the ciphertexts behind it,
/// and at a claim.
#[test]
fn a_client_that_drips_is_cut_off() {
    let limits = short(1);
    let before_key = 77 + 2 + 220_160 + 2 + 6176 + 2;
    thread::scope(|scope| {
        for fast in [0, 77 + 2 + 1000, before_key + 2 + 5000] {
            scope.spawn(move || {
                let (mine, theirs) = memory::pipes();
                let server = Server::new(tiny(), server_config(Baseline)).unwrap();
                let serving = scope.spawn(move || server.serve_connection(&mut Framed::new(theirs, limits)));
                let link = Framed::new(Drip { pipe: mine, fast }, Limits::default());
                infer(link, Baseline, &input(&tiny())).unwrap_err();
                let error = serving.join().unwrap().unwrap_err();
                assert!(timed_out(&error), "{fast} bytes fast: {error}");
            });
        }
    });
}

/// The same from the server's side: its hello, its card, its bulk.
#[test]
fn a_server_that_drips_is_cut_off() {
    let limits = short(1);
    thread::scope(|scope| {
        for fast in [0, 77 + 10, 77 + 200 + 5000, 77 + 200 + 8192 + 20_000] {
            scope.spawn(move || {
                let (mine, theirs) = memory::pipes();
                let server = Server::new(tiny(), server_config(Baseline)).unwrap();
                scope.spawn(move || {
                    let link = &mut Framed::new(Drip { pipe: theirs, fast }, Limits::default());
                    // What becomes of the one that drips is its own affair.
                    let _ = server.serve_connection(link);
                });
                let error = infer(Framed::new(mine, limits), Baseline, &input(&tiny())).unwrap_err();
                assert!(timed_out(&error), "{fast} bytes fast: {error}");
            });
        }
    });
}

/// Half a request, then nothing.
#[test]
fn half_a_request_is_no_request() {
    let (mut mine, theirs) = memory::pipes();
    assert_eq!(mine.write(&[1], Duration::from_secs(1)).unwrap(), 1);
    let mut link = Framed::new(theirs, Limits::with_timeout(Duration::from_millis(100)));
    let error = link.recv_request(&[Tag::Preprocess, Tag::Bye]).unwrap_err();
    assert!(matches!(error, TransportError::TimedOut { .. }), "{error}");
}

/// More than a connection holds goes to a peer that does not read it.
#[test]
fn a_peer_that_does_not_read_is_given_up() {
    thread::scope(|scope| {
        scope.spawn(|| {
            let error =
                patiently(|limits| serve_mute(shipped::mnist(), Baseline, Tag::GarbledTables, limits));
            assert!(timed_out(&error), "{error}");
        });
        let error = patiently(|limits| infer_mute(shipped::mnist(), Baseline, Tag::OtColumns, limits));
        assert!(timed_out(&error), "{error}");
    });
}
