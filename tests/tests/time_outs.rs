//! Peers that fall silent, drip, or do not read, at every point where the other side waits: it gives up, says so, and is free again. No
//! test asserts how long that takes.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

extern crate alloc;

use muse_tests::common;

use alloc::sync::Arc;
use common::{client_config, server_config, tiny};
use core::{
    net::SocketAddr,
    ops::Range,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};
use muse::{
    Client, Error, Network, Protocol, Server,
    channel::Channel,
    model::{plaintext, shipped},
    plan::{Party, Plan},
    server::{Event, Monitor, Stop},
    transport::{
        Framed, Limits, Memory, Pipe, Tag, Tcp, Transport, TransportError,
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

    fn recv_tag(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.stop_at(tags)?;
        self.inner.recv_tag(tags)
    }

    fn recv_request(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.stop_at(tags)?;
        self.inner.recv_request(tags)
    }

    fn flush(&mut self) -> Result<(), TransportError> {
        if self.silent { Ok(()) } else { self.inner.flush() }
    }

    fn abort(&mut self) {
        if !self.silent {
            self.inner.abort();
        }
    }

    muse_test_support::forward!(write, read);
}

impl<T: Channel> Channel for Mute<T> {
    muse_test_support::forward!(begin_phase, cancel_with);
}

fn input(network: &Network) -> Vec<Fp> {
    (0..network.architecture().layer(0).inputs() as u64).map(|i| Fp::new(i * 13 % 64)).collect()
}

fn infer(link: impl Channel, protocol: Protocol, input: &[Fp]) -> Result<Vec<Fp>, Error> {
    let mut client = Client::over(link, client_config(protocol))?;
    let ticket = client.preprocess()?;
    Ok(client.infer_elements(ticket, input)?.elements().to_vec())
}

/// A server whose client stops somewhere; what the server says, if the client came to that point.
fn serve_mute(network: Network, protocol: Protocol, at: Tag, limits: Limits) -> Option<Error> {
    let (mine, theirs) = memory::pipes();
    let input = input(&network);
    let server = Server::new(network, server_config(protocol)).unwrap();
    let serving = thread::spawn(move || server.serve_connection(&mut Framed::new(theirs, limits)));
    let mut link = Mute::new(Memory::new(mine, Limits::default()), at);
    infer(&mut link, protocol, &input).unwrap_err();
    let silent = link.silent;
    // The connection stands until the server has ended.
    let error = serving.join().unwrap().unwrap_err();
    drop(link);
    silent.then_some(error)
}

/// A client whose server stops somewhere; what the client says, if the server came to that point.
fn infer_mute(network: Network, protocol: Protocol, at: Tag, limits: Limits) -> Option<Error> {
    let (mine, theirs) = memory::pipes();
    let input = input(&network);
    let server = Server::new(network, server_config(protocol)).unwrap();
    let inferring = thread::spawn(move || infer(Framed::new(mine, limits), protocol, &input));
    let mut link = Mute::new(Framed::new(theirs, Limits::default()), at);
    server.serve_connection(&mut link).unwrap_err();
    let silent = link.silent;
    let error = inferring.join().unwrap().unwrap_err();
    drop(link);
    silent.then_some(error)
}

fn timed_out(error: &Error) -> bool {
    matches!(error, Error::Transport(TransportError::TimedOut { .. }))
}

/// All of these at once.
fn all(cases: &[(Protocol, Tag)], run: fn(Network, Protocol, Tag, Limits) -> Option<Error>) {
    thread::scope(|scope| {
        for &(protocol, at) in cases {
            scope.spawn(move || {
                let error = patiently(|limits| run(tiny(), protocol, at, limits));
                assert!(timed_out(&error), "{at}: {error}");
                assert!(!error.is_failed_check(), "silence is no crime");
            });
        }
    });
}

use Protocol::{ClientMalicious as Full, SemiHonest as Baseline};

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
const CLIENT: [(Protocol, Tag); 14] = [
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
    let places: Vec<_> = CLIENT.iter().filter(|(protocol, _)| *protocol == Full).map(|(_, at)| *at).collect();
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
    fast: u64,
    /// Between two bytes.
    pace: Duration,
    written: Arc<AtomicU64>,
}

impl Pipe for Drip {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.pipe.read(out, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let fast = usize::try_from(self.fast.saturating_sub(self.written.load(Relaxed))).unwrap();
        let most = if fast == 0 {
            thread::park_timeout(self.pace);
            1
        } else {
            bytes.len().min(fast)
        };
        let written = self.pipe.write(&bytes[..most], patience)?;
        self.written.fetch_add(written as u64, Relaxed);
        Ok(written)
    }

    fn close(&mut self) {
        self.pipe.close();
    }
}

/// Where the first frame of this kind is in the stream of a party.
fn place(at: Tag, by_client: bool) -> Range<u64> {
    let plan = Plan::new(Baseline, tiny().architecture().clone()).unwrap();
    let mut frames = plan.setup_frames().unwrap();
    frames.extend(plan.preprocessing_frames(1).unwrap());
    frames.extend(plan.online_frames());
    let sender = if by_client { Party::Client } else { Party::Server };
    frames.retain(|frame| frame.sender == sender);
    let index = frames.iter().position(|frame| frame.tag == at).unwrap();
    let start = frames[..index].iter().map(|frame| frame.bytes).sum();
    start..start + frames[index].bytes
}

/// A party that drips, from a third of a frame on, a byte each quarter of the other one's time-out; what the other one says, if the
/// first came to that point.
fn drip(at: Tag, by_client: bool, limits: Limits) -> Option<Error> {
    let place = place(at, by_client);
    let fast = place.start + (place.end - place.start) / 3;
    let written = Arc::new(AtomicU64::new(0));
    let link = |pipe: MemoryPipe, drips: bool| {
        let pace = limits.read / 4;
        if drips {
            let hour = Limits::with_timeout(Duration::from_secs(3600));
            Framed::new(Drip { pipe, fast, pace, written: written.clone() }, hour)
        } else {
            Framed::new(Drip { pipe, fast: u64::MAX, pace, written: Arc::default() }, limits)
        }
    };
    let (mine, theirs) = memory::pipes();
    let server = Server::new(tiny(), server_config(Baseline)).unwrap();
    let (client, served) = thread::scope(|scope| {
        let mut served = link(theirs, !by_client);
        let serving = scope.spawn(move || server.serve_connection(&mut served));
        let client = infer(link(mine, by_client), Baseline, &input(&tiny()));
        (client.map(drop), serving.join().unwrap())
    });
    let error = if by_client { served } else { client }.unwrap_err();
    let written = written.load(Relaxed);
    assert!(written < place.end, "{at}: it was heard out");
    (written > fast).then_some(error)
}

fn all_drip(frames: &[Tag], by_client: bool) {
    thread::scope(|scope| {
        for &at in frames {
            scope.spawn(move || {
                let error = patiently(|limits| drip(at, by_client, limits));
                assert!(timed_out(&error), "{at}: {error}");
            });
        }
    });
}

/// A byte now and then is not enough, in a long message or in a short one: a hello, a key, ciphertexts, a claim.
#[test]
fn a_client_that_drips_is_cut_off() {
    let frames = [
        Tag::ClientHello,
        Tag::PublicKey,
        Tag::Trees,
        Tag::InputCiphertexts,
        Tag::OtColumns,
        Tag::MaskedInput,
        Tag::MaskedActivations,
    ];
    all_drip(&frames, true);
}

/// The same from the server's side: its hello, its card, its bulk, its answers.
#[test]
fn a_server_that_drips_is_cut_off() {
    let frames = [
        Tag::ServerHello,
        Tag::Card,
        Tag::BaseOtRequest,
        Tag::Replies,
        Tag::GarbledTables,
        Tag::OnlineLabels,
        Tag::LastShare,
    ];
    all_drip(&frames, false);
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
